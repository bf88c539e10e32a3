"""Payloads as JSON, so that two programs with their own CBOR libraries can compare what they decoded. Standard library only: it runs beside
the generator as well as beside the client, whose packages differ."""

import base64
import json
import math

INT64_MIN, UINT64_MAX = -(1 << 63), (1 << 64) - 1


def exact(value):
    """Every kind of value in a form of its own: nothing that differs becomes equal."""
    match type(value).__name__:
        case "NoneType" | "bool" | "str":
            return value
        case "int":  # JSON has no limit, but most of its readers do
            return value if INT64_MIN <= value <= UINT64_MAX else {"$int": str(value)}
        case "float":
            return {"$float": value.hex()}
        case "bytes":
            return {"$bytes": value.hex()}
        case "list" | "tuple":
            return [exact(item) for item in value]
        case "dict" | "FrozenDict" | "frozendict":
            if all(isinstance(key, str) and not key.startswith("$") for key in value):
                return {key: exact(item) for key, item in value.items()}
            return {"$map": sorted(([exact(key), exact(item)] for key, item in value.items()), key=lambda pair: json.dumps(pair[0]))}
        case "Decimal":
            return {"$decimal": str(value)}
        case "CBORTag":
            return {"$tag": [value.tag, exact(value.value)]}
        case "CBORSimpleValue":
            return {"$simple": value.value}
        case "undefined_type" | "UndefinedType":
            return {"$undefined": True}
    raise TypeError(f"no form for {type(value).__name__}")


def rfc8949(value):
    """The value that JSON has for it by RFC 8949 section 6.1, with the choices of tenter/envelope/payload_value.hpp."""
    match type(value).__name__:
        case "NoneType" | "bool" | "str":
            return value
        case "int":
            return value if INT64_MIN <= value <= UINT64_MAX else bignum(value)
        case "float":
            return value if math.isfinite(value) else None
        case "bytes":
            return base64url(value)
        case "list" | "tuple":
            return [rfc8949(item) for item in value]
        case "dict" | "FrozenDict" | "frozendict":
            return {key_text(key): rfc8949(item) for key, item in value.items()}
        case "Decimal":
            sign, digits, exponent = value.as_tuple()
            mantissa = int("".join(map(str, digits)))
            return [exponent, -mantissa if sign else mantissa]
        case "CBORTag":
            return rfc8949(value.value)
        case "CBORSimpleValue" | "undefined_type" | "UndefinedType":
            return None
    raise TypeError(f"no form for {type(value).__name__}")


def key_text(key):
    form = rfc8949(key)
    return {None: "null", True: "true", False: "false"}[form] if form is None or isinstance(form, bool) else str(form)


def bignum(value):
    magnitude = value if value >= 0 else -1 - value
    return ("" if value >= 0 else "~") + base64url(magnitude.to_bytes((magnitude.bit_length() + 7) // 8, "big"))


def base64url(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")
