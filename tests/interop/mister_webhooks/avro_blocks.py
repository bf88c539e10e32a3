"""Avro's maps and arrays in several blocks. The count of a block may be negative, then its size in octets follows: so a reader can skip it."""


def long(number):
    """Zigzag, then seven bits an octet, the lowest first (Avro 1.11.3, "Binary Encoding")."""
    left, octets = (number << 1) ^ (number >> 63), bytearray()
    while left > 0x7f:
        octets.append(left & 0x7f | 0x80)
        left >>= 7
    return bytes([*octets, left])


def blocks(chance, items):
    octets = b""
    while items:
        count = chance.randint(1, len(items))
        block = b"".join(items[:count])
        octets += long(-count) + long(len(block)) + block if chance.often(0.5) else long(count) + block
        items = items[count:]
    return octets + long(0)


def string(text):
    octets = text.encode()
    return long(len(octets)) + octets


def in_blocks(chance, headers):
    """A map of arrays of strings."""
    return blocks(chance, [string(name) + blocks(chance, [string(value) for value in values]) for name, values in headers.items()])
