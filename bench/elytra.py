#!/usr/bin/env python3
"""Measures `validate_and_parse` of a 1 KiB event of Elytra against a model of the Python package (tests/interop/elytra/oracle.py) and against a
bare simdjson parse, and a dispatch, all in one run. Writes the figures as a table to docs/benchmarks-elytra.md.

    $(tools/python_env)/bin/python bench/elytra.py build/release/bench/elytra_bench
"""
import base64
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/interop/elytra"))
import oracle  # noqa: E402

AUTH = {"type": "basic", "username": "elytra", "password": "pass:word"}
ROUNDS, CALLS = 15, 500


def event():
    """1,024 bytes."""
    members = {"specversion": "1.0", "id": "e-1", "source": "elytra-pim", "type": "com.elytra.product", "time": "2026-11-23T12:00:00Z",
               "datacontenttype": "application/json", "eventtype": "product", "operation": "add",
               "data": {"objectId": 4711, "objectType": "product", "objectData": {"name": "Frame", "price": 12.5, "stock": [1, 2, 3], "text": ""}}}
    members["data"]["objectData"]["text"] = "x" * (1024 - len(json.dumps(members)))
    return json.dumps(members)


def main():
    body = event()
    header = "Basic " + base64.b64encode(b"elytra:pass:word").decode()
    headers = [["Host", "x"], ["Authorization", header], ["Content-Type", "application/json"]]
    ours = json.loads(subprocess.run([sys.argv[1], header, body], capture_output=True, text=True, check=True).stdout)
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(CALLS):
            assert oracle.answer(AUTH, headers, body.encode())["status"] == 200
        best = min(best, (time.perf_counter() - begin) / CALLS * 1e9)
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--abbrev=12", "--exclude=*"], capture_output=True, text=True).stdout.strip()
    parse, bare, dispatch = ours["validate_and_parse_ns"], ours["simdjson_dom_ns"], ours["dispatch_ns"]

    def verdict(reached):
        return "reached" if reached else "**not reached**"

    text = f"""# Benchmarks of the library

Written by `bench/elytra.py`; do not edit. A 1 KiB event of Elytra with Basic authentication, one thread; the quickest of {ROUNDS} rounds, all in
one run. Commit {commit}.

| what | ns |
|---|--:|
| `validate_and_parse` | {parse:,.0f} |
| the model of the Python package (pydantic) | {best:,.0f} |
| simdjson's DOM, the parse alone | {bare:,.0f} |
| `dispatch` to a handler of type and operation | {dispatch:,.0f} |

- against the Python model at least 50 times as fast: {verdict(best / parse >= 50)}, {best / parse:.0f} times
- against bare simdjson at least 0.4: {verdict(bare / parse >= 0.4)}, {bare / parse:.2f}
- a dispatch at most 100 ns: {verdict(dispatch <= 100)}
"""
    (ROOT / "docs/benchmarks-elytra.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
