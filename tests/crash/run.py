#!/usr/bin/env python3
"""Kills the real program with -9 at random moments, again and again, and looks whether anything that it acknowledged is gone.

    run.py --program build/release/tenter [--cycles 20] [--seed N] [--connections 32]

One cycle: start, senders send, kill -9, look what the log has (sometimes by a reader that recovers the stopped log itself, sometimes beside
the restarted gateway). Some starts, and some readers, are killed too. At the end everything is read again from the beginning.
exit: 0 when all acknowledged events are there once, unaltered, in order; 1 when not, or when the program did not do its part
"""

import sys
import threading

import driver
from events import MAX_BODY_BYTES, SOURCE_NAMES, SOURCES
from ledger import Checker

# The journal is the smallest that the configuration takes and segments are small, so that checkpoints, switches and rolls happen all the time.
CONFIG = f"""data = "./data"

[http]
listen = ["127.0.0.1:8080"]
max_body = "{MAX_BODY_BYTES // 1024}KiB"

[log]
journal = "JOURNAL"
segment_size = "SEGMENT"
{SOURCES}"""


class GatewayKiller(driver.Driver):
    def __init__(self, options, folder):
        config = CONFIG.replace("JOURNAL", options.journal).replace("SEGMENT", options.segment)
        super().__init__(options, driver.make_gateway(options, folder, config), options.connections)
        self._checker = Checker(self._ledger)
        self._killed_starts = 0

    def run(self):
        """Returns (what is wrong, faults of the running gateway)."""
        self._start_senders()
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
        self._kill_gateway()
        if self._random.random() < 0.4:
            self._recover_by_a_reader()

    def _recover_by_a_reader(self):
        if self._random.random() < 0.5:
            self._gateway.tail_and_kill(self._random.choice(SOURCE_NAMES), self._random.uniform(0, 1.2 * self._gateway.start_seconds))
        self._look()

    def _look(self):
        """Reads what came since the last look."""
        driver.read_log(self._gateway, self._checker)
        self._checker.settle()

    def _final_check(self):
        """Everything from the beginning, beside a running gateway and, after it has stopped in an orderly way, once more without one."""
        self._gateway.start()
        self._look()
        findings = self._check_from_the_beginning()
        self._stop_gateway()
        return findings or self._check_from_the_beginning()

    def _check_from_the_beginning(self):
        checker = Checker(self._ledger, shown_before=self._checker.places)
        checker.findings = self._checker.findings
        driver.read_log(self._gateway, checker)
        return checker.settle()

    def summary(self):
        return (f"{self._options.cycles} cycles, {self._killed_starts} starts killed, "
                f"{self._ledger.acknowledged_events()} events acknowledged")


def parse_arguments():
    parser = driver.argument_parser(__doc__, cycles=20, longest_load_seconds=0.6)
    parser.add_argument("--connections", type=int, default=32, help="senders at once (default 32)")
    parser.add_argument("--journal", default="1MiB", help="the configuration's log.journal")
    parser.add_argument("--segment", default="1MiB", help="the configuration's log.segment_size")
    return parser.parse_args()


def main():
    options = parse_arguments()
    return driver.conduct(options, lambda folder, _: GatewayKiller(options, folder))


if __name__ == "__main__":
    sys.exit(main())
