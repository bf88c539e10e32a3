#!/usr/bin/env python3
"""Goal: Kafka's own tools, of 3.9 and of 4.1, say of Tenter's topics and groups what they say of Kafka's.
Method: kafka-consumer-groups and kafka-get-offsets run against a real Kafka and a real `tenter serve` that hold the same batches, with groups
that were made alike; what they print is compared word by word."""

import concurrent.futures
import datetime
import json
import os
import re
import subprocess
import sys
import unittest

from clients import DRIVERS, java, scratch
from differ import PARTITIONS, SEED, TOPIC, Differential
from group_lives import Lives, commit_of, in_order

sys.path.insert(1, DRIVERS)

import client_settings  # noqa: E402

VERSIONS = (3, 4)
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
OFFSETS = "org.apache.kafka.tools.GetOffsetShell"
# All partitions, as a consumer's assignor writes it.
ASSIGNMENT = (b"\0\0\0\0\0\1" + len(TOPIC).to_bytes(2, "big") + TOPIC.encode() + PARTITIONS.to_bytes(4, "big")
              + b"".join(number.to_bytes(4, "big") for number in range(PARTITIONS)) + b"\xff\xff\xff\xff")


def time_of(milliseconds):
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Tools:
    """Those of one version against one side."""

    def __init__(self, version, profile, folder, side):
        self.bootstrap = profile["kafka"]["bootstrap"]
        self.config = client_settings.write("console.properties", profile, os.path.join(folder, side))
        self.process = subprocess.Popen([*java(version), "RunTools"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, tool, *arguments):
        command = [tool, "--bootstrap-server", self.bootstrap, "--command-config", self.config, *arguments]
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


class KafkasTools(Differential):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(scratch())
        cls.tools = {(version, side): Tools(version, profile, cls.folder, side) for version in VERSIONS for side, profile in cls.profiles.items()}
        for tools in cls.tools.values():
            cls.addClassCleanup(tools.close)

    def said(self, answer, hidden):
        """The words of each line; ids of members and where they are hidden. Errors by their first line, which has the reason."""
        lines = [line.split() for line in re.sub("|".join(map(re.escape, hidden)) or "$.", "-a-member-", answer["out"]).splitlines()]
        lines = [[word for word in line if not re.match(r"^(/127\.0\.0\.1|localhost:\d+|127\.0\.0\.1:\d+)$", word)] for line in lines]
        return answer["code"], sorted(line for line in lines if line), answer["err"].splitlines()[:1]

    def run_both(self, version, tool, *arguments):
        """{side: what it said}, both at once: most of the time they wait."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            running = {side: pool.submit(self.tools[(version, side)].run, tool, *arguments) for side in self.profiles}
        return {side: future.result() for side, future in running.items()}

    def agree(self, tool, *arguments, hidden=(), only="", is_told=True):
        """Lists of groups have those of others too, so of them `only` the lines that have this. `is_told`: that anything is."""
        for version in VERSIONS:
            with self.subTest(tool=tool, version=version, arguments=arguments):
                answers = {side: self.said(answer, hidden) for side, answer in self.run_both(version, tool, *arguments).items()}
                answers = {side: (code, [line for line in lines if only in " ".join(line)], errors) for side, (code, lines, errors) in answers.items()}
                self.assertEqual(answers["tenter"], answers["kafka"])
                if is_told:
                    self.assertTrue(answers["kafka"][1] or answers["kafka"][2], "it says something")

    def commit(self, offset=3):
        nobody = {"group_id": self.group, "generation_id": -1, "member_id": ""}
        self.pair.agree("OffsetCommit", 7, but=in_order, **commit_of(nobody, 7, offset, partitions=range(PARTITIONS)))

    def test_offsets_of_a_topic(self):
        times = [batch.last_timestamp for batch in self.records[0]]
        for time in ("-1", "-2", "-3", "latest", "max-timestamp", str(times[len(times) // 2])):
            self.agree(OFFSETS, "--topic", TOPIC, "--time", time)
        self.agree(OFFSETS, "--topic", TOPIC, "--time", str(times[-1] + 3_600_000), is_told=False)
        self.agree(OFFSETS, "--topic-partitions", f"{TOPIC}:1-3")
        self.agree(OFFSETS, "--topic", "no.such.topic")

    def test_a_group_without_members(self):
        self.commit()
        self.agree(GROUPS, "--list", only=self.group)
        self.agree(GROUPS, "--list", "--state", "Empty", only=self.group)
        for what in ((), ("--members",), ("--state",)):
            self.agree(GROUPS, "--describe", "--group", self.group, *what)
        self.agree(GROUPS, "--describe", "--group", "no.such.group")
        times = [batch.last_timestamp for batch in self.records[0]]
        moment = time_of(times[len(times) // 2])
        for where in (("--shift-by", "5"), ("--to-latest",), ("--to-datetime", moment), ("--to-earliest",)):
            self.agree(GROUPS, "--reset-offsets", "--group", self.group, "--topic", TOPIC, *where, "--execute")
            self.agree(GROUPS, "--describe", "--group", self.group)

    def test_groups_are_deleted(self):
        self.agree(GROUPS, "--delete", "--group", "no.such.group")
        for version in VERSIONS:
            self.commit()
            said = {side: self.said(answer, ()) for side, answer in self.run_both(version, GROUPS, "--delete", "--group", self.group).items()}
            self.assertEqual(said["tenter"], said["kafka"])
        self.agree(GROUPS, "--describe", "--group", self.group)

    def test_a_group_with_a_member(self):
        lives = Lives(self.pair, self.group)
        lives.join(5, session_timeout_ms=60_000)
        lives.agree("SyncGroup", 3, fields=lambda side: {
            **lives.who(side), "assignments": [{"member_id": lives.joined[side]["member_id"], "assignment": ASSIGNMENT}]})
        lives.agree("OffsetCommit", 7, fields=lambda side: commit_of(lives.who(side), 7, 2, partitions=(1, 2)))
        members = [answer["member_id"] for answer in lives.joined.values()]
        self.agree(GROUPS, "--list", "--state", "Stable", only=self.group)
        for what in ((), ("--members", "--verbose"), ("--state",)):
            self.agree(GROUPS, "--describe", "--group", self.group, *what, hidden=members)
        for refused in (("--delete",), ("--reset-offsets", "--topic", TOPIC, "--to-earliest", "--execute")):
            self.agree(GROUPS, *refused[:1], "--group", self.group, *refused[1:])


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(verbosity=2)
