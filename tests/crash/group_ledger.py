"""What the members of a consumer group wrote down, held against what was sent and what the log has.

The promise under test: the group reads every event of the log at least once and unaltered; what one member reads of a partition between
getting and losing it is the log from one offset on, without a gap; and what was acknowledged as committed is where the group goes on, at the
least, whoever is killed meanwhile.
"""

import json
from dataclasses import dataclass, field

from ledger import Findings, StoredEvent, content_fault

# An outage, a coordinator or a group that begins anew: what a kill of the gateway looks like to a member. Also one in the middle of a login,
# which librdkafka calls a failed one; who could really not log in would not get any further.
ERRORS_OF_A_KILL = frozenset((
    "_TRANSPORT", "_ALL_BROKERS_DOWN", "_RESOLVE", "_TIMED_OUT", "_TIMED_OUT_QUEUE", "_WAIT_COORD", "_DESTROY", "_NO_OFFSET", "_STATE",
    "_ASSIGNMENT_LOST", "UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS", "REQUEST_TIMED_OUT", "NOT_COORDINATOR",
    "COORDINATOR_NOT_AVAILABLE", "COORDINATOR_LOAD_IN_PROGRESS", "NETWORK_EXCEPTION", "_SSL",
    "_AUTHENTICATION"))


def read_profile(path):
    """A connection profile as configuration of librdkafka."""
    with open(path, encoding="utf-8") as file:
        profile = json.load(file)
    return {"bootstrap.servers": profile["kafka"]["bootstrap"], "ssl.ca.pem": profile["kafka"]["ca"], "security.protocol": "SASL_SSL",
            "sasl.mechanism": profile["auth"]["mechanism"].upper(), "sasl.username": profile["consumer_name"],
            "sasl.password": profile["auth"]["secret"], "group.id": profile["consumer_name"]}


@dataclass
class GroupFindings(Findings):
    unread: list = field(default_factory=list)
    went_back: list = field(default_factory=list)
    failed: list = field(default_factory=list)


class GroupChecker:
    """Takes the lines of all members, those of each in their order, in parts."""

    def __init__(self, ledger):
        self._ledger = ledger
        self.findings = GroupFindings()
        self.acknowledged = {}  # (source, partition) -> the greatest offset of which a commit was acknowledged
        self.read_count = 0
        self.commit_count = 0
        self.assignments = 0
        self._read = {}  # (source, partition) -> offsets
        self._assigned = {}  # (member, source, partition) -> [since, offset that must come next or None]
        self._commits = []  # (time, source, partition, offset)
        self._beginnings = []  # (time of the assignment, source, partition, first offset read)

    def see(self, member, line):
        kind, time, *values = json.loads(line)
        getattr(self, "_see_" + kind)(member, time, *values)

    def _see_assigned(self, member, time, places):
        self.assignments += 1
        for place in places:
            self._assigned[member, *place] = [time, None]

    def _see_revoked(self, member, _, places):
        for place in places:
            self._assigned.pop((member, *place), None)

    def _see_read(self, member, _, source, partition, offset, tenter_id, name, print_of_it):
        place = f"member {member}, {source}/{partition} offset {offset}"
        self.read_count += 1
        self._read.setdefault((source, partition), set()).add(offset)
        assigned = self._assigned.get((member, source, partition))
        if assigned is None:
            self.findings.failed.append(f"{place}: read though it is not assigned")
        else:
            if assigned[1] is None:
                self._beginnings.append((assigned[0], source, partition, offset))
            elif offset != assigned[1]:
                self.findings.reordered.append(f"{place}: expected offset {assigned[1]}")
            assigned[1] = offset + 1
        event = StoredEvent(source, partition, offset, tenter_id, tuple(name), bytes.fromhex(print_of_it))
        if fault := content_fault(event, self._ledger.attempts.get(event.name[:2])):
            self.findings.altered.append(f"{place}: {fault}")

    def _see_committed(self, _, time, places):
        self.commit_count += 1
        for source, partition, offset in places:
            self._commits.append((time, source, partition, offset))
            self.acknowledged[source, partition] = max(offset, self.acknowledged.get((source, partition), 0))

    def _see_error(self, member, _, name, text):
        if name not in ERRORS_OF_A_KILL:
            self.findings.failed.append(f"member {member}: {name}: {text}")

    def check_committed(self, committed, acknowledged):
        """What the gateway says after a restart, against what had been acknowledged before it was killed."""
        for place, offset in acknowledged.items():
            if committed.get(place, -1) < offset:
                self.findings.went_back.append(f"{place[0]}/{place[1]}: committed {committed.get(place)}, acknowledged was {offset}")

    def settle(self, next_offsets):
        """When the members have ended: `next_offsets` is the end of each partition of the log."""
        for place, end in next_offsets.items():
            missing = end - len(self._read.get(place, ()))
            if missing:
                first = next(offset for offset in range(end) if offset not in self._read.get(place, ()))
                self.findings.unread.append(f"{place[0]}/{place[1]}: {missing} of {end} events, the first at offset {first}")
            if self.acknowledged.get(place, 0) > end:
                self.findings.failed.append(f"{place[0]}/{place[1]}: {self.acknowledged[place]} was committed, and the log ends at {end}")
        self._check_beginnings()
        return self.findings

    def _check_beginnings(self):
        """Who gets a partition begins where a commit had been acknowledged before, or behind it."""
        greatest, commits = {}, iter(sorted(self._commits))
        commit = next(commits, None)
        for time, source, partition, offset in sorted(self._beginnings):
            while commit and commit[0] < time:
                greatest[commit[1:3]] = max(commit[3], greatest.get(commit[1:3], 0))
                commit = next(commits, None)
            if offset < greatest.get((source, partition), 0):
                self.findings.went_back.append(f"{source}/{partition}: a member began at {offset}, {greatest[source, partition]} had been "
                                               "acknowledged as committed")
