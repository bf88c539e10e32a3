"""A running example, and its output line by line."""

import os
import pathlib
import select
import signal
import subprocess
import time

DEADLINE_SECONDS = 30


class ExampleProgram:
    def __init__(self, folder, name, *arguments, environment=None):
        self.process = subprocess.Popen([pathlib.Path(folder, name), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={**os.environ, **(environment or {})})
        self._rest = {self.process.stdout: b"", self.process.stderr: b""}

    def line(self, stream=None):
        stream = stream or self.process.stdout
        deadline = time.monotonic() + DEADLINE_SECONDS
        while b"\n" not in self._rest[stream]:
            readable, _, _ = select.select([stream], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(stream.fileno(), 65536) if readable else b""
            if not chunk:
                raise AssertionError(f"no further line; before: {self._rest}")
            self._rest[stream] += chunk
        line, self._rest[stream] = self._rest[stream].split(b"\n", 1)
        return line.decode()

    def lines(self, count):
        return [self.line() for _ in range(count)]

    def end(self, how=signal.SIGTERM):
        """(exit code, what was printed and not read yet)"""
        self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=DEADLINE_SECONDS)
        return self.process.returncode, (self._rest[self.process.stdout] + said).decode()

    def close(self):
        self.process.kill()
        self.process.communicate()
