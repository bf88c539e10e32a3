"""The clients of the matrix: how each is started, and what it can do."""

import dataclasses
import functools
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "kafka"))

from kafka_cluster import JAVA  # noqa: E402
from kafka_readers import HERE as KAFKA_3  # noqa: E402
from kafka_readers import environment  # noqa: E402

DRIVERS = os.path.join(HERE, "drivers")


@dataclasses.dataclass(frozen=True)
class Client:
    name: str
    command: object  # makes the command line; `profile topic group` follow
    group: str = ""  # of which it is a member; empty: that of its user's name, in which alone it begins at the first record by itself
    can_seek: bool = True
    tells_null: bool = True  # from octets of length 0
    variables: object = dict  # more environment variables

    def environment(self, profile):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TENTER_", "PYTHON"))}
        with open(profile, encoding="utf-8") as file:
            authority = json.load(file)["kafka"]["ca"]
        path = profile + ".ca.pem"
        with open(path, "w", encoding="ascii") as file:
            file.write(authority)
        return {**inherited, "PYTHONDONTWRITEBYTECODE": "1", "SSL_CERT_FILE": path, **self.variables()}


@functools.cache
def python(folder):
    return os.path.join(environment("python", os.path.join(HERE, "..", folder)), "bin", "python")


def python_driver(folder, name, *arguments):
    return lambda: [python(folder), os.path.join(DRIVERS, name), *arguments]


def node_driver(*mode):
    """The driver takes its mode after the three arguments of all drivers."""
    return lambda: ["sh", "-c", 'exec node "$0" "$1" "$2" "$3" ' + " ".join(mode), os.path.join(DRIVERS, "kafkajs_driver.cjs")]


def node_variables():
    return {"NODE_PATH": os.path.join(environment("node"), "node_modules")}


def go_driver(name):
    return lambda: [os.path.join(environment("go", os.path.join(DRIVERS, "go")), "drivers"), name]


LOGGING = """status = error
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %m%n%throwable
"""
LOGGING_3 = """log4j.rootLogger=ERROR, stderr
log4j.appender.stderr=org.apache.log4j.ConsoleAppender
log4j.appender.stderr.Target=System.err
log4j.appender.stderr.layout=org.apache.log4j.SimpleLayout
"""


@functools.cache
def scratch():
    """A folder for what is made once in a run; removed at its end."""
    return tempfile.TemporaryDirectory(prefix="tenter-matrix-")


@functools.cache
def java(version):
    """The command line up to the class, of Kafka 3.9 or 4, with the compiled driver on the class path."""
    folder = os.path.join(scratch().name, f"java-{version}")
    os.makedirs(folder)
    jars = os.path.join(environment("maven", KAFKA_3 if version == 3 else HERE), "jars", "*")
    logging = os.path.join(folder, "logging.properties")
    with open(logging, "w", encoding="ascii") as file:
        file.write(LOGGING_3 if version == 3 else LOGGING)
    subprocess.run(["javac", "-cp", jars, "-d", folder, *(os.path.join(DRIVERS, name) for name in ("JavaConsumer.java", "RunTools.java"))], check=True, timeout=120)
    options = ["-Dlog4j.configuration=file://" + logging, "-Dlog4j2.configurationFile=" + logging]
    return [*JAVA, *options, "-cp", folder + os.pathsep + jars]


def java_driver(version):
    return lambda: [*java(version), "JavaConsumer"]


def console_variables(version):
    return lambda: {"TENTER_JAVA": json.dumps(java(version))}


def peer():
    """The program consume_peer, which the test is told of."""
    return os.path.abspath(sys.argv[1])


CLIENTS = (
    Client("mister-webhooks", python_driver("mister_webhooks", "mister_webhooks_driver.py"), can_seek=False,
           variables=lambda: {"PYTHONPATH": os.path.join(HERE, "..", "mister_webhooks")}),
    Client("mister-node", node_driver("mister"), variables=node_variables),
    Client("kafka-python-2", python_driver("mister_webhooks", "kafka_python.py"), "workers"),
    Client("kafka-python-3", python_driver("broker", "kafka_python.py"), "workers"),
    Client("confluent-kafka", python_driver("python", "confluent_kafka_driver.py"), "workers"),
    Client("kafkajs", node_driver(), "workers", variables=node_variables),
    Client("mister-go", go_driver("mister-go")),
    Client("kafka-go", go_driver("kafka-go"), "workers", tells_null=False),
    Client("franz-go", go_driver("franz-go"), "workers"),
    Client("sarama", go_driver("sarama"), "workers"),
    Client("kcat", python_driver("python", "command_line.py", "kcat")),
    Client("tenter", python_driver("python", "command_line.py", "tenter"), variables=lambda: {"TENTER_PEER": peer()}),
    Client("java-3.9", java_driver(3), "workers"),
    Client("java-4.1", java_driver(4), "workers"),
    Client("console-3.9", python_driver("python", "command_line.py", "console"), can_seek=False, variables=console_variables(3)),
    Client("console-4.1", python_driver("python", "command_line.py", "console"), can_seek=False, variables=console_variables(4)),
)
