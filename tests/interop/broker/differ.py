"""Asks a real Kafka and a real `tenter serve` the same, and holds their answers against each other, field by field."""

import concurrent.futures
import contextlib
import json
import os
import struct
import sys
import tempfile
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "..", "e2e"), os.path.join(HERE, "..", "kafka"), os.path.join(HERE, "..", "kafka_tools")]

import pinned_packages  # noqa: E402, F401
import events  # noqa: E402
import kafka_cluster  # noqa: E402
import kafka_messages  # noqa: E402
import raw_kafka  # noqa: E402
import segments  # noqa: E402
from gateway_process import Gateway  # noqa: E402

SEED = int(os.environ.get("TENTER_SEED", "20261125"))
PARTITIONS = 4
SENDERS = 6
UNIQUE = uuid.uuid4().hex[:8]
PREFIX = f"incoming.{UNIQUE}."
TOPIC = PREFIX + "data"
CONFIG = f"""
[kafka]
topic_prefix = "{PREFIX}"

[[source]]
name = "data"
verify = "none"
key = "header:X-Key"
partitions = {PARTITIONS}
"""
NOBODYS = "no.such.topic"
VERSIONS = {  # what Tenter offers: docs/kafka.md
    "Fetch": range(4, 12), "ListOffsets": range(1, 8), "Metadata": range(1, 9), "OffsetCommit": range(2, 8), "OffsetFetch": range(1, 6),
    "FindCoordinator": range(0, 3), "JoinGroup": range(1, 6), "Heartbeat": range(0, 4), "LeaveGroup": range(0, 4), "SyncGroup": range(0, 4),
    "DescribeGroups": range(0, 3), "ListGroups": range(0, 5), "OffsetForLeaderEpoch": range(2, 4), "DescribeConfigs": range(0, 4),
    "DeleteGroups": range(0, 2), "DescribeCluster": range(0, 1), "ApiVersions": range(0, 3),
}

CLOSED = "the connection is closed"


class Pair:
    """A connection to each of {side: profile}. After an answer by which one closes, `again` makes new ones."""

    def __init__(self, test, profiles, logs_in=True):
        self.test, self.profiles, self.logs_in = test, profiles, logs_in
        self.connections = {}
        self.again()

    def again(self):
        self.close()
        self.connections = {side: raw_kafka.Connection(profile, self.logs_in) for side, profile in self.profiles.items()}

    def close(self):
        for connection in self.connections.values():
            connection.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, side, name, version, **fields):
        self.send(side, name, version, **fields)
        return self.answer(side, name, version)

    def send(self, side, name, version, **fields):
        key, body = kafka_messages.encode(name, version, fields)
        connection = self.connections[side]
        with contextlib.suppress(ConnectionError):  # `answer` tells
            connection.send(connection.header(key, version) + (b"\0" if kafka_messages.is_flexible(name, version) else b"") + body)

    def answer(self, side, name, version):
        """To what was sent last."""
        connection = self.connections[side]
        try:
            answer = connection.receive()
        except ConnectionError:
            return CLOSED
        correlation_id, = struct.unpack_from(">i", answer)
        self.test.assertEqual(correlation_id, connection.correlation_id)
        return kafka_messages.decode(name, version, answer[5 if kafka_messages.is_flexible(name, version) else 4:])

    def both(self, name, version, fields=None, **same):
        """{side: answer}. `fields`: what differs between sides, by a function of the side."""
        return {side: self.ask(side, name, version, **same, **(fields(side) if fields else {})) for side in self.profiles}

    def agree(self, name, version, fields=None, but=None, **same):
        """That both answer alike, once `but` has taken from each answer what may differ. Returns Kafka's answer."""
        answers = self.both(name, version, fields, **same)
        with self.test.subTest(request=name, version=version, **same):
            compared = {side: but(answer) if but and answer != CLOSED else answer for side, answer in answers.items()}
            self.test.assertEqual(compared["tenter"], compared["kafka"])
        return answers["kafka"]


def without(*paths):
    """A `but`: sets aside fields, `brokers.host` for instance, in lists too."""
    def strip(value, names):
        if isinstance(value, list):
            return [strip(one, names) for one in value]
        if value is None:
            return None
        if len(names) == 1:
            return {name: one for name, one in value.items() if name != names[0]}
        return {**value, names[0]: strip(value[names[0]], names[1:])} if names[0] in value else value

    def but(answer):
        for path in paths:
            answer = strip(answer, path.split("."))
        return answer

    return but


def whole_batches(octets):
    """A fetch may end within a batch, which its reader passes over: [batch, ...], without that."""
    found, at = [], 0
    while octets and at + 12 <= len(octets):
        size, = struct.unpack_from(">i", octets, at + 8)
        if at + 12 + size > len(octets):
            break
        found.append(bytes(octets[at:at + 12 + size]))
        at += 12 + size
    return found


def fill(gateway):
    """Posts by several senders at once, so that some batches hold several records."""
    made = [event for of_phase in events.make(SEED).values() for event in of_phase]

    def send(at):
        sender = events.Sender(gateway.url, "data")
        for event in made[at::SENDERS]:
            sender.send(event)
        sender.close()

    with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, range(SENDERS)))
    return len(made)


class Differential(unittest.TestCase):
    """Both sides hold the same; `records`: {partition: its batches}."""

    holds_records = True
    config = ""  # what the gateway's is to have besides

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        with open(os.path.join(cls.folder, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(cls.config + CONFIG)
        cls.gateway = gateway = cls.enterClassContext(Gateway(os.environ["TENTER_PROGRAM"], cls.folder))
        count = fill(gateway) if cls.holds_records else 0
        path = gateway.add_consumer("differ", "data")
        cls.kafka = kafka = kafka_cluster.running()
        kafka.create_topic(TOPIC, PARTITIONS)
        kafka.wait_for_coordinators(TOPIC)
        with open(path, encoding="utf-8") as file:
            cls.profiles = {"kafka": kafka.profile(kafka_cluster.CLIENT_USERS[0]), "tenter": json.load(file)}
        cls.records = cls.copy(count)

    @classmethod
    def copy(cls, count):
        """Appends all batches to Kafka; {partition: its batches}"""
        data = os.path.join(cls.folder, "tenter-data")
        segments.wait_for_records(data, "data", count)
        by_partition = {number: [] for number in range(PARTITIONS)}
        with raw_kafka.Connection(cls.profiles["kafka"]) as connection:
            for batch in segments.batches_of(data, "data"):
                if raw_kafka.produce(connection, TOPIC, batch.partition, batch.octets) != batch.first:
                    raise AssertionError("Kafka has another offset")
                by_partition[batch.partition].append(batch)
        return by_partition

    def setUp(self):
        self.pair = self.enterContext(Pair(self, self.profiles))
        self.group = f"group.{uuid.uuid4().hex[:8]}"

    @classmethod
    def end(cls, partition):
        """The partition's end."""
        last = cls.records[partition][-1]
        return last.first + last.count
