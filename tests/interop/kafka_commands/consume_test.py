#!/usr/bin/env python3
"""Goal: `tenter consume --exec` gives each event to a command, and Kafka hears of it only when the command has exited with 0.
Method: commands of /bin/sh that record what they got, fail, hang or are killed; a client that is not ours looks at what was committed."""

import json
import os
import pathlib
import signal
import tempfile
import unittest

import program
import make_records
import kafka_cluster
import records
from program import Running

KAFKA = kafka_cluster.running()
SEED = int(os.environ.get("TENTER_SEED", "20261125"))
ENDLESS = "tail -f /dev/null"  # a command that ends only when it is ended


class Consume(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.profile = KAFKA.write_profile(os.path.join(self.folder, "profile.json"), program.USER)
        self.group = program.unique("group")

    def arguments(self, topic, *more):
        return ("consume", topic, "--profile", self.profile, "--group", self.group, *more)

    def consume(self, topic, *more):
        return program.run(*self.arguments(topic, *more), cwd=self.folder)

    def start(self, topic, *more):
        return Running(self, *self.arguments(topic, *more), cwd=self.folder)

    def committed(self, topic):
        return program.committed(KAFKA, topic, self.group)[0]

    def file(self, name):
        return pathlib.Path(self.folder, name)

    def has_lines(self, name, count):
        return self.file(name).exists() and len(self.file(name).read_text().splitlines()) >= count

    def topic_of(self, count, name="consume"):
        topic = program.new_topic(KAFKA, name)
        program.send(KAFKA, topic, [b"%d" % number for number in range(count)])
        return topic

    def test_a_command_gets_the_payload_and_everything_else_in_its_environment(self):
        made = [one for one in make_records.generate(SEED, 60, big=1) if one.expected["kind"] == "event"]
        topic = program.new_topic(KAFKA, "environment")
        make_records.produce(KAFKA, topic, made)
        command = "cat > $TENTER_OFFSET.body; env -0 > $TENTER_OFFSET.environment"
        done = program.run("consume", topic, "--group", self.group, "--limit", str(len(made)), "--exec", command, cwd=self.folder,
                           more={"TENTER_PROFILE": self.profile, "OURS": "kept"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for offset, one in enumerate(made):
            expected = one.expected
            self.assertEqual(self.file(f"{offset}.body").read_bytes().hex(), expected["payload_hex"])
            raw = self.file(f"{offset}.environment").read_bytes()
            self.assertNotIn(KAFKA.users[program.USER].encode(), raw)
            found = dict(line.split("=", 1) for line in raw.decode().split("\0") if line)
            variables = {name: value for name, value in found.items() if name.startswith("TENTER_")}
            headers = {name: values for name, values in expected["headers"].items() if values}
            self.assertEqual(json.loads(variables.pop("TENTER_HEADERS")), headers)
            wanted = {"TENTER_TOPIC": topic, "TENTER_PARTITION": "0", "TENTER_OFFSET": str(offset), "TENTER_METHOD": expected["method"],
                      "TENTER_ATTEMPT": "1", "TENTER_PAYLOAD": expected["encoding"].lower()}
            content_type = headers.get("content-type", [None])[0]
            if content_type is not None and "\0" not in content_type:
                wanted["TENTER_CONTENT_TYPE"] = content_type
            self.assertEqual({name: variables.get(name) for name in wanted}, wanted)
            self.assertRegex(variables["TENTER_TIMESTAMP"], r"^2023-11-14T22:\d\d:\d\d\.\d{3}Z$")
            self.assertEqual("TENTER_KEY" in variables or "TENTER_KEY_BASE64" in variables, one.key is not None)
            self.assertEqual(found["OURS"], "kept")
            self.assertNotIn("TENTER_PROFILE", variables)

    def test_only_exit_code_0_commits(self):
        topic = self.topic_of(5)
        done = self.consume(topic, "--retries", "2", "--retry-delay", "10ms", "--exec", "echo $TENTER_OFFSET $TENTER_ATTEMPT >> got; test $TENTER_OFFSET -ne 3")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{topic} partition 0 offset 3: exit code 1, 3 times; the event is not committed", done.stderr.splitlines()[-1])
        self.assertEqual(self.file("got").read_text().splitlines(), ["0 1", "1 1", "2 1", "3 1", "3 2", "3 3"])
        self.assertEqual(self.committed(topic), 3)
        done = self.consume(topic, "--limit", "2", "--", "sh", "-c", 'echo "$1 $TENTER_OFFSET" >> got', "sh", "again")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.file("got").read_text().splitlines()[6:], ["again 3", "again 4"])
        self.assertEqual(self.committed(topic), 5)

    def test_what_was_given_up_and_what_is_no_event_goes_to_the_dead_letter_topic(self):
        topic, dead = program.new_topic(KAFKA, "letters"), program.new_topic(KAFKA, "dead")
        value = program.envelope(b"1")
        sent = [(b"a", value, [("envelope", b"\x80")]), (b"b", value, [("envelope", b"\x81")]), (b"c", value, [("envelope", b"\x01")]),
                (b"d", None, [("envelope", b"\x80")]), (b"e", value, [("envelope", b"\x80")])]
        records.send_all(KAFKA, topic, sent)
        done = self.consume(topic, "--retries", "0", "--dead-letter", dead, "--limit", "1", "--exec", "test $TENTER_KEY = e")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([record.key for record in records.read_all(KAFKA, dead, 3)], [b"a", b"b", b"d"])
        self.assertEqual(len(done.stderr.splitlines()), 3)
        self.assertEqual(self.committed(topic), 5)

    def test_a_record_that_is_no_event_stops_it_by_default(self):
        topic = self.topic_of(1)
        records.send_all(KAFKA, topic, [(None, b"", [])])
        done = self.consume(topic, "--exec", "true")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{topic} partition 0 offset 1: ", done.stderr)
        self.assertEqual(self.committed(topic), 1)

    def test_an_event_whose_consumer_was_killed_comes_again(self):
        topic = self.topic_of(3)
        command = f"echo $$ $TENTER_OFFSET >> begun; test -e go -o $TENTER_OFFSET -eq 0 || exec {ENDLESS}"
        consumer = self.start(topic, "--instance", "one", "--exec", command)
        program.wait_until(lambda: self.has_lines("begun", 2), "the second event has begun")
        consumer.process.kill()
        consumer.wait()
        os.kill(int(self.file("begun").read_text().splitlines()[1].split()[0]), signal.SIGKILL)
        self.assertEqual(self.committed(topic), 1)
        self.file("go").touch()
        self.assertEqual(self.consume(topic, "--instance", "one", "--limit", "2", "--exec", command).returncode, 0)
        self.assertEqual([line.split()[1] for line in self.file("begun").read_text().splitlines()], ["0", "1", "1", "2"])
        self.assertEqual(self.committed(topic), 3)

    def test_a_command_that_takes_too_long_has_failed(self):
        topic = self.topic_of(1)
        done = self.consume(topic, "--timeout", "200ms", "--retries", "0", "--exec", ENDLESS)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{topic} partition 0 offset 0: did not end in time", done.stderr)
        self.assertIn(self.committed(topic), (None, 0))

    def test_sigterm_gives_the_command_time_and_commits_what_it_finished(self):
        topic = self.topic_of(2)
        os.mkfifo(self.file("go"))
        consumer = self.start(topic, "--exec", "echo >> begun; read word < go")
        program.wait_until(lambda: self.has_lines("begun", 1), "the first event has begun")
        consumer.signal(signal.SIGTERM)
        self.file("go").write_text("go\n")  # the command waits for it
        self.assertEqual(consumer.wait(), 0)
        self.assertEqual(self.committed(topic), 1)
        self.assertTrue(not self.has_lines("begun", 2))

    def test_a_command_that_does_not_end_in_its_grace_is_ended_and_its_event_neither_committed_nor_given_up(self):
        topic, dead = self.topic_of(2), program.new_topic(KAFKA, "grace")
        consumer = self.start(topic, "--grace", "100ms", "--retries", "0", "--dead-letter", dead, "--exec", f"echo >> begun; exec {ENDLESS}")
        program.wait_until(lambda: self.has_lines("begun", 1), "the first event has begun")
        consumer.signal(signal.SIGTERM)
        self.assertEqual(consumer.wait(), 0)
        self.assertIn(self.committed(topic), (None, 0))
        self.assertEqual(records.read_all(KAFKA, dead), [])

    def test_a_command_that_cannot_be_run_ends_it_at_once(self):
        topic, dead = self.topic_of(1), program.new_topic(KAFKA, "unable")
        for command in (("--exec", "no-such-command"), ("--", "no-such-command")):
            done = self.consume(topic, "--dead-letter", dead, *command) if command[0] == "--exec" else self.consume(topic, *command)
            self.assertEqual(done.returncode, 1)
            self.assertIn("cannot run", done.stderr)
            self.assertIn(self.committed(topic), (None, 0))
        self.assertEqual(records.read_all(KAFKA, dead), [])

    def test_workers_keep_the_order_of_a_key_and_the_limit(self):
        topic = program.new_topic(KAFKA, "workers", 2)
        for number in range(12):
            program.send(KAFKA, topic, [b"%d" % number], key=b"key %d" % (number % 3))
        done = self.consume(topic, "--workers", "4", "--limit", "10", "--exec", 'read -r n; echo "$TENTER_KEY $n" >> got')
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        got = [line.rsplit(" ", 1) for line in self.file("got").read_text().splitlines()]
        self.assertEqual(len(got), 10)
        for key in range(3):
            numbers = [int(number) for name, number in got if name == f"key {key}"]
            self.assertEqual(numbers, list(range(key, 12, 3))[:len(numbers)])

    def test_a_command_need_not_read_its_input(self):
        topic = program.new_topic(KAFKA, "unread")
        big = make_records.generate(SEED, 2, system=0, big=2)
        make_records.produce(KAFKA, topic, big)
        done = self.consume(topic, "--limit", "2", "--exec", "exec < /dev/null")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(self.committed(topic), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
