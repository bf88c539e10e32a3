"""Events of many kinds for a gateway, posted over keep-alive connections; remembers what was acknowledged."""

import collections
import http.client
import json
import random
import threading
import urllib.parse

Sent = collections.namedtuple("Sent", "source key body headers batch")  # batch: (index, count), or None


def messages(random_numbers, count):
    """(path, headers, body) of many kinds, in an order that the seed decides."""
    kinds = [json_event, text, binary, empty, unicode_headers, cbor, batch, no_key]
    for number in range(count):
        yield random_numbers.choice(kinds)(random_numbers, number)
        if number % 100 == 50:
            yield large(random_numbers, number)


def json_event(chance, number):
    body = json.dumps({"n": number, "text": "Spannrahmen – größer €", "pad": "x" * chance.randrange(600)}, ensure_ascii=False).encode()
    return "/keyed?n=" + str(number), {"content-type": "application/json", "x-key": "customer-%d" % chance.randrange(40)}, body


def text(chance, number):
    return "/spread", {"content-type": "text/plain"}, ("line %d\nzweite Zeile €\n" % number).encode()


def binary(chance, number):
    headers = {"content-type": "application/octet-stream", "x-key": "b%d" % number}
    return "/keyed", headers, b"\xff\x00" + chance.randbytes(chance.randrange(2000))


def empty(chance, number):
    return "/keyed", {"x-key": "e%d" % number}, b""


def unicode_headers(chance, number):
    headers = {"x-key": "schlüssel-%d-€" % chance.randrange(9), "x-city": "Zürich", "x-empty": "", "content-type": "application/json"}
    return "/keyed", headers, b"[]"


def cbor(chance, number):
    return "/spread", {"content-type": "application/cbor"}, b"\xa1\x61n\x19" + (number % 65536).to_bytes(2, "big")


def no_key(chance, number):
    return "/keyed", {"content-type": "application/json"}, b'{"n":1e400}'


def large(chance, number):
    headers = {"content-type": "application/octet-stream", "x-key": "large-%d" % number}
    return "/keyed", headers, b"\xfe" + chance.randbytes(200 * 1024)


def batch(chance, number):
    events = [json.dumps({"specversion": "1.0", "id": f"{number}-{i}", "source": "/shop", "type": "com.example.order",
                          "subject": f"order {i} é", "data": {"n": i}}, ensure_ascii=False) for i in range(1 + chance.randrange(6))]
    return "/events", {"content-type": "application/cloudevents-batch+json"}, ("[" + " , ".join(events) + "]").encode()


def expected(path, headers, body):
    """What of the message must be found in the log: a `Sent` for each event."""
    source = path.split("?")[0].lstrip("/")
    if source == "events":
        events = [json.dumps(event, ensure_ascii=False).encode() for event in json.loads(body)]
        content_type = {"content-type": "application/cloudevents+json"}
        return [Sent(source, json.loads(event)["subject"].encode(), event, content_type, (i, len(events)))
                for i, event in enumerate(events)]
    key = headers.get("x-key")
    return [Sent(source, key.encode() if key else None, body, headers, None)]


def post(connection, path, headers, body):
    connection.putrequest("POST", path, skip_accept_encoding=True)
    for name, value in {**headers, "content-length": str(len(body))}.items():
        connection.putheader(name, value.encode())
    connection.endheaders(body)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    if answer.status != 200:
        raise AssertionError(f"POST {path}: {answer.status} {said}")
    return said.get("ids") or [said["id"]]


def send(url, seed, connections, messages_each):
    """Posts from that many connections at once; {tenter-id: Sent} of everything, all of it acknowledged."""
    sent, faults = {}, []
    address = urllib.parse.urlsplit(url).netloc

    def run(number):
        try:
            connection = http.client.HTTPConnection(address, timeout=60)
            for path, headers, body in messages(random.Random(f"{seed}/{number}"), messages_each):
                for event_id, event in zip(post(connection, path, headers, body), expected(path, headers, body), strict=True):
                    sent[event_id] = event
            connection.close()
        except Exception as error:  # given to the thread that waits
            faults.append(error)

    threads = [threading.Thread(target=run, args=[number]) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return sent
