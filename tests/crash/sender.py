"""The clients: each a thread with one keep-alive connection, which sends its next request only when the last one was answered or its
connection broke."""

import json
import random
import socket
import threading

from events import random_message
from ledger import Attempt

ANSWER_DEADLINE_SECONDS = 20
PAUSE_SECONDS = 0.1


class Gate:
    """Tells the senders when a gateway is there, and the driver when all of them have come to rest."""

    def __init__(self, senders, allowed=(200,)):
        self._condition = threading.Condition()
        self._senders = senders
        self.allowed = allowed  # statuses; any but 200 says that the outcome is unknown, and its sender waits for a moment
        self.refused = 0
        self._resting = 0
        self._port = None
        self._ended = False
        self.faults = []  # what must not happen while a gateway runs

    def open(self, port):
        with self._condition:
            self._port = port
            self._condition.notify_all()

    def close(self):
        """Just before the kill: from now on a broken connection is no fault."""
        with self._condition:
            self._port = None
            self._condition.notify_all()

    def end(self):
        with self._condition:
            self._ended = True
            self._condition.notify_all()

    def wait_until_all_rest(self):
        with self._condition:
            if not self._condition.wait_for(lambda: self._resting == self._senders, ANSWER_DEADLINE_SECONDS + 10):
                raise AssertionError("a sender still waits for an answer of a gateway that is dead")

    def rest(self):
        """Waits for the next gateway: its port, or None when it is time to end."""
        with self._condition:
            self._resting += 1
            self._condition.notify_all()
            self._condition.wait_for(lambda: self._port is not None or self._ended)
            self._resting -= 1
            return None if self._ended else self._port

    def wait_until_closed(self, seconds=None):
        with self._condition:
            self._condition.wait_for(lambda: self._port is None, seconds)

    def pause_after_refusal(self):
        with self._condition:
            self.refused += 1
        self.wait_until_closed(PAUSE_SECONDS)

    def is_open(self):
        with self._condition:
            return self._port is not None

    def fault(self, sentence):
        """Counts only while the gate is open."""
        with self._condition:
            if self._port is not None:
                self.faults.append(sentence)


class Sender(threading.Thread):
    def __init__(self, number, seed, gate, ledger):
        super().__init__(name=f"sender-{number}", daemon=True)
        self._number, self._gate, self._ledger = number, gate, ledger
        self._random = random.Random(f"{seed}/{number}")
        self._sent = 0

    def run(self):
        while (port := self._gate.rest()) is not None:
            try:
                with socket.create_connection(("127.0.0.1", port), ANSWER_DEADLINE_SECONDS) as connection:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    while self._gate.is_open():
                        self._send_one(connection)
            except (OSError, ValueError, KeyError) as error:
                self._gate.fault(f"sender {self._number}: {type(error).__name__}: {error}")
                self._gate.wait_until_closed()  # so that one fault does not become thousands

    def _send_one(self, connection):
        message = random_message(self._random, self._number, self._sent)
        attempt = self._ledger.add(Attempt(message.source, self._number, self._sent, message.fingerprints))
        self._sent += 1
        connection.sendall(message.data)
        status, body = read_answer(connection)
        if status != 200 and status in self._gate.allowed:
            return self._gate.pause_after_refusal()
        if status != 200:
            raise ValueError(f"{message.source} answered {status}: {body[:200]!r}")
        answer = json.loads(body)
        ids = answer["ids"] if "ids" in answer else [answer["id"]]
        if len(ids) != len(message.fingerprints):
            raise ValueError(f"{len(ids)} ids for {len(message.fingerprints)} events")
        attempt.tenter_ids = ids


def read_answer(connection):
    """(status, body); raises ConnectionError where the connection ends before the answer does."""
    data = b""
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _receive(connection)
    head = data[:end].decode("latin-1").split("\r\n")
    lengths = [int(line.split(":")[1]) for line in head if line.lower().startswith("content-length:")]
    if len(lengths) != 1:
        raise ValueError(f"an answer with {len(lengths)} Content-Length")
    while len(data) < end + 4 + lengths[0]:
        data += _receive(connection)
    return int(head[0].split(" ")[1]), data[end + 4:end + 4 + lengths[0]]


def _receive(connection):
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("closed without an answer")
    return data
