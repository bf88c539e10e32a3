#!/usr/bin/env python3
"""Goal: docs/forward.md, "From one machine to a cluster", does what it says, step by step: the topics are made by the commands that are printed, the
copy may be interrupted, and afterwards the same sources go on in Kafka. Method: the steps, with the real program and Kafka's own kafka-topics."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "kafka"), os.path.join(HERE, "..", "..", "e2e")]

import kafka_cluster  # noqa: E402
import records  # noqa: E402
from confluent_kafka import Consumer, TopicPartition  # noqa: E402
from gateway_process import Gateway  # noqa: E402
from kafka_readers import HERE as KAFKA_TOOLS  # noqa: E402
from kafka_readers import environment  # noqa: E402

KAFKA = kafka_cluster.running()
PROGRAM = os.environ["TENTER_PROGRAM"]
LARGE, LARGE_BYTES = 30, 1_000_000  # what the command copies for long enough to be interrupted
KEYS = 7
CONFIG = """data = "./data"
[http]
listen = ["127.0.0.1:8080"]
[forward]
bootstrap = ["{bootstrap}"]
username = "tenter"
password = {{ file = "password" }}
ca = "{ca}"
topic = "{prefix}.{{source}}"
[[source]]
name = "shop"
verify = "none"
key = "header:X-Key"
partitions = 3
"""
ADMIN = """security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="tenter" password="{password}";
ssl.truststore.type=PEM
ssl.truststore.location={ca}
"""


class Migration(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.prefix = f"incoming.{uuid.uuid4().hex[:8]}"
        self.topic = f"{self.prefix}.shop"
        self.write("password", KAFKA.users["tenter"])

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def tenter(self, *arguments):
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)

    def post(self, gateway, count, size=20):
        ids = []
        for number in range(count):
            status, answer, _ = gateway.post("/shop", b"x" * size, {"X-Key": f"k{number % KEYS}", "content-type": "text/plain"})
            self.assertEqual(status, 200, answer)
            ids.append(answer["id"])
        return ids

    def make_topics(self):
        """By the printed commands, where kafka-topics.sh is Kafka's own."""
        jars = os.path.join(environment("maven", KAFKA_TOOLS), "jars", "*")
        self.write("kafka-topics.sh", f'#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -cp "{jars}" org.apache.kafka.tools.TopicCommand "$@"\n')
        os.chmod(os.path.join(self.folder, "kafka-topics.sh"), stat.S_IRWXU)
        self.write("admin.properties", ADMIN.format(password=KAFKA.users["tenter"], ca=KAFKA.ca_path))
        printed = self.tenter("config", "topics")
        self.assertEqual(printed.returncode, 0, printed.stderr)
        done = subprocess.run(["sh", "-e"], input=printed.stdout, cwd=self.folder, capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(KAFKA.admin().list_topics(self.topic, timeout=30).topics[self.topic].partitions), 3)

    def forward_until_interrupted(self):
        """Ctrl-C once something is there."""
        command = subprocess.Popen([PROGRAM, "log", "forward", "--until-caught-up"], cwd=self.folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        consumer = Consumer(KAFKA.client_config(more={"group.id": self.prefix, "isolation.level": "read_committed", "log_level": 0}))
        self.addCleanup(consumer.close)
        deadline = time.monotonic() + 60
        while not any(consumer.get_watermark_offsets(TopicPartition(self.topic, partition), timeout=30)[1] for partition in range(3)):
            self.assertLess(time.monotonic(), deadline, "nothing was forwarded")
            if command.poll() is not None:
                self.fail(f"it ended before: {command.communicate()}")
            threading.Event().wait(0.01)
        command.send_signal(signal.SIGINT)
        output, errors = command.communicate(timeout=60)
        return command.returncode, output, errors

    def tail_of_kafka(self, count):
        """The ids of the events that `tenter tail TOPIC --profile` shows."""
        profile = KAFKA.write_profile(os.path.join(self.folder, "profile.json"), "tenter")
        done = self.tenter("tail", self.topic, "--profile", profile, "--from", "earliest", "--limit", str(count), "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line)["id"] for line in done.stdout.splitlines()]

    def test_the_documented_steps_move_a_log_to_a_cluster_where_its_sources_go_on(self):
        self.write("tenter.toml", CONFIG.format(bootstrap=KAFKA.bootstrap, ca=KAFKA.ca_path, prefix=self.prefix))
        self.make_topics()
        self.write("local.toml", re.sub(r"\[forward\].*?(?=\[\[source)", "", self.read("tenter.toml"), flags=re.S))
        with Gateway(PROGRAM, self.folder, "local.toml") as gateway:
            ids = self.post(gateway, 3 * KEYS) + self.post(gateway, LARGE, LARGE_BYTES)
            self.assertEqual(gateway.stop(), 0)

        code, output, errors = self.forward_until_interrupted()
        self.assertEqual(code, 1, output + errors)
        self.assertIn("stopped before the end; the same command goes on from there", errors)
        self.assertNotIn("Everything is forwarded", output)
        done = self.tenter("log", "forward", "--until-caught-up")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Everything is forwarded.", done.stdout)
        rows = {int(row[0]): (int(row[1]), int(row[2])) for row in re.findall(rf"shop +(\d) +{re.escape(self.topic)} +(\d+) +(\d+)", done.stdout)}
        self.assertEqual(sum(local for local, _ in rows.values()), len(ids))

        self.write("tenter.toml", self.read("tenter.toml").replace("[forward]", '[log]\nkind = "kafka"'))
        with Gateway(PROGRAM, self.folder) as gateway:
            self.assertIn(f"tail {self.topic} --profile FILE", gateway.screen)
            later = self.post(gateway, 2 * KEYS)
            self.assertEqual(gateway.stop(), 0)
        everything = records.read_all(KAFKA, self.topic, len(ids) + len(later))
        self.assertEqual(sorted(dict(record.headers)["tenter-id"].decode() for record in everything), sorted(ids + later))
        partition_of = {record.key: record.partition for record in everything if record.offset < rows[record.partition][1]}
        self.assertEqual(len(partition_of), KEYS)
        for record in everything:
            self.assertEqual(record.partition, partition_of[record.key])  # a key's events stay in order
            if dict(record.headers)["tenter-id"].decode() in later:
                self.assertGreaterEqual(record.offset, rows[record.partition][1])  # where consumers were told to go on
        self.assertEqual(sorted(self.tail_of_kafka(len(ids) + len(later))), sorted(ids + later))

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()


if __name__ == "__main__":
    unittest.main(verbosity=2)
