#!/usr/bin/env python3
"""Kills the real program with -9 at random moments, again and again, and looks whether anything that it acknowledged is gone.

    run.py --program build/release/tenter [--cycles 20] [--seed N] [--connections 32]

One cycle: start, senders send, kill -9, look what the log has (sometimes by a reader that recovers the stopped log itself, sometimes beside
the restarted gateway). Some starts, and some readers, are killed too. At the end everything is read again from the beginning.
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

from events import MAX_BODY_BYTES, PARTITIONS, SOURCE_NAMES, SOURCES, stored_event
from gateway import Gateway
from ledger import Checker, Ledger
from sender import Gate, Sender

LEAST_ACKNOWLEDGED_PER_CYCLE = 10  # on average; a run that sends nothing proves nothing
# The journal is the smallest that the configuration takes and segments are small, so that checkpoints, switches and rolls happen all the time.
CONFIG = f"""data = "./data"

[http]
listen = ["127.0.0.1:8080"]
max_body = "{MAX_BODY_BYTES // 1024}KiB"

[log]
journal = "JOURNAL"
segment_size = "SEGMENT"
{SOURCES}"""


class Driver:
    def __init__(self, options, folder):
        self._options = options
        self._random = random.Random(options.seed)
        self._gateway = Gateway(options.program, folder, CONFIG.replace("JOURNAL", options.journal).replace("SEGMENT", options.segment))
        self._ledger = Ledger()
        self._checker = Checker(self._ledger)
        self._gate = Gate(options.connections)
        self._killed_starts = 0
        self._senders = [Sender(number, options.seed, self._gate, self._ledger) for number in range(options.connections)]

    def run(self):
        """Returns (what is wrong, faults of the running gateway)."""
        for sender in self._senders:
            sender.start()
        for cycle in range(self._options.cycles):
            self._cycle(cycle)
            if self._checker.findings or self._gate.faults:
                break
        self._gate.end()
        return self._final_check(), self._gate.faults

    def _cycle(self, cycle):
        while self._random.random() < 0.3:
            self._killed_starts += 1
            self._gateway.start_and_kill(self._random.uniform(0, 1.2 * self._gateway.start_seconds))
        port = self._gateway.start()
        if cycle > 0:
            self._look()
        self._gate.open(port)
        threading.Event().wait(self._random.uniform(0.02, self._options.longest_load_seconds))
        if not self._gateway.is_running():
            raise AssertionError("the gateway ended by itself")
        self._gate.close()
        self._gateway.kill()
        self._gate.wait_until_all_rest()
        if self._random.random() < 0.4:
            self._recover_by_a_reader()

    def _recover_by_a_reader(self):
        if self._random.random() < 0.5:
            self._gateway.tail_and_kill(self._random.choice(SOURCE_NAMES), self._random.uniform(0, 1.2 * self._gateway.start_seconds))
        self._look()

    def _look(self):
        """Reads what came since the last look."""
        for source in SOURCE_NAMES:
            read_all(self._gateway, source, self._checker)
        self._checker.settle()

    def _final_check(self):
        """Everything from the beginning, beside a running gateway and, after it has stopped in an orderly way, once more without one."""
        self._gateway.start()
        self._look()
        findings = self._check_from_the_beginning()
        if code := self._gateway.stop():
            raise AssertionError(f"the gateway ended with {code} on SIGTERM")
        return findings or self._check_from_the_beginning()

    def _check_from_the_beginning(self):
        checker = Checker(self._ledger, shown_before=self._checker.places)
        checker.findings = self._checker.findings
        for source in SOURCE_NAMES:
            read_all(self._gateway, source, checker)
        return checker.settle()

    def summary(self):
        return (f"{self._options.cycles} cycles, {self._killed_starts} starts killed, "
                f"{self._ledger.acknowledged_events()} events acknowledged")

    def acknowledged(self):
        return self._ledger.acknowledged_events()

    @property
    def log_path(self):
        return self._gateway.log_path


def read_all(gateway, source, checker):
    """All that the checker has not seen yet."""
    for partition in range(PARTITIONS[source]):
        for line in gateway.tail(source, partition, checker.next_offsets.get((source, partition), 0)):
            checker.see(stored_event(line))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True, help="the tenter to kill")
    parser.add_argument("--cycles", type=int, default=20, help="how often (default 20)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="of all that is random; printed")
    parser.add_argument("--connections", type=int, default=32, help="senders at once (default 32)")
    parser.add_argument("--journal", default="1MiB", help="the configuration's log.journal")
    parser.add_argument("--segment", default="1MiB", help="the configuration's log.segment_size")
    parser.add_argument("--parent", help="where the folder of the run is made (default: beside the program)")
    parser.add_argument("--longest-load-seconds", type=float, default=0.6, help="the kill comes at most so long after the start")
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
    folder = tempfile.mkdtemp(prefix="crash-", dir=options.parent or os.path.dirname(os.path.abspath(options.program)))
    print(f"crash: seed {options.seed}, folder {folder}", flush=True)
    began = time.monotonic()
    driver = Driver(options, folder)
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
    print(f"crash: FAILED; data and log are kept in {folder}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
