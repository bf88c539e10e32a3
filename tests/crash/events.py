"""Random events of every kind that the gateway stores, and how they look when they come out."""

import base64
import hashlib
import hmac
import json

from ledger import StoredEvent, fingerprint

SECRET = "crash-client"
MAX_BODY_BYTES = 64 * 1024
NAME_HEADER = "X-Crash-Name"
CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS_BATCH = "application/cloudevents-batch+json"
SOURCES = """
[[source]]
name = "plain"
verify = "none"
content = "any"
key = "none"

[[source]]
name = "keyed"
verify = "none"
content = "any"
key = "header:X-Key"
partitions = 4

[[source]]
name = "signed"
verify = { scheme = "github", secrets = ["%s"] }
content = "json"
key = "json:/repository/full_name"

[[source]]
name = "batches"
verify = "none"
content = "cloudevents"
key = "cloudevents"
partitions = 3
""" % SECRET
PARTITIONS = {"plain": 1, "keyed": 4, "signed": 1, "batches": 3}
SOURCE_NAMES = tuple(PARTITIONS)


class Message:
    """A request to send: its bytes but for the Host line, and the fingerprints that its events must have when they come out."""

    def __init__(self, source, headers, body, fingerprints):
        self.source, self.fingerprints = source, fingerprints
        lines = [f"POST /{source} HTTP/1.1", *headers, f"Content-Length: {len(body)}", "Host: crash.test", "", ""]
        self.data = "\r\n".join(lines).encode() + body


def random_message(random, sender, number):
    source = random.choice(SOURCE_NAMES)
    return {"plain": _plain, "keyed": _keyed, "signed": _signed, "batches": _batch}[source](random, sender, number)


def _random_size(random):
    """Mostly small, sometimes as large as it may be, sometimes nothing."""
    return random.choice((0, random.randint(1, 200), random.randint(1, 2_000), random.randint(1, 2_000), random.randint(1, 16_000),
                          random.randint(1, MAX_BODY_BYTES) if random.random() < 0.2 else 1_024))


def _random_text(random, size):
    """`size` characters, some of two to four bytes, some that JSON must escape."""
    alphabet = "abcdefghijklmnopqrstuvwxyz0123456789 \"\\\n\t\u00e9\u20ac\U0001f4a7"
    return "".join(random.choices(alphabet, k=size))


def _random_body(random):
    kind = random.randrange(3)
    size = _random_size(random)
    if kind == 0:
        return "application/octet-stream", random.randbytes(size)
    if kind == 1:
        return "text/plain; charset=utf-8", _random_text(random, size // 4).encode()
    return "application/json", json.dumps({"text": _random_text(random, size // 8)}).encode()


def _headers(sender, number, content_type, *others):
    return [f"{NAME_HEADER}: {sender}-{number}", f"Content-Type: {content_type}", *others]


def _plain(random, sender, number):
    content_type, body = _random_body(random)
    return Message("plain", _headers(sender, number, content_type), body, [fingerprint("/plain", content_type, None, body)])


def _keyed(random, sender, number):
    content_type, body = _random_body(random)
    key = f"key-{random.randrange(50)}"
    return Message("keyed", _headers(sender, number, content_type, f"X-Key: {key}"), body, [fingerprint("/keyed", content_type, key, body)])


def _signed(random, sender, number):
    key = f"octo/{random.randrange(20)}"
    body = json.dumps({"repository": {"full_name": key}, "text": _random_text(random, _random_size(random) // 8)}).encode()
    signature = hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
    headers = _headers(sender, number, "application/json", f"X-Hub-Signature-256: sha256={signature}")
    return Message("signed", headers, body, [fingerprint("/signed", "application/json", key, body)])


def _batch(random, sender, number):
    elements, fingerprints = [], []
    for index in range(random.randint(1, 12)):
        subject = f"subject-{random.randrange(30)}"
        event = {"specversion": "1.0", "id": f"{sender}-{number}-{index}", "source": "/crash", "type": "crash.test", "subject": subject,
                 "data": _random_text(random, random.randint(0, 400))}
        element = json.dumps(event).encode()
        elements.append(element)
        fingerprints.append(fingerprint("/batches", CLOUDEVENT, subject, element))
    body = b"[" + b", ".join(elements) + b"]"
    return Message("batches", _headers(sender, number, CLOUDEVENTS_BATCH), body, fingerprints)


def stored_event(line):
    """A line of `tenter tail --json`."""
    event = json.loads(line)
    body = event["body"].encode() if "body" in event else base64.b64decode(event["body_base64"])
    headers = event["headers"]
    if event["source"] == "batches":
        name = json.loads(body)["id"]
    else:
        name = headers[NAME_HEADER.lower()][0] + "-0"
    return StoredEvent(event["source"], event["partition"], event["offset"], event["id"], tuple(int(part) for part in name.split("-")),
                       fingerprint(event["target"], headers["content-type"][0], event["key"], body))
