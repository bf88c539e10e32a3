#!/usr/bin/env python3
"""Does consumers_run.py see what it is there to see? Goal: a group that does one thing wrong fails the run, with the right sentence.
Method: the real program and real members, which skip events, alter them, or boast of commits that nobody acknowledged."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = os.environ["TENTER_PROGRAM"]


class GroupAgainstKnownFaults(unittest.TestCase):
    CONTROLS = {"skips": "unread", "alters": "altered", "boasts": "went back"}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        command = [sys.executable, HERE / "consumers_run.py", "--program", PROGRAM, "--parent", folder.name, "--cycles", "1", "--seed", "5"]
        runs = {control: subprocess.Popen([*command, "--member-fault", control], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                for control in cls.CONTROLS}
        cls.outputs = {control: (run.communicate(timeout=120)[0], run.returncode) for control, run in runs.items()}

    def test_each_fault_is_found_and_fails_the_run(self):
        for control, kind in self.CONTROLS.items():
            with self.subTest(control):
                output, code = self.outputs[control]
                self.assertEqual(code, 1, output)
                found = re.search(rf"(\d+) {kind}", output)
                self.assertTrue(found and int(found[1]) > 0, output)


if __name__ == "__main__":
    unittest.main()
