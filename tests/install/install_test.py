#!/usr/bin/env python3
"""What a project that depends on Tenter finds. Argument: the release build tree, whose library is installed into an empty folder."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv[1]).resolve(strict=True)
ROOT = pathlib.Path(__file__).resolve().parents[2]
EXPECTED = "right: proven\naltered: refused\ncom.elytra.product 7\n"  # of examples/receive


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=600, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(str(part) for part in command)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def needed_libraries(program):
    return run("readelf", "--dynamic", program)


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.prefix = pathlib.Path(cls.folder.name, "prefix")
        run("cmake", "--install", BUILD, "--prefix", cls.prefix, "--component", "library")
        cls.library = next(cls.prefix.rglob("libtenter.so"))
        cls.pkg_config_environment = {**os.environ, "PKG_CONFIG_PATH": str(cls.library.parent / "pkgconfig")}

    def work_folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    def configure(self, source, *options, check=True):
        """(build folder, what CMake said)"""
        build = self.work_folder()
        done = subprocess.run(["cmake", "-S", str(source), "-B", str(build), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                               "-DCMAKE_CXX_FLAGS_DEBUG=-O0", *options],  # without -g: what is built is only run
                              capture_output=True, text=True, timeout=600)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return build, done.stdout + done.stderr

    def test_public_headers_and_no_others_are_installed(self):
        headers = {path.relative_to(self.prefix / "include").as_posix() for path in (self.prefix / "include").rglob("*") if path.is_file()}
        self.assertIn("tenter/webhooks.hpp", headers)
        self.assertIn("tenter/mister_webhooks.hpp", headers)
        self.assertIn("tenter/consume_asio/asio_consumer.hpp", headers)
        self.assertIn("tenter/receive/webhook_validator.hpp", headers)
        self.assertNotIn("tenter/base/env_testing.hpp", headers)
        self.assertEqual([name for name in headers if not name.startswith("tenter/") or not name.endswith(".hpp")], [])

    def test_every_example_builds_by_find_package_and_receiving_alone_needs_little(self):
        build, _ = self.configure(ROOT / "examples", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        for example in (path for path in (ROOT / "examples").iterdir() if (path / "main.cpp").exists()):
            self.assertTrue((build / example.name).exists(), example.name)
        self.assertEqual(run(build / "receive"), EXPECTED)
        needed = needed_libraries(build / "receive")
        for unwanted in ("sqlite", "rdkafka", "boost_system", "httplib", "libtenter"):
            self.assertNotIn(unwanted, needed)
        self.assertIn("sqlite", needed_libraries(build / "production"))
        self.assertIn("[  PASSED  ] 5 tests.", run(build / "consume_test"))
        self.assertIn("rdkafka", needed_libraries(build / "consume_coroutine"))

    def test_an_unknown_component_is_named(self):
        project = self.work_folder()
        (project / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 3.25)\nproject(user LANGUAGES CXX)\n"
                                                "find_package(tenter REQUIRED CONFIG COMPONENTS recieve)\n")
        _, said = self.configure(project, f"-DCMAKE_PREFIX_PATH={self.prefix}", check=False)
        self.assertIn("there is no component recieve", " ".join(said.split()))

    def compile_with_pkg_config(self, *options, whole="-ltenter", example="receive", package="tenter", more=()):
        flags = run("pkg-config", "--cflags", "--libs", *options, package, env=self.pkg_config_environment).split()
        program = self.work_folder() / example
        run("g++", "-O0", ROOT / "examples" / example / "main.cpp", "-o", program,
            *[whole if flag == "-ltenter" else flag for flag in flags], *more)
        return program

    def test_a_plain_compiler_with_pkg_config_links_the_shared_library(self):
        program = self.compile_with_pkg_config()
        self.assertEqual(run(program, env={**os.environ, "LD_LIBRARY_PATH": str(self.library.parent)}), EXPECTED)
        version = run("pkg-config", "--modversion", "tenter", env=self.pkg_config_environment).strip()
        self.assertIn(f"libtenter.so.{version.rsplit('.', 1)[0]}]", needed_libraries(program), "the version is in the name")

    def test_a_plain_compiler_with_pkg_config_links_the_static_library(self):
        program = self.compile_with_pkg_config("--static", whole="-l:libtenter.a")
        self.assertEqual(run(program), EXPECTED)
        self.assertNotIn("libtenter", needed_libraries(program))

    def test_a_plain_compiler_with_pkg_config_links_what_consumes(self):
        environment = {**os.environ, "LD_LIBRARY_PATH": str(self.library.parent)}
        program = self.compile_with_pkg_config(example="consume_test", package="tenter-consume", more=("-lgtest_main", "-lgtest"))
        self.assertIn("[  PASSED  ] 5 tests.", run(program, env=environment))
        program = self.compile_with_pkg_config(example="consume", package="tenter-consume")
        for wanted in ("rdkafka", "libtenter.so"):
            self.assertIn(wanted, needed_libraries(program))
        done = subprocess.run([program, "topic", "/nowhere.json"], env=environment, capture_output=True, text=True, timeout=60)
        self.assertIn("/nowhere.json", done.stderr)

    def test_the_shared_library_shows_nothing_but_ours(self):
        symbols = run("nm", "--dynamic", "--defined-only", "--demangle", self.library).splitlines()
        self.assertGreater(len(symbols), 100)
        kinds = ("tenter::", "typeinfo for tenter::", "typeinfo name for tenter::", "vtable for tenter::", "guard variable for tenter::",
                 "VTT for tenter::", "non-virtual thunk to tenter::", "virtual thunk to tenter::")
        self.assertEqual([symbol for symbol in symbols if not symbol.split(" ", 2)[2].startswith(kinds)], [])
        self.assertEqual([symbol for symbol in symbols if "(anonymous namespace)" in symbol], [])

    def test_another_project_builds_the_library_alone_in_its_tree(self):
        project = self.work_folder()
        (project / "main.cpp").write_text((ROOT / "examples/receive/main.cpp").read_text())
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(user LANGUAGES CXX)\nset(CMAKE_CXX_STANDARD 23)\n"
            f'add_subdirectory("{ROOT}" tenter)\nadd_executable(user main.cpp)\ntarget_link_libraries(user PRIVATE tenter::receive)\n')
        build, _ = self.configure(project)
        targets = run("cmake", "--build", build, "--target", "help")
        for unwanted in ("tenter_http:", "tenter_log_segment:", "base_test:", "example_"):
            self.assertNotIn(unwanted, targets)
        run("cmake", "--build", build, "--target", "user")
        self.assertEqual(run(build / "user"), EXPECTED)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
