"""Groups that live alike on both sides."""

import time

from differ import CLOSED, TOPIC

MEMBER_ID_REQUIRED = 79
DEADLINE_SECONDS = 30

METADATA = b"\0\0\0\0\0\1" + len(TOPIC).to_bytes(2, "big") + TOPIC.encode() + b"\xff\xff\xff\xff"
PROTOCOLS = [{"name": "range", "metadata": METADATA}, {"name": "roundrobin", "metadata": METADATA}]


def in_order(answer):
    """Kafka has topics and partitions of offsets in no order."""
    return {**answer, "topics": [{**topic, "partitions": sorted(topic["partitions"], key=lambda partition: partition["partition_index"])}
                                 for topic in sorted(answer["topics"], key=lambda topic: topic["name"])]}


class Lives:
    """A group's members and generations on either side."""

    def __init__(self, pair, group):
        self.pair, self.group = pair, group
        self.members = {side: [] for side in pair.profiles}  # member ids as they come
        self.generations = {side: [] for side in pair.profiles}  # likewise; ours are the time where that is more than one behind the last

    def but(self, side, answer):
        """The answer with numbers for member ids and generations, and its members in that order."""
        if answer == CLOSED:
            return answer

        def number(known, value):
            if value not in known:
                known.append(value)
            return known.index(value)

        def named(value, key=""):
            if isinstance(value, dict):
                return {name: named(one, name) for name, one in value.items()}
            if isinstance(value, list):
                found = [named(one, key) for one in value]
                return sorted(found, key=lambda member: member["member_id"]) if key == "members" else found
            if key in ("member_id", "leader") and value:
                return f"member {number(self.members[side], value)}"
            if key == "generation_id" and value >= 0:
                return f"generation {number(self.generations[side], value)}"
            return value

        return named(answer)

    def agree(self, name, version, fields=None, test=None, **same):
        return self.compare(name, version, self.pair.both(name, version, fields, **same), test, **same)

    def compare(self, name, version, answers, test=None, **same):
        """That they say the same; `same`: what was asked, for who reads of a difference."""
        if name == "OffsetCommit":
            answers = {side: answer if answer == CLOSED else in_order(answer) for side, answer in answers.items()}
        compared = {side: self.but(side, answer) for side, answer in answers.items()}
        with self.pair.test.subTest(request=name, version=version, what=test, **same):
            self.pair.test.assertEqual(compared["tenter"], compared["kafka"])
        return answers

    def join(self, version, **more):
        """As a new member, until it has its id and the generation."""
        fields = {"group_id": self.group, "session_timeout_ms": 6000, "rebalance_timeout_ms": 6000, "protocol_type": "consumer",
                  "protocols": PROTOCOLS, **more}
        answers = self.agree("JoinGroup", version, **fields)
        if answers["kafka"]["error_code"] == 79:
            answers = self.agree("JoinGroup", version, fields=lambda side: {"member_id": answers[side]["member_id"]}, **fields)
        self.pair.test.assertEqual(answers["kafka"]["error_code"], 0)
        self.joined = answers
        return answers

    def who(self, side):
        return {"group_id": self.group, "generation_id": self.joined[side]["generation_id"], "member_id": self.joined[side]["member_id"]}

    def sync(self, version):
        return self.agree("SyncGroup", version, fields=lambda side: {
            **self.who(side), "assignments": [{"member_id": self.joined[side]["member_id"], "assignment": b"what it is to do"}]})


def commit_of(who, version, offset=1, topic=TOPIC, partitions=(0,), metadata="said so"):
    """The fields of an OffsetCommit. `who`: a group, a generation and a member."""
    fields = {"group_id": who["group_id"], "generation_id_or_member_epoch": who["generation_id"], "member_id": who["member_id"]}
    return {**fields, "topics": [{"name": topic, "partitions": [
        {"partition_index": partition, "committed_offset": offset, "committed_metadata": metadata} for partition in partitions]}]}


class Member:
    """A member of the group, the same on either side, on connections of its own: what waits for others is sent and answered apart. Every answer
    is compared, and is in Kafka's words what the test says."""

    def __init__(self, lives, pair, version=5, **join):
        self.lives, self.pair, self.version = lives, pair, version
        self.asks = {"session_timeout_ms": 30_000, "rebalance_timeout_ms": 30_000, "protocol_type": "consumer", "protocols": PROTOCOLS, **join}
        self.ids = dict.fromkeys(pair.profiles, "")
        self.generations = dict.fromkeys(pair.profiles, -1)

    def instance(self, version, since):
        """Its own name, in versions that have it."""
        return {"group_instance_id": self.asks["group_instance_id"]} if version >= since and "group_instance_id" in self.asks else {}

    def whose(self, version, since):
        return lambda side: {"group_id": self.lives.group, "generation_id": self.generations[side], "member_id": self.ids[side],
                             **self.instance(version, since)}

    def send(self, name, version, fields):
        for side in self.pair.profiles:
            self.pair.send(side, name, version, **fields(side))

    def answered(self, name, version, error, test):
        answers = {side: self.pair.answer(side, name, version) for side in self.pair.profiles}
        self.lives.compare(name, version, answers, test)
        self.pair.test.assertEqual(error_of(answers["kafka"]), error, f"{name} {test}")
        return answers

    def join(self, test="", **changed):
        """It waits for the others. A new one has been given its id by then, if it needs one."""
        self.asks.update(changed)
        if self.version >= 4 and not self.ids["kafka"] and "group_instance_id" not in self.asks:
            self.send_join()
            self.ids = {side: answer["member_id"] for side, answer in self.answered("JoinGroup", self.version, MEMBER_ID_REQUIRED, test).items()}
        self.send_join()

    def send_join(self):
        self.send("JoinGroup", self.version, lambda side: {"group_id": self.lives.group, "member_id": self.ids[side], **self.asks})

    def joined(self, error=0, test=""):
        answers = self.answered("JoinGroup", self.version, error, test)
        if not error:
            self.ids = {side: answer["member_id"] for side, answer in answers.items()}
            self.generations = {side: answer["generation_id"] for side, answer in answers.items()}
        return answers["kafka"]

    def sync(self, assign=None, version=3):
        """`assign`: {member: assignment}, by the leader. It waits for the leader."""
        whose = self.whose(version, 3)
        self.send("SyncGroup", version, lambda side: {**whose(side), "assignments": [
            {"member_id": member.ids[side], "assignment": assignment} for member, assignment in (assign or {}).items()]})

    def synced(self, error=0, test="", version=3):
        return self.answered("SyncGroup", version, error, test)["kafka"]

    def beat(self, error=0, test="", version=3, **changed):
        whose = self.whose(version, 3)
        self.send("Heartbeat", version, lambda side: {**whose(side), **changed})
        self.answered("Heartbeat", version, error, test)

    def beats_until(self, error, test="", before=0, version=3):
        """On each side, until what another member has sent has come there."""
        whose = self.whose(version, 3)
        deadline = time.monotonic() + DEADLINE_SECONDS
        for side in self.pair.profiles:
            while (found := self.pair.ask(side, "Heartbeat", version, **whose(side))["error_code"]) != error:
                self.pair.test.assertEqual(found, before, f"{side}: {test}")
                self.pair.test.assertLess(time.monotonic(), deadline, f"{side}: no heartbeat is answered {error}: {test}")

    def commit(self, error=0, test="", version=7, former=None):
        """`former`: generations of before."""
        whose = self.whose(version, 7)
        instance = self.instance(version, 7)
        self.send("OffsetCommit", version, lambda side: {
            **commit_of({**whose(side), "generation_id": (former or self.generations)[side]}, version, 5), **instance})
        self.answered("OffsetCommit", version, error, test)

    def leave(self, error=0, test="", version=3):
        if version >= 3:
            self.send("LeaveGroup", version, lambda side: {"group_id": self.lives.group, "members": [
                {"member_id": self.ids[side], **self.instance(version, 3)}]})
        else:
            self.send("LeaveGroup", version, lambda side: {"group_id": self.lives.group, "member_id": self.ids[side]})
        self.answered("LeaveGroup", version, error, test)


def error_of(answer):
    """Of the answer, or of the one thing that it is about."""
    if answer == CLOSED:
        return answer
    if answer.get("members") and "error_code" in answer["members"][0]:
        return answer["error_code"] or answer["members"][0]["error_code"]
    return answer["error_code"] if "error_code" in answer else answer["topics"][0]["partitions"][0]["error_code"]
