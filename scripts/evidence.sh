#!/usr/bin/env bash
# The evidence at full size, written to docs/evidence: campaigns, speed, peers, digests.
# usage: scripts/evidence.sh [crash|kills|flips|parity|nulls|rules|power|lang|bench|peers|digests]...   (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."
parts=("$@")
[ "${#parts[@]}" -gt 0 ] || parts=(flips parity crash nulls rules power lang kills bench digests peers)
${CARGO:-cargo} build --quiet --release -p zero -p zero-bench
bench=${CARGO_TARGET_DIR:-target}/release/zero-bench
date=$(date -u +%F)
out=docs/evidence
mkdir -p "$out"
status=0
for part in "${parts[@]}"; do
  echo "== $part"
  case $part in
    crash | kills | flips | parity | nulls | rules | power | lang) "$bench" campaign "$part" --date "$date" --out "$out" || status=1 ;;
    bench) "$bench" all --save "$out" ;;
    peers) scripts/peers.py --bench "$bench" --out "$out/peers.json" | tee "$out/peers.txt" || status=1 ;;
    digests) scripts/digests.sh | tee "$out/digests.txt" || status=1 ;;
    *) echo "there is no part called $part" >&2; exit 2 ;;
  esac
done
exit "$status"
