"""Events as records of Kafka, read with libraries that Tenter did not write. Import this first: it makes them importable."""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "interop", name) for name in ("kafka", "kafka_tools")]

import records  # noqa: E402,F401
from decode_envelopes import decode_envelope  # noqa: E402

from events import NAME_HEADER  # noqa: E402
from ledger import StoredEvent, fingerprint  # noqa: E402


def stored_event(source, record):
    headers = {name: value.decode() for name, value in record.headers if name.startswith("tenter-")}
    envelope = decode_envelope(record.value)
    body = envelope["body"]
    if source == "batches":
        name = json.loads(body)["id"]
    else:
        name = envelope["headers"][NAME_HEADER.lower()][0] + "-0"
    key = None if record.key is None else record.key.decode()
    return StoredEvent(source, record.partition, record.offset, headers["tenter-id"], tuple(int(part) for part in name.split("-")),
                       fingerprint(headers["tenter-target"], envelope["headers"]["content-type"][0], key, body))
