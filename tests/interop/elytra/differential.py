"""Generates requests, asks the oracle and our library what they make of each, and prints where they differ. Runs in the environment of
tests/interop/python. Arguments: our program, the number of requests, the seed."""

import base64
import json
import random
import subprocess
import sys

import oracle

AUTHS = [{"type": "basic", "username": "elytra", "password": "pass:word"}, {"type": "basic", "username": "jürgen", "password": "grün €"},
         {"type": "bearer", "token": "t0ken"}, {"type": "apikey", "api_key": "k3y", "header_name": "X-API-Key"},
         {"type": "apikey", "api_key": "another", "header_name": "X-Elytra-Key"}]
TEXTS = ["", "x", "product", "ä€😀", "a b", "line\nfeed", "\x00", "\x7f", "\x85", "\ufffe", "\U0001ffff", "\ufdd0", "null", "1.0"]
SCALARS = [None, True, False, 0, -1, 7, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**53 + 1, 2**63 - 1, 1.5, 1e300, 5.0, *TEXTS]
TYPES = ["com.elytra.product", "com.elytra.brand_new", "com.elytra.", "com.elytra", "com.elytraproduct", "org.other", "product", ""]
TIMES = ["2026-11-23T12:00:00Z", "2026-11-23t12:00:00.123456789z", "2026-11-23T12:00:00+14:00", "2026-11-23T12:00:60Z", "2026-12-31T23:59:60Z", "2027-01-01T05:59:60+06:00", "2024-02-29T00:00:00Z",
         "2026-02-29T00:00:00Z", "2026-11-23 12:00:00Z", "2026-11-23T12:00:00", "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z",
         "2026-11-23T12:00:00+24:00", "2026-11-23T12:60:00Z", "2026-11-23T12:00:61Z", "0000-01-01T00:00:00Z", "yesterday"]
SOURCES = ["elytra-pim", "/s", "https://pim.example/a?b=c#d", "urn:x", "%20", "a b", "", "ä", "%2", "a|b"]
SCHEMAS = ["https://pim.example/schema", "urn:x:y", "relative", "", "a b:c"]
MEDIA_TYPES = ["application/json", "text/plain", "a/b+json", "json", "", "a/", "/b", "a b/c"]


def data(rng, depth=0):
    kind = rng.random()
    if depth > 3 or kind < 0.4:
        return rng.choice(SCALARS)
    if kind < 0.5:
        return [data(rng, depth + 1) for _ in range(rng.randrange(3))]
    names = ["objectId", "objectType", "objectData", "id", "type", "name", "ä"]
    return {name: data(rng, depth + 1) for name in rng.sample(names, rng.randrange(5))}


def members(rng):
    event = {"specversion": "1.0", "id": "e-1", "source": "elytra-pim", "type": rng.choice(TYPES[:2])}
    if rng.random() < 0.9:
        event["data"] = data(rng)
    if rng.random() < 0.5:
        event["operation"] = rng.choice(["add", "modify", "archive"])
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        mutate(rng, event)
    return event


def mutate(rng, event):
    choices = {"specversion": ["1.0", "0.3", "1", "", 1.0], "type": TYPES, "time": TIMES, "source": SOURCES, "dataschema": SCHEMAS,
               "datacontenttype": MEDIA_TYPES}
    name = rng.choice(["specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "eventtype", "operation",
                       "customer42", "Upper", "with_dash", "ä", ""])
    if rng.random() < 0.15:
        event.pop(name, None)
    elif rng.random() < 0.2:
        event[name] = rng.choice([None, {}, [], data(rng)])
    else:
        event[name] = rng.choice(choices.get(name, SCALARS))


def body(rng):
    text = json.dumps(members(rng), ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    damage = rng.random()
    if damage < 0.03:
        return text[:rng.randrange(len(text))]
    if damage < 0.06:
        place = rng.randrange(len(text))
        return text[:place] + bytes([rng.choice(b'{}[],:"\\0x\xff')]) + text[place + 1:]
    return rng.choice([b"", b"null", b"[]", b"5", b'"x"', b"{}"]) if damage < 0.07 else text


def right_header(auth):
    if auth["type"] == "apikey":
        return [auth["header_name"], auth["api_key"]]
    credential = auth["token"] if auth["type"] == "bearer" else base64.b64encode(f"{auth['username']}:{auth['password']}".encode()).decode()
    return ["Authorization", f"{auth['type'].capitalize()} {credential}"]


def headers(rng, auth):
    header = right_header(auth)
    chance = rng.random()
    if chance < 0.75:
        name, value = header
        scheme, space, rest = value.partition(" ")
        header = [rng.choice([name, name.lower(), name.upper()]), (rng.choice([scheme, scheme.lower(), scheme.upper()]) if space else scheme) + space + rest]
        return [["Host", "x"], header, ["Content-Type", "application/json"]]
    if chance < 0.8:
        return []
    if chance < 0.85:
        return [header, header]
    if chance < 0.9:
        return [right_header(rng.choice(AUTHS))]
    wrong = rng.choice([header[1][:-1], header[1] + "x", "", "Basic", "Basic !!!", "Bearer ", "Basic " + base64.b64encode(b"no colon").decode(),
                        "Basic " + base64.b64encode(b"\xff:x").decode(), "Basic " + base64.b64encode(b"elytra:" + b"x" * 10000).decode()])
    return [[header[0], wrong.strip()]]


def requests(count, seed):
    rng = random.Random(seed)
    for _ in range(count):
        auth = rng.choice(AUTHS)
        yield auth, headers(rng, auth), body(rng)


def main():
    program, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    asked = list(requests(count, seed))
    lines = "".join(json.dumps({"auth": auth, "headers": given, "body": base64.b64encode(sent).decode()}) + "\n" for auth, given, sent in asked)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=True)
    statuses, differences = {}, 0
    for (auth, given, sent), line in zip(asked, done.stdout.split("\n")[:-1], strict=True):
        ours, expected = json.loads(line), oracle.answer(auth, given, sent)
        if str(ours.get("object_data")).startswith("no value: ") and rb"\ud" in sent:
            continue  # a lone surrogate, which Python's strings hold and UTF-8 does not
        statuses[expected["status"]] = statuses.get(expected["status"], 0) + 1
        if ours != expected:
            differences += 1
            if differences <= 10:
                print(f"{auth}\n{given}\n{sent!r}\n  expected {expected}\n  ours     {ours}\n")
    print(json.dumps({"statuses": statuses, "differences": differences}))


if __name__ == "__main__":
    main()
