#!/usr/bin/env python3
"""Fails when the tests of a label took more than twice the label's budget (tests/budgets.txt). Runs as the last test of ./test.

ctest writes the time of each test to Testing/Temporary/LastTest.log.tmp as soon as the test ends; its other reports come only when all is
over, too late for a test. A log that is not there or tells no times is a failure, so a ctest that writes otherwise cannot go unseen.
"""
import argparse
import collections
import json
import pathlib
import re
import sys

TOLERANCE = 2
HEADING = re.compile(r"^\d+/\d+ Test(?:ing)?: (\S+)$")
SECONDS = re.compile(r"^Test time = +([0-9.]+) sec$")


def read_budgets(path):
    """{label: seconds} from lines `label seconds`; # begins a comment."""
    budgets = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or not words[1].isdigit():
            sys.exit(f"{path}:{number}: expected `label seconds`, found: {line}")
        budgets[words[0]] = int(words[1])
    return budgets


def times_of(log):
    """{test: seconds} of every test that has ended, from ctest's log."""
    times, name = {}, None
    for line in log.splitlines():
        if heading := HEADING.match(line):
            name = heading[1]
        elif (seconds := SECONDS.match(line)) and name:
            times[name] = float(seconds[1])
            name = None
    return times


def sums_by_label(times, labels):
    sums = collections.defaultdict(float)
    for test, seconds in times.items():
        if test in labels:
            sums[labels[test]] += seconds
    return sums


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budgets", required=True, type=pathlib.Path)
    parser.add_argument("--labels", required=True, type=pathlib.Path)
    parser.add_argument("--log", required=True, type=pathlib.Path)
    arguments = parser.parse_args()

    budgets = read_budgets(arguments.budgets)
    labels = json.loads(arguments.labels.read_text())
    if not arguments.log.exists():
        sys.exit(f"no times to check: {arguments.log} is missing")
    times = times_of(arguments.log.read_text(errors="replace"))
    sums = sums_by_label(times, labels)
    if not sums:
        sys.exit(f"no times to check: {arguments.log} tells of no test that has ended")

    over = [label for label, seconds in sums.items() if seconds > TOLERANCE * budgets[label]]
    for label, seconds in sorted(sums.items()):
        mark = f"  more than {TOLERANCE} times its budget" if label in over else ""
        print(f"{label:12} {seconds:8.2f} s of {budgets[label]:4} s{mark}")
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
