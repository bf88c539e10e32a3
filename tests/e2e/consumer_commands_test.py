#!/usr/bin/env python3
"""`tenter consumer` and `tenter group` beside a running gateway, and `tenter tail --profile` and `consume --profile` of what it keeps: who may read
does so at once, who may no longer does not, and an operator sees and moves how far they are."""

import json
import os
import pathlib
import re
import select
import signal
import stat
import subprocess
import tempfile
import time
import unittest

from gateway_process import Gateway

PROGRAM = os.environ["TENTER_PROGRAM"]
CONFIG = """[http]
listen = ["127.0.0.1:0"]
[kafka]
listen = ["127.0.0.1:0"]
topic_prefix = "incoming."
[[source]]
name = "orders"
verify = "none"
partitions = 2
key = "json:/customer"
[[source]]
name = "refunds"
verify = "none"
"""


class ConsumerCommands(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "tenter.toml").write_text(CONFIG, encoding="ascii")
        self.gateway = Gateway(PROGRAM, self.folder)
        self.addCleanup(self.gateway.__exit__)

    def start(self):
        self.gateway.start()
        self.bootstrap = re.search(r"kafka\s+(\S+) \(TLS\)", self.gateway.screen).group(1)

    def run_program(self, *arguments, code=0):
        done = self.gateway.run(*arguments)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def add(self, name, *options, source="orders"):
        path = f"{name}.json"
        self.run_program("consumer", "add", name, "--source", source, "--profile-out", path, "--bootstrap", self.bootstrap, *options)
        return path

    def post(self, count, source="/orders"):
        return [self.gateway.post(source, json.dumps({"customer": n % 7, "n": n}).encode(), {"content-type": "application/json"})[1]["id"]
                for n in range(count)]

    def tail(self, profile, *options, topic="incoming.orders"):
        done = self.run_program("tail", topic, "--profile", profile, "--json", "--no-follow", *options)
        return sorted(json.loads(line)["id"] for line in done.stdout.splitlines())

    def group(self, name):
        return json.loads(self.run_program("group", "describe", name, "--json").stdout)

    def committed(self, name):
        return {row["partition"]: row["committed"] for row in self.group(name)["partitions"]}

    def wait_for(self, condition, what):
        deadline = time.monotonic() + 30
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(what)
            select.select([], [], [], 0.02)

    def test_who_was_added_reads_at_once_and_who_was_removed_no_more(self):
        self.start()
        ids = self.post(20)
        profile = self.add("shop")
        self.assertEqual(self.tail(profile), sorted(ids))
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / profile).st_mode), 0o600)
        secret = json.loads((self.folder / profile).read_text(encoding="utf-8"))["auth"]["secret"]
        for path in (self.folder / "tenter-data").rglob("*"):
            if path.is_file():
                self.assertNotIn(secret.encode(), path.read_bytes(), path)
        self.assertNotIn(secret, self.gateway.errors())

        following = subprocess.Popen([PROGRAM, "tail", "incoming.orders", "--profile", profile, "--json", "--follow"], cwd=self.folder,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(following.communicate)
        self.addCleanup(following.kill)
        for _ in ids:
            following.stdout.readline()
        self.run_program("consumer", "remove", "shop")
        denied = self.run_program("tail", "incoming.orders", "--profile", profile, "--no-follow", "--connect-timeout", "10s", code=1)
        self.assertIn("secret", denied.stderr)
        self.assertNotIn(secret, denied.stderr)
        self.assertEqual(self.run_program("group", "list", "--json").stdout, "", "its groups are forgotten")
        self.assertEqual(self.run_program("consumer", "list", "--json").stdout, "")

    def test_who_was_added_before_the_first_start_is_let_in_by_it(self):
        self.bootstrap = "127.0.0.1:1"
        profile = self.folder / self.add("shop")
        self.assertTrue(json.loads(self.run_program("consumer", "show", "shop", "--json").stdout)["is_new"])
        self.start()
        profile.write_text(profile.read_text(encoding="utf-8").replace("127.0.0.1:1\"", self.bootstrap + "\""), encoding="utf-8")
        ids = self.post(5)
        self.assertEqual(self.tail("shop.json"), sorted(ids))
        self.assertFalse(json.loads(self.run_program("consumer", "show", "shop", "--json").stdout)["is_new"])

    def test_a_group_begins_where_its_consumer_was_told_and_goes_on_from_its_commits(self):
        self.start()
        before = self.post(10)
        self.add("all")
        self.add("later", "--from", "latest")
        self.assertEqual(set(self.committed("all").values()), {0})
        self.assertEqual(sum(self.committed("later").values()), 10)
        after = self.post(4)
        places = {event["id"]: f"{event['partition']}/{event['offset']}" for event in self.gateway.tail("orders")}
        for name, ids in (("all", before + after), ("later", after)):
            expected = [places[one] for one in ids]
            out = self.folder / f"{name}.out"
            consume = subprocess.Popen([PROGRAM, "consume", "incoming.orders", "--profile", f"{name}.json",
                                        "--exec", f"echo $TENTER_PARTITION/$TENTER_OFFSET >> {out}"],
                                       cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                self.wait_for(lambda: out.exists() and len(out.read_text().splitlines()) >= len(expected), f"{name}: not everything came")
                self.wait_for(lambda: sum(self.committed(name).values()) == 14, f"{name}: not everything is committed")
                described = self.group(name)
                self.assertEqual(described["state"], "Stable")
                self.assertEqual(len(described["members"]), 1)
                self.assertEqual(sorted((one["topic"], one["partition"]) for one in described["members"][0]["assigned"]),
                                 [("incoming.orders", 0), ("incoming.orders", 1)])
                self.assertEqual({row["member"] for row in described["partitions"]}, {described["members"][0]["id"]})
                self.assertEqual({row["lag"] for row in described["partitions"]}, {0})
                for refused in (("group", "delete", name), ("group", "reset-offsets", name, "--to", "earliest", "--execute")):
                    self.assertIn("the group has members; stop its consumers first", self.run_program(*refused, code=1).stderr)
            finally:
                consume.send_signal(signal.SIGTERM)
                _, said = consume.communicate(timeout=30)
            self.assertEqual(consume.returncode, 0, said)
            self.assertEqual(sorted(out.read_text().splitlines()), sorted(expected))

        self.gateway.kill()
        self.gateway.start()
        self.assertEqual(sum(self.committed("later").values()), 14, "commits survive kill -9")

    def test_an_operator_moves_a_group_only_when_told_so_twice(self):
        self.start()
        self.post(10)
        self.add("shop")
        shown = self.run_program("group", "reset-offsets", "shop", "--to", "latest").stdout
        self.assertIn("--execute", shown)
        self.assertEqual(set(self.committed("shop").values()), {0})
        self.run_program("group", "reset-offsets", "shop", "--to", "latest", "--execute")
        self.assertEqual(sum(self.committed("shop").values()), 10)
        self.run_program("group", "reset-offsets", "shop", "--to", "offset:1", "--partition", "1", "--source", "orders", "--execute")
        self.assertEqual(self.committed("shop")[1], 1)
        self.run_program("group", "reset-offsets", "shop", "--to", "time:-1h", "--execute")
        self.assertEqual(set(self.committed("shop").values()), {0})
        wrong = self.run_program("group", "reset-offsets", "shop", "--to", "latest", "--source", "refunds", code=2)
        self.assertIn('"refunds" is no source of consumer "shop"', wrong.stderr)
        self.run_program("group", "delete", "shop")
        self.assertIn("there are: none", self.run_program("group", "describe", "shop", code=1).stderr)

    def test_a_rotated_secret_is_good_beside_the_old_one_as_long_as_was_said(self):
        self.start()
        ids = sorted(self.post(3))
        old = self.add("shop")
        self.run_program("consumer", "rotate", "shop", "--profile-out", "new.json", "--bootstrap", self.bootstrap)
        self.assertEqual((self.tail(old), self.tail("new.json")), (ids, ids))
        self.run_program("consumer", "rotate", "shop", "--keep", "0s", "--profile-out", "newest.json", "--bootstrap", self.bootstrap)
        self.assertEqual(self.tail("newest.json"), ids)
        for profile in (old, "new.json"):
            self.run_program("tail", "incoming.orders", "--profile", profile, "--no-follow", "--connect-timeout", "10s", code=1)

    def test_a_consumer_sees_its_own_sources_only(self):
        self.start()
        self.post(3, "/refunds")
        profile = self.add("shop")
        denied = self.run_program("tail", "incoming.refunds", "--profile", profile, "--no-follow", "--connect-timeout", "10s", code=1)
        self.assertIn("incoming.refunds", denied.stderr)

    def test_a_profile_goes_to_standard_output_alone(self):
        self.start()
        done = self.run_program("consumer", "add", "shop", "--source", "orders", "refunds", "--bootstrap", "webhooks.example:9092")
        profile = json.loads(done.stdout)
        self.assertEqual((profile["consumer_name"], profile["auth"]["mechanism"], profile["kafka"]["bootstrap"]),
                         ("shop", "plain", "webhooks.example:9092"))
        self.assertIn("BEGIN CERTIFICATE", profile["kafka"]["ca"])
        self.assertIn("lets it in", done.stderr)
        self.assertNotIn(profile["auth"]["secret"], done.stderr)

    def test_mistakes_are_told_in_words_and_change_nothing(self):
        self.start()
        self.add("shop")
        kept = (self.folder / "shop.json").read_bytes()
        for arguments, code, words in (
                (("consumer", "add", "shop", "--source", "orders", "--profile-out", "other.json", "--bootstrap", "h:1"), 2, "tenter consumer rotate shop"),
                (("consumer", "add", "b", "--source", "ordres", "--bootstrap", "h:1"), 2, 'no source "ordres"; there are: orders, refunds'),
                (("consumer", "add", "a/b", "--source", "orders", "--bootstrap", "h:1"), 2, "a consumer's name"),
                (("consumer", "add", "b", "--source", "orders", "--profile-out", "shop.json", "--bootstrap", "h:1"), 2, "shop.json exists"),
                (("consumer", "add", "b", "--source", "orders"), 2, "--bootstrap HOST:PORT"),
                (("consumer", "add", "b", "--source", "orders", "--bootstrap", "nonsense"), 2, "--bootstrap: expected HOST:PORT"),
                (("consumer", "rotate", "nobody", "--bootstrap", "h:1"), 1, 'no consumer "nobody"; there are: shop'),
                (("consumer", "rotate", "shop", "--keep", "long", "--bootstrap", "h:1"), 2, "--keep"),
                (("consumer", "remove", "nobody"), 1, 'no consumer "nobody"'),
                (("consumer", "show", "nobody"), 1, 'no consumer "nobody"'),
                (("group", "describe", "nobody"), 1, 'no group "nobody/nobody"; there are: shop/shop'),
                (("group", "delete", "shop/none"), 1, 'no group "shop/none"; there are: shop/shop'),
                (("group", "reset-offsets", "shop", "--to", "sometime"), 2, "--to: expected earliest"),
                (("group", "reset-offsets", "nobody", "--to", "latest"), 1, 'no consumer "nobody"'),
                (("group", "reset-offsets", "shop", "--to", "latest", "--partition", "9"), 1, "there is no such topic or partition")):
            with self.subTest(arguments=arguments):
                done = self.run_program(*arguments, code=code)
                self.assertIn(words, done.stderr)
        self.assertEqual([json.loads(line)["name"] for line in self.run_program("consumer", "list", "--json").stdout.splitlines()], ["shop"])
        self.assertEqual((self.folder / "shop.json").read_bytes(), kept)
        self.assertFalse((self.folder / "other.json").exists())
        self.assertEqual(self.gateway.stop(), 0)
        stopped = self.run_program("group", "list", code=1)
        self.assertIn("no gateway that serves consumers runs on", stopped.stderr)
        self.assertIn("tenter serve", stopped.stderr)
        self.run_program("consumer", "remove", "shop")

    def test_a_damaged_file_of_consumers_is_told_with_its_place_and_locks_nobody_out(self):
        self.start()
        ids = sorted(self.post(2))
        profile = self.add("shop")
        path = self.folder / "tenter-data" / "consumers.json"
        whole = path.read_text(encoding="utf-8")
        (self.folder / "damaged").write_text(whole.replace('"sources"', '"sorces"'), encoding="utf-8")
        os.replace(self.folder / "damaged", path)
        failed = self.run_program("consumer", "list", code=1)
        self.assertIn('consumers.json: consumers[0]: unknown member "sorces"', failed.stderr)
        self.run_program("consumer", "add", "other", "--source", "orders", "--bootstrap", "h:1", code=1)
        self.assertEqual(self.tail(profile), ids, "the gateway goes on with what it knew")

    @unittest.skipUnless(os.geteuid() == 0, "only root can give a folder away")
    def test_nobody_else_writes_into_the_folder_of_the_user_who_runs_the_gateway(self):
        (self.folder / "tenter-data").mkdir(mode=0o700)
        os.chown(self.folder / "tenter-data", 65534, 65534)
        refused = self.run_program("consumer", "add", "shop", "--source", "orders", "--bootstrap", "h:1", code=1)
        self.assertIn("run this as that user (sudo -u '#65534' ...)", refused.stderr)
        self.assertEqual(list((self.folder / "tenter-data").iterdir()), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
