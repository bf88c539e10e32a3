"""Kafka-python as a consumer of a group and as a tool, for make_golden.py, in the environment of tests/interop/mister_webhooks:
kafka_python_client.py BOOTSTRAP USER PASSWORD TOPIC"""

import sys

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType

bootstrap, user, password, topic = sys.argv[1:]
access = {"bootstrap_servers": bootstrap, "security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN",
          "sasl_plain_username": user, "sasl_plain_password": password}

consumer = KafkaConsumer(topic, group_id="kafka-python", auto_offset_reset="earliest", consumer_timeout_ms=20000, heartbeat_interval_ms=200,
                         enable_auto_commit=False, **access)
seen = 0
for _ in consumer:
    seen += 1
    if seen == 5:
        break
for _ in range(5):
    consumer.poll(timeout_ms=300)  # so that it beats
consumer.commit()
part = TopicPartition(topic, 0)
consumer.offsets_for_times({part: 0})
consumer.end_offsets([part])
consumer.topics()
consumer.close()

admin = KafkaAdminClient(**access)
admin.list_consumer_groups()
admin.describe_consumer_groups(["kafka-python"])
admin.list_consumer_group_offsets("kafka-python")
admin.describe_cluster()
admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": None})])
admin.delete_consumer_groups(["kafka-python"])
admin.close()
