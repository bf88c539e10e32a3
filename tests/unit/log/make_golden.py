#!/usr/bin/env python3
"""Writes golden.txt: record batches made from Kafka's protocol guide with Python alone, for record_batch_test.cpp.

    make_golden.py > golden.txt

Each line: a name and the bytes of a batch in hexadecimal. The checksum is computed bit by bit from the polynomial of RFC 3720.
"""
import struct


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def varint(value):
    rest = value * 2 if value >= 0 else -value * 2 - 1
    out = bytearray()
    while rest >= 128:
        out.append(rest % 128 + 128)
        rest //= 128
    return bytes(out) + bytes([rest])


def octets(value):
    return varint(-1) if value is None else varint(len(value)) + value


def record(delta, time_delta, key, value, headers):
    body = b"\0" + varint(time_delta) + varint(delta) + octets(key) + octets(value) + varint(len(headers))
    body += b"".join(octets(name) + octets(content) for name, content in headers)
    return varint(len(body)) + body


def batch(base_offset, records):
    base_time = records[0][0]
    body = b"".join(record(i, time - base_time, key, value, headers) for i, (time, key, value, headers) in enumerate(records))
    checked = struct.pack(">hiqqqhii", 0, len(records) - 1, base_time, max(r[0] for r in records), -1, -1, -1, len(records)) + body
    return struct.pack(">qiibI", base_offset, len(checked) + 9, 0, 2, crc32c(checked)) + checked


CASES = {
    "one": (0, [(1700000000123, b"key", b"value", [])]),
    "nulls": (5, [(0, None, None, [(b"a", None), (b"", b"")])]),
    "empty": (1 << 40, [(1, b"", b"", [])]),
    "times": (7, [(1000, None, b"a", []), (900, None, b"b", []), (5_000_000_000_000, None, b"c", []), (1000, None, b"d", [])]),
    "sizes": (0, [(1, b"k" * 63, b"v" * 64, []), (2, b"k" * 8191, b"v" * 8192, [(b"h" * 64, b"x" * 63)])]),
    "hundred": (9, [(i, None, bytes([i]), [(b"n", str(i).encode())]) for i in range(100)]),
    "unicode": (3, [(1, "\u00e4\u20ac\U0001F600".encode(), "\u4e2d".encode(), [("\u00fc".encode(), b"\x80\xff\x00")])]),
}

if __name__ == "__main__":
    for name, (base_offset, records) in CASES.items():
        print(name, batch(base_offset, records).hex())
