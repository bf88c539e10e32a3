"""The program under test, as a process that is killed."""

import http.client
import json
import os
import re
import select
import subprocess
import threading
import time

START_DEADLINE_SECONDS = 60


class Gateway:
    def __init__(self, program, folder, config, kafka_port=0):
        self._kafka_port = kafka_port  # 0: a free one
        self._program, self._folder = os.path.abspath(program), folder
        self._process = self._port = None
        self.log_path = os.path.join(folder, "gateway.log")
        self.start_seconds = 0.1  # how long the last start took
        with open(os.path.join(folder, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(config)

    def _spawn(self, *arguments, stdout):
        with open(self.log_path, "ab") as log:
            return subprocess.Popen([self._program, *arguments, "--config", "tenter.toml"], cwd=self._folder, stdin=subprocess.DEVNULL,
                                    stdout=stdout, stderr=log)

    def _serve(self):
        return "serve", "--port", "0", "--kafka-port", str(self._kafka_port)

    def run(self, *arguments):
        """A command that must succeed."""
        if code := self._spawn(*arguments, stdout=subprocess.DEVNULL).wait(START_DEADLINE_SECONDS):
            raise AssertionError(f"tenter {arguments[0]} {arguments[1]} ended with {code}")

    def start(self):
        """Returns the port once /readyz answers 200."""
        began = time.monotonic()
        self._process = self._spawn(*self._serve(), stdout=subprocess.PIPE)
        deadline = began + START_DEADLINE_SECONDS
        self._port = port = self._read_port(deadline)
        while not is_ready(port):
            if time.monotonic() > deadline:
                raise AssertionError(f"the gateway is not ready after {START_DEADLINE_SECONDS} s")
            threading.Event().wait(0.005)
        self.start_seconds = time.monotonic() - began
        return port

    def _read_port(self, deadline):
        screen = b""
        while not (found := re.search(rb"listening\s+http://[^\s:]+:(\d+)\s", screen)):
            readable, _, _ = select.select([self._process.stdout], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self._process.stdout.fileno(), 65536) if readable else b""
            if not data:
                raise AssertionError(f"the gateway did not start; exit code {self._process.poll()}")
            screen += data
        return int(found[1])

    def is_ready(self):
        return is_ready(self._port)

    def is_running(self):
        return self._process.poll() is None

    def kill(self):
        _kill(self._process)

    def stop(self):
        """SIGTERM; returns the exit code."""
        self._process.terminate()
        self._process.stdout.read()
        code = self._process.wait(START_DEADLINE_SECONDS)
        self._process.stdout.close()
        return code

    def start_and_kill(self, after_seconds):
        """kill -9 somewhere in the start: recovery must be able to begin again from wherever it was."""
        _kill_later(self._spawn(*self._serve(), stdout=subprocess.DEVNULL), after_seconds)

    def tail_and_kill(self, source, after_seconds):
        """A reader of a log that nobody runs recovers it first; that too may end at any moment."""
        _kill_later(self._spawn("tail", source, "--from", "latest", "--limit", "1", stdout=subprocess.DEVNULL), after_seconds)

    def list_log(self):
        """What `tenter log list --json` says of every partition."""
        process = self._spawn("log", "list", "--json", stdout=subprocess.PIPE)
        with process.stdout:
            lines = [json.loads(line) for line in process.stdout]
        if code := process.wait():
            raise AssertionError(f"log list ended with {code}")
        return lines

    def tail(self, source, partition, from_offset):
        """Lines of `tenter tail SOURCE --json`, to the end of the log."""
        process = self._spawn("tail", source, "--json", "--partition", str(partition), "--from", f"offset:{from_offset}",
                              stdout=subprocess.PIPE)
        with process.stdout:
            yield from process.stdout
        if code := process.wait():
            raise AssertionError(f"tail {source} ended with {code}")


def is_ready(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _kill_later(process, seconds):
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        _kill(process)


def _kill(process):
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()
