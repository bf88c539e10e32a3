#!/usr/bin/env python3
"""Does the checker see what it is there to see? Goal: every kind of loss is found, and nothing is found where nothing is wrong.
Method: a small log that is right, then the same log doctored in one way each; and the whole client against a program with known faults."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from group_ledger import GroupChecker
from ledger import Attempt, Checker, Ledger, Promises, StoredEvent

HERE = pathlib.Path(__file__).resolve().parent


def content(sender, number, index=0):
    return b"content of %d-%d-%d" % (sender, number, index)


class SmallLog:
    """Two senders, one source `s` of two partitions, one source `b` with a batch. The last attempt of sender 1 got no answer."""

    def __init__(self):
        self.ledger = Ledger()
        self.events = []
        self._next = {}
        for number in range(4):
            for sender in (0, 1):
                self.sent("s", sender, number, acknowledged=(sender, number) != (1, 3))
                self.stored("s", number % 2, sender, number)
        self.sent("b", 0, 4, size=3)
        for index in range(3):
            self.stored("b", 0, 0, 4, index)

    def sent(self, source, sender, number, size=1, acknowledged=True):
        attempt = self.ledger.add(Attempt(source, sender, number, [content(sender, number, index) for index in range(size)]))
        if acknowledged:
            attempt.tenter_ids = [f"id-{sender}-{number}-{index}" for index in range(size)]

    def stored(self, source, partition, sender, number, index=0):
        offset = self._next.get((source, partition), 0)
        self._next[source, partition] = offset + 1
        self.events.append(StoredEvent(source, partition, offset, f"id-{sender}-{number}-{index}", (sender, number, index),
                                       content(sender, number, index)))

    def find(self, *name):
        return next(event for event in self.events if event.name == name)

    def remove(self, *name):
        """Takes an event out as if it had never been written: offsets stay without gaps."""
        gone = self.find(*name)
        self.events.remove(gone)
        self._next[gone.source, gone.partition] -= 1
        for event in self.events:
            if (event.source, event.partition) == (gone.source, gone.partition) and event.offset > gone.offset:
                event.offset -= 1

    def check(self, shown_before=None, promises=Promises()):
        checker = Checker(self.ledger, shown_before, promises)
        for event in self.events:
            checker.see(event)
        return checker.settle()


class CheckerFinds(unittest.TestCase):
    def setUp(self):
        self.log = SmallLog()

    def expect(self, kind, findings):
        self.assertEqual([name for name, sentences in vars(findings).items() if sentences], [kind], list(findings.examples()))

    def test_nothing_where_nothing_is_wrong(self):
        self.assertFalse(self.log.check(), list(self.log.check().examples()))

    def test_nothing_where_an_event_without_an_answer_is_absent(self):
        self.log.remove(1, 3, 0)
        self.assertFalse(self.log.check())

    def test_nothing_where_a_batch_without_an_answer_is_absent(self):
        self.log.sent("b", 1, 4, size=2, acknowledged=False)
        self.assertFalse(self.log.check())

    def test_a_lost_event_wherever_it_stood(self):
        for event in list(self.log.events):
            if event.name != (1, 3, 0):
                with self.subTest(event.name):
                    log = SmallLog()
                    log.remove(*event.name)
                    self.expect("lost", log.check())

    def test_a_hole_in_the_offsets(self):
        for event in self.log.events:
            if event.source == "s" and event.partition == 0 and event.offset >= 2:
                event.offset += 1
        self.expect("lost", self.log.check())

    def test_offsets_that_begin_anew(self):
        self.log.find(0, 2, 0).offset = 0
        self.assertTrue(self.log.check().duplicated)

    def test_a_torn_batch(self):
        self.log.sent("b", 1, 4, size=2, acknowledged=False)
        self.log.stored("b", 0, 1, 4, 0)
        self.expect("lost", self.log.check())

    def test_an_altered_event(self):
        self.log.find(0, 2, 0).fingerprint = b"something else"
        self.expect("altered", self.log.check())

    def test_an_altered_event_that_had_no_answer(self):
        self.log.find(1, 3, 0).fingerprint = b"something else"
        self.expect("altered", self.log.check())

    def test_another_id_than_was_answered(self):
        self.log.find(0, 2, 0).tenter_id = "another"
        self.expect("altered", self.log.check())

    def test_an_event_that_nobody_sent(self):
        self.log.stored("s", 0, 7, 7)
        self.expect("altered", self.log.check())

    def test_an_event_in_another_source(self):
        self.log.remove(1, 3, 0)
        self.log.stored("b", 0, 1, 3)
        self.expect("altered", self.log.check())

    def test_a_duplicate(self):
        self.log.stored("s", 0, 0, 2)
        self.expect("duplicated", self.log.check())

    def test_a_duplicate_in_another_partition(self):
        self.log.stored("s", 1, 0, 2)
        self.expect("duplicated", self.log.check())

    def test_a_duplicate_of_an_event_without_an_answer(self):
        self.log.stored("s", 1, 1, 3)
        self.expect("duplicated", self.log.check())

    def test_events_of_one_sender_out_of_order(self):
        self.swap((0, 0, 0), (0, 2, 0))
        self.expect("reordered", self.log.check())

    def test_a_batch_out_of_order(self):
        self.swap((0, 4, 0), (0, 4, 1))
        self.expect("reordered", self.log.check())

    def test_nothing_where_events_of_two_senders_change_places(self):
        self.swap((0, 0, 0), (1, 0, 0))
        self.assertFalse(self.log.check())

    def swap(self, first, second):
        """Two events change places within their partition."""
        one, two = self.log.find(*first), self.log.find(*second)
        self.assertEqual((one.source, one.partition), (two.source, two.partition))
        here, there = self.log.events.index(one), self.log.events.index(two)
        self.log.events[here], self.log.events[there] = two, one
        one.offset, two.offset = two.offset, one.offset

    def test_an_event_that_a_reader_saw_and_that_is_gone(self):
        shown = {(1, 3, 0): ("s", 1, 3)}
        self.assertFalse(self.log.check(shown))
        self.log.remove(1, 3, 0)
        self.expect("lost", self.log.check(shown))

    def test_a_loss_in_whatever_part_of_the_log_it_is_fed(self):
        for cut in range(len(self.log.events) + 1):
            with self.subTest(cut):
                log = SmallLog()
                log.remove(1, 1, 0)
                checker = Checker(log.ledger)
                for event in log.events[:cut]:
                    checker.see(event)
                for event in log.events[cut:]:
                    checker.see(event)
                self.assertEqual(len(checker.settle().lost), 1)


class CheckerOfALogThatPromisesLess(unittest.TestCase):
    """What the log in Kafka does not promise of events that were not acknowledged; of the others it promises the same."""

    def setUp(self):
        self.log = SmallLog()

    def expect(self, kind, promises):
        findings = self.log.check(promises=promises)
        self.assertEqual([name for name, sentences in vars(findings).items() if sentences], [kind] if kind else [], list(findings.examples()))

    def test_offsets_may_be_left_out_but_not_come_twice(self):
        for event in self.log.events:
            if event.source == "s" and event.partition == 0 and event.offset >= 2:
                event.offset += 5
        self.expect(None, Promises(dense_offsets=False))
        self.log.find(0, 2, 0).offset = 0
        self.assertTrue(self.log.check(promises=Promises(dense_offsets=False)).duplicated)

    def test_a_batch_without_an_answer_may_be_torn_but_not_one_with(self):
        self.log.sent("b", 1, 4, size=2, acknowledged=False)
        self.log.stored("b", 0, 1, 4, 0)
        self.expect(None, Promises(whole_batches=False))
        self.log.remove(0, 4, 1)
        self.expect("lost", Promises(whole_batches=False))

    def test_an_event_without_an_answer_may_come_late_but_not_twice_and_not_one_with(self):
        late = Promises(late_events=True)
        self.log.sent("s", 1, 5)
        self.log.stored("s", 1, 1, 5)
        self.log.remove(1, 3, 0)
        self.log.stored("s", 1, 1, 3)
        self.expect("reordered", Promises())
        self.expect(None, late)
        self.log.stored("s", 1, 1, 3)
        self.expect("duplicated", late)

    def test_an_acknowledged_event_that_comes_late_is_found(self):
        self.log.remove(0, 0, 0)
        self.log.stored("s", 0, 0, 0)
        self.expect("reordered", Promises(late_events=True))


class SmallGroup:
    """Two members that read SmallLog's source `s`: the first both partitions, then the second takes partition 1 over, where the first had
    committed all but its last event."""

    def __init__(self):
        self.log = SmallLog()
        self.lines = []  # (member, line)
        self._time = 0
        self.ends = {("s", 0): 4, ("s", 1): 4}
        self.write(0, "assigned", [["s", 0], ["s", 1]])
        self.read(0, 0, range(4))
        self.read(0, 1, range(3))
        self.write(0, "committed", [["s", 0, 4], ["s", 1, 2]])
        self.write(0, "error", "_TRANSPORT", "the gateway was killed")
        self.write(0, "revoked", [["s", 1]])
        self.write(1, "assigned", [["s", 1]])
        self.read(1, 1, range(2, 4))
        self.write(1, "committed", [["s", 1, 4]])

    def write(self, member, kind, *values):
        self._time += 1
        self.lines.append((member, [kind, self._time, *values]))

    def read(self, member, partition, offsets):
        events = [event for event in self.log.events if (event.source, event.partition) == ("s", partition)]
        for offset in offsets:
            event = events[offset]
            self.write(member, "read", "s", partition, offset, event.tenter_id, event.name, event.fingerprint.hex())

    def find(self, member, partition, offset):
        return next(line for who, line in self.lines if who == member and line[0] == "read" and line[3:5] == [partition, offset])

    def check(self, committed=None, acknowledged=None):
        checker = GroupChecker(self.log.ledger)
        for member, line in self.lines:
            checker.see(member, json.dumps(line))
        checker.check_committed(committed or {}, acknowledged or {})
        return checker.settle(self.ends)


class GroupCheckerFinds(unittest.TestCase):
    def setUp(self):
        self.group = SmallGroup()

    def expect(self, kinds, findings):
        self.assertEqual([name for name, sentences in vars(findings).items() if sentences], kinds, list(findings.examples()))

    def test_nothing_where_nothing_is_wrong(self):
        self.expect([], self.group.check({("s", 0): 4, ("s", 1): 4}, {("s", 0): 4, ("s", 1): 2}))

    def test_an_event_that_nobody_read(self):
        self.group.ends["s", 1] = 5
        self.expect(["unread"], self.group.check())

    def test_an_event_that_was_left_out_between_others(self):
        self.group.lines.remove((0, self.group.find(0, 0, 2)))
        self.expect(["reordered", "unread"], self.group.check())

    def test_events_that_changed_places(self):
        first, second = self.group.find(0, 0, 1), self.group.find(0, 0, 2)
        first[2:], second[2:] = second[2:], first[2:]
        self.expect(["reordered"], self.group.check())

    def test_an_altered_event(self):
        self.group.find(1, 1, 3)[7] = "00"
        self.expect(["altered"], self.group.check())

    def test_an_event_under_another_id(self):
        self.group.find(0, 0, 0)[5] = "another"
        self.expect(["altered"], self.group.check())

    def test_a_committed_offset_that_went_back_with_a_restart(self):
        self.expect(["went_back"], self.group.check({("s", 0): 3, ("s", 1): 4}, {("s", 0): 4, ("s", 1): 4}))
        self.expect(["went_back"], self.group.check({("s", 0): -1001}, {("s", 0): 4}))

    def test_a_member_that_begins_before_what_was_acknowledged(self):
        self.group.lines[-2:-2] = [(1, [*self.group.find(0, 1, 1)])]
        for number, offset in ((-4, 1), (-3, 2), (-2, 3)):
            self.group.lines[number] = 1, [*self.group.find(0 if offset < 3 else 1, 1, offset)]
        self.expect(["went_back"], self.group.check())

    def test_a_member_that_reads_what_is_not_its_own(self):
        self.group.read(0, 1, [3])
        self.expect(["failed"], self.group.check())

    def test_a_commit_of_what_is_not_there(self):
        self.group.write(1, "committed", [["s", 1, 5]])
        self.expect(["failed"], self.group.check())

    def test_an_error_that_no_kill_explains(self):
        self.group.write(1, "error", "_AUTO_OFFSET_RESET", "no offset")
        self.expect(["failed"], self.group.check())


class ClientAgainstKnownFaults(unittest.TestCase):
    """forgetful_gateway.py in the place of tenter; all runs at once, as they mostly wait."""

    CONTROLS = {"honest": None, "early": "lost", "garbled": "altered", "twice": "duplicated", "swapped": "reordered"}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        command = [sys.executable, HERE / "run.py", "--program", HERE / "forgetful_gateway.py", "--cycles", "2", "--seed", "3",
                   "--connections", "8", "--longest-load-seconds", "0.4", "--parent", cls.folder.name]
        runs = {control: subprocess.Popen(command, env={**os.environ, "CRASH_CONTROL": control}, stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT, text=True) for control in cls.CONTROLS}
        cls.outputs = {control: (run.communicate(timeout=60)[0], run.returncode) for control, run in runs.items()}

    def counts(self, output):
        found = re.search(r"(\d+) lost, (\d+) altered, (\d+) duplicated, (\d+) reordered", output)
        self.assertTrue(found, output)
        return dict(zip(("lost", "altered", "duplicated", "reordered"), map(int, found.groups())))

    def test_an_honest_program_passes(self):
        output, code = self.outputs["honest"]
        self.assertEqual(code, 0, output)
        self.assertEqual(set(self.counts(output).values()), {0})

    def test_each_fault_is_found_and_fails_the_run(self):
        for control, kind in self.CONTROLS.items():
            if kind:
                with self.subTest(control):
                    output, code = self.outputs[control]
                    self.assertEqual(code, 1, output)
                    self.assertGreater(self.counts(output)[kind], 0, output)


if __name__ == "__main__":
    unittest.main()
