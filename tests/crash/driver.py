"""What all runs have in common that kill the program: senders, what is random, the options, the report, the folder that a failure leaves."""

import argparse
import contextlib
import os
import random
import shutil
import sys
import tempfile
import time

from events import PARTITIONS, SOURCE_NAMES, stored_event
from gateway import Gateway
from ledger import Ledger
from sender import Gate, Sender

LEAST_ACKNOWLEDGED_PER_CYCLE = 10  # on average; a run that sends nothing proves nothing


class Driver:
    """One run. Subclasses say what happens in `run`, which returns (what is wrong, faults of the running gateway), and `summary`."""

    def __init__(self, options, gateway, connections, allowed=(200,)):
        self._options, self._gateway = options, gateway
        self._random = random.Random(options.seed)
        self._ledger = Ledger()
        self._gate = Gate(connections, allowed=allowed)
        self._senders = [Sender(number, options.seed, self._gate, self._ledger) for number in range(connections)]

    def _start_senders(self):
        for sender in self._senders:
            sender.start()

    def _kill_gateway(self):
        self._gate.close()
        self._gateway.kill()
        self._gate.wait_until_all_rest()

    def _stop_gateway(self):
        if code := self._gateway.stop():
            raise AssertionError(f"the gateway ended with {code} on SIGTERM")

    def acknowledged(self):
        return self._ledger.acknowledged_events()

    @property
    def log_path(self):
        return self._gateway.log_path


def make_gateway(options, folder, config, **more):
    return Gateway(options.program, folder, config, **more)


def read_log(gateway, checker):
    """All that the checker has not seen yet."""
    for source in SOURCE_NAMES:
        for partition in range(PARTITIONS[source]):
            for line in gateway.tail(source, partition, checker.next_offsets.get((source, partition), 0)):
                checker.see(stored_event(line))


def argument_parser(description, cycles, longest_load_seconds):
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("--program", required=True, help="the tenter to kill")
    parser.add_argument("--cycles", type=int, default=cycles, help=f"how often (default {cycles})")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="of all that is random; printed")
    parser.add_argument("--parent", help="where the folder of the run is made (default: beside the program)")
    parser.add_argument("--longest-load-seconds", type=float, default=longest_load_seconds, help="the kill comes at most so long after the start")
    return parser


def report(driver, findings, faults, options):
    sentences = [*findings.examples(), *(f"fault: {fault}" for fault in faults[:10])]
    if driver.acknowledged() < LEAST_ACKNOWLEDGED_PER_CYCLE * options.cycles:
        sentences.append(f"only {driver.acknowledged()} events were acknowledged: too few to prove anything")
    for sentence in sentences:
        print(f"crash: {sentence}", file=sys.stderr)
    print(f"crash: {driver.summary()}: {findings.counts()}; seed {options.seed}", flush=True)
    return not sentences


def conduct(options, make_driver, prefix="crash-"):
    """The exit code. `make_driver` gets the run's folder, and a stack for what must end with the run."""
    folder = tempfile.mkdtemp(prefix=prefix, dir=options.parent or os.path.dirname(os.path.abspath(options.program)))
    print(f"crash: seed {options.seed}, folder {folder}", flush=True)
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        driver = make_driver(folder, stack)
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
