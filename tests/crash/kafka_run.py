#!/usr/bin/env python3
"""Kills a real Kafka, and now and then the gateway, with -9 under load, again and again, and looks whether everything that the gateway
acknowledged is in Kafka.

    kafka_run.py --program build/release/tenter --kind kafka [--cycles 3] [--seed N] [--connections 16]

One cycle: senders send; the broker is killed, the gateway too in some cycles, before it, after it, or while it is away; both come back. At the end
the topics are read with a client that Tenter did not write.
exit: 0 when all acknowledged events are there once, unaltered, in order; 1 when not, or when the program did not do its part
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import threading
import time

import kafka_kinds
from gateway import Gateway
from ledger import Checker, Ledger
from sender import Gate, Sender

LEAST_ACKNOWLEDGED_PER_CYCLE = 10  # on average; a run that sends nothing proves nothing
DRAIN_SECONDS = 60  # for the gateway to find the broker again


class Driver:
    def __init__(self, options, folder, kafka):
        self._options, self._kafka = options, kafka
        self._random = random.Random(options.seed)
        self._kind = kafka_kinds.KINDS[options.kind](kafka)
        self._gateway = Gateway(options.program, folder, self._kind.config())
        self._ledger = Ledger()
        connections = options.connections or self._kind.connections
        self._gate = Gate(connections, allowed=self._kind.allowed_statuses)
        self._gateway_kills = 0
        self._is_there = False
        self._senders = [Sender(number, options.seed, self._gate, self._ledger) for number in range(connections)]

    def run(self):
        """Returns (what is wrong, faults of the running gateway)."""
        self._kind.make_topics()
        for sender in self._senders:
            sender.start()
        self._start_gateway()
        for cycle in range(self._options.cycles):
            self._cycle(cycle)
            if self._gate.faults:
                break
        self._wait_until_ready()
        self._load(0.2)
        self._gate.close()
        self._gate.wait_until_all_rest()
        self._gate.end()
        self._kind.settle(self._gateway)
        if code := self._gateway.stop():
            raise AssertionError(f"the gateway ended with {code} on SIGTERM")
        return self._check(), self._gate.faults

    def _cycle(self, cycle):
        """The broker goes and comes back; so does the gateway in every third cycle, and that at any moment of it."""
        moments = ["before", "while away", "after"]
        kill_gateway = moments[cycle // 3 % 3] if cycle % 3 == 2 else None
        self._load(self._random.uniform(0.05, self._options.longest_load_seconds))
        if kill_gateway == "before":
            self._kill_gateway()
        self._kafka.kill()
        self._load(self._random.uniform(0, self._options.longest_outage_seconds))
        if kill_gateway == "while away":
            self._kill_gateway()
        self._kafka.restart()
        if kill_gateway == "after":
            self._load(self._random.uniform(0, 0.5))
            self._kill_gateway()
        if kill_gateway:
            self._start_gateway()
        else:
            self._wait_until_ready()
        self._kind.wait_until_flowing()

    def _load(self, seconds):
        threading.Event().wait(seconds)
        if self._is_there and not self._gateway.is_running():
            raise AssertionError("the gateway ended by itself")

    def _kill_gateway(self):
        self._gateway_kills += 1
        self._gate.close()
        self._gateway.kill()
        self._gate.wait_until_all_rest()
        self._is_there = False

    def _start_gateway(self):
        self._gate.open(self._gateway.start())
        self._is_there = True

    def _wait_until_ready(self):
        """By itself, when the broker is there again."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while not self._gateway.is_ready():
            if time.monotonic() > deadline:
                raise AssertionError(f"the gateway is not ready {DRAIN_SECONDS} s after the broker came back")
            threading.Event().wait(0.02)

    def _check(self):
        checker = Checker(self._ledger, promises=self._kind.promises)
        for event in self._kind.stored_events(self._ledger):
            checker.see(event)
        return checker.settle()

    def summary(self):
        return (f"{self._options.kind}: {self._options.cycles} cycles, the gateway killed {self._gateway_kills} times, "
                f"{self._ledger.acknowledged_events()} events acknowledged, {self._gate.refused} requests refused")

    def acknowledged(self):
        return self._ledger.acknowledged_events()

    @property
    def log_path(self):
        return self._gateway.log_path


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--list-kinds", action="version", version="\n".join(sorted(kafka_kinds.KINDS)), help="and do nothing else")
    parser.add_argument("--program", required=True, help="the tenter to kill")
    parser.add_argument("--kind", required=True, choices=sorted(kafka_kinds.KINDS), help="how events come to Kafka")
    parser.add_argument("--cycles", type=int, default=3, help="how often (default 3)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="of all that is random; printed")
    parser.add_argument("--connections", type=int, help="senders at once (default: the kind's)")
    parser.add_argument("--parent", help="where the folder of the run is made (default: beside the program)")
    parser.add_argument("--longest-load-seconds", type=float, default=1.0, help="the kill comes at most so long after the last one")
    parser.add_argument("--longest-outage-seconds", type=float, default=1.0, help="the broker is away for so long and its start")
    return parser.parse_args()


def report(driver, findings, faults, options):
    sentences = [*findings.examples(), *(f"fault: {fault}" for fault in faults[:10])]
    if driver.acknowledged() < LEAST_ACKNOWLEDGED_PER_CYCLE * options.cycles:
        sentences.append(f"only {driver.acknowledged()} events were acknowledged: too few to prove anything")
    for sentence in sentences:
        print(f"crash: {sentence}", file=sys.stderr)
    print(f"crash: {driver.summary()}: {findings.counts()}; seed {options.seed}", flush=True)
    return not sentences


def main():
    options = parse_arguments()
    folder = tempfile.mkdtemp(prefix="kafka-crash-", dir=options.parent or os.path.dirname(os.path.abspath(options.program)))
    print(f"crash: seed {options.seed}, folder {folder}", flush=True)
    began = time.monotonic()
    with kafka_kinds.KafkaCluster(folder=os.path.join(folder, "kafka")) as kafka:
        driver = Driver(options, folder, kafka)
        try:
            good = report(driver, *driver.run(), options)
        except AssertionError as error:
            print(f"crash: {driver.summary()}: {error}; seed {options.seed}", file=sys.stderr)
            good = False
    if good:
        shutil.rmtree(folder)
        print(f"crash: passed in {time.monotonic() - began:.0f} s")
        return 0
    with open(driver.log_path, encoding="utf-8", errors="replace") as log:
        print("".join(log.readlines()[-20:]), file=sys.stderr)
    print(f"crash: FAILED; data and logs are kept in {folder}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
