#!/usr/bin/env python3
"""Goal: a broker that dies and comes back interrupts a tail and a consumer, and ends neither.
Method: a Kafka of the test's own is killed and started again while both run."""

import os
import signal
import tempfile
import unittest

import program
from kafka_cluster import KafkaCluster
from program import Running


class Reconnect(unittest.TestCase):
    def test_both_say_that_the_connection_is_lost_and_go_on_when_it_is_back(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        kafka = self.enterContext(KafkaCluster())
        profile = kafka.write_profile(os.path.join(folder, "profile.json"), program.USER)
        topic = program.new_topic(kafka, "reconnect")
        program.send(kafka, topic, [b'"before"'])
        both = [Running(self, "tail", topic, "--profile", profile, "--follow", "--json"),
                Running(self, "consume", topic, "--profile", profile, "--exec", "cat; echo")]
        self.assertEqual(both[0].event()["body"], '"before"')
        self.assertEqual(both[1].line(), '"before"')
        kafka.kill()
        for one in both:
            self.assertRegex(one.line("stderr"), "^tenter: connection lost: .*; trying again$")
        kafka.restart()
        program.send(kafka, topic, [b'"after"'])
        self.assertEqual(both[0].event()["body"], '"after"')
        line = both[1].line()
        while line == '"before"':  # it was not committed when the broker died
            line = both[1].line()
        self.assertEqual(line, '"after"')
        for one in both:
            self.assertEqual(one.line("stderr"), "tenter: connected again")
            one.signal(signal.SIGINT)
            self.assertEqual(one.wait(), 0)
        self.assertEqual(program.committed(kafka, topic, program.USER), [2])


if __name__ == "__main__":
    unittest.main(verbosity=2)
