#!/usr/bin/env python3
"""Goal: what two members of a group are told while they come, go and do not come in time is what Kafka tells them.
Method: as groups_differ_test.py, with members that have connections of their own on either side: the same requests in the same order, each
sent when what must come before it has been seen. Where a member waits for a time, both sides wait at once."""

import unittest

from differ import PARTITIONS, SEED, TOPIC, Differential, Pair, without
from group_lives import METADATA, Lives, Member, in_order

ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS, FENCED_INSTANCE_ID = 22, 25, 27, 82
SHORT = {"rebalance_timeout_ms": 2000}  # what must be done in time takes 20 ms
SOMETHING_ELSE = [{"name": "range", "metadata": METADATA[:-4] + b"\0\0\0\4else"}]


def subscription(*owned):
    """What a cooperative consumer joins with: its topic, no user data, the partitions that it has."""
    name = len(TOPIC).to_bytes(2, "big") + TOPIC.encode()
    partitions = (1).to_bytes(4, "big") + name + len(owned).to_bytes(4, "big") + b"".join(one.to_bytes(4, "big") for one in owned)
    return [{"name": "cooperative-sticky", "metadata": b"\0\1" + (1).to_bytes(4, "big") + name + b"\xff\xff\xff\xff"
             + (partitions if owned else (0).to_bytes(4, "big"))}]


class Rebalances(Differential):
    holds_records = False

    def setUp(self):
        super().setUp()
        self.lives = Lives(self.pair, self.group)

    def member(self, version=5, **join):
        return Member(self.lives, self.enterContext(Pair(self, self.profiles)), version, **join)

    def describe(self, version=2):
        """Both sides, but for where its members are."""
        answers = self.pair.both("DescribeGroups", version, groups=[self.group])
        self.lives.compare("DescribeGroups", version, {side: without("groups.members.client_host")(answer) for side, answer in answers.items()})

    def two(self, first=None, second=None, version=5):
        """Two members of a stable group, the first of which leads."""
        leader, follower = self.member(version, **(first or {})), self.member(version, **(second or {}))
        leader.join()
        leader.joined()
        leader.sync({leader: b"all"})
        leader.synced()
        follower.join()
        leader.beats_until(REBALANCE_IN_PROGRESS)
        self.again(leader, follower)
        return leader, follower

    def again(self, leader, *others):
        """The others wait for it; all have what they are to do then."""
        leader.join()
        self.assertEqual(leader.joined()["leader"], leader.ids["kafka"])
        for member in others:
            member.joined()
            member.sync()
        leader.sync({member: b"part %d" % number for number, member in enumerate((leader, *others))})
        for member in (leader, *others):
            member.synced()

    def test_a_second_member_comes_and_goes(self):
        for version in (1, 3, 4, 5):
            with self.subTest(join=version):
                self.group = f"{self.group}.{version}"
                self.lives = Lives(self.pair, self.group)
                leader, follower = self.member(version), self.member(version)
                leader.join()
                leader.joined()
                leader.beat(test="before it has synced")
                leader.commit(REBALANCE_IN_PROGRESS, "before it has synced")
                leader.sync({leader: b"all"})
                leader.synced()
                alone = dict(leader.generations)
                follower.join()
                leader.beats_until(REBALANCE_IN_PROGRESS, "the other has joined")
                leader.commit(0, "of the generation that ends")
                leader.sync({leader: b"all"})
                leader.synced(REBALANCE_IN_PROGRESS, "of the generation that ends")
                leader.join()
                leader.joined()
                follower.joined()
                for member in (leader, follower):
                    member.beat(test="of the generation that begins")
                    member.commit(REBALANCE_IN_PROGRESS, "of the generation that begins")
                leader.commit(ILLEGAL_GENERATION, "of the former generation", former=alone)
                follower.sync()
                leader.sync({leader: b"one", follower: b"the other"})
                for member in (leader, follower):
                    member.synced()
                    member.beat()
                    member.commit()
                    member.sync()
                    member.synced(test="once more")
                leader.commit(ILLEGAL_GENERATION, "of the former generation", former=alone)
                self.describe()
                follower.leave(version=max(version - 2, 0))
                for ask in (follower.beat, follower.commit):
                    ask(UNKNOWN_MEMBER_ID, "when it has left")
                follower.sync()
                follower.synced(UNKNOWN_MEMBER_ID, "when it has left")
                leader.beat(REBALANCE_IN_PROGRESS, "the other has left")
                self.again(leader)
                leader.leave(version=max(version - 2, 0))
                self.describe()
                self.pair.agree("OffsetFetch", 5, group_id=self.group, topics=None, but=in_order)

    def test_a_member_that_does_not_join_in_time_is_none_any_more(self):
        leader, follower = self.two(SHORT, SHORT)
        former = dict(follower.generations)
        leader.join()
        follower.beats_until(REBALANCE_IN_PROGRESS)
        follower.commit(0, "while it could still join")
        self.assertEqual(len(leader.joined(test="alone, when the time is over")["members"]), 1)
        follower.beat(UNKNOWN_MEMBER_ID)
        follower.commit(UNKNOWN_MEMBER_ID, former=former)
        follower.sync()
        follower.synced(UNKNOWN_MEMBER_ID)
        follower.join()
        follower.joined(UNKNOWN_MEMBER_ID, "by its former id")
        leader.sync({leader: b"all"})
        leader.synced()
        self.describe()

    def test_a_leader_that_assigns_nothing_in_time_is_none_any_more(self):
        leader, follower = self.two(SHORT, SHORT)
        leader.join()
        follower.beats_until(REBALANCE_IN_PROGRESS)
        follower.join()
        leader.joined()
        follower.joined()
        follower.sync()
        leader.beat(test="while the other waits for what it is to do")
        follower.synced(REBALANCE_IN_PROGRESS, "the time is over")
        leader.beat(UNKNOWN_MEMBER_ID)
        leader.sync({leader: b"late", follower: b"late"})
        leader.synced(UNKNOWN_MEMBER_ID)
        self.again(follower)
        self.describe()

    def test_a_follower_that_does_not_sync_in_time_is_none_any_more(self):
        leader, follower = self.two(SHORT, SHORT)
        leader.join()
        follower.beats_until(REBALANCE_IN_PROGRESS)
        follower.join()
        leader.joined()
        follower.joined()
        leader.sync({leader: b"one", follower: b"the other"})
        leader.synced()
        leader.beat()
        leader.beats_until(REBALANCE_IN_PROGRESS, "the other has not asked what it is to do")
        follower.beat(UNKNOWN_MEMBER_ID)
        self.again(leader)

    def test_members_that_join_again(self):
        leader, follower = self.two()
        follower.join()
        follower.joined(test="with the same protocols: nothing changes")
        leader.beat()
        leader.join()
        follower.beats_until(REBALANCE_IN_PROGRESS, "the leader has joined: something else has changed")
        follower.join()
        leader.joined()
        follower.joined()
        for member in (follower, leader):
            member.join()
            member.joined(test="again, before anything is assigned")
        follower.join(protocols=SOMETHING_ELSE)
        leader.beats_until(REBALANCE_IN_PROGRESS, "the other joins with other protocols")
        self.again(leader, follower)

    def test_a_cooperative_member_joins_again_with_what_it_has(self):
        everything = range(PARTITIONS)
        leader, follower = self.two({"protocols": subscription()}, {"protocols": subscription()})
        leader.join(protocols=subscription(*everything))
        follower.beats_until(REBALANCE_IN_PROGRESS, "the leader has joined")
        follower.join(protocols=subscription(3))
        self.assertEqual(len(leader.joined()["members"]), 2)
        follower.joined()
        follower.sync()
        leader.sync({leader: b"some", follower: b"none yet"})
        for member in (leader, follower):
            member.synced()
        follower.join(protocols=subscription(2, 3))
        leader.beats_until(REBALANCE_IN_PROGRESS, "the other has joined with others")
        self.again(leader, follower)
        follower.join()
        follower.joined(test="as before: nothing changes")
        for member in (leader, follower):
            member.beat()
        self.describe()

    def test_a_second_one_of_the_same_name_fences_the_first(self):
        leader, former = self.two({"group_instance_id": "one"}, {"group_instance_id": "two"})
        later = self.member(group_instance_id="two")
        later.join()
        later.joined(test="in the place of the former")
        leader.beat(test="it is not told")
        for ask in (former.beat, former.commit, former.leave):
            ask(FENCED_INSTANCE_ID)
        former.sync()
        former.synced(FENCED_INSTANCE_ID)
        former.join()
        former.joined(FENCED_INSTANCE_ID)
        later.sync()
        later.synced(test="it has what the former had")
        for member in (leader, later):
            member.beat()
            member.commit()
        other = self.member(group_instance_id="one")
        other.join()
        other.joined(test="in the place of the leader")
        leader.beat(FENCED_INSTANCE_ID)
        for member in (other, later):
            member.beat()
        self.describe()
        later.leave()
        other.beat(REBALANCE_IN_PROGRESS)
        self.again(other)

    def test_a_static_member_is_fenced_while_it_waits(self):
        leader, former = self.two({"group_instance_id": "one"}, {"group_instance_id": "two"})
        former.join(protocols=SOMETHING_ELSE)
        leader.beats_until(REBALANCE_IN_PROGRESS)
        later = self.member(group_instance_id="two")
        later.join()
        former.joined(FENCED_INSTANCE_ID, "it waited for the leader")
        leader.join()
        leader.joined()
        later.joined()
        again = self.member(group_instance_id="two")
        later.sync()
        leader.beat(test="and has not assigned anything")
        again.join()
        later.synced(FENCED_INSTANCE_ID, "it waited for the leader")
        leader.beats_until(REBALANCE_IN_PROGRESS)
        self.again(leader, again)

    def test_a_static_member_that_does_not_join_in_time_stays(self):
        leader, follower = self.two(SHORT, {**SHORT, "group_instance_id": "two"})
        leader.join()
        follower.beats_until(REBALANCE_IN_PROGRESS)
        self.assertEqual(len(leader.joined(test="when the time is over")["members"]), 2)
        follower.beat(ILLEGAL_GENERATION)
        leader.sync({leader: b"one", follower: b"the other"})
        leader.synced()
        leader.beat()
        follower.join()
        follower.joined(test="late, into the generation that there is")
        follower.sync()
        follower.synced()
        self.describe()


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(verbosity=2)
