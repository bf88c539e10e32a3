#!/usr/bin/env python3
"""Goal: whatever a client asks of topics and records, Tenter answers as Kafka does.
Method: the same requests, in every version that Tenter offers, go to a real Kafka and to a real `tenter serve` that hold the same batches. Both
answers are decoded by kafka-python, and compared field by field; records octet by octet. What is set aside is said where it is."""

import unittest

import differ
from differ import NOBODYS, PARTITIONS, SEED, TOPIC, VERSIONS, Differential, without

# There is a host, a port and a name of its cluster for each.
WHERE = without("brokers.host", "brokers.port", "cluster_id")
COORDINATOR = without("host", "port", "error_message")  # the message of an unknown kind is in other words


def sorted_topics(answer):
    """Without where; Kafka has partitions in no order."""
    return {**WHERE(answer), "topics": [{**topic, "partitions": sorted(topic["partitions"], key=lambda partition: partition["partition_index"])}
                                        for topic in sorted(answer["topics"], key=lambda topic: topic["name"])]}


class Reading(Differential):
    def test_both_hold_batches_of_several_records_and_large_ones(self):
        batches = [batch for of_one in self.records.values() for batch in of_one]
        self.assertGreater(max(batch.count for batch in batches), 1)
        self.assertGreater(max(len(batch.octets) for batch in batches), 200_000)
        self.assertTrue(all(self.records.values()))

    def test_metadata(self):
        for version in VERSIONS["Metadata"]:
            for names in ([TOPIC], [NOBODYS], [NOBODYS, TOPIC], [TOPIC, TOPIC], [], ["no name: ä"], [""], ["."], ["a" * 250]):
                self.pair.agree("Metadata", version, topics=[{"name": name} for name in names], but=sorted_topics)
            found = self.pair.both("Metadata", version, topics=None)
            names = {side: [topic["name"] for topic in answer["topics"]] for side, answer in found.items()}
            self.assertIn(TOPIC, names["kafka"])
            self.assertEqual(names["tenter"], [TOPIC], "all topics are all that a consumer may see")

    def test_describe_cluster(self):
        self.pair.agree("DescribeCluster", 0, but=WHERE)

    def test_find_coordinator(self):
        for version in VERSIONS["FindCoordinator"]:
            for key in (self.group, "größe", ""):
                self.pair.agree("FindCoordinator", version, key=key, but=COORDINATOR)
        for version in VERSIONS["FindCoordinator"][1:]:
            self.pair.agree("FindCoordinator", version, key="group", key_type=7, but=COORDINATOR)

    def list_offsets(self, version, topic, timestamp, partition, **more):
        self.pair.agree("ListOffsets", version, replica_id=-1, topics=[
            {"name": topic, "partitions": [{"partition_index": partition, "timestamp": timestamp, **more}]}])

    def test_list_offsets(self):
        for version in VERSIONS["ListOffsets"]:
            for partition, batches in self.records.items():
                times = {batch.first_timestamp for batch in batches} | {batch.last_timestamp for batch in batches}
                for timestamp in sorted(times)[::5]:
                    for near in (timestamp - 1, timestamp, timestamp + 1):
                        self.list_offsets(version, TOPIC, near, partition)
                for timestamp in (-1, -2, 0, 1, 2**62, -3, -7, *([-4, -5] if version < 7 else [])):
                    self.list_offsets(version, TOPIC, timestamp, partition)
            self.list_offsets(version, TOPIC, -1, PARTITIONS)
            self.list_offsets(version, TOPIC, -1, -1)
            self.list_offsets(version, NOBODYS, -2, 0)
            if version >= 4:
                for epoch in (-1, 0, 1):
                    self.list_offsets(version, TOPIC, -1, 0, current_leader_epoch=epoch)
            several = [{"partition_index": partition, "timestamp": -1} for partition in (2, 0, PARTITIONS, 1)]
            self.pair.agree("ListOffsets", version, topics=[{"name": TOPIC, "partitions": several}, {"name": NOBODYS, "partitions": several[:1]}])

    def fetch(self, version, partitions, topic=TOPIC, **more):
        """Without a wait, and whole batches: Kafka cuts the last one off where the most octets are reached, of which a reader makes nothing."""
        asked = [{"partition_max_bytes": 1 << 20, **partition} for partition in partitions]

        def whole(answer):
            return {**answer, "responses": [{**topic, "partitions": [
                {**partition, "records": differ.whole_batches(partition["records"])} for partition in topic["partitions"]]}
                for topic in answer["responses"]]}

        fields = {"max_wait_ms": 0, "min_bytes": 0, "max_bytes": 50 << 20, "topics": [{"topic": topic, "partitions": asked}], **more}
        return self.pair.agree("Fetch", version, but=whole, **fields)

    def test_fetch_everything(self):
        for version in VERSIONS["Fetch"]:
            answer = self.fetch(version, [{"partition": partition} for partition in range(PARTITIONS)])
            for partition in answer["responses"][0]["partitions"]:
                wanted = [batch.octets for batch in self.records[partition["partition_index"]]]
                self.assertEqual(differ.whole_batches(partition["records"]), wanted, "octet by octet what was stored")

    def test_fetch_from_every_place(self):
        for version in (4, 10, 11):
            for partition in range(PARTITIONS):
                for offset in [*range(0, self.end(partition), 7), self.end(partition) - 1, self.end(partition)]:
                    self.fetch(version, [{"partition": partition, "fetch_offset": offset, "partition_max_bytes": 5000}])

    def test_fetch_where_nothing_is(self):
        for version in VERSIONS["Fetch"]:
            for offset in (-1, -2, self.end(0) + 1, 2**62):
                self.fetch(version, [{"partition": 0, "fetch_offset": offset}])
            for partition in (PARTITIONS, -1, 2**31 - 1):
                self.fetch(version, [{"partition": partition}])
            self.fetch(version, [{"partition": 0}], topic=NOBODYS)
            self.fetch(version, [])
            self.pair.agree("Fetch", version, max_wait_ms=0, topics=[])

    def test_fetch_within_bounds(self):
        for version in (4, 11):
            for most in (0, 1, 1000, 10_000, 100_000):
                for partition in range(PARTITIONS):
                    self.fetch(version, [{"partition": partition, "partition_max_bytes": most}])
                    self.fetch(version, [{"partition": partition, "fetch_offset": self.end(partition) // 2}], max_bytes=most)
            self.fetch(version, [{"partition": 0}], isolation_level=1)

    def test_fetch_by_epochs_and_sessions(self):
        for version in VERSIONS["Fetch"]:
            if version >= 9:
                for epoch in (-1, 0, 1):
                    self.fetch(version, [{"partition": 0, "current_leader_epoch": epoch}])
            if version >= 7:
                for session, epoch in ((0, -1), (4711, 1), (4711, -1)):
                    self.fetch(version, [{"partition": 0, "fetch_offset": self.end(0)}], session_id=session, session_epoch=epoch)

    def test_offset_for_leader_epoch(self):
        for version in VERSIONS["OffsetForLeaderEpoch"]:
            for topic, partition in ((TOPIC, 0), (TOPIC, PARTITIONS), (NOBODYS, 0)):
                for current in (-1, 0, 1):
                    for epoch in (-1, 0, 1):
                        self.pair.agree("OffsetForLeaderEpoch", version, replica_id=-1, topics=[{"topic": topic, "partitions": [
                            {"partition": partition, "current_leader_epoch": current, "leader_epoch": epoch}]}])


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(verbosity=2)
