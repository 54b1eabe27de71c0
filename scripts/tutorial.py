#!/usr/bin/env python3
"""Does what docs/tutorial.md says on a copy of the tree and runs its tests: green, and red without each fixture.

usage: scripts/tutorial.py

Three kinds of steps are read from the page, each a sentence that ends in the words below and the code block behind it:
    Create `PATH`:                          the block becomes that file
    In `PATH`, after `LINE`, add:           the block goes behind that line, which is there once
    Run:                                    the lines of the block are run
Of the tree only the crates that the page touches are copied, with what they are built from; what was built before is used
again. Needs nothing but cargo and Python.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "tutorial.md"
STEP = re.compile(r"(?P<words>[^\n]*\n?[^\n]*):\n\n```(?P<lang>\w+)\n(?P<code>.*?)```\n", re.S)
CREATE = re.compile(r"Create\s+`([^`]+)`$")
INSERT = re.compile(r"In\s+`([^`]+)`,\s+after\s+`([^`]+)`,\s+add$")


def fail(why):
    sys.exit(f"tutorial: {why}")


def steps():
    out = []
    text = PAGE.read_text()
    for m in STEP.finditer(text):
        words = m["words"].strip()
        if made := CREATE.search(words):
            out.append(("create", made[1], None, m["code"]))
        elif put := INSERT.search(words):
            out.append(("insert", put[1], put[2], m["code"]))
        elif words.endswith("Run"):
            out.append(("run", None, None, m["code"]))
        else:
            fail(f"a code block that no step owns: {words!r}")
    if len(out) != text.count("```") // 2:
        fail(f"{text.count('```') // 2} code blocks, {len(out)} steps")
    return out


def crates_of(paths):
    """The crates of these paths and all crates of the workspace that they are built from."""
    meta = json.loads(
        subprocess.run(
            ["cargo", "metadata", "--format-version=1", "--no-deps", "--offline"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout
    )
    needs = {p["name"]: {d["name"] for d in p["dependencies"]} for p in meta["packages"]}
    todo, found = [Path(p).parts[1] for p in paths], set()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [d for d in needs[name] if d in needs]
    return sorted(found), Path(meta["target_directory"])


def copy(crates, to):
    for name in crates:
        shutil.copytree(ROOT / "crates" / name, to / "crates" / name)
    for name in ("Cargo.lock", "rustfmt.toml", "clippy.toml"):
        shutil.copy(ROOT / name, to / name)
    manifest = (ROOT / "Cargo.toml").read_text()
    shutil.copy(ROOT / "Cargo.toml", to / "Cargo.toml")
    if 'members = ["crates/*"]' not in manifest:
        fail("the workspace no longer takes every folder of crates/")


def run(command, cwd, env):
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, shell=isinstance(command, str))
    return done.returncode, done.stdout + done.stderr


def must_pass(command, cwd, env):
    started = time.monotonic()
    code, said = run(command, cwd, env)
    if code != 0:
        fail(f"`{command}` failed:\n{said[-4000:]}")
    print(f"green  {time.monotonic() - started:5.1f} s  {command}")


def must_fail(without, naming, command, cwd, env):
    started = time.monotonic()
    code, said = run(command, cwd, env)
    if code == 0:
        fail(f"`{command}` passes without {without}")
    # A failure for another reason would prove nothing.
    if naming not in said:
        fail(f"`{command}` without {without} does not say {naming!r}:\n{said[-4000:]}")
    print(f"red    {time.monotonic() - started:5.1f} s  without {without}")


def main():
    all_steps = steps()
    crates, target = crates_of([path for kind, path, _, _ in all_steps if path])
    cargo = os.environ.get("CARGO", "cargo")
    env = dict(os.environ, CARGO_TARGET_DIR=str(target), CARGO_NET_OFFLINE="true", RUST_BACKTRACE="0")
    with tempfile.TemporaryDirectory(prefix="zero-tutorial-") as scratch:
        tree = Path(scratch)
        copy(crates, tree)
        made, commands = [], []
        for kind, path, line, code in all_steps:
            if kind == "create":
                if (tree / path).exists():
                    fail(f"{path} is there already")
                (tree / path).write_text(code)
                made.append(path)
            elif kind == "insert":
                text = (tree / path).read_text()
                if text.count(line + "\n") != 1:
                    fail(f"{path} has the line {line!r} {text.count(line + chr(10))} times")
                (tree / path).write_text(text.replace(line + "\n", line + "\n" + code))
            else:
                commands += [c.replace("cargo", cargo, 1) for c in code.splitlines()]
        sources = [p for p in made if p.endswith(".rs")]
        must_pass(f"rustfmt --edition 2024 --check {' '.join(sources)}", tree, env)
        for command in commands:
            must_pass(command, tree, env)

        strategy_tests = next(c for c in commands if "zero-strategy" in c)
        document_tests = next(c for c in commands if "zero-lang" in c)
        fixtures = [p for p in made if "/fixtures/" in p]
        for path in fixtures:
            kept = (tree / path).read_text()
            (tree / path).unlink()
            must_fail(path, f"has no fixture", strategy_tests, tree, env)
            (tree / path).write_text(kept)
        documents = [p for p in made if p.endswith(".toml")]
        for path in documents:
            kept = (tree / path).read_text()
            (tree / path).write_text(kept.split("[[test]]")[0])
            must_fail(f"the examples of {path}", Path(path).stem, document_tests, tree, env)
            (tree / path).write_text(kept)
        if (len(fixtures), len(documents)) != (3, 1):
            fail(f"{len(fixtures)} fixtures and {len(documents)} documents: a lens, a layer, a modifier and a strategy were promised")
    print("the tutorial holds")


if __name__ == "__main__":
    main()
