"""Import this first: it lets this process import what tests/interop/python/requirements.txt names (confluent_kafka, fastavro, cbor2 ...),
whichever Python runs the test; the packages are installed first if they are not there."""

import glob
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kafka_tools"))

from kafka_readers import environment  # noqa: E402

sys.path[1:1] = glob.glob(os.path.join(environment("python"), "lib", "python*", "site-packages"))
