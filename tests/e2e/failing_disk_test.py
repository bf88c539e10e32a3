#!/usr/bin/env python3
"""What the rules of the log promise when the disk fails: a failed fdatasync ends in 503 and exit code 74, a full disk in 503 that goes away by
itself, and nothing that was acknowledged before is gone. Argument: the library that makes fdatasync fail."""

import os
import pathlib
import sys
import tempfile
import time
import unittest

from gateway_process import Gateway

PROGRAM = os.environ["TENTER_PROGRAM"]
FAILING_FDATASYNC = os.path.realpath(sys.argv[1], strict=True)  # a library that is not there would be ignored, and nothing would fail
SOURCE = '[[source]]\nname = "demo"\nverify = "none"\n'


class FailingDisk(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.sign = self.folder / "fail"

    def gateway(self, config=SOURCE):
        (self.folder / "tenter.toml").write_text(config, encoding="utf-8")
        gateway = Gateway(PROGRAM, str(self.folder), environment={"LD_PRELOAD": FAILING_FDATASYNC, "TENTER_FAIL_FDATASYNC": str(self.sign)})
        self.addCleanup(gateway.__exit__)
        return gateway.start()

    def ids(self, gateway):
        return [event["id"] for event in gateway.tail("demo")]

    def test_a_failed_fdatasync_is_503_at_once_and_exit_74_within_2_seconds(self):
        gateway = self.gateway()
        before = gateway.post("/demo", b"before")[1]["id"]
        self.sign.touch()
        began = time.monotonic()
        status, answer, headers = gateway.post("/demo", b"not durable")
        self.assertEqual((status, answer["status"], answer["code"]), (503, "error", "unavailable"))
        self.assertIn("Retry-After", headers)
        self.assertEqual(gateway.process.wait(timeout=30), 74)
        self.assertLess(time.monotonic() - began, 2)
        self.assertIn("fdatasync", gateway.errors())
        self.sign.unlink()
        again = self.gateway()
        after = again.post("/demo", b"after")[1]["id"]
        ids = self.ids(again)
        self.assertEqual(ids[0], before)
        self.assertEqual(ids[-1], after)
        self.assertLessEqual(len(ids), 3, "the event that was answered 503 may be there or not, but once")

    def test_a_disk_below_its_reserve_is_503_while_reads_go_on(self):
        gateway = self.gateway()
        first = gateway.post("/demo", b"first")[1]["id"]
        self.assertEqual(gateway.stop(), 0)
        full = Gateway(PROGRAM, str(self.folder), config="full.toml")
        (self.folder / "full.toml").write_text('[log]\nreserve = "1000TiB"\n' + SOURCE, encoding="utf-8")
        self.addCleanup(full.__exit__)
        full.start(ready=503)
        status, answer, headers = full.post("/demo", b"no room")
        self.assertEqual((status, answer["code"]), (503, "overloaded"))
        self.assertIn("Retry-After", headers)
        self.assertEqual(full.status("/healthz"), 200)
        self.assertEqual(self.ids(full), [first])
        self.assertEqual(full.stop(), 0)
        roomy = self.gateway()
        second = roomy.post("/demo", b"second")[1]["id"]
        self.assertEqual(self.ids(roomy), [first, second])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
