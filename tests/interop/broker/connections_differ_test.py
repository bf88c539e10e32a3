#!/usr/bin/env python3
"""Goal: before anybody is known, and of what is no request, Tenter tells as little as Kafka, and keeps open or closes what Kafka does.
Method: as reading_differ_test.py, on connections that have not logged in, and with octets that are not what they should be. What Tenter
answers otherwise than Kafka, on purpose, is here too."""

import concurrent.futures
import struct
import unittest

from differ import CLOSED, NOBODYS, SEED, TOPIC, VERSIONS, Differential, Pair, kafka_messages, raw_kafka, without

API_VERSIONS, PRODUCE, METADATA, SASL_HANDSHAKE, CREATE_TOPICS, DELETE_TOPICS, SASL_AUTHENTICATE = 18, 0, 3, 17, 19, 20, 36
UNSUPPORTED_VERSION = 35
UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, ILLEGAL_SASL_STATE = 3, 29, 34


def token(profile, secret=None, user=None, role=""):
    return f"{role}\0{user or profile['consumer_name']}\0{secret or profile['auth']['secret']}".encode()


class Connections(Differential):
    def stranger(self):
        """Connections that have not logged in."""
        return Pair(self, self.profiles, logs_in=False)

    def raw(self, pair, frame):
        """{side: what is answered to a frame, or CLOSED}"""
        answers = {}
        for side, connection in pair.connections.items():
            try:
                answers[side] = connection.exchange(frame)
            except ConnectionError:
                answers[side] = CLOSED
        return answers

    def test_versions_are_told_to_everybody_and_lie_within_kafkas(self):
        for version in VERSIONS["ApiVersions"]:
            with self.stranger() as pair:
                answers = pair.both("ApiVersions", version)
                ranges = {side: {api["api_key"]: (api["min_version"], api["max_version"]) for api in answer["api_keys"]}
                          for side, answer in answers.items()}
                self.assertEqual([answer["error_code"] for answer in answers.values()], [0, 0])
                offered = {kafka_messages.class_of(name + "Request").API_KEY: (versions[0], versions[-1]) for name, versions in VERSIONS.items()}
                refused = (PRODUCE, SASL_HANDSHAKE, SASL_AUTHENTICATE)
                self.assertEqual({key: found for key, found in ranges["tenter"].items() if key not in refused}, offered, "all are compared")
                for key, (first, last) in ranges["tenter"].items():
                    self.assertLessEqual(last, ranges["kafka"][key][1], key)
                    self.assertLessEqual(ranges["kafka"][key][0], first, key)

    def test_a_version_of_that_which_is_not_known_is_answered_in_the_oldest_form(self):
        with self.stranger() as pair:
            for version in (5, 77, 32767):
                frame = struct.pack(">hhi", API_VERSIONS, version, 42) + raw_kafka.string("differ") + b"\0\x07differ\x021\0"
                for side, answer in self.raw(pair, frame).items():
                    self.assertEqual(struct.unpack(">ih", answer[:6]), (42, UNSUPPORTED_VERSION), side)
                    keys = [api["api_key"] for api in kafka_messages.decode("ApiVersions", 0, answer[4:])["api_keys"]]
                    self.assertIn(API_VERSIONS, keys)  # Kafka names no other
            pair.both("ApiVersions", 2)

    def at_once(self, ask, cases):
        """[(case, {side: answer}), ...] of ask(case): before it closes a connection Kafka waits for half a second."""
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            return list(zip(cases, pool.map(ask, cases), strict=True))

    def test_nothing_else_is_answered_to_strangers(self):
        def ask(name):
            with self.stranger() as pair:
                return pair.both(name, VERSIONS[name][-1])

        for name, answers in self.at_once(ask, [name for name in VERSIONS if name != "ApiVersions"]):
            self.assertEqual(answers, {"kafka": CLOSED, "tenter": CLOSED}, name)

    def test_logins(self):
        with self.stranger() as pair:
            for mechanism in ("SCRAM-SHA-256", "", "plain"):
                pair.agree("SaslHandshake", 1, mechanism=mechanism)
                pair.again()
        wrong = {"a wrong secret": lambda profile: token(profile, secret="wrong"), "an unknown name": lambda profile: token(profile, user="nobody"),
                 "nothing": lambda _: b"", "no separators": lambda _: b"user", "one separator": lambda _: b"\0user",
                 "another role": lambda profile: token(profile, role="somebody"), "four parts": lambda profile: token(profile) + b"\0more"}
        for version, (what, make) in enumerate(wrong.items()):
            with self.subTest(what), self.stranger() as pair:
                pair.agree("SaslHandshake", 1, mechanism="PLAIN")
                pair.agree("SaslAuthenticate", version % 2, fields=lambda side: {"auth_bytes": make(self.profiles[side])}, but=without("error_message"))
                self.assertEqual(pair.agree("Metadata", 8), CLOSED)
            with Pair(self, self.profiles):
                pass  # a login that succeeds makes the next that fails as quick as the first
        for version in (0, 1):
            with self.stranger() as pair:
                early = pair.both("SaslAuthenticate", version, fields=lambda side: {"auth_bytes": token(self.profiles[side])})
                self.assertEqual((early["kafka"], early["tenter"]["error_code"]), (CLOSED, ILLEGAL_SASL_STATE), "Tenter says why it closes")
                self.assertEqual(pair.ask("tenter", "Metadata", 8), CLOSED)
            with self.stranger() as pair:
                pair.agree("SaslHandshake", 1, mechanism="PLAIN")
                pair.agree("SaslAuthenticate", version, fields=lambda side: {"auth_bytes": token(self.profiles[side])}, but=without("error_message"))
                pair.agree("Metadata", 8, topics=[], but=without("brokers.host", "brokers.port", "cluster_id"))

    def test_what_is_no_request_closes_the_connection(self):
        name = raw_kafka.string("differ")
        frames = {
            "a request that is not known": struct.pack(">hhi", 1000, 0, 1) + name, "a negative one": struct.pack(">hhi", -1, 0, 1) + name,
            "a version that is not known": struct.pack(">hhi", METADATA, 99, 1) + name, "a negative version": struct.pack(">hhi", METADATA, -1, 1) + name,
            "no body": struct.pack(">hhi", METADATA, 8, 1) + name, "half a header": struct.pack(">hh", METADATA, 8), "one octet": b"\0",
            "a list longer than the frame": struct.pack(">hhi", METADATA, 8, 1) + name + struct.pack(">i", 1 << 30),
            "a name longer than the frame": struct.pack(">hhi", METADATA, 8, 1) + name + struct.pack(">ih", 1, 32767),
        }

        def ask(case):
            what, logs_in = case
            with Pair(self, self.profiles, logs_in) as pair:
                return self.raw(pair, frames[what])

        for case, answers in self.at_once(ask, [(what, logs_in) for what in frames for logs_in in (False, True)]):
            self.assertEqual(answers, {"kafka": CLOSED, "tenter": CLOSED}, case)
        for size in (-1, -2**31, 2**31 - 1, 200 << 20):
            with self.subTest(size=size), self.stranger() as pair:
                for connection in pair.connections.values():
                    connection.socket.sendall(struct.pack(">i", size) + b"\0" * 100)
                    with self.assertRaises(ConnectionError):
                        connection._read(1)

    def test_configurations_are_a_part_of_kafkas(self):
        for version in VERSIONS["DescribeConfigs"]:
            for kind, name in ((2, TOPIC), (2, NOBODYS), (4, "1"), (4, "2"), (4, "x"), (77, "x")):
                answers = self.pair.both("DescribeConfigs", version, resources=[{"resource_type": kind, "resource_name": name, "configuration_keys": None}])
                with self.subTest(version=version, kind=kind, name=name):
                    results = {side: answer["results"][0] for side, answer in answers.items()}
                    configs = {side: {config["name"]: config for config in result.pop("configs")} for side, result in results.items()}
                    for result in results.values():
                        result.pop("error_message")
                    self.assertEqual(results["tenter"], results["kafka"])
                    self.assertLessEqual(configs["tenter"].keys(), configs["kafka"].keys())

    def test_what_tenter_refuses_on_purpose(self):
        for topic, error in ((TOPIC, TOPIC_AUTHORIZATION_FAILED), (NOBODYS, UNKNOWN_TOPIC_OR_PARTITION)):
            answer = self.pair.ask("tenter", "Produce", 3, acks=-1, timeout_ms=1000, topic_data=[{"name": topic, "partition_data": [{"index": 0, "records": b""}]}])
            self.assertEqual(answer["responses"][0]["partition_responses"][0]["error_code"], error)
        for key in (CREATE_TOPICS, DELETE_TOPICS):
            with Pair(self, {"tenter": self.profiles["tenter"]}) as pair:
                self.assertEqual(self.raw(pair, pair.connections["tenter"].header(key, 2) + struct.pack(">ii?", 0, 1000, False)), {"tenter": CLOSED})
        with Pair(self, {"tenter": self.profiles["tenter"]}) as pair:
            for epoch in (0, 1):  # a session is asked for, and declined
                answer = pair.ask("tenter", "Fetch", 11, session_id=0, session_epoch=0, topics=[{"topic": TOPIC, "partitions": [{"partition": 0}]}])
                self.assertEqual((answer["error_code"], answer["session_id"]), (0, 0), epoch)


if __name__ == "__main__":
    print(f"seed {SEED} (TENTER_SEED)", flush=True)
    unittest.main(verbosity=2)
