"""Stands between Kafka clients and a broker, and keeps every request with its answer. It answers ApiVersions itself, with the ranges that
Tenter offers, so that clients take the versions that they would take from Tenter."""

import socket
import struct
import threading

API_VERSIONS = 18
UNSUPPORTED_VERSION = 35


def read_frame(connection):
    """What follows the four bytes of size; None at the end of the connection."""
    size = read_exactly(connection, 4)
    return None if size is None else read_exactly(connection, struct.unpack(">i", size)[0])


def read_exactly(connection, count):
    octets = b""
    while len(octets) < count:
        try:
            more = connection.recv(count - len(octets))
        except OSError:
            return None
        if not more:
            return None
        octets += more
    return octets


def write_frame(connection, frame):
    connection.sendall(struct.pack(">i", len(frame)) + frame)


def api_versions_answer(correlation_id, version, error, ranges):
    answer = struct.pack(">ihi", correlation_id, error, len(ranges))
    answer += b"".join(struct.pack(">hhh", key, first, last) for key, (first, last) in sorted(ranges.items()))
    return answer + (struct.pack(">i", 0) if version > 0 else b"")


class RecordingProxy:
    """`exchanges`: (key, version, client's name, request, answer), each without its size. `client`: the name to be recorded from now on."""

    def __init__(self, port, target_port, ranges):
        self.target_port = target_port
        self.ranges = ranges
        self.client = ""
        self.exchanges = []
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target_port))
            waiting = {}
            for pump in (self._requests, self._answers):
                threading.Thread(target=pump, args=(client, server, waiting, self.client), daemon=True).start()

    def _requests(self, client, server, waiting, _):
        while (frame := read_frame(client)) is not None:
            key, version, correlation_id = struct.unpack(">hhi", frame[:8])
            if key == API_VERSIONS and version > self.ranges[key][1]:
                only = {key: self.ranges[key]}
                write_frame(client, api_versions_answer(correlation_id, 0, UNSUPPORTED_VERSION, only))
                continue
            waiting[correlation_id] = (key, version, frame)
            write_frame(server, frame)
        server.close()

    def _answers(self, client, server, waiting, name):
        while (answer := read_frame(server)) is not None:
            correlation_id = struct.unpack(">i", answer[:4])[0]
            key, version, request = waiting.pop(correlation_id)
            with self.lock:
                self.exchanges.append((key, version, name, request, answer))
            if key == API_VERSIONS:
                answer = api_versions_answer(correlation_id, version, 0, self.ranges)
            try:
                write_frame(client, answer)
            except OSError:
                break
        client.close()
