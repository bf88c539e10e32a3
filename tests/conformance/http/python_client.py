"""Talks to an echo server as Python's http.client does it, which was not written for us: python_client.py PORT. Exit 0 if all was as expected."""
import http.client
import sys


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"{what}: got {got!r}, wanted {wanted!r}")


def body_of(response):
    expect("status", response.status, 200)
    return response.read()


connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)

connection.request("POST", "/length", body=b"x" * 200_000)
expect("body with a length", body_of(connection.getresponse()), b"POST /length\n" + b"x" * 200_000)
socket = connection.sock

connection.request("PUT", "/chunks", body=iter([b"hello ", b"w" * 70_000, b"orld"]), encode_chunked=True)
expect("chunked body", body_of(connection.getresponse()), b"PUT /chunks\nhello " + b"w" * 70_000 + b"orld")

connection.request("HEAD", "/head")
response = connection.getresponse()
expect("length in the answer to HEAD", response.getheader("Content-Length"), "11")
expect("body of the answer to HEAD", body_of(response), b"")

connection.request("GET", "/after")
expect("what follows HEAD", body_of(connection.getresponse()), b"GET /after\n")
expect("one connection for all", connection.sock is socket, True)

connection.request("GET", "/last", headers={"Connection": "close"})
response = connection.getresponse()
expect("last body", body_of(response), b"GET /last\n")
expect("closed when asked for", response.isclosed() and connection.sock is None, True)

connection.request("POST", "/large", body=b"x" * 2_000_000)
expect("refusal of a body over the limit, read while it is still being sent", connection.getresponse().status, 413)
