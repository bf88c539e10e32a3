"""Runs a driver (drivers/line_protocol.py) and understands what it prints."""

import base64
import collections
import dataclasses
import json
import signal
import subprocess
import tempfile
import threading
import time

DEADLINE_SECONDS = 90


@dataclasses.dataclass(frozen=True)
class Record:
    partition: int
    offset: int
    timestamp: int  # milliseconds since 1970
    key: bytes | None
    value: bytes | None
    headers: tuple  # of (name, value)
    decoded: tuple | None = None  # (method, headers, body), from a client that hands out no value
    arrived: float = dataclasses.field(default=0.0, compare=False)  # time.monotonic() when its line came

    @property
    def place(self):
        return self.partition, self.offset


def octets(text):
    return None if text is None else base64.b64decode(text)


def record_of(line, arrived):
    decoded = line.get("decoded")
    if decoded is not None:
        decoded = (decoded["method"], decoded["headers"], octets(decoded["body"]))
    return Record(line["partition"], line["offset"], line["timestamp"], octets(line["key"]), octets(line.get("value")),
                  tuple((name, octets(value)) for name, value in line["headers"]), decoded, arrived)


class Driver:
    """One process. `records`: what it has printed, in order. Killed when the `with` ends. `changed`: a condition that drivers share whose
    records are waited for together."""

    def __init__(self, command, profile, topic, group, environment, changed=None):
        self.command = command
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([*command, profile, topic, group], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True)
        self.records, self.answers = [], collections.Counter()
        self.has_ended = False
        self.changed = changed or threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def _read(self):
        for text in self.process.stdout:
            arrived = time.monotonic()
            if not text.endswith("\n"):
                break  # killed while it wrote
            line = json.loads(text)
            with self.changed:
                if "did" in line:
                    self.answers[line["did"]] += 1
                else:
                    self.records.append(record_of(line, arrived))
                self.changed.notify_all()
        with self.changed:
            self.has_ended = True
            self.changed.notify_all()

    def say(self, *words):
        try:
            self.process.stdin.write(" ".join(map(str, words)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise AssertionError(f"the driver has ended: {self.last_words()}") from None

    def wait_until(self, condition, what, seconds=DEADLINE_SECONDS):
        """`what`: text, or a function that makes it when it is needed."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not condition():
                if self.has_ended:
                    raise AssertionError(f"the driver has ended before {what}: {self.last_words()}")
                if not self.changed.wait(max(0, deadline - time.monotonic())):
                    raise AssertionError(f"not within {seconds} s: {what}; it has {len(self.records)} records: {self.last_words()}")

    def wait_for(self, count, what="its records"):
        self.wait_until(lambda: len(self.records) >= count, f"{what}: {count}")

    def commit(self):
        before = self.answers["commit"]
        self.say("commit")
        self.wait_until(lambda: self.answers["commit"] > before, "its commit")

    def leave(self):
        self.say("leave")
        self.wait_until(lambda: self.answers["leave"] > 0, "its leave")
        code = self.process.wait(DEADLINE_SECONDS)
        if code != 0:
            raise AssertionError(f"exit code {code}: {self.last_words()}")

    def kill(self):
        """kill -9. What it wrote to stderr is shown no more."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_SECONDS)
        self.reader.join(DEADLINE_SECONDS)
        self.process.stdout.close()
        self.errors.close()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def last_words(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")[-3000:]
