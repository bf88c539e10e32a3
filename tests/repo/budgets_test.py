"""Goal: a label over twice its budget turns ./test red. Method: the real ctest over a tree of tiny tests, with budgets of nothing or plenty."""
import os
import pathlib
import re
import subprocess
import sys

import check_budgets
from small_repository import SmallRepository

TOOLS = pathlib.Path(check_budgets.__file__).parent


class Budgets(SmallRepository):
    def tree(self, name, *tests):
        lines = []
        for test, label, command in tests:
            lines.append(f"add_test({test} {command})\nset_tests_properties({test} PROPERTIES LABELS \"{label}\")\n")
        self.write(f"{name}/CTestTestfile.cmake", "".join(lines))
        return self.root / name

    def join(self, budgets, *trees, longest=""):
        path = self.write("budgets.txt", budgets)
        command = [sys.executable, TOOLS / "join_tests.py", "--budgets", path, "--longest", self.write("longest.txt", longest),
                   "--output", self.root / "joined", *trees]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def ctest(self, *arguments):
        command = ["ctest", "--test-dir", self.root / "joined", "-j2", "--output-on-failure", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def two_trees(self):
        return self.tree("one", ("fast", "unit", "/bin/true")), self.tree("two", ("slow", "crash", "/bin/sh -c :"))

    def test_all_trees_are_run_and_budgets_comes_last(self):
        self.assertEqual(self.join("unit 10\ncrash 10\n", *self.two_trees()).returncode, 0)
        result = self.ctest("-V")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("100% tests passed, 0 tests failed out of 3", result.stdout)
        self.assertLess(result.stdout.index("Test #2: slow"), result.stdout.index("Test #3: budgets"))
        self.assertRegex(result.stdout, r"crash +[0-9.]+ s of +10 s")
        self.assertRegex(result.stdout.splitlines()[-1], r"^Total Test time")

    def test_the_longest_start_first(self):
        trees = self.tree("one", ("short", "unit", "/bin/true"), ("long", "unit", "/bin/true"), ("longest", "unit", "/bin/true"))
        self.assertEqual(self.join("unit 10\n", trees, longest="longest 9\nlong 8\n").returncode, 0)
        started = re.findall(r"Start +\d+: (\w+)", self.ctest().stdout)
        self.assertEqual(started, ["longest", "long", "short", "budgets"])

    def test_a_test_that_waits_leaves_a_third_of_its_core_to_others(self):
        # Each waits for both others, at a pipe that has two ends: any two of them alone wait until their time is over.
        first, second, third = (self.root / name for name in ("first", "second", "third"))
        for pipe in (first, second, third):
            os.mkfifo(pipe)
        waits = (f"echo > {first}; echo > {second}", f"read line < {first}; echo > {third}", f"read line < {second}; read line < {third}")
        self.join("kafka 60\n", self.tree("one", *((f"waits_{number}", "kafka", f"timeout 20 /bin/sh -c [==[{wait}]==]")
                                                   for number, wait in enumerate(waits))))
        result = self.ctest("-j6")
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_a_time_of_a_test_that_is_not_there_is_a_fault(self):
        result = self.join("unit 10\n", self.tree("one", ("there", "unit", "/bin/true")), longest="gone 9\n")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("there is no test gone", result.stderr)

    def fixture_trees(self):
        """One tree starts and stops a server, and both use it."""
        log = self.root / "said"
        say = "/bin/sh -c [==[echo {0} >>" + str(log) + "]==]"
        one = self.tree("one", *((name, "kafka", say.format(name)) for name in ("begin", "end", "first")), ("apart", "unit", "/bin/true"))
        two = self.tree("two", ("second", "unit", say.format("second")))
        for tree, test, kind in ((one, "begin", "SETUP"), (one, "end", "CLEANUP"), (one, "first", "REQUIRED"), (two, "second", "REQUIRED")):
            with open(tree / "CTestTestfile.cmake", "a", encoding="utf-8") as file:
                file.write(f"set_tests_properties({test} PROPERTIES FIXTURES_{kind} server)\n")
        self.join("unit 10\nkafka 10\n", one, two)
        return log

    def test_a_fixture_of_one_tree_serves_the_tests_of_all(self):
        log = self.fixture_trees()
        result = self.ctest("-V")
        self.assertEqual(result.returncode, 0, result.stdout)
        said = log.read_text().split()
        self.assertEqual((said[0], sorted(said[1:3]), said[3:]), ("begin", ["first", "second"], ["end"]))
        self.assertRegex(result.stdout, r"Start 6: budgets\n(.*\n)*.*kafka +[0-9.]+ s of +10 s")

    def test_choosing_one_test_brings_the_fixture_that_it_needs(self):
        log = self.fixture_trees()
        self.ctest("-R", "second")
        self.assertEqual(log.read_text().split(), ["begin", "second", "end"])

    def test_a_fixture_that_nobody_chosen_needs_is_not_started(self):
        log = self.fixture_trees()
        self.ctest("-R", "apart")
        self.assertFalse(log.exists())

    def test_a_label_over_twice_its_budget_fails_the_run(self):
        trees = self.tree("one", ("fast", "unit", "/bin/true")), self.tree("two", ("slow", "crash", "/usr/bin/env python3 -c 1"))
        self.join("unit 10\ncrash 0 # whatever it takes is too long\n", *trees)
        result = self.ctest()
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"crash .* more than 2 times its budget")
        self.assertRegex(result.stdout, r"unit +[0-9.]+ s of +10 s\n")

    def test_a_test_that_hangs_is_ended_by_its_budget(self):
        self.join("unit 1\n", self.tree("one", ("hangs", "unit", "tail -f /dev/null")))
        testfile = (self.root / "joined/CTestTestfile.cmake").read_text()
        self.assertIn("set_tests_properties([==[hangs]==] PROPERTIES TIMEOUT 2)", testfile)
        result = self.ctest("-R", "hangs")
        self.assertIn("***Timeout", result.stdout)

    def test_a_test_without_a_label_is_refused(self):
        result = self.join("unit 10\n", self.tree("one", ("fast", "", "/bin/true")))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("test fast must have one label, has: none", result.stderr)

    def test_a_label_without_a_budget_is_refused(self):
        result = self.join("unit 10\n", self.tree("one", ("fast", "speed", "/bin/true")))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("label speed has no line", result.stderr)

    def test_one_name_in_two_trees_is_refused(self):
        trees = self.tree("one", ("fast", "unit", "/bin/true")), self.tree("two", ("fast", "unit", "/bin/true"))
        self.assertIn("two tests have the name fast", self.join("unit 10\n", *trees).stderr)

    def test_a_log_without_times_is_a_failure(self):
        self.join("unit 10\n", self.tree("one", ("fast", "unit", "/bin/true")))
        result = self.ctest("-R", "budgets")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("no test that has ended", result.stdout)

    def test_a_budget_that_is_no_number_is_named_with_its_line(self):
        result = self.join("# budgets\nunit ten\n", self.tree("one", ("fast", "unit", "/bin/true")))
        self.assertIn("budgets.txt:2: expected `label seconds`", result.stderr)
