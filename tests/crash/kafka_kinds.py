"""The ways in which events come to Kafka, for kafka_run.py. A kind has

    allowed_statuses   what the gateway may answer while the broker is away
    promises           what is promised of events that were not acknowledged (ledger.Promises)
    config()           tenter.toml
    make_topics()      before the gateway starts
    settle(gateway)    waits until all that was acknowledged is in Kafka, if acknowledging does not mean that
    stored_events(ledger)   what is in Kafka, in the order of each partition
"""

import json
import os
import sys

from events import MAX_BODY_BYTES, NAME_HEADER, PARTITIONS, SOURCE_NAMES, SOURCES
from ledger import Promises, StoredEvent, fingerprint

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "interop", name) for name in ("kafka", "kafka_tools")]

import records  # noqa: E402
from decode_envelopes import decode_envelope  # noqa: E402
from kafka_cluster import KafkaCluster  # noqa: E402,F401

TOPIC_PREFIX = "crash."


class Kind:
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

    def settle(self, gateway):
        pass

    def stored_events(self, ledger):
        """As many as were acknowledged are waited for, then to the end of every partition."""
        for source in SOURCE_NAMES:
            count = sum(len(attempt.fingerprints) for attempt in ledger.attempts.values()
                        if attempt.source == source and attempt.acknowledged)
            found = records.read_all(self.kafka, TOPIC_PREFIX + source, 0 if count == 0 else 1)
            for record in sorted(found, key=lambda record: (record.partition, record.offset)):
                yield stored_event(source, record)


class KafkaLog(Kind):
    """[log] kind = "kafka": a 2xx is Kafka's acknowledgement. Without one the outcome is unknown."""

    allowed_statuses = (200, 503)
    promises = Promises(whole_batches=False, late_events=True)

    def config(self):
        return f'{self.http_keys()}[log]\nkind = "kafka"\n{self.cluster_keys()}{SOURCES}'


KINDS = {"kafka": KafkaLog}


def stored_event(source, record):
    """A record of Kafka."""
    headers = {name: value.decode() for name, value in record.headers if name.startswith("tenter-")}
    envelope = decode_envelope(record.value)
    body = envelope["body"]
    if source == "batches":
        name = json.loads(body)["id"]
    else:
        name = envelope["headers"][NAME_HEADER.lower()][0] + "-0"
    key = None if record.key is None else record.key.decode()
    return StoredEvent(source, record.partition, record.offset, headers["tenter-id"], tuple(int(part) for part in name.split("-")),
                       fingerprint(headers["tenter-target"], envelope["headers"]["content-type"][0], key, body))
