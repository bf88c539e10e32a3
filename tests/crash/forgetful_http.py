"""The HTTP side of forgetful_gateway.py."""

import base64
import json
import os
import signal
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from events import PARTITIONS


def key_of(source, headers, body):
    if source == "keyed":
        return headers["x-key"]
    if source == "signed":
        return json.loads(body)["repository"]["full_name"]
    return json.loads(body)["subject"] if source == "batches" else None


def elements_of(source, body):
    """Of a batch: the exact bytes of each."""
    if source != "batches":
        return [body]
    text, elements, place = body.decode(), [], 1
    while place < len(text) - 1:
        _, end = json.JSONDecoder().raw_decode(text, place)
        elements.append(text[place:end].encode())
        place = end + 2
    return elements


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    store = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer({"status": "ok"})

    def do_POST(self):
        source = self.path[1:]
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers["content-length"]))
        events = [self._event(source, headers, element) for element in elements_of(source, body)]
        self.store.append(events, headers["x-crash-name"].split("-")[0])
        ids = [event["id"] for event in events]
        self._answer({"status": "ok", "ids": ids} if source == "batches" else {"status": "ok", "id": ids[0]})

    def _event(self, source, headers, body):
        key = key_of(source, headers, body)
        if source == "batches":
            headers = {**headers, "content-type": "application/cloudevents+json"}
        return {"id": str(uuid.uuid4()), "source": source, "partition": hash_of(key) % PARTITIONS[source], "target": self.path,
                "headers": {name: [value] for name, value in headers.items()}, "key": key, "body_base64": base64.b64encode(body).decode()}

    def _answer(self, answer):
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def hash_of(key):
    return sum(key.encode()) if key else 0


def serve(store):
    Handler.store = store
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    print(f"listening  http://127.0.0.1:{server.server_port}\n", flush=True)
    server.serve_forever()
