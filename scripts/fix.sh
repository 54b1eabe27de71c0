#!/usr/bin/env bash
# Formats, and applies what clippy can mend by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
${CARGO:-cargo} clippy --workspace --all-targets --fix --allow-dirty --allow-staged
${CARGO:-cargo} fmt --all
