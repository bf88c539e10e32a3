"""Driver of kafka-python, 2.2 and 3.0: line_protocol.py."""

import ssl
import sys

from kafka import KafkaConsumer, TopicPartition

import line_protocol

QUICK = {"session_timeout_ms": 6000, "heartbeat_interval_ms": 300, "metadata_max_age_ms": 5000}


class KafkaPython:
    def __init__(self, profile, topic, group):
        self.profile, self.topic, self.group = line_protocol.read_profile(profile), topic, group

    def connect(self, group, **more):
        profile = self.profile
        # [[connect]]
        consumer = KafkaConsumer(
            bootstrap_servers=profile["kafka"]["bootstrap"],
            security_protocol="SASL_SSL",
            ssl_context=ssl.create_default_context(cadata=profile["kafka"]["ca"]),
            sasl_mechanism="PLAIN",
            sasl_plain_username=profile["consumer_name"],
            sasl_plain_password=profile["auth"]["secret"],
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            group_id=group,
            **more,  # [[hidden]]
        )
        # [[/connect]]
        return consumer

    def consume(self):
        self.consumer = self.connect(self.group, **QUICK)
        self.consumer.subscribe([self.topic])

    def seek(self, time):
        self.consumer = self.connect(None)
        partitions = [TopicPartition(self.topic, number) for number in sorted(self.consumer.partitions_for_topic(self.topic))]
        self.consumer.assign(partitions)
        for partition, found in self.consumer.offsets_for_times({partition: time for partition in partitions}).items():
            if found is not None:
                self.consumer.seek(partition, found.offset)
            else:
                self.consumer.seek_to_end(partition)

    def poll(self):
        for records in self.consumer.poll(timeout_ms=int(line_protocol.POLL_SECONDS * 1000)).values():
            for record in records:
                line_protocol.say_record(record.partition, record.offset, record.timestamp, record.key, record.value, record.headers)

    def commit(self):
        self.consumer.commit()

    def leave(self):
        self.consumer.close()


if __name__ == "__main__":
    line_protocol.run(KafkaPython(*sys.argv[1:]))
