#!/usr/bin/env bash
# Decision digests must not depend on the build or on the processor: debug and release, plain and with AVX2, FMA and
# friends masked, on several markets. Builds both programs. Exit 1 when any digest differs.
#
# The mask reaches the C library's choice of routines. What the compiler may do with a processor's own instructions is a
# question of the build: ZERO_NATIVE=1 adds a release build for exactly this processor.
#
# usage: scripts/digests.sh [SEED...]    (default: 1 2 3)
#        ZERO_SHARED_DATA=DIR adds the recorded panel.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=("$@")
[ "${#seeds[@]}" -gt 0 ] || seeds=(1 2 3)

${CARGO:-cargo} build --quiet -p zero
${CARGO:-cargo} build --quiet --release -p zero
target=${CARGO_TARGET_DIR:-target}
builds=(debug release)
if [ "${ZERO_NATIVE:-}" = 1 ]; then
  RUSTFLAGS="-C target-cpu=native" ${CARGO:-cargo} build --quiet --release -p zero --target-dir "$target/native"
  builds+=(native/release)
else
  echo "left out: a build for exactly this processor (ZERO_NATIVE is not 1)"
fi
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

fees=(--set fees.taker=0.00045 --set fees.maker=0.00015)
masks=("" "glibc.cpu.hwcaps=-AVX2,-AVX,-FMA,-FMA4,-AVX512F,-BMI1,-BMI2,-LZCNT,-POPCNT,-MOVBE,-SSE4_2,-SSE4_1")

digest() { # build, mask, arguments of the backtest
  local build=$1 mask=$2
  shift 2
  GLIBC_TUNABLES=$mask "$target/$build/zero" --home "$home/$build" "${fees[@]}" --json backtest --alone "$@" \
    | python3 -c 'import json, sys; print(json.load(sys.stdin)["run"]["decision_digest"])'
}

failed=0
compare() { # name, arguments
  local name=$1 first=""
  shift
  for build in "${builds[@]}"; do
    for mask in "${masks[@]}"; do
      local d
      d=$(digest "$build" "$mask" "$@")
      printf '%-16s %-15s %-7s %s\n' "$name" "$build" "$([ -n "$mask" ] && echo masked || echo plain)" "$d"
      if [ -z "$first" ]; then first=$d; elif [ "$d" != "$first" ]; then failed=1; fi
    done
  done
}

for seed in "${seeds[@]}"; do compare "seed $seed" --seed "$seed" --days 60; done
if [ -n "${ZERO_SHARED_DATA:-}" ] && "$target/release/zero" data --help >/dev/null 2>&1; then
  "$target/release/zero" --home "$home/import" "${fees[@]}" data import "$ZERO_SHARED_DATA"/hyperliquid/*.json --out "$home/panel" >/dev/null
  compare "recorded panel" --data "$home/panel"
else
  echo "left out: the recorded panel (ZERO_SHARED_DATA is not set, or this program cannot import)"
fi
[ "$failed" = 0 ] && echo "all equal" || { echo "DIFFERENT"; exit 1; }
