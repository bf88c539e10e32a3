#!/usr/bin/env python3
"""Goal: a broker that dies interrupts a consumer, and does not end it; it says so, goes on by itself and skips nothing.
Method: a Kafka of the test's own is killed right after the consumer has joined, and amid its events. Argument: the program consume_peer."""

import os
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "mister_webhooks"))

import make_records  # noqa: E402: first, it finds the others
import records  # noqa: E402
from kafka_cluster import KafkaCluster  # noqa: E402

from peer_process import Peer, events_of, notices_of  # noqa: E402

PROGRAM = sys.argv[1]
WEBHOOK = (b"\x04\x00\x04{}\x00", [("envelope", b"\x80")])  # POST, no headers, "{}", JSON


class Restarts(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.kafka = self.enterContext(KafkaCluster())
        self.profile = self.kafka.write_profile(os.path.join(self.folder, "profile.json"), "project.alpha")
        self.topic = self.kafka.create_topic("incoming.restart", 2, make_records.topic_config())
        self.sent = 0

    def send(self, count):
        records.send_all(self.kafka, self.topic, [(b"%d" % number, *WEBHOOK) for number in range(self.sent, self.sent + count)])
        self.sent += count

    def restart(self, peers, times):
        """Kills it, and starts it again once the consumers have noticed."""
        self.kafka.kill()
        for peer in peers:
            peer.wait_for(lambda lines: len(notices_of(lines, "disconnected")) == times, "it says that no broker is there")
        self.kafka.restart()
        for peer in peers:
            peer.wait_for(lambda lines: len(notices_of(lines, "connected")) == times + 1, "it says that one is there again")

    def test_of_the_broker_are_told_and_nothing_is_skipped(self):
        peers = [self.enterContext(Peer(PROGRAM, self.profile, self.topic, group=f"group-{workers}", brief=True, each_ms=1, workers=workers,
                                        session_timeout=6000)) for workers in (1, 4)]
        for peer in peers:
            peer.wait_for(lambda lines: notices_of(lines, "assigned"), "it has joined")
        self.restart(peers, times=1)  # before the first heartbeats: then librdkafka never says that all brokers are down
        self.send(1000)
        for peer in peers:
            peer.wait_for_events(100)
        self.restart(peers, times=2)
        self.send(1000)
        for peer in peers:
            peer.wait_for(lambda lines: len({(event["partition"], event["offset"]) for event in events_of(lines)}) == self.sent, "all")
            for notice in notices_of(peer.lines, "disconnected"):
                self.assertNotEqual(notice["message"], "")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
