#!/usr/bin/env python3
"""Goal: ./run as the README promises it. Method: the real script on the release build, from an empty folder; it finds nothing to build."""

import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest

from gateway_process import Gateway

RUN = pathlib.Path(__file__).resolve().parents[2] / "run"


class RunScript(Gateway):
    """./run in place of the program: without --config, so that it makes one."""

    def __init__(self, folder, *arguments, environment=None):
        super().__init__(str(RUN), folder, environment=environment)
        self.arguments = arguments

    def start(self):
        begun = time.monotonic()
        self.process = subprocess.Popen([self.program, "--port", "0", "--kafka-port", "0", *self.arguments], cwd=self.folder, env=self.environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)
        self.screen = self._read_screen()
        self.url = re.search(r"listening\s+(http://\S+)", self.screen).group(1)
        self.wait_until_ready()
        self.seconds_to_ready = time.monotonic() - begun
        return self


class Run(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def run_script(self, *arguments, environment=None):
        script = RunScript(self.folder, *arguments, environment=environment)
        self.addCleanup(script.__exit__)
        return script.start()

    def test_the_first_start_makes_configuration_and_data_and_the_second_is_up_in_under_a_second(self):
        first = self.run_script()
        self.assertTrue((self.folder / "tenter.toml").is_file())
        self.assertTrue((self.folder / "tenter-data").is_dir())
        self.assertEqual(first.post("/demo", b'{"hello":"world"}', {"content-type": "application/json"})[0], 200)
        self.assertEqual(first.stop(), 0, "SIGTERM reaches the program, which ends as it promises")
        written = (self.folder / "tenter.toml").read_bytes()

        second = self.run_script()
        self.assertLess(second.seconds_to_ready, 1.0)
        self.assertEqual((self.folder / "tenter.toml").read_bytes(), written)
        self.assertEqual(second.stop(), 0)

    def test_a_configuration_given_by_name_is_used_and_none_is_written(self):
        config = '[http]\nlisten = ["127.0.0.1:8080"]\n[[source]]\nname = "other"\nverify = "none"\n'
        (self.folder / "mine.toml").write_text(config)
        for arguments, environment in ((("--config", "mine.toml"), {}), (("--config=mine.toml",), {}), ((), {"TENTER_CONFIG": "mine.toml"})):
            with self.subTest(arguments=arguments, environment=environment):
                script = RunScript(self.folder, *arguments)
                script.environment.update(environment)
                self.addCleanup(script.__exit__)
                script.start()
                self.assertEqual(script.post("/other", b"x")[0], 200)
                self.assertEqual(script.stop(), 0)
                self.assertFalse((self.folder / "tenter.toml").exists())

    def test_build_only_starts_nothing_and_names_the_program(self):
        done = subprocess.run([RUN, "--build-only"], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr.splitlines()[-1], r"^run: built .*build/release/tenter, .*\d+\.\d+\.\d+")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_help_says_what_it_does_and_does_nothing(self):
        done = subprocess.run([RUN, "--help"], cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("--build-only", done.stdout)
        self.assertEqual(list(self.folder.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
