"""What a gateway's log holds, in the eyes of Kafka's own code."""

import collections
import dataclasses
import glob
import os
import struct
import time

import kafka_readers

from driver import Record

DEADLINE_SECONDS = 30


@dataclasses.dataclass(frozen=True)
class Batch:
    partition: int
    first: int  # its base offset
    octets: bytes

    @property
    def count(self):
        """Of its records."""
        return struct.unpack_from(">i", self.octets, 23)[0] + 1

    @property
    def first_timestamp(self):
        return struct.unpack_from(">q", self.octets, 27)[0]

    @property
    def last_timestamp(self):
        """The greatest."""
        return struct.unpack_from(">q", self.octets, 35)[0]


def files_of(data, topic):
    """{partition: its segments in order}"""
    found = collections.defaultdict(list)
    for path in sorted(glob.glob(os.path.join(glob.escape(data), "**", "topics", topic, "*", "*.log"), recursive=True)):
        found[int(os.path.basename(os.path.dirname(path)))].append(path)
    return found


def batches_of(data, topic):
    """Every whole batch of the topic."""
    for partition, paths in files_of(data, topic).items():
        for path in paths:
            with open(path, "rb") as file:
                octets = file.read()
            at = 0
            while at + 12 <= len(octets):
                first, size = struct.unpack_from(">qi", octets, at)
                if size <= 0 or at + 12 + size > len(octets):
                    break  # a segment is as long as it may become, and zeros follow what was written
                yield Batch(partition, first, octets[at:at + 12 + size])
                at += 12 + size


def wait_for_records(data, topic, count):
    """The topic's batches, once they hold `count` records: a 2xx may come a moment before the segment has the event."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        found = list(batches_of(data, topic))
        if sum(batch.count for batch in found) >= count:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{topic}: {len(found)} batches, not {count} records")


def read(data, topics):
    """{topic: [(Record, its batch's base offset), ...]} by Kafka's FileRecords. The gateway must have stopped."""
    paths = [path for topic in topics for files in files_of(data, topic).values() for path in files]
    found = {topic: [] for topic in topics}
    for record in kafka_readers.read_records(paths):
        topic, partition = record["path"].split(os.sep)[-3:-1]
        found[topic].append((Record(int(partition), record["offset"], record["timestamp"], record["key"], record["value"],
                                    tuple(record["headers"])), record["batch"]))
    return found
