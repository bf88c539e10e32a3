#!/usr/bin/env python3
"""Every test that a document names is there: `Suite.name` as TEST*(Suite, name), `test_name` as a Python test."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CITED = re.compile(r"`(test_\w+|[A-Z]\w+\.[a-z]\w*_\w+)`")
DEFINED = re.compile(r"^(?:TEST|TEST_F|TEST_P|TYPED_TEST|TYPED_TEST_P)\(\s*(\w+),\s*(\w+)\s*\)|^    def (test_\w+)\(", re.MULTILINE)


def cited():
    return {(path.name, name) for path in (ROOT / "docs").rglob("*.md") for name in CITED.findall(path.read_text())}


def defined():
    found = set()
    for path in (ROOT / "tests").rglob("*"):
        if path.suffix in (".cpp", ".py"):
            for suite, name, python in DEFINED.findall(path.read_text()):
                found.add(python or f"{suite}.{name}")
    return found


class CitedTests(unittest.TestCase):
    def test_each_of_them_is_there(self):
        names = defined()
        self.assertIn("Cbor.may_nest_512_deep_and_no_deeper", names)
        self.assertIn(("mister-webhooks.md", "EnvelopeHeader.must_be_exactly_one_byte"), cited())
        self.assertEqual([f"{document} names {name}" for document, name in sorted(cited()) if name not in names], [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
