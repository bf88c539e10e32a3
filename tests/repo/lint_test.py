"""Method: for each rule a text that breaks it, seen with file and line, and the nearest text that does not."""
import lint
from small_repository import SmallRepository


class Lint(SmallRepository):
    def faults(self, path, text):
        self.write(path, text)
        return [fault for fault in lint.faults_of(self.root) if fault.startswith(path + ":")]

    def assert_fault(self, path, text, line, rule):
        faults = self.faults(path, text)
        self.assertEqual([fault.split(": ")[:2] for fault in faults], [[f"{path}:{line}", rule]], faults)

    def assert_clean(self, path, text):
        self.assertEqual(self.faults(path, text), [])

    def test_a_header_begins_with_pragma_once(self):
        self.assert_fault("src/a/a.hpp", "// why\n#pragma once\n", 1, "pragma_once_first")
        self.assert_fault("src/a/a.hpp", "", 1, "pragma_once_first")
        self.assert_clean("src/a/a.hpp", "#pragma once\n")

    def test_no_std_regex(self):
        self.assert_fault("src/a/a.cpp", "#include <string>\n#include <regex>\n", 2, "no_heavy_headers")
        self.assert_fault("src/a/a.cpp", "\nstd::regex pattern;\n", 2, "no_heavy_headers")
        self.assert_clean("src/a/a.cpp", "// std::regex would be slow\n")

    def test_no_iostream_in_headers(self):
        self.assert_fault("src/a/a.hpp", "#pragma once\n#include <iostream>\n", 2, "no_heavy_headers")
        self.assert_clean("cli/a.cpp", "#include <iostream>\n")

    def test_tests_do_not_sleep(self):
        self.assert_fault("tests/unit/a_test.cpp", "\nstd::this_thread::sleep_for(1s);\n", 2, "no_sleep_in_tests")
        self.assert_fault("tests/e2e/run.py", "import time\ntime.sleep(1)\n", 2, "no_sleep_in_tests")
        self.assert_fault("tests/e2e/run", "#!/bin/sh\nsleep 3\n", 2, "no_sleep_in_tests")
        self.assert_clean("src/a/a.cpp", "std::this_thread::sleep_for(1s);\n")
        self.assert_clean("tests/unit/a_test.cpp", '// no sleep(1) here\nauto text = "sleep(1)"; auto digits = 1\'000; sleepy(2);\n')

    def test_a_rule_can_be_set_aside_on_a_line_that_says_so(self):
        self.assert_clean("tests/e2e/run.py", "time.sleep(1)  # the wire is real here; lint: allow no_sleep_in_tests\n")

    def test_no_words_of_work_left_open(self):
        for word in ("TO" + "DO(soon)", "FIX" + "ME", "XX" + "X", "HA" + "CK", "not " + "implemented"):
            self.assert_fault("src/a/a.cpp", f"\n// {word}: later\n", 2, "no_open_words")
        self.assert_clean("src/a/a.cpp", "// HACKING.md; mktemp XXXXXX; 501 Not Implemented; todos\n")

    def test_no_file_over_600_lines(self):
        self.assert_fault("src/a/a.cpp", "\n" * 601, 601, "short_files")
        self.assert_clean("src/a/a.cpp", "\n" * 600)
        self.assert_clean("tests/vectors.txt", "\n" * 601)

    def test_no_braced_temporary_in_co_await(self):
        self.assert_fault("src/a/a.cpp", "\nauto x = co_await f({.url = u});\n", 2, "no_temporaries_in_co_await")
        self.assert_fault("src/a/a.cpp", "co_await g(Request{\n    u});\n", 1, "no_temporaries_in_co_await")
        self.assert_fault("src/a/a.cpp", "co_await f([&x] { return x; });\n", 1, "no_temporaries_in_co_await")
        self.assert_clean("src/a/a.cpp", "if (co_await f(a[0])) { g({1}); }\nco_await h(); X y{1}; // co_await f({})\n")

    def test_a_room_has_a_short_readme(self):
        self.write("src/a/CMakeLists.txt", "tenter_library(a SRCS a.cpp)\n")
        self.assertIn("src/a/README.md:1: readme: each room", lint.faults_of(self.root)[0])
        self.assert_fault("src/a/README.md", "\n" * 31, 31, "readme")
        self.assert_clean("src/a/README.md", "\n" * 30)
