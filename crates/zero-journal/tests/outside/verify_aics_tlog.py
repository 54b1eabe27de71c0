"""Checks an `emit_proofs` directory with aics-tlog, which reads C2SP notes, checkpoints, proofs and tiles itself.

Exit code 0: everything holds. 1: something does not.
"""

import base64
import pathlib
import sys

import aics_tlog as tlog


def head(path_or_text, key):
    note = tlog.parse_note(path_or_text)
    result = tlog.verify_checkpoint(note, key, expected_origin=key.name)
    assert result.ok and result.log_ok, f"checkpoint: {result.error}"
    return result.size, result.root


def main(directory: pathlib.Path) -> None:
    key = tlog.parse_vkey((directory / "vkey").read_text().strip())
    leaves = [bytes.fromhex(line) for line in (directory / "leaves").read_text().split()]
    size, root = head((directory / "checkpoint").read_text(), key)
    old_size, old_root = head((directory / "checkpoint.old").read_text(), key)
    assert size == len(leaves)

    reader = tlog.FileSystemTileReader(directory / "journal")
    assert tlog.tree_root_from_tiles(reader, size) == root, "the tiles lead to another root"

    proofs = sorted((directory / "inclusion").glob("*.tlog-proof"))
    assert proofs, "no proofs"
    for path in proofs:
        first, note = path.read_text().split("\n\n", 1)
        magic, index, *hashes = first.split("\n")
        assert magic == "c2sp.org/tlog-proof@v1"
        index = int(index.removeprefix("index "))
        assert index == int(path.name.split(".")[0]), "the index is another one"
        hashes = [base64.b64decode(h, validate=True) for h in hashes]
        at_size, at_root = head(note, key)
        assert tlog.verify_leaf_inclusion(leaves[index], index, at_size, hashes, at_root), f"inclusion of {index}"

    first, note = (directory / "consistency").read_text().split("\n\n", 1)
    old, *hashes = first.split("\n")
    assert old == f"old {old_size}"
    hashes = [base64.b64decode(h, validate=True) for h in hashes]
    new_size, new_root = head(note, key)
    assert tlog.verify_consistency(old_size, new_size, old_root, new_root, hashes), "consistency"
    print(f"aics-tlog: {len(leaves)} leaves, {len(proofs)} inclusion proofs, consistency {old_size} to {new_size}, tiles")


if __name__ == "__main__":
    try:
        main(pathlib.Path(sys.argv[1]))
    except Exception as problem:  # any failure to verify is a refusal
        print(f"refused: {type(problem).__name__}: {problem}")
        sys.exit(1)
