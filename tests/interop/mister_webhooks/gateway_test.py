#!/usr/bin/env python3
"""Goal: what the gateway keeps in Kafka is what was posted, in the eyes of the Mister Webhooks client and of fastavro and cbor2.
Method: requests of every method and kind of content go to a gateway whose log is a topic of this ctest run's Kafka. Each record is decoded by
fastavro and cbor2 and compared with its request; the client from PyPI reads them all, and must find the same."""

import collections
import concurrent.futures
import http.client
import json
import os
import sys
import tempfile
import unittest
import urllib.parse
import uuid

import make_records  # first: it finds the others
import cbor2
import kafka_cluster
import records
from decode_envelopes import decode_envelope
from mister_webhooks_test import read

import json_form

sys.path.insert(0, os.path.join(make_records.HERE, "..", "..", "e2e"))

from gateway_process import Gateway  # noqa: E402

KAFKA = kafka_cluster.running()
USER = "project.gamma"
SEED = int(os.environ.get("TENTER_SEED", "20261125"))
COUNT, SENDERS = 2000, 16
MIB = 1 << 20
CONFIG = """
[log]
kind = "kafka"
bootstrap = ["{bootstrap}"]
username = "tenter"
password = {{ file = "password" }}
ca = "{ca}"
topic = "{prefix}.{{source}}"

[[source]]
name = "shop"
methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]
verify = "none"
key = "header:X-Key"
"""

Request = collections.namedtuple("Request", "method headers body")  # headers: [(name, octets)]


def contents(chance, number):
    """(content type or None, body)"""
    match chance.randrange(9):
        case 0 | 1 | 2:
            return "application/json", make_records.write_json(chance, make_records.json_value(chance))
        case 3:
            return None, make_records.write_json(chance, make_records.json_value(chance))
        case 4:
            return "application/cbor", make_records.write_cbor(chance, make_records.cbor_value(chance))
        case 5:
            return "application/x-www-form-urlencoded", b"n=%d&name=gr%%C3%%B6%%C3%%9Fer" % number
        case 6:
            return "text/plain", "größer, 日本語 😀\r\n".encode() * chance.randrange(1, 20)
        case 7:
            return "application/json", b'{"cut off": ' + chance.octets()
        case _:
            return "application/octet-stream", b"\xff\xfe" + chance.octets(2000)


def request(chance, number):
    method = chance.choice(make_records.METHODS)
    content_type, body = contents(chance, number)
    if method == "HEAD" or chance.often(0.05):
        content_type, body = None, b""
    if number == COUNT // 2:
        method, content_type, body = "PUT", "application/octet-stream", b"\xff" + chance.randbytes(MIB - 1)
    headers = [("x-number", b"%d" % number), ("x-key", b"key %d" % chance.randrange(20)), ("x-city", "Zürich".encode()),
               ("x-latin", b"Z\xfcrich \xff"), ("x-empty", b"")]
    headers += [("forwarded", b"for=192.0.2.%d" % part) for part in range(chance.randrange(4))]
    if content_type:
        headers.append(("content-type", content_type.encode()))
    return Request(method, headers, body)


def as_text(octets):
    """As the gateway stores a header's value."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def lists(headers):
    found = {}
    for name, value in headers:
        found.setdefault(name, []).append(as_text(value))
    return found


def send(url, requests):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    for one in requests:
        connection.putrequest(one.method, "/shop?n=1", skip_accept_encoding=True)
        for name, value in one.headers:
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(one.body)))
        connection.endheaders(one.body)
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{one.method}: {answer.status} {said}")
    connection.close()


def number_of(headers):
    return int(headers["x-number"][0])


class GatewayOnKafka(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        prefix = f"incoming.{uuid.uuid4().hex[:8]}"
        cls.topic = KAFKA.create_topic(f"{prefix}.shop", 1, make_records.topic_config())
        with open(os.path.join(cls.folder, "password"), "w", encoding="ascii") as file:
            file.write(KAFKA.users["tenter"])
        with open(os.path.join(cls.folder, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(bootstrap=KAFKA.bootstrap, ca=KAFKA.ca_path, prefix=prefix))
        chance = make_records.Chance(SEED)
        cls.requests = [request(chance, number) for number in range(COUNT)]
        with Gateway(os.environ["TENTER_PROGRAM"], cls.folder) as gateway:
            with concurrent.futures.ThreadPoolExecutor(SENDERS) as pool:
                list(pool.map(lambda sender: send(gateway.url, cls.requests[sender::SENDERS]), range(SENDERS)))
            if gateway.stop() != 0:
                raise AssertionError(gateway.errors())
        cls.stored = records.read_all(KAFKA, cls.topic, COUNT)
        cls.envelopes = [decode_envelope(record.value) for record in cls.stored]

    def test_other_code_finds_in_each_record_what_was_sent(self):
        numbers = [number_of(envelope["headers"]) for envelope in self.envelopes]
        self.assertEqual(sorted(numbers), list(range(COUNT)), "each once")
        for sender in range(SENDERS):
            self.assertEqual([number for number in numbers if number % SENDERS == sender], list(range(sender, COUNT, SENDERS)), "in their order")
        self.assertEqual({one.method for one in self.requests}, set(make_records.METHODS))
        for record, envelope in zip(self.stored, self.envelopes, strict=True):
            one = self.requests[number_of(envelope["headers"])]
            sent = lists(one.headers)
            self.assertEqual(envelope["method"], one.method)
            self.assertEqual({name: envelope["headers"].get(name) for name in sent}, sent)
            self.assertEqual(envelope["body"], one.body)
            self.assertEqual(record.key, dict(one.headers)["x-key"])
            self.assertEqual(dict(record.headers)["envelope"], b"\x80")

    def test_the_client_from_pypi_finds_the_same(self):
        profile = KAFKA.write_profile(os.path.join(self.folder, "profile.json"), USER)
        code, said = read("consume", self.topic, profile, str(COUNT))
        self.assertEqual((code, len(said)), (0, COUNT), said[-1:])
        for event, envelope, record in zip(said, self.envelopes, self.stored, strict=True):
            self.assertEqual((event["method"], event["headers"]), (envelope["method"], envelope["headers"]))
            self.assertEqual((event["offset"], event["timestamp_ms"]), (record.offset, record.timestamp))
            decode = json.loads if envelope["encoding"] == "JSON" else cbor2.loads
            self.assertEqual(event["payload"], json_form.exact(decode(envelope["payload"])))


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(verbosity=2)
