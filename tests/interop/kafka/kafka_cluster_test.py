#!/usr/bin/env python3
"""Goal: a test can kill its own Kafka and have it back, and no Kafka outlives the test that started it.
Method: brokers are killed, frozen, orphaned, and started where a port is taken or where a former run left one."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import kafka_cluster
import records
from confluent_kafka import KafkaException
from kafka_cluster import KafkaCluster, KafkaError

FIXTURE = os.path.join(kafka_cluster.HERE, "fixture.py")


def wait_for_the_end(pid, seconds=30):
    """Until that process has ended; a descriptor of it becomes readable then."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = select.select([descriptor], [], [], seconds)[0]
    os.close(descriptor)
    if not ended:
        raise AssertionError(f"process {pid} still runs after {seconds} s")


class OneBroker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = cls.enterClassContext(KafkaCluster())

    def test_what_was_acknowledged_is_there_after_kill_9_on_the_same_port(self):
        topic, port, pid = self.kafka.create_topic("incoming.project.kill", 2), self.kafka.port, self.kafka.pid
        sent = [(b"%d" % number, b"before", []) for number in range(1000)]
        records.send_all(self.kafka, topic, sent)
        self.kafka.kill()
        self.assertFalse(self.kafka.is_alive())
        self.kafka.restart()
        self.assertEqual(self.kafka.port, port)
        self.assertNotEqual(self.kafka.pid, pid)
        records.send_all(self.kafka, topic, [(b"after", b"after", [])])
        read = records.read_all(self.kafka, topic, 1001)
        self.assertEqual(sorted((record.key, record.value, record.headers) for record in read), sorted([*sent, (b"after", b"after", [])]))

    def test_it_comes_back_after_an_orderly_end(self):
        topic = self.kafka.create_topic("incoming.project.stop")
        records.send_all(self.kafka, topic, [(None, b"before", [])])
        self.kafka.stop()
        self.kafka.restart()
        self.assertEqual([record.value for record in records.read_all(self.kafka, topic, 1)], [b"before"])

    def test_a_frozen_one_answers_nobody_until_it_thaws(self):
        admin = self.kafka.admin()
        admin.list_topics(timeout=30)
        self.kafka.freeze()
        self.addCleanup(self.kafka.thaw)  # in any case: other tests use it
        with self.assertRaises(KafkaException):
            admin.list_topics(timeout=1)
        self.kafka.thaw()
        admin.list_topics(timeout=30)

    def test_a_second_start_is_refused(self):
        with self.assertRaisesRegex(KafkaError, "is running"):
            self.kafka.restart()


class Ends(unittest.TestCase):
    def start_in_another_process(self):
        """(that process, the broker's id, its folder)"""
        program = ("import kafka_cluster, sys\n"
                   "kafka = kafka_cluster.KafkaCluster().start()\n"
                   "print(kafka.pid, kafka.folder, flush=True)\n"
                   "sys.stdin.read()\n")
        owner = subprocess.Popen([sys.executable, "-c", program], cwd=kafka_cluster.HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(owner.wait)
        self.addCleanup(owner.kill)
        self.addCleanup(owner.stdin.close)
        self.addCleanup(owner.stdout.close)
        pid, folder = owner.stdout.readline().split()
        return owner, int(pid), folder

    def test_a_broker_ends_with_a_test_that_is_killed(self):
        owner, pid, folder = self.start_in_another_process()
        self.assertIsNotNone(kafka_cluster.start_of_process(pid))
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            keeper = int(stat.read().rpartition(")")[2].split()[1])
        owner.send_signal(signal.SIGKILL)
        wait_for_the_end(keeper)
        self.assertIsNone(kafka_cluster.start_of_process(pid))
        self.assertFalse(os.path.exists(folder))

    def test_a_taken_port_is_left_and_others_are_tried(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            choices = [[taken.getsockname()[1], *kafka_cluster.free_ports(2)], kafka_cluster.free_ports(3)]
            with mock.patch("kafka_cluster.free_ports", side_effect=choices), KafkaCluster() as kafka:
                self.assertEqual(kafka.port, choices[1][0])
                kafka.create_topic("incoming.project.port")


class Fixture(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.facts = os.path.join(folder.name, "kafka.json")

    def fixture(self, *arguments):
        return subprocess.run([sys.executable, FIXTURE, *arguments], env={**os.environ, "TENTER_KAFKA": self.facts}, capture_output=True,
                              text=True, timeout=180)

    def start(self):
        done = self.fixture("start")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.facts, encoding="utf-8") as file:
            return json.load(file)

    def test_a_broker_of_a_former_run_is_cleared_away(self):
        former = self.start()
        latter = self.start()
        self.assertIsNone(kafka_cluster.start_of_process(former["pid"]))
        self.assertIsNotNone(kafka_cluster.start_of_process(latter["pid"]))
        self.assertEqual(self.fixture("stop").returncode, 0)
        self.assertIsNone(kafka_cluster.start_of_process(latter["pid"]))
        self.assertFalse(os.path.exists(self.facts))

    def test_a_broker_that_ended_by_itself_is_reported_and_started_anew(self):
        facts = self.start()
        os.kill(facts["pid"], signal.SIGKILL)
        wait_for_the_end(facts["pid"])
        with mock.patch.dict(os.environ, TENTER_KAFKA=self.facts), self.assertRaisesRegex(KafkaError, "has ended"):
            kafka_cluster.running()
        done = self.fixture("stop")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ended while tests used it", done.stderr)
        with open(self.facts, "w", encoding="utf-8") as file:
            file.write('{"pid": ')  # as a crash may leave it
        self.start()
        self.assertEqual(self.fixture("stop").returncode, 0)

    def test_another_process_with_the_id_of_a_former_broker_is_left_alone(self):
        with open(self.facts, "w", encoding="utf-8") as file:
            json.dump({"bootstrap": "", "port": 1, "users": {}, "ca": "", "ca_path": "", "log_path": "", "pid": os.getpid(), "started": 1}, file)
        self.assertIn("ended while tests used it", self.fixture("stop").stderr)

    def test_run_surrounds_a_command(self):
        command = "import kafka_cluster; print(kafka_cluster.running().bootstrap)"
        done = self.fixture("run", "env", f"PYTHONPATH={kafka_cluster.HERE}", sys.executable, "-c", command)
        self.assertRegex(done.stdout, r"localhost:\d+\n$")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(os.path.exists(self.facts))


if __name__ == "__main__":
    unittest.main(verbosity=2)
