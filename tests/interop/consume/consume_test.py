#!/usr/bin/env python3
"""Goal: our consumer keeps its promises against a real Kafka. Argument: the program consume_peer.
Method: records of every kind made by fastavro and cbor2, other clients in its group, processes that are killed; what is committed is asked of
the broker."""

import itertools
import json
import os
import signal
import sys
import tempfile
import time
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "mister_webhooks"))

import make_records  # noqa: E402: first, it finds the others
import certificates  # noqa: E402
import kafka_cluster  # noqa: E402
import records  # noqa: E402
from confluent_kafka import Consumer, TopicPartition  # noqa: E402
from confluent_kafka.admin import NewPartitions  # noqa: E402

from peer_process import Peer, events_of, notices_of, run  # noqa: E402

PROGRAM = sys.argv[1]
KAFKA = kafka_cluster.running()
USER = "project.alpha"
SEED = int(os.environ.get("TENTER_SEED", "20261125"))
WEBHOOK = (b"\x04\x00\x04{}\x00", [("envelope", b"\x80")])  # POST, no headers, "{}", JSON


class Base(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.group = f"group-{uuid.uuid4().hex[:8]}"
        self.profile = KAFKA.write_profile(os.path.join(self.folder, "profile.json"), USER)

    def topic(self, partitions=1):
        return KAFKA.create_topic(f"incoming.consume.{uuid.uuid4().hex[:8]}", partitions, make_records.topic_config())

    def topic_of(self, made, partitions=1):
        topic = self.topic(partitions)
        make_records.produce(KAFKA, topic, made)
        return topic

    def topic_with(self, count, partitions=1):
        """`count` small webhooks, spread by their keys."""
        topic = self.topic(partitions)
        self.send(topic, count)
        return topic

    def send(self, topic, count, first=0):
        records.send_all(KAFKA, topic, [(b"%d" % number, *WEBHOOK) for number in range(first, first + count)])

    def committed(self, topic, partitions=1, group=None):
        """The offsets that the group has committed, by partition; None where it has not."""
        consumer = Consumer(KAFKA.client_config(USER, {"group.id": group or self.group}))
        try:
            found = consumer.committed([TopicPartition(topic, partition) for partition in range(partitions)], timeout=30)
            return [partition.offset if partition.offset >= 0 else None for partition in found]
        finally:
            consumer.close()

    def run_peer(self, topics, profile=None, **settings):
        return run(PROGRAM, profile or self.profile, topics, **{"group": self.group, **settings})

    def peer(self, topics, **settings):
        return self.enterContext(Peer(PROGRAM, self.profile, topics, **{"group": self.group, **settings}))

    def offsets(self, lines):
        return [event["offset"] for event in events_of(lines)]


class Records(Base):
    def check(self, event, expected):
        names = ("method", "timestamp_ms", "encoding", "payload_hex", "payload_json")
        self.assertEqual({name: event[name] for name in names}, {name: expected[name] for name in names}, f"record {expected['index']}")
        headers = {name: values for name, values in expected["headers"].items() if values}
        self.assertEqual(list(event["headers"].items()), list(headers.items()))

    def test_thousands_made_by_other_code_are_what_they_say(self):
        made = make_records.generate(SEED, 4000, system=0.02, big=2)
        topic = self.topic_of(made, partitions=3)
        code, lines = self.run_peer(topic, until_caught_up=True, workers=2)
        self.assertEqual(code, 0, lines[-1])
        by_index = {int(bytes.fromhex(dict(event["record_headers"])["index"])): event for event in events_of(lines)}
        expected = {one.expected["index"]: one for one in made if one.expected["kind"] == "event"}
        self.assertEqual(sorted(by_index), sorted(expected))
        for index, one in expected.items():
            self.check(by_index[index], one.expected)
            self.assertEqual(by_index[index]["key"], None if one.key is None else one.key.hex())
            self.assertEqual(by_index[index]["record_headers"], [[name, value.hex()] for name, value in one.headers])

    def test_wrong_ones_are_all_in_the_dead_letter_topic_and_stall_nothing(self):
        made = make_records.generate(SEED + 1, 20_000, poison=0.001, system=0)
        wrong = {one.expected["index"]: one for one in made if one.expected["kind"] == "poison"}
        self.assertGreater(len(wrong), 10)
        topic, dead = self.topic_of(made, partitions=2), self.topic()
        code, lines = self.run_peer(topic, until_caught_up=True, undecodable="dead_letter", dead_letters=dead)
        self.assertEqual(code, 0, lines[-1])
        self.assertEqual(len(events_of(lines)), len(made) - len(wrong))
        letters = records.read_all(KAFKA, dead, len(wrong))
        self.assertEqual(len(letters), len(wrong))
        stored = {(record.partition, record.offset): record for record in records.read_all(KAFKA, topic, len(made))}
        for letter in letters:
            headers = dict(letter.headers[-4:])
            self.assertEqual(list(headers), ["tenter-dead-topic", "tenter-dead-partition", "tenter-dead-offset", "tenter-dead-reason"])
            original = stored[int(headers["tenter-dead-partition"]), int(headers["tenter-dead-offset"])]
            self.assertEqual((letter.key, letter.value, letter.headers[:-4], letter.timestamp),
                             (original.key, original.value, original.headers, original.timestamp))
            one = wrong.pop(int(dict(original.headers)["index"]))
            error = one.expected["error"].replace("ValueError", "FormatError")
            self.assertIn({"undecodable": error, "offset": original.offset}, lines, one.expected["poison"])
        self.assertEqual(sum(self.committed(topic, 2)), len(made))

    def test_a_wrong_one_ends_it_by_default_and_stays_uncommitted(self):
        good, wrong = make_records.generate(SEED, 2, system=0), make_records.generate(SEED, 1, poison=1)
        topic = self.topic_of([good[0], *wrong, good[1]])
        for _ in range(2):
            code, lines = self.run_peer(topic)
            self.assertEqual((code, lines[-1]["error"]), (1, "FormatError"))
            self.assertIn(f"{topic} partition 0 offset 1", lines[-1]["message"])
            self.assertEqual(self.committed(topic), [1])


class Connections(Base):
    def fails(self, profile, topic="nothing", **settings):
        path = os.path.join(self.folder, "other.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(profile, file)
        begin = time.monotonic()
        code, lines = self.run_peer(topic, path, connect_timeout=8000, **settings)
        self.assertEqual(code, 1, lines)
        self.assertLess(time.monotonic() - begin, 12)
        return lines[-1]["error"], lines[-1]["message"]

    def test_that_cannot_be_had_are_told_apart_within_their_time(self):
        topic = self.topic()
        profile = KAFKA.profile(USER)
        error, message = self.fails({**profile, "auth": {"mechanism": "plain", "secret": "wrong"}}, topic)
        self.assertEqual((error, "wrong user name or secret" in message, "wrong\"" in message), ("unauthenticated", True, False), message)
        with open(certificates.make_authority(self.folder), encoding="ascii") as file:
            other_authority = file.read()
        error, message = self.fails({**profile, "kafka": {**profile["kafka"], "ca": other_authority}}, topic)
        self.assertEqual((error, "certificate" in message), ("unavailable", True), message)
        error, message = self.fails(profile, "no.such.topic")
        self.assertEqual((error, "no.such.topic" in message), ("not_found", True), message)
        error, message = self.fails({**profile, "kafka": {**profile["kafka"], "bootstrap": "localhost:1"}}, topic)
        self.assertEqual((error, "localhost:1" in message), ("unavailable", True), message)
        error, message = self.fails(profile, topic, dead_letters="no.such.dead.topic")
        self.assertEqual((error, "no.such.dead.topic" in message), ("not_found", True), message)

    def test_to_a_topic_that_is_deleted_end(self):
        topic = self.topic_with(1)
        peer = self.peer(topic, metadata_refresh=500)
        peer.wait_for_events(1)
        admin = KAFKA.admin()
        admin.delete_topics([topic])[topic].result(30)
        code, lines = peer.end()
        self.assertEqual((code, lines[-1]["error"], topic in lines[-1]["message"]), (1, "not_found", True), lines[-1])


class Commits(Base):
    def test_go_on_where_the_last_run_ended(self):
        topic = self.topic_with(100)
        first = self.run_peer(topic, count=30, brief=True)[1]
        seen = self.offsets(first)
        self.assertEqual(self.committed(topic), [len(seen)])
        seen += self.offsets(self.run_peer(topic, until_caught_up=True, brief=True)[1])
        self.assertEqual(seen, list(range(100)))

    def test_leave_out_the_event_whose_callback_threw(self):
        topic = self.topic_with(50)
        code, lines = self.run_peer(topic, throw_at=20)
        self.assertEqual((code, lines[-1]["message"], self.offsets(lines)), (1, "as was asked", list(range(20))))
        self.assertEqual(self.committed(topic), [20])

    def test_come_before_the_end_on_a_signal(self):
        for which in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(which):
                topic = self.topic_with(10)
                peer = self.peer(topic, signals=True, commit_interval=600_000)
                peer.wait_for_events(10)
                self.assertEqual(self.committed(topic), [None])
                begin = time.monotonic()
                peer.process.send_signal(which)
                self.assertEqual(peer.end()[0], 0)
                self.assertLess(time.monotonic() - begin, 5)
                self.assertEqual(self.committed(topic), [10])

    def killed(self, limit, **settings):
        """Kills a consumer amid its events, again and again: everything comes, and not more again than was said."""
        topic = self.topic_with(3000)
        seen, again = set(), []
        for kills in itertools.count():
            with Peer(PROGRAM, self.profile, topic, group=self.group, brief=True, session_timeout=6000, instance="killed",
                      **({"until_caught_up": True} if kills == 3 else {}), **settings) as peer:
                if kills == 3:
                    peer.end()
                else:
                    peer.wait_for_events(200 * (kills + 1))
                    peer.kill()
                offsets = [event["offset"] for event in peer.events()]
            again.append(len(seen.intersection(offsets)))
            seen.update(offsets)
            if kills == 3:
                break
        self.assertEqual(seen, set(range(3000)))
        self.assertLessEqual(max(again), limit, again)
        print(f"again after kill -9: {again[1:]}, at most {limit}", flush=True)

    def test_bound_what_comes_again_after_kill_9(self):
        self.killed(2 * 50, commit_events=50)

    def test_bound_it_to_one_event_when_each_is_committed(self):
        self.killed(1, commit_each=True)


class Starts(Base):
    def test_are_where_they_were_asked_for(self):
        topic = self.topic()
        first_ms = make_records.FIRST_TIMESTAMP_MS
        records.send_all(KAFKA, topic, [(None, *WEBHOOK, first_ms + 1000 * number) for number in range(10)])
        for start, expected in (("earliest", 0), (f"time:{first_ms + 3500}", 4), (f"offset:{topic}:0:7", 7), ("earliest", 0)):
            with self.subTest(start):
                lines = self.run_peer(topic, start=start, until_caught_up=True)[1]
                self.assertEqual(self.offsets(lines), list(range(expected, 10)))
                lines = self.run_peer(topic, group="none", start=start, until_caught_up=True)[1]
                self.assertEqual(self.offsets(lines), list(range(expected, 10)))
        peer = self.peer(topic, start="latest", count=1)
        peer.wait_for(lambda lines: notices_of(lines, "caught_up"), "caught up")
        self.send(topic, 1)
        self.assertEqual(self.offsets(peer.end()[1]), [10])

    def test_cannot_be_moved_while_a_member_runs(self):
        topic = self.topic_with(5)
        self.peer(topic).wait_for_events(5)
        code, lines = self.run_peer(topic, start="earliest")
        self.assertEqual((code, lines[-1]["error"], "running members" in lines[-1]["message"]), (1, "unavailable", True), lines[-1])

    def test_without_a_group_commit_nothing_and_find_new_partitions(self):
        topic = self.topic_with(5)
        peer = self.peer(topic, group="none", metadata_refresh=300)
        peer.wait_for_events(5)
        admin = KAFKA.admin()
        admin.create_partitions([NewPartitions(topic, 2)])[topic].result(30)
        peer.wait_for(lambda lines: len(notices_of(lines, "assigned")) == 2, "the new partition")
        self.assertEqual(self.committed(topic, group=USER), [None])


class Groups(Base):
    def test_that_change_under_load_skip_nothing(self):
        for cooperative in (False, True):
            with self.subTest(cooperative=cooperative):
                self.group = f"group-{uuid.uuid4().hex[:8]}"
                topic = self.topic_with(6000, partitions=6)
                more = {"cooperative": True} if cooperative else {}
                settings = {"brief": True, "session_timeout": 6000, "each_ms": 1, **more}
                stayer = self.peer(topic, **settings)
                stayer.wait_for_events(200)
                seen = []
                for _ in range(2):
                    comer = self.peer(topic, signals=True, **settings)
                    comer.wait_for_events(100)
                    comer.process.send_signal(signal.SIGTERM)
                    seen += events_of(comer.end()[1])
                stayer.wait_for(lambda lines: len({(line["partition"], line["offset"]) for line in events_of([*lines, *seen])}) == 6000, "all")
                both = [(event["partition"], event["offset"]) for event in [*stayer.events(), *seen]]
                if not cooperative:  # see ConsumerOptions::cooperative
                    self.assertEqual(len(both), len(set(both)), "orderly rebalances repeat nothing")
                stayer.kill()

    def test_keep_a_member_whose_callback_takes_longer_than_max_poll_interval(self):
        topic = self.topic_with(5)
        code, lines = self.run_peer(topic, slow_at=2, slow_ms=9000, session_timeout=6000, max_poll_interval=6000, revoke_timeout=1000, count=5)
        self.assertEqual((code, self.offsets(lines)), (0, [0, 1, 2, 3, 4]))
        self.assertEqual((len(notices_of(lines, "assigned")), notices_of(lines, "error")), (1, []))
        self.assertEqual(self.committed(topic), [5])


    def test_end_a_member_whose_name_another_one_takes(self):
        topic = self.topic_with(5)
        first = self.peer(topic, instance="one")
        first.wait_for_events(5)
        second = self.peer(topic, instance="one")
        code, lines = first.end()
        self.assertEqual((code, lines[-1]["error"]), (1, "unavailable"), lines[-1])
        self.assertIn("fenced by other consumer with same group.instance.id", lines[-1]["message"])
        self.send(topic, 5, first=5)
        second.wait_for(lambda lines: 9 in self.offsets(lines), "the other one goes on")

    def test_tell_how_much_is_waiting(self):
        topic = self.topic_with(100)
        peer = self.peer(topic, lag_interval=50, each_ms=10)
        peer.wait_for(lambda lines: notices_of(lines, "lag") and notices_of(lines, "lag")[-1]["lag"] == 0 and len(self.offsets(lines)) == 100, "0")
        lags = [line["lag"] for line in notices_of(peer.lines, "lag")]
        lags = lags[lags.index(max(lags)):]  # before, no partition was assigned
        self.assertEqual(lags, sorted(lags, reverse=True), "nothing was added")
        self.assertTrue(any(0 < lag < 100 for lag in lags), lags)


class Retries(Base):
    def test_end_in_the_dead_letter_topic(self):
        topic, dead = self.topic_with(10), self.topic()
        code, lines = self.run_peer(topic, throw_at=4, retries=2, dead_letters=dead, until_caught_up=True)
        self.assertEqual((code, self.offsets(lines)), (0, [0, 1, 2, 3, 5, 6, 7, 8, 9]))
        self.assertEqual(len(notices_of(lines, "retrying")), 2)
        letters = records.read_all(KAFKA, dead, 1)
        self.assertEqual([dict(letter.headers)["tenter-dead-reason"] for letter in letters], [b"as was asked"])
        self.assertEqual(self.committed(topic), [10])


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
