#!/usr/bin/env python3
"""Goal: the README's second example. Method: ./run from an empty folder, the README's curl, and the README's two programs as they stand there, the
one in C++ built by this tree, the one in Python on the pinned packages. Argument: the program in C++."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "interop" / "kafka_tools"))

from example_program import ExampleProgram  # noqa: E402
from gateway_process import Gateway  # noqa: E402
from kafka_readers import environment  # noqa: E402
from pick_snippet import pick  # noqa: E402

READER = pathlib.Path(sys.argv[1]).resolve(strict=True)


class Readers(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.folder)

    def start(self):
        """./run on free ports; the profile, made for the configured one, is made right."""
        gateway = Gateway(str(ROOT / "run"), self.folder)
        self.addCleanup(gateway.__exit__)
        gateway.start_with("--port", "0", "--kafka-port", "0")
        address = re.search(r"kafka\s+(\S+) \(TLS\)", gateway.screen).group(1)
        path = self.folder / "demo-profile.json"
        profile = json.loads(path.read_text(encoding="utf-8"))
        self.assertEqual(profile["kafka"]["bootstrap"], "127.0.0.1:9092")
        profile["kafka"]["bootstrap"] = address
        path.write_text(json.dumps(profile), encoding="utf-8")
        return gateway

    def reader(self, *command, environment=None):
        program = ExampleProgram("/", *command, environment=environment)
        self.addCleanup(program.close)
        return program

    def test_both_programs_print_the_webhook_that_curl_has_sent_and_the_next(self):
        gateway = self.start()
        self.assertIn("tail demo --profile demo-profile.json", gateway.screen)
        self.assertEqual(gateway.post("/demo", b'{"hello":"world"}', {"content-type": "application/json"})[0], 200)
        (self.folder / "docs").symlink_to(ROOT / "docs")
        script = self.folder / "reader.py"
        script.write_text(pick(ROOT / "README.md", "python", "demo-profile.json"), encoding="utf-8")
        python = os.path.join(environment("python"), "bin", "python")
        programs = [self.reader(READER), self.reader(python, str(script))]
        for program in programs:
            self.assertEqual(program.line(), 'POST {"hello":"world"}')
        self.assertEqual(gateway.post("/demo", b'{"n":2}', {"content-type": "application/json"})[0], 200)
        for program in programs:
            self.assertEqual(program.line(), 'POST {"n":2}')

    def test_the_printed_line_shows_it_too(self):
        gateway = self.start()
        self.assertEqual(gateway.post("/demo", b'{"hello":"world"}', {"content-type": "application/json"})[0], 200)
        line = re.search(r"^try +(.*)$", gateway.screen, re.MULTILINE).group(1)
        done = subprocess.run(["sh", "-c", line + " --json --no-follow"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([json.loads(one)["body"] for one in done.stdout.splitlines()], ['{"hello":"world"}'])

    def test_a_second_start_makes_no_second_consumer_and_a_profile_that_is_there_stays(self):
        (self.folder / "demo-profile.json").write_text("mine", encoding="ascii")
        gateway = Gateway(str(ROOT / "run"), self.folder)
        self.addCleanup(gateway.__exit__)
        gateway.start_with("--port", "0", "--kafka-port", "0")
        self.assertNotIn("consumer  demo", gateway.screen)
        self.assertEqual((self.folder / "demo-profile.json").read_text(encoding="ascii"), "mine")
        self.assertIn("consumer add NAME --source demo --profile-out FILE", gateway.screen)
        self.assertEqual(gateway.stop(), 0)
        gateway.start_with("--port", "0", "--kafka-port", "0")
        self.assertNotIn("consumer  demo", gateway.screen)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
