#!/usr/bin/env python3
"""Writes golden/: what a real broker answers to scenarios.txt, answers.txt, and what it then has in __consumer_offsets, records.txt (key and
value in hexadecimal). Needs Java and two minutes; run it after a change of scenarios.txt.

    make_golden.py"""

import contextlib
import os
import re
import select
import socket
import struct
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "interop", "kafka"))

import pinned_packages  # noqa: E402, F401
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition  # noqa: E402
from kafka_cluster import KafkaCluster, free_ports  # noqa: E402

USER, PASSWORD = "tenter", "not-a-secret"
CONSUMER = "shop"  # what Tenter puts before the name of a group in its records
PAUSE = 0.25
JOIN, HEARTBEAT, LEAVE, SYNC, DESCRIBE, LIST, DELETE, COMMIT, FETCH = 11, 12, 13, 14, 15, 16, 42, 8, 9


def string(text):
    return struct.pack(">h", -1) if text is None else struct.pack(">h", len(text)) + text.encode()


def octets(text):
    return struct.pack(">i", len(text)) + text.encode()


def array(parts):
    return struct.pack(">i", len(parts)) + b"".join(parts)


class Reader:
    def __init__(self, frame):
        self.frame, self.at = frame, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.frame, self.at)
        self.at += struct.calcsize(">" + form)
        return values[0]

    def string(self):
        size = self.take("h")
        return None if size < 0 else self._text(size)

    def octets(self):
        return self._text(self.take("i"))

    def _text(self, size):
        self.at += size
        return self.frame[self.at - size:self.at].decode("latin-1")

    def array(self, read):
        return [read() for _ in range(self.take("i"))]


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.waiting = []
        self.buffer = b""
        token = f"\0{USER}\0{PASSWORD}".encode()
        for key, version, body in ((17, 1, string("PLAIN")), (36, 0, struct.pack(">i", len(token)) + token)):
            self.send(key, version, body, None)
            self.read_one()

    def send(self, key, version, body, about):
        request = struct.pack(">hhi", key, version, 7) + string("reader") + body
        self.socket.sendall(struct.pack(">i", len(request)) + request)
        self.waiting.append(about)

    def read_one(self):
        while len(self.buffer) < 4 or len(self.buffer) < 4 + struct.unpack(">i", self.buffer[:4])[0]:
            self.buffer += self.socket.recv(65536)
        size = struct.unpack(">i", self.buffer[:4])[0]
        frame, self.buffer = self.buffer[8:4 + size], self.buffer[4 + size:]
        return self.waiting.pop(0), Reader(frame)


class Scenario:
    """Asks one group, and writes answers down with names for ids and numbers for generations."""

    def __init__(self, port, group, lines):
        self.port, self.group, self.lines = port, group, lines
        self.connections, self.members, self.generation_of, self.generations = {}, {}, {}, []

    def ask(self, number, request, given):
        if number not in self.connections:
            self.connections[number] = Connection(self.port)
        version = int(given.get("version", {"join": 5, "leave": 3}.get(request, 0)))
        if given.get("instance") is not None and request in ("sync", "heartbeat", "commit"):
            version = {"sync": 3, "heartbeat": 3, "commit": 7}[request]
        elif request == "commit":
            version = 2
        member = given.get("member", "")
        member = self.members.get(member[1:], "") if member.startswith("$") else member
        generation = given.get("generation", "-1")
        generation = self.generation_of.get(generation[1:], -1) if generation.startswith("$") else int(generation)
        key, body = getattr(self, "_" + request)(version, member, generation, given)
        self.connections[number].send(key, version, body, (request, version, given.get("as")))

    def _join(self, version, member, _, given):
        protocols = [part.split(":") for part in given.get("protocols", "").split(",") if part]
        return JOIN, (string(self.group) + struct.pack(">ii", int(given.get("session", 10000)), int(given.get("rebalance", 60000)))
                      + string(member) + (string(given.get("instance")) if version >= 5 else b"") + string(given.get("type", "consumer"))
                      + array([string(name) + octets(metadata) for name, metadata in protocols]))

    def _sync(self, version, member, generation, given):
        parts = [part.split(":") for part in given.get("assign", "").split(",") if part]
        return SYNC, (string(self.group) + struct.pack(">i", generation) + string(member)
                      + (string(given.get("instance")) if version >= 3 else b"")
                      + array([string(self.members[name]) + octets(value) for name, value in parts]))

    def _heartbeat(self, version, member, generation, given):
        return HEARTBEAT, (string(self.group) + struct.pack(">i", generation) + string(member)
                           + (string(given.get("instance")) if version >= 3 else b""))

    def _leave(self, version, member, _, given):
        if version < 3:
            return LEAVE, string(self.group) + string(member)
        leaving = [part.split("/") for part in given["members"].split(",")]
        return LEAVE, string(self.group) + array([
            string(self.members[name[1:]] if name.startswith("$") else name) + string(instance or None) for name, instance in leaving])

    def _commit(self, version, member, generation, given):
        part = struct.pack(">iq", 0, int(given["offset"])) + (struct.pack(">i", -1) if version >= 6 else b"")
        part += string("m" * int(given.get("metadata", 0)))
        return COMMIT, (string(self.group) + struct.pack(">i", generation) + string(member)
                        + (string(given.get("instance")) if version >= 7 else b"") + (struct.pack(">q", -1) if version <= 4 else b"")
                        + array([string("t") + array([part])]))

    def _fetch(self, _, __, ___, given):
        topics = struct.pack(">i", -1) if "all" in given else array([string("t") + array([struct.pack(">i", 0)])])
        return FETCH, string(self.group) + topics

    def _describe(self, *_):
        return DESCRIBE, array([string(self.group)])

    def _list(self, *_):
        return LIST, b""

    def _delete(self, *_):
        return DELETE, array([string(self.group)])

    def collect(self, seconds):
        """What has been answered, by connection: [(number, request, fields)]. What never has to wait is waited for on a busy machine too."""
        end, found = time.monotonic() + seconds, []
        while (left := end - time.monotonic()) > 0 or self._owes_answers():
            ready, _, _ = select.select([each.socket for each in self.connections.values()], [], [], max(left, PAUSE))
            for number, connection in self.connections.items():
                if connection.socket in ready:
                    (request, version, name), answer = connection.read_one()
                    found.append((number, request, getattr(self, "_read_" + request)(answer, version, name)))
        return sorted(found, key=lambda each: each[0])

    def _owes_answers(self):
        return any(about[0] not in ("join", "sync") for each in self.connections.values() for about in each.waiting)

    def _read_join(self, answer, version, name):
        if version >= 2:
            answer.take("i")
        error, generation, protocol, leader, member = answer.take("h"), answer.take("i"), answer.string(), answer.string(), answer.string()
        members = answer.array(lambda: (answer.string(), answer.string() if version >= 5 else None, answer.octets()))
        if name:
            self.members[name], self.generation_of[name] = member, generation
        return {"error": error, "generation": generation, "protocol": protocol, "leader": leader, "member": member, "members": members}

    def _read_sync(self, answer, version, _):
        if version >= 1:
            answer.take("i")
        return {"error": answer.take("h"), "assignment": answer.octets()}

    def _read_heartbeat(self, answer, version, _):
        if version >= 1:
            answer.take("i")
        return {"error": answer.take("h")}

    def _read_leave(self, answer, version, _):
        if version >= 1:
            answer.take("i")
        fields = {"error": answer.take("h")}
        if version >= 3:
            fields["members"] = answer.array(lambda: (answer.string(), answer.string(), str(answer.take("h"))))
        return fields

    def _read_commit(self, answer, version, _):
        if version >= 3:
            answer.take("i")
        topics = answer.array(lambda: (answer.string(), answer.array(lambda: (answer.take("i"), answer.take("h")))))
        return {"error": topics[0][1][0][1]}

    def _read_fetch(self, answer, version, _):
        if version >= 3:
            answer.take("i")
        topics = answer.array(lambda: (answer.string(), answer.array(lambda: (
            answer.take("i"), answer.take("q"), answer.take("i") if version >= 5 else -1, len(answer.string() or ""), answer.take("h")))))
        parts = topics[0][1] if topics else []
        return {"offset": parts[0][1], "metadata": parts[0][3], "error": parts[0][4]} if parts else {"topics": 0}

    def _read_describe(self, answer, *_):
        def group():
            fields = {"error": answer.take("h")}
            answer.string()
            fields |= {"state": answer.string(), "type": answer.string(), "protocol": answer.string()}

            def member():
                name, client, _ = answer.string(), answer.string(), answer.string()
                return name, client, f"{answer.octets()}/{answer.octets()}"
            return fields | {"members": answer.array(member)}
        return answer.array(group)[0]

    def _read_list(self, answer, *_):
        error = answer.take("h")
        return {"error": error, "type": next((kind for name, kind in answer.array(lambda: (answer.string(), answer.string()))
                                              if name == self.group), None)}

    def _read_delete(self, answer, *_):
        answer.take("i")
        return {"error": answer.array(lambda: (answer.string(), answer.take("h")))[0][1]}

    def _name(self, member):
        known = {member_id: name for name, member_id in self.members.items()}
        return known.get(member, "?" if re.search(r"-[0-9a-f]{8}-", member or "") else member)

    def _shown(self, name, value):
        if name == "generation":
            if value < 0:
                return "-"
            if value not in self.generations:
                self.generations.append(value)
            return str(self.generations.index(value) + 1)
        if name in ("leader", "member"):
            return self._name(value)
        if name == "members":
            return ",".join(sorted(f"{self._name(member)}:{middle or ''}:{last}" for member, middle, last in value))
        return "" if value is None else str(value)

    def run(self):
        for line in self.lines:
            words = line.split()
            if words[0] == "wait":
                seconds = int(words[1]) / 1000
            else:
                self.ask(words[0], words[1], dict(word.split("=", 1) for word in words[2:]))
                seconds = PAUSE
            yield "> " + line
            for number, request, fields in self.collect(seconds):
                yield f"{number} {request} " + " ".join(f"{name}={self._shown(name, value)}" for name, value in fields.items())


def scenarios():
    title, lines = None, []
    with open(os.path.join(HERE, "scenarios.txt"), encoding="ascii") as file:
        for line in [*(each.strip() for each in file), "scenario end"]:
            if line.startswith("scenario "):
                if title:
                    yield title, lines
                title, lines = line.removeprefix("scenario "), []
            elif line and not line.startswith("#"):
                lines.append(line)


class PlainCluster(KafkaCluster):
    """With a listener more, without TLS."""

    def _choose_ports(self):
        super()._choose_ports()
        (self.plain_port,) = free_ports(1)
        settings = self._settings()
        self.options = {
            "listeners": f"{settings['listeners']},PLAIN://127.0.0.1:{self.plain_port}",
            "advertised.listeners": f"{settings['advertised.listeners']},PLAIN://127.0.0.1:{self.plain_port}",
            "listener.security.protocol.map": settings["listener.security.protocol.map"] + ",PLAIN:SASL_PLAINTEXT",
            "listener.name.plain.plain.sasl.jaas.config":
                f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";',
        }


def has_coordinator(port):
    """The first question after a coordinator makes the broker create its topic."""
    connection = Connection(port)
    connection.send(10, 0, string("first"), None)
    found = connection.read_one()[1].take("h")
    connection.send(HEARTBEAT, 0, string("first") + struct.pack(">i", 1) + string("x"), None)
    return found == 0 and connection.read_one()[1].take("h") == 25


def records(cluster):
    consumer = Consumer(cluster.client_config(more={"group.id": "reader", "enable.auto.commit": False, "enable.partition.eof": True}))
    with contextlib.closing(consumer):
        parts = consumer.list_topics("__consumer_offsets", timeout=10).topics["__consumer_offsets"].partitions
        consumer.assign([TopicPartition("__consumer_offsets", part, OFFSET_BEGINNING) for part in parts])
        ended = 0
        while ended < len(parts):
            message = consumer.poll(10)
            if message.error():
                ended += 1
            elif CONSUMER.encode() + b"/" in message.key():
                yield f"{message.key().hex()} {message.value().hex() if message.value() else '-'}"


def write(name, lines):
    os.makedirs(os.path.join(HERE, "golden"), exist_ok=True)
    with open(os.path.join(HERE, "golden", name), "w", encoding="ascii") as file:
        file.writelines(line + "\n" for line in lines)


def main():
    with PlainCluster() as cluster:
        cluster.create_topic("t", partitions=1)
        cluster._wait_for(lambda: has_coordinator(cluster.plain_port), "a coordinator", 60)
        answers = []
        for number, (title, lines) in enumerate(scenarios()):
            answers += [f"scenario {title}", *Scenario(cluster.plain_port, f"{CONSUMER}/{number}", lines).run()]
        write("answers.txt", answers)
        write("records.txt", records(cluster))
    print(f"{len(answers)} lines")


if __name__ == "__main__":
    main()
