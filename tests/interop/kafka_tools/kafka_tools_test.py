#!/usr/bin/env python3
"""Goal: what the gateway stores is Kafka's format in the eyes of Kafka's own code, and holds what was sent.
Method: some thousands of events of many kinds go to a real gateway with small segments, over many connections at once; it stops. Then, for
every segment file: kafka.tools.DumpLogSegments finds it and its indexes valid; the records as Kafka's FileRecords reads them, decoded with
fastavro and cbor2, equal what was posted and what `tenter tail --json` shows. Controls: both readers see one wrong bit."""

import base64
import collections
import datetime
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "e2e"))

import kafka_readers  # noqa: E402
import traffic  # noqa: E402
from gateway_process import Gateway  # noqa: E402

PROGRAM = os.environ["TENTER_PROGRAM"]
CONFIG = """
[log]
segment_size = "64KiB"
journal = "8MiB"

[[source]]
name = "keyed"
verify = "none"
key = "header:X-Key"
partitions = 2

[[source]]
name = "spread"
verify = "none"
partitions = 2

[[source]]
name = "events"
verify = "none"
content = "cloudevents"
key = "cloudevents"
"""
SEED = 20261123
CONNECTIONS = 8
MESSAGES_EACH = 300


def decode_envelopes(values):
    """Each value as fastavro and cbor2 understand it: method, headers, encoding, body."""
    python = os.path.join(kafka_readers.environment("python"), "bin", "python")
    done = subprocess.run([python, os.path.join(HERE, "decode_envelopes.py")], input="".join(value.hex() + "\n" for value in values),
                          capture_output=True, text=True, timeout=120)
    envelopes = [json.loads(line) for line in kafka_readers.output_of(done)]
    return [{**envelope, "body": bytes.fromhex(envelope["body"])} for envelope in envelopes]


def base_offset(path):
    return int(os.path.basename(path).split(".")[0])


class KafkaTools(unittest.TestCase):
    """The log is filled once; every test reads it."""

    @classmethod
    def setUpClass(cls):
        print("seed", SEED, file=sys.stderr)
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        with open(os.path.join(cls.folder.name, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG)
        gateway = Gateway(PROGRAM, cls.folder.name).start()
        cls.addClassCleanup(gateway.__exit__)
        cls.sent = traffic.send(gateway.url, SEED, CONNECTIONS, MESSAGES_EACH)
        if gateway.stop() != 0:
            raise AssertionError(gateway.errors())
        cls.tailed = {(event["source"], event["partition"], event["offset"]): event
                      for source in ("keyed", "spread", "events") for event in gateway.tail(source)}
        cls.segments = sorted(glob.glob(os.path.join(cls.folder.name, "tenter-data", "**", "topics", "*", "*", "*.log"), recursive=True))
        cls.records = kafka_readers.read_records(cls.segments)
        cls.envelopes = decode_envelopes([record["value"] for record in cls.records])

    def partitions(self):
        """{partition folder: its segments, in order}"""
        folders = collections.defaultdict(list)
        for path in self.segments:
            folders[os.path.dirname(path)].append(path)
        return folders

    def copy_of(self, path):
        """A segment and its sidecars in a folder of their own, to be damaged."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for file in glob.glob(path.removesuffix(".log") + ".*"):
            shutil.copy(file, folder.name)
        return os.path.join(folder.name, os.path.basename(path))

    def test_the_log_has_what_the_other_tests_need(self):
        self.assertGreater(len(self.sent), 2500)
        self.assertEqual(len(self.partitions()), 5, "two partitions of two topics, one of the third")
        self.assertGreater(max(len(files) for files in self.partitions().values()), 10, "segments roll")
        batches = collections.Counter((record["path"], record["batch"]) for record in self.records)
        self.assertGreater(max(batches.values()), 1, "some batches hold several records")

    def test_dump_log_segments_finds_every_segment_valid(self):
        said = kafka_readers.dump_log_segments(self.segments, "--deep-iteration")
        self.assertEqual(said.pop(""), [], "no gaps")
        self.assertEqual(set(said), set(self.segments))
        by_path = collections.defaultdict(list)
        for record in self.records:
            by_path[record["path"]].append(record)
        for path, lines in said.items():
            with self.subTest(path=path):
                kafka_readers.check_dump(self, path, lines, by_path[path])

    def test_offsets_go_on_from_segment_to_segment(self):
        ends = {}
        for record in self.records:
            ends[record["path"]] = record["offset"] + 1
        for paths in self.partitions().values():
            self.assertEqual(base_offset(paths[0]), 0)
            self.assertEqual([base_offset(path) for path in paths[1:]], [ends[path] for path in paths[:-1]])

    def sidecars(self, suffix):
        """The indexes of that kind; the log makes none for a segment that needs none."""
        return [path.removesuffix(".log") + suffix for path in self.segments if os.path.exists(path.removesuffix(".log") + suffix)]

    def test_every_segment_that_needs_an_index_has_one(self):
        batches = collections.defaultdict(set)
        for record in self.records:
            batches[record["path"]].add(record["batch"])
        with_index, with_times = set(self.sidecars(".index")), set(self.sidecars(".timeindex"))
        for paths in self.partitions().values():
            for path in paths:
                if os.path.getsize(path) > 32 * 1024 and len(batches[path]) > 10:
                    self.assertIn(path.removesuffix(".log") + ".index", with_index)
            for path in paths[:-1]:
                self.assertIn(path.removesuffix(".log") + ".timeindex", with_times, "a closed segment's greatest timestamp has an entry")
        self.assertGreater(len(with_index), len(self.segments) // 4)

    def test_dump_log_segments_finds_the_indexes_right(self):
        indexes = self.sidecars(".index")
        indexes += self.sidecars(".timeindex")
        checked = kafka_readers.dump_log_segments(indexes, "--index-sanity-check")
        verified = kafka_readers.dump_log_segments(indexes, "--verify-index-only")
        for path in indexes:
            has_entries = os.path.getsize(path) > 0
            self.assertEqual(checked[path], ["Dumping " + path, path + (" passed sanity check." if has_entries else " is empty.")])
            self.assertEqual(verified[path], ["Dumping " + path] + ([] if has_entries else [path + " is empty."]))
        self.assertEqual(checked[""] + verified[""], [])

    def test_dump_log_segments_shows_every_entry_of_an_index(self):
        fullest = max(self.sidecars(".index"), key=os.path.getsize)
        lines = kafka_readers.dump_log_segments([fullest])[fullest]
        entries = [line for line in lines if line.startswith("offset: ")]
        self.assertEqual(len(entries), os.path.getsize(fullest) // 8)
        self.assertGreater(len(entries), 5)

    def test_kafkas_records_are_what_was_acknowledged(self):
        seen = set()
        for record, envelope in zip(self.records, self.envelopes, strict=True):
            event_id = dict(record["headers"])["tenter-id"].decode()
            self.assertNotIn(event_id, seen)
            seen.add(event_id)
            self.check_record(self.sent[event_id], record, envelope)
        self.assertEqual(seen, set(self.sent))

    def check_record(self, sent, record, envelope):
        headers = dict(record["headers"])
        names = ["envelope", "tenter-id", "tenter-target", "tenter-peer", "tenter-verified"] + (["tenter-batch"] if sent.batch else [])
        self.assertEqual([name for name, _ in record["headers"]], names)
        self.assertEqual(headers["envelope"], b"\x80")
        self.assertEqual(headers["tenter-verified"], b"none")
        self.assertEqual(headers["tenter-target"].decode().split("?")[0], "/" + sent.source)
        if sent.batch:
            self.assertEqual([int(number) for number in headers["tenter-batch"].split(b"/")[1:]], list(sent.batch))
        self.assertEqual(record["key"], sent.key)
        self.assertEqual(record["path"].split(os.sep)[-3], sent.source)
        self.assertEqual(envelope["method"], "POST")
        self.assertEqual(envelope["body"], sent.body)
        for name, value in sent.headers.items():
            self.assertEqual(envelope["headers"][name], [value], name)

    def test_tail_shows_what_kafka_reads(self):
        self.assertEqual(len(self.tailed), len(self.records))
        for record, envelope in zip(self.records, self.envelopes, strict=True):
            source, partition = record["path"].split(os.sep)[-3:-1]
            tailed = self.tailed[(source, int(partition), record["offset"])]
            headers = dict(record["headers"])
            body = tailed["body"].encode() if "body" in tailed else base64.b64decode(tailed["body_base64"])
            time = datetime.datetime.fromisoformat(tailed["time"])
            self.assertEqual((tailed["id"], tailed["target"], tailed["verified"]),
                             tuple(headers[name].decode() for name in ("tenter-id", "tenter-target", "tenter-verified")))
            self.assertEqual((tailed["method"], tailed["headers"], body), (envelope["method"], envelope["headers"], envelope["body"]))
            self.assertEqual(tailed["key"], record["key"] and record["key"].decode())
            self.assertEqual(round(time.timestamp() * 1000), record["timestamp"])

    def test_one_wrong_bit_is_seen(self):
        path = self.copy_of(self.segments[0])
        kafka_readers.flip_one_bit(path, 200)
        kafka_readers.check_damage_is_seen(self, path)

    def test_a_wrong_index_entry_is_seen(self):
        fullest = max(self.sidecars(".index"), key=os.path.getsize)
        index = self.copy_of(fullest.removesuffix(".index") + ".log").removesuffix(".log") + ".index"
        with open(index, "r+b") as file:
            offset = int.from_bytes(file.read(4), "big")
            file.seek(0)
            file.write((offset + 1).to_bytes(4, "big"))
        said = kafka_readers.dump_log_segments([index], "--verify-index-only")
        self.assertEqual(said[""], ["Mismatches in :" + index, f"  Index offset: {offset + 1}, log offset: {offset}"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
