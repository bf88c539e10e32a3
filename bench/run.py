#!/usr/bin/env python3
"""Measures how fast the gateway takes webhooks, and what the log costs, and writes docs/benchmarks.md.

    run.py --build build/release [--quick] [--rounds N] [--profile]

A round measures every variant at every number of connections, each with a fresh process and fresh data; the next round takes them in another
order. Numbers of different variants are compared within a round only, since the machine has better and worse minutes; what is reported is
the median over the rounds. After each durable run the log must hold exactly as many records as were answered 2xx.
exit: 0 when all runs took place and all counts are right, whatever the speed; 1 when not
"""

import argparse
import datetime
import json
import mmap
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from profiler import profile
from report import Measurements, document, summary_lines
from servers import VARIANTS, Server, count_records, empty, load

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE_CACHE_OF_A_RUN = 1 << 30
RATIOS = (("b", "a0"), ("b", "a1"), ("a1", "a0"), ("c20", "b"), ("c1000", "b"))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the release build tree, with TENTER_BUILD_BENCH")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, nargs="+", default=[16, 64, 256])
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--duration", type=float, default=4, help="seconds of each run that are measured")
    parser.add_argument("--warm-up", type=float, default=1, help="seconds of each run before")
    parser.add_argument("--threads", type=int, default=2, help="of the load generator")
    parser.add_argument("--rate", type=float, default=0, help="events a second (open loop); 0: closed loop")
    parser.add_argument("--profile", action="store_true", help="also a profile of (b) at the most connections, with perf")
    parser.add_argument("--quick", action="store_true", help="one short round at the most connections; writes no document")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "docs/benchmarks.md")
    options = parser.parse_args()
    options.build = options.build.resolve()
    if options.quick:
        options.rounds, options.connections, options.duration, options.warm_up, options.output = 1, options.connections[-1:], 2, 0.5, None
    return options


def measure(options, folder, variant, connections):
    touch_memory()
    with Server(options.build, folder, variant) as server:
        result = load(options.build, server, variant, connections, options)
    if set(result["answers"]) != {"200"} or result["unanswered"] or result["broken_connections"]:
        raise RuntimeError(f"{variant.name} at {connections} connections: {json.dumps(result)}")
    if variant.durable and (stored := count_records(folder / "data")) != result["acknowledged"]:
        raise RuntimeError(f"{variant.name}: the log holds {stored} records, {result['acknowledged']} were answered 2xx")
    empty(folder)
    return result


def rotated(names, by):
    return names[by % len(names):] + names[:by % len(names)]


def run_rounds(options, folder):
    measurements = Measurements()
    for number in range(options.rounds):
        for connections in options.connections:
            for name in rotated(options.variants, number):
                result = measure(options, folder / f"{number}-{connections}-{name}", VARIANTS[name], connections)
                measurements.add(name, connections, result)
                say(f"round {number + 1}, {connections} connections, {name}: {result['per_second']:,.0f}/s, "
                    f"p99 {result['latency_us']['p99'] / 1000:.1f} ms, "
                    f"{result['server_cpu_us_per_event']['total']:.1f} us of CPU an event")
    return measurements


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def commit():
    described = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--abbrev=12", "--dirty", "--exclude=*"], capture_output=True,
                               text=True, check=False)
    return described.stdout.strip() or "unknown"


def cores_in_use(seconds=3):
    """How many cores others keep busy, measured while we do nothing."""
    def busy():
        user, nice, system, _idle, _wait, irq, softirq, steal = (int(ticks) for ticks in pathlib.Path("/proc/stat").read_text().split()[1:9])
        return user + nice + system + irq + softirq + steal

    before = busy()
    time.sleep(seconds)
    return (busy() - before) / os.sysconf("SC_CLK_TCK") / seconds


def touch_memory():
    """A hypervisor gives a machine each page of memory when it is first written, which costs ten times the write itself, and takes it back
    when it has been free for a while. A server that has run for some time has its page cache; so what a run may need of it is touched before."""
    with mmap.mmap(-1, PAGE_CACHE_OF_A_RUN) as memory:
        for page in range(0, len(memory), mmap.PAGESIZE):
            memory[page] = 1


def main():
    options = parse_arguments()
    others = cores_in_use()
    try:
        # In the tree, so on a disk and not in memory.
        with tempfile.TemporaryDirectory(prefix="bench-data-", dir=options.build.parent) as folder:
            measurements = run_rounds(options, pathlib.Path(folder))
            profiled = profile(options, pathlib.Path(folder, "profile"), VARIANTS["b"]) if options.profile else None
    except (RuntimeError, subprocess.SubprocessError) as error:
        say(str(error))
        if isinstance(error, subprocess.CalledProcessError):
            say(error.stderr)
        return 1
    ratios = [ratio for ratio in RATIOS if set(ratio) <= set(options.variants)]
    for line in summary_lines(measurements, ratios, options.connections):
        say(line)
    if options.output:
        text = document(measurements, ratios, options, VARIANTS, commit(), datetime.date.today().isoformat(), others,
                        profiled)
        options.output.write_text(text)
        say(f"wrote {options.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
