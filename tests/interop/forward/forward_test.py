#!/usr/bin/env python3
"""Goal: a reader of committed records finds the local log in Kafka, each record once and in order, whatever is killed; and who cannot forward is
told why. Method: the real program, killed at random moments, copied and misconfigured, with other producers in the same topics."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "kafka"), os.path.join(HERE, "..", "..", "e2e")]

import kafka_cluster  # noqa: E402
import records  # noqa: E402
from confluent_kafka import Producer, TopicPartition  # noqa: E402
from gateway_process import Gateway  # noqa: E402

KAFKA = kafka_cluster.running()
PROGRAM = os.environ["TENTER_PROGRAM"]
SEED = int(os.environ.get("TENTER_SEED", random.SystemRandom().randrange(1 << 32)))
CONFIG = """data = "./data"
[http]
listen = ["127.0.0.1:8080"]
max_body = "64KiB"
max_header = "4KiB"
[log]
journal = "2MiB"
[forward]
bootstrap = ["{bootstrap}"]
username = "tenter"
password = {{ file = "password" }}
ca = "{ca}"
topic = "{prefix}.{{source}}"
{more}
[[source]]
name = "shop"
verify = "none"
key = "header:X-Key"
partitions = 2
{sources}
"""


def until(condition, what, seconds=40):
    """Each look asks a process or a broker, so this is no busy loop."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        threading.Event().wait(0.05)
    return found


class Forward(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.prefix = f"incoming.{uuid.uuid4().hex[:8]}"
        self.topic = f"{self.prefix}.shop"

    def configure(self, folder=None, **keys):
        self.write_config(folder, **keys)
        return Gateway(PROGRAM, folder or self.folder)

    def write_config(self, folder=None, more="", sources="", password=None):
        folder = folder or self.folder
        with open(os.path.join(folder, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(bootstrap=KAFKA.bootstrap, ca=KAFKA.ca_path, prefix=self.prefix, more=more, sources=sources))
        with open(os.path.join(folder, "password"), "w", encoding="ascii") as file:
            file.write(password or KAFKA.users["tenter"])

    def create_topic(self, partitions=2, config=None):
        return KAFKA.create_topic(self.topic, partitions, config)

    def forwarded(self, count):
        """What of this test's logs is committed: [(partition, offset in the log, value)], in Kafka's order."""
        found = [record for record in records.read_all(KAFKA, self.topic, count) if dict(record.headers).get("tenter-log")]
        return [(record.partition, int(dict(record.headers)["tenter-offset"]), record) for record in found]

    def of_this_log(self):
        return [at for at in self.forwarded(0) if dict(at[2].headers)["tenter-log"] != b"another"]

    def wait_until_forwarded(self, counts):
        """Until that many records of each partition are there for readers of committed records."""
        def enough():
            have = self.forwarded(0)
            return all(sum(1 for at in have if at[0] == partition) >= count for partition, count in counts.items())
        until(enough, f"{counts} records in {self.topic}")

    def check_against_log(self, gateway):
        """Every local record is in Kafka exactly once, in order, with what it was."""
        local = {partition: gateway.tail("shop", "--partition", str(partition)) for partition in (0, 1)}
        self.wait_until_forwarded({partition: len(events) for partition, events in local.items()})
        found = self.forwarded(0)
        for partition, events in local.items():
            of_partition = [(offset, record) for at, offset, record in found if at == partition]
            self.assertEqual([offset for offset, _ in of_partition], list(range(len(events))))
            for (_, record), event in zip(of_partition, events, strict=True):
                self.assertEqual(dict(record.headers)["tenter-id"].decode(), event["id"])
                self.assertEqual(None if record.key is None else record.key.decode(), event["key"])
                self.assertIn(event["body"].encode(), record.value)
        return found

    def post(self, gateway, count, body=None):
        for number in range(count):
            status, answer, _ = gateway.post("/shop", (body or f"event {number}").encode(), {"X-Key": f"k{number % 7}", "content-type": "text/plain"})
            self.assertEqual(status, 200, answer)

    def test_what_is_acknowledged_is_in_kafka_soon_once_and_as_it_is(self):
        self.create_topic(3)  # more than the log has
        with self.configure() as gateway:
            self.post(gateway, 50)
            found = self.check_against_log(gateway)
            names = [name for name, _ in found[0][2].headers]
            self.assertEqual(names, ["envelope", "tenter-id", "tenter-target", "tenter-peer", "tenter-verified", "tenter-log", "tenter-offset"])
            with open(os.path.join(self.folder, "data", "log", "ID"), encoding="ascii") as file:
                self.assertEqual(dict(found[0][2].headers)["tenter-log"].decode() + "\n", file.read())
            self.assertEqual(gateway.stop(), 0)

    def test_each_record_is_there_once_although_the_gateway_is_killed_again_and_again_and_others_write_too(self):
        chance = random.Random(SEED)
        print("seed", SEED)
        self.create_topic()
        transactional = Producer(KAFKA.client_config(more={"transactional.id": self.prefix, "log_level": 0}))
        transactional.init_transactions(30)
        gateway = self.configure()
        for cycle in range(6):
            gateway.start()
            ended = threading.Event()

            def send(gateway=gateway, ended=ended):
                while not ended.is_set():
                    try:
                        self.post(gateway, 1, "x" * chance.randrange(3000))
                    except (OSError, ValueError):
                        return

            senders = [threading.Thread(target=send) for _ in range(4)]
            for sender in senders:
                sender.start()
            transactional.begin_transaction()
            for partition in (0, 1):
                for _ in range(chance.randrange(3) * 700):
                    transactional.produce(self.topic, b"of another", partition=partition, headers=[("tenter-log", b"another"), ("tenter-offset", b"9")])
            transactional.flush(30)
            threading.Event().wait(chance.uniform(0.1, 0.7))  # the load itself
            (transactional.abort_transaction if cycle % 2 else transactional.commit_transaction)(30)
            threading.Event().wait(chance.uniform(0.1, 1.5))
            if cycle == 0:  # on a slow machine every kill might come before the first record is there
                ended.set()
                for sender in senders:
                    sender.join()
                until(self.of_this_log, "something is forwarded")
            gateway.kill()
            ended.set()
            for sender in senders:
                sender.join()
        with self.configure() as last:
            self.post(last, 2)
            local = {partition: len(last.tail("shop", "--partition", str(partition))) for partition in (0, 1)}

            def offsets(partition):
                return [at[1] for at in self.of_this_log() if at[0] == partition]

            for partition, count in local.items():
                until(lambda partition=partition, count=count: len(offsets(partition)) >= count, f"all of partition {partition}")
                self.assertEqual(offsets(partition), list(range(count)))

    def test_of_two_copies_of_a_log_one_forwards_and_the_other_says_so_and_goes_on(self):
        self.create_topic()
        with self.configure() as first:
            self.post(first, 5)
            self.check_against_log(first)
            first.stop()
        copy = os.path.join(self.folder, "copy")
        os.mkdir(copy)
        shutil.copytree(os.path.join(self.folder, "data"), os.path.join(copy, "data"))
        with self.configure() as first, self.configure(copy) as second:
            self.post(second, 3)
            self.check_against_log(second)
            self.post(first, 4, "not for Kafka")
            until(lambda: "another forwarder with the id of this log has taken over" in first.errors(), "the first says that it ended")
            self.assertEqual(first.status("/readyz"), 200)
            self.post(first, 1)
            self.check_against_log(second)
            self.assertEqual(first.stop(), 0)
        with self.configure() as first:  # and cannot come back: it has another history
            until(lambda: re.search("another history|older copy", first.errors()), "the first is refused")

    def start_is_refused(self, gateway):
        with self.assertRaises(AssertionError) as refused:
            gateway.start()
        gateway.__exit__()
        return str(refused.exception)

    def test_a_start_that_a_person_must_mend_is_refused_with_the_reason(self):
        sources = '[[source]]\nname = "more"\nverify = "none"\n'
        self.assertRegex(self.start_is_refused(self.configure(sources=sources)), f'no such topic.*"{self.topic}", "{self.prefix}.more"')
        self.create_topic(1)
        self.assertRegex(self.start_is_refused(self.configure()), f'topic "{self.topic}" has 1 partitions, source "shop" has 2')
        self.assertRegex(self.start_is_refused(self.configure(password="wrong")), "wrong user name or secret")

    def test_a_topic_that_takes_less_than_the_sources_is_refused_unless_oversize_says_what_to_do(self):
        self.create_topic(config={"max.message.bytes": 20_000})
        self.assertRegex(self.start_is_refused(self.configure()), f'topic "{self.topic}" takes 20000 .*forward.oversize')

    def test_records_that_are_too_large_are_dead_letters_and_what_just_fits_is_forwarded(self):
        self.create_topic(config={"max.message.bytes": 20_000})
        with self.configure(more='oversize = "dead"') as gateway:
            for size in range(19_300, 19_700, 5):
                gateway.post("/shop", b"y" * size, {"X-Key": "k", "content-type": "text/plain"})
            gateway.post("/shop", b"the last", {"X-Key": "k", "content-type": "text/plain"})
            def listed(name):
                lines = [json.loads(line) for line in gateway.run("log", "list", "--json").stdout.splitlines()]
                return {line["partition"]: line["next_offset"] for line in lines if line["source"] == name}
            ((partition, count),) = ((at, count) for at, count in listed("shop").items() if count)
            until(lambda: any(b"the last" in at[2].value for at in self.forwarded(0)), "the last is forwarded")
            found = [at[1] for at in self.forwarded(0)]
            dead = listed("shop.dead")[partition]
            self.assertEqual(len(found) + dead, count)
            self.assertGreater(dead, 5)
            self.assertEqual(len(gateway.tail("shop.dead")), dead)
            self.assertEqual(found[:-1], list(range(len(found) - 1)))  # sizes rise: what fits, then nothing but the last
            self.assertNotIn("Message size too large", gateway.errors())

    def test_forwarding_stops_before_a_record_that_is_too_large_until_the_topic_takes_it(self):
        self.create_topic(config={"max.message.bytes": 20_000})
        with self.configure(more='oversize = "stop"') as gateway:
            for body in (b"before", b"z" * 30_000, b"behind"):
                gateway.post("/shop", body, {"X-Key": "k", "content-type": "text/plain"})
            until(lambda: re.search("not forwarded further: the record at offset 1 takes 3", gateway.errors()), "the notice")
            self.assertEqual([at[1] for at in self.forwarded(0)], [0])
            self.assertEqual(gateway.status("/readyz"), 200)

    def test_what_kafka_has_removed_is_not_sent_again_but_a_topic_that_was_made_anew_gets_everything(self):
        self.create_topic()
        with self.configure() as gateway:
            self.post(gateway, 30)
            ends = records.next_offsets([at[2] for at in self.forwarded(30)])
            gateway.stop()
        admin = KAFKA.admin()
        for done in admin.delete_records([TopicPartition(self.topic, at, -1) for at in ends]).values():
            done.result(30)
        with self.configure() as gateway:
            self.post(gateway, 4)
            found = [(at[0], at[1]) for at in self.forwarded(4)]
            self.assertEqual(len(found), 4, found)
            gateway.stop()
        admin.delete_topics([self.topic])[self.topic].result(30)
        until(lambda: self.topic not in admin.list_topics(timeout=5).topics, "the topic is gone")
        self.create_topic()
        with self.configure() as gateway:
            until(lambda: "was made anew" in gateway.errors(), "the notice")
            self.check_against_log(gateway)

    def forward_command(self, folder=None):
        return subprocess.run([PROGRAM, "log", "forward", "--until-caught-up"], cwd=folder or self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=120)

    def test_the_command_copies_a_stopped_log_says_where_everything_is_and_can_be_repeated(self):
        self.create_topic()
        sources = '[[source]]\nname = "old"\nverify = "none"\n'
        KAFKA.create_topic(f"{self.prefix}.old", 1)
        with self.configure(sources=sources) as gateway:
            gateway.post("/old", b"1", {})
            self.post(gateway, 400)
            busy = self.forward_command()
            self.assertEqual(busy.returncode, 1)
            self.assertIn("if a gateway runs on this log it forwards by itself", busy.stderr)
            gateway.stop()
        self.write_config()
        done = self.forward_command()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Everything is forwarded.", done.stdout)
        self.assertIn("not forwarded: topic old, which is no configured source", done.stdout)
        rows = re.findall(rf"shop +(\d) +{re.escape(self.topic)} +(\d+) +(\d+)", done.stdout)
        self.assertEqual(sum(int(row[1]) for row in rows), 400)
        ends = records.next_offsets(records.read_all(KAFKA, self.topic, 400))
        for partition, _, kafka in rows:
            self.assertGreaterEqual(int(kafka), ends[int(partition)])
        again = self.forward_command()
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("100 %  0 of 0 records", again.stdout)
        self.assertEqual(len(self.forwarded(400)), 400)

    def test_the_command_refuses_without_the_table(self):
        self.write_config()
        with open(os.path.join(self.folder, "tenter.toml"), encoding="utf-8") as file:
            text = re.sub(r"\[forward\].*?(?=\[\[source)", "", file.read(), flags=re.S)
        with open(os.path.join(self.folder, "tenter.toml"), "w", encoding="utf-8") as file:
            file.write(text)
        done = self.forward_command()
        self.assertEqual((done.returncode, done.stderr), (2, "tenter: there is no [forward] in tenter.toml\n"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
