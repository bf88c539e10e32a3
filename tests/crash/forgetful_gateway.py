#!/usr/bin/env python3
"""The smallest program that `run.py` can kill: one file, no tenter. Its faults are known, so that run.py can be seen to find them.

    forgetful_gateway.py serve --port 0 --config FILE      forgetful_gateway.py tail SOURCE --partition P --from offset:N ...

CRASH_CONTROL in the environment: `honest` writes an event before it answers; `early` holds back the newest 16 that it answered; `twice` writes
some a second time; `garbled` writes some with a changed body; `swapped` writes some behind the sender's next one.
"""

import base64
import json
import os
import re
import sys
import threading

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
                self._held.append(events)  # more than there are connections, so that every kill loses some whose answer arrived
                ready = [self._held.pop(0)] if len(self._held) > 16 else []
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


def tail(source, partition, first):
    for line in read_lines():
        for event in json.loads(line):
            if (event["source"], event["partition"]) == (source, partition) and event["offset"] >= first:
                print(json.dumps(event))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        from forgetful_http import serve  # a tail need not wait for its many modules
        serve(Store())
    elif found := re.search(r"--partition (\d+) --from offset:(\d+)", " ".join(sys.argv)):
        tail(sys.argv[2], int(found[1]), int(found[2]))
