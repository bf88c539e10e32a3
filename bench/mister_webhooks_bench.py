#!/usr/bin/env python3
"""The Python side of consume.py: mister_webhooks_bench.py TOPIC PROFILE COUNT reads COUNT events with the Mister Webhooks client from PyPI, and
prints what consume_bench prints. Runs in the environment of tests/interop/mister_webhooks; SSL_CERT_FILE names the CA."""

import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests/interop/mister_webhooks"))

import patched_client  # noqa: E402, F401
from mister_webhooks import ConnectionProfile, MisterWebhooksConsumer  # noqa: E402


class Done(Exception):
    pass


def main(topic, profile, count):
    begin = []
    seen = 0

    def on_event(event):
        nonlocal seen
        if not begin:
            begin.extend((time.perf_counter(), time.process_time()))
        seen += 1
        if seen == count:
            raise Done(time.perf_counter() - begin[0], time.process_time() - begin[1])

    consumer = MisterWebhooksConsumer(topic, ConnectionProfile.from_file(profile))
    try:
        consumer.run(on_event)
    except Done as done:
        seconds, cpu_seconds = done.args
        print(json.dumps({"records": seen, "seconds": seconds, "cpu_seconds": cpu_seconds}))
    finally:
        consumer.kafkaConsumer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
