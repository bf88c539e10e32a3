"""Runs Kafka's own tools, and Kafka's library through the Java programs here, and understands what they print."""

import json
import os
import re
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(HERE, "..", "..", "..", "tools")
# Properties of Kafka's log binding, so that it neither warns about a missing file nor mixes lines into the output.
LOGGING = """log4j.rootLogger=ERROR, stderr
log4j.appender.stderr=org.apache.log4j.ConsoleAppender
log4j.appender.stderr.Target=System.err
log4j.appender.stderr.layout=org.apache.log4j.SimpleLayout
"""


def environment(tool, *arguments):
    """The folder that tools/<tool>_env prints, its content fetched first if it is not there."""
    done = subprocess.run([os.path.join(TOOLS, tool + "_env"), *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{tool}_env: {done.stderr}")
    return done.stdout.strip()


def class_archive():
    """Where ../kafka/class_archive.py puts Kafka's classes, as a JVM loads them fastest."""
    return os.path.join(environment("maven", HERE), "classes.jsa")


def from_archive():
    """The JVM's options to use the archive, if there is one; one of another JVM it leaves aside, and would say so among a tool's output."""
    path = class_archive()
    return ("-Xshare:auto", "-Xlog:disable", "-XX:SharedArchiveFile=" + path) if os.path.exists(path) else ()


def java(program, *arguments, lines=""):
    """Runs a class of Kafka's jars, or a Java program of this folder, with `lines` as its input."""
    jars = os.path.join(environment("maven", HERE), "jars", "*")
    if program.endswith(".java"):
        program = os.path.join(HERE, program)
    with tempfile.NamedTemporaryFile("w", suffix=".properties") as logging:
        logging.write(LOGGING)
        logging.flush()
        machine = ["java", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *from_archive(),
                   "-Dlog4j.configuration=file://" + logging.name]
        return subprocess.run([*machine, "-cp", jars, program, *arguments], input=lines, capture_output=True, encoding="utf-8",
                              timeout=120)


def output_of(done):
    if done.returncode != 0:
        raise AssertionError(f"{done.args[-1]}: {done.stderr}")
    return done.stdout.splitlines()


def dump_log_segments(paths, *options):
    """What kafka.tools.DumpLogSegments says about each of the files: {path: [line, ...]}; under "" what it says on stderr, where it lists
    mismatched indexes and gaps between offsets."""
    done = java("kafka.tools.DumpLogSegments", *options, "--files", ",".join(paths))
    said, current = {"": done.stderr.splitlines()}, ""
    for line in output_of(done):
        if line.startswith("Dumping "):
            current = line.removeprefix("Dumping ")
        said.setdefault(current, []).append(line)
    return said


BATCH = re.compile(r"^baseOffset: (?P<first>\d+) lastOffset: (?P<last>\d+) count: (?P<count>\d+) baseSequence: -1 lastSequence: -1 "
                   r"producerId: -1 producerEpoch: -1 partitionLeaderEpoch: 0 isTransactional: false isControl: false .*"
                   r"position: (?P<position>\d+) CreateTime: (?P<time>\d+) size: (?P<size>\d+) magic: 2 compresscodec: none crc: \d+ "
                   r"isvalid: (?P<valid>\w+)$")
RECORD = re.compile(r"^\| offset: (?P<offset>\d+) CreateTime: (?P<time>\d+) keySize: (?P<key>-?\d+) valueSize: (?P<value>-?\d+) "
                    r"sequence: -1 headerKeys: \[(?P<headers>.*)\]$")


def parse_dump(lines):
    """(batches, records, other lines) of a segment's dump, the first two as the groups of BATCH and RECORD."""
    batches, records, others = [], [], []
    for line in lines:
        batch, record = BATCH.match(line), RECORD.match(line)
        if batch:
            batches.append(batch.groupdict())
        elif record:
            records.append(record.groupdict())
        else:
            others.append(line)
    return batches, records, others


def bytes_or_none(text):
    return None if text is None else bytes.fromhex(text)


def with_bytes(record):
    """A record of PrintRecords.java, or of write_segment, with bytes instead of hexadecimal."""
    headers = [(bytes_or_none(name).decode(), bytes_or_none(value)) for name, value in record["headers"]]
    return {**record, "key": bytes_or_none(record["key"]), "value": bytes_or_none(record["value"]), "headers": headers}


def read_records(paths):
    """All records of the files as Kafka's FileRecords reads them, each with its `path` and its batch's base offset."""
    records = [with_bytes(json.loads(line)) for line in output_of(java("PrintRecords.java", *paths))]
    return [{**record, "path": paths[record["file"]]} for record in records]


def check_dump(test, path, lines, records):
    """Holds DumpLogSegments' words about a segment against the file and its records."""
    base_offset = int(os.path.basename(path).split(".")[0])
    batches, dumped, others = parse_dump(lines)
    test.assertEqual(others, ["Dumping " + path, f"Log starting offset: {base_offset}"], "no complaint, nothing unknown")
    test.assertEqual({batch["valid"] for batch in batches}, {"true"})
    test.assertEqual(sum(int(batch["size"]) for batch in batches), os.path.getsize(path), "all of the file is batches")
    test.assertEqual(sum(int(batch["count"]) for batch in batches), len(dumped))
    test.assertEqual([int(record["offset"]) for record in dumped], list(range(base_offset, base_offset + len(dumped))))
    for said, record in zip(dumped, records, strict=True):
        test.assertEqual(said["headers"], ",".join(name for name, _ in record["headers"]))
        test.assertEqual((int(said["offset"]), int(said["time"])), (record["offset"], record["timestamp"]))
        test.assertEqual(int(said["key"]), -1 if record["key"] is None else len(record["key"]))
        test.assertEqual(int(said["value"]), -1 if record["value"] is None else len(record["value"]))


def flip_one_bit(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        octet = file.read(1)[0]
        file.seek(at)
        file.write(bytes([octet ^ 1]))


def check_damage_is_seen(test, path):
    """The control: a check that cannot fail proves nothing. `path` has one wrong bit in its first batch."""
    batches, _, _ = parse_dump(dump_log_segments([path])[path])
    test.assertEqual(batches[0]["valid"], "false")
    with test.assertRaisesRegex(AssertionError, "CorruptRecordException"):
        read_records([path])
