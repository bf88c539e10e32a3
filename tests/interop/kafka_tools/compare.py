#!/usr/bin/env python3
"""Lets Kafka's own tools read a segment file and compares what they find with what was written.

    compare.py --segment FILE --expected FILE.jsonl
    compare.py --writer PROGRAM        runs PROGRAM FOLDER first, which writes FOLDER/00000000000000000000.log and FOLDER/expected.jsonl

A line of the expected file: {"offset","timestamp","key","value","headers":[[name,value],...]}, octets in hexadecimal or null.
DumpLogSegments must find every batch valid, and count, offsets and header names right; FileRecords must give every octet.
With --writer, one byte of the file is then turned over, and both tools must refuse it: a check that cannot fail proves nothing.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
RECORD_LINE = re.compile(r"^\| offset: (\d+) .*?headerKeys: \[(.*?)\]")
# Two properties of Kafka's log binding, so that it neither warns about a missing file nor mixes lines into the output.
LOGGING = "log4j.rootLogger=ERROR, stderr\nlog4j.appender.stderr=org.apache.log4j.ConsoleAppender\n" \
          "log4j.appender.stderr.Target=System.err\nlog4j.appender.stderr.layout=org.apache.log4j.SimpleLayout\n"


class Kafka:
    def __init__(self, folder):
        environment = subprocess.run([ROOT / "tools/maven_env", HERE], check=True, capture_output=True, text=True).stdout.strip()
        properties = pathlib.Path(folder, "log4j.properties")
        properties.write_text(LOGGING)
        self.command = ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", f"-Dlog4j.configuration={properties.as_uri()}", "-cp",
                        f"{environment}/jars/*"]

    def run(self, *arguments):
        return subprocess.run([*self.command, *map(str, arguments)], capture_output=True, encoding="utf-8", timeout=300)

    def dump(self, segment):
        return self.run("kafka.tools.DumpLogSegments", "--deep-iteration", "--files", segment)

    def records(self, segment):
        return self.run(HERE / "PrintRecords.java", segment)


def header_names(record):
    return ",".join(bytes.fromhex(name).decode() for name, _ in record["headers"])


def dump_faults(ran, expected):
    if ran.returncode != 0:
        return [f"DumpLogSegments ended with {ran.returncode}: {ran.stderr[-2000:]}"]
    faults = [f"DumpLogSegments: {line}" for line in ran.stdout.splitlines() if re.search(r"isvalid: false|Found |corrupt", line)]
    found = [match.groups() for match in map(RECORD_LINE.match, ran.stdout.splitlines()) if match]
    wanted = [(str(record["offset"]), header_names(record)) for record in expected]
    if found != wanted:
        place = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
        faults.append(f"DumpLogSegments: {len(found)} records, {len(wanted)} expected; the first that differs is record {place}: "
                      f"{found[place:place + 1]}, expected {wanted[place:place + 1]}")
    return faults


def record_faults(ran, expected):
    if ran.returncode != 0:
        return [f"FileRecords: {ran.stderr[-2000:]}"]
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    faults = [f"FileRecords: {len(found)} records, {len(expected)} expected"] if len(found) != len(expected) else []
    for have, want in zip(found, expected):
        faults += [f"FileRecords: offset {want['offset']}: {member} is {str(have[member])[:80]}, expected {str(want[member])[:80]}"
                   for member in ("offset", "timestamp", "key", "value", "headers") if have[member] != want[member]]
    return faults


def compare(kafka, segment, expected_file):
    expected = [json.loads(line) for line in pathlib.Path(expected_file).read_text().splitlines()]
    if not expected:
        return ["nothing is expected: the comparison would be empty"]
    return dump_faults(kafka.dump(segment), expected) + record_faults(kafka.records(segment), expected)


def control_faults(kafka, segment, expected_file):
    octets = bytearray(segment.read_bytes())
    octets[len(octets) // 2] ^= 1
    damaged = segment.parent / "damaged" / segment.name
    damaged.parent.mkdir()
    damaged.write_bytes(octets)
    expected = [json.loads(line) for line in pathlib.Path(expected_file).read_text().splitlines()]
    faults = []
    if not dump_faults(kafka.dump(damaged), expected):
        faults.append("control: DumpLogSegments found nothing wrong with a damaged file")
    if not record_faults(kafka.records(damaged), expected):
        faults.append("control: FileRecords found nothing wrong with a damaged file")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--segment", type=pathlib.Path)
    parser.add_argument("--expected", type=pathlib.Path)
    parser.add_argument("--writer", type=pathlib.Path)
    options = parser.parse_args()
    if bool(options.writer) == bool(options.segment) or bool(options.segment) != bool(options.expected):
        parser.error("either --writer or both --segment and --expected")
    with tempfile.TemporaryDirectory(prefix="tenter-kafka-tools-") as folder:
        kafka = Kafka(folder)
        segment, expected = options.segment, options.expected
        if options.writer:
            subprocess.run([options.writer, folder], check=True, timeout=60)
            segment, expected = pathlib.Path(folder, "00000000000000000000.log"), pathlib.Path(folder, "expected.jsonl")
        faults = compare(kafka, segment, expected)
        if options.writer:
            faults += control_faults(kafka, segment, expected)
    print("\n".join(faults[:20]) if faults else "Kafka's tools read what was written")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
