#!/usr/bin/env python3
"""Joins the tests of several build trees into one, so that a single ctest run covers them all and its last lines tell the result.

    join_tests.py --budgets tests/budgets.txt [--longest tests/longest.txt] --output build/test TREE...

The joined tree holds the trees' own tests, a time limit for each by its label's budget, and the test `budgets`, which runs last. The longest
tests, of which a file tells how many seconds they take, start first: a long one that starts last leaves all cores but one idle.
`ctest --parallel` counts thirds of a core; so ctest's own summary shows thrice the seconds of a label, kafka's twice. `budgets` shows them once.
"""
import argparse
import json
import pathlib
import subprocess
import sys

from check_budgets import read_budgets

TOLERANCE = 2
THIRDS_OF_A_CORE = {"kafka": 2}  # they mostly wait: for a broker, for a session to end. All others have a core, as their budgets take it


def tests_of(tree):
    shown = subprocess.run(["ctest", "--test-dir", tree, "--show-only=json-v1"], check=True, capture_output=True, text=True)
    tests = {}
    for test in json.loads(shown.stdout)["tests"]:
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        tests[test["name"]] = properties
    return tests


def faults_of(name, properties, known, budgets):
    labels = properties.get("LABELS", [])
    if name in known:
        yield f"two tests have the name {name}"
    if len(labels) != 1:
        yield f"test {name} must have one label, has: {', '.join(labels) or 'none'}"
    for label in labels:
        if label not in budgets:
            yield f"test {name}: label {label} has no line in tests/budgets.txt"


def quoted(text):
    return "[==[" + str(text) + "]==]"


def testfile(trees, tests, budgets, longest, command):
    lines = ["# Written by tools/join_tests.py."]
    lines += [f"subdirs({quoted(tree)})" for tree in trees]
    for name, properties in tests.items():
        if "TIMEOUT" not in properties:
            limit = TOLERANCE * budgets[properties["LABELS"][0]]
            lines.append(f"set_tests_properties({quoted(name)} PROPERTIES TIMEOUT {limit})")
        thirds = THIRDS_OF_A_CORE.get(properties["LABELS"][0], 3)
        lines.append(f"set_tests_properties({quoted(name)} PROPERTIES PROCESSORS {thirds})")
    lines += [f"set_tests_properties({quoted(name)} PROPERTIES COST {seconds})" for name, seconds in longest.items()]
    lines.append(f"add_test(budgets {' '.join(quoted(part) for part in command)})")
    lines.append(f"set_tests_properties(budgets PROPERTIES LABELS repo RUN_SERIAL ON DEPENDS {quoted(';'.join(tests))})")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budgets", required=True, type=pathlib.Path)
    parser.add_argument("--longest", type=pathlib.Path)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("trees", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()

    budgets = read_budgets(arguments.budgets)
    trees = [tree.resolve() for tree in arguments.trees]
    tests, faults = {}, []
    for tree in trees:
        for name, properties in tests_of(tree).items():
            faults += faults_of(name, properties, tests, budgets)
            tests[name] = properties
    longest = read_budgets(arguments.longest) if arguments.longest else {}
    faults += [f"{arguments.longest}: there is no test {name}" for name in longest if name not in tests]
    if faults:
        sys.exit("\n".join(faults))

    output = arguments.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    labels = {name: properties["LABELS"][0] for name, properties in tests.items()}
    (output / "labels.json").write_text(json.dumps(labels, indent=1))
    check = pathlib.Path(__file__).with_name("check_budgets.py").resolve()
    command = [sys.executable, check, "--budgets", arguments.budgets.resolve(), "--labels", output / "labels.json",
               "--log", output / "Testing/Temporary/LastTest.log.tmp"]
    (output / "CTestTestfile.cmake").write_text(testfile(trees, tests, budgets, longest, command))


if __name__ == "__main__":
    main()
