"""Driver of the package mister-webhooks, with those of its defects mended without which it reads no event that has headers: line_protocol.py.
It commits after each event, in the group of its name, and has no way to seek. That it runs in an environment where SSL_CERT_FILE names the
authority is for whoever starts it."""

import sys

import patched_client
from mister_webhooks import ConnectionProfile, MisterWebhooksConsumer, client

import line_protocol

# Here a group that has committed nothing begins where the package as it is begins: at the end.
client.KafkaConsumer = patched_client.client.KafkaConsumer.func


class Left(Exception):
    """Told to leave."""


class Records:
    """In the place of the package's own KafkaConsumer, which it iterates over for ever: looks for commands between polls."""

    def __init__(self, consumer, commands):
        self.consumer, self.commands = consumer, commands

    def __iter__(self):
        while True:
            match self.commands.next():
                case ["commit"]:
                    line_protocol.say(did="commit")
                case ["leave"]:
                    raise Left
            for records in self.consumer.poll(timeout_ms=int(line_protocol.POLL_SECONDS * 1000)).values():
                for record in records:
                    self.current = record
                    yield record

    def commit(self, *arguments, **named):
        return self.consumer.commit(*arguments, **named)


def main(profile, topic, _):
    commands = line_protocol.Commands()
    if commands.next(None) != ["consume"]:
        sys.exit("it can only consume")
    # [[connect]]
    consumer = MisterWebhooksConsumer(topic, ConnectionProfile.from_file(profile))
    # [[/connect]]
    records = Records(consumer.kafkaConsumer, commands)
    consumer.kafkaConsumer = records

    def on_event(event):
        record = records.current
        line_protocol.say_record(record.partition, record.offset, round(event.timestamp.timestamp() * 1000), record.key, record.value,
                                 record.headers)

    try:
        consumer.run(on_event)
    except Left:
        records.consumer.close()
        line_protocol.say(did="leave")


if __name__ == "__main__":
    main(*sys.argv[1:])
