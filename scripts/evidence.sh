#!/usr/bin/env bash
# The evidence at full size, written to docs/evidence: campaigns, speed, peers, digests.
# usage: scripts/evidence.sh [crash|kills|flips|parity|nulls|rules|power|lang|execute|bench|soak|peers|digests]...   (default: all)
set -euo pipefail
cd "$(dirname "$0")/.."
parts=("$@")
[ "${#parts[@]}" -gt 0 ] || parts=(flips parity crash nulls rules power lang kills execute bench soak digests peers)
${CARGO:-cargo} build --quiet --release -p zero -p zero-bench
bench=${CARGO_TARGET_DIR:-target}/release/zero-bench
date=$(date -u +%F)
out=docs/evidence
mkdir -p "$out"
status=0

# A campaign that is a test at full size: what it says, with revision and machine.
tested() { # name, command...
  local name=$1 verdict=HOLDS
  shift
  local tree=clean
  [ -z "$(git status --porcelain --untracked-files=no)" ] || tree="not clean"
  local said
  said=$(env "$@" --nocapture 2>&1) || verdict="DOES NOT HOLD"
  {
    echo "$name: $verdict"
    echo "revision $(git rev-parse HEAD), tree $tree, $date, $(uname -sr), $(nproc) cores, $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | xargs)"
    echo "command: $*"
    grep -E '^FIGURES |^test result|panicked|FAILED' <<<"$said" || true
  } | tee "$out/$name.txt"
  [ "$verdict" = HOLDS ]
}

for part in "${parts[@]}"; do
  echo "== $part"
  case $part in
    crash | kills | flips | parity | nulls | rules | power | lang) "$bench" campaign "$part" --date "$date" --out "$out" || status=1 ;;
    execute) tested execute ZERO_EXECUTE_KEYS=1000 "${CARGO:-cargo}" test --release -p zero --test http_execute -- writers_that_collide || status=1 ;;
    bench) "$bench" all --save "$out" || status=1 ;;
    soak) "$bench" soak --minutes 60 --save "$out" || status=1 ;;
    peers) scripts/peers.py --bench "$bench" --out "$out/peers.json" | tee "$out/peers.txt" || status=1 ;;
    digests) scripts/digests.sh | tee "$out/digests.txt" || status=1 ;;
    *) echo "there is no part called $part" >&2; exit 2 ;;
  esac
done
exit "$status"
