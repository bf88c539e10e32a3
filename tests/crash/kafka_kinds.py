"""The ways in which events come to Kafka, for kafka_run.py. A kind has

    connections        senders at once, where the run is not told
    allowed_statuses   what the gateway may answer while the broker is away
    promises           what is promised of events that were not acknowledged (ledger.Promises)
    config()           tenter.toml
    make_topics()      before the gateway starts
    wait_until_flowing()   after the broker came back, until something gets there again, if the gateway does not say so itself
    settle(gateway)    waits until all that was acknowledged is in Kafka, if acknowledging does not mean that
    stored_events(ledger)   what is in Kafka, in the order of each partition
"""

import contextlib
import dataclasses
import time

from kafka_events import records, stored_event  # makes what follows importable
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition
from kafka_cluster import KafkaCluster  # noqa: F401

from events import MAX_BODY_BYTES, PARTITIONS, SOURCE_NAMES, SOURCES
from ledger import Promises

READ_SECONDS = 1800  # of all that is there: after a hundred cycles of forwarding these are two million records
TOPIC_PREFIX = "crash."
SETTLE_SECONDS = 60  # for a forwarder to get anything further, on a machine with other things to do


class Kind:
    connections = 16

    def __init__(self, kafka):
        self.kafka = kafka

    def cluster_keys(self):
        return (f'bootstrap = ["{self.kafka.bootstrap}"]\nusername = "tenter"\npassword = "{self.kafka.users["tenter"]}"\n'
                f'ca = "{self.kafka.ca_path}"\ntopic = "{TOPIC_PREFIX}{{source}}"\n')

    def http_keys(self):
        return f'data = "./data"\n\n[http]\nlisten = ["127.0.0.1:8080"]\nmax_body = "{MAX_BODY_BYTES // 1024}KiB"\n\n'

    def make_topics(self):
        for source, partitions in PARTITIONS.items():
            self.kafka.create_topic(TOPIC_PREFIX + source, partitions)

    def wait_until_flowing(self):
        pass

    def settle(self, gateway):
        pass

    def stored_events(self, ledger):
        """As many as were acknowledged are waited for, then to the end of every partition."""
        for source in SOURCE_NAMES:
            count = sum(len(attempt.fingerprints) for attempt in ledger.attempts.values()
                        if attempt.source == source and attempt.acknowledged)
            found = records.read_all(self.kafka, TOPIC_PREFIX + source, 0 if count == 0 else 1, seconds=READ_SECONDS)
            for record in sorted(found, key=lambda record: (record.partition, record.offset)):
                yield stored_event(source, record)


class KafkaLog(Kind):
    """[log] kind = "kafka": a 2xx is Kafka's acknowledgement. Without one the outcome is unknown."""

    allowed_statuses = (200, 503)
    promises = Promises(whole_batches=False, late_events=True)

    def config(self):
        return f'{self.http_keys()}[log]\nkind = "kafka"\n{self.cluster_keys()}{SOURCES}'


class Forward(Kind):
    """[forward]: a 2xx is the local log's; the copy in Kafka is whole, and what is not acknowledged may be there as it is in the log."""

    connections = 2  # nothing holds them up, not even an outage: more make more events than can be looked at
    allowed_statuses = (200,)
    promises = Promises(whole_batches=True, late_events=False)

    def config(self):
        return f"{self.http_keys()}[log]\njournal = \"1MiB\"\nsegment_size = \"1MiB\"\n[forward]\n{self.cluster_keys()}{SOURCES}"

    def wait_until_flowing(self):
        """Until a transaction is over that was not before: else the next kill would always come too early to meet one."""
        consumer = Consumer(self.kafka.client_config(more={"group.id": "committed", "isolation.level": "read_committed", "log_level": 0}))
        before, deadline = None, time.monotonic() + SETTLE_SECONDS
        while True:
            with contextlib.suppress(KafkaException):  # a broker that was started just now
                now = sum(consumer.get_watermark_offsets(TopicPartition(TOPIC_PREFIX + source, partition), timeout=5)[1]
                          for source, partitions in PARTITIONS.items() for partition in range(partitions))
                if before is not None and now > before:
                    return consumer.close()
                before = now if before is None else before
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing was forwarded for {SETTLE_SECONDS} s")

    def settle(self, gateway):
        """Until Kafka has all that the local log has."""
        wanted = {(line["source"], line["partition"]): line["next_offset"] for line in gateway.list_log() if line["source"] in PARTITIONS}
        consumer = Consumer(self.kafka.client_config(more={"group.id": "settle", "isolation.level": "read_committed"}))
        consumer.assign([TopicPartition(TOPIC_PREFIX + source, partition, OFFSET_BEGINNING) for source, partition in wanted])
        deadline = time.monotonic() + SETTLE_SECONDS
        have = dict.fromkeys(wanted, 0)
        while any(have[place] < end for place, end in wanted.items()):
            for message in consumer.consume(10_000, 0.2):
                if message.error() is None:
                    record = records.record_of(message)
                    have[record.topic.removeprefix(TOPIC_PREFIX), record.partition] = local_offset(record) + 1
                    deadline = time.monotonic() + SETTLE_SECONDS  # what waits may be much: it must go on, however long it takes
            if time.monotonic() > deadline:
                raise AssertionError(f"nothing more came to Kafka for {SETTLE_SECONDS} s: it has {have} of {wanted}")
        consumer.close()

    def stored_events(self, ledger):
        """With their offsets in the log: one that is missing or there twice shows, also of those that nobody acknowledged."""
        for source in SOURCE_NAMES:
            found = records.read_all(self.kafka, TOPIC_PREFIX + source, seconds=READ_SECONDS)
            for record in sorted(found, key=lambda record: (record.partition, record.offset)):
                yield dataclasses.replace(stored_event(source, record), offset=local_offset(record))


KINDS = {"kafka": KafkaLog, "forward": Forward}


def local_offset(record):
    return int(dict(record.headers)["tenter-offset"])
