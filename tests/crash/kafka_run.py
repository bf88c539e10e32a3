#!/usr/bin/env python3
"""Kills a real Kafka, and now and then the gateway, with -9 under load, again and again, and looks whether everything that the gateway
acknowledged is in Kafka.

    kafka_run.py --program build/release/tenter --kind kafka [--cycles 3] [--seed N] [--connections 16]

One cycle: senders send; the broker is killed, the gateway too in some cycles, before it, after it, or while it is away; both come back. At the end
the topics are read with a client that Tenter did not write.
exit: 0 when all acknowledged events are there once, unaltered, in order; 1 when not, or when the program did not do its part
"""

import os
import sys
import threading
import time

import driver
import kafka_kinds
from ledger import Checker

DRAIN_SECONDS = 60  # for the gateway to find the broker again


class KafkaKiller(driver.Driver):
    def __init__(self, options, folder, kafka):
        self._kafka = kafka
        self._kind = kafka_kinds.KINDS[options.kind](kafka)
        super().__init__(options, driver.make_gateway(options, folder, self._kind.config()), options.connections or self._kind.connections,
                         self._kind.allowed_statuses)
        self._gateway_kills = 0
        self._is_there = False

    def run(self):
        """Returns (what is wrong, faults of the running gateway)."""
        self._kind.make_topics()
        self._start_senders()
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
        self._stop_gateway()
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
        super()._kill_gateway()
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


def parse_arguments():
    parser = driver.argument_parser(__doc__, cycles=3, longest_load_seconds=1.0)
    parser.add_argument("--list-kinds", action="version", version="\n".join(sorted(kafka_kinds.KINDS)), help="and do nothing else")
    parser.add_argument("--kind", required=True, choices=sorted(kafka_kinds.KINDS), help="how events come to Kafka")
    parser.add_argument("--connections", type=int, help="senders at once (default: the kind's)")
    parser.add_argument("--longest-outage-seconds", type=float, default=1.0, help="the broker is away for so long and its start")
    return parser.parse_args()


def main():
    options = parse_arguments()

    def make_driver(folder, stack):
        return KafkaKiller(options, folder, stack.enter_context(kafka_kinds.KafkaCluster(folder=os.path.join(folder, "kafka"))))

    return driver.conduct(options, make_driver, prefix="kafka-crash-")


if __name__ == "__main__":
    sys.exit(main())
