#!/usr/bin/env python3
"""`tenter verify`, `tenter sign` and `tenter event check` as a shell uses them, against openssl and published vectors."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["TENTER_PROGRAM"]
BODY = '{"hello":"wörld"}'


class Shell(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)

    def run_tenter(self, *arguments, stdin=b"", environment=None):
        return subprocess.run([PROGRAM, *arguments], input=stdin if isinstance(stdin, bytes) else stdin.encode(), capture_output=True,
                              cwd=self.folder, env={**os.environ, **(environment or {})}, timeout=60)

    def file(self, name, content):
        (self.folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    def openssl(self, *arguments, stdin=b""):
        return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True, cwd=self.folder, timeout=60).stdout


class Verify(Shell):
    def assert_verified(self, *arguments, body=BODY):
        done = self.run_tenter("verify", *arguments, "--body", "-", stdin=body)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode()

    def assert_not_verified(self, *arguments, body=BODY):
        done = self.run_tenter("verify", *arguments, "--body", "-", stdin=body)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertRegex(done.stderr, rb"^tenter: not verified: .*\n$")

    def test_hmac_as_openssl_computes_it(self):
        for algorithm in ("sha1", "sha256", "sha512"):
            signature = self.openssl("dgst", f"-{algorithm}", "-hmac", "s3cret", stdin=BODY.encode()).decode().split("= ")[1].strip()
            scheme = ["--scheme", "custom", "--algorithm", f"hmac-{algorithm}", "--secret", "s3cret", "--signature-header", "X-Signature",
                      "--signature-format", "v={signature}"]
            self.assertEqual(self.assert_verified(*scheme, "--header", f"x-signature: v={signature}"), "verified by custom\n")
            self.assert_not_verified(*scheme, "--header", f"x-signature: v={signature}", body=BODY + " ")
            self.assert_not_verified(*scheme)

    def test_public_keys_that_openssl_made(self):
        self.file("body", BODY)
        cases = {"ed25519": ["ed25519"], "ecdsa-p256-sha256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa-sha256": ["RSA"]}
        for algorithm, key in cases.items():
            self.openssl("genpkey", "-algorithm", *key, "-out", "private.pem")
            self.openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
            raw = ["-rawin"] if algorithm == "ed25519" else ["-rawin", "-digest", "sha256"]
            self.openssl("pkeyutl", "-sign", "-inkey", "private.pem", *raw, "-in", "body", "-out", "signature")
            signature = base64.b64encode((self.folder / "signature").read_bytes()).decode()
            scheme = ["--scheme", "custom", "--algorithm", algorithm, "--secret-encoding", "pem", "--secret", "@public.pem",
                      "--signature-header", "X-Signature", "--signature-encoding", "base64", "--header", f"X-Signature: {signature}"]
            self.assert_verified(*scheme)
            self.assert_not_verified(*scheme, body="altered")

    def test_the_published_vectors(self):
        self.assert_verified("--scheme", "github", "--secret", "It's a Secret to Everybody", "--header",
                             "X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", body="Hello, World!")
        standard = ["--scheme", "standard-webhooks", "--secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "--header",
                    "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "--header", "webhook-timestamp: 1614265330"]
        right = [*standard, "--header", "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="]
        self.assert_verified(*right, "--now", "1614265330", body='{"test": 2432232314}')
        self.assert_not_verified(*right, body='{"test": 2432232314}')
        self.assert_verified(*right, "--tolerance", "2000000000", body='{"test": 2432232314}')
        self.assert_not_verified(*standard, "--header", "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=", "--now",
                                 "1614265330", body='{"test": 2432232314}')

    def test_credentials_from_a_text_a_file_and_the_environment(self):
        self.file("token", "t0ken\n")
        self.assert_verified("--scheme", "bearer", "--secret", "@token", "--header", "Authorization: Bearer t0ken")
        basic = base64.b64encode(b"elytra:a:b").decode()
        self.assert_verified("--scheme", "basic", "--username", "elytra", "--secret", "a:b", "--header", f"authorization: basic {basic}")
        self.assert_verified("--scheme", "api-key", "--header-name", "X-Key", "--secret", "old", "--secret", "new", "--header", "x-key: new")
        done = self.run_tenter("verify", "--scheme", "bearer", "--secret", "env:TOKEN", "--header", "Authorization: Bearer t0ken",
                               environment={"TOKEN": "t0ken"})
        self.assertEqual(done.returncode, 0)
        self.assert_not_verified("--scheme", "bearer", "--secret", "other", "--header", "Authorization: Bearer t0ken")

    def test_usage_and_secrets_that_cannot_be_used_are_2_and_say_no_secret(self):
        cases = [["--scheme", "githib", "--secret", "hunter2"], ["--scheme", "standard-webhooks", "--secret", "whsec_hunter2!"],
                 ["--scheme", "github", "--secret", "@missing-hunter2"], ["--scheme", "github", "--secret", "env:NOT_SET"],
                 ["--scheme", "github"], ["--secret", "hunter2"], ["--scheme", "custom", "--secret", "hunter2", "--algorithm", "md5"],
                 ["--scheme", "github", "--secret", "hunter2", "--header", "no colon"],
                 ["--scheme", "github", "--secret", "hunter2", "--url", "https://nopath"],
                 ["--scheme", "github", "--secret", "hunter2", "--body", "missing"],
                 ["--scheme", "custom", "--secret", "hunter2", "--signature-header", "X", "--signature-pairs", "x"]]
        for arguments in cases:
            for command in ("verify", "sign"):
                done = self.run_tenter(command, *arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""), (command, arguments))
                self.assertNotIn(b"hunter2", done.stderr.replace(b"missing-hunter2", b""))
                self.assertTrue(done.stderr)
        self.assertIn(b'did you mean "github"?', self.run_tenter("verify", "--scheme", "githib", "--secret", "x").stderr)


class Sign(Shell):
    def sign(self, *arguments, body=BODY):
        done = self.run_tenter("sign", *arguments, "--body", "-", stdin=body)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode().splitlines()

    def test_what_is_signed_is_verified_for_every_scheme(self):
        whsec = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        for scheme in ("standard-webhooks", "github", "stripe", "shopify", "slack", "basic", "bearer", "api-key"):
            shared = ["--scheme", scheme, "--secret", whsec] + (["--username", "u"] if scheme == "basic" else [])
            headers = [part for line in self.sign(*shared) for part in ("--header", line)]
            self.assertEqual(self.run_tenter("verify", *shared, *headers, "--body", "-", stdin=BODY).returncode, 0, scheme)
            if scheme not in ("basic", "bearer", "api-key"):
                self.assertEqual(self.run_tenter("verify", *shared, *headers, "--body", "-", stdin="altered").returncode, 1, scheme)

    def test_the_headers_of_the_published_vector(self):
        lines = self.sign("--scheme", "standard-webhooks", "--secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "--id",
                          "msg_p5jXN8AQM9LWM0D4loKWxJek", "--timestamp", "1614265330", body='{"test": 2432232314}')
        self.assertEqual([line.lower() for line in lines],
                         ["webhook-id: msg_p5jxn8aqm9lwm0d4lokwxjek", "webhook-timestamp: 1614265330",
                          "webhook-signature: v1,g0hm9sse+otpjtgt/tmiktsyzle3ufjelvlniolj1oe="])

    def test_all_secrets_sign_where_the_header_lists_signatures(self):
        secrets = ["whsec_" + base64.b64encode(bytes([n]) * 24).decode() for n in (1, 2)]
        both = [part for secret in secrets for part in ("--secret", secret)]
        lines = self.sign("--scheme", "standard-webhooks", *both, "--id", "m", "--timestamp", "1614265330")
        self.assertEqual(lines[2].count("v1,"), 2)
        headers = [part for line in lines for part in ("--header", line)]
        for secret in secrets:
            done = self.run_tenter("verify", "--scheme", "standard-webhooks", "--secret", secret, *headers, "--now", "1614265330", "--body",
                                   "-", stdin=BODY)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.run_tenter("sign", "--scheme", "github", "--secret", "a", "--secret", "b").returncode, 2)

    def test_a_scheme_spelled_out_signs_what_its_template_says(self):
        lines = self.sign("--scheme", "custom", "--secret", "k", "--signature-header", "X-Sig", "--signed", "{method}{url}{timestamp}.{body}",
                          "--timestamp-header", "X-Time", "--timestamp-unit", "ms", "--url", "https://hooks.example/a?b=c", "--method", "PUT",
                          "--timestamp", "5")
        expected = hmac.new(b"k", ("PUThttps://hooks.example/a?b=c5000." + BODY).encode(), hashlib.sha256).hexdigest()
        self.assertEqual(sorted(lines), sorted(["X-Time: 5000", f"X-Sig: {expected}"]))


class EventCheck(Shell):
    EVENT = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "data": {"n": [1, "a b\n\"é"]}}

    def check(self, text, *arguments):
        done = self.run_tenter("event", "check", *arguments, stdin=text)
        return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode()

    def test_prints_an_event_as_one_line_of_JSON(self):
        code, lines, _ = self.check(json.dumps(self.EVENT, indent=4))
        self.assertEqual((code, len(lines)), (0, 1))
        self.assertEqual(json.loads(lines[0]), self.EVENT)
        self.assertEqual(self.check(json.dumps(dict(reversed(self.EVENT.items()))))[1], lines, "attributes stand in a fixed order")
        self.file("event.json", json.dumps(self.EVENT))
        self.assertEqual(self.check("", "event.json")[1], lines)

    def test_prints_a_line_for_each_event_of_a_batch(self):
        code, lines, _ = self.check(json.dumps([self.EVENT, {**self.EVENT, "id": "2"}]), "--mode", "batch")
        self.assertEqual((code, [json.loads(line)["id"] for line in lines]), (0, ["1", "2"]))
        self.assertEqual(self.check("[]", "--mode", "batch")[:2], (0, []))

    def test_reads_an_HTTP_message_in_binary_mode(self):
        head = "ce-specversion: 1.0\nce-id: 1\nce-source: /s\nce-type: t\nce-subject: Euro%20%E2%82%AC\ncontent-type: application/json\n\n"
        for message in (head, "POST /x HTTP/1.1\n" + head, head.replace("\n", "\r\n")):
            code, lines, errors = self.check(message + '{"a": 1}', "--mode", "binary")
            self.assertEqual((code, errors), (0, ""))
            event = json.loads(lines[0])
            self.assertEqual((event["subject"], event["datacontenttype"], event["data"]), ("Euro €", "application/json", {"a": 1}))
        self.assertEqual(self.check("ce-id: 1", "--mode", "binary")[0], 1)

    def test_names_the_attribute_that_is_wrong(self):
        for change, word in (({"id": ""}, "id"), ({"source": None}, "source"), ({"time": "yesterday"}, "time"), ({"specversion": "2"}, "specversion")):
            code, lines, errors = self.check(json.dumps({**self.EVENT, **change}))
            self.assertEqual((code, lines), (1, []))
            self.assertIn(word, errors)
        code, _, errors = self.check(json.dumps([self.EVENT, {}]), "--mode", "batch")
        self.assertEqual(code, 1)
        self.assertIn("1", errors)

    def test_wrong_usage_is_2(self):
        self.assertEqual(self.check("", "--mode", "avro")[0], 2)
        self.assertEqual(self.check("", "missing.json")[0], 2)
        self.assertEqual(self.run_tenter("tial").returncode, 2)
        self.assertIn(b'did you mean "tail"?', self.run_tenter("tial").stderr)

    def test_a_closed_pipe_is_no_crash(self):
        batch = json.dumps([{**self.EVENT, "id": str(n)} for n in range(20000)])
        with subprocess.Popen([PROGRAM, "event", "check", "--mode", "batch", self.file("batch.json", batch)], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.read(10)
            process.stdout.close()
            self.assertNotIn(process.wait(60), (-6, -11))


if __name__ == "__main__":
    unittest.main(verbosity=2)
