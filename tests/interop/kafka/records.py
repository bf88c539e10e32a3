"""Reads topics by confluent-kafka, for whoever checks what was written."""

import dataclasses
import time

import pinned_packages  # noqa: F401
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition


@dataclasses.dataclass(frozen=True)
class Record:
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: list  # of (name, value)
    timestamp: int  # milliseconds since 1970


def record_of(message):
    return Record(message.topic(), message.partition(), message.offset(), message.key(), message.value(), message.headers() or [],
                  message.timestamp()[1])


def read_all(cluster, topic, count=0, group=None, isolation="read_committed", seconds=60, user="tenter"):
    """Every record of the topic, in the order of each partition. Waits until there are `count` of them, then reads on to the end of every
    partition: one record too many is in the answer. With a `group`, from where that group is, and commits for it at the end. Raises
    AssertionError when `seconds` have passed."""
    consumer = Consumer(cluster.client_config(user, {
        "group.id": group or "read_all without a group", "isolation.level": isolation, "auto.offset.reset": "earliest",
        "enable.auto.commit": False, "enable.partition.eof": True, "message.max.bytes": 64 << 20}))
    try:
        partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
        if group:
            consumer.subscribe([topic])
        else:
            consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
        records = read_to_the_end(consumer, len(partitions), count, seconds, topic)
        if group:
            consumer.commit(offsets=[TopicPartition(topic, partition, offset) for partition, offset in next_offsets(records).items()],
                            asynchronous=False)
        return records
    finally:
        consumer.close()


def read_to_the_end(consumer, partitions, count, seconds, topic):
    records, at_end = [], set()
    deadline = time.monotonic() + seconds
    while len(records) < count or len(at_end) < partitions:
        if time.monotonic() > deadline:
            raise AssertionError(f"{topic}: {len(records)} of {count} records within {seconds} s, {len(at_end)} of {partitions} partitions "
                                 "read to their end")
        for message in consumer.consume(1000, 0.1):
            if message.error() is None:
                records.append(record_of(message))
                at_end.discard(message.partition())
            elif message.error().code() == KafkaError._PARTITION_EOF:
                at_end.add(message.partition())
            elif not message.error().retriable():
                raise KafkaException(message.error())
    return records


def next_offsets(records):
    """{partition: the offset after its last record}"""
    return {record.partition: record.offset + 1 for record in records}


def send_all(cluster, topic, records, user="tenter", more=None):
    """Writes (key, value, headers) or (key, value, headers, timestamp in ms) and waits for the acknowledgement of each."""
    failures = []
    producer = Producer(cluster.client_config(user, {"acks": "all", "enable.idempotence": True, "linger.ms": 5,
                                                     "message.max.bytes": 64 << 20, "log_level": 3, **(more or {})}))
    for key, value, headers, *timestamp in records:
        arguments = {"timestamp": timestamp[0]} if timestamp else {}
        while True:
            try:
                producer.produce(topic, value, key, headers=headers, on_delivery=lambda error, _: error and failures.append(error), **arguments)
                break
            except BufferError:
                producer.poll(1)
    left = producer.flush(60)
    if failures or left:
        raise AssertionError(f"{topic}: {left} records not acknowledged within 60 s, {len(failures)} refused: {failures[:3]}")
