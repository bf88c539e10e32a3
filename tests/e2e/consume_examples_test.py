#!/usr/bin/env python3
"""The examples that consume do what their first lines promise, against the Kafka of this test run: right payloads, in order, everything committed
at an orderly end. Records are made and read by code that is not Tenter's. Argument: the folder of the programs."""

import json
import os
import pathlib
import random
import signal
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "interop", folder) for folder in ("kafka", "mister_webhooks")]

import kafka_cluster  # noqa: E402
import make_records  # noqa: E402
import records  # noqa: E402
from example_program import ExampleProgram  # noqa: E402

PROGRAMS = pathlib.Path(sys.argv[1]).resolve(strict=True)
USER = "project.examples"  # no other test has its group


def enveloped(payload, encoding="JSON"):
    octets = make_records.envelope(make_records.Chance(1), "POST", {"content-type": ["application/json"]}, payload, encoding)
    return octets, [("envelope", b"\x80")]


class ConsumeExamples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kafka = kafka_cluster.running()
        cls.profile = cls.kafka.facts()["profiles"][USER]

    def topic(self, partitions=1):
        return self.kafka.create_topic(f"incoming.examples.{self._testMethodName[5:30]}.{random.randrange(10**9)}", partitions,
                                       make_records.topic_config())

    def start(self, name, *arguments):
        program = ExampleProgram(PROGRAMS, name, *arguments)
        self.addCleanup(program.close)
        return program

    def produce(self, topic, seed, count):
        """The payloads that a reader must find, as JSON."""
        made = make_records.generate(seed, count)
        make_records.produce(self.kafka, topic, made)
        return [one.expected["payload_json"] for one in made if one.expected["kind"] == "event"]

    def assert_prints(self, program, payloads):
        self.assertEqual([json.loads(line) for line in program.lines(len(payloads))], payloads)

    def consumes_and_goes_on_where_it_stopped(self, name, last_words):
        topic = self.topic()
        payloads = self.produce(topic, seed=11, count=300)
        program = self.start(name, topic, self.profile)
        self.assert_prints(program, payloads)
        more = self.produce(topic, seed=12, count=50)
        self.assert_prints(program, more)
        self.assertEqual(program.end(signal.SIGTERM), (0, last_words))
        more = self.produce(topic, seed=13, count=50)
        again = self.start(name, topic, self.profile)
        self.assert_prints(again, more)
        self.assertEqual(again.end(signal.SIGINT), (0, last_words), "nothing came twice")

    def test_consume(self):
        self.consumes_and_goes_on_where_it_stopped("consume", "")

    def test_consume_coroutine(self):
        self.consumes_and_goes_on_where_it_stopped("consume_coroutine", "stopped\n")

    def test_consume_typed_saves_in_order_of_keys_and_keeps_what_it_cannot_save(self):
        topic, dead = self.topic(partitions=3), self.topic()
        orders = [(f"customer {number % 7}".encode(), {"id": f"{number % 7}-{number:03}", "total": number / 4}) for number in range(100)]
        made = [(key, *enveloped(json.dumps(order).encode())) for key, order in orders]
        made[40:40] = [(b"customer 3", *enveloped(b'{"id": "3-negative", "total": -1}')),
                       (b"customer 4", *enveloped(b'{"total": 5}')),
                       (b"customer 5", *enveloped(b"\x83\x01\x02", "CBOR")),
                       (b"customer 6", b"no Avro at all", [("envelope", b"\x80")])]
        records.send_all(self.kafka, topic, made)
        program = self.start("consume_typed", topic, self.profile, dead)
        saved = program.lines(len(orders))
        for customer in range(7):
            self.assertEqual([line for line in saved if line.startswith(f"saved {customer}-")],
                             [f"saved {order['id']}: {order['total']:.2f}" for key, order in orders if key == f"customer {customer}".encode()])
        letters = records.read_all(self.kafka, dead, count=4)
        self.assertEqual(sorted((letter.key, letter.value) for letter in letters), sorted((key, value) for key, value, _ in made[40:44]))
        reasons = {letter.key: dict(letter.headers)["tenter-dead-reason"].decode() for letter in letters}
        self.assertEqual(reasons[b"customer 3"], "a negative total")
        self.assertIn("id", reasons[b"customer 4"])
        self.assertEqual({dict(letter.headers)["tenter-dead-topic"].decode() for letter in letters}, {topic})
        self.assertEqual(program.end(), (0, "stopped\n"))

        records.send_all(self.kafka, topic, [(b"customer 1", *enveloped(b'{"id": "last", "total": 1}'))])
        again = self.start("consume_typed", topic, self.profile, dead)
        self.assertEqual(again.line(), "saved last: 1.00")
        self.assertEqual(again.end(), (0, "stopped\n"), "nothing came twice")

    def test_a_wrong_secret_ends_them_with_its_name(self):
        profile = json.loads(pathlib.Path(self.profile).read_text(encoding="utf-8"))
        profile["auth"]["secret"] = "not this"
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name, "profile.json")
        path.write_text(json.dumps(profile), encoding="utf-8")
        for name in ("consume", "consume_coroutine"):
            program = self.start(name, self.topic(), str(path))
            _, said = program.process.communicate(timeout=30)
            self.assertEqual(program.process.returncode, 1)
            self.assertIn("secret", said.decode())
            self.assertNotIn("not this", said.decode())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
