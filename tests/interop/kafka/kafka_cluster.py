"""A real Apache Kafka for tests: one KRaft node from Maven's jars that listens as Mister Webhooks does, SASL_SSL with PLAIN and TLS 1.3 by a
private authority.

    with KafkaCluster() as kafka:                   # a broker of the test's own, which it may kill
        kafka.create_topic("incoming.project.shop", partitions=3)
        kafka.kill()                                # -9
        kafka.restart()                             # same ports, same data

    kafka = kafka_cluster.running()                 # the one broker of this ctest run (fixture.py): to be used, not to be harmed

A broker ends with the process that made it, however that ends (keeper.py)."""

import contextlib
import json
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pinned_packages  # noqa: F401
from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from kafka_readers import HERE as KAFKA_TOOLS
from kafka_readers import environment, from_archive

import certificates

HERE = os.path.dirname(os.path.abspath(__file__))
# A Mister Webhooks client reads in the group of its user's name: tests that run at once need users of their own.
CLIENT_USERS = tuple(f"project.client{number}" for number in range(20))  # for tests that run many clients at once
USERS = ("tenter", "project.alpha", "project.beta", "project.gamma", "project.delta", "project.python", "project.examples",
         "project.members", *CLIENT_USERS)
COORDINATORS = 4  # partitions of __consumer_offsets
START_SECONDS = 120  # of a machine with other things to do; 5 s when it has none
ATTEMPTS = 5  # another process may take a port between our finding it and the broker's binding it
# Below the range from which the kernel takes ports of outgoing connections, so that none of those has the broker's when it comes back.
PORTS = range(15000, 32000)
JAVA = ("java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")
LOGGING = """log4j.rootLogger=INFO, stderr
log4j.appender.stderr=org.apache.log4j.ConsoleAppender
log4j.appender.stderr.Target=System.err
log4j.appender.stderr.layout=org.apache.log4j.PatternLayout
log4j.appender.stderr.layout.ConversionPattern=%d{ISO8601} %p %m (%c{1})%n
"""


class KafkaError(AssertionError):
    """The broker did not do what a test needs of it; says what it logged last."""


class KafkaClient:
    """What a test needs to know of a broker, and the few things that it asks of one. Facts are those of `facts()`."""

    def __init__(self, facts):
        self.bootstrap = facts["bootstrap"]
        self.port = facts["port"]
        self.users = facts["users"]
        self.ca_pem = facts["ca"]
        self.ca_path = facts["ca_path"]
        self.log_path = facts["log_path"]
        self.pid = facts["pid"]
        self.started = facts["started"]

    def facts(self):
        """All of it as JSON can hold it, for programs in other languages: `profiles` has a file for each user."""
        return {"bootstrap": self.bootstrap, "host": "localhost", "port": self.port, "pid": self.pid, "started": self.started,
                "ca": self.ca_pem, "ca_path": self.ca_path, "log_path": self.log_path, "users": self.users,
                "profiles": {user: self._profile_path(user) for user in self.users}}

    def client_config(self, user="tenter", more=None):
        """The configuration of confluent_kafka's clients, and of librdkafka; `more` of it is added."""
        return {"bootstrap.servers": self.bootstrap, "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
                "sasl.username": user, "sasl.password": self.users[user], "ssl.ca.location": self.ca_path,
                "ssl.endpoint.identification.algorithm": "https", **(more or {})}

    def profile(self, consumer_name="project.alpha"):
        """The connection profile that Mister Webhooks would give this user, with the member `kafka.ca` that is ours."""
        return {"consumer_name": consumer_name, "auth": {"mechanism": "plain", "secret": self.users[consumer_name]},
                "kafka": {"bootstrap": self.bootstrap, "ca": self.ca_pem}}

    def write_profile(self, path, consumer_name="project.alpha"):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(self.profile(consumer_name), file, indent=2)
        return path

    def _profile_path(self, user):
        return os.path.join(os.path.dirname(self.ca_path), f"{user}.profile.json")

    def admin(self):
        return AdminClient(self.client_config(more={"log_level": 0}))

    def create_topic(self, name, partitions=1, config=None):
        """Returns when the topic can be written to: its creation is answered before every partition has its leader."""
        admin = self.admin()
        admin.create_topics([NewTopic(name, partitions, 1, config=config or {})], operation_timeout=30)[name].result(30)
        self.wait_for_leaders(name, partitions)
        return name

    def wait_for_leaders(self, name, partitions):
        admin = self.admin()
        self._wait_for(lambda: self._has_leaders(admin, name, partitions), f"topic {name} has leaders", 30)

    def wait_for_coordinators(self, topic):
        """Until groups can commit, which a Kafka that has just begun refuses at first."""
        for number in range(2 * COORDINATORS):  # their names spread over the partitions of __consumer_offsets
            consumer = Consumer(self.client_config(more={"group.id": f"first.{number}", "log_level": 0}))
            place = TopicPartition(topic, 0, 0)
            self._wait_for(lambda: consumer.commit(offsets=[place], asynchronous=False), "a group can commit", 30)
            consumer.close()

    @staticmethod
    def _has_leaders(admin, name, partitions):
        found = admin.list_topics(name, timeout=5).topics[name].partitions
        return len(found) == partitions and all(partition.leader >= 0 for partition in found.values())

    def is_alive(self):
        return self.pid is not None and start_of_process(self.pid) == self.started is not None

    def end(self, how=signal.SIGKILL):
        """Signals that very process, and no other that has its id by now."""
        if self.pid is None:
            return
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(self.pid)
            try:
                if self.is_alive():
                    signal.pidfd_send_signal(descriptor, how)
            finally:
                os.close(descriptor)

    def _wait_for(self, condition, what, seconds):
        """Each look at the broker waits for the network itself, so this is no busy loop."""
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(KafkaException):
                if condition():
                    return
            if not self.is_alive():
                raise KafkaError(f"the broker has ended before: {what}\n{self.last_words()}")
            if time.monotonic() > deadline:
                raise KafkaError(f"not within {seconds} s: {what}\n{self.last_words()}")

    def last_words(self):
        """The broker's own account of a failure: its first errors, and the end of its log."""
        with contextlib.suppress(FileNotFoundError), open(self.log_path, encoding="utf-8", errors="replace") as log:
            lines = log.readlines()
            errors = [line for line in lines[:-20] if re.search(r"\b(ERROR|FATAL)\b|Exception", line)]
            return "".join(errors[:10] + lines[-20:])
        return f"(no {self.log_path})"


class KafkaCluster(KafkaClient):
    """A broker of one's own. `folder`: where it keeps everything (default: a temporary one, removed at the end). `users`: names, each of which
    gets a secret. `options`: more lines of server.properties. `owner`: the process with which the broker ends."""

    def __init__(self, folder=None, users=USERS, options=None, java=JAVA, owner=None):
        self.temporary = folder is None
        self.folder = os.path.abspath(folder or tempfile.mkdtemp(prefix="tenter-kafka-"))
        self.data = os.path.join(self.folder, "data")
        self.options = options or {}
        self.java = java
        self.owner = owner or os.getpid()
        self.keeper = None
        os.makedirs(self.folder, exist_ok=True)
        ca_path = certificates.make_authority(self.folder)
        self.leaf = certificates.make_leaf(self.folder)
        with open(ca_path, encoding="ascii") as file:
            ca_pem = file.read()
        super().__init__({"bootstrap": None, "port": None, "pid": None, "started": None, "ca": ca_pem, "ca_path": ca_path,
                          "log_path": os.path.join(self.folder, "broker.log"), "users": {user: secrets.token_hex(16) for user in users}})

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def start(self):
        """The first start: chooses ports and formats the data folder."""
        for attempt in range(ATTEMPTS):
            self._choose_ports()
            try:
                self._run_tool("kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", "dGVudGVyLXRlc3RzLWthZg",
                               "-c", self._properties())
                return self.restart()
            except KafkaError as error:
                self.kill()
                if attempt == ATTEMPTS - 1 or "Address already in use" not in str(error):
                    raise
                shutil.rmtree(self.data)

    def restart(self):
        """Starts the broker again after `kill` or `stop`: same ports, same data. Returns when it answers a client."""
        if self.is_alive():
            raise KafkaError("the broker is running")
        remove = ["--remove", self.folder] if self.temporary else []
        with open(self.log_path, "ab") as log:
            self.keeper = subprocess.Popen(
                [sys.executable, os.path.join(HERE, "keeper.py"), str(self.owner), *remove, "--", *self._command("kafka.Kafka"),
                 self._properties()], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log)
        first_line = self.keeper.stdout.readline()
        self.keeper.stdout.close()
        if not first_line:
            raise KafkaError(f"the broker's keeper did not start\n{self.last_words()}")
        self.pid = int(first_line)
        self.started = start_of_process(self.pid)
        admin = self.admin()
        self._wait_for(lambda: self._answers(admin), "the broker answers", START_SECONDS)
        for user in self.users:
            self.write_profile(self._profile_path(user), user)
        return self

    @staticmethod
    def _answers(admin):
        """That it registered itself, not only that it listens: before, it knows no broker that could lead a partition."""
        return len(admin.list_topics(timeout=1).brokers) == 1

    def kill(self):
        """kill -9. Acknowledged records are on the disk all the same: the broker flushes each."""
        self._end(signal.SIGKILL)

    def stop(self):
        """An orderly end, which a broker takes seconds for; `restart` works after it."""
        self._end(signal.SIGTERM)

    def freeze(self):
        """A broker that is there and answers nothing, until `thaw`. Returns when every thread stands: a process stops only when one of its
        threads gets a processor and takes the signal, and on a busy machine the others go on answering until then."""
        os.kill(self.pid, signal.SIGSTOP)
        self._wait_for(lambda: thread_states(self.pid) <= {"T"} or threading.Event().wait(0.01), "the broker stands still", 30)

    def thaw(self):
        os.kill(self.pid, signal.SIGCONT)

    def close(self):
        """Ends the broker and removes its temporary folder."""
        self.kill()
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self, how):
        if self.keeper is None:
            return
        self.end(how)
        try:
            self.keeper.wait(30)
        except subprocess.TimeoutExpired:
            self.end()
            self.keeper.wait(30)
        self.keeper = None

    def _command(self, program):
        jars = os.path.join(environment("maven", KAFKA_TOOLS), "jars", "*")
        logging = os.path.join(self.folder, "log4j.properties")
        with open(logging, "w", encoding="ascii") as file:
            file.write(LOGGING)
        archive = () if any("ArchiveClassesAtExit" in option for option in self.java) else from_archive()
        return [*self.java, *archive, f"-Dlog4j.configuration=file://{logging}", "-cp", jars, program]

    def _run_tool(self, program, *arguments):
        done = subprocess.run([*self._command(program), *arguments], capture_output=True, text=True, timeout=START_SECONDS)
        if done.returncode != 0:
            raise KafkaError(f"{program}: {done.stdout}{done.stderr}")

    def _choose_ports(self):
        self.port, self.internal_port, self.controller_port = free_ports(3)
        self.bootstrap = f"localhost:{self.port}"

    def _properties(self):
        path = os.path.join(self.folder, "server.properties")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(f"{name}={value}\n" for name, value in {**self._settings(), **self.options}.items())
        return path

    def _settings(self):
        users = " ".join(f'user_{name}="{secret}"' for name, secret in self.users.items())
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"SASL_SSL://{address_of_localhost()}:{self.port},INTERNAL://127.0.0.1:{self.internal_port},"
                         f"CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"SASL_SSL://localhost:{self.port},INTERNAL://127.0.0.1:{self.internal_port}",
            "listener.security.protocol.map": "SASL_SSL:SASL_SSL,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "INTERNAL",
            "controller.listener.names": "CONTROLLER",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config":
                f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": self.leaf,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": self.ca_path,
            "ssl.enabled.protocols": "TLSv1.3",
            "log.dirs": self.data,
            "log.flush.interval.messages": 1,  # acks=all alone is no fsync
            "log.retention.ms": -1,  # records with old timestamps would vanish
            "auto.create.topics.enable": "false",
            "default.replication.factor": 1,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": COORDINATORS,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 100,
            "log.cleaner.threads": 1,
            "log.cleaner.dedupe.buffer.size": 4 << 20,  # 128 MiB of the heap else
            # After kill -9 the controller holds the former broker for alive as long as this, so that a restart waits for it.
            "broker.session.timeout.ms": 1400,
            "broker.heartbeat.interval.ms": 200,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "background.threads": 2,
        }


def running():
    """The broker of this ctest run, which the fixture `kafka` started."""
    path = os.environ.get("TENTER_KAFKA")
    if not path:
        raise KafkaError("TENTER_KAFKA does not name the file that tells of a running Kafka: tenter_test(... KAFKA), or fixture.py run")
    if not os.path.exists(path):
        raise KafkaError(f"no Kafka runs: {path} is not there. ctest starts one where the test joins the fixture; by hand: fixture.py run")
    with open(path, encoding="utf-8") as file:
        client = KafkaClient(json.load(file))
    if not client.is_alive():
        raise KafkaError(f"the Kafka of this test run has ended\n{client.last_words()}")
    return client


def address_of_localhost():
    """What to listen on so that a client reaches the broker by whichever address it takes for localhost: none is all of them."""
    addresses = {found[4][0] for found in socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)}
    return "127.0.0.1" if addresses == {"127.0.0.1"} else ""


def free_ports(count):
    found = []
    with contextlib.ExitStack() as held:
        while len(found) < count:
            port = random.choice(PORTS)
            listener = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                listener.bind(("", port))
                found.append(port)
    return found


def thread_states(pid):
    """The kernel's letters for what the threads of a process do: {"T"} when all stand."""
    states = set()
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            with open(f"/proc/{pid}/task/{thread}/stat", encoding="utf-8", errors="replace") as file:
                states.add(file.read().rpartition(")")[2].split()[0])
    return states


def start_of_process(pid):
    """When a process started, in the kernel's ticks: with the id it names one process, where the id alone comes back one day. None if it has
    ended."""
    with contextlib.suppress(OSError, IndexError):
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            words = file.read().rpartition(")")[2].split()
        return None if words[0] in "ZX" else int(words[19])
    return None
