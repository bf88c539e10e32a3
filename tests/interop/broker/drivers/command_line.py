"""Drivers of clients that are commands, which commit by themselves: command_line.py KIND PROFILE TOPIC GROUP. line_protocol.py says what a
driver is. The command ends with this process, however that ends, as it is killed to see what it had committed."""

import ctypes
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile

import client_settings
import line_protocol

PR_SET_PDEATHSIG = 1
# Between the parts of a record, as neither command can print octets in another way. Long, so that no record has it by chance.
TOKEN = "@tenter-separates-2f6c9a@"
NULL = "@tenter-has-null-2f6c9a@"


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def say_printed(fields, offset, partition, timestamp, headers):
    key, value = (None if field == NULL.encode() else field for field in fields)
    line_protocol.say_record(partition, offset, timestamp, key, value, headers)


def parse_headers(octets, separator):
    """`name=value` or `name:value`, one after the other. A value may hold the comma that kcat puts between two, so a new one begins where a
    name can."""
    return [(name.decode(), value) for name, value in re.findall(rb"(?:^|" + separator + rb")([a-z-]+)[=:](.*?)(?=$|" + separator + rb"[a-z-]+[=:])",
                                                                 octets, re.DOTALL)]


class Kcat:
    """kcat prints sizes, so that its octets can be told apart."""

    def __init__(self, settings, _, topic, group):
        self.base = ["kcat", "-F", settings, "-q", "-u", "-f", f"%p %o %T %K %S\n%k{TOKEN}%s{TOKEN}%h{TOKEN}\n"]
        self.topic, self.group = topic, group

    def consume(self):
        more = {"auto.offset.reset": "earliest", "session.timeout.ms": 6000, "heartbeat.interval.ms": 300, "auto.commit.interval.ms": 100}
        return [*self.base, *(word for name, value in more.items() for word in ("-X", f"{name}={value}")), "-G", self.group, self.topic]

    def seek(self, time):
        return [*self.base, "-C", "-t", self.topic, "-o", f"s@{time}"]

    @staticmethod
    def print_records(text):
        """What is left of `text` when all whole records of it are printed."""
        while b"\n" in text:
            first, _, rest = text.partition(b"\n")
            partition, offset, timestamp, key_size, value_size = map(int, first.split())
            token = TOKEN.encode()
            value_at = max(key_size, 0) + len(token)
            headers_at = value_at + max(value_size, 0) + len(token)
            end = rest.find(token + b"\n", headers_at)
            if end < 0:
                break
            key = rest[:key_size] if key_size >= 0 else None
            value = rest[value_at:value_at + value_size] if value_size >= 0 else None
            line_protocol.say_record(partition, offset, timestamp, key, value, parse_headers(rest[headers_at:end], b","))
            text = rest[end + len(token) + 1:]
        return text


class ConsoleConsumer:
    """Kafka's kafka-console-consumer. TENTER_JAVA: the command line up to the class path, as JSON."""

    def __init__(self, settings, bootstrap, topic, group):
        with open(settings, "a", encoding="utf-8") as file:
            file.write("session.timeout.ms=6000\nheartbeat.interval.ms=300\nauto.commit.interval.ms=100\n")
        printed = {"print.timestamp": "true", "print.partition": "true", "print.offset": "true", "print.headers": "true", "print.key": "true",
                   "key.separator": TOKEN, "headers.separator": TOKEN + ",", "line.separator": TOKEN + "\n", "null.literal": NULL}
        self.command = [*json.loads(os.environ["TENTER_JAVA"]), "org.apache.kafka.tools.consumer.ConsoleConsumer",
                        "--bootstrap-server", bootstrap, "--consumer.config", settings, "--topic", topic, "--group", group,
                        "--from-beginning", *(word for name, value in printed.items() for word in ("--property", f"{name}={value}"))]

    def consume(self):
        return self.command

    @staticmethod
    def print_records(text):
        token = TOKEN.encode()
        *whole, rest = text.split(token + b"\n")
        for record in whole:
            timestamp, partition, offset, *headers, key, value = record.split(token)
            found = [one.removeprefix(b",").partition(b":") for one in headers]
            say_printed((key, value), int(offset.split(b":")[1]), int(partition.split(b":")[1]), int(timestamp.split(b":")[1]),
                        [(name.decode(), None if octets == NULL.encode() else octets) for name, _, octets in found if name != b"NO_HEADERS"])
        return rest


class TenterConsumer:
    """Tenter's own MisterWebhooksConsumer, by the program consume_peer. TENTER_PEER: its path."""

    def __init__(self, profile_path, topic, group):
        self.command = [os.environ["TENTER_PEER"], profile_path, topic, "signals"]
        self.group = group

    def consume(self):
        return [*self.command, f"group={self.group}", "session_timeout=6000", "commit_interval=100"]

    def seek(self, time):
        return [*self.command, "group=none", f"start=time:{time}"]

    @staticmethod
    def print_records(text):
        *whole, rest = text.split(b"\n")
        for line in map(json.loads, whole):
            if "error" in line:
                sys.exit(f"{line['error']}: {line['message']}")
            if "payload_hex" in line:
                body = line_protocol.encoded(bytes.fromhex(line["payload_hex"]))
                line_protocol.say(partition=line["partition"], offset=line["offset"], timestamp=line["timestamp_ms"], key=recoded(line["key"]),
                                  headers=[[name, recoded(value)] for name, value in line["record_headers"]],
                                  decoded={"method": line["method"], "headers": line["headers"], "body": body})
        return rest


def recoded(hexadecimal):
    return None if hexadecimal is None else line_protocol.encoded(bytes.fromhex(hexadecimal))


def client_of(kind, profile_path, topic, group, folder):
    if kind == "tenter":
        return TenterConsumer(profile_path, topic, group)
    profile = line_protocol.read_profile(profile_path)
    client, settings = {"kcat": (Kcat, "kcat.conf"), "console": (ConsoleConsumer, "console.properties")}[kind]
    return client(client_settings.write(settings, profile, folder), profile["kafka"]["bootstrap"], topic, group)


def main(*arguments):
    with tempfile.TemporaryDirectory() as folder:
        drive(arguments[0], client_of(*arguments, folder))


def drive(kind, client):
    commands = line_protocol.Commands()
    process, text = None, b""
    while True:
        match commands.next(None if process is None else 0):
            case ["consume"]:
                process = start(client.consume())
            case ["seek", time]:
                process = start(client.seek(time))
            case ["commit"]:
                line_protocol.say(did="commit")
            case ["leave"]:
                process.send_signal(signal.SIGTERM)
                rest = process.stdout.read()
                client.print_records(text + rest)
                process.wait()
                line_protocol.say(did="leave")
                return
        if select.select([process.stdout, 0], [], [], line_protocol.POLL_SECONDS)[0].count(process.stdout):
            octets = os.read(process.stdout.fileno(), 1 << 20)
            if not octets:
                sys.exit(f"{kind} has ended with {process.wait()}")
            text = client.print_records(text + octets)


def start(command):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=die_with_parent)


if __name__ == "__main__":
    main(*sys.argv[1:])
