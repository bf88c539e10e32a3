"""Kafka's messages by kafka-python's schemas, which are Kafka's own files: none of our code has a part in what is asked or in how an answer is
understood."""

import glob
import os
import sys

from kafka_readers import environment

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = glob.glob(os.path.join(environment("python", HERE), "lib", "python*", "site-packages"))

from kafka.protocol import admin, consumer, metadata, producer, sasl  # noqa: E402

MODULES = (admin, consumer, metadata, producer, sasl)


def class_of(name):
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


def filled(struct, version, fields, make):
    """The values of a message or a part of it, with parts that are given as dicts made into kafka-python's classes."""
    values = {}
    for name, value in fields.items():
        field = struct.fields[name]
        if field.is_struct_array() and value is not None:
            value = [filled(field, version, one, field.data_class) for one in value]
        values[name] = value
    return make(version=version, **values)


def encode(name, version, fields):
    """(api key, body) of `name`Request."""
    request = class_of(name + "Request")
    return request.API_KEY, bytes(filled(request._struct, version, fields, request).encode(version=version))


def is_flexible(name, version):
    return class_of(name + "Request").flexible_version_q(version)


def decode(name, version, body):
    """`name`Response as a dict. Raises AssertionError where octets are left, or were read otherwise than they are written."""
    response = class_of(name + "Response")
    decoded = response.decode(body, version=version)
    again = bytes(decoded.encode())
    if again != body:
        raise AssertionError(f"{name} {version}: {body.hex()} is not {again.hex()}, which says the same")
    return decoded.to_dict(json=False)
