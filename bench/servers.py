"""The programs that are measured: started on a free port with fresh data, ended, and their log counted."""

import http.client
import json
import mmap
import os
import pathlib
import re
import select
import struct
import subprocess
import threading
import time

START_DEADLINE_SECONDS = 120
SECRET = "benchmark"


class Variant:
    """One thing to measure. `durable`: the real gateway, whose log is counted afterwards."""

    def __init__(self, name, title, sources=1, durable=False):
        self.name, self.title, self.sources, self.durable = name, title, sources, durable


VARIANTS = {variant.name: variant for variant in (
    Variant("a0", "the HTTP room alone, answering 200"),
    Variant("a1", "the gateway without its log: verified, checked, put into its stored form, not kept"),
    Variant("b", "durable ingest, 1 source", durable=True),
    Variant("c20", "durable ingest, 20 sources", sources=20, durable=True),
    Variant("c1000", "durable ingest, 1,000 sources", sources=1000, durable=True),
)}


def configuration(sources, table):
    names = ["bench"] if sources == 1 else [f"bench{number}" for number in range(sources)]
    text = 'data = "./data"\n[http]\nlisten = ["127.0.0.1:8080"]\n' + table
    for name in names:
        text += (f'\n[[source]]\nname = "{name}"\nverify = {{ scheme = "github", secrets = ["{SECRET}"] }}\n'
                 'content = "cloudevents"\nkey = "cloudevents"\n')
    return text


class Server:
    """A context manager: running, ready, with `port` and `pid`; on leaving ended with SIGTERM, its exit code checked. `table`: more of
    tenter.toml."""

    def __init__(self, build, folder, variant, table=""):
        self._build, self._folder, self._variant, self._table = build, folder, variant, table
        self._process = None

    def _command(self):
        if self._variant.name == "a0":
            return [self._build / "bench/http_baseline_server"]
        if self._variant.name == "a1":
            return [self._build / "bench/ingest_baseline_server", "tenter.toml"]
        return [self._build / "tenter", "serve", "--config", "tenter.toml", "--port", "0", "--kafka-port", "0"]

    def __enter__(self):
        self._folder.mkdir(parents=True)
        (self._folder / "tenter.toml").write_text(configuration(self._variant.sources, self._table))
        with open(self._folder / "server.log", "wb") as log:
            self._process = subprocess.Popen(self._command(), cwd=self._folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        self.pid = self._process.pid
        deadline = time.monotonic() + START_DEADLINE_SECONDS
        self.port = self._read_port(deadline)
        # The start screen of a thousand sources is long; nobody must wait for us to read it.
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        while not self._is_ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self._variant.name} is not ready")
            time.sleep(0.01)
        return self

    def _read_port(self, deadline):
        screen = b""
        while not (found := re.search(rb"listening\s+http://[^\s:]+:(\d+)\s", screen)):
            readable, _, _ = select.select([self._process.stdout], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._process.stdout.fileno(), 65536) if readable else b""
            if not data:
                raise RuntimeError(f"{self._variant.name} did not start: {(self._folder / 'server.log').read_text()[-2000:]}")
            screen += data
        return int(found[1])

    def _is_ready(self):
        """Whatever the baselines answer, they are ready when they do."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def __exit__(self, failed, *_):
        self._process.kill() if failed else self._process.terminate()
        code = self._process.wait(START_DEADLINE_SECONDS)
        if not failed and code != 0:
            raise RuntimeError(f"{self._variant.name} ended with {code}: {(self._folder / 'server.log').read_text()[-2000:]}")


def load(build, server, variant, connections, options):
    """One run of the load generator against a server: what it printed."""
    done = subprocess.run(
        [build / "bench/load_generator", "--port", str(server.port), "--server", str(server.pid), "--connections", str(connections),
         "--sources", str(variant.sources), "--secret", SECRET, "--threads", str(options.threads), "--warm-up", str(options.warm_up),
         "--duration", str(options.duration), "--rate", str(options.rate)],
        capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def empty(folder):
    """Gives the disk space of a run back but keeps its files: ext4 without a journal does not take an inode again that was deleted in the
    last half minute, and looks at one after the other to find another. The next run, which makes a thousand files, would pay for it."""
    for path in folder.rglob("*"):
        if path.is_file():
            os.truncate(path, 0)


def count_records(data):
    """Records in all segment files of a stopped log, read as Kafka's format describes them and not by our own program. Each partition's
    offsets must follow one another from 0."""
    total = 0
    for partition in sorted(pathlib.Path(data, "log", "topics").glob("*/*")):
        expected = 0
        for segment in sorted(partition.glob("*.log")):
            expected = _count_segment(segment, expected)
        total += expected
    return total


def _count_segment(path, expected):
    """The offset after the last record of a segment that must begin at `expected`."""
    if path.stat().st_size == 0:
        return expected
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
        place = 0
        while place < len(view):
            base_offset, length = struct.unpack_from(">qi", view, place)
            magic = view[place + 16]
            last_delta, = struct.unpack_from(">i", view, place + 23)
            count, = struct.unpack_from(">i", view, place + 57)
            if base_offset != expected or magic != 2 or count != last_delta + 1 or place + 12 + length > len(view):
                raise RuntimeError(f"{path}: a wrong batch at {place}: offset {base_offset}, expected {expected}")
            expected += count
            place += 12 + length
    return expected
