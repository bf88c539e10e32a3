#!/usr/bin/env python3
"""Goal: the offsets of consumer groups are stored as Kafka stores them, in the eyes of Kafka's own code.
Method: a client that Tenter did not write joins a group of a real gateway, reads and commits; another group is made and deleted. The gateway
stops, and kafka.tools.DumpLogSegments --offsets-decoder says what the topic `__offsets` holds."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "..", name) for name in ("e2e", "crash", os.path.join("interop", "kafka"))]

import kafka_readers  # noqa: E402
import pinned_packages  # noqa: E402,F401
from confluent_kafka import Consumer, TopicPartition  # noqa: E402
from confluent_kafka.admin import AdminClient  # noqa: E402
from gateway_process import Gateway  # noqa: E402
from group_ledger import read_profile  # noqa: E402

PROGRAM = os.environ["TENTER_PROGRAM"]
CONFIG = """
[kafka]
listen = ["127.0.0.1:0"]

[[source]]
name = "orders"
verify = "none"
partitions = 2
"""
OF_A_CONSUMER = ("group.", "enable.auto.", "auto.offset.")
RECORD = re.compile(r"^\| offset: \d+ .* key: (?P<key>\{.*?\}) payload: (?P<payload>.*)$")


class Group:
    """What the client did."""

    def __init__(self, profile):
        self._configuration = {**read_profile(profile), "enable.auto.commit": False, "auto.offset.reset": "error"}

    def read_and_commit(self, count):
        consumer = Consumer(self._configuration)
        consumer.subscribe(["orders"])
        nexts, deadline = {0: 0, 1: 0}, time.monotonic() + 30
        while sum(nexts.values()) < count:
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                nexts[message.partition()] = message.offset() + 1
            if time.monotonic() > deadline:
                raise AssertionError(f"read {nexts} of {count} events")
        consumer.commit(offsets=[TopicPartition("orders", partition, offset, "so far") for partition, offset in nexts.items()],
                        asynchronous=False)
        consumer.close()
        return nexts

    def make_and_delete_another(self):
        consumer = Consumer({**self._configuration, "group.id": "another"})
        consumer.commit(offsets=[TopicPartition("orders", 1, 1)], asynchronous=False)
        consumer.close()
        admin = AdminClient({name: value for name, value in self._configuration.items() if not name.startswith(OF_A_CONSUMER)})
        admin.delete_consumer_groups(["another"])["another"].result(30)


class OffsetsAsKafkaReadsThem(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        with open(os.path.join(folder.name, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG)
        cls.began = int(time.time())
        gateway = Gateway(PROGRAM, folder.name).start()
        cls.addClassCleanup(gateway.__exit__)
        profile = os.path.join(folder.name, "profile.json")
        address = re.search(r"kafka\s+(\S+:\d+)", gateway.screen)[1]
        subprocess.run([PROGRAM, "consumer", "add", "shop", "--source", "orders", "--bootstrap", address, "--profile-out", profile],
                       cwd=folder.name, check=True, stdout=subprocess.DEVNULL, timeout=30)
        for number in range(10):
            urllib.request.urlopen(gateway.url + "/orders", b"%d" % number, 30).close()
        group = Group(profile)
        cls.committed = group.read_and_commit(10)
        group.make_and_delete_another()
        if code := gateway.stop():
            raise AssertionError(f"the gateway ended with {code}: {gateway.errors()}")
        paths = list(cls.segments(folder.name))
        cls.lines = [line for path, lines in kafka_readers.dump_log_segments(paths, "--offsets-decoder").items() if path for line in lines]

    @staticmethod
    def segments(folder):
        for directory, _, names in os.walk(folder):
            if directory.endswith(os.path.join("__offsets", "0")):
                yield from sorted(os.path.join(directory, name) for name in names if name.endswith(".log"))

    def records(self, kind):
        """(key, payload) of one type, in order; payload None where the key was taken away."""
        for line in self.lines:
            found = RECORD.match(line)
            key = json.loads(found["key"]) if found else {}
            if key.get("type") == kind:
                yield key["data"], json.loads(found["payload"]) if found["payload"].startswith("{") else None

    def last(self, kind, **key):
        matching = [payload for found, payload in self.records(kind) if found == key]
        self.assertTrue(matching, f"no record of {key} in " + "\n".join(self.lines))
        return matching[-1]

    def test_every_batch_is_valid(self):
        batches = [line for line in self.lines if line.startswith("baseOffset")]
        self.assertTrue(batches)
        self.assertEqual([line for line in batches if "isvalid: true" not in line], [])

    def test_the_offsets_that_the_client_committed(self):
        for partition, offset in self.committed.items():
            payload = self.last("1", group="shop/shop", topic="orders", partition=partition)
            self.assertEqual(payload["data"]["offset"], offset)
            self.assertEqual(payload["data"]["metadata"], "so far\0")  # this client sends the NUL behind it too
            self.assertAlmostEqual(payload["data"]["commitTimestamp"] / 1000, time.time(), delta=300)

    def test_the_group_with_a_generation_that_no_earlier_life_had(self):
        groups = [payload["data"] for key, payload in self.records("2") if key == {"group": "shop/shop"} and payload]
        self.assertTrue(groups)
        self.assertGreaterEqual(groups[0]["generation"], self.began)
        self.assertEqual(groups[0]["protocolType"], "consumer")
        self.assertEqual(groups[0]["members"], [])

    def test_a_group_that_was_deleted_is_taken_away(self):
        offsets = [payload for key, payload in self.records("1") if key["group"] == "shop/another"]
        self.assertEqual([payload is None for payload in offsets], [False, True], "\n".join(self.lines))


if __name__ == "__main__":
    unittest.main()
