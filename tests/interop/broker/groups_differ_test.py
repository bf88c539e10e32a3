#!/usr/bin/env python3
"""Goal: whatever a client asks of a group, Tenter answers as Kafka does.
Method: as reading_differ_test.py, with lives of groups instead of records. Each side chooses its own member ids and generations, so both are
compared by what they are: the first member's, the second's; the generation of the first rebalance, of the second."""

import unittest
import uuid

from differ import NOBODYS, PARTITIONS, SEED, TOPIC, VERSIONS, Differential, without
from group_lives import PROTOCOLS, Lives, commit_of, in_order


class Groups(Differential):
    def setUp(self):
        super().setUp()
        self.lives = Lives(self.pair, self.group)

    def new_group(self):
        self.group = f"group.{uuid.uuid4().hex[:8]}"
        self.lives = Lives(self.pair, self.group)
        return self.lives

    def stable(self, join=5, sync=3):
        lives = self.new_group()
        lives.join(join)
        lives.sync(sync)
        return lives

    def test_a_member_joins_syncs_beats_and_leaves(self):
        for join in VERSIONS["JoinGroup"]:
            lives = self.new_group()
            lives.join(join)
            for version in VERSIONS["Heartbeat"]:
                lives.agree("Heartbeat", version, fields=lives.who, test="before it has synced")
            for version in VERSIONS["SyncGroup"]:
                lives.sync(version)
            for version in VERSIONS["Heartbeat"]:
                lives.agree("Heartbeat", version, fields=lives.who, test="in a stable group")
            for version in VERSIONS["DescribeGroups"]:
                lives.pair.agree("DescribeGroups", version, groups=[lives.group],
                                 but=without("groups.members.member_id", "groups.members.client_host"))
            leave = max(join - 2, 0)
            if leave < 3:
                lives.agree("LeaveGroup", leave, fields=lambda side: {"group_id": lives.group, "member_id": lives.who(side)["member_id"]})
            else:
                lives.agree("LeaveGroup", leave, fields=lambda side: {"group_id": lives.group, "members": [
                    {"member_id": lives.who(side)["member_id"]}, {"member_id": "nobody"}, {"member_id": "", "group_instance_id": "none"}]})
            lives.agree("Heartbeat", 3, fields=lives.who, test="when it has left")
            for version in VERSIONS["DescribeGroups"]:
                lives.pair.agree("DescribeGroups", version, groups=[lives.group])

    def test_who_is_not_a_member(self):
        lives = self.stable()
        wrong = {"another generation": {"generation_id": 2_000_000_000}, "an earlier generation": {"generation_id": 0},
                 "another member": {"member_id": "nobody"}, "no member": {"member_id": ""}, "no such group": {"group_id": "no.such.group"},
                 "an empty name": {"group_id": ""}, "generation -1": {"generation_id": -1}}
        for what, fields in wrong.items():
            for version in VERSIONS["Heartbeat"]:
                lives.agree("Heartbeat", version, fields=lambda side: {**lives.who(side), **fields}, test=what)
            for version in VERSIONS["SyncGroup"]:
                lives.agree("SyncGroup", version, fields=lambda side: {**lives.who(side), **fields}, test=what)
            for version in VERSIONS["OffsetCommit"]:
                lives.agree("OffsetCommit", version, fields=lambda side: commit_of({**lives.who(side), **fields}, version), test=what)
        for version in VERSIONS["LeaveGroup"][:3]:
            for group, member in ((lives.group, "nobody"), (lives.group, ""), ("no.such.group", "nobody"), ("", "")):
                lives.agree("LeaveGroup", version, group_id=group, member_id=member)
        for group, members in ((lives.group, [{"member_id": "nobody"}]), ("no.such.group", [{"member_id": "nobody"}]), (lives.group, [])):
            lives.agree("LeaveGroup", 3, group_id=group, members=members)

    def test_joins_that_are_refused(self):
        for version in VERSIONS["JoinGroup"]:
            for what in ({"session_timeout_ms": 50}, {"session_timeout_ms": 10_000_000}, {"group_id": ""}, {"protocol_type": ""},
                         {"protocols": []}, {"member_id": "nobody"}):
                lives = self.new_group()
                lives.agree("JoinGroup", version, **{"group_id": lives.group, "session_timeout_ms": 6000, "rebalance_timeout_ms": 6000,
                                                     "member_id": "", "protocol_type": "consumer", "protocols": PROTOCOLS, **what})
        lives = self.stable()
        for what in ({"protocol_type": "connect"}, {"protocols": [{"name": "another", "metadata": b""}]}):
            lives.agree("JoinGroup", 5, **{"group_id": lives.group, "session_timeout_ms": 6000, "rebalance_timeout_ms": 6000,
                                           "protocol_type": "consumer", "protocols": PROTOCOLS, **what})

    def test_a_static_member_comes_again_by_its_name(self):
        lives = self.new_group()
        lives.join(5, group_instance_id="one")
        lives.sync(3)
        former = lives.joined
        lives.join(5, group_instance_id="one")
        lives.sync(3)
        for name in ("Heartbeat", "SyncGroup"):
            lives.agree(name, 3, fields=lambda side: {
                "group_id": lives.group, "generation_id": former[side]["generation_id"], "member_id": former[side]["member_id"],
                "group_instance_id": "one"}, test="by the former id")
            lives.agree(name, 3, fields=lambda side: {**lives.who(side), "group_instance_id": "another"}, test="by another name")
        lives.agree("LeaveGroup", 3, group_id=lives.group, members=[{"member_id": "", "group_instance_id": "one"}])

    def test_offsets_of_a_member(self):
        for version in VERSIONS["OffsetCommit"]:
            lives = self.stable()
            for offset, topic, partitions in ((5, TOPIC, [0, 1]), (7, TOPIC, [1, PARTITIONS, -1]), (0, NOBODYS, [0]), (1 << 40, TOPIC, [2])):
                lives.agree("OffsetCommit", version, fields=lambda side: commit_of(lives.who(side), version, offset, topic, partitions))
            self.compare_offsets(lives)

    def compare_offsets(self, lives):
        for version in VERSIONS["OffsetFetch"]:
            for topics in ([{"name": TOPIC, "partition_indexes": [0, 1, 2, 3, PARTITIONS]}], [{"name": NOBODYS, "partition_indexes": [0]}], [],
                           *([None] if version >= 2 else [])):
                lives.pair.agree("OffsetFetch", version, group_id=lives.group, topics=topics, but=in_order)

    def test_offsets_of_an_administrator(self):
        for version in VERSIONS["OffsetCommit"]:
            lives = self.new_group()
            nobody = {"group_id": lives.group, "generation_id": -1, "member_id": ""}
            for offset, metadata in ((5, "so it was"), (3, ""), (4, None), (0, "x" * 4096), (9, "x" * 4097)):
                lives.agree("OffsetCommit", version, **commit_of(nobody, version, offset, metadata=metadata))
                self.compare_offsets(lives)
        lives = self.stable()
        nobody = {"group_id": lives.group, "generation_id": -1, "member_id": ""}
        for version in VERSIONS["OffsetCommit"]:
            lives.agree("OffsetCommit", version, **commit_of(nobody, version, 1), test="while the group has a member")
            lives.agree("OffsetCommit", version, **commit_of({**nobody, "group_id": ""}, version, 1))

    def test_offsets_of_groups_that_are_not_there(self):
        for version in VERSIONS["OffsetFetch"]:
            for group in ("no.such.group", ""):
                self.pair.agree("OffsetFetch", version, group_id=group, topics=[{"name": TOPIC, "partition_indexes": [0]}])

    def test_groups_are_described_listed_and_deleted(self):
        lives = self.stable()
        only = {"group_id": lives.group}

        def ours(answer):
            return {**answer, "groups": [group for group in answer["groups"] if group["group_id"] == only["group_id"]]}

        for version in VERSIONS["ListGroups"]:
            lives.pair.agree("ListGroups", version, but=ours)
            if version >= 4:
                for state in ("Stable", "Empty", "stable", "none such"):
                    lives.pair.agree("ListGroups", version, but=ours, states_filter=[state])
        for version in VERSIONS["DescribeGroups"]:
            for names in (["no.such.group"], [""], [], ["no.such.group", "nor.this.one"]):
                lives.pair.agree("DescribeGroups", version, groups=names)
        for version in VERSIONS["DeleteGroups"]:
            for names in ([lives.group], ["no.such.group"], [""], [], [lives.group, "no.such.group"]):
                lives.pair.agree("DeleteGroups", version, groups_names=names, but=sorted_results)
        for version in VERSIONS["DeleteGroups"]:
            gone = self.new_group()
            nobody = {"group_id": gone.group, "generation_id": -1, "member_id": ""}
            gone.agree("OffsetCommit", 7, **commit_of(nobody, 7))
            only["group_id"] = gone.group
            gone.pair.agree("ListGroups", 4, but=ours)
            gone.pair.agree("DescribeGroups", 2, groups=[gone.group])
            for _ in range(2):
                gone.pair.agree("DeleteGroups", version, groups_names=[gone.group])
            gone.pair.agree("ListGroups", 4, but=ours)
            gone.pair.agree("OffsetFetch", 5, group_id=gone.group, topics=None)


def sorted_results(answer):
    return {**answer, "results": sorted(answer["results"], key=lambda result: result["group_id"])}


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(verbosity=2)
