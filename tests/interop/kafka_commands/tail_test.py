#!/usr/bin/env python3
"""Goal: `tenter tail --profile` shows what is in Kafka, every record of it, changes nothing there, and says what is wrong.
Method: the program that users run reads records that other code made; a client that is not ours looks at what was committed."""

import base64
import json
import os
import signal
import tempfile
import unittest

import program
import make_records
import certificates
import kafka_cluster
import records
from program import Running

KAFKA = kafka_cluster.running()
SEED = int(os.environ.get("TENTER_SEED", "20261125"))


def octets(event, name):
    return event[name].encode() if name in event else base64.b64decode(event[name + "_base64"])


class Tail(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.profile = KAFKA.write_profile(os.path.join(self.folder, "profile.json"), program.USER)

    def tail(self, *arguments):
        return program.lines_of(program.run("tail", *arguments, "--json", "--profile", self.profile, cwd=self.folder))

    def refused(self, *arguments, **more):
        done = program.run("tail", *arguments, cwd=self.folder, more=more)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        return done.returncode, done.stderr

    def test_every_record_is_shown_and_what_cannot_be_read_is_marked(self):
        made = make_records.generate(SEED, 600, poison=0.1, system=0.05, big=1)
        topic = program.new_topic(KAFKA, "every", 3)
        make_records.produce(KAFKA, topic, made)
        stored = {(record.partition, record.offset): int(dict(record.headers)["index"]) for record in records.read_all(KAFKA, topic, len(made))}
        events = self.tail(topic)
        self.assertEqual(len(events), len(made))
        shown = {stored[event["partition"], event["offset"]]: event for event in events}
        self.assertEqual(len(shown), len(made), "each once")
        for one in made:
            self.check(shown[one.expected["index"]], one)
        for partition in range(3):
            offsets = [event["offset"] for event in events if event["partition"] == partition]
            self.assertEqual(offsets, sorted(offsets))
        self.assertEqual(program.committed(KAFKA, topic, program.USER, 3), [None] * 3, "without a group nothing is committed")

    def check(self, event, one):
        expected = one.expected
        place = f"record {expected['index']}"
        self.assertEqual(octets(event, "key") if event.get("key", "") is not None else None, one.key, place)
        if expected["kind"] != "event":
            self.assertIn("error", event, place)
            if "newer" in expected.get("poison", ""):
                self.assertIn("pgrade", event["error"])
            if "value" in event or "value_base64" in event:
                self.assertEqual(octets(event, "value") if event.get("value", "") is not None else None, one.value, place)
            return
        self.assertNotIn("error", event, place)
        self.assertEqual(event["method"], expected["method"])
        self.assertEqual(list(event["headers"].items()), [(name, values) for name, values in expected["headers"].items() if values], place)
        self.assertEqual(octets(event, "body").hex(), expected["payload_hex"], place)
        if expected["encoding"] == "CBOR":
            self.assertEqual(event["body_json"], expected["payload_json"], place)

    def test_it_follows_several_topics_and_shows_what_passes_the_filters(self):
        topics = [program.new_topic(KAFKA, "live") for _ in range(2)]
        tail = Running(self, "tail", *topics, "--profile", self.profile, "--follow", "--json", "--header", "X-Kind=a", "--pointer", "/n")
        for number in range(3):
            topic = topics[number % 2]
            program.send(KAFKA, topic, [b'{"n":%d}' % number], {"x-kind": ["b"]})
            program.send(KAFKA, topic, [b'{"m":0}', b'{"n":%d}' % number], {"x-kind": ["0", "a"]})
            event = tail.event()
            self.assertEqual((event["source"], event["body"]), (topic, '{"n":%d}' % number))
        tail.signal(signal.SIGTERM)
        self.assertEqual(tail.wait(), 0)
        self.assertEqual(tail.process.stderr.read(), b"")

    def test_it_ends_when_nobody_reads_what_it_shows(self):
        topic = program.new_topic(KAFKA, "pipe")
        program.send(KAFKA, topic, [b"1"])
        tail = Running(self, "tail", topic, "--profile", self.profile, "--follow", "--json")
        tail.event()
        tail.process.stdout.close()  # and nothing comes that it could fail to write
        self.assertEqual(tail.wait(), 0)

    def test_it_starts_where_it_is_told(self):
        topic = program.new_topic(KAFKA, "from", 2)
        sent = [(b"k%d" % number, program.envelope(b"%d" % number), [("envelope", b"\x80")], 1_700_000_000_000 + number * 1000)
                for number in range(20)]
        records.send_all(KAFKA, topic, sent)
        everything = self.tail(topic)
        self.assertEqual(sorted(int(event["body"]) for event in everything), list(range(20)))
        self.assertEqual(sorted(event["offset"] for event in self.tail(topic, "--from", "offset:4")),
                         sorted(event["offset"] for event in everything if event["offset"] >= 4))
        self.assertEqual(self.tail(topic, "--from", "offset:1000"), [])
        late = self.tail(topic, "--from", "time:2023-11-14T22:13:35Z")  # 1,700,000,015
        self.assertEqual(sorted(int(event["body"]) for event in late), list(range(15, 20)))
        self.assertEqual(self.tail(topic, "--from", "latest", "--no-follow"), [])
        self.assertEqual(len(self.tail(topic, "--limit", "3")), 3)
        self.assertEqual({event["partition"] for event in self.tail(topic, "--partition", "1")}, {1})

    def test_a_group_goes_on_where_it_was(self):
        topic, group = program.new_topic(KAFKA, "group"), program.unique("group")
        program.send(KAFKA, topic, [b"%d" % number for number in range(5)])
        self.assertEqual([event["body"] for event in self.tail(topic, "--group", group, "--limit", "2")], ["0", "1"])
        self.assertEqual(program.committed(KAFKA, topic, group), [2])
        self.assertEqual([event["body"] for event in self.tail(topic, "--group", group)], ["2", "3", "4"])
        self.assertEqual(program.committed(KAFKA, topic, group), [5])

    def test_it_is_coloured_text_without_json(self):
        topic = program.new_topic(KAFKA, "text")
        program.send(KAFKA, topic, [b'{"a":1}'], {"content-type": ["application/json"]})
        done = program.run("tail", topic, "--profile", self.profile, cwd=self.folder)
        self.assertRegex(done.stdout, r"Z  POST   \S+/0@0\n  content-type: application/json\n\{\n  \"a\": 1\n\}\n")

    def changed_profile(self, change):
        profile = KAFKA.profile(program.USER)
        change(profile)
        path = os.path.join(self.folder, "changed.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(profile, file)
        return path

    def test_what_is_wrong_at_the_start_is_one_clear_line(self):
        topic = program.new_topic(KAFKA, "wrong")
        wrong_secret = self.changed_profile(lambda profile: profile["auth"].update(secret="wrong-secret"))
        code, text = self.refused(topic, "--profile", wrong_secret)
        self.assertEqual(code, 1)
        self.assertRegex(text, "tenter: .*(redential|uthenticat)")
        self.assertNotIn("wrong-secret", text)

        other = certificates.make_authority(self.enterContext(tempfile.TemporaryDirectory()))
        with open(other, encoding="ascii") as file:
            pem = file.read()
        code, text = self.refused(topic, "--profile", self.changed_profile(lambda profile: profile["kafka"].update(ca=pem)))
        self.assertEqual(code, 1)
        self.assertIn("certificate", text)

        absent = program.unique("absent")
        code, text = self.refused(absent, "--profile", self.profile)
        self.assertEqual(code, 1)
        self.assertIn(absent, text)

        [port] = kafka_cluster.free_ports(1)
        nobody = self.changed_profile(lambda profile: profile["kafka"].update(bootstrap=f"localhost:{port}"))
        code, text = self.refused(topic, "--profile", nobody, "--connect-timeout", "500ms")
        self.assertEqual(code, 1)
        self.assertIn(f"localhost:{port}", text)

        code, text = self.refused(topic, "--profile", self.profile, "--partition", "7")
        self.assertEqual(code, 1)
        self.assertIn(f"{topic} has no partition 7", text)
        self.assertEqual(self.refused(topic, "--profile", "nowhere.json")[0], 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
