#!/usr/bin/env python3
"""Goal: what independent senders send is accepted, altered it is refused with 401, and what comes out of the log is what went in, byte for byte.
Method: the official CloudEvents, Standard Webhooks and GitHub libraries for JavaScript and Python, and curl, post to a real gateway; `tail --json`
is held against what they say they sent."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "e2e"))

from gateway_process import Gateway  # noqa: E402

PROGRAM = os.environ["TENTER_PROGRAM"]


def tools_of(language):
    """Where the pinned packages of that language are, installed first if they are not."""
    done = subprocess.run([os.path.join(HERE, "..", "..", "..", "tools", language + "_env")], capture_output=True, text=True, check=True)
    return done.stdout.strip()


SECRETS = {"standard": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "github": "It's a Secret to Everybody", "elytra": "pass:with:colons é"}
CONFIG = """
[[source]]
name = "events"
verify = "none"
content = "cloudevents"
key = "cloudevents"

[[source]]
name = "standard"
verify = { scheme = "standard-webhooks", secrets = [{ env = "STANDARD" }] }

[[source]]
name = "github"
verify = { scheme = "github", secrets = ["an older one", { env = "GITHUB" }] }
content = "json"
key = "json:/repository/full_name"

[[source]]
name = "elytra"
verify = { scheme = "basic", username = "elytra", password = { env = "ELYTRA" } }
content = "cloudevents"
key = "elytra"
"""
ELYTRA_SAMPLE = {"specversion": "1.0", "id": "event-123", "source": "elytra-pim", "type": "com.elytra.product",
                 "datacontenttype": "application/json", "time": "2026-01-02T03:04:05Z", "eventtype": "product", "operation": "modify",
                 "data": {"objectId": 42, "objectType": "product", "objectData": {"name": "Spannrahmen – größer"}}}


def stored_body(event):
    return event["body"].encode() if "body" in event else base64.b64decode(event["body_base64"])


class Senders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        with open(os.path.join(cls.folder.name, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG)
        environment = {"STANDARD": SECRETS["standard"], "GITHUB": SECRETS["github"], "ELYTRA": SECRETS["elytra"]}
        cls.gateway = Gateway(PROGRAM, cls.folder.name, environment=environment).start()
        cls.addClassCleanup(cls.gateway.__exit__)

    def sent_by(self, *command, **environment):
        done = subprocess.run([*command, self.gateway.url, json.dumps(SECRETS)], capture_output=True, text=True, timeout=120,
                              env={**os.environ, **environment})
        self.assertEqual(done.returncode, 0, done.stderr)
        sent = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertGreater(len(sent), 0)
        return sent

    def check(self, sent):
        stored = {event["id"]: event for source in ("events", "standard", "github") for event in self.gateway.tail(source)}
        for message in sent:
            with self.subTest(sender=message["sender"], path=message["path"]):
                self.check_message(message, stored)

    def check_message(self, message, stored):
        answer = message["answer"]
        if message["altered"]:
            self.assertEqual((message["status"], answer["status"], answer["code"]), (401, "error", "unauthenticated"))
            return
        self.assertEqual((message["status"], answer["status"]), (200, "ok"), answer)
        body = base64.b64decode(message["body_base64"])
        if "batch" in message["sender"]:
            self.assertEqual(len(answer["ids"]), message["events"])
            for wanted, event_id in zip(json.loads(body), answer["ids"], strict=True):
                element = stored_body(stored[event_id])
                self.assertIn(element, body)
                self.assertEqual(json.loads(element), wanted)
                self.assertEqual(stored[event_id]["headers"]["content-type"], ["application/cloudevents+json"])
            return
        event = stored[answer["id"]]
        self.assertEqual(stored_body(event), body)
        self.assertEqual(event["target"], message["path"])
        for name, value in message["headers"].items():
            self.assertEqual(event["headers"][name.lower()], [value], name)
        if message["path"] == "/events":
            self.assertEqual(event["key"], "customer-7")

    def test_javascript_libraries(self):
        self.check(self.sent_by("node", os.path.join(HERE, "send.mjs"), TENTER_NODE_ENV=tools_of("node")))

    def test_python_libraries(self):
        self.check(self.sent_by(os.path.join(tools_of("python"), "bin", "python"), os.path.join(HERE, "send.py")))

    def curl(self, *arguments):
        done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", *arguments], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        answer, status = done.stdout.rsplit("\n", 1)
        return int(status), json.loads(answer)

    def test_curl_sends_the_elytra_sample_event(self):
        body = json.dumps(ELYTRA_SAMPLE, ensure_ascii=False)
        arguments = ["-d", body, "-H", "Content-Type: application/cloudevents+json", self.gateway.url + "/elytra"]
        status, answer = self.curl("-u", "elytra:" + SECRETS["elytra"], *arguments)
        self.assertEqual((status, answer["status"]), (200, "ok"))
        (event,) = self.gateway.tail("elytra")
        self.assertEqual(event["id"], answer["id"])
        self.assertEqual(event["body"], body)
        self.assertEqual(event["key"], "product:42")
        self.assertEqual(event["headers"]["authorization"], ["[redacted]"])
        self.assertEqual(self.curl("-u", "elytra:pass:with:colons", *arguments)[0], 401)
        self.assertEqual(self.curl(*arguments)[0], 401)
        self.assertEqual(len(self.gateway.tail("elytra")), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
