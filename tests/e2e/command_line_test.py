#!/usr/bin/env python3
"""The command line as a person and as a script meet it: help, exit codes, where the configuration is found, what is refused and how."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["TENTER_PROGRAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
CLUSTER = 'bootstrap = ["kafka-1.example:9093", "kafka-2.example:9093"]\nusername = "tenter"\npassword = "swordfish"\ntopic = "in.{source}"\n'
SOURCES = "".join(f'[[source]]\nname = "{name}"\nverify = "none"\npartitions = {count}\n' for name, count in (("shop", 3), ("old", 1)))
COMMANDS = [["serve"], ["tail"], ["consume"], ["config"], ["config", "check"], ["config", "init"], ["config", "reference"], ["config", "topics"], ["log"], ["log", "list"],
            ["log", "check"], ["log", "repair"], ["log", "forward"], ["version"]]


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def run_program(self, *arguments, **environment):
        clean = {name: value for name, value in os.environ.items() if name not in ("TENTER_CONFIG", "NO_COLOR")}
        return subprocess.run([PROGRAM, *arguments], cwd=self.folder, env={**clean, **environment}, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=60)

    def write_config(self, text, name="tenter.toml"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_every_command_has_help_that_says_its_exit_codes(self):
        for command in COMMANDS:
            done = self.run_program(*command, "--help")
            self.assertEqual(done.returncode, 0, command)
            if command not in (["config"], ["log"]):
                self.assertIn("xit codes", done.stdout, command)
                self.assertIn("xample", done.stdout, command)

    def test_wrong_usage_is_exit_2_and_says_why(self):
        for arguments in ([], ["nonsense"], ["tail"], ["serve", "--port", "x"], ["tail", "demo", "--nonsense"], ["log", "repair"]):
            done = self.run_program(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertNotEqual(done.stderr, "", arguments)

    def test_options_that_do_not_go_together_are_wrong_usage(self):
        consume = ["consume", "topic", "--profile", "p.json"]
        for arguments, why in ((["tail", "demo", "--group", "g"], "--group needs --profile"),
                               (["tail", "demo", "--connect-timeout", "1s"], "--connect-timeout needs --profile"),
                               (["tail", "demo", "--config", "c.toml", "--profile", "p.json"], "name one"),
                               (["tail", "demo", "--profile", "p.json", "--group", "g", "--partition", "1"], "--partition with --group"),
                               (["tail", "demo", "--profile", "p.json", "--from", "yesterday"], "--from: expected"),
                               (["tail", "demo", "--profile", "p.json"], "p.json"),
                               (["consume", "topic", "--exec", "true"], "--profile FILE, or in $TENTER_PROFILE"),
                               (consume, "name one command"), ([*consume, "--exec", "true", "--", "true"], "name one command"),
                               ([*consume, "--"], "name one command"),
                               ([*consume, "--exec", "true", "--undecodable", "dead-letter"], "needs --dead-letter"),
                               ([*consume, "--exec", "true", "--timeout", "5"], "--timeout: expected"),
                               ([*consume, "--exec", "true", "--workers", "0"], "--workers"),
                               ([*consume, "--exec", "true"], "p.json")):
            done = self.run_program(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(why, done.stderr, arguments)

    def test_the_reference_is_the_documentation(self):
        self.assertEqual(self.run_program("config", "reference").stdout, (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8"),
                         "docs/configuration.md is out of date: tenter config reference > docs/configuration.md")

    def test_a_missing_configuration_says_how_to_make_one(self):
        for command in (["serve"], ["config", "check"], ["tail", "demo"]):
            done = self.run_program(*command)
            self.assertEqual(done.returncode, 2)
            self.assertIn("config init", done.stderr)

    def test_the_configuration_is_found_by_option_then_environment_then_here(self):
        self.write_config("[wrong-here]")
        named = self.write_config("[wrong-environment]", "environment.toml")
        given = self.write_config("[wrong-option]", "option.toml")
        self.assertIn("wrong-here", self.run_program("config", "check").stderr)
        self.assertIn("wrong-environment", self.run_program("config", "check", TENTER_CONFIG=named).stderr)
        self.assertIn("wrong-option", self.run_program("config", "check", "--config", given, TENTER_CONFIG=named).stderr)

    def test_every_fault_of_a_configuration_is_on_a_line_of_its_own(self):
        self.write_config('[http]\nmax_bdy = "1MiB"\nthreads = "x"\n')
        done = self.run_program("config", "check")
        self.assertEqual(done.returncode, 2)
        self.assertEqual([line.split(": ")[0] for line in done.stderr.splitlines()], ["tenter.toml:2:1", "tenter.toml:3:11"])

    def test_a_first_configuration_checks_and_is_never_overwritten(self):
        self.assertEqual(self.run_program("config", "init").returncode, 0)
        self.assertEqual(self.run_program("config", "check").returncode, 0)
        before = pathlib.Path(self.folder, "tenter.toml").read_bytes()
        self.assertEqual(self.run_program("config", "init").returncode, 1)
        self.assertEqual(pathlib.Path(self.folder, "tenter.toml").read_bytes(), before)

    def test_commands_on_a_log_that_is_not_there_say_so(self):
        self.run_program("config", "init")
        for command in (["tail", "demo"], ["log", "check"], ["log", "list"], ["log", "repair", "--to-offset", "demo/0:0"]):
            done = self.run_program(*command)
            self.assertEqual((done.returncode, done.stdout), (1, ""), command)
            self.assertIn("tenter-data/log", done.stderr)

    def test_the_topics_that_a_cluster_needs_are_printed_for_a_log_in_it_and_for_a_copy(self):
        for table in ('[log]\nkind = "kafka"\n', "[forward]\n"):
            self.write_config(table + CLUSTER + SOURCES)
            done = self.run_program("config", "topics")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            made = re.findall(r"^kafka-topics.sh --bootstrap-server kafka-1.example:9093,kafka-2.example:9093 .*--create .*--topic (\S+) "
                              r"--partitions (\d+) --config max.message.bytes=(\d+)$", done.stdout, re.M)
            self.assertEqual([(topic, count) for topic, count, _ in made], [("in.shop", "3"), ("in.old", "1")])
            for *_, size in made:
                self.assertGreater(int(size), (1 << 20) + (64 << 10))  # the default max_body and max_header
            self.assertNotIn("swordfish", done.stdout)
        self.write_config(SOURCES)
        done = self.run_program("config", "topics")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no topics are needed", done.stderr)

    def test_commands_on_the_embedded_log_say_where_the_events_are_when_they_are_in_kafka(self):
        self.write_config('[log]\nkind = "kafka"\n' + CLUSTER + SOURCES)
        for command in (["tail", "shop"], ["log", "check"], ["log", "list"], ["log", "repair", "--to-offset", "shop/0:0"]):
            done = self.run_program(*command)
            self.assertEqual((done.returncode, done.stdout), (1, ""), command)
            self.assertIn("in the Kafka cluster at kafka-1.example:9093,kafka-2.example:9093", done.stderr)
            self.assertIn("tail TOPIC --profile FILE", done.stderr)
            self.assertEqual(os.listdir(self.folder), ["tenter.toml"])  # and make no log
        done = self.run_program("log", "forward", "--until-caught-up")
        self.assertEqual((done.returncode, done.stderr), (2, "tenter: there is no [forward] in tenter.toml\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
