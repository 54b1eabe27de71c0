"""Checks that served bytes are the deterministic CBOR of a packet's body, and that the packet carries their hash.

usage: outside_canonical.py PACKET.json BYTES.cbor FIELD
Reads the packet with its numbers as decimals, encodes its body with cbor2, and compares. Exit code 0: the same. 1: not.
"""

import hashlib
import json
import pathlib
import sys
from decimal import Decimal

import cbor2


def exact(value):
    """A whole number as an integer, any other as a decimal without trailing zeros."""
    if isinstance(value, dict):
        return {k: exact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [exact(v) for v in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value.normalize()
    return value


def main(packet_path: str, bytes_path: str, field: str) -> None:
    served = pathlib.Path(bytes_path).read_bytes()
    packet = json.loads(pathlib.Path(packet_path).read_text(), parse_float=Decimal, parse_int=Decimal)
    body = exact({k: v for k, v in packet.items() if k not in (field, "signature")})
    assert cbor2.dumps(cbor2.loads(served), canonical=True) == served, "the bytes are not deterministic"
    assert cbor2.dumps(body, canonical=True) == served, "the bytes are not those of the body"
    assert packet[field] == "sha256:" + hashlib.sha256(served).hexdigest(), "the packet carries another hash"


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as problem:  # any failure to verify is a refusal
        print(f"refused: {type(problem).__name__}: {problem}")
        sys.exit(1)
