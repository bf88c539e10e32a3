"""Groups that live alike on both sides."""

from differ import CLOSED, TOPIC

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
        self.first_generation = {}

    def but(self, side, answer):
        """The answer with numbers for member ids, and with generations counted from the first one."""
        if answer == CLOSED:
            return answer

        def named(value, key=""):
            if isinstance(value, dict):
                return {name: named(one, name) for name, one in value.items()}
            if isinstance(value, list):
                return [named(one, key) for one in value]
            if key in ("member_id", "leader") and value:
                if value not in self.members[side]:
                    self.members[side].append(value)
                return f"member {self.members[side].index(value)}"
            if key == "generation_id" and value >= 0:
                return f"generation {value - self.first_generation.setdefault(side, value)}"
            return value

        return named(answer)

    def agree(self, name, version, fields=None, test=None, **same):
        answers = self.pair.both(name, version, fields, **same)
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
