"""The librdkafka of Debian, older than that of confluent-kafka, as a consumer of a group, for make_golden.py. On stderr it says which
features it finds the broker to have.
debian_librdkafka_client.py BOOTSTRAP USER PASSWORD TOPIC COUNT"""

import ctypes
import sys

CONSUMER = 1
OK = 0

bootstrap, user, password, topic, count = sys.argv[1:]
library = ctypes.CDLL("librdkafka.so.1")
for name in ("conf_new", "new", "topic_partition_list_new", "topic_partition_list_add", "consumer_poll"):
    getattr(library, "rd_kafka_" + name).restype = ctypes.c_void_p

error = ctypes.create_string_buffer(512)
configuration = ctypes.c_void_p(library.rd_kafka_conf_new())
for key, value in {"bootstrap.servers": bootstrap, "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": user,
                   "sasl.password": password, "group.id": "librdkafka-2.0.2", "auto.offset.reset": "earliest",
                   "debug": "feature"}.items():
    if library.rd_kafka_conf_set(configuration, key.encode(), value.encode(), error, len(error)) != OK:
        sys.exit(error.value.decode())
consumer = ctypes.c_void_p(library.rd_kafka_new(CONSUMER, configuration, error, len(error)))
if not consumer:
    sys.exit(error.value.decode())
library.rd_kafka_poll_set_consumer(consumer)
topics = ctypes.c_void_p(library.rd_kafka_topic_partition_list_new(1))
library.rd_kafka_topic_partition_list_add(topics, topic.encode(), ctypes.c_int32(-1))
library.rd_kafka_subscribe(consumer, topics)
for _ in range(int(count)):
    message = ctypes.c_void_p(library.rd_kafka_consumer_poll(consumer, 20000))
    if not message or ctypes.cast(message, ctypes.POINTER(ctypes.c_int)).contents.value != OK:  # its first member is the error
        sys.exit("no message")
    library.rd_kafka_message_destroy(message)
library.rd_kafka_consumer_poll(consumer, 3500)  # so that it beats, every 3 s
library.rd_kafka_commit(consumer, None, 0)
offset = ctypes.c_int64()
library.rd_kafka_query_watermark_offsets(consumer, topic.encode(), ctypes.c_int32(0), ctypes.byref(offset), ctypes.byref(ctypes.c_int64()), 10000)
library.rd_kafka_consumer_close(consumer)
