"""Checks an `emit_proofs` directory with pymerkle: builds its own tree from the leaves.

Signatures are checked with `cryptography`; the note is taken apart here, by hand.
Exit code 0: everything holds. 1: something does not.
"""

import base64
import hashlib
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion


def key_of(vkey: str):
    name, key_id, data = vkey.strip().split("+", 2)
    raw = base64.b64decode(data, validate=True)
    assert raw[0] == 1 and len(raw) == 33, "not an Ed25519 key"
    want = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    assert bytes.fromhex(key_id) == want, "the key id does not fit the key"
    return name, want, Ed25519PublicKey.from_public_bytes(raw[1:])


def open_checkpoint(note: str, key):
    name, key_id, public = key
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    signed = False
    for line in signatures.strip("\n").split("\n"):
        dash, signer, blob = line.split(" ")
        assert dash == "\u2014"
        blob = base64.b64decode(blob, validate=True)
        if signer == name and blob[:4] == key_id:
            public.verify(blob[4:], text.encode())
            signed = True
    assert signed, "the log's key did not sign"
    origin, size, root = text.split("\n")[:3]
    assert origin == name
    return int(size), base64.b64decode(root, validate=True)


def split_proof(text: str):
    head, note = text.split("\n\n", 1)
    return head.split("\n"), note


def main(directory: pathlib.Path) -> None:
    key = key_of((directory / "vkey").read_text())
    leaves = [bytes.fromhex(line) for line in (directory / "leaves").read_text().split()]
    tree = InmemoryTree(algorithm="sha256")
    tree.append_entries(leaves)

    size, root = open_checkpoint((directory / "checkpoint").read_text(), key)
    old_size, old_root = open_checkpoint((directory / "checkpoint.old").read_text(), key)
    assert size == len(leaves) and tree.get_root(size) == root, "root of all leaves"
    assert tree.get_root(old_size) == old_root, "root of the older leaves"
    verify_consistency(old_root, root, tree.prove_consistency(old_size, size), old_size, size)

    proofs = sorted((directory / "inclusion").glob("*.tlog-proof"))
    assert proofs, "no proofs"
    for path in proofs:
        lines, note = split_proof(path.read_text())
        assert lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("index ")
        index = int(lines[1].removeprefix("index "))
        assert index == int(path.name.split(".")[0]), "the index is another one"
        hashes = [base64.b64decode(h, validate=True) for h in lines[2:]]
        at_size, at_root = open_checkpoint(note, key)
        theirs = tree.prove_inclusion(index + 1, at_size)
        assert theirs.path[1:] == hashes, "the path differs from pymerkle's own"
        theirs.path = [theirs.path[0], *hashes]
        verify_inclusion(tree.hash_buff(leaves[index]), at_root, theirs, index + 1, at_size)

    lines, note = split_proof((directory / "consistency").read_text())
    assert lines[0] == f"old {old_size}" and open_checkpoint(note, key) == (size, root)
    print(f"pymerkle: {len(leaves)} leaves, {len(proofs)} inclusion proofs, roots at {old_size} and {size}")


if __name__ == "__main__":
    try:
        main(pathlib.Path(sys.argv[1]))
    except Exception as problem:  # any failure to verify is a refusal
        print(f"refused: {type(problem).__name__}: {problem}")
        sys.exit(1)
