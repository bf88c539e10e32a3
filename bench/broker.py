#!/usr/bin/env python3
"""Measures consumers of the embedded log beside a real Kafka on the same machine that holds the same record batches: the same client
(librdkafka over TLS) in turn within each round. Writes docs/benchmarks-broker.md.

    bench/broker.py --build build/release [--rounds 5] [--fill-seconds 15]

exit: 0 when all runs took place, whatever the speed
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import re
import select
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/interop/kafka"), str(ROOT / "tests/interop/mister_webhooks"), str(ROOT / "tests/interop/broker"),
                str(ROOT / "tests/interop/kafka_tools"), str(ROOT / "tests/e2e")]

import pinned_packages  # noqa: E402, F401
import raw_kafka  # noqa: E402
import segments  # noqa: E402
from kafka_cluster import KafkaCluster  # noqa: E402
from raw_consumer import RawConsumer, read_profile  # noqa: E402

SECRET = "benchmark"
CROWD = 16
IDLE = 1_000
LATENCY_RATE, LATENCY_SECONDS = 1_000, 10
INGEST_SECONDS, INGEST_PACE = 6, 4_000
# Of each: the path, how many groups the consumers make, how fast webhooks come.
INGEST = {"share": ("/spread", 1), "each": ("/bench", CROWD), "paced": ("/bench", CROWD, "--rate", str(INGEST_PACE))}
CONFIG = f"""data = "./data"
[http]
listen = ["127.0.0.1:8080"]
[kafka]
max_connections = 3_000
[[source]]
name = "bench"
verify = {{ scheme = "github", secrets = ["{SECRET}"] }}
content = "cloudevents"
key = "cloudevents"
[[source]]
name = "spread"
verify = {{ scheme = "github", secrets = ["{SECRET}"] }}
content = "cloudevents"
key = "cloudevents"
partitions = {CROWD}
[[source]]
name = "quick"
verify = "none"
[[source]]
name = "quiet"
verify = "none"
"""
# The same webhooks into the Kafka, for whose consumers the latency is measured too.
INTO_KAFKA = """data = "./data"
[http]
listen = ["127.0.0.1:8080"]
[log]
kind = "kafka"
bootstrap = ["{bootstrap}"]
username = "tenter"
password = "{password}"
ca = "{ca}"
[[source]]
name = "quick"
verify = "none"
"""


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_bytes(pids):
    """By read calls, those from sockets included."""
    return sum(int(re.search(r"rchar: (\d+)", pathlib.Path(f"/proc/{pid}/io").read_text())[1]) for pid in pids)


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


class Tenter:
    """A running gateway, and who may read it."""

    name = "tenter"

    def __init__(self, build, folder, config=CONFIG):
        self.program, self.folder = build / "tenter", folder
        folder.mkdir()
        (folder / "tenter.toml").write_text(config)
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen([self.program, "serve", "--port", "0", "--kafka-port", "0"], cwd=folder, stdout=subprocess.PIPE,
                                            stderr=log)
        screen = b""
        while b"Events appear" not in screen:
            select.select([self.process.stdout], [], [], 60)
            screen += os.read(self.process.stdout.fileno(), 65536)
        self.http_port = int(re.search(rb"listening\s+http://[^:]+:(\d+)", screen)[1])
        kafka = re.search(rb"kafka\s+\S+:(\d+) \(TLS\)", screen)
        self.kafka_port = int(kafka[1]) if kafka else None
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        self.process.kill() if failed else self.stop()

    def stop(self):
        self.process.terminate()
        if code := self.process.wait(60):
            raise RuntimeError(f"the gateway ended with {code}: {(self.folder / 'log').read_text()[-2000:]}")

    def add(self, name, start="earliest"):
        path = self.folder / f"{name}.json"
        subprocess.run([self.program, "consumer", "add", name, "--source", "bench", "spread", "quick", "quiet", "--from", start, "--profile-out", path,
                        "--bootstrap", f"localhost:{self.kafka_port}"], cwd=self.folder, check=True, capture_output=True)
        return str(path)

    def profiles(self, count):
        return [self.add(f"idle{number}") for number in range(count)]


class Kafka:
    name = "kafka"

    def __init__(self, kafka, folder):
        self.kafka, self.pid, self.folder = kafka, kafka.pid, folder

    def profiles(self, _):
        return [self.kafka.write_profile(str(self.folder / "kafka.json"))]


def fill(build, tenter, seconds):
    """Webhooks of 1 KiB on 64 connections, as they come: about ten to a record batch. How many were stored."""
    return load(build, tenter, "--connections", "64", "--duration", str(seconds), "--warm-up", "0")["acknowledged"]


def load(build, tenter, *arguments):
    done = subprocess.run([build / "bench/load_generator", "--port", str(tenter.http_port), "--server", str(tenter.pid), "--secret", SECRET,
                           "--threads", "1", *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def copy(tenter, kafka, topic):
    """The stored batches, octet by octet."""
    kafka.create_topic(topic)
    count = 0
    with raw_kafka.Connection(kafka.profile("tenter")) as connection:
        for batch in segments.batches_of(str(tenter.folder / "data"), topic):
            if raw_kafka.produce(connection, topic, 0, batch.octets) != batch.first:
                raise RuntimeError("the copy has other offsets")
            count += 1
    return count


def consume(build, side, profile, records, consumers):
    """All of it by each of the consumers at once: rate in all, CPU of server and clients for each record that was handed out."""
    before = cpu_seconds(side.pid)
    clients = [subprocess.Popen([build / "bench/consume_bench", "bare", profile, "bench", str(records), f"bench-{os.urandom(8).hex()}"],
                                stdout=subprocess.PIPE, text=True) for _ in range(consumers)]
    results = [json.loads(client.communicate(timeout=300)[0]) for client in clients]
    total = sum(result["records"] for result in results)
    return {"rate": total / max(result["seconds"] for result in results), "server_us": (cpu_seconds(side.pid) - before) / total * 1e6,
            "client_us": sum(result["cpu_seconds"] for result in results) / total * 1e6, "resident_mib": resident_mib(side.pid)}


def latency(build, tenter, profile):
    done = subprocess.run([build / "bench/broker_latency", str(tenter.http_port), "/quick", profile, "quick", str(LATENCY_RATE),
                           str(LATENCY_SECONDS)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


@contextlib.contextmanager
def idle_consumers(side, count):
    """Connections that wait in Fetch for what does not come, each asked again as clients do."""
    profiles = [read_profile(path) for path in side.profiles(16)]
    connections = []
    with contextlib.ExitStack() as stack:
        for number in range(count):
            profile = profiles[number % len(profiles)]
            host, _, port = profile["kafka"]["bootstrap"].rpartition(":")
            connections.append(stack.enter_context(RawConsumer((host, int(port)), profile["kafka"]["ca"], profile)))
        for connection in connections:
            connection.send_fetch("quiet", 0, max_wait_ms=55_000)
        yield


def measure_idle(side, more):
    before = resident_mib(side.pid)
    with idle_consumers(side, IDLE):
        time.sleep(1)
        resident = resident_mib(side.pid)
        used = cpu_seconds(side.pid)
        time.sleep(10)
        used = cpu_seconds(side.pid) - used
        return {"kib_each": (resident - before) * 1024 / IDLE, "cpu_percent": used * 10, "more": more()}


@contextlib.contextmanager
def followers(build, tenter, name, topic, count, groups):
    """Consumers that read what comes from now on, in so many groups."""
    profiles = [tenter.add(f"{name}-{number}", "latest") for number in range(groups)] * (count // groups)
    clients = [subprocess.Popen([build / "bench/consume_bench", "bare", profile, topic, str(1 << 40), read_profile(profile)["consumer_name"]],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for profile in profiles]
    time.sleep(3)  # until they have joined their groups
    try:
        yield [client.pid for client in clients]
    finally:
        for client in clients:
            client.kill()
            client.wait()


def wait_until_read(clients, before, records):
    """A measurement in which the consumers did not read would be none."""
    deadline = time.monotonic() + 60
    while read_bytes(clients) - before < records * 1024:
        if time.monotonic() > deadline:
            raise RuntimeError("the consumers have not read what was stored")
        time.sleep(0.1)


def ingest(build, tenter, name, path, groups, *more):
    """Webhooks without consumers, and with 16 of them in so many groups, each of which reads all."""
    arguments = ("--connections", "64", "--duration", str(INGEST_SECONDS), "--path", path, *more)
    alone = load(build, tenter, *arguments)
    with followers(build, tenter, name, path[1:], CROWD, groups) as clients:
        before = read_bytes(clients)
        attached = load(build, tenter, *arguments)
        wait_until_read(clients, before, groups * attached["acknowledged"])
    return {when: {"rate": result["per_second"], "p99": result["latency_us"]["p99"]} for when, result in
            (("alone", alone), ("attached", attached))}


def note(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def measure(options, folder):
    build = options.build.resolve()
    found = {"one": {}, "many": {}, "idle": {}, "ingest": {}, "latency": {"one consumer": []}}
    with Tenter(build, folder / "fresh") as fresh:
        profile = fresh.add("quick")
        latency(build, fresh, profile)
        found["idle"]["tenter"] = measure_idle(fresh, lambda: latency(build, fresh, profile))
    beside = f"one of {IDLE + 1:,}, the others wait for something else"
    found["latency"][beside] = [found["idle"]["tenter"]["more"]]
    tenter = Tenter(build, folder / "gateway")
    found["records"] = records = fill(build, tenter, options.fill_seconds)
    note(f"{records} records stored")
    profile = tenter.add("bench")
    java = ("java", "-Xms1g", "-Xmx1g", "-XX:+UseG1GC")
    with KafkaCluster(folder=str(folder / "kafka"), options={"log.flush.interval.messages": 1 << 40}, java=java) as cluster:
        found["batches"] = copy(tenter, cluster, "bench")
        cluster.create_topic("quiet")
        kafka = Kafka(cluster, folder)
        sides = ((tenter, profile), (kafka, kafka.profiles(1)[0]))
        for warm_up in range(6):  # Kafka's own code is compiled by its JIT meanwhile
            consume(build, kafka, sides[1][1], records, 1)
        for number in range(options.rounds):
            for side, path in sides[::1 if number % 2 == 0 else -1]:
                for kind, consumers in (("one", 1), ("many", CROWD)):
                    result = consume(build, side, path, records, consumers)
                    found[kind].setdefault(side.name, []).append(result)
                    note(f"round {number + 1}, {side.name}, {consumers}: {result['rate']:,.0f}/s, server {result['server_us']:.2f} us, "
                         f"client {result['client_us']:.2f} us a record")
        found["idle"]["kafka"] = measure_idle(kafka, lambda: None)
        cluster.create_topic("quick")
        into_kafka = INTO_KAFKA.format(bootstrap=cluster.bootstrap, password=cluster.users["tenter"], ca=cluster.ca_path)
        with Tenter(build, folder / "into", into_kafka) as gateway:
            through_kafka = [latency(build, gateway, sides[1][1]) for _ in range(3)]
    for _ in range(3):
        found["latency"]["one consumer"].append(latency(build, tenter, profile))
    with followers(build, tenter, "beside", "quick", CROWD - 1, CROWD - 1):
        found["latency"][f"one of {CROWD} that read the same"] = [latency(build, tenter, profile) for _ in range(3)]
    found["latency"]["one consumer of the Kafka, into which the gateway writes"] = through_kafka
    note(f"latency {found['latency']}, idle {found['idle']}")
    for number in range(3):
        for kind, arguments in INGEST.items():
            result = ingest(build, tenter, f"live{number}-{kind}", *arguments)
            found["ingest"].setdefault(kind, []).append(result)
            note(f"ingest, {kind}: {result}")
    found["resident_mib"] = resident_mib(tenter.pid)
    tenter.stop()
    return found


def median(results, key):
    return statistics.median(result[key] for result in results)


def ratio(results, key):
    """Of tenter to Kafka within each round."""
    return statistics.median(one[key] / other[key] for one, other in zip(results["tenter"], results["kafka"], strict=True))


def document(found, options):
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"], capture_output=True,
                            text=True).stdout.strip()
    yield "# Benchmarks of the Kafka listener"
    yield ""
    yield ("Written by `bench/broker.py`; do not edit. `tenter serve` and a real Kafka 3.9.1 (1 GiB of heap, G1) on the same machine, one after the "
           f"other within each round; the same {found['records']:,} records of about 1.5 KiB in the same {found['batches']:,} batches; bare "
           f"librdkafka 2.0.2 over TLS 1.3 as the client; {options.rounds} rounds, medians. {os.cpu_count()} cores, shared by servers, clients and "
           f"load generator, {datetime.date.today().isoformat()}, commit {commit}." + (f" {options.remark}" if options.remark else ""))
    yield ""
    yield "| consumers | server | records/s | server CPU us/record | client CPU us/record | server RSS MiB |"
    yield "|--:|---|--:|--:|--:|--:|"
    for kind, count in (("one", 1), ("many", CROWD)):
        for name in ("tenter", "kafka"):
            results = found[kind][name]
            yield (f"| {count} | {name} | {median(results, 'rate'):,.0f} | {median(results, 'server_us'):.2f} | {median(results, 'client_us'):.2f} | "
                   f"{median(results, 'resident_mib'):,.0f} |")
    yield ""
    yield f"{IDLE:,} consumers that wait in Fetch:"
    yield ""
    yield "| server | memory KiB each | CPU % of a core |"
    yield "|---|--:|--:|"
    for name in ("tenter", "kafka"):
        memory = f"{found['idle'][name]['kib_each']:.0f}" if name == "tenter" else "within its heap"
        yield f"| {name} | {memory} | {found['idle'][name]['cpu_percent']:.1f} |"
    yield ""
    yield f"From the HTTP 2xx to the consumer, {LATENCY_RATE:,} webhooks/s, {LATENCY_SECONDS} s, us (negative: the consumer was first):"
    yield ""
    yield "| | p50 | p90 | p99 | p99.9 | max |"
    yield "|---|--:|--:|--:|--:|--:|"
    for title, results in found["latency"].items():
        values = [result["from_answer_us"] for result in results]
        yield f"| {title} | " + " | ".join(f"{median(values, key):,.0f}" for key in ("p50", "p90", "p99", "p99_9", "max")) + " |"
    yield ""
    yield f"What {CROWD} consumers that read at the same time take from taking webhooks, 64 connections:"
    yield ""
    yield "| | webhooks/s alone | with consumers | ratio | p99 of the answer, ms | with consumers |"
    yield "|---|--:|--:|--:|--:|--:|"
    titles = {"share": "as fast as they come, one group of 16 that shares the work",
              "each": "as fast as they come, each reads all: 16 times as much goes out as comes in",
              "paced": f"{INGEST_PACE:,}/s asked for, each reads all"}
    for kind, title in titles.items():
        rate, p99 = ({when: statistics.median(result[when][what] for result in found["ingest"][kind]) for when in ("alone", "attached")}
                     for what in ("rate", "p99"))
        yield (f"| {title} | {rate['alone']:,.0f} | {rate['attached']:,.0f} | {ingest_ratio(found, kind):.2f} | {p99['alone'] / 1e3:.1f} | "
               f"{p99['attached'] / 1e3:.1f} |")
    yield ""
    rate_ratio = ratio(found["one"], "rate")
    cpu_ratio, many_ratio = ratio(found["one"], "server_us"), ratio(found["many"], "server_us")
    p99 = median([result["from_answer_us"] for result in found["latency"]["one consumer"]], "p99") / 1e3
    yield f"- consumed at least as fast as from Kafka: {verdict(rate_ratio >= 1)}, {rate_ratio:.2f}"
    yield f"- at most half of its CPU a record: {verdict(cpu_ratio <= 0.5)}, {cpu_ratio:.2f}"
    yield f"- so with {CROWD} consumers: {verdict(many_ratio <= 0.5)}, {many_ratio:.2f}"
    yield f"- p99 below 5 ms at {LATENCY_RATE:,} webhooks/s: {verdict(p99 < 5)}, {p99:.2f} ms"
    ratios = {kind: ingest_ratio(found, kind) for kind in INGEST}
    yield (f"- webhooks with {CROWD} consumers at least 0.8 of without: {verdict(ratios['share'] >= 0.8)} with a group of {CROWD}, "
           f"{ratios['share']:.2f}; {verdict(ratios['paced'] >= 0.8)} at {INGEST_PACE:,}/s, {ratios['paced']:.2f}; {verdict(ratios['each'] >= 0.8)} where "
           f"each reads all of what comes as fast as it can, {ratios['each']:.2f}: consumers and senders share the cores")


def ingest_ratio(found, kind):
    return statistics.median(result["attached"]["rate"] / result["alone"]["rate"] for result in found["ingest"][kind])


def verdict(reached):
    return "reached" if reached else "**not reached**"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the release build tree, with TENTER_BUILD_BENCH")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--fill-seconds", type=int, default=15)
    parser.add_argument("--remark", default="", help="a sentence for the document: what else the machine did")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/benchmarks-broker.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-broker-", dir=options.build.resolve().parent) as folder:
        text = "\n".join(document(measure(options, pathlib.Path(folder)), options)) + "\n"
    options.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
