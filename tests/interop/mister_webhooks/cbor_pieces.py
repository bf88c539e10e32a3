"""CBOR items of indefinite length (RFC 8949 section 3.2), which CBOR libraries read but seldom write."""

BREAK = b"\xff"
BYTES, TEXT, ARRAY, MAP = b"\x5f", b"\x7f", b"\x9f", b"\xbf"


def in_pieces(chance, value, dumps):
    """`dumps` writes what cannot be split, and each piece of what can."""
    if isinstance(value, bytes | str):
        if chance.often(0.5):
            return dumps(value)
        cuts = sorted(chance.randint(0, len(value)) for _ in range(chance.randrange(4)))
        pieces = [value[start:end] for start, end in zip([0, *cuts], [*cuts, len(value)])]
        return (BYTES if isinstance(value, bytes) else TEXT) + b"".join(dumps(piece) for piece in pieces) + BREAK
    if isinstance(value, list):
        return ARRAY + b"".join(in_pieces(chance, item, dumps) for item in value) + BREAK
    if isinstance(value, dict):
        return MAP + b"".join(dumps(key) + in_pieces(chance, item, dumps) for key, item in value.items()) + BREAK
    return dumps(value)
