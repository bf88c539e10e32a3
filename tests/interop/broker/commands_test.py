#!/usr/bin/env python3
"""Goal: `tenter tail --profile` and `tenter consume` read a gateway as they read a Kafka cluster, with the profile that `consumer add` writes.
Method: events are posted to a real gateway; the same program reads them over the Kafka protocol and, beside the gateway, from the log."""

import base64
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "..", "e2e")]

import events  # noqa: E402
from gateway_process import Gateway  # noqa: E402

PROGRAM = os.environ["TENTER_PROGRAM"]
SEED = int(os.environ.get("TENTER_SEED", "20261125"))
CONFIG = """
[kafka]
topic_prefix = "incoming.shop."

[[source]]
name = "orders"
verify = "none"
key = "header:X-Key"
partitions = 4
"""
TOPIC = "incoming.shop.orders"
DEADLINE_SECONDS = 60
WOKEN_SECONDS = 0.25


class Commands(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        with open(os.path.join(cls.folder, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG)
        cls.gateway = cls.enterClassContext(Gateway(PROGRAM, cls.folder))
        cls.events = [event for of_phase in events.make(SEED).values() for event in of_phase]
        cls.sender = events.Sender(cls.gateway.url, "orders")
        cls.addClassCleanup(cls.sender.close)
        for event in cls.events:
            cls.sender.send(event)

    def profile(self, name):
        return self.gateway.add_consumer(name, "orders")

    def run_tenter(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=DEADLINE_SECONDS)

    def test_tail_shows_over_kafka_what_it_shows_from_the_log(self):
        done = self.run_tenter("tail", TOPIC, "--profile", self.profile("tail"), "--json", "--no-follow")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        shown = [json.loads(line) for line in done.stdout.splitlines()]
        wanted = self.gateway.tail("orders")
        self.assertEqual(len(shown), len(wanted))
        for one in wanted:
            self.assertEqual(one["source"], "orders")
            one["source"] = TOPIC
        place = ("partition", "offset")
        self.assertEqual(sorted(shown, key=lambda one: [one[name] for name in place]), sorted(wanted, key=lambda one: [one[name] for name in place]))

    def test_tail_follows(self):
        process = subprocess.Popen([PROGRAM, "tail", TOPIC, "--profile", self.profile("follow"), "--json", "--follow"], cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        watchdog = threading.Timer(DEADLINE_SECONDS, process.kill)
        watchdog.start()
        try:
            for _ in self.gateway.tail("orders"):
                self.assertTrue(process.stdout.readline())
            latencies = []
            for event in self.events[:9]:
                self.sender.send(event)
                acknowledged = time.monotonic()
                self.assertTrue(process.stdout.readline())
                latencies.append(time.monotonic() - acknowledged)
            self.assertLess(statistics.median(latencies), WOKEN_SECONDS, latencies)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(DEADLINE_SECONDS), 0)
        finally:
            watchdog.cancel()
            process.kill()
            process.wait()
            process.stdout.close()

    def test_consume_goes_on_from_what_exit_code_0_committed(self):
        profile = self.profile("consume")
        command = 'cat > $TENTER_PARTITION.$TENTER_OFFSET; echo $TENTER_PARTITION.$TENTER_OFFSET >> done; test ! -e fails || exit 1'

        def consume(*more):
            return self.run_tenter("consume", TOPIC, "--profile", profile, "--retries", "0", *more, "--exec", command)

        tailed = {f"{event['partition']}.{event['offset']}": event for event in self.gateway.tail("orders")}
        self.assertEqual(consume("--limit", "30").returncode, 0)
        fails = os.path.join(self.folder, "fails")
        open(fails, "w", encoding="ascii").close()
        self.assertEqual(consume("--limit", "1").returncode, 1)
        os.remove(fails)
        done = consume("--limit", str(len(tailed) - 30))  # all that is left: which partition comes first is not promised
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(os.path.join(self.folder, "done"), encoding="ascii") as file:
            places = file.read().split()
        failed = places.pop(30)
        self.assertEqual(sorted(places), sorted(tailed), "each event once")
        self.assertIn(failed, places[30:], "the one whose command failed came again")
        for place in places:
            with open(os.path.join(self.folder, place), "rb") as file:
                body = file.read()
            event = tailed[place]
            self.assertEqual(body, event["body"].encode() if "body" in event else base64.b64decode(event["body_base64"]))


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(verbosity=2)
