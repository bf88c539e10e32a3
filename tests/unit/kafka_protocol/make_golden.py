#!/usr/bin/env python3
"""Writes golden/*.txt: what Kafka says about its protocol, for the tests here. Needs Java, and half a minute; run it after a change of the
ranges in gateway/kafka_protocol/api.cpp.

    make_golden.py

  schemas.txt, errors.txt, keys.txt   from Kafka's library (KafkaOracle.java)
  frames/<request>.txt                a frame in each line: request or response, version, origin, hexadecimal, and its fields as Kafka's own
                                      classes read them, JSON
  librdkafka_features.txt             what Debian's librdkafka finds a broker with our ranges to be capable of
  tagged.txt                          answers to ApiVersions 3, which is not offered: the schema, then frames. They have tagged fields
Origins: a client's name, where its request and the answer of a real broker were recorded (recording_proxy.py); `broker`, where a real
broker answered a frame written by hand; `made-...`, where Kafka's schemas wrote a frame with invented values: `empty` of as much as may be,
`full`, and `unknown_tags` with tagged fields that nobody knows.

The invented requests of the newest versions are the fuzzer's first corpus too, fuzz/corpus/kafka_request/; what real clients
asked is that of fuzz/corpus/broker_client/."""

import contextlib
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "interop", "kafka"))

import pinned_packages  # noqa: E402, F401
from confluent_kafka import Consumer, ConsumerGroupState, ConsumerGroupTopicPartitions, Producer, TopicPartition, version  # noqa: E402
from confluent_kafka.admin import AdminClient, ConfigResource, OffsetSpec, ResourceType  # noqa: E402
from kafka_cluster import KAFKA_TOOLS, KafkaCluster, free_ports  # noqa: E402
from kafka_readers import environment  # noqa: E402

from recording_proxy import RecordingProxy, read_frame, write_frame  # noqa: E402

JARS = os.path.join(environment("maven", KAFKA_TOOLS), "jars", "*")
GOLDEN = os.path.join(HERE, "golden")
MISTER_WEBHOOKS = os.path.join(ROOT, "tests", "interop", "mister_webhooks")  # its environment has kafka-python
USER, PASSWORD = "tenter", "not-a-secret"  # so that the golden files have no other
TOPIC = "incoming.shop.orders"
TAGGED = (18, 3)  # key and version of a message with tagged fields that Kafka knows
LARGEST = 2000  # bytes of a recorded frame, so that the golden files stay small
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", JARS]


def offered_ranges():
    """{key: (first, last)} of the room's table, with Kafka's names left to Kafka."""
    with open(os.path.join(ROOT, "gateway", "kafka_protocol", "api.hpp"), encoding="utf-8") as file:
        keys = dict(re.findall(r"^    (\w+) = (\d+),$", file.read(), re.MULTILINE))
    with open(os.path.join(ROOT, "gateway", "kafka_protocol", "api.cpp"), encoding="utf-8") as file:
        rows = re.findall(r"ApiKey::(\w+), \{(\d+), (\d+)\}", file.read())
    return {int(keys[name]): (int(first), int(last)) for name, first, last in rows}


class Oracle:
    def __init__(self, ranges):
        self.ranges = ",".join(f"{key}:{first}-{last}" for key, (first, last) in sorted(ranges.items()))

    def lines(self, mode, given=""):
        done = subprocess.run([*JAVA, os.path.join(HERE, "KafkaOracle.java"), self.ranges, mode], input=given, capture_output=True,
                              encoding="utf-8")
        if done.returncode != 0:
            sys.exit(done.stderr)
        return done.stdout.splitlines()


# ---- a real broker and real clients


def broker_options(proxy_port, recorded_port, cluster):
    settings = cluster._settings()
    return {
        "listeners": f"{settings['listeners']},RECORDED://127.0.0.1:{recorded_port}",
        "advertised.listeners": f"{settings['advertised.listeners']},RECORDED://127.0.0.1:{proxy_port}",
        "listener.security.protocol.map": settings["listener.security.protocol.map"] + ",RECORDED:SASL_PLAINTEXT",
        "listener.name.recorded.plain.sasl.jaas.config":
            f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
    }


class RecordedCluster(KafkaCluster):
    """With a listener more, which clients reach through the proxy only."""

    def _choose_ports(self):
        super()._choose_ports()
        self.proxy_port, self.recorded_port = free_ports(2)
        self.options = broker_options(self.proxy_port, self.recorded_port, self)


def librdkafka_config(port, more=None):
    return {"bootstrap.servers": f"127.0.0.1:{port}", "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
            "sasl.username": USER, "sasl.password": PASSWORD, **(more or {})}


def produce(port):
    producer = Producer(librdkafka_config(port, {"compression.type": "none"}))
    for number in range(5):
        producer.produce(TOPIC, f'{{"order":{number}}}'.encode(), key=b"shop", headers=[("ce-type", b"order")], partition=0)
    producer.flush(30)


def consume_with_librdkafka(port):
    """A member that leaves, and a static one, which does not and which asks whether its commit still holds: OffsetForLeaderEpoch."""
    config = {"group.id": "librdkafka", "auto.offset.reset": "earliest", "heartbeat.interval.ms": 200, "session.timeout.ms": 6000,
              "enable.auto.commit": False}
    for count, instance in ((3, {}), (2, {"group.instance.id": "member-1"})):
        consumer = Consumer(librdkafka_config(port, {**config, **instance}))
        consumer.subscribe([TOPIC])
        messages = [consumer.poll(10) for _ in range(count)]
        assert None not in messages
        for _ in range(4):
            consumer.poll(0.3)  # so that it beats
        consumer.commit(messages[-1], asynchronous=False)
        consumer.offsets_for_times([TopicPartition(TOPIC, 0, 0)], timeout=10)
        consumer.close()


def administer_with_librdkafka(port):
    admin = AdminClient(librdkafka_config(port))
    part = TopicPartition(TOPIC, 0)
    admin.list_topics(timeout=10)
    admin.list_consumer_groups(states={ConsumerGroupState.STABLE, ConsumerGroupState.EMPTY}).result(10)
    admin.describe_consumer_groups(["librdkafka"])["librdkafka"].result(10)
    admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions("librdkafka")])["librdkafka"].result(10)
    admin.describe_cluster().result(10)
    for future in admin.describe_configs([ConfigResource(ResourceType.TOPIC, TOPIC)]).values():
        future.result(10)
    admin.list_offsets({part: OffsetSpec.max_timestamp()})[part].result(10)


def run_java_tools(port, folder):
    config = os.path.join(folder, "client.properties")
    with open(config, "w", encoding="ascii") as file:
        file.write("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common.security.plain."
                   f'PlainLoginModule required username="{USER}" password="{PASSWORD}";\nheartbeat.interval.ms=200\n')
    servers = ["--bootstrap-server", f"127.0.0.1:{port}"]
    group = ["org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", *servers, "--command-config", config]
    consume = ["org.apache.kafka.tools.consumer.ConsoleConsumer", *servers, "--consumer.config", config, "--topic", TOPIC, "--group", "java",
               "--from-beginning", "--timeout-ms", "30000", "--max-messages"]
    for arguments in (
            [*consume, "3"],
            [*consume, "2"],
            ["org.apache.kafka.tools.GetOffsetShell", *servers, "--command-config", config, "--topic", TOPIC, "--time", "max-timestamp"],
            [*group, "--list", "--state"],
            [*group, "--describe", "--group", "java"],
            [*group, "--describe", "--group", "java", "--members", "--verbose"],
            [*group, "--reset-offsets", "--group", "java", "--topic", TOPIC, "--to-earliest", "--execute"],
            [*group, "--delete", "--group", "java"]):
        done = subprocess.run([*JAVA, *arguments], capture_output=True, text=True, timeout=90)
        if done.returncode != 0:
            sys.exit(f"{arguments[0]}: {done.stdout}{done.stderr}")


def run_kafka_python(port):
    python = os.path.join(environment("python", MISTER_WEBHOOKS), "bin", "python")
    subprocess.run([python, os.path.join(HERE, "kafka_python_client.py"), f"127.0.0.1:{port}", USER, PASSWORD, TOPIC], check=True, timeout=90)


def consume_with_debians_librdkafka(port):
    done = subprocess.run([sys.executable, os.path.join(HERE, "debian_librdkafka_client.py"), f"127.0.0.1:{port}", USER, PASSWORD, TOPIC, "5"],
                          check=True, timeout=90, stderr=subprocess.PIPE, text=True)
    found = {name: word for word, name in re.findall(r"(Enabling|Disabling) feature (\w+)", done.stderr)}  # its last word about each
    write_lines("librdkafka_features.txt", sorted(name for name, word in found.items() if word == "Enabling"))


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def ask_by_hand(port):
    """What none of the clients here asks: ApiVersions in a version of the future, which is answered in version 0, and, after SASL,
    OffsetForLeaderEpoch (Java sends it only with Metadata 9 or newer)."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        def ask(key, version, body, header_end=b""):
            request = struct.pack(">hhih", key, version, 7, -1) + header_end + body
            write_frame(connection, request)
            return request, read_frame(connection)

        _, future = ask(18, 99, b"", header_end=b"\0")
        _, tagged = ask(*TAGGED, b"\x02x\x021\0", header_end=b"\0")  # of the client x, version 1
        ask(17, 1, string("PLAIN"))
        token = f"\0{USER}\0{PASSWORD}".encode()
        ask(36, 0, struct.pack(">i", len(token)) + token)
        found = [("response", 18, 0, "broker", future), ("response", *TAGGED, "broker", tagged)]
        topics = struct.pack(">i", 1) + string(TOPIC) + struct.pack(">iiii", 1, 0, -1, 0)
        for version, body in ((2, topics), (3, struct.pack(">i", -1) + topics)):
            request, answer = ask(23, version, body)
            found += [("request", 23, version, "broker", request), ("response", 23, version, "broker", answer)]
        return found


def record(ranges):
    """(kind, key, version, origin, frame) of everything that clients and broker said."""
    with contextlib.ExitStack() as held:
        cluster = held.enter_context(RecordedCluster())
        folder = held.enter_context(tempfile.TemporaryDirectory())
        cluster.create_topic(TOPIC, partitions=2)
        proxy = RecordingProxy(cluster.proxy_port, cluster.recorded_port, ranges)
        held.callback(proxy.close)
        for name, run in ((f"librdkafka-{version()}", produce), (f"librdkafka-{version()}", consume_with_librdkafka),
                          (f"librdkafka-{version()}", administer_with_librdkafka), ("librdkafka-2.0.2", consume_with_debians_librdkafka), ("kafka-python-2.2.15", run_kafka_python),
                          ("java-3.9.1", lambda port: run_java_tools(port, folder))):
            proxy.client = name
            run(cluster.proxy_port)
        found = ask_by_hand(cluster.recorded_port)
        for key, number, name, request, answer in proxy.exchanges:
            found += [("request", key, number, name, request), ("response", key, number, name, answer)]
        return found


def worth_keeping(frames):
    """Of each kind, version and client the largest that is small enough: it says most."""
    best = {}
    for frame in frames:
        known = best.get(frame[:4])
        if len(frame[4]) <= LARGEST and (known is None or len(frame[4]) > len(known[4])):
            best[frame[:4]] = frame
    return list(best.values())


def explained(oracle, frames):
    """[line of a golden file]"""
    fields = oracle.lines("explain", "".join(f"{kind} {key} {number} {octets.hex()}\n" for kind, key, number, _, octets in frames))
    return [f"{kind} {number} {origin} {octets.hex()} {words}" for (kind, _, number, origin, octets), words in zip(frames, fields, strict=True)]


def made(oracle):
    return [(kind, int(key), int(number), how, bytes.fromhex(octets)) for kind, key, number, how, octets in
            (line.split() for line in oracle.lines("make"))]


def write_lines(name, lines):
    with open(os.path.join(GOLDEN, name), "w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


def write_corpus(frames, ranges, keys):
    folder = os.path.join(ROOT, "fuzz", "corpus", "kafka_request")
    os.makedirs(folder, exist_ok=True)
    for kind, key, number, origin, octets in frames:
        if kind == "request" and number == ranges[key][1] and origin.startswith("made-") and origin != "made-empty":
            with open(os.path.join(folder, keys[key] + origin.removeprefix("made").replace("-full", "")), "wb") as file:
                file.write(octets)


def write_connections(frames):
    """What each real client asked, as fuzz/broker reads it: by a stranger, a consumer and the operator. SASL first, else by key."""
    folder = os.path.join(ROOT, "fuzz", "corpus", "broker_client")
    os.makedirs(folder, exist_ok=True)
    asked = {}
    sasl_handshake, api_versions, sasl_authenticate = 17, 18, 36
    first = {sasl_handshake: 0, api_versions: 1, sasl_authenticate: 2}
    for kind, _, _, origin, octets in sorted(frames, key=lambda frame: first.get(frame[1], 3)):
        if kind == "request" and not origin.startswith("made-") and origin != "broker":
            asked.setdefault(origin, []).append(len(octets).to_bytes(2, "big") + octets)
    for origin, requests in asked.items():
        for who, octet in (("stranger", 0), ("consumer", 2), ("operator", 3)):
            with open(os.path.join(folder, f"{who}-{origin}"), "wb") as file:
                file.write(bytes([octet]) + b"".join(requests))


def write_tagged(frames):
    oracle = Oracle({TAGGED[0]: (TAGGED[1], TAGGED[1])})
    frames = [frame for frame in frames + made(oracle) if frame[0] == "response"]
    schema = next(line for line in oracle.lines("schemas") if line.startswith("response"))
    write_lines("tagged.txt", [schema, *explained(oracle, frames)])


def main():
    ranges = offered_ranges()
    oracle = Oracle(ranges)
    shutil.rmtree(GOLDEN, ignore_errors=True)
    os.makedirs(os.path.join(GOLDEN, "frames"))
    recorded = record(ranges)
    is_offered = {frame: ranges[frame[1]][0] <= frame[2] <= ranges[frame[1]][1] for frame in recorded}
    for mode in ("schemas", "errors", "keys"):
        write_lines(mode + ".txt", oracle.lines(mode))
    write_tagged([frame for frame in recorded if not is_offered[frame]])
    frames = sorted(worth_keeping(frame for frame in recorded if is_offered[frame]) + made(oracle), key=lambda frame: frame[:4])
    keys = {int(key): name for key, name in (line.split() for line in oracle.lines("keys"))}
    lines = explained(oracle, frames)
    for key, name in keys.items():
        write_lines(f"frames/{name}.txt", [line for frame, line in zip(frames, lines, strict=True) if frame[1] == key])
    write_corpus(frames, ranges, keys)
    write_connections(frames)
    print(f"{len(frames)} frames")


if __name__ == "__main__":
    main()
