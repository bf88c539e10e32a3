"""Starts the real program in a folder of its own, waits until it is ready, and ends it by its process id. For tests of the whole program."""

import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

STARTUP_DEADLINE_SECONDS = 30


class Gateway:
    """A running `tenter serve` on a free port. Use as a context manager, or call start and stop."""

    def __init__(self, program, folder, config="tenter.toml", environment=None):
        self.program = os.path.abspath(program)
        self.folder = folder
        self.config = config
        self.environment = {**os.environ, **(environment or {})}
        self.environment.pop("TENTER_CONFIG", None)
        self.process = None
        self.stderr = tempfile.TemporaryFile()
        self.screen = ""
        self.url = None
        self.kafka = None  # where it listens for Kafka's clients, HOST:PORT

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
        self._close()
        self.stderr.close()

    def start(self, ready=200):
        """`ready`: what /readyz must answer before this returns."""
        return self.start_with("serve", "--config", self.config, "--port", "0", "--kafka-port", "0", ready=ready)

    def start_with(self, *arguments, ready=200):
        self.process = subprocess.Popen(
            [self.program, *arguments], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=self.stderr)
        self.screen = self._read_screen()
        self.url = re.search(r"listening\s+(http://\S+)", self.screen).group(1)
        kafka = re.search(r"^\s+kafka\s+(\S+:\d+)", self.screen, re.MULTILINE)
        self.kafka = kafka and kafka.group(1)
        self.wait_until_ready(ready)
        return self

    def _read_screen(self):
        """The start screen ends with the line that shows how to tail; a program that ends before has failed to start."""
        deadline = time.monotonic() + STARTUP_DEADLINE_SECONDS
        screen = b""
        while b"Events appear" not in screen:
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 65536) if readable else b""
            if not chunk:
                self.process.kill()
                raise AssertionError(f"the gateway did not start:\n{screen.decode()}\n{self.errors()}")
            screen += chunk
        return screen.decode()

    def errors(self):
        """What it has written to stderr."""
        self.stderr.seek(0)
        return self.stderr.read().decode()

    def wait_until_ready(self, ready=200):
        deadline = time.monotonic() + STARTUP_DEADLINE_SECONDS
        while self.status("/readyz") != ready:
            if time.monotonic() > deadline:
                raise AssertionError("the gateway is not ready")
            select.select([], [], [], 0.01)

    def status(self, path):
        try:
            with urllib.request.urlopen(self.url + path) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def post(self, path, body, headers=None):
        """(status, parsed JSON answer, headers) of one POST."""
        request = urllib.request.Request(self.url + path, data=body, headers=headers or {}, method="POST")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.loads(answer.read()), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()), error.headers

    def kill(self):
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close()

    def stop(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self._close()
        return code

    def _close(self):
        if self.process:
            self.process.wait()
            self.process.stdout.close()

    def tail(self, source, *options):
        """The events that `tenter tail SOURCE --json` prints, parsed."""
        done = self.run("tail", source, "--json", "--config", self.config, *options)
        if done.returncode != 0:
            raise AssertionError(f"tail failed with {done.returncode}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def add_consumer(self, name, *sources):
        """The path of the connection profile of a new consumer."""
        path = os.path.join(self.folder, f"{name}.profile.json")
        flags = [word for source in sources for word in ("--source", source)]
        done = self.run("consumer", "add", name, *flags, "--profile-out", path, "--bootstrap", self.kafka, "--config", self.config)
        if done.returncode != 0:
            raise AssertionError(f"consumer add failed with {done.returncode}: {done.stderr}")
        return path

    def run(self, *arguments):
        return subprocess.run([self.program, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)
