"""A connection to a Kafka on which octets go as they are: TLS and SASL PLAIN are its own, everything else is the caller's."""

import socket
import ssl
import struct

PRODUCE, SASL_HANDSHAKE, SASL_AUTHENTICATE = 0, 17, 36
TIMEOUT_SECONDS = 30


def string(text):
    octets = text.encode()
    return struct.pack(">h", len(octets)) + octets


def octets_of(value):
    return struct.pack(">i", len(value)) + value


class Connection:
    def __init__(self, profile, logs_in=True, client_id="differ"):
        host, _, port = profile["kafka"]["bootstrap"].rpartition(":")
        context = ssl.create_default_context(cadata=profile["kafka"]["ca"])
        plain = socket.create_connection((host, int(port)), TIMEOUT_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the rest of a batch would wait 40 ms for an acknowledgement
        self.socket = context.wrap_socket(plain, server_hostname=host)
        self.correlation_id = 0
        self.client_id = client_id
        if logs_in:
            self.request(SASL_HANDSHAKE, 1, string("PLAIN"))
            token = f"\0{profile['consumer_name']}\0{profile['auth']['secret']}".encode()
            error, = struct.unpack_from(">h", self.request(SASL_AUTHENTICATE, 0, octets_of(token)))
            if error:
                raise AssertionError(f"SaslAuthenticate: error {error}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def header(self, key, version):
        self.correlation_id += 1
        return struct.pack(">hhi", key, version, self.correlation_id) + string(self.client_id)

    def request(self, key, version, body):
        """The answer's body to a request of a version that is not flexible."""
        answer = self.exchange(self.header(key, version) + body)
        correlation_id, = struct.unpack_from(">i", answer)
        if correlation_id != self.correlation_id:
            raise AssertionError(f"answer to {correlation_id} instead of {self.correlation_id}")
        return answer[4:]

    def exchange(self, frame):
        """What is answered, header and all; ConnectionError when the other side closes instead."""
        self.send(frame)
        return self.receive()

    def send(self, frame):
        self.socket.sendall(struct.pack(">i", len(frame)) + frame)

    def receive(self):
        size, = struct.unpack(">i", self._read(4))
        return self._read(size)

    def _read(self, count):
        octets = bytearray()
        while len(octets) < count:
            more = self.socket.recv(count - len(octets))
            if not more:
                raise ConnectionError("closed by the other side")
            octets += more
        return bytes(octets)


def produce(connection, topic, partition, batch):
    """Appends a record batch as it is, but for its base offset and leader epoch, which are outside its checksum; returns the base
    offset that it got."""
    body = struct.pack(">hhi", -1, -1, TIMEOUT_SECONDS * 1000) + struct.pack(">i", 1) + string(topic)
    body += struct.pack(">ii", 1, partition) + octets_of(struct.pack(">q", 0) + batch[8:])
    answer = connection.request(PRODUCE, 3, body)
    error, base_offset = struct.unpack_from(">hq", answer, 4 + len(string(topic)) + 4 + 4)
    if error:
        raise AssertionError(f"Produce: error {error}")
    return base_offset
