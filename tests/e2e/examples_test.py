#!/usr/bin/env python3
"""The examples do what their first lines promise, to posts from curl and from Python's requests. Argument: the folder of the programs."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import unittest

from example_program import DEADLINE_SECONDS, ExampleProgram

PROGRAMS = pathlib.Path(sys.argv[1]).resolve(strict=True)
USER, PASSWORD = "elytra", "pass:word"


def event(number, **changes):
    members = {"specversion": "1.0", "id": f"e-{number}", "source": "elytra-pim", "type": "com.elytra.product", "operation": "add",
               "data": {"objectId": number, "objectData": {"name": f"Frame {number}"}}}
    return json.dumps({**members, **changes})


class Program(ExampleProgram):
    """One that listens."""

    def __init__(self, name, *arguments, environment=None):
        super().__init__(PROGRAMS, name, "0", *arguments, environment=environment)
        self.url = re.search(r"http://\S+", self.line())[0] + "/webhook"


def curl(url, body, *options):
    """(status, parsed answer)"""
    done = subprocess.run(["curl", "--silent", "--write-out", "\n%{http_code}", "--data-binary", body, *options, url], capture_output=True,
                          text=True, check=True, timeout=DEADLINE_SECONDS)
    answer, status = done.stdout.rsplit("\n", 1)
    return int(status), json.loads(answer)


class Examples(unittest.TestCase):
    def start(self, name, *arguments, environment=None):
        program = Program(name, *arguments, environment=environment)
        self.addCleanup(program.close)
        return program

    def test_httplib_server_takes_events_with_its_key(self):
        program = self.start("httplib_server")
        self.assertEqual(curl(program.url, event(7), "-H", "x-api-key: your-key"), (200, {"status": "ok"}))
        self.assertEqual(program.line(), "product 7 added")
        status, answer = curl(program.url, event(7), "-H", "x-api-key: another")
        self.assertEqual((status, answer["status"], answer["code"]), (401, "error", "unauthenticated"))
        self.assertEqual(curl(program.url, "{", "-H", "x-api-key: your-key")[0], 400)
        binary = ["-H", "x-api-key: your-key", "-H", "content-type: application/json"]
        for name, value in {"specversion": "1.0", "id": "1", "source": "/s", "type": "com.elytra.todo"}.items():
            binary += ["-H", f"ce-{name}: {value}"]
        self.assertEqual(curl(program.url, "{}", *binary)[0], 200)
        self.assertEqual(program.line(), "com.elytra.todo")

    def test_beast_server_takes_events_with_its_token(self):
        program = self.start("beast_server")
        self.assertEqual(curl(program.url, event(7), "-H", "Authorization: Bearer your-token"), (200, {"status": "ok"}))
        self.assertEqual(program.line(), "com.elytra.product e-7")
        status, answer = curl(program.url, event(7))
        self.assertEqual((status, answer["code"]), (401, "unauthenticated"))
        self.assertEqual(curl(program.url, "", "-H", "Authorization: Bearer your-token", "-X", "PUT")[0], 405)
        batch = f"[{event(1)},{event(2)}]"
        batched = ["-H", "Authorization: Bearer your-token", "-H", "content-type: application/cloudevents-batch+json"]
        self.assertEqual(curl(program.url, batch, *batched)[0], 200)
        self.assertEqual([program.line(), program.line()], ["com.elytra.product e-1", "com.elytra.product e-2"])

    def test_production_saves_each_event_once_with_retries_and_drains_when_stopped(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        environment = {"ELYTRA_USER": USER, "ELYTRA_PASSWORD": PASSWORD}
        program = self.start("production", folder.name, environment=environment)
        proven = ["-u", f"{USER}:{PASSWORD}"]
        for _ in range(3):
            self.assertEqual(curl(program.url, event(1), *proven), (200, {"status": "ok"}))
        self.assertEqual(program.line(), "saved product 1: Frame 1")
        self.assertEqual(self.post_with_requests(program.url, event(2)), 200)
        self.assertEqual(program.line(), "saved product 2: Frame 2", "the same event twice more was saved by nobody")
        self.assertEqual(curl(program.url, event(3, data={"objectId": "x", "objectData": {"name": "y"}}), *proven)[0], 200)
        self.assertIn("data.objectId: expected integer, found string", program.line(program.process.stderr))
        self.assertEqual(curl(program.url, event(4), "-u", f"{USER}:wrong")[0], 401)
        for number in range(10, 20):
            self.assertEqual(curl(program.url, event(number), *proven)[0], 200)
        program.process.send_signal(signal.SIGTERM)
        self.assertEqual(program.process.wait(DEADLINE_SECONDS), 0)
        rest = [program.line() for _ in range(11)]
        self.assertEqual(sorted(rest[:10]), sorted(f"saved product {number}: Frame {number}" for number in range(10, 20)))
        self.assertEqual(rest[10], "stopped, 0 events not done")

        again = self.start("production", folder.name, environment=environment)
        self.assertEqual(curl(again.url, event(1), *proven)[0], 200)
        self.assertEqual(curl(again.url, event(5), *proven)[0], 200)
        self.assertEqual(again.line(), "saved product 5: Frame 5", "the first event is known after a restart")

    def post_with_requests(self, url, body):
        root = pathlib.Path(__file__).resolve().parents[2]
        environment = subprocess.run([root / "tools/python_env"], capture_output=True, text=True, check=True).stdout.strip()
        script = "import requests, sys; print(requests.post(sys.argv[1], data=sys.argv[2], auth=(sys.argv[3], sys.argv[4])).status_code)"
        done = subprocess.run([f"{environment}/bin/python", "-c", script, url, body, USER, PASSWORD], capture_output=True, text=True, check=True)
        return int(done.stdout)

    def test_production_does_not_start_without_its_credentials(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ELYTRA_")}
        done = subprocess.run([PROGRAMS / "production", "0"], env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ELYTRA_USER is not set", done.stderr)

    def test_the_tests_of_a_handler_pass_without_kafka(self):
        done = subprocess.run([PROGRAMS / "consume_test"], capture_output=True, text=True, timeout=DEADLINE_SECONDS)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("[  PASSED  ] 5 tests.", done.stdout)

    def test_consumers_say_what_is_wrong_with_their_profile(self):
        for name, more in (("consume", []), ("consume_coroutine", []), ("consume_typed", ["dead"])):
            done = subprocess.run([PROGRAMS / name, "topic", "/nowhere/profile.json", *more], capture_output=True, text=True,
                                  timeout=DEADLINE_SECONDS)
            self.assertEqual(done.returncode, 1)
            self.assertIn("/nowhere/profile.json", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
