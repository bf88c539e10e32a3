"""What every client has to show on either side, in one go: a client's processes start one after the other, which is what takes time.

    A reads all, commits, waits for what is new, is killed
    B goes on from A's commit; C comes and shares with it, and leaves
    D begins at a time"""

import dataclasses
import statistics
import threading
import time

from driver import DEADLINE_SECONDS, Driver


@dataclasses.dataclass
class Findings:
    read: list = dataclasses.field(default_factory=list)  # all that A printed: Records
    resumed_at: dict = dataclasses.field(default_factory=dict)  # what was committed when A was killed, {partition: offset}
    resumed: list = dataclasses.field(default_factory=list)  # what B printed before C came
    shared: list = dataclasses.field(default_factory=list)  # what B and C printed from then on, [Records of B, Records of C]
    time: int = 0  # where D was told to begin
    since: list = dataclasses.field(default_factory=list)  # what D printed, to the end
    latencies: list = dataclasses.field(default_factory=list)  # from the acknowledgement of an event to its line, in seconds
    truth: list = dataclasses.field(default_factory=list)  # what the topic holds


class Together:
    """Where all clients wait for one another, so that latencies are taken one after the other on a machine that does nothing else. Those that
    failed before are not waited for."""

    def __init__(self, count):
        self.missing = count
        self.changed = threading.Condition()
        self.turn = threading.Lock()

    def come(self):
        with self.changed:
            self.missing -= 1
            self.changed.notify_all()

    def wait(self):
        with self.changed:
            if not self.changed.wait_for(lambda: self.missing <= 0, 3 * DEADLINE_SECONDS):
                raise AssertionError("the other clients did not come")


class Scenario:
    """`starting`: a semaphore that bounds how many processes start at once. `together`: see there."""

    def __init__(self, client, side, starting, together):
        self.client, self.side, self.starting, self.together = client, side, starting, together
        self.findings = Findings()
        self.profile = side.profile_path(client)
        self.has_come = False

    def run(self):
        try:
            self.read_commit_wait_and_be_killed()
            self.go_on_and_share()
            if self.client.can_seek:
                self.begin_at_a_time()
            return self.findings
        finally:
            self.come_together()

    def come_together(self):
        if not self.has_come:
            self.has_come = True
            self.together.come()

    def driver(self, changed=None):
        return Driver(self.client.command(), self.profile, self.side.topic(self.client), self.side.group(self.client),
                      self.client.environment(self.profile), changed)

    def append(self, phase):
        events = self.side.appender(self.client, phase)
        for event in events:
            event()
        return len(events)

    def read_commit_wait_and_be_killed(self):
        count = self.append("read")
        with self.starting:
            reader = self.driver()
        with reader:
            with self.starting:
                reader.say("consume")
                reader.wait_for(count)
            self.come_together()
            self.together.wait()
            with self.together.turn:
                self.measure(reader)
            reader.commit()
            self.findings.resumed_at = self.side.wait_until_committed(self.client, reader.records)
            reader.kill()
            self.findings.read = reader.records

    def measure(self, reader):
        """Each event is appended when the one before has come and the client waits again, so that a broker that answers only when a client's
        wait is over would be as late as that wait is long."""
        for append in self.side.appender(self.client, "wait"):
            before = len(reader.records)
            append()
            acknowledged = time.monotonic()
            reader.wait_for(before + 1, "a new event")
            self.findings.latencies.append(reader.records[before].arrived - acknowledged)

    def go_on_and_share(self):
        killed = self.append("killed")
        changed = threading.Condition()
        with self.starting:
            stays = self.driver(changed)
            stays.say("consume")
        with stays:
            stays.wait_for(killed, "what was appended since its predecessor was killed")
            stays.commit()
            self.side.wait_until_committed(self.client, stays.records)
            with self.starting:
                leaves = self.driver(changed)
                leaves.say("consume")
            with leaves:
                self.side.wait_for_members(self.client, [2, 2])
                before = len(stays.records)
                self.findings.resumed = stays.records[:before]
                wanted = before + self.append("shared")
                leaves.wait_until(lambda: len(stays.records) + len(leaves.records) >= wanted, "what two share")
                stays.commit()
                leaves.commit()
                self.side.wait_until_committed(self.client, [*stays.records, *leaves.records])
                leaves.leave()
            self.side.wait_for_members(self.client, [4])
            wanted += self.append("left")
            stays.wait_until(lambda: len(stays.records) + len(leaves.records) >= wanted, "what came after one has left")
            stays.leave()
            self.findings.shared = [stays.records[before:], leaves.records]

    def begin_at_a_time(self):
        found = self.findings
        seen = [*found.read, *found.resumed, *found.shared[0], *found.shared[1]]
        found.time = statistics.median_low(record.timestamp for record in found.read)
        with self.starting:
            seeks = self.driver()
            with seeks:
                seeks.say("seek", found.time)
                seeks.wait_for(len(since(seen, found.time)), f"what came since {found.time}")
                found.since = list(seeks.records)


def since(records, time):
    """Of each partition the records from the first one on that is not older than `time`."""
    first = {}
    for record in records:
        if record.timestamp >= time:
            first[record.partition] = min(record.offset, first.get(record.partition, record.offset))
    return [record for record in records if record.partition in first and record.offset >= first[record.partition]]
