#!/usr/bin/env python3
"""Makes the archive from which a JVM takes Kafka's classes in one piece (Java's class-data sharing), unless it is there: a broker then
starts in half of the time, and a run of all tests starts dozens. ./test runs this while the compiler runs; without it all works, and takes longer."""

import os

import records
from kafka_cluster import JAVA, KafkaCluster
from kafka_readers import class_archive


def main():
    path = class_archive()
    if os.path.exists(path):
        return
    unfinished = f"{path}.{os.getpid()}"
    # What is loaded between a start and an orderly end is archived: so it does what tests do.
    with KafkaCluster(java=(*JAVA, "-XX:ArchiveClassesAtExit=" + unfinished)) as kafka:
        topic = kafka.create_topic("incoming.project.archive")
        records.send_all(kafka, topic, [(b"key", b"value", [])])
        records.read_all(kafka, topic, 1)
        kafka.stop()
        os.replace(unfinished, path)


if __name__ == "__main__":
    main()
