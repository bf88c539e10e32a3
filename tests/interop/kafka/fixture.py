#!/usr/bin/env python3
"""The one Kafka of a ctest run.

    fixture.py start           the test kafka_start: starts it and writes what there is to know of it into the file $TENTER_KAFKA (JSON)
    fixture.py stop            the test kafka_stop: ends it, and fails if it had ended by itself
    fixture.py run COMMAND...  both around a command: fixture.py run ctest --test-dir build/asan -R consume

It ends with the process that ran `start`, ctest, even one that is interrupted. What an earlier run left behind is cleared away first."""

import contextlib
import json
import os
import shutil
import subprocess
import sys

import kafka_cluster
from kafka_cluster import KafkaCluster, KafkaError

DEFAULT = os.path.join(kafka_cluster.HERE, "..", "..", "..", "build", "kafka", "cluster.json")
FACTS = os.path.abspath(os.environ.get("TENTER_KAFKA", DEFAULT))
FOLDER = FACTS + ".d"
# Nobody kills this broker, so none has to come back soon: it may stall for longer on a busy machine.
OPTIONS = {"broker.session.timeout.ms": 9000, "broker.heartbeat.interval.ms": 2000}


def left_behind():
    """The broker that the file tells of; None if there is no such file, or one that a crash left half written."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        with open(FACTS, encoding="utf-8") as file:
            return kafka_cluster.KafkaClient(json.load(file))
    return None


def clear():
    if former := left_behind():
        former.end()
    with contextlib.suppress(FileNotFoundError):
        os.remove(FACTS)
    shutil.rmtree(FOLDER, ignore_errors=True)


def start(owner):
    clear()
    os.makedirs(FOLDER)
    cluster = KafkaCluster(folder=FOLDER, options=OPTIONS, owner=owner).start()
    with open(FACTS + ".new", "w", encoding="utf-8") as file:
        json.dump(cluster.facts(), file, indent=1)
    os.rename(FACTS + ".new", FACTS)
    print(f"Kafka {cluster.bootstrap}, process {cluster.pid}, {FACTS}")


def stop():
    """The log stays for whoever looks into a failed test; the data goes."""
    cluster = left_behind()
    if cluster is None:
        raise KafkaError(f"no Kafka was started: {FACTS} is missing or damaged")
    was_alive = cluster.is_alive()
    cluster.end()
    os.remove(FACTS)
    shutil.rmtree(os.path.join(FOLDER, "data"), ignore_errors=True)
    if not was_alive:
        raise KafkaError(f"Kafka ended while tests used it\n{cluster.last_words()}")


def run(command):
    start(os.getpid())
    try:
        return subprocess.run(command, env={**os.environ, "TENTER_KAFKA": FACTS}).returncode
    finally:
        stop()


def main():
    match sys.argv[1:]:
        case ["start"]:
            start(os.getppid())
        case ["stop"]:
            stop()
        case ["run", *command] if command:
            return run(command)
        case _:
            sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KafkaError as error:
        sys.exit(f"fixture.py: {error}")
