"""A consumer that speaks the Kafka protocol octet by octet, so that tests can see, and do, what no library would."""

import json
import socket
import ssl
import struct

FETCH, LIST_OFFSETS, METADATA, SASL_HANDSHAKE, API_VERSIONS, SASL_AUTHENTICATE = 1, 2, 3, 17, 18, 36
TIMEOUT_SECONDS = 30


def text(value):
    octets = value.encode()
    return struct.pack(">h", len(octets)) + octets


def octets_of(value):
    return struct.pack(">i", len(value)) + value


def framed(request):
    return struct.pack(">i", len(request)) + request


def fetch_body(topic, offset, max_wait_ms=0, max_bytes=50 << 20, min_bytes=1):
    """Fetch, version 4, of partition 0."""
    return (struct.pack(">iiiib", -1, max_wait_ms, min_bytes, max_bytes, 0) + struct.pack(">i", 1) + text(topic)
            + struct.pack(">iiqi", 1, 0, offset, max_bytes))


class RawConsumer:
    """A connection of TLS to `address`; `server_name` is what it asks for and verifies. Without profile it does not log in."""

    def __init__(self, address, ca, profile=None, server_name="localhost", secret=None, receive_buffer=None):
        self.correlation_id = 0
        context = ssl.create_default_context(cadata=ca)
        plain = socket.socket()
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(TIMEOUT_SECONDS)
        plain.connect(address)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain, server_hostname=server_name)
        if profile:
            error = self.log_in(profile["consumer_name"], secret or profile["auth"]["secret"])
            if error:
                raise PermissionError(error)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def log_in(self, name, secret):
        """The error code of SaslAuthenticate."""
        self.ask(SASL_HANDSHAKE, 1, text("PLAIN"))
        return struct.unpack_from(">h", self.ask(SASL_AUTHENTICATE, 0, octets_of(f"\0{name}\0{secret}".encode())))[0]

    def send(self, key, version, body):
        self.correlation_id += 1
        self.socket.sendall(framed(struct.pack(">hhi", key, version, self.correlation_id) + text("raw") + body))

    def ask(self, key, version, body):
        self.send(key, version, body)
        return self.answer()

    def answer(self):
        size, = struct.unpack(">i", self.read(4))
        body = self.read(size)
        if struct.unpack_from(">i", body)[0] != self.correlation_id:
            raise AssertionError("an answer to another request")
        return body[4:]

    def read(self, count):
        octets = bytearray()
        while len(octets) < count:
            more = self.socket.recv(min(count - len(octets), 1 << 20))
            if not more:
                raise ConnectionError("closed by the other side")
            octets += more
        return bytes(octets)

    def send_fetch(self, topic, offset, **how):
        self.send(FETCH, 4, fetch_body(topic, offset, **how))

    def fetch(self, topic, offset, **how):
        """(error, high watermark, records) of partition 0."""
        self.send_fetch(topic, offset, **how)
        return self.fetched(topic)

    def fetched(self, topic):
        body = self.answer()
        place = 4 + 4 + len(text(topic)) + 4 + 4
        error, high_watermark, _, aborted = struct.unpack_from(">hqqi", body, place)
        place += 22 + max(aborted, 0) * 16
        size, = struct.unpack_from(">i", body, place)
        return error, high_watermark, body[place + 4:place + 4 + max(size, 0)]

    def brokers(self):
        """[(node id, host, port)] of Metadata, version 4, about no topic."""
        body = self.ask(METADATA, 4, struct.pack(">ib", 0, 0))
        count, = struct.unpack_from(">i", body, 4)
        place, brokers = 8, []
        for _ in range(count):
            node, length = struct.unpack_from(">ih", body, place)
            host = body[place + 6:place + 6 + length].decode()
            port, rack = struct.unpack_from(">ih", body, place + 6 + length)
            place += 12 + length + max(rack, 0)
            brokers.append((node, host, port))
        return brokers


def read_profile(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)
