"""The program consume_peer (peer.cpp), which is our consumer, run by tests."""

import json
import subprocess
import threading
import time

DEADLINE_SECONDS = 60


class Peer:
    """Runs until it ends by itself, or `kill`. Its lines are read as they come."""

    def __init__(self, program, profile, topics, **settings):
        arguments = [name if value is True else f"{name}={value}" for name, value in settings.items()]
        self.process = subprocess.Popen([program, profile, ",".join([topics] if isinstance(topics, str) else topics), *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = []
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def _read(self):
        for line in self.process.stdout:
            if not line.endswith("\n"):
                break  # killed while it wrote
            with self.changed:
                self.lines.append(json.loads(line))
                self.changed.notify_all()
        with self.changed:
            self.lines.append(None)
            self.changed.notify_all()

    def wait_for(self, condition, what, seconds=DEADLINE_SECONDS):
        """Until `condition(lines)`; raises AssertionError when it has ended before, or the time is over."""
        with self.changed:
            deadline = time.monotonic() + seconds
            while not condition([line for line in self.lines if line is not None]):
                if None in self.lines or not self.changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f"not so: {what}: {self.lines[-5:]}")
        return self

    def wait_for_events(self, count):
        return self.wait_for(lambda lines: sum("offset" in line and "notice" not in line for line in lines) >= count, f"{count} events")

    def end(self, seconds=DEADLINE_SECONDS):
        """(exit code, lines)"""
        code = self.process.wait(seconds)
        self.reader.join(seconds)
        errors = self.process.stderr.read()
        if code not in (0, 1) or errors:
            raise AssertionError(f"exit code {code}: {errors}")
        return code, [line for line in self.lines if line is not None]

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE_SECONDS)
        self.reader.join(DEADLINE_SECONDS)
        self.process.stderr.close()
        self.process.stdout.close()

    def events(self):
        return events_of(line for line in self.lines if line is not None)


def events_of(lines):
    return [line for line in lines if "offset" in line and "notice" not in line and "undecodable" not in line]


def notices_of(lines, kind):
    return [line for line in lines if line.get("notice") == kind]


def run(program, profile, topics, **settings):
    """(exit code, lines), once it has ended by itself."""
    with Peer(program, profile, topics, **settings) as peer:
        return peer.end()
