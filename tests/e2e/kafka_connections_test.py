#!/usr/bin/env python3
"""Goal: whatever comes to the Kafka listener of the real program costs a bounded amount of memory and nobody else's time.
Method: clients that send nonsense, do not read, stay, come by thousands, give wrong passwords; beside them, each time, webhooks are posted
and a consumer that behaves reads them."""

import contextlib
import os
import pathlib
import re
import resource
import select
import socket
import ssl
import statistics
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from gateway_process import Gateway
from raw_consumer import API_VERSIONS, RawConsumer, framed, read_profile, text

PROGRAM = os.environ["TENTER_PROGRAM"]
SOURCE = '[http]\nlisten = ["127.0.0.1:8080"]\nmax_body = "2MiB"\n[log]\nreserve = "1MiB"\n[[source]]\nname = "demo"\nverify = "none"\n'
MEBIBYTE = 1 << 20


class ListenerTest(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def start(self, kafka=""):
        (self.folder / "tenter.toml").write_text('data = "./data"\n' + SOURCE + "[kafka]\n" + kafka)
        self.gateway = Gateway(PROGRAM, str(self.folder))
        self.addCleanup(self.gateway.__exit__)
        self.gateway.start()
        host, port = re.search(r"kafka\s+(\S+):(\d+) \(TLS\)", self.gateway.screen).groups()
        self.address = (host, int(port))
        self.profile = self.add_consumer("shop")
        self.ca = self.profile["kafka"]["ca"]

    def add_consumer(self, name):
        path = self.folder / f"{name}.json"
        done = self.gateway.run("consumer", "add", name, "--config", "tenter.toml", "--source", "demo", "--profile-out", str(path))
        self.assertEqual(done.returncode, 0, done.stderr)
        return read_profile(path)

    def consumer(self, profile=None, **how):
        raw = RawConsumer(self.address, self.ca, profile or self.profile, **how)
        self.addCleanup(raw.socket.close)
        return raw

    def stranger(self):
        raw = RawConsumer(self.address, self.ca)
        self.addCleanup(raw.socket.close)
        return raw

    def post(self, body=b'{"n":1}'):
        self.assertEqual(self.gateway.post("/demo", body, {"content-type": "application/json"})[0], 200)

    def wait_for_log(self, expected):
        """Until the operator's log has a line that matches."""
        deadline = time.monotonic() + 10
        while not re.search(expected, self.gateway.errors()):
            self.assertLess(time.monotonic(), deadline, f"no line {expected!r} in:\n{self.gateway.errors()}")
            select.select([], [], [], 0.01)

    def resident_mebibytes(self):
        status = pathlib.Path(f"/proc/{self.gateway.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


class Nonsense(ListenerTest):
    def assert_closed(self, connection):
        """Within the test's time; a reset counts."""
        with contextlib.suppress(OSError):
            while connection.recv(65536):
                pass

    def test_sizes_that_no_request_has_are_closed_with_their_reason(self):
        self.start()
        for size, reason in ((0, "a request of 0 bytes"), (-1, "a request of -1 bytes"), (-2**31, "a request of -2147483648 bytes"),
                             (2**31 - 1, "a request of 2147483647 bytes, at most 16384 are taken")):
            with self.subTest(size=size):
                stranger = self.stranger()
                stranger.socket.sendall(struct.pack(">i", size))
                self.assert_closed(stranger.socket)
                self.wait_for_log(f'kafka_refused peer=127.0.0.1 consumer=- reason="{reason}"')
        friend = self.consumer()
        friend.socket.sendall(struct.pack(">i", 2**31 - 1))
        self.assert_closed(friend.socket)
        self.wait_for_log('consumer=shop reason="a request of 2147483647 bytes, at most 8388608 are taken"')
        self.post()
        self.assertEqual(self.consumer().fetch("demo", 0)[:2], (0, 1))

    def test_what_is_not_tls_is_closed_with_a_word_for_the_operator(self):
        self.start()
        for octets, reason in ((b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "this looks like HTTP"),
                               (framed(struct.pack(">hhi", API_VERSIONS, 0, 1) + text("plain")), "security.protocol SASL_SSL")):
            with self.subTest(reason), socket.create_connection(self.address, 30) as plain:
                plain.sendall(octets)
                self.assert_closed(plain)
                self.wait_for_log(f"not TLS: .*{reason}")

    def test_random_octets_before_and_after_the_login_are_closed_and_hurt_nobody(self):
        self.start()
        self.post()
        steady = self.consumer()
        for _ in range(20):
            with socket.create_connection(self.address, 30) as plain:
                plain.sendall(b"\x16\x03\x01" + os.urandom(500))
                plain.shutdown(socket.SHUT_WR)  # a record that is longer than what came would be waited for
                self.assert_closed(plain)
            for raw in (self.stranger(), self.consumer()):
                with contextlib.suppress(OSError):
                    raw.socket.sendall(framed(os.urandom(300)))
                    self.assert_closed(raw.socket)
            self.assertEqual(steady.fetch("demo", 0)[:2], (0, 1))
        self.assertEqual(self.gateway.stop(), 0)


class Access(ListenerTest):
    def failed_login_seconds(self, name, secret):
        begun = time.monotonic()
        stranger = self.stranger()
        self.assertEqual(stranger.log_in(name, secret), 58)
        seconds = time.monotonic() - begun
        self.assertEqual(stranger.socket.recv(1), b"", "and it is closed")
        return seconds

    def test_wrong_passwords_and_unknown_names_are_slower_each_time(self):
        self.start()
        times = [self.failed_login_seconds(name, "hunter2") for name in ("shop", "nobody", "shop", "nobody")]
        for seconds, least in zip(times, (0.1, 0.2, 0.4, 0.8), strict=True):
            self.assertGreaterEqual(seconds, least)
            self.assertLess(seconds, least + 2)
        self.assertNotIn("hunter2", self.gateway.errors())
        self.assertEqual(self.consumer().fetch("demo", 0)[0], 0, "who has the secret comes in all the same")

    def test_tls_1_2_is_refused_until_it_is_allowed(self):
        self.start()

        def version():
            context = ssl.create_default_context(cadata=self.ca)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            with socket.create_connection(self.address, 30) as plain, context.wrap_socket(plain, server_hostname="localhost") as session:
                return session.version()

        with self.assertRaises(OSError):
            version()
        self.wait_for_log("offers only versions of TLS that are not allowed here")
        self.assertEqual(self.gateway.stop(), 0)
        (self.folder / "shop.json").unlink()
        (self.folder / "data/consumers.json").unlink()
        self.start('min_tls = "1.2"\n')
        self.assertEqual(version(), "TLSv1.2")

    def test_the_operators_own_certificate_is_shown_and_read_again(self):
        def make(name):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", "key.new", "-out", "cert.new", "-days", "30", "-subj",
                            f"/CN={name}", "-addext", "subjectAltName=DNS:localhost"], cwd=self.folder, check=True, capture_output=True)
            os.rename(self.folder / "key.new", self.folder / "key.pem")
            os.rename(self.folder / "cert.new", self.folder / "cert.pem")

        make("first")
        self.start('tls = { certificate = "cert.pem", key = "key.pem", ca = "cert.pem" }\n')
        self.assertEqual(self.ca, (self.folder / "cert.pem").read_text())
        shown = self.consumer().socket.getpeercert()["subject"][0][0]
        self.assertEqual(shown, ("commonName", "first"))


class Advertised(ListenerTest):
    def forwarder(self):
        """A port of its own from which every connection goes on to the gateway."""
        listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listening.close)

        def pump(source, target):
            with contextlib.suppress(OSError):
                while octets := source.recv(65536):
                    target.sendall(octets)
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_WR)

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    server = socket.create_connection(self.address)
                    for one, other in ((client, server), (server, client)):
                        threading.Thread(target=pump, args=(one, other), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return listening.getsockname()

    def test_each_client_is_sent_to_where_it_came(self):
        self.start()
        port = self.address[1]
        self.assertEqual(self.consumer(server_name="localhost").brokers(), [(1, "localhost", port)])
        self.assertEqual(self.consumer(server_name="127.0.0.1").brokers(), [(1, "127.0.0.1", port)], "an address is not asked for by name")

    def test_behind_a_forwarder_the_advertised_address_is_told_to_all_and_is_in_the_certificate(self):
        placeholder = socket.create_server(("127.0.0.1", 0))
        free = placeholder.getsockname()[1]
        placeholder.close()
        self.start(f'advertise = "hooks.example:{free}"\n')
        outside = self.forwarder()
        raw = RawConsumer(outside, self.ca, self.profile, server_name="hooks.example")
        self.addCleanup(raw.socket.close)
        self.assertEqual(raw.brokers(), [(1, "hooks.example", free)])
        self.assertEqual(self.consumer(server_name="localhost").brokers(), [(1, "hooks.example", free)])
        self.assertEqual(self.profile["kafka"]["bootstrap"], f"hooks.example:{free}")


class Crowds(ListenerTest):
    def test_readers_that_do_not_read_hold_a_bounded_part_of_what_they_asked_for(self):
        self.start()
        body = b'"' + b"x" * MEBIBYTE + b'"'
        for _ in range(24):
            self.post(body)
        quick = self.consumer(self.add_consumer("quick"))
        before = self.resident_mebibytes()
        for _ in range(30):
            slow = self.consumer(receive_buffer=4096)
            for _ in range(20):
                slow.send_fetch("demo", 0)
        started = time.monotonic()
        offset = 0
        while offset < 24:
            error, _, records = quick.fetch("demo", offset, max_wait_ms=1000)
            self.assertEqual(error, 0)
            while records:  # batches, of one record each: a webhook of this size is a commit of its own
                size, = struct.unpack_from(">i", records, 8)
                if 12 + size > len(records):
                    break
                offset, = struct.unpack_from(">q", records)
                last, = struct.unpack_from(">i", records, 23)
                offset += last + 1
                records = records[12 + size:]
        self.assertLess(time.monotonic() - started, 20, "who reads is served beside them")
        error, _, records = self.consumer().fetch("demo", 0, max_wait_ms=1000)
        self.assertEqual(error, 0)
        self.assertGreater(len(records), MEBIBYTE, "and a connection of the same consumer that reads")
        # 30 x 20 x 2 MiB were asked for. The broker lends 64 MiB of records; the rest is the kernel's and the log's.
        self.assertLess(self.resident_mebibytes() - before, 150)

    def test_ten_thousand_connections_that_stay_keep_nobody_out(self):
        wanted = 10_000
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < wanted + 1_000:
            self.skipTest("this machine allows too few descriptors")
        self.start()
        self.post()
        inside = self.consumer()
        before = self.resident_mebibytes()
        crowd = []
        self.addCleanup(lambda: [each.close() for each in crowd])
        for number in range(wanted):
            crowd.append(socket.create_connection(self.address, 30))
            if number % 1_000 == 0:
                self.assertEqual(inside.fetch("demo", 0)[:2], (0, number // 1_000 + 1))
                self.post()
        self.assertEqual(inside.fetch("demo", 0)[:2], (0, 11))
        self.assertEqual(self.gateway.post("/demo", b"{}")[0], 200)
        # Strangers have a second before they must give way to others.
        deadline = time.monotonic() + 10
        late = None
        while late is None:
            try:
                late = self.consumer()
            except OSError:
                self.assertLess(time.monotonic(), deadline, "nobody new comes in")
        self.assertEqual(late.fetch("demo", 0)[0], 0)
        self.assertLess(self.resident_mebibytes() - before, 60)
        self.wait_for_log('reason="too many connections"')
        self.assertEqual(self.gateway.stop(), 0)

    def test_more_than_max_connections_are_closed_and_those_inside_stay(self):
        self.start("max_connections = 10\n")
        inside = [self.consumer() for _ in range(10)]
        with self.assertRaises(OSError):
            self.consumer()
        for each in inside:
            self.assertEqual(each.fetch("demo", 0)[0], 0)
        self.assertEqual(self.gateway.run("consumer", "list", "--config", "tenter.toml").returncode, 0)


class Limits(ListenerTest):
    """Those that the configuration sets: each far from its default."""

    def assert_ended(self, raw):
        with contextlib.suppress(OSError):
            self.assertEqual(raw.socket.recv(1), b"")

    def test_a_consumer_has_so_many_connections_and_another_has_its_own(self):
        self.start("max_connections_per_consumer = 3\n")
        inside = [self.consumer() for _ in range(3)]
        with self.assertRaises(OSError):
            self.consumer()
        self.wait_for_log('reason="consumer \\W*shop\\W* has 3 connections already"')
        self.assertEqual(self.consumer(self.add_consumer("other")).fetch("demo", 0)[0], 0)
        inside.pop().socket.close()
        deadline = time.monotonic() + 10
        while len(inside) < 3:
            try:
                inside.append(self.consumer())
            except OSError:
                self.assertLess(time.monotonic(), deadline, "the place of one that has gone is not free")
        for each in inside:
            self.assertEqual(each.fetch("demo", 0)[0], 0)

    def test_a_request_is_taken_up_to_its_size_and_not_an_octet_beyond(self):
        self.start('max_request = "64KiB"\n')
        header = struct.pack(">hhi", API_VERSIONS, 99, 7)  # a version that is not known: its body may be anything
        largest = self.consumer()
        largest.socket.sendall(framed(header + bytes(65_536 - len(header))))
        size, number, error = struct.unpack(">iih", largest.read(10))
        self.assertEqual((number, error), (7, 35))
        largest.read(size - 6)
        largest.socket.sendall(struct.pack(">i", 65_537))
        self.assert_ended(largest)
        self.wait_for_log('consumer=shop reason="a request of 65537 bytes, at most 65536 are taken"')

    def test_one_answer_gets_a_sixteenth_of_a_consumers_half_of_the_memory_for_records(self):
        def fetched_mebibytes():
            return len(self.consumer().fetch("demo", 0)[2]) / MEBIBYTE

        self.start('fetch_memory = "4MiB"\n')
        for _ in range(8):
            self.post(b'"' + b"x" * (MEBIBYTE // 2) + b'"')
        self.assertTrue(0.5 < fetched_mebibytes() < 0.6, "128 KiB, so the first batch and no other")
        self.assertEqual(self.gateway.stop(), 0)
        (self.folder / "shop.json").unlink()
        (self.folder / "data/consumers.json").unlink()
        self.start()
        self.assertTrue(1.5 < fetched_mebibytes() < 2, "by default 2 MiB, as much as one answer may hold")

    def test_an_idle_connection_is_closed_and_one_that_waits_for_records_is_not(self):
        self.start('idle_timeout = "1s"\n')
        waiting = self.consumer()
        waiting.send_fetch("demo", 0, max_wait_ms=20_000)
        idle = self.consumer()
        begun = time.monotonic()
        self.assert_ended(idle)
        self.assertTrue(0.9 < time.monotonic() - begun < 10)
        self.post()
        self.assertEqual(waiting.fetched("demo")[:2], (0, 1))
        self.assertNotIn("idle", self.gateway.errors(), "nothing that an operator has to know")


class Waking(ListenerTest):
    def test_a_waiting_consumer_has_an_event_at_once(self):
        self.start()
        raw = self.consumer()
        delays = []
        for offset in range(200):
            raw.send_fetch("demo", offset, max_wait_ms=20_000)
            self.post()
            answered = time.monotonic()
            error, high_watermark, records = raw.fetched("demo")
            delays.append((time.monotonic() - answered) * 1e3)
            self.assertEqual((error, high_watermark), (0, offset + 1))
            self.assertGreater(len(records), 61)
        delays.sort()
        print(f"from the 2xx to the fetched event: p50 {statistics.median(delays):.2f} ms, p99 {delays[-3]:.2f} ms")
        self.assertLess(statistics.median(delays), 100)

    def test_the_listener_is_off_when_nothing_is_listened_on(self):
        (self.folder / "tenter.toml").write_text('data = "./data"\n' + SOURCE + "[kafka]\nlisten = []\n")
        with Gateway(PROGRAM, str(self.folder)) as gateway:
            self.assertNotIn("kafka", gateway.screen)
            self.assertFalse((self.folder / "data/control.sock").exists())
            self.assertEqual(gateway.stop(), 0)


if __name__ == "__main__":
    unittest.main()
