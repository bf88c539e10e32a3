#!/usr/bin/env python3
"""One member of a consumer group, which knows nothing of kills: it reads, "processes" by writing into its ledger, and then commits. On
SIGTERM it commits what it has and leaves.

    member.py --profile profile.json --ledger FILE --number N --assignor range|cooperative-sticky [--fault skips|alters|boasts]

The ledger, a JSON array a line, the second element a time of the clock that all processes share:
    ["assigned", time, [[source, partition], ...]]      ["revoked", time, [[source, partition], ...]]
    ["read", time, source, partition, offset, id, name, fingerprint]
    ["committed", time, [[source, partition, offset], ...]]      only what the gateway acknowledged
    ["error", time, name, text]
"""

import argparse
import json
import random
import signal
import sys
import time

import kafka_events
from confluent_kafka import Consumer, KafkaException, TopicPartition

from events import SOURCE_NAMES
from group_ledger import read_profile

BATCH = 500


class Member:
    def __init__(self, options):
        self._options = options
        self._random = random.Random(options.number)
        self._next = {}  # (source, partition) -> offset behind what was processed
        self._is_ending = False
        self._ledger = open(options.ledger, "a", encoding="utf-8")
        self._consumer = Consumer({
            **read_profile(options.profile), "client.id": f"member-{options.number}", "enable.auto.commit": False,
            "auto.offset.reset": "error",  # start offsets were committed for us: there is nothing to begin from by ourselves
            "partition.assignment.strategy": options.assignor, "session.timeout.ms": 6000, "heartbeat.interval.ms": 200,
            "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 300, "retry.backoff.ms": 20, "fetch.error.backoff.ms": 20,
            "fetch.wait.max.ms": 100, "message.max.bytes": 64 << 20, "log_level": 0,
            "on_commit": self._committed, "error_cb": self._failed})
        signal.signal(signal.SIGTERM, self._end)

    def run(self):
        self._consumer.subscribe(list(SOURCE_NAMES), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost)
        while not self._is_ending:
            self._read_some()
            self._ledger.flush()
            if self._next and self._random.random() < 0.5:
                self._consumer.commit(offsets=self._positions(), asynchronous=True)
        self._consumer.close()  # revokes, and so commits
        self._ledger.close()

    def _read_some(self):
        """One by one: of a batch, messages may be handed over that were taken before the partition was."""
        for number in range(BATCH):
            message = self._consumer.poll(0 if number else 0.05)
            if message is None:
                return
            self._take(message)

    def _take(self, message):
        if error := message.error():
            return self._failed(error)
        event = kafka_events.stored_event(message.topic(), kafka_events.records.record_of(message))
        self._next[event.source, event.partition] = event.offset + 1
        fault = self._options.fault if self._random.random() < 0.05 else None
        if fault == "skips":
            return None
        fingerprint = "00" if fault == "alters" else event.fingerprint.hex()
        return self._write("read", event.source, event.partition, event.offset, event.tenter_id, event.name, fingerprint)

    def _positions(self):
        return [TopicPartition(source, partition, offset) for (source, partition), offset in self._next.items()]

    def _assigned(self, _, partitions):
        self._write("assigned", [[place.topic, place.partition] for place in partitions])

    def _revoked(self, consumer, partitions):
        """Processed is processed: the one who gets them next need not do it again."""
        gone = {(place.topic, place.partition) for place in partitions}
        mine = [place for place in self._positions() if (place.topic, place.partition) in gone]
        if mine:
            try:
                self._committed(None, consumer.commit(offsets=mine, asynchronous=False))
            except KafkaException as error:
                self._failed(error.args[0])
        self._lost(consumer, partitions)

    def _lost(self, _, partitions):
        for place in partitions:
            self._next.pop((place.topic, place.partition), None)
        self._write("revoked", [[place.topic, place.partition] for place in partitions])

    def _committed(self, error, partitions):
        if error:
            return self._failed(error)
        boast = 1000 if self._options.fault == "boasts" else 0
        done = [[place.topic, place.partition, place.offset + boast] for place in partitions if place.error is None]
        if done:
            self._write("committed", done)
            self._ledger.flush()
        for place in partitions:
            if place.error is not None:
                self._failed(place.error)
        return None

    def _failed(self, error):
        self._write("error", error.name(), error.str())

    def _write(self, kind, *values):
        print(json.dumps([kind, time.monotonic_ns(), *values], separators=(",", ":")), file=self._ledger)

    def _end(self, *_):
        self._is_ending = True


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--profile", required=True)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--assignor", required=True)
    parser.add_argument("--fault", choices=("skips", "alters", "boasts"), help="what the checker must find")
    Member(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
