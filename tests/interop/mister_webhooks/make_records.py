#!/usr/bin/env python3
"""Records as Mister Webhooks stores them, made by code that is not Tenter's (fastavro and cbor2), each with what a reader must find in it.

    made = make_records.generate(seed=7, count=5000, poison=0.001, system=0.01, big=2)
    make_records.produce(kafka, topic, made)                   # a topic of `topic_config()`

    make_records.py --seed 7 --count 5000 [--topic T]          # as JSON lines; with --topic also sent to the Kafka of this ctest run

The same arguments make the same records. `expected`, as JSON can hold it:

    kind          event, system (skip it), poison (an error)
    index         its place among the records; also the Kafka header `index`
    timestamp_ms
    method        POST ...
    headers       {name: [value, ...]}, in the order of the datum; a list may be empty
    encoding      JSON or CBOR
    payload_hex   the payload's octets
    payload       what it decodes to, as json_form.exact has it
    payload_json  the same, as json_form.rfc8949 has it: what tenter/envelope/payload_value.hpp promises
    poison, error instead of these: what is wrong, and which error the client for Python has for it"""

import argparse
import decimal
import io
import itertools
import json
import os
import random
import sys
import typing

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "kafka"))

import pinned_packages  # noqa: E402, F401
import cbor2  # noqa: E402
import fastavro  # noqa: E402
import kafka_cluster  # noqa: E402
import records  # noqa: E402
from decode_envelopes import SCHEMA  # noqa: E402

import json_form  # noqa: E402
from avro_blocks import in_blocks, long  # noqa: E402
from cbor_pieces import in_pieces  # noqa: E402

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
ENCODINGS = ("JSON", "CBOR")
MIB = 1 << 20
FIRST_TIMESTAMP_MS = 1_700_000_000_000
WORDS = ("order", "größer", "日本語", "😀", "", "a b", 'quote"', "back\\slash", "line\nbreak", "\u007f", "null\u0000", "e\u0301")
NAMES = ("content-type", "user-agent", "x-request-id", "accept", "via", "x-größe", "set-cookie", "traceparent", "x-empty", "forwarded", "date")


class Made(typing.NamedTuple):
    key: bytes | None
    value: bytes | None
    headers: list  # of (name, octets)
    expected: dict


def topic_config():
    """A topic takes 1 MiB by default, the envelope included: what `big` makes is above."""
    return {"max.message.bytes": str(4 * MIB)}


class Chance(random.Random):
    def often(self, probability):
        return self.random() < probability

    def number(self):
        return self.choice((0, 1, -1, 23, 24, 255, 256, 65536, (1 << 53) + 1, (1 << 63) - 1, -(1 << 63), self.randrange(-10**6, 10**6)))

    def double(self):
        return self.choice((0.0, -0.0, 1.5, 1e-320, 1.7976931348623157e308, 65504.0, 5.960464477539063e-8, self.uniform(-1e9, 1e9)))

    def text(self):
        return "".join(self.choice(WORDS) for _ in range(self.randrange(5)))

    def octets(self, most=40):
        return self.randbytes(self.randrange(most))


def json_value(chance, depth=3):
    """What both JSON and CBOR can say."""
    kind = chance.randrange(8 if depth > 0 else 6)
    if kind == 6:
        return [json_value(chance, depth - 1) for _ in range(chance.randrange(5))]
    if kind == 7:
        return {f"{chance.text()}{number}": json_value(chance, depth - 1) for number in range(chance.randrange(5))}
    return (None, chance.often(0.5), chance.number(), chance.double(), chance.text(), (1 << 64) - 1)[kind]


def cbor_value(chance, depth=3):
    """All of JSON's, and what only CBOR has."""
    kind = chance.randrange(14 if depth > 0 else 10)
    if kind == 10:
        return [cbor_value(chance, depth - 1) for _ in range(chance.randrange(5))]
    if kind == 11:
        return {f"{chance.text()}{number}": cbor_value(chance, depth - 1) for number in range(chance.randrange(5))}
    if kind == 12:  # keys that stay different as text
        keys = chance.sample((5, -7, 1 << 40, b"\xff\xfe", "text", True, False, None), chance.randrange(1, 6))
        return {key: cbor_value(chance, depth - 1) for key in keys}
    if kind == 13:
        return cbor2.CBORTag(4711, cbor_value(chance, depth - 1))
    special = (chance.octets(), b"\xff\xfe\x00 no UTF-8 \xc3\x28", chance.choice((float("inf"), float("-inf"), float("nan"))), cbor2.undefined,
               chance.choice((1, -1)) * chance.randrange(1 << 64, 1 << 80), -(1 << 63) - chance.randrange(1, 1 << 60),
               decimal.Decimal(chance.randrange(-10**9, 10**9)).scaleb(-2), cbor2.CBORSimpleValue(99))
    return special[kind] if kind < len(special) else json_value(chance, 0)


def write_json(chance, value):
    return json.dumps(value, ensure_ascii=chance.often(0.3), indent=chance.choice((None, None, 1)),
                      separators=chance.choice((None, (",", ":")))).encode()


def write_cbor(chance, value):
    """By cbor2 in its usual or its shortest form; now and then in the pieces of indefinite length that cbor2 reads but does not write."""
    if chance.often(0.3):
        return in_pieces(chance, value, cbor2.dumps)
    return cbor2.dumps(value, canonical=chance.often(0.5))


def headers_of(chance):
    names = chance.sample(NAMES, chance.randrange(len(NAMES)))
    return {name: [chance.text() for _ in range(chance.choice((1, 1, 1, 1, 2, 3, 0)))] for name in names}


def envelope(chance, method, headers, payload, encoding):
    """The Avro datum: by fastavro, or in blocks of which some have negative counts, which fastavro reads but does not write."""
    datum = {"method": method, "headers": headers, "payload": payload, "encoding": encoding}
    if chance.often(0.5):
        octets = long(METHODS.index(method)) + in_blocks(chance, headers) + long(len(payload)) + payload + long(ENCODINGS.index(encoding))
    else:
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, SCHEMA, datum)
        octets = stream.getvalue()
    if fastavro.schemaless_reader(io.BytesIO(octets), SCHEMA) != datum:
        raise AssertionError("fastavro reads another datum than was written")
    return octets


def payload_of(chance, big):
    """(encoding, octets, value)"""
    if big:
        value = chance.randbytes(MIB)
        return "CBOR", cbor2.dumps(value), value
    if chance.often(0.5):
        value = json_value(chance)
        payload = write_json(chance, value)
        return "JSON", payload, value
    value = chance.choice((b"", "")) if chance.often(0.05) else cbor_value(chance)
    payload = write_cbor(chance, value)
    if json_form.exact(cbor2.loads(payload)) != json_form.exact(value):
        raise AssertionError(f"cbor2 reads {payload.hex()} as another value than was written")
    return "CBOR", payload, value


def event(chance, big=False):
    """(value, Kafka header, expected)"""
    method, headers = chance.choice(METHODS), headers_of(chance)
    encoding, payload, value = payload_of(chance, big)
    expected = {"kind": "event", "method": method, "headers": headers, "encoding": encoding, "payload_hex": payload.hex(),
                "payload": json_form.exact(value), "payload_json": json_form.rfc8949(value)}
    return envelope(chance, method, headers, payload, encoding), b"\x80", expected


def poisons(chance):
    """name: (value, Kafka header or None for none, the client's error). Every way in which a record can be wrong."""
    def datum(payload=b"1", encoding="JSON"):
        return envelope(chance, "POST", {"accept": ["one", "two"]}, payload, encoding)

    good = datum()
    return {
        "no envelope header": (good, None, "FormatError"),
        "empty envelope header": (good, b"", "FormatError"),
        "envelope header of two bytes": (good, b"\x80\x80", "FormatError"),
        "envelope of a newer version": (good, bytes([chance.randrange(0x81, 0x100)]), "ValueError"),
        "no value": (None, b"\x80", "EnvelopeDecodeError"),
        "empty value": (b"", b"\x80", "EnvelopeDecodeError"),
        "truncated datum": (good[:-2], b"\x80", "EnvelopeDecodeError"),
        "unknown method": (long(6) + good[1:], b"\x80", "EnvelopeDecodeError"),
        "unknown encoding": (good[:-1] + long(2), b"\x80", "EnvelopeDecodeError"),
        "payload of negative length": (long(2) + long(0) + long(-1), b"\x80", "EnvelopeDecodeError"),
        "payload longer than the record": (long(2) + long(0) + long(1000) + b"1" + long(0), b"\x80", "EnvelopeDecodeError"),
        "empty payload as JSON": (datum(b""), b"\x80", "PayloadDecodeError"),
        "broken JSON": (datum(b'{"a": [1, 2'), b"\x80", "PayloadDecodeError"),
        "JSON that is no UTF-8": (datum(b'"\xff\xfe\xfd"'), b"\x80", "PayloadDecodeError"),
        "empty payload as CBOR": (datum(b"", "CBOR"), b"\x80", "PayloadDecodeError"),
        "broken CBOR": (datum(b"\x83\x01\x02", "CBOR"), b"\x80", "PayloadDecodeError"),
        "CBOR text that is no UTF-8": (datum(b"\x62\xff\xfe", "CBOR"), b"\x80", "PayloadDecodeError"),
    }


def generate(seed, count, poison=0.0, system=0.01, big=0):
    """`count` records. `poison`, `system`: the part of them that is so; `big`: how many, among the first hundred, have a payload of 1 MiB."""
    chance = Chance(seed)
    big_ones = set(chance.sample(range(min(count, 100)), big))
    kinds = itertools.cycle(poisons(chance))  # each as often as the others, however few there are
    made, timestamp = [], FIRST_TIMESTAMP_MS
    for index in range(count):
        timestamp += chance.randrange(1000)
        if index not in big_ones and chance.often(poison):
            name = next(kinds)
            value, header, error = poisons(chance)[name]
            expected = {"kind": "poison", "poison": name, "error": error}
        elif index not in big_ones and chance.often(system):
            value, header, expected = chance.octets(), bytes([chance.choice((0, 0x7f, chance.randrange(0x80)))]), {"kind": "system"}
        else:
            value, header, expected = event(chance, index in big_ones)
        headers = [("index", b"%d" % index), *([("envelope", header)] if header is not None else [])]
        if chance.often(0.2):
            headers.append(("tenter-offset", b"%d" % index))
        chance.shuffle(headers)
        key = chance.choice((None, b"", f"key {chance.randrange(50)}".encode(), chance.octets()))
        made.append(Made(key, value, headers, {**expected, "index": index, "timestamp_ms": timestamp}))
    return made


def produce(cluster, topic, made):
    """In their order, so that those of one partition are in it too; returns when Kafka has acknowledged all."""
    records.send_all(cluster, topic, [(one.key, one.value, one.headers, one.expected["timestamp_ms"]) for one in made])


def as_json(made):
    def text(octets):
        return None if octets is None else octets.hex()

    return json.dumps({"key": text(made.key), "value": text(made.value), "headers": [[name, text(value)] for name, value in made.headers],
                       "expected": made.expected})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--poison", type=float, default=0.0)
    parser.add_argument("--system", type=float, default=0.01)
    parser.add_argument("--big", type=int, default=0)
    parser.add_argument("--topic")
    arguments = parser.parse_args()
    made = generate(arguments.seed, arguments.count, arguments.poison, arguments.system, arguments.big)
    if arguments.topic:
        produce(kafka_cluster.running(), arguments.topic, made)
    for one in made:
        print(as_json(one))


if __name__ == "__main__":
    main()
