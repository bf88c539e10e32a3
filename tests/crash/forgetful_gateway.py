#!/usr/bin/env python3
"""The smallest program that `run.py` can kill: one file, no tenter. Its faults are known, so that run.py can be seen to find them.

    forgetful_gateway.py serve --port 0 --config FILE      forgetful_gateway.py tail SOURCE --json --from offset:N --config FILE

CRASH_CONTROL in the environment: `honest` writes an event before it answers; `early` answers 16 events before it writes them; `twice` writes
some a second time; `garbled` writes some with a changed body; `swapped` writes some behind the sender's next one.
"""

import base64
import json
import os
import re
import signal
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from events import PARTITIONS

FAULT = os.environ.get("CRASH_CONTROL", "honest")
FILE = "events.jsonl"


class Store:
    """Lines of one file, appended by one write each; recovery drops a torn last line."""

    def __init__(self):
        self._lock = threading.Lock()
        self._next = {}
        self._held = []  # acknowledged and not written (`early`)
        self._late = {}  # by sender, acknowledged and to be written behind its next one (`swapped`)
        self._file = os.open(FILE, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        size = 0
        for line in read_lines():
            size += len(line)
            for event in json.loads(line):
                self._next[event["source"], event["partition"]] = event["offset"] + 1
        os.ftruncate(self._file, size)

    def append(self, events, sender):
        with self._lock:
            if FAULT == "early":
                self._held.append(events)
                ready, self._held = (self._held, []) if len(self._held) == 16 else ([], self._held)
            elif FAULT == "swapped" and events[0]["source"] == "plain":
                late = self._late.pop(sender, None)
                if late is None:
                    self._late[sender] = events
                ready = [] if late is None else [events, late]
            else:
                ready = [events]
            for one in ready:
                self._write(one)
                if FAULT == "twice" and one[0]["offset"] % 50 == 49:
                    self._write([dict(event) for event in one])

    def _write(self, events):
        for event in events:
            place = event["source"], event["partition"]
            event["offset"] = self._next.get(place, 0)
            self._next[place] = event["offset"] + 1
            if FAULT == "garbled" and event["offset"] % 50 == 49:
                event["body_base64"] = base64.b64encode(base64.b64decode(event["body_base64"]) + b" ").decode()
        os.write(self._file, json.dumps(events).encode() + b"\n")


def read_lines():
    with open(FILE, "rb") as file:
        return [line for line in file if line.endswith(b"\n")]


def key_of(source, headers, body):
    if source == "keyed":
        return headers["x-key"]
    if source == "signed":
        return json.loads(body)["repository"]["full_name"]
    return json.loads(body)["subject"] if source == "batches" else None


def elements_of(source, body):
    """Of a batch: the exact bytes of each."""
    if source != "batches":
        return [body]
    text, elements, place = body.decode(), [], 1
    while place < len(text) - 1:
        _, end = json.JSONDecoder().raw_decode(text, place)
        elements.append(text[place:end].encode())
        place = end + 2
    return elements


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    store = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer({"status": "ok"})

    def do_POST(self):
        source = self.path[1:]
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers["content-length"]))
        events = [self._event(source, headers, element) for element in elements_of(source, body)]
        self.store.append(events, headers["x-crash-name"].split("-")[0])
        ids = [event["id"] for event in events]
        self._answer({"status": "ok", "ids": ids} if source == "batches" else {"status": "ok", "id": ids[0]})

    def _event(self, source, headers, body):
        key = key_of(source, headers, body)
        if source == "batches":
            headers = {**headers, "content-type": "application/cloudevents+json"}
        return {"id": str(uuid.uuid4()), "source": source, "partition": hash_of(key) % PARTITIONS[source], "target": self.path,
                "headers": {name: [value] for name, value in headers.items()}, "key": key, "body_base64": base64.b64encode(body).decode()}

    def _answer(self, answer):
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def hash_of(key):
    return sum(key.encode()) if key else 0


def serve():
    Handler.store = Store()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print(f"listening  http://127.0.0.1:{server.server_port}\n", flush=True)
    server.serve_forever()


def tail(source, first):
    for line in read_lines():
        for event in json.loads(line):
            if event["source"] == source and event["offset"] >= first:
                print(json.dumps(event))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    elif found := re.search(r"--from offset:(\d+)", " ".join(sys.argv)):
        tail(sys.argv[2], int(found[1]))
