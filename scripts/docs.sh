#!/usr/bin/env bash
# Writes the generated docs anew; with --check, says whether they are as they are generated (exit 1 when not).
set -euo pipefail
cd "$(dirname "$0")/.."
${CARGO:-cargo} build --quiet -p zero
zero=${CARGO_TARGET_DIR:-target}/debug/zero
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

"$zero" docs commands >"$fresh/commands.md"
"$zero" docs configuration >"$fresh/configuration.md"
"$zero" docs errors >"$fresh/errors.md"
"$zero" docs schema >"$fresh/configuration.schema.json"

if [ "${1:-}" != --check ]; then
  cp "$fresh"/* docs/
  exit 0
fi
status=0
for file in "$fresh"/*; do
  diff -u "docs/$(basename "$file")" "$file" || status=1
done
[ "$status" = 0 ] || echo "generated docs are stale: run scripts/docs.sh" >&2
exit "$status"
