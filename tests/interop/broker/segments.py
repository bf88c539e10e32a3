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


def wait_for_batches(data, topic, count):
    """The topic's batches, of which there are `count`: a 2xx may come a moment before the segment has the event."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while len(found := list(batches_of(data, topic))) < count:
        if time.monotonic() > deadline:
            raise AssertionError(f"{topic}: {len(found)} batches, not {count}")
    return found


def read(data, topics):
    """{topic: [(Record, its batch's base offset), ...]} by Kafka's FileRecords. The gateway must have stopped."""
    paths = [path for topic in topics for files in files_of(data, topic).values() for path in files]
    found = {topic: [] for topic in topics}
    for record in kafka_readers.read_records(paths):
        topic, partition = record["path"].split(os.sep)[-3:-1]
        found[topic].append((Record(int(partition), record["offset"], record["timestamp"], record["key"], record["value"],
                                    tuple(record["headers"])), record["batch"]))
    return found
