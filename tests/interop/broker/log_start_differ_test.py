#!/usr/bin/env python3
"""Goal: where the first records of a log have been removed Tenter answers as Kafka does, and clients that stood before its start go on from it.
Method: as reading_differ_test.py, with records removed on both sides: by DeleteRecords from Kafka, and by remove_before from the log of the
gateway, which is stopped for it. Of the partitions one begins within a batch then, one at the first record of one, one has nothing left, and
one is as it was. Groups have committed offsets before, which now are below the start."""

import contextlib
import json
import os
import subprocess
import sys
import unittest

import clients
import differ
import events
import raw_kafka
from confluent_kafka import Consumer, TopicPartition
from differ import PARTITIONS, SEED, TOPIC, UNIQUE, VERSIONS, Differential
from driver import Driver
from group_lives import in_order
from kafka.partitioner.default import murmur2

OFFSET_OUT_OF_RANGE = 1
COMMITTED = 1  # of every partition
READERS = {"librdkafka": clients.python_driver("python", "confluent_kafka_driver.py"), "java": clients.java_driver(4)}


def group_of(name):
    return f"below.{UNIQUE}.{name}"


def offset_of(answer):
    """Of the one partition that an answer to ListOffsets is about."""
    return answer["topics"][0]["partitions"][0]["offset"]


class LogStart(Differential):
    config = '[log]\nsegment_size = "64KiB"\n'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.choose_starts()
        for profile in cls.profiles.values():
            for name in ("fetched", *READERS):
                cls.commit(profile, group_of(name))
        admin = cls.kafka.admin()
        deleted = admin.delete_records([TopicPartition(TOPIC, number, start) for number, start in cls.starts.items()])
        if {place.partition: future.result(30).low_watermark for place, future in deleted.items()} != cls.starts:
            raise AssertionError("Kafka begins elsewhere")
        cls.remove_from_gateway()

    @classmethod
    def choose_starts(cls):
        """{partition: its new start}"""
        within = next(batch for batches in cls.records.values() for batch in batches[len(batches) // 3:] if batch.count > 1)
        cls.within = within.partition
        cls.at_a_batch, cls.emptied, cls.whole = (number for number in range(PARTITIONS) if number != cls.within)
        batches = cls.records[cls.at_a_batch]
        cls.starts = {cls.within: within.first + 1, cls.at_a_batch: batches[len(batches) // 2].first, cls.emptied: cls.end(cls.emptied), cls.whole: 0}

    @staticmethod
    def commit(profile, group):
        consumer = Consumer({"bootstrap.servers": profile["kafka"]["bootstrap"], "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
                             "sasl.username": profile["consumer_name"], "sasl.password": profile["auth"]["secret"],
                             "ssl.ca.pem": profile["kafka"]["ca"], "group.id": group})
        consumer.commit(offsets=[TopicPartition(TOPIC, number, COMMITTED) for number in range(PARTITIONS)], asynchronous=False)
        consumer.close()

    @classmethod
    def remove_from_gateway(cls):
        data = os.path.join(cls.folder, "tenter-data")
        before = differ.segments.files_of(data, "data")
        if cls.gateway.stop() != 0:
            raise AssertionError(cls.gateway.errors())
        wanted = [f"{number}:{start}" for number, start in cls.starts.items()]
        subprocess.run([os.path.abspath(sys.argv[1]), os.path.join(data, "log"), "data", *wanted], check=True, timeout=60)
        cls.gateway.start()
        cls.profiles["tenter"]["kafka"]["bootstrap"] = cls.gateway.kafka
        after = differ.segments.files_of(data, "data")
        if not sum(map(len, after.values())) < sum(map(len, before.values())):
            raise AssertionError("no whole segment was removed")

    def test_fetch(self):
        """Around the start of each partition, around its former one and its end."""
        def whole(answer):
            return {**answer, "responses": [{**topic, "partitions": [
                {**partition, "records": differ.whole_batches(partition["records"])} for partition in topic["partitions"]]}
                for topic in answer["responses"]]}

        for version in VERSIONS["Fetch"]:
            for partition, start in self.starts.items():
                end = self.end(partition)
                for offset in sorted({0, COMMITTED, start - 1, start, start + 1, end, end + 1}):
                    answer = self.pair.agree("Fetch", version, but=whole, max_wait_ms=0, min_bytes=0, max_bytes=50 << 20, topics=[
                        {"topic": TOPIC, "partitions": [{"partition": partition, "fetch_offset": offset, "partition_max_bytes": 20_000}]}])
                    found = answer["responses"][0]["partitions"][0]
                    self.assertEqual(found["error_code"], 0 if start <= offset <= end else OFFSET_OUT_OF_RANGE)
                    wanted = [batch.octets for batch in self.records[partition] if batch.first + batch.count > offset] if offset >= start else []
                    batches = differ.whole_batches(found["records"])
                    self.assertEqual(batches, wanted[:len(batches)])
                    self.assertEqual(bool(batches), bool(wanted))

    def list_offsets(self, version, partition, timestamp, ask=None):
        return (ask or self.pair.agree)("ListOffsets", version, replica_id=-1, topics=[
            {"name": TOPIC, "partitions": [{"partition_index": partition, "timestamp": timestamp}]}])

    def test_list_offsets(self):
        for version in VERSIONS["ListOffsets"]:
            for partition, start in self.starts.items():
                self.assertEqual(offset_of(self.list_offsets(version, partition, -2)), start)
                self.assertEqual(offset_of(self.list_offsets(version, partition, -1)), self.end(partition))

    def test_list_offsets_by_time(self):
        for version in (1, 7):
            for partition, batches in self.records.items():
                times = {time for batch in batches for time in (batch.first_timestamp, batch.last_timestamp)}
                for time in sorted({0, *(near for time in times for near in (time, time + 1))})[::3]:
                    self.list_offsets(version, partition, time)

    def test_list_offsets_by_the_greatest_time(self):
        for partition in (self.within, self.at_a_batch, self.whole):
            self.list_offsets(7, partition, -3)
        found = {side: offset_of(answer) for side, answer in self.list_offsets(7, self.emptied, -3, ask=self.pair.both).items()}
        self.assertEqual(found["tenter"], -1)
        self.assertIn(found["kafka"], range(self.starts[self.emptied]), "it may name a record that was removed")

    def test_offset_for_leader_epoch(self):
        for version in VERSIONS["OffsetForLeaderEpoch"]:
            for partition in self.starts:
                self.pair.agree("OffsetForLeaderEpoch", version, replica_id=-1, topics=[
                    {"topic": TOPIC, "partitions": [{"partition": partition, "current_leader_epoch": -1, "leader_epoch": 0}]}])

    def test_offsets_that_were_committed(self):
        """Kafka says what was committed, and its client finds out that there is nothing; Tenter says where the group goes on."""
        for version in VERSIONS["OffsetFetch"]:
            answers = self.pair.both("OffsetFetch", version, group_id=group_of("fetched"),
                                     topics=[{"name": TOPIC, "partition_indexes": list(range(PARTITIONS))}])
            found = {side: [partition["committed_offset"] for partition in in_order(answer)["topics"][0]["partitions"]]
                     for side, answer in answers.items()}
            self.assertEqual(found["kafka"], [COMMITTED] * PARTITIONS)
            self.assertEqual(found["tenter"], [max(COMMITTED, self.starts[number]) for number in range(PARTITIONS)])

    def append(self, number):
        """Another event to the partition that has nothing left, on both sides."""
        key = next(key for key in map(str, range(1000)) if (murmur2(key.encode()) & 0x7FFFFFFF) % PARTITIONS == self.emptied)
        sender = events.Sender(self.gateway.url, "data")
        sender.send(events.Event(key, "text/plain", (), b"number %d" % number))
        sender.close()
        answer = self.pair.ask("tenter", "Fetch", 11, max_wait_ms=10_000, min_bytes=1, max_bytes=1 << 20, topics=[
            {"topic": TOPIC, "partitions": [{"partition": self.emptied, "fetch_offset": self.end(self.emptied), "partition_max_bytes": 1 << 20}]}])
        batch, = differ.whole_batches(answer["responses"][0]["partitions"][0]["records"])
        with raw_kafka.Connection(self.profiles["kafka"]) as connection:
            self.assertEqual(raw_kafka.produce(connection, TOPIC, self.emptied, batch), self.end(self.emptied))
        self.records[self.emptied].append(differ.segments.Batch(self.emptied, self.end(self.emptied), batch))

    def start_readers(self, stack):
        paths = {}
        for side, profile in self.profiles.items():
            paths[side] = os.path.join(self.folder, f"{side}.json")
            with open(paths[side], "w", encoding="utf-8") as file:
                json.dump(profile, file)
        running = {}
        for name, side in (("librdkafka", "kafka"), ("librdkafka", "tenter"), ("java", "tenter")):
            environment = clients.Client(name, READERS[name]).environment(paths[side])
            running[name, side] = stack.enter_context(Driver(READERS[name](), paths[side], TOPIC, group_of(name), environment))
            running[name, side].say("consume")
        return running

    def committed(self, side, name):
        answer = self.pair.ask(side, "OffsetFetch", 5, group_id=group_of(name), topics=[{"name": TOPIC, "partition_indexes": list(range(PARTITIONS))}])
        return [partition["committed_offset"] for partition in in_order(answer)["topics"][0]["partitions"]]

    def test_readers_that_stood_before_the_start_go_on_from_it(self):
        with contextlib.ExitStack() as stack:
            running = self.start_readers(stack)
            wanted = {(number, offset) for number, start in self.starts.items() for offset in range(max(start, COMMITTED), self.end(number))}
            for reader in running.values():
                reader.wait_for(len(wanted))
            self.append(1)
            wanted.add((self.emptied, self.end(self.emptied) - 1))
            for reader in running.values():
                reader.wait_for(len(wanted), "what was appended then")
                reader.commit()
            read = {reader: sorted(driver.records, key=lambda record: record.place) for reader, driver in running.items()}
            self.assertEqual([record.place for record in read["librdkafka", "kafka"]], sorted(wanted))
            for name, side in running:
                self.assertEqual(read[name, side], read["librdkafka", "kafka"], f"{name} of {side}")
                self.assertEqual(self.committed(side, name), [self.end(number) for number in range(PARTITIONS)], f"{name} of {side}")
            for reader in running.values():
                reader.leave()


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(argv=sys.argv[:1], verbosity=2)
