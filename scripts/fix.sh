#!/usr/bin/env bash
# Formats, and applies what clippy can mend by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
${CARGO:-cargo} clippy --workspace --all-targets --fix --allow-dirty --allow-staged
${CARGO:-cargo} fmt --all
# Files that a registry declares by a macro are not found by cargo.
rustfmt --edition 2024 crates/zero-strategy/src/{lenses,layers,modifiers}/*.rs
