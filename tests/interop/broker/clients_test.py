#!/usr/bin/env python3
"""Goal: unmodified clients of Kafka read what Tenter has received as they read from Kafka.
Method: a driver around each client goes through the same scenario (scenarios.py) against a real Kafka and against a real `tenter serve`, over
SASL_SSL. What each has read is held against what the log holds in the eyes of Kafka's own FileRecords, octet by octet. Argument: the program consume_peer."""

import concurrent.futures
import os
import statistics
import sys
import tempfile
import threading
import unittest
import uuid

from clients import CLIENTS, HERE, scratch

sys.path[1:1] = [os.path.join(HERE, "..", "..", "e2e"), os.path.join(HERE, "..", "kafka"), os.path.join(HERE, "..", "kafka_tools")]

import pinned_packages  # noqa: E402, F401
import certificates  # noqa: E402
import events  # noqa: E402
import sides  # noqa: E402
from decode_envelopes import decode_envelope  # noqa: E402
from driver import Driver  # noqa: E402
from gateway_process import Gateway  # noqa: E402
from scenarios import Scenario, Together, since  # noqa: E402

PROGRAM = os.environ["TENTER_PROGRAM"]
SEED = int(os.environ.get("TENTER_SEED", "20261125"))
CHOSEN = os.environ.get("TENTER_CLIENTS", "").split()
MOST_STARTING = 3  # processes at once: a Java machine keeps a core busy for two seconds
# 1 to 10 ms where nothing else runs. A client's wait for what is new is 500 ms to 10 s long: one that a new event does not wake is late by that.
WOKEN_SECONDS = 0.1
CLIENTS = [client for client in CLIENTS if client.name in CHOSEN or not CHOSEN]
CONFIG = f"""
[kafka]
topic_prefix = "{sides.PREFIX}"
"""
SOURCE = """
[[source]]
name = "{name}"
verify = "none"
key = "header:X-Key"
partitions = {partitions}
"""


def setUpModule():
    unittest.enterModuleContext(scratch())


def build_all():
    """What there is to build, before several ask for it at once."""
    for client in CLIENTS:
        client.command()


def by_place(records):
    return {record.place: record for record in records}


def all_in_order(records):
    """Whether each partition's records come in their order, each once."""
    last = {}
    for record in records:
        if record.offset <= last.get(record.partition, -1):
            return False
        last[record.partition] = record.offset
    return True


class Clients(unittest.TestCase):
    """All scenarios run at once; each client has a test that looks at what it found."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.events = events.make(SEED)
        with open(os.path.join(cls.folder, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG + "".join(SOURCE.format(name=name, partitions=sides.PARTITIONS)
                                        for name in ["template", *map(sides.source_of, CLIENTS)]))
        gateway = cls.enterClassContext(Gateway(PROGRAM, cls.folder))
        sender = events.Sender(gateway.url, "template")
        ids = {phase: [sender.send(event) for event in of_phase] for phase, of_phase in cls.events.items()}
        sender.close()
        data = os.path.join(cls.folder, "tenter-data")
        template, stored = sides.template_of(data, "template", ids)
        cls.sides = [sides.KafkaSide(cls.folder, CLIENTS, template, stored, uuid.uuid4().hex[:8]),
                     sides.TenterSide(cls.folder, CLIENTS, gateway, cls.events)]
        for side in cls.sides:
            cls.addClassCleanup(side.close)
        build_all()
        cls.findings = cls.run_all()
        for side in cls.sides:
            side.stop()
        cls.truth = {(side.name, client.name): side.truth(client) for side in cls.sides for client in CLIENTS}

    @classmethod
    def run_all(cls):
        """{(side, client): Findings, or the exception that ended it}"""
        starting = threading.BoundedSemaphore(MOST_STARTING)
        together = Together(len(cls.sides) * len(CLIENTS))
        scenarios = {(side.name, client.name): Scenario(client, side, starting, together) for client in CLIENTS for side in cls.sides}
        with concurrent.futures.ThreadPoolExecutor(len(scenarios)) as pool:
            running = {name: pool.submit(scenario.run) for name, scenario in scenarios.items()}
        return {name: future.exception() or future.result() for name, future in running.items()}

    def check(self, client):
        for side in self.sides:
            with self.subTest(side=side.name):
                found = self.findings[(side.name, client.name)]
                if isinstance(found, BaseException):
                    raise found
                self.check_findings(client, found, by_place(self.truth[(side.name, client.name)]))

    def check_findings(self, client, found, truth):
        self.assertEqual(len(truth), sum(events.PHASES.values()))
        self.assertTrue(all_in_order(found.read), "reads everything in order")
        self.assertEqual(len(found.read), events.PHASES["read"] + events.PHASES["wait"])
        everything = [*found.read, *found.resumed, *found.shared[0], *found.shared[1]]
        for record in [*everything, *found.since]:
            self.check_record(client, record, truth[record.place])
        self.assertTrue(all_in_order(found.resumed))
        for record in found.resumed:
            self.assertGreaterEqual(record.offset, found.resumed_at.get(record.partition, 0), "it goes on from the commit")
        for of_one in found.shared:
            self.assertTrue(all_in_order(of_one), found.shared)
            self.assertTrue(of_one, "both had something to do")
        self.assertEqual(sorted(record.place for record in everything), sorted(truth), "each event once, none is lost")
        if client.can_seek:
            self.assertTrue(all_in_order(found.since))
            self.assertEqual(sorted(record.place for record in found.since), sorted(record.place for record in since(truth.values(), found.time)))
        self.assertLess(statistics.median(found.latencies), WOKEN_SECONDS, found.latencies)

    def check_record(self, client, record, truth):
        if record.decoded is not None:
            method, headers, body = record.decoded
            envelope = decode_envelope(truth.value)
            self.assertEqual((method, headers, body), (envelope["method"], envelope["headers"], envelope["payload"]))
            record = sides.dataclasses.replace(record, value=truth.value, decoded=None)
        if not client.tells_null:
            record = sides.dataclasses.replace(record, key=record.key or None, value=record.value or None)
            truth = sides.dataclasses.replace(truth, key=truth.key or None, value=truth.value or None)
        self.assertEqual(record, truth)

    @classmethod
    def tearDownClass(cls):
        for (side, client), found in sorted(cls.findings.items()):
            if not isinstance(found, BaseException):
                latencies = sorted(round(latency * 1000, 1) for latency in found.latencies)
                print(f"{side:8} {client:16} a new event after {statistics.median(latencies):6} ms, at most {latencies[-1]}", file=sys.stderr)


class ClientsOfAnEd25519Gateway(unittest.TestCase):
    """An authority and a certificate as Mister Webhooks has them, the operator's own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        certificates.make_authority(cls.folder)
        certificates.make_leaf(cls.folder, algorithm=certificates.ED25519)
        with open(os.path.join(cls.folder, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG + 'tls = { certificate = "leaf.crt", key = "leaf.key", ca = "ca.pem" }\n'
                       + SOURCE.format(name="sealed", partitions=sides.PARTITIONS))
        cls.gateway = cls.enterClassContext(Gateway(PROGRAM, cls.folder))
        sender = events.Sender(cls.gateway.url, "sealed")
        cls.sent = [sender.send(event) for event in events.make(SEED)["wait"]]
        sender.close()
        build_all()

    def read(self, client):
        name = f"matrix.{client.name}"
        profile = self.gateway.add_consumer(name, "sealed")
        with Driver(client.command(), profile, f"{sides.PREFIX}sealed", client.group or name, client.environment(profile)) as driver:
            driver.say("consume")
            driver.wait_for(len(self.sent))
            return [dict(record.headers)["tenter-id"].decode() for record in driver.records]

    def test_read_it_as_any_other(self):
        with concurrent.futures.ThreadPoolExecutor(MOST_STARTING) as pool:
            read = {client.name: pool.submit(self.read, client) for client in CLIENTS}
        for name, ids in read.items():
            with self.subTest(client=name):
                self.assertEqual(sorted(ids.result()), sorted(self.sent))


def add_tests():
    for client in CLIENTS:
        name = client.name.replace("-", "_").replace(".", "_")
        setattr(Clients, f"test_{name}_reads_from_either", lambda self, client=client: self.check(client))


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    add_tests()
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=2)
