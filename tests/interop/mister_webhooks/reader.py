#!/usr/bin/env python3
"""Reads events with the Mister Webhooks client from PyPI and prints each as a line of JSON.

    SSL_CERT_FILE=ca.pem reader.py consume TOPIC PROFILE COUNT     # ends when the last of COUNT events is committed
    reader.py decode < made.jsonl                                  # what make_records.py prints: no Kafka, and errors do not end it

A line has method, timestamp_ms, headers, payload (json_form.exact), topic, partition, offset, record_headers; or `error`, the class of the
exception, and `message`. Runs in the environment of this folder's requirements.txt. `consume` ends with exit code 1 at an error."""

import json
import sys
import types

import patched_client  # noqa: F401
from mister_webhooks import ConnectionProfile, MisterWebhooksConsumer, client

import json_form


class Limited:
    """The package's consumer runs for ever, or until its callback throws, which leaves the last event uncommitted. This ends between two."""

    def __init__(self, consumer, wants_more):
        self.consumer = consumer
        self.wants_more = wants_more

    def __iter__(self):
        while self.wants_more():
            yield next(self.consumer)

    def commit(self, *arguments, **named):
        return self.consumer.commit(*arguments, **named)


def described(event, record):
    return {"method": event.method.name, "timestamp_ms": round(event.timestamp.timestamp() * 1000), "headers": event.headers,
            "payload": json_form.exact(event.payload), "topic": record.topic, "partition": record.partition, "offset": record.offset,
            "record_headers": [[name, None if value is None else value.hex()] for name, value in record.headers]}


def say(**what):
    print(json.dumps(what), flush=True)


def consume(topic, profile, count):
    current, events = [], []
    decode = client.decode_message

    def decode_and_remember(record):  # the callback is given the event alone
        current[:] = [record]
        return decode(record)

    def on_event(event):
        events.append(described(event, current[0]))
        say(**events[-1])

    client.decode_message = decode_and_remember
    consumer = MisterWebhooksConsumer(topic, ConnectionProfile.from_file(profile))
    consumer.kafkaConsumer = Limited(consumer.kafkaConsumer, lambda: len(events) < count)
    try:
        consumer.run(on_event)
    except Exception as error:
        say(error=type(error).__name__, message=str(error))
        return 1
    finally:
        consumer.kafkaConsumer.consumer.close()
    return 0


def octets(text):
    return None if text is None else bytes.fromhex(text)


def decode_lines():
    for line in sys.stdin:
        made = json.loads(line)
        record = types.SimpleNamespace(topic=None, partition=None, offset=None, value=octets(made["value"]),
                                       timestamp=made["expected"]["timestamp_ms"],
                                       headers=[(name, octets(value)) for name, value in made["headers"]])
        try:
            event = client.decode_message(record)
            say(**(described(event, record) if event else {"skipped": True}))
        except Exception as error:
            say(error=type(error).__name__, message=str(error))
    return 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["consume", topic, profile, count]:
            sys.exit(consume(topic, profile, int(count)))
        case ["decode"]:
            sys.exit(decode_lines())
        case _:
            sys.exit(__doc__)
