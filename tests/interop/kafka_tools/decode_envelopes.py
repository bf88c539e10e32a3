"""Decodes stored values with libraries that Tenter did not write. Standard input: a value a line, in hexadecimal. Standard output, a line
for each: {"method", "headers": {name: [value, ...]}, "encoding", "body": what was posted, in hexadecimal}. Runs in tools/python_env."""

import io
import json
import sys

import cbor2
import fastavro

# The Avro schema of Mister Webhooks' envelope, V1.
SCHEMA = fastavro.parse_schema({
    "type": "record", "name": "KafkaMessageEnvelopeV1", "namespace": "com.mister_webhooks.data",
    "fields": [
        {"name": "method", "type": {"type": "enum", "name": "Methods", "symbols": ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]}},
        {"name": "headers", "type": {"type": "map", "values": {"type": "array", "items": "string"}}},
        {"name": "payload", "type": "bytes"},
        {"name": "encoding", "type": {"type": "enum", "name": "Encodings", "symbols": ["JSON", "CBOR"]}},
    ]})


def body_of(envelope, content_type):
    """What was posted: JSON and CBOR bodies are the payload itself, others are wrapped in one CBOR text or byte string."""
    payload = envelope["payload"]
    if envelope["encoding"] == "JSON":
        json.loads(payload)
        return payload
    decoded = cbor2.loads(payload)
    if content_type == "application/cbor":
        return payload
    return decoded.encode() if isinstance(decoded, str) else decoded


def decode_envelope(value):
    """The envelope, and `body` in it."""
    stream = io.BytesIO(value)
    decoded = fastavro.schemaless_reader(stream, SCHEMA)
    if stream.read(1):
        raise SystemExit("bytes after the envelope")
    return {**decoded, "body": body_of(decoded, (decoded["headers"].get("content-type") or [""])[0])}


def main():
    for line in sys.stdin:
        decoded = decode_envelope(bytes.fromhex(line))
        print(json.dumps({"method": decoded["method"], "headers": decoded["headers"], "encoding": decoded["encoding"],
                          "body": decoded["body"].hex()}))


if __name__ == "__main__":
    main()
