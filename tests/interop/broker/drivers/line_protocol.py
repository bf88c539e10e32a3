"""What every driver speaks, for those in Python. A driver is a small program around one client of Kafka:

    driver PROFILE TOPIC GROUP      PROFILE is the connection profile that `tenter consumer add` writes

It reads a command a line, and prints each record that its client hands out, and each answer, as a line of JSON:

    consume      joins GROUP and reads what the group has not read
    commit       commits what was printed -> {"did": "commit"}, once the broker has acknowledged it (or, for clients that commit by themselves, at once)
    seek TIME    reads, without GROUP's offsets, each partition from its first record at or after TIME (Unix milliseconds)
    leave        commits what was printed, leaves the group -> {"did": "leave"} and ends with exit code 0

A record: {"partition", "offset", "timestamp", "key", "value", "headers": [[name, value], ...]}, octets in base64, null where there are none. From
a client that hands out events instead of values: "decoded": {"method", "headers", "body"} in the place of "value"."""

import base64
import json
import os
import select
import sys

POLL_SECONDS = 0.1


def encoded(octets):
    return None if octets is None else base64.b64encode(octets).decode()


def say(**line):
    print(json.dumps(line), flush=True)


def say_record(partition, offset, timestamp, key, value, headers):
    say(partition=partition, offset=offset, timestamp=timestamp, key=encoded(key), value=encoded(value),
        headers=[[name, encoded(octets)] for name, octets in headers])


def read_profile(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Commands:
    """The lines of stdin that have come."""

    def __init__(self):
        self.text = b""

    def next(self, seconds=0.0):
        """The words of the next command; None when there is none yet. Ends the process where stdin has ended."""
        while b"\n" not in self.text:
            if not select.select([0], [], [], seconds)[0]:
                return None
            octets = os.read(0, 65536)
            if not octets:
                sys.exit("stdin has ended")
            self.text += octets
        line, _, self.text = self.text.partition(b"\n")
        return line.decode().split()


def run(client):
    """Until it is told to leave. `client` has consume(), seek(milliseconds), poll(), which prints what came within POLL_SECONDS, commit()
    and leave()."""
    commands = Commands()
    polls = False
    while True:
        match commands.next(0 if polls else None):
            case ["consume"]:
                client.consume()
                polls = True
            case ["seek", time]:
                client.seek(int(time))
                polls = True
            case ["commit"]:
                client.commit()
                say(did="commit")
            case ["leave"]:
                client.commit()
                client.leave()
                say(did="leave")
                return
            case None:
                pass
            case other:
                sys.exit(f"unknown command {other}")
        if polls:
            client.poll()
