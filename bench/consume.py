#!/usr/bin/env python3
"""Measures consuming from a real Kafka over SASL_SSL: bare librdkafka, our consumer in three ways, and the Mister Webhooks client from PyPI, in
turn within each round. Writes docs/benchmarks-consume.md.

    bench/consume.py --build build/release [--rounds 5] [--records 400000]

The records: 1 KiB of JSON (bench/order.hpp) in the envelope with 12 headers, one partition. A run's time begins with its first record.
exit: 0 when all runs took place, whatever the speed
"""

import argparse
import datetime
import io
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[1]
MISTER = ROOT / "tests/interop/mister_webhooks"
sys.path[:0] = [str(ROOT / "tests/interop/kafka"), str(MISTER)]

import pinned_packages  # noqa: E402, F401
import fastavro  # noqa: E402
import records  # noqa: E402
from decode_envelopes import SCHEMA  # noqa: E402
from kafka_cluster import KafkaCluster  # noqa: E402

HEADERS = {"content-type": ["application/json"], "user-agent": ["Shop-Webhooks/2.1"], "x-request-id": ["0192f7a4-3c11-7b6e-9d4e-2b8f6f2f9a10"],
           "accept": ["*/*"], "accept-encoding": ["gzip, deflate"], "host": ["hooks.example.com"], "content-length": ["1024"],
           "x-shop-topic": ["orders/create"], "x-shop-domain": ["example.myshop.com"], "x-shop-hmac": ["3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
           "via": ["1.1 proxy"], "traceparent": ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]}
OURS = ("bare", "events", "value", "struct")
TITLES = {"bare": "librdkafka 2.0.2, nothing decoded", "events": "`WebhookConsumer`, payload left as bytes",
          "value": "`WebhookConsumer`, payload as a Boost.JSON value", "struct": "`WebhookConsumer`, payload as a struct",
          "python": "`mister-webhooks` 1.0.0 from PyPI, patched so that it can decode events with headers"}
PYTHON_RECORDS = 4000


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the release build tree, with TENTER_BUILD_BENCH")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=int, default=400_000)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/benchmarks-consume.md")
    return parser.parse_args()


def fill(kafka, program, count):
    topic = kafka.create_topic("incoming.bench.orders")
    payload = subprocess.run([program, "order"], capture_output=True, check=True).stdout.rstrip(b"\n")
    assert len(payload) == 1024
    value = envelope(payload)
    headers = [("envelope", b"\x80"), ("tenter-id", uuid.uuid4().bytes)]
    records.send_all(kafka, topic, ((b"order-%d" % (number % 1000), value, headers) for number in range(count)),
                     more={"linger.ms": 20, "batch.size": 1 << 20, "queue.buffering.max.kbytes": 1 << 18})
    return topic


def envelope(payload):
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, SCHEMA, {"method": "POST", "headers": HEADERS, "payload": payload, "encoding": "JSON"})
    return stream.getvalue()


def run_ours(program, how, profile, topic, count):
    done = subprocess.run([program, how, profile, topic, str(count), f"bench-{uuid.uuid4().hex}"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def run_python(profile, topic, ca_path):
    """The client goes on where its group is, so each round reads records of its own."""
    python = pathlib.Path(subprocess.run([ROOT / "tools/python_env", MISTER], capture_output=True, text=True, check=True).stdout.strip(), "bin/python")
    done = subprocess.run([python, ROOT / "bench/mister_webhooks_bench.py", topic, profile, str(PYTHON_RECORDS)], capture_output=True, text=True,
                          check=True, env={**os.environ, "SSL_CERT_FILE": ca_path})
    return json.loads(done.stdout.splitlines()[-1])


def measure(options):
    program = options.build.resolve() / "bench/consume_bench"
    results = {name: [] for name in TITLES}
    with tempfile.TemporaryDirectory(prefix="bench-kafka-", dir=options.build.resolve().parent) as folder:
        with KafkaCluster(folder=os.path.join(folder, "kafka"), options={"log.flush.interval.messages": 1 << 40},
                          java=("java", "-Xms1g", "-Xmx1g", "-XX:+UseG1GC")) as kafka:
            topic = fill(kafka, program, options.records)
            profile = kafka.write_profile(os.path.join(folder, "profile.json"))
            run_ours(program, "bare", profile, topic, options.records)  # Kafka's own code is compiled by its JIT meanwhile
            for number in range(options.rounds):
                for name in list(TITLES)[number % len(TITLES):] + list(TITLES)[:number % len(TITLES)]:
                    if name == "python":
                        result = run_python(profile, topic, kafka.ca_path)
                    else:
                        result = run_ours(program, name, profile, topic, options.records)
                    results[name].append(result)
                    print(f"bench: round {number + 1}, {name}: {rate(result):,.0f}/s, {cpu_us(result):.2f} us of CPU a record", file=sys.stderr)
    return results


def rate(result):
    return result["records"] / result["seconds"]


def cpu_us(result):
    return result["cpu_seconds"] / result["records"] * 1e6


def ratio(results, name, other):
    """Median, least and greatest of the ratio of rates within a round."""
    ratios = [rate(one) / rate(two) for one, two in zip(results[name], results[other], strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def document(results, options):
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"], capture_output=True,
                            text=True).stdout.strip()
    yield "# Benchmarks of consuming"
    yield ""
    yield ("Written by `bench/consume.py`; do not edit. A real Kafka 3.9.1 over SASL_SSL on the same machine; records of 1 KiB JSON and 12 headers, one "
           f"partition, one consumer; {options.records:,} records a run ({PYTHON_RECORDS:,} of Python's), {options.rounds} rounds in turn, medians. "
           f"{os.cpu_count()} cores, {datetime.date.today().isoformat()}, commit {commit}.")
    yield ""
    yield "| what | records/s | CPU us/record | to bare librdkafka |"
    yield "|---|--:|--:|--:|"
    for name, title in TITLES.items():
        middle, least, greatest = ratio(results, name, "bare")
        yield (f"| {title} | {statistics.median(map(rate, results[name])):,.0f} | {statistics.median(map(cpu_us, results[name])):.2f} | "
               f"{middle:.3g} ({least:.3g} to {greatest:.3g}) |")
    yield ""
    to_bare, to_python = ratio(results, "struct", "bare")[0], ratio(results, "struct", "python")[0]
    yield f"- as a struct at least 0.8 of bare librdkafka: {verdict(to_bare >= 0.8)}, {to_bare:.2f}"
    yield f"- as a struct at least 150 times the Python client: {verdict(to_python >= 150)}, {to_python:.0f} times"


def verdict(reached):
    return "reached" if reached else "**not reached**"


def main():
    options = parse_arguments()
    text = "\n".join(document(measure(options), options)) + "\n"
    options.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
