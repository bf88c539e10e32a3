#!/usr/bin/env python3
"""A new user's first minute, with the program that users run: configuration made, gateway started, the printed lines pasted into a shell, the
events seen by `tail`, the process killed, nothing lost."""

import base64
import json
import os
import signal
import stat
import subprocess
import tempfile
import unittest

from gateway_process import Gateway

PROGRAM = os.environ["TENTER_PROGRAM"]
ELYTRA_EVENT = {"specversion": "1.0", "id": "e-1", "source": "elytra-pim", "type": "com.elytra.product", "eventtype": "product",
                "operation": "add", "data": {"objectId": 7, "objectType": "product"}}


class FirstMinute(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name
        done = subprocess.run([PROGRAM, "config", "init"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.gateway = Gateway(PROGRAM, self.folder)
        self.addCleanup(self.gateway.__exit__)

    def printed_lines(self):
        return [line.strip() for line in self.gateway.screen.splitlines() if "curl " in line and line.startswith("    ")]

    def test_every_printed_line_is_accepted_and_its_event_comes_out_unaltered(self):
        self.gateway.start()
        lines = self.printed_lines()
        self.assertEqual(len(lines), 3, self.gateway.screen)
        for source, line in zip(["demo", "elytra", "github"], lines):
            done = subprocess.run(["sh", "-c", line], cwd=self.folder, capture_output=True, text=True)
            answer = json.loads(done.stdout)
            self.assertEqual(answer["status"], "ok", line)
            events = self.gateway.tail(source)
            self.assertEqual([event["id"] for event in events], [answer["id"]])
            self.assertIn(events[0]["body"], line)
            self.assertEqual(events[0]["method"], "POST")
            self.assertEqual(events[0]["target"], "/" + source)

    def test_nothing_acknowledged_is_gone_after_kill_9(self):
        self.gateway.start()
        ids = [self.gateway.post("/demo", b'{"n":%d}' % n)[1]["id"] for n in range(50)]
        self.gateway.kill()
        self.assertEqual([event["id"] for event in self.gateway.tail("demo")], ids, "read by tail from the log that nobody runs")
        self.gateway.start()
        self.assertEqual([event["id"] for event in self.gateway.tail("demo")], ids, "and beside the gateway that recovered it")
        self.assertEqual(self.gateway.stop(), 0)

    def test_secrets_are_in_files_of_their_owner_only_and_nowhere_else(self):
        self.gateway.start()
        data = os.path.join(self.folder, "tenter-data")
        self.assertEqual(stat.S_IMODE(os.stat(data).st_mode), 0o700)
        for name in ("elytra", "github"):
            path = os.path.join(data, "secrets", name)
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with open(path, encoding="ascii") as file:
                self.assertNotIn(file.read().strip(), self.gateway.screen)
        subprocess.run(["sh", "-c", self.printed_lines()[1]], cwd=self.folder, capture_output=True, check=True)
        event = self.gateway.tail("elytra")[0]
        self.assertEqual(event["headers"]["authorization"], ["[redacted]"])
        self.assertEqual(event["verified"], "basic")
        self.assertEqual(event["key"], "product:1")

    def test_refusals_say_what_is_wrong_and_store_nothing(self):
        self.gateway.start()
        body = json.dumps(ELYTRA_EVENT).encode()
        status, answer, headers = self.gateway.post("/elytra", body, {"content-type": "application/cloudevents+json"})
        self.assertEqual((status, answer["code"]), (401, "unauthenticated"))
        self.assertIn("Basic", headers["WWW-Authenticate"])
        self.assertEqual(self.gateway.post("/nowhere", b"{}")[0], 404)
        self.assertEqual(self.gateway.status("/demo"), 405)
        self.assertEqual(self.gateway.post("/demo", b"x" * (1024 * 1024 + 1))[0], 413)
        self.assertEqual(self.gateway.tail("elytra") + self.gateway.tail("demo"), [])

    def test_a_port_in_use_is_a_clear_error(self):
        self.gateway.start()
        port = self.gateway.url.rsplit(":", 1)[1]
        with tempfile.TemporaryDirectory() as other:
            subprocess.run([PROGRAM, "config", "init"], cwd=other, check=True, capture_output=True)
            done = subprocess.run([PROGRAM, "serve", "--port", port, "--kafka-port", "0"], cwd=other, capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"127.0.0.1:{port}", done.stderr)
        self.assertIn("in use", done.stderr)

    def test_a_data_folder_in_use_is_a_clear_error(self):
        self.gateway.start()
        done = subprocess.run([PROGRAM, "serve", "--port", "0", "--kafka-port", "0"], cwd=self.folder, capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn("tenter-data", done.stderr)

    def test_tail_follows_until_its_limit(self):
        self.gateway.start()
        tail = subprocess.Popen([PROGRAM, "tail", "demo", "--json", "--follow", "--limit", "2"], cwd=self.folder, stdout=subprocess.PIPE,
                                text=True)
        ids = [self.gateway.post("/demo", b"{}")[1]["id"] for _ in range(2)]
        output, _ = tail.communicate(timeout=30)
        self.assertEqual([json.loads(line)["id"] for line in output.splitlines()], ids)
        self.assertEqual(tail.returncode, 0)

    def test_a_tail_ends_in_order_by_a_signal_and_with_its_reader(self):
        self.gateway.start()
        self.gateway.post("/demo", b"{}")
        for signal_or_close in (signal.SIGINT, signal.SIGTERM, None):
            tail = subprocess.Popen([PROGRAM, "tail", "demo", "--json", "--follow"], cwd=self.folder, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True)
            tail.stdout.readline()
            if signal_or_close is None:
                tail.stdout.close()
                tail.stdout = None
            else:
                tail.send_signal(signal_or_close)
            _, errors = tail.communicate(timeout=30)
            self.assertEqual((tail.returncode, errors), (0, ""), signal_or_close)

    def test_tail_shows_the_events_of_several_sources_that_pass_its_filters(self):
        self.gateway.start()
        for number, kind in ((1, "push"), (2, "push"), (1, "pull")):
            self.gateway.post("/demo", b'{"n":%d}' % number, {"content-type": "application/json", "x-kind": kind})
        subprocess.run(["sh", "-c", self.printed_lines()[1]], cwd=self.folder, capture_output=True, check=True)  # to elytra
        self.assertEqual([event["source"] for event in self.gateway.tail("demo", "elytra")], ["demo", "demo", "demo", "elytra"])
        self.assertEqual([event["offset"] for event in self.gateway.tail("demo", "--header", "X-Kind=push", "--pointer", "/n=1")], [0])
        self.assertEqual([event["source"] for event in self.gateway.tail("demo", "elytra", "--pointer", "/data/objectId=1")], ["elytra"])
        wrong = self.gateway.run("tail", "demo", "--pointer", "n=1")
        self.assertEqual((wrong.returncode, wrong.stdout), (2, ""))
        self.assertIn("--pointer: ", wrong.stderr)

    def test_tail_starts_where_it_is_told(self):
        self.gateway.start()
        ids = [self.gateway.post("/demo", b"{}")[1]["id"] for _ in range(5)]
        events = self.gateway.tail("demo")
        self.assertEqual([event["id"] for event in self.gateway.tail("demo", "--from", "offset:3")], ids[3:])
        self.assertEqual([event["id"] for event in self.gateway.tail("demo", "--from", "earliest", "--limit", "2")], ids[:2])
        expected = [event["id"] for event in events if event["time"] >= events[2]["time"]]
        self.assertEqual([event["id"] for event in self.gateway.tail("demo", "--from", "time:" + events[2]["time"])], expected)

    def test_bodies_of_every_kind_come_out_as_they_went_in(self):
        self.gateway.start()
        bodies = [(b"", "application/json"), (b"plain \xc3\xa9", "text/plain"), (b"\xff\x00\xfe", "application/octet-stream"),
                  (b'{"n":1e400}', "application/json"), (b"{broken", "application/json"), (b"\xa1aa\x01", "application/cbor"),
                  (b"a=1&b=2", "application/x-www-form-urlencoded"), (b"\x63abc", "application/cbor"), (b"\x43ab", "application/cbor")]
        for body, content_type in bodies:
            self.gateway.post("/demo", body, {"content-type": content_type})
        for event, (body, content_type) in zip(self.gateway.tail("demo"), bodies, strict=True):
            got = event["body"].encode() if "body" in event else base64.b64decode(event["body_base64"])
            self.assertEqual(got, body)
            self.assertEqual(event["headers"]["content-type"], [content_type])


if __name__ == "__main__":
    unittest.main(verbosity=2)
