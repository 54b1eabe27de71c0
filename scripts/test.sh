#!/usr/bin/env bash
# Every test, as CI runs it: formatting, lints, tests of all crates, documentation.
#
# Runs on a lone clone. What needs more than Rust and Python is switched on when it can be, and named when it is left out:
#   outside verifiers   two Python packages that share no code with this project, installed into .venv-verifiers
#   statistics          Python libraries that `zero stats` is compared with on random tables, installed into .venv-statistics
#   outside tester      Python packages that drive the HTTP surface and encode its packets, installed into .venv-api
#   outside clients     a Node and two packages of npm that speak to the surface for agents, installed into .venv-node-agents
#   Prometheus' checker its promtool, from the machine or unpacked into .venv-promtool
#   recorded market     the folder that ZERO_SHARED_DATA names; when the variable is set, a missing file is a failure
set -euo pipefail
cd "$(dirname "$0")/.."
cargo=${CARGO:-cargo}
left_out=()
step() { printf '\n== %s\n' "$*"; }

command -v python3 >/dev/null || { echo "python3 is needed: independent oracles run in it" >&2; exit 2; }

step "formatting"
$cargo fmt --all --check
# Files that a registry declares by a macro are not found by cargo.
rustfmt --edition 2024 --check crates/zero-strategy/src/{lenses,layers,modifiers}/*.rs

step "lints"
$cargo clippy --workspace --all-targets --quiet -- -D warnings

step "outside verifiers"
if [ -z "${ZERO_OUTSIDE_VERIFIERS:-}" ]; then
  python=$(scripts/venv.sh verifiers 3.12 -- -r crates/zero-journal/tests/outside/requirements.txt)
  if [ -n "$python" ]; then export ZERO_OUTSIDE_VERIFIERS=$python; fi
fi
if [ -n "${ZERO_OUTSIDE_VERIFIERS:-}" ]; then
  echo "$ZERO_OUTSIDE_VERIFIERS"
else
  left_out+=("outside verifiers of journal checkpoints and proofs")
fi

step "libraries of statistics"
if [ -z "${ZERO_STATISTICS_ORACLE:-}" ]; then
  python=$(scripts/venv.sh statistics 3.11 -- -r tests/oracles/statistics-requirements.txt)
  if [ -n "$python" ]; then export ZERO_STATISTICS_ORACLE=$python; fi
fi
if [ -n "${ZERO_STATISTICS_ORACLE:-}" ]; then
  echo "$ZERO_STATISTICS_ORACLE"
else
  left_out+=("statistics against independent Python libraries")
fi

step "outside tester"
if [ -z "${ZERO_OUTSIDE_API:-}" ]; then
  python=$(scripts/venv.sh api 3.10 -- -r crates/zero/tests/outside_requirements.txt)
  if [ -n "$python" ]; then export ZERO_OUTSIDE_API=$python; fi
fi
if [ -n "${ZERO_OUTSIDE_API:-}" ]; then
  echo "$ZERO_OUTSIDE_API"
else
  left_out+=("the outside tester of the HTTP surface, and the outside encoder of its packets")
fi

step "outside clients of the surface for agents"
if [ -z "${ZERO_OUTSIDE_AGENTS:-}" ]; then
  programs=$(scripts/node.sh agents @modelcontextprotocol/conformance@0.2.0-alpha.12 @modelcontextprotocol/inspector@2.12.0)
  if [ -n "$programs" ]; then export ZERO_OUTSIDE_AGENTS=$programs; fi
fi
if [ -n "${ZERO_OUTSIDE_AGENTS:-}" ]; then
  echo "$ZERO_OUTSIDE_AGENTS"
else
  left_out+=("the conformance suite and the inspector on the surface for agents")
fi

step "Prometheus' checker"
if [ -z "${ZERO_OUTSIDE_PROMTOOL:-}" ]; then
  program=$(scripts/promtool.sh)
  if [ -n "$program" ]; then export ZERO_OUTSIDE_PROMTOOL=$program; fi
fi
if [ -n "${ZERO_OUTSIDE_PROMTOOL:-}" ]; then
  echo "$ZERO_OUTSIDE_PROMTOOL"
else
  left_out+=("promtool on the metrics and the alerts")
fi

if [ -n "${ZERO_SHARED_DATA:-}" ]; then
  [ -d "$ZERO_SHARED_DATA/hyperliquid" ] || { echo "ZERO_SHARED_DATA=$ZERO_SHARED_DATA has no folder hyperliquid" >&2; exit 2; }
else
  left_out+=("tests on the recorded market (ZERO_SHARED_DATA is not set)")
fi

step "tests"
$cargo test --workspace --quiet

step "tutorial"
CARGO=$cargo scripts/tutorial.py

step "components"
if ! command -v clang >/dev/null || ! command -v wasm-ld >/dev/null; then
  left_out+=("a guest compiled anew from C (clang and lld are not installed)")
fi
# A crate and a feature of their own: the builds above contain no compiler of components, which takes minutes to build.
components=(-p zero-wasm -p zero --features "zero-wasm/guests,zero/wasm")
$cargo clippy "${components[@]}" --all-targets --quiet -- -D warnings
$cargo test "${components[@]}" --test hostile --test conformance --test compiled --test loop --test lens --test components --quiet

step "documentation"
RUSTDOCFLAGS="-D warnings" $cargo doc --workspace --no-deps --quiet
scripts/docs.sh --check

step "done"
for what in "${left_out[@]}"; do echo "left out: $what"; done
echo "all passed"
