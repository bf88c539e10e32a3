"""The two that clients read from: a real Apache Kafka, and a real `tenter serve`. Both hold the same events."""

import dataclasses
import json
import os
import threading
import time

import events
import kafka_cluster
import raw_kafka
import segments
from confluent_kafka import Consumer, ConsumerGroupState, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

PARTITIONS = 4
PREFIX = "incoming.matrix."
DEADLINE_SECONDS = 90


class Side:
    """What tests ask of either by confluent-kafka, which is none of ours: what a group has committed, and who its members are."""

    def connection(self, client):
        profile = self.profile(client)
        return {"bootstrap.servers": profile["kafka"]["bootstrap"], "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
                "sasl.username": profile["consumer_name"], "sasl.password": profile["auth"]["secret"], "ssl.ca.pem": profile["kafka"]["ca"],
                "log_level": 0}

    def group(self, client):
        return client.group or self.profile(client)["consumer_name"]

    def committed(self, client):
        """{partition: offset}, of those in which it has committed anything."""
        consumer = Consumer({**self.connection(client), "group.id": self.group(client)})
        try:
            found = consumer.committed([TopicPartition(self.topic(client), number) for number in range(PARTITIONS)], timeout=30)
            return {partition.partition: partition.offset for partition in found if partition.offset >= 0}
        finally:
            consumer.close()

    def wait_until_committed(self, client, records):
        """That the group's next record of each partition follows those of `records`, and no others."""
        wanted = {}
        for record in records:
            wanted[record.partition] = max(record.offset + 1, wanted.get(record.partition, 0))
        wait_until(lambda: {number: offset for number, offset in self.committed(client).items() if offset} == wanted,
                   lambda: f"committed is {wanted}: {self.committed(client)}")
        return wanted

    def wait_for_members(self, client, shares):
        """Until the group's members have so many partitions each, [2, 2] for instance."""
        admin = AdminClient(self.connection(client))

        def shared():
            found = admin.describe_consumer_groups([self.group(client)], request_timeout=30)[self.group(client)].result(30)
            members = sorted(len(member.assignment.topic_partitions) for member in found.members)
            return members if found.state == ConsumerGroupState.STABLE else f"{found.state}: {members}"

        wait_until(lambda: shared() == shares, lambda: f"members share as {shares}: {shared()}")


def wait_until(condition, what):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            if condition():
                return
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise AssertionError(f"{what()}: {error}") from error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {DEADLINE_SECONDS} s: {what()}")
        threading.Event().wait(0.05)


class KafkaSide(Side):
    """The Kafka of the ctest run. What is appended are batches of a gateway's log, octet by octet."""

    name = "kafka"

    def __init__(self, folder, clients, template, stored, unique):
        self.kafka = kafka_cluster.running()
        self.folder, self.template, self.stored, self.unique = folder, template, stored, unique
        self.users = dict(zip([client.name for client in clients], kafka_cluster.CLIENT_USERS, strict=False))
        self.appended = {client.name: [] for client in clients}
        self.producers = {client.name: raw_kafka.Connection(self.profile(client)) for client in clients}
        admin = self.kafka.admin()
        made = admin.create_topics([kafka_cluster.NewTopic(self.topic(client), PARTITIONS, 1) for client in clients], operation_timeout=30)
        for topic, future in made.items():
            future.result(30)
            self.kafka.wait_for_leaders(topic, PARTITIONS)
        self.kafka.wait_for_coordinators(self.topic(clients[0]))
        for client in clients:
            if not client.group:
                self.begin_at_the_first(client)

    def begin_at_the_first(self, client):
        """As `tenter consumer add` does for the group of the consumer's name, for clients that else begin at the end."""
        consumer = Consumer({**self.connection(client), "group.id": self.group(client)})
        wait_until(lambda: consumer.commit(offsets=[TopicPartition(self.topic(client), number, 0) for number in range(PARTITIONS)],
                                           asynchronous=False), lambda: "offsets can be committed")
        consumer.close()

    def topic(self, client):
        return f"{PREFIX}{self.unique}.{client.name}"

    def group(self, client):
        """The group of a user's name is the client's choice, others are this run's own."""
        return f"{client.group}.{self.unique}.{client.name}" if client.group else super().group(client)

    def profile(self, client):
        return self.kafka.profile(self.users[client.name])

    def profile_path(self, client):
        return self.kafka.write_profile(os.path.join(self.folder, f"{client.name}.kafka.json"), self.users[client.name])

    def appender(self, client, phase):
        """A function for each event of the phase, which appends it."""
        def append(batch):
            first = raw_kafka.produce(self.producers[client.name], self.topic(client), batch.partition, batch.octets)
            self.appended[client.name].append((batch, first))

        return [lambda batch=batch: append(batch) for batch in self.template[phase]]

    def close(self):
        for producer in self.producers.values():
            producer.socket.close()

    def stop(self):
        pass

    def truth(self, client):
        """Every record that the client's topic holds."""
        return [dataclasses.replace(self.stored[(batch.partition, batch.first)], offset=first) for batch, first in self.appended[client.name]]


class TenterSide(Side):
    """A gateway that listens for Kafka's clients, each of which is a consumer of its own. What is appended is posted."""

    name = "tenter"

    def __init__(self, folder, clients, gateway, made):
        self.folder, self.gateway, self.made = folder, gateway, made
        self.senders = {client.name: events.Sender(gateway.url, source_of(client)) for client in clients}
        self.paths, self.profiles = {}, {}
        for client in clients:
            self.paths[client.name] = gateway.add_consumer(f"matrix.{client.name}", source_of(client))
            with open(self.paths[client.name], encoding="utf-8") as file:
                self.profiles[client.name] = json.load(file)

    def topic(self, client):
        return PREFIX + source_of(client)

    def profile(self, client):
        return self.profiles[client.name]

    def profile_path(self, client):
        return self.paths[client.name]

    def appender(self, client, phase):
        sender = self.senders[client.name]
        sender.connect()  # which the gateway closes when it is not used for long
        return [lambda event=event: sender.send(event) for event in self.made[phase]]

    def close(self):
        for sender in self.senders.values():
            sender.close()

    def stop(self):
        """Before `truth` is asked."""
        code = self.gateway.stop()
        if code != 0:
            raise AssertionError(f"the gateway ended with {code}: {self.gateway.errors()}")
        self.stored = segments.read(os.path.join(self.folder, "tenter-data"), [source_of(name) for name in self.senders])

    def truth(self, client):
        return [record for record, _ in self.stored[source_of(client)]]


def source_of(client):
    """The name of the source, and of the log's topic, that is the client's own."""
    return getattr(client, "name", client).replace(".", "-")


def template_of(data, topic, ids):
    """Of a topic whose events were posted one after the other and have these ids, {phase: [id, ...]}: {phase: its batches in that order}, and
    {(partition, offset): Record}."""
    batches = {(batch.partition, batch.first): batch for batch in segments.wait_for_records(data, topic, sum(map(len, ids.values())))}
    stored = {record.place: record for record, _ in segments.read(data, [topic])[topic]}
    by_id = {dict(record.headers)["tenter-id"].decode(): batches[place] for place, record in stored.items()}
    return {phase: [by_id[one] for one in of_phase] for phase, of_phase in ids.items()}, stored
