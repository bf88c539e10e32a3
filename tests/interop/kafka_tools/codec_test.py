#!/usr/bin/env python3
"""Goal: the record batch codec and the partitioner agree with Kafka's own code, both ways.
Method: `write_segment` (first argument) writes a segment of records of every kind with our codec, which Kafka's tools read; the golden
batches that our codec is tested with are built again by Kafka's MemoryRecordsBuilder; thousands of keys go through `partition_keys` (second
argument) and through Kafka's producer."""

import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
UNIT_TESTS = os.path.join(HERE, "..", "..", "unit", "log")
sys.path.insert(0, UNIT_TESTS)

import kafka_readers  # noqa: E402
import make_golden  # noqa: E402

WRITE_SEGMENT, PARTITION_KEYS = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))


class Codec(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write_segment(self):
        """(path, records that Kafka's tools must find)"""
        subprocess.run([WRITE_SEGMENT, self.folder], check=True, timeout=60)
        with open(os.path.join(self.folder, "expected.jsonl"), encoding="utf-8") as lines:
            return os.path.join(self.folder, "00000000000000000000.log"), [kafka_readers.with_bytes(json.loads(line)) for line in lines]

    def test_kafka_reads_every_octet_of_every_record(self):
        path, written = self.write_segment()
        self.assertEqual(len(written), 10_000)
        for found, record in zip(kafka_readers.read_records([path]), written, strict=True):
            self.assertEqual({member: found[member] for member in record}, record)
        said = kafka_readers.dump_log_segments([path], "--deep-iteration")
        self.assertEqual(said[""], [])
        kafka_readers.check_dump(self, path, said[path], written)

    def test_kafka_sees_one_wrong_bit(self):
        path, _ = self.write_segment()
        kafka_readers.flip_one_bit(path, 64)
        kafka_readers.check_damage_is_seen(self, path)

    def test_kafkas_builder_makes_the_golden_batches(self):
        with open(os.path.join(UNIT_TESTS, "golden.txt"), encoding="ascii") as file:
            golden = file.read().splitlines()
        self.assertEqual({line.split()[0] for line in golden}, set(make_golden.CASES))
        self.assertEqual(kafka_readers.output_of(kafka_readers.java("BuildBatches.java", lines=self.lines_of_cases())), golden)

    def lines_of_cases(self):
        def octets(value):
            return "-" if value is None else value.hex()

        def record(timestamp, key, value, headers):
            pairs = [f"{octets(name)}={octets(content)}" for name, content in headers]
            return ":".join([str(timestamp), octets(key), octets(value), *pairs])

        return "".join(f"{name} {base} {' '.join(record(*one) for one in records)}\n"
                       for name, (base, records) in make_golden.CASES.items())

    def test_kafkas_producer_sends_keys_to_the_same_partitions(self):
        chance = random.Random(20261123)
        keys = ["".join("%02x" % chance.randrange(256) for _ in range(size % 70)) for size in range(3000)]
        lines = "".join(key + "\n" for key in keys)
        counts = ["1", "2", "7", "10000"]
        ours = subprocess.run([PARTITION_KEYS, *counts], input=lines, capture_output=True, text=True, check=True, timeout=60)
        kafkas = kafka_readers.output_of(kafka_readers.java("PartitionKeys.java", *counts, lines=lines))
        self.assertEqual(ours.stdout.splitlines(), kafkas)
        self.assertEqual(len(kafkas), len(keys))


if __name__ == "__main__":
    unittest.main(verbosity=2)
