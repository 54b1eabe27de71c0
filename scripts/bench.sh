#!/usr/bin/env bash
# Speed and memory, with spread, sink and floor. usage: scripts/bench.sh [all|ema|stack|lang|journal|recover|startup|http|soak] [options]
# Options are those of `zero-bench ... --help`, such as --csv FILE, --runs N, --dir DIR, --json.
set -euo pipefail
cd "$(dirname "$0")/.."
${CARGO:-cargo} build --quiet --release -p zero -p zero-bench
what=all
case "${1:-}" in
  "" | -*) ;;
  *) what=$1; shift ;;
esac
exec "${CARGO_TARGET_DIR:-target}/release/zero-bench" "$what" "$@"
