#!/usr/bin/env python3
"""Goal: the patch that docs/mister-webhooks.md tells users of mister-webhooks 1.0.0 is needed, and enough.
Method: the package as it is, and a copy to which the document's own lines were applied, decode the same envelope with headers, written by avro."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
DOCUMENT = os.path.join(ROOT, "docs", "mister-webhooks.md")

DECODE = """
import datetime, io, sys
import avro.io, avro.schema
from mister_webhooks.webhook_event import WebhookEvent

schema = avro.schema.parse(open(sys.argv[1]).read())
value = io.BytesIO()
avro.io.DatumWriter(schema).write({"method": "POST", "headers": {"content-type": ["application/json"], "x-two": ["a", "b"]},
                                   "payload": b'{"hello":"world"}', "encoding": "JSON"}, avro.io.BinaryEncoder(value))
event = WebhookEvent.decode(0x80, datetime.datetime.now(), value.getvalue())
print(event.method.name, sorted(event.headers.items()), event.payload)
"""
EXPECTED = "POST [('content-type', ['application/json']), ('x-two', ['a', 'b'])] {'hello': 'world'}\n"


def documented_lines():
    with open(DOCUMENT, encoding="utf-8") as file:
        return re.search(r"```sh\n(file=.*?)```", file.read(), re.DOTALL).group(1)


class TheDocumentedPatch(unittest.TestCase):
    def setUp(self):
        self.environment = subprocess.run([os.path.join(ROOT, "tools", "python_env"), HERE], capture_output=True, text=True, check=True,
                                          timeout=300).stdout.strip()
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        package = self.python("-c", "import os, mister_webhooks; print(os.path.dirname(mister_webhooks.__file__))").stdout.strip()
        shutil.copytree(package, os.path.join(self.folder.name, "mister_webhooks"), ignore=shutil.ignore_patterns("__pycache__"))

    def settings(self):
        search = os.path.join(self.environment, "bin") + os.pathsep + os.environ["PATH"]
        return {**os.environ, "PATH": search, "PYTHONPATH": self.folder.name, "PYTHONDONTWRITEBYTECODE": "1"}

    def python(self, *arguments):
        return subprocess.run(["python3", *arguments], env=self.settings(), capture_output=True, text=True, timeout=60)

    def decode(self):
        return self.python("-c", DECODE, os.path.join(ROOT, "docs", "formats", "KafkaMessageEnvelopeV1.avsc"))

    def test_is_needed(self):
        self.assertIn("PayloadDecodeError", self.decode().stderr)

    def test_is_enough(self):
        subprocess.run(["bash", "-c", documented_lines()], env=self.settings(), check=True, timeout=60)
        decoded = self.decode()
        self.assertEqual((decoded.stdout, decoded.stderr), (EXPECTED, ""))


if __name__ == "__main__":
    unittest.main()
