#!/usr/bin/env python3
"""Goal: what our tests hold for Mister Webhooks' records is what its own client takes them for.
Method: records of every kind, made by fastavro and cbor2, are decoded by the client from PyPI: thousands one by one, and from a real Kafka by the
client's own consumer, which the profile of this ctest run's Kafka lets in."""

import json
import os
import subprocess
import tempfile
import unittest
import uuid

import make_records  # first: it finds the others
import kafka_cluster
import records
from kafka_readers import environment

HERE = make_records.HERE
KAFKA = kafka_cluster.running()
USER = "project.python"
SEED = int(os.environ.get("TENTER_SEED", "20261124"))
READER = [os.path.join(environment("python", HERE), "bin", "python"), os.path.join(HERE, "reader.py")]


def read(*arguments, given=""):
    """(exit code, what the reader printed)"""
    done = subprocess.run([*READER, *arguments], input=given, capture_output=True, text=True, timeout=180,
                          env={**os.environ, "SSL_CERT_FILE": KAFKA.ca_path, "TZ": "UTC"})
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise AssertionError(done.stderr)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


class Client(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.profile = KAFKA.write_profile(os.path.join(self.folder, "profile.json"), USER)

    def topic_of(self, made, partitions=1):
        topic = KAFKA.create_topic(f"incoming.project.{uuid.uuid4().hex[:8]}", partitions, make_records.topic_config())
        make_records.produce(KAFKA, topic, made)
        return topic

    def check(self, event, expected):
        self.assertEqual({name: event.get(name, event) for name in ("method", "timestamp_ms", "headers", "payload")},
                         {name: expected[name] for name in ("method", "timestamp_ms", "headers", "payload")}, f"record {expected['index']}")
        self.assertEqual(list(event["headers"]), list(expected["headers"]), "in their order")

    def test_it_takes_every_record_for_what_the_generator_does(self):
        made = make_records.generate(SEED, 5000, poison=0.02, system=0.02, big=2)
        _, said = read("decode", given="".join(make_records.as_json(one) + "\n" for one in made))
        for one, event in zip(made, said, strict=True):
            match one.expected["kind"]:
                case "event":
                    self.check(event, one.expected)
                case "system":
                    self.assertEqual(event, {"skipped": True})
                case "poison":
                    self.assertEqual(event.get("error", event), one.expected["error"], one.expected["poison"])
        poisons = {one.expected["poison"] for one in made if one.expected["kind"] == "poison"}
        self.assertEqual(poisons, set(make_records.poisons(make_records.Chance(0))))
        self.assertEqual({one.expected["method"] for one in made if one.expected["kind"] == "event"}, set(make_records.METHODS))

    def test_it_reads_them_from_kafka_each_once_across_a_restart(self):
        made = make_records.generate(SEED + 1, 1500, system=0.02, big=2)
        events = [one.expected for one in made if one.expected["kind"] == "event"]
        topic = self.topic_of(made, partitions=3)
        said = []
        for count in (400, len(events) - 400):
            code, lines = read("consume", topic, self.profile, str(count))
            self.assertEqual((code, len(lines)), (0, count), lines[-1:])
            said += lines
        by_index = {int(bytes.fromhex(dict(event["record_headers"])["index"])): event for event in said}
        self.assertEqual(sorted(by_index), [expected["index"] for expected in events])
        for expected in events:
            self.check(by_index[expected["index"]], expected)
        stored = {(record.partition, record.offset): record for record in records.read_all(KAFKA, topic, len(made))}
        for event in said:
            record = stored[event["partition"], event["offset"]]
            self.assertEqual([[name, value.hex()] for name, value in record.headers], event["record_headers"])
        for partition in range(3):
            offsets = [event["offset"] for event in said if event["partition"] == partition]
            self.assertEqual(offsets, sorted(offsets))

    def test_a_poison_record_stops_it_and_stays_uncommitted(self):
        good = make_records.generate(SEED + 2, 2, system=0)
        poison = make_records.generate(SEED + 3, 1, poison=1)
        topic = self.topic_of([good[0], *poison, good[1]])
        code, said = read("consume", topic, self.profile, "2")
        self.check(said[0], good[0].expected)
        self.assertEqual((code, said[1]["error"], len(said)), (1, poison[0].expected["error"], 2))
        code, said = read("consume", topic, self.profile, "2")
        self.assertEqual((code, [line.get("error") for line in said]), (1, [poison[0].expected["error"]]))


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(verbosity=2)
