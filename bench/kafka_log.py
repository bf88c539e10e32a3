#!/usr/bin/env python3
"""Measures the gateway with its log in Kafka beside the embedded one, and writes docs/benchmarks-kafka.md.

    kafka_log.py --build build/release [--rounds N] [--connections N ...]

One real Kafka over SASL_SSL for all rounds; each run has a gateway process and a topic of its own, which afterwards holds exactly as many records as were
answered 2xx. Rounds take the variants in turn; ratios are taken within a round.
exit: 0 when all runs took place and all counts are right, whatever the speed; 1 when not
"""

import argparse
import datetime
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from servers import Server, Variant, count_records, empty, load

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(1, str(ROOT / "tests/interop/kafka"))

from kafka_cluster import KafkaCluster  # noqa: E402; first: it finds the pinned packages
from confluent_kafka import Consumer, TopicPartition  # noqa: E402

JAVA = ("java", "-Xms1g", "-Xmx1g", "-XX:+UseG1GC")  # with the whole JIT: that of the tests is slow at TLS
VARIANTS = {
    "segment": Variant("segment", "`kind = \"segment\"`: fdatasync before 2xx", durable=True),
    "kafka": Variant("kafka", "`kind = \"kafka\"`: acks=all, as Kafka is by default: in its page cache"),
    "flushed": Variant("flushed", "`kind = \"kafka\"`, topic with `flush.messages=1`: Kafka flushes each batch before it acknowledges"),
}
TOPIC_OPTIONS = {"kafka": {"flush.messages": (1 << 63) - 1}, "flushed": {"flush.messages": 1}}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the release build tree, with TENTER_BUILD_BENCH")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, nargs="+", default=[16, 256])
    parser.add_argument("--duration", type=float, default=4, help="seconds of each run that are measured")
    parser.add_argument("--warm-up", type=float, default=1, help="seconds of each run before")
    parser.add_argument("--threads", type=int, default=2, help="of the load generator")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/benchmarks-kafka.md")
    options = parser.parse_args()
    options.build, options.rate = options.build.resolve(), 0
    return options


def log_table(kafka, prefix):
    return (f'[log]\nkind = "kafka"\nbootstrap = ["{kafka.bootstrap}"]\nusername = "tenter"\npassword = "{kafka.users["tenter"]}"\n'
            f'ca = "{kafka.ca_path}"\ntopic = "{prefix}.{{source}}"\n')


def count_in_kafka(kafka, topic):
    consumer = Consumer(kafka.client_config(more={"group.id": "count"}))
    try:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=30)
        return high - low
    finally:
        consumer.close()


def measure(options, kafka, folder, name, connections):
    table = ""
    if name in TOPIC_OPTIONS:
        table = log_table(kafka, folder.name)
        kafka.create_topic(f"{folder.name}.bench", config={**TOPIC_OPTIONS[name], "max.message.bytes": 2 << 20})
    with Server(options.build, folder, VARIANTS[name], table) as server:
        result = load(options.build, server, VARIANTS[name], connections, options)
    if set(result["answers"]) != {"200"} or result["unanswered"] or result["broken_connections"] or not result["per_second"]:
        raise RuntimeError(f"{name} at {connections} connections: {result}")
    stored = count_in_kafka(kafka, f"{folder.name}.bench") if table else count_records(folder / "data")
    if stored != result["acknowledged"]:
        raise RuntimeError(f"{name}: {stored} records are stored, {result['acknowledged']} were answered 2xx")
    empty(folder)
    return result


def run_rounds(options, folder):
    names = list(VARIANTS)
    results = {(name, connections): [] for name in names for connections in options.connections}
    with KafkaCluster(folder=os.path.join(folder, "kafka"), java=JAVA) as kafka:
        measure(options, kafka, pathlib.Path(folder, "warm"), "kafka", options.connections[-1])  # Kafka's code is compiled meanwhile
        for number in range(options.rounds):
            for connections in options.connections:
                for name in names[number % len(names):] + names[:number % len(names)]:
                    result = measure(options, kafka, pathlib.Path(folder, f"r{number}-{connections}-{name}"), name, connections)
                    results[name, connections].append(result)
                    print(f"bench: round {number + 1}, {connections} connections, {name}: {result['per_second']:,.0f}/s", file=sys.stderr)
    return results


def median(results, *path):
    def value(result):
        for key in path:
            result = result[key]
        return result
    return statistics.median(map(value, results))


def document(results, options):
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"], capture_output=True,
                            text=True).stdout.strip()
    yield "# Benchmarks of the log in Kafka"
    yield ""
    yield ("Written by `bench/kafka_log.py`; do not edit. The gateway receives signed CloudEvents of 1 KiB for one source, on the same machine as the load "
           "generator and one real Kafka 3.9.1 over SASL_SSL, which all share its cores: on machines of their own the log in Kafka takes less from the gateway. "
           f"{options.rounds} rounds in turn, medians; each run's records were counted where they are kept. {os.cpu_count()} cores, load "
           f"{os.getloadavg()[2]:.1f}, {datetime.date.today().isoformat()}, commit {commit}.")
    yield ""
    yield "| connections | log | events/s | p50 ms | p99 ms | gateway CPU us/event | to the embedded log |"
    yield "|--:|---|--:|--:|--:|--:|--:|"
    for connections in options.connections:
        for name, variant in VARIANTS.items():
            these = results[name, connections]
            ratios = [one["per_second"] / two["per_second"] for one, two in zip(these, results["segment", connections], strict=True)]
            yield (f"| {connections} | {variant.title} | {median(these, 'per_second'):,.0f} | {median(these, 'latency_us', 'p50') / 1000:.1f} | "
                   f"{median(these, 'latency_us', 'p99') / 1000:.1f} | {median(these, 'server_cpu_us_per_event', 'total'):.1f} | "
                   f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |")


def main():
    options = parse_arguments()
    try:
        with tempfile.TemporaryDirectory(prefix="bench-kafka-", dir=options.build.parent) as folder:
            results = run_rounds(options, folder)
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    options.output.write_text("\n".join(document(results, options)) + "\n")
    print(f"bench: wrote {options.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
