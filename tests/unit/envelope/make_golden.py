#!/usr/bin/env python3
"""Writes golden.txt: envelopes and CBOR as the Python packages fastavro (1.13.1) and cbor2 (6.3.0) write them.

    python3 -m venv env && env/bin/pip install fastavro==1.13.1 cbor2==6.3.0
    env/bin/python make_golden.py > golden.txt

One fact per line, fields separated by a space, octets in hexadecimal ("-" for none):
    envelope NAME METHOD ENCODING PAYLOAD DATUM CANONICAL   then its headers:
    header NAME VALUE                                       one line per value, in order
    string text|bytes COUNT HEAD                            cbor2's head of a string of COUNT octets
CANONICAL is "yes" where fastavro wrote the datum and "no" where it was put together here (other block layouts) and fastavro read it.
"""

import io

import cbor2
import fastavro

SCHEMA = fastavro.parse_schema({
    "type": "record", "name": "KafkaMessageEnvelopeV1", "namespace": "com.mister_webhooks.data",
    "fields": [
        {"name": "method", "type": {"type": "enum", "name": "Methods", "symbols": ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]}},
        {"name": "headers", "type": {"type": "map", "values": {"type": "array", "items": "string"}}},
        {"name": "payload", "type": "bytes"},
        {"name": "encoding", "type": {"type": "enum", "name": "Encodings", "symbols": ["JSON", "CBOR"]}},
    ],
})


def octets(value: bytes) -> str:
    return value.hex() or "-"


def print_case(name, record, datum, canonical):
    print("envelope", name, record["method"], record["encoding"], octets(record["payload"]), datum.hex(), canonical)
    for header, values in record["headers"].items():
        for value in values:
            print("header", octets(header.encode()), octets(value.encode()))


def write(name, method="POST", headers=None, payload=b"{}", encoding="JSON"):
    record = {"method": method, "headers": headers or {}, "payload": payload, "encoding": encoding}
    out = io.BytesIO()
    fastavro.schemaless_writer(out, SCHEMA, record)
    print_case(name, record, out.getvalue(), "yes")


def read(name, datum):
    source = io.BytesIO(datum)
    record = fastavro.schemaless_reader(source, SCHEMA, None)
    assert source.read() == b"", name
    print_case(name, record, datum, "no")


def long(value: int) -> bytes:
    bits = (value << 1) ^ (value >> 63)
    out = b""
    while bits >= 0x80:
        out += bytes([bits & 0x7F | 0x80])
        bits >>= 7
    return out + bytes([bits])


def string(text: str) -> bytes:
    return long(len(text.encode())) + text.encode()


def block(items: list, sized: bool) -> bytes:
    content = b"".join(items)
    return (long(-len(items)) + long(len(content)) if sized else long(len(items))) + content


END = long(0)
TAIL = long(2) + b"{}" + long(0)  # payload and encoding JSON


def main():
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]:
        write(f"method-{method}", method=method)
    write("multiple-values", headers={"host": ["localhost"], "accept": ["a", "", "b"], "x-empty": [""]})
    # Header values that were 0xFF and 0xE9 on the wire, read as Latin-1.
    write("latin1-values", headers={"x-name": [b"caf\xe9".decode("latin-1"), b"\xff".decode("latin-1")]})
    write("utf8-values", headers={"x-name": ["Euro \u20ac \U0001f600"]})
    write("63-octets", headers={"x": ["v" * 63]}, payload=b"p" * 63)
    write("64-octets", headers={"x": ["v" * 64]}, payload=b"p" * 64)
    write("8192-octets", payload=b"p" * 8192)
    write("70-headers", headers={f"x-{i}": [str(i), str(-i)] for i in range(70)})
    write("cbor-map", payload=cbor2.dumps({"test": 2432232314}), encoding="CBOR")
    write("cbor-text", headers={"content-type": ["text/plain"]}, payload=cbor2.dumps("hello"), encoding="CBOR")
    write("empty-payload", payload=b"", encoding="CBOR")

    host = string("host") + block([string("a"), string("b")], True) + END
    kind = string("kind") + block([string("a")], False) + block([string("b")], True) + END
    none = string("none") + END
    read("negative-counts", long(2) + block([host], True) + END + TAIL)
    read("many-blocks", long(2) + block([host], False) + block([kind, none], True) + block([string("z") + END], False) + END + TAIL)
    read("long-numbers", bytes([0x84, 0x80, 0x00]) + bytes([0x80, 0x00]) + TAIL)  # more bytes than the numbers need

    for count in [0, 1, 23, 24, 255, 256, 65535, 65536]:
        print("string text", count, cbor2.dumps("x" * count)[: -count or None].hex())
        print("string bytes", count, cbor2.dumps(b"x" * count)[: -count or None].hex())

    # What payload.cpp writes under a CBOR content type reads as the same value.
    assert cbor2.loads(bytes.fromhex("7b0000000000000001") + b"a") == "a"
    assert cbor2.loads(bytes.fromhex("5b0000000000000001ff")) == b"\xff"
    assert cbor2.loads(bytes.fromhex("d9d9f75b0000000000000001ff")) == b"\xff"


main()
