"""Driver of confluent-kafka: line_protocol.py."""

import sys

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, TopicPartition

import line_protocol

QUICK = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 300, "log_level": 3}


class ConfluentKafka:
    def __init__(self, profile, topic, group):
        self.profile, self.topic, self.group = line_protocol.read_profile(profile), topic, group

    def connect(self, group, more):
        profile = self.profile
        # [[connect]]
        consumer = Consumer({
            "bootstrap.servers": profile["kafka"]["bootstrap"],
            "security.protocol": "SASL_SSL",
            "ssl.ca.pem": profile["kafka"]["ca"],
            "sasl.mechanism": "PLAIN",
            "sasl.username": profile["consumer_name"],
            "sasl.password": profile["auth"]["secret"],
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            **more,  # [[hidden]]
        })
        # [[/connect]]
        return consumer

    def consume(self):
        self.consumer = self.connect(self.group, QUICK)
        self.consumer.subscribe([self.topic])

    def seek(self, time):
        self.consumer = self.connect(self.group + ".seek", {})
        known = self.consumer.list_topics(self.topic, timeout=30).topics[self.topic].partitions
        found = self.consumer.offsets_for_times([TopicPartition(self.topic, number, time) for number in known], timeout=30)
        for partition in found:
            if partition.error:
                raise KafkaException(partition.error)
            if partition.offset < 0:
                partition.offset = OFFSET_END
        self.consumer.assign(found)

    def poll(self):
        message = self.consumer.poll(line_protocol.POLL_SECONDS)
        while message is not None:
            if message.error():
                raise KafkaException(message.error())
            line_protocol.say_record(message.partition(), message.offset(), message.timestamp()[1], message.key(), message.value(),
                                     message.headers() or [])
            message = self.consumer.poll(0)

    def commit(self):
        try:
            self.consumer.commit(asynchronous=False)
        except KafkaException as error:
            if error.args[0].code() != KafkaError._NO_OFFSET:  # nothing came since the last one
                raise

    def leave(self):
        self.consumer.close()


if __name__ == "__main__":
    line_protocol.run(ConfluentKafka(*sys.argv[1:]))
