#!/usr/bin/env bash
# Writes the generated docs anew; with --check, says whether they are as they are generated (exit 1 when not).
set -euo pipefail
cd "$(dirname "$0")/.."
${CARGO:-cargo} build --quiet -p zero
zero=${CARGO_TARGET_DIR:-target}/debug/zero
dest=docs
if [ "${1:-}" = --check ]; then
  dest=$(mktemp -d)
  trap 'rm -rf "$dest"' EXIT
fi
"$zero" docs --out "$dest"
[ "$dest" = docs ] && exit 0
status=0
for file in "$dest"/*; do
  diff -u "docs/$(basename "$file")" "$file" || status=1
done
[ "$status" = 0 ] || echo "generated docs are stale: run scripts/docs.sh" >&2
exit "$status"
