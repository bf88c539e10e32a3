#!/usr/bin/env python3
"""What docs/kafka-clients.md tells users of a client to write is what the tests of that client run. A block after the line

    <!-- tests/interop/broker/drivers/kcat.conf -->

is that file, filled in for an example; where the file is a program, its lines from [[connect]] to [[/connect]], but for those that are [[hidden]]."""

import pathlib
import re
import sys
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DRIVERS = ROOT / "tests/interop/broker/drivers"
sys.path.insert(0, str(DRIVERS))

import client_settings  # noqa: E402

SHOWN = re.compile(r"^<!-- (tests/interop/broker/drivers/\S+) -->\n+```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONNECT = re.compile(r"^[^\n]*\[\[connect\]\]\n(.*?)^[^\n]*\[\[/connect\]\]", re.MULTILINE | re.DOTALL)


def settings_of(path):
    text = (ROOT / path).read_text()
    if path.endswith((".conf", ".properties")):
        return client_settings.filled(pathlib.Path(path).name, "localhost:9092", "ca.pem", "shop", "the secret")
    lines = CONNECT.search(text)[1].replace("\t", "    ").splitlines(keepends=True)
    return textwrap.dedent("".join(line for line in lines if "[[hidden]]" not in line))


def with_settings():
    """Every file that has any."""
    return {str(path.relative_to(ROOT)) for path in DRIVERS.rglob("*") if path.suffix in (".conf", ".properties")
            or (path.suffix in (".py", ".cjs", ".go", ".java") and "[[connect]]" in path.read_text())}


class ClientSettings(unittest.TestCase):
    def test_documents_show_what_ran(self):
        shown = SHOWN.findall((ROOT / "docs/kafka-clients.md").read_text())
        for path, block in shown:
            self.assertEqual(block, settings_of(path), path)
        self.assertEqual({path for path, _ in shown}, with_settings(), "each is shown")


if __name__ == "__main__":
    unittest.main(verbosity=2)
