"""The package mister-webhooks 1.0.0 with three of its defects mended, without which it reads no event that has headers. Import this before using
it; everything else is the package's own code. Runs in the environment of this folder's requirements.txt."""

import functools
from enum import Enum

import mister_webhooks
from mister_webhooks import client, webhook_event

# The package writes `GET = auto` without calling it: all methods have one value, are aliases of the first, and every event is a GET.
METHODS = Enum("HTTPMethod", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
for module in (mister_webhooks, webhook_event):
    module.HTTPMethod = METHODS


class Pairs(dict):
    """Avro's maps come as dict, but the package iterates over them as if they were lists of pairs, which unpacks each name."""

    def __iter__(self):
        return iter(self.items())


decode_v1 = webhook_event.WebhookEvent._from_kafka_message_envelope_v1


def decode_v1_of_pairs(timestamp, envelope):
    return decode_v1(timestamp, {**envelope, "headers": Pairs(envelope["headers"])})


webhook_event.WebhookEvent._from_kafka_message_envelope_v1 = staticmethod(decode_v1_of_pairs)

# A new group begins at the topic's end, so that a test would have to produce while the client reads.
client.KafkaConsumer = functools.partial(client.KafkaConsumer, auto_offset_reset="earliest")
