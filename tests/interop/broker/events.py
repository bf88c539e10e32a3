"""The webhooks of the matrix, and how they are posted."""

import dataclasses
import http.client
import json
import random
import urllib.parse

# What is posted when: to be read and committed, one by one while a client waits, after it was killed, while two share, after one has left.
PHASES = {"read": 120, "wait": 9, "killed": 40, "shared": 40, "left": 40}


@dataclasses.dataclass(frozen=True)
class Event:
    key: str
    content_type: str
    headers: tuple
    body: bytes


def event(chance, number):
    headers = [("x-number", str(number)), ("x-city", "Zürich".encode().decode("latin-1"))]
    headers += [("forwarded", f"for=192.0.2.{part}") for part in range(chance.randrange(3))]
    content_type, body = chance.choice((
        ("application/json", json.dumps({"number": number, "text": "größer 日本語 😀" * chance.randrange(1, 30)}).encode()),
        ("application/octet-stream", chance.randbytes(chance.randrange(1, 3000))),
        ("text/plain", b""),
        ("application/json", b'{"cut off": '),
        ("text/plain", b"a,envelope=b\n@@\r\n\0" * 3),
    ))
    if number % 60 == 59:
        content_type, body = "application/octet-stream", chance.randbytes(200_000)
    return Event(f"key {chance.randrange(40)}", content_type, tuple(headers), body)


def make(seed):
    """{phase: its events}. Every event has a key, as the Mister Webhooks client for Node reads no record without one, and so its partition."""
    chance, made, number = random.Random(seed), {}, 0
    for phase, count in PHASES.items():
        made[phase] = [event(chance, number + at) for at in range(count)]
        number += count
    return made


class Sender:
    """One connection to a gateway, on which events follow one another."""

    def __init__(self, url, source):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.source = source

    def connect(self):
        """Anew."""
        self.connection.close()
        self.connection.connect()

    def send(self, one):
        """The id of the event, once it is acknowledged."""
        self.connection.putrequest("POST", f"/{self.source}", skip_accept_encoding=True)
        self.connection.putheader("x-key", one.key)
        for name, value in (("content-type", one.content_type), *one.headers):
            self.connection.putheader(name, value)
        self.connection.putheader("content-length", str(len(one.body)))
        self.connection.endheaders(one.body)
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{self.source}: {answer.status} {said}")
        return json.loads(said)["id"]

    def close(self):
        self.connection.close()
