#!/usr/bin/env python3
"""Kills the real program with -9 under load while a group of consumers reads from it, again and again, and looks whether the group got
everything, in order, and whether a committed offset ever went back.

    consumers_run.py --program build/release/tenter [--cycles 20] [--seed N] [--connections 4]

Two members of one group (member.py, confluent-kafka over SASL_SSL by the profile of `tenter consumer add`) live through all of it and find
their way back by themselves. One cycle: senders send, the members read and commit, kill -9 at a random moment, restart on the same ports,
committed offsets are asked for over the protocol. At the end the members must reach the end of the log.
exit: 0 when the group read every event of the log, unaltered and in order, no acknowledged commit was lost, and all acknowledged events are in
the log as run.py has it; 1 when not, or when the program did not do its part
"""

import os
import socket
import subprocess
import sys
import threading
import time

import driver
import kafka_events  # noqa: F401
from confluent_kafka import Consumer, KafkaException, TopicPartition
from events import MAX_BODY_BYTES, PARTITIONS, SOURCE_NAMES, SOURCES
from group_ledger import GroupChecker, read_profile
from ledger import Checker

HERE = os.path.dirname(os.path.abspath(__file__))
GROUP = "crash"
MEMBERS = 2
LEAST_COMMITS_PER_CYCLE = 1  # on average; members that never get back prove nothing
SETTLE_SECONDS = 60  # for anything to get further
CONFIG = f"""data = "./data"

[http]
listen = ["127.0.0.1:8080"]
max_body = "{MAX_BODY_BYTES // 1024}KiB"

[log]
journal = "1MiB"
segment_size = "1MiB"

[kafka]
listen = ["127.0.0.1:PORT"]
{SOURCES}"""


class Members:
    """The processes, and what they wrote down."""

    def __init__(self, options, folder, profile, random):
        assignor = random.choice(("range", "roundrobin", "cooperative-sticky"))
        self._ledgers = [os.path.join(folder, f"member-{number}.jsonl") for number in range(MEMBERS)]
        self._read = [0] * MEMBERS
        self._processes = []
        for number, ledger in enumerate(self._ledgers):
            command = [sys.executable, os.path.join(HERE, "member.py"), "--profile", profile, "--ledger", ledger, "--number", str(number),
                       "--assignor", assignor, *(["--fault", options.member_fault] if options.member_fault else [])]
            with open(os.path.join(folder, f"member-{number}.log"), "ab") as log:
                self._processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def look(self, checker):
        """Hands over the lines that have come since the last look; one that is being written waits for the next."""
        for number, process in enumerate(self._processes):
            if process.poll() is not None:
                raise AssertionError(f"member {number} ended by itself with {process.returncode}")
        self._hand_over(checker)

    def _hand_over(self, checker):
        for number, ledger in enumerate(self._ledgers):
            if not os.path.exists(ledger):
                continue
            with open(ledger, "rb") as file:
                file.seek(self._read[number])
                whole = file.read().rpartition(b"\n")[0]
            self._read[number] += len(whole) + 1 if whole else 0
            for line in whole.splitlines():
                checker.see(number, line)

    def end(self, checker):
        for process in self._processes:
            process.terminate()
        codes = [process.wait(SETTLE_SECONDS) for process in self._processes]
        if any(codes):
            raise AssertionError(f"the members ended with {codes}")
        self._hand_over(checker)

    def kill(self):
        for process in self._processes:
            process.kill()
            process.wait()


class GroupKiller(driver.Driver):
    def __init__(self, options, folder, stack):
        port = free_port()
        gateway = driver.make_gateway(options, folder, CONFIG.replace("PORT", str(port)), kafka_port=port)
        super().__init__(options, gateway, options.connections)
        profile = os.path.join(folder, "profile.json")
        gateway.run("consumer", "add", GROUP, *(word for source in SOURCE_NAMES for word in ("--source", source)), "--profile-out", profile)
        self._configuration = read_profile(profile)
        self._checker = GroupChecker(self._ledger)
        self._members = Members(options, folder, profile, self._random)
        stack.callback(self._members.kill)

    def run(self):
        self._start_senders()
        for cycle in range(self._options.cycles):
            self._cycle(cycle)
            if self._checker.findings or self._gate.faults:
                break
        self._gate.open(self._gateway.start())
        threading.Event().wait(0.2)
        self._gate.close()
        self._gate.wait_until_all_rest()
        self._gate.end()
        return self._final_check(), self._gate.faults

    def _cycle(self, cycle):
        while self._random.random() < 0.2:
            self._gateway.start_and_kill(self._random.uniform(0, 1.2 * self._gateway.start_seconds))
        self._members.look(self._checker)
        acknowledged = dict(self._checker.acknowledged)  # all of it before the kill
        port = self._gateway.start()
        if cycle > 0:
            self._checker.check_committed(self._committed(), acknowledged)
        self._gate.open(port)
        if self._random.random() < 0.7:  # else it may be killed before the members are back
            self._wait_for_a_commit()
        threading.Event().wait(self._random.uniform(0.02, self._options.longest_load_seconds))
        if not self._gateway.is_running():
            raise AssertionError("the gateway ended by itself")
        self._kill_gateway()

    def _wait_for_a_commit(self):
        before, deadline = self._checker.commit_count, time.monotonic() + SETTLE_SECONDS
        while self._checker.commit_count == before:
            if time.monotonic() > deadline:
                raise AssertionError(f"no member has committed anything for {SETTLE_SECONDS} s, though the gateway is there")
            threading.Event().wait(0.02)
            self._members.look(self._checker)

    def _committed(self):
        """By a client of its own, which is no member."""
        consumer = Consumer({**self._configuration, "reconnect.backoff.ms": 20, "log_level": 0})
        try:
            places = [TopicPartition(source, partition) for source, count in PARTITIONS.items() for partition in range(count)]
            found = consumer.committed(places, timeout=SETTLE_SECONDS)
        except KafkaException as error:
            raise AssertionError(f"committed offsets cannot be asked for: {error}") from error
        finally:
            consumer.close()
        for place in found:
            if place.error is not None:
                raise AssertionError(f"{place.topic}/{place.partition}: committed offsets cannot be asked for: {place.error}")
        return {(place.topic, place.partition): place.offset for place in found}

    def _final_check(self):
        log = Checker(self._ledger)
        driver.read_log(self._gateway, log)
        if log.settle():
            return log.findings
        self._wait_until_read(log.next_offsets)
        self._members.end(self._checker)
        self._checker.check_committed(self._committed(), self._checker.acknowledged)
        self._stop_gateway()
        return self._checker.settle(log.next_offsets)

    def _wait_until_read(self, next_offsets):
        """Until everything is committed, for as long as it gets further."""
        last, deadline = None, time.monotonic() + SETTLE_SECONDS
        while any(self._checker.acknowledged.get(place, 0) < end for place, end in next_offsets.items()):
            self._members.look(self._checker)
            if self._checker.acknowledged != last:
                last, deadline = dict(self._checker.acknowledged), time.monotonic() + SETTLE_SECONDS
            if time.monotonic() > deadline:
                raise AssertionError(f"the group came no further for {SETTLE_SECONDS} s: committed {last}, the log ends at {next_offsets}")
            threading.Event().wait(0.05)
        if self._checker.commit_count < LEAST_COMMITS_PER_CYCLE * self._options.cycles:
            raise AssertionError(f"only {self._checker.commit_count} commits were acknowledged: too few to prove anything")

    def summary(self):
        checker = self._checker
        return (f"{self._options.cycles} cycles, {self.acknowledged()} events acknowledged, {checker.read_count} read, "
                f"{checker.commit_count} commits, {checker.assignments} assignments")


def free_port():
    """The same after every restart, or nobody would find it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def parse_arguments():
    parser = driver.argument_parser(__doc__, cycles=20, longest_load_seconds=0.5)
    parser.add_argument("--connections", type=int, default=4, help="senders at once (default 4: what they send must be read)")
    parser.add_argument("--member-fault", choices=("skips", "alters", "boasts"), help="what the members do wrong: the run must fail")
    return parser.parse_args()


def main():
    options = parse_arguments()
    return driver.conduct(options, lambda folder, stack: GroupKiller(options, folder, stack), prefix="consumers-crash-")


if __name__ == "__main__":
    sys.exit(main())
