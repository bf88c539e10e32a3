"""Medians over the rounds, and docs/benchmarks.md."""

import os
import pathlib
import platform
import statistics
import subprocess

# What is asked of 256 connections.
TARGETS = {("b", "a0"): 0.85, ("c20", "b"): 0.85, ("c1000", "b"): 0.85}
TARGET_CONNECTIONS = 256
TARGET_P99_MS = 10
BUSY = 0.1  # cores; on a machine on which nothing else happens, with some air


class Measurements:
    """What the load generator printed, by variant and connections, in the order of the rounds."""

    def __init__(self):
        self._results = {}

    def add(self, name, connections, result):
        self._results.setdefault((name, connections), []).append(result)

    def median(self, name, connections, *path):
        return statistics.median(value_at(result, path) for result in self._results[name, connections])

    def ratio(self, first, second, connections):
        """(median, lowest, highest) of first / second within each round."""
        pairs = zip(self._results[first, connections], self._results[second, connections], strict=True)
        ratios = [one["per_second"] / other["per_second"] for one, other in pairs]
        return statistics.median(ratios), min(ratios), max(ratios)

    def threads(self, name, connections):
        """Of the middle round: name and microseconds per event of each thread that did something, busiest first."""
        results = sorted(self._results[name, connections], key=lambda result: result["per_second"])
        threads = results[len(results) // 2]["server_threads_cpu_us_per_event"]
        used = [(thread["name"], thread["user"], thread["system"]) for thread in threads if thread["user"] + thread["system"] >= 0.05]
        return sorted(used, key=lambda thread: -thread[1] - thread[2])


def value_at(result, path):
    for key in path:
        result = result[key]
    return result


def summary_lines(measurements, ratios, connection_counts):
    for connections in connection_counts:
        for first, second in ratios:
            middle, low, high = measurements.ratio(first, second, connections)
            yield f"{connections} connections: ({first})/({second}) = {middle:.2f} ({low:.2f} to {high:.2f})"


def results_table(measurements, options):
    yield "| connections | | events/s | p50 ms | p90 ms | p99 ms | p99.9 ms | max ms | server CPU us/event (user + system) | generator CPU us/event |"
    yield "|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for connections in options.connections:
        for name in options.variants:
            latencies = " | ".join(f"{measurements.median(name, connections, 'latency_us', quantile) / 1000:.2f}"
                                   for quantile in ("p50", "p90", "p99", "p99_9", "max"))
            cpu = [measurements.median(name, connections, "server_cpu_us_per_event", part) for part in ("total", "user", "system")]
            own = measurements.median(name, connections, "client_cpu_us_per_event", "total")
            yield (f"| {connections} | ({name}) | {measurements.median(name, connections, 'per_second'):,.0f} | {latencies} | "
                   f"{cpu[0]:.1f} ({cpu[1]:.1f} + {cpu[2]:.1f}) | {own:.1f} |")


def ratios_table(measurements, ratios, options):
    yield "| ratio | " + " | ".join(f"{connections} connections" for connections in options.connections) + " |"
    yield "|---|" + "--:|" * len(options.connections)
    for first, second in ratios:
        cells = []
        for connections in options.connections:
            middle, low, high = measurements.ratio(first, second, connections)
            cells.append(f"{middle:.2f} ({low:.2f} to {high:.2f})")
        yield f"| ({first})/({second}) | " + " | ".join(cells) + " |"


def verdicts(measurements, ratios, options):
    if TARGET_CONNECTIONS not in options.connections:
        return
    for pair in ratios:
        if pair in TARGETS:
            middle, _, _ = measurements.ratio(*pair, TARGET_CONNECTIONS)
            word = "reached" if middle >= TARGETS[pair] else "**not reached**"
            yield f"- ({pair[0]})/({pair[1]}) at least {TARGETS[pair]}: {word}, {middle:.2f}"
    if "b" in options.variants:
        p99 = measurements.median("b", TARGET_CONNECTIONS, "latency_us", "p99") / 1000
        yield f"- p99 of (b) at most {TARGET_P99_MS} ms: {'reached' if p99 <= TARGET_P99_MS else '**not reached**'}, {p99:.1f} ms"


def threads_lists(measurements, options):
    connections = max(options.connections)
    for name in options.variants:
        threads = ", ".join(f"{thread} {user:.1f} + {system:.1f}" for thread, user, system in measurements.threads(name, connections))
        yield f"- ({name}): {threads}"


def machine():
    model = next((line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    disk = subprocess.run(["findmnt", "-n", "-o", "FSTYPE,OPTIONS", "-T", "."], capture_output=True, text=True, check=False).stdout.split()
    return f"{os.cpu_count()} x {model}, {memory:.0f} GiB, Linux {platform.release()}, {disk[0] if disk else 'unknown file system'}"


def document(measurements, ratios, options, variants, commit, date, others, profiled):
    loop = f"open loop, {options.rate:,.0f} events/s asked for" if options.rate else "closed loop"
    lines = [
        "# Benchmarks", "",
        "Written by `./dev bench`; do not edit. Method: `bench/README.md`.", "",
        f"- machine: {machine()}; the load generator runs on it too; others used {others:.2f} cores before the first run"
        + (" (**busy: no figure here is final**)" if others > BUSY else ""),
        f"- commit: {commit}; date: {date}",
        f"- load: 1 KiB CloudEvents, structured, signed with HMAC-SHA256 (`github`), keep-alive, {loop}, {options.threads} generator threads",
        f"- {options.rounds} rounds, each variant {options.duration:g} s after {options.warm_up:g} s of warm-up, in turned order; medians",
        "- after every durable run the log held exactly as many records as were answered 2xx", "",
        *(f"- ({name}) {variants[name].title}" for name in options.variants), "",
        "## Asked for, at 256 connections", "", *verdicts(measurements, ratios, options), "",
        "## Ratios of throughput, within a round: median (lowest to highest)", "", *ratios_table(measurements, ratios, options), "",
        "## Results", "", *results_table(measurements, options), "",
        f"## CPU of each server thread at {max(options.connections)} connections, us/event (user + system)", "",
        *threads_lists(measurements, options), ""]
    if profiled:
        lines += [f"## Profile of (b) at {max(options.connections)} connections", "", profiled, ""]
    return "\n".join(lines)
