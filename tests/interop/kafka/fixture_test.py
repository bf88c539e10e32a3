#!/usr/bin/env python3
"""Goal: the Kafka that tests are given is what Mister Webhooks runs: one that only TLS 1.3, its own authority and a known secret open.
Method: clients that lack one of these are refused by the broker of this ctest run, and one that lacks none writes and reads."""

import json
import os
import socket
import ssl
import tempfile
import time
import unittest
import uuid

import certificates
import kafka_cluster
import records
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

KAFKA = kafka_cluster.running()


def name_of(test):
    """A topic of its own for each run of each test, so that several may share a broker."""
    return f"incoming.{test}.{uuid.uuid4().hex[:8]}"


class Fixture(unittest.TestCase):
    def test_what_is_written_is_read(self):
        topic = KAFKA.create_topic(name_of("read"), partitions=3)
        written = [(b"key %d" % number, b"value %d" % number, [("envelope", b"\x80"), ("envelope", None)], 1_000_000 + number)
                   for number in range(500)]
        records.send_all(KAFKA, topic, written)
        read = records.read_all(KAFKA, topic, 500)
        self.assertEqual(sorted((record.key, record.value, record.headers, record.timestamp) for record in read), sorted(written))
        for partition in range(3):
            offsets = [record.offset for record in read if record.partition == partition]
            self.assertEqual(offsets, list(range(len(offsets))))

    def test_a_group_reads_on_where_it_was(self):
        topic, group = KAFKA.create_topic(name_of("group")), uuid.uuid4().hex
        records.send_all(KAFKA, topic, [(None, b"first", [])])
        self.assertEqual([record.value for record in records.read_all(KAFKA, topic, 1, group)], [b"first"])
        records.send_all(KAFKA, topic, [(None, b"second", [])])
        self.assertEqual([record.value for record in records.read_all(KAFKA, topic, 1, group)], [b"second"])

    def test_reading_ends_at_its_deadline(self):
        topic = KAFKA.create_topic(name_of("deadline"))
        with self.assertRaisesRegex(AssertionError, "0 of 1 records within 1 s"):
            records.read_all(KAFKA, topic, 1, seconds=1)

    def test_every_user_is_let_in_with_its_secret_only(self):
        for user in KAFKA.users:
            AdminClient(KAFKA.client_config(user)).list_topics(timeout=30)
        self.refused({"sasl.password": "wrong"}, "Authentication failed")

    def test_an_unknown_authority_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            self.refused({"ssl.ca.location": certificates.make_authority(folder)}, "certificate verify failed")

    def refused(self, change, why):
        said = []
        admin = AdminClient(KAFKA.client_config(more={**change, "log_level": 0, "error_cb": lambda error: said.append(error.str())}))
        with self.assertRaises(KafkaException):
            admin.list_topics(timeout=1)
        deadline = time.monotonic() + 30
        while not said and time.monotonic() < deadline:
            admin.poll(1)
        self.assertRegex("\n".join(said), why)

    def test_tls_1_3_is_spoken_and_1_2_refused(self):
        self.assertEqual(self.version_of(ssl.TLSVersion.TLSv1_3), "TLSv1.3")
        with self.assertRaisesRegex(ssl.SSLError, "PROTOCOL_VERSION|protocol version"):
            self.version_of(ssl.TLSVersion.TLSv1_2)

    @staticmethod
    def version_of(newest):
        context = ssl.create_default_context(cafile=KAFKA.ca_path)
        context.maximum_version = newest
        with socket.create_connection(("localhost", KAFKA.port), 30) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as secure:
                return secure.version()

    def test_no_client_makes_a_topic_by_naming_it(self):
        name = name_of("absent")
        self.assertIsNotNone(KAFKA.admin().list_topics(name, timeout=30).topics[name].error)
        self.assertNotIn(name, KAFKA.admin().list_topics(timeout=30).topics)

    def test_the_file_tells_other_languages_all_they_need(self):
        with open(os.environ["TENTER_KAFKA"], encoding="utf-8") as file:
            facts = json.load(file)
        self.assertEqual(facts["bootstrap"], f"{facts['host']}:{facts['port']}")
        with open(facts["ca_path"], encoding="ascii") as file:
            self.assertEqual(facts["ca"], file.read())
        for user, secret in facts["users"].items():
            with open(facts["profiles"][user], encoding="utf-8") as file:
                profile = json.load(file)
            self.assertEqual(profile, {"consumer_name": user, "auth": {"mechanism": "plain", "secret": secret},
                                       "kafka": {"bootstrap": facts["bootstrap"], "ca": facts["ca"]}})


if __name__ == "__main__":
    unittest.main(verbosity=2)
