#!/usr/bin/env python3
"""Goal: certificates change under a running gateway, and nobody who is connected or comes notices more than that.
Method: the real program with a clock that the test moves on (argument: the library that does it); files as an operator replaces them."""

import os
import pathlib
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from gateway_process import Gateway
from raw_consumer import RawConsumer, read_profile

PROGRAM = os.environ["TENTER_PROGRAM"]
SHIFTED_CLOCK = os.path.realpath(sys.argv[1], strict=True)  # a library that is not there would be ignored
SOURCE = '[[source]]\nname = "demo"\nverify = "none"\n'
DAY = 86_400


class CertificatesTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.shift = self.folder / "shift"
        self.passed = 0
        self.let_pass(0)

    def let_pass(self, seconds):
        self.passed += seconds
        with open(self.shift, "r+b" if self.shift.exists() else "wb") as file:
            file.write(struct.pack("=q", self.passed))

    def start(self, kafka=""):
        (self.folder / "tenter.toml").write_text(SOURCE + "[kafka]\n" + kafka)
        self.gateway = Gateway(PROGRAM, str(self.folder), environment={"LD_PRELOAD": SHIFTED_CLOCK, "TENTER_CLOCK_SHIFT": str(self.shift)})
        self.addCleanup(self.gateway.__exit__)
        self.gateway.start()
        host, port = self.gateway.kafka.rsplit(":", 1)
        self.address = (host, int(port))
        self.profile = read_profile(self.gateway.add_consumer("shop", "demo"))
        self.assertEqual(self.gateway.post("/demo", b"x")[0], 200)

    def consumer(self):
        raw = RawConsumer(self.address, self.profile["kafka"]["ca"], self.profile)
        self.addCleanup(raw.socket.close)
        return raw

    def wait_for_log(self, expected):
        """Until the operator's log says so; whoever connects makes the gateway look at the clock."""
        deadline = time.monotonic() + 10
        while expected not in self.gateway.errors():
            self.assertLess(time.monotonic(), deadline, f"no line {expected!r} in:\n{self.gateway.errors()}")
            socket.create_connection(self.address).close()
            select.select([], [], [], 0.01)

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def replace(self, name, file):
        """As `mv` and certbot do."""
        os.rename(self.folder / file, self.folder / name)

    def make_authority(self):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
                     "-days", "30", "-subj", "/CN=an authority")

    def make(self, name):
        (self.folder / "names.cnf").write_text("subjectAltName=DNS:localhost\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                     "-subj", f"/CN={name}")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "20", "-extfile", "names.cnf", "-out",
                     f"{name}.pem")

    def shown_to(self, consumer):
        return consumer.socket.getpeercert()["subject"][0][0][1]

    def test_files_that_the_operator_replaces_are_met_by_who_comes_then_and_end_nobodys_connection(self):
        self.make_authority()
        self.make("first")
        self.make("second")
        self.replace("server.pem", "first.pem")
        self.replace("server.key", "first.key")
        self.start('tls = { certificate = "server.pem", key = "server.key", ca = "ca.pem" }\n')
        before = self.consumer()
        self.assertEqual(self.shown_to(before), "first")

        self.replace("server.pem", "second.pem")  # its key is late
        self.let_pass(61)
        self.wait_for_log("certificate not renewed: server.key: is not the key of the first certificate in server.pem")
        self.assertEqual(self.shown_to(self.consumer()), "first")

        self.replace("server.key", "second.key")
        self.let_pass(61)
        self.wait_for_log("new connections have a new certificate")
        after = self.consumer()
        self.assertEqual(self.shown_to(after), "second")

        (self.folder / "nonsense").write_text("nonsense")
        self.replace("server.pem", "nonsense")
        self.let_pass(61)
        self.wait_for_log("certificate not renewed: server.pem: holds no certificate")
        self.assertEqual(self.shown_to(self.consumer()), "second")
        for consumer in (before, after):
            self.assertEqual(consumer.fetch("demo", 0)[:2], (0, 1))
        self.assertEqual(self.gateway.stop(), 0)

    def certificate(self):
        """As it is shown; who looks does not say what time it is."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with socket.create_connection(self.address, 30) as plain, context.wrap_socket(plain, server_hostname="localhost") as session:
            return ssl.DER_cert_to_PEM_cert(session.getpeercert(binary_form=True))

    def test_the_gateways_own_is_renewed_by_itself_and_whoever_trusts_its_authority_trusts_the_new_one(self):
        self.start()
        first = self.certificate()
        self.let_pass(200 * DAY)
        self.assertEqual(self.gateway.post("/demo", b"x")[0], 200)
        self.assertEqual(self.certificate(), first)
        self.let_pass(100 * DAY)
        self.wait_for_log("new connections have a new certificate")
        second = self.certificate()
        self.assertNotEqual(second, first)
        (self.folder / "second.pem").write_text(second)
        (self.folder / "profile-ca.pem").write_text(self.profile["kafka"]["ca"])
        now = str(int(time.time()) + self.passed)
        self.assertIn("OK", self.openssl("verify", "-CAfile", "profile-ca.pem", "-attime", now, "-verify_hostname", "localhost", "second.pem"))
        self.assertEqual(self.gateway.stop(), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
