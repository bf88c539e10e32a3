"""Runs the program against a Kafka, and makes what it is to read there."""

import json
import os
import select
import subprocess
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "mister_webhooks"))

import make_records  # first: it finds the others
import records
from confluent_kafka import Consumer, TopicPartition

PROGRAM = os.environ["TENTER_PROGRAM"]
USER = "project.delta"
DEADLINE_SECONDS = 60


def unique(name):
    return f"incoming.{name}.{uuid.uuid4().hex[:8]}"


def new_topic(kafka, name, partitions=1):
    return kafka.create_topic(unique(name), partitions, make_records.topic_config())


def envelope(payload, headers=None, encoding="JSON", method="POST"):
    return make_records.envelope(make_records.Chance(1), method, headers or {}, payload, encoding)


def send(kafka, topic, payloads, headers=None, key=None):
    """JSON payloads, in envelopes that no Tenter wrote."""
    records.send_all(kafka, topic, [(key, envelope(payload, headers), [("envelope", b"\x80")]) for payload in payloads])


def environment(more=None):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TENTER_")}
    return {**clean, **(more or {})}


def run(*arguments, cwd=None, more=None):
    return subprocess.run([PROGRAM, *arguments], cwd=cwd, env=environment(more), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=DEADLINE_SECONDS)


def lines_of(done):
    """What a tail with --json printed."""
    if done.returncode != 0:
        raise AssertionError(f"exit code {done.returncode}: {done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


class Running:
    """The program while it runs; killed at the end of the test."""

    def __init__(self, test, *arguments, cwd=None, more=None):
        self.process = subprocess.Popen([PROGRAM, *arguments], cwd=cwd, env=environment(more), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.texts = {"stdout": b"", "stderr": b""}
        test.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()

    def line(self, stream="stdout"):
        """The next line of that stream, without its end."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        descriptor = getattr(self.process, stream).fileno()
        while b"\n" not in self.texts[stream]:
            readable, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(descriptor, 1 << 16) if readable else b""
            if not chunk:
                raise AssertionError(f"no line on {stream}; so far {self.texts}")
            self.texts[stream] += chunk
        line, _, self.texts[stream] = self.texts[stream].partition(b"\n")
        return line.decode()

    def event(self):
        return json.loads(self.line())

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        return self.process.wait(DEADLINE_SECONDS)


def committed(kafka, topic, group, partitions=1):
    """What the group has committed, for each partition; None where nothing."""
    consumer = Consumer(kafka.client_config(USER, {"group.id": group}))
    try:
        found = consumer.committed([TopicPartition(topic, partition) for partition in range(partitions)], timeout=30)
        return [place.offset if place.offset >= 0 else None for place in found]
    finally:
        consumer.close()


def wait_until(condition, what):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {DEADLINE_SECONDS} s: {what}")
        select.select([], [], [], 0.01)
