#!/usr/bin/env python3
"""Our consumer in one group with members that other code makes, as the Mister Webhooks clients are. Argument: the program consume_peer."""

import json
import pathlib
import random
import subprocess
import sys
import threading
import time
import unittest

import make_records  # puts the folder of kafka_cluster on the path
import kafka_cluster
import pinned_packages  # noqa: F401
from confluent_kafka import Consumer

PEER = pathlib.Path(sys.argv[1]).resolve(strict=True)
USER = "project.members"
DEADLINE_SECONDS = 60


class Members(unittest.TestCase):
    def setUp(self):
        self.kafka = kafka_cluster.running()
        self.topic = self.kafka.create_topic(f"incoming.members.{random.randrange(10**9)}", 4)

    def other_member(self, strategy):
        """The partitions of a member, as they are by now. First it has all, and it keeps polling until the test ends."""
        consumer = Consumer(self.kafka.client_config(USER, {"group.id": USER, "partition.assignment.strategy": strategy,
                                                            "auto.offset.reset": "earliest", "enable.auto.commit": False}))
        partitions = set()  # asked for by `assignment` they would be a deadlock: it waits for `poll` with Python's lock in its hands
        consumer.subscribe([self.topic], on_assign=lambda _, assigned: partitions.update(one.partition for one in assigned),
                           on_revoke=lambda _, revoked: partitions.difference_update(one.partition for one in revoked))
        ending = threading.Event()

        def poll():
            while not ending.is_set():
                consumer.poll(0.05)

        thread = threading.Thread(target=poll)
        thread.start()

        def close():
            ending.set()
            thread.join()
            consumer.close()

        self.addCleanup(close)
        self.wait_for(lambda: len(partitions) == 4, "the other member has all partitions")
        return partitions

    def wait_for(self, holds, what):
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not holds():
            self.assertLess(time.monotonic(), deadline, what)
            threading.Event().wait(0.02)

    def peer(self):
        peer = subprocess.Popen([PEER, self.kafka.facts()["profiles"][USER], self.topic], stdout=subprocess.PIPE, text=True)
        watchdog = threading.Timer(DEADLINE_SECONDS, peer.kill)
        watchdog.start()
        self.addCleanup(watchdog.cancel)
        self.addCleanup(peer.wait)
        self.addCleanup(peer.stdout.close)
        self.addCleanup(peer.kill)
        return peer

    def test_it_shares_a_group_with_a_member_that_offers_only_roundrobin(self):
        others = self.other_member("roundrobin")
        for line in map(json.loads, self.peer().stdout):
            self.assertNotIn("error", line)
            if line.get("notice") == "assigned" and line["partitions"]:
                break
        ours = {partition for _, partition in line["partitions"]}
        self.assertEqual(len(ours), 2)
        self.wait_for(lambda: others == {0, 1, 2, 3} - ours, "the rest is the other's")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
