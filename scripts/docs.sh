#!/usr/bin/env bash
# Writes the generated docs anew; with --check, says whether they are as they are generated (exit 1 when not).
set -euo pipefail
cd "$(dirname "$0")/.."
${CARGO:-cargo} build --quiet -p zero
zero=${CARGO_TARGET_DIR:-target}/debug/zero
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

"$zero" docs --out "$fresh" >/dev/null

# Every text of the repository in one file, for readers that take one file.
{
  for file in README.md ARCHITECTURE.md CONTRIBUTING.md docs/*.md; do
    case $file in docs/*) [ ! -f "$fresh/$(basename "$file")" ] || continue ;; esac
    printf '\n\n----- %s -----\n\n' "$file"
    cat "$file"
  done
  for file in "$fresh"/*.md; do
    printf '\n\n----- docs/%s -----\n\n' "$(basename "$file")"
    cat "$file"
  done
} >"$fresh/llms-full.txt"

# The headline that the README shows is the one that the demonstration prints.
headline=$("$zero" --home "$fresh/home" demo 2>/dev/null | head -1)
rm -rf "$fresh/home"

if [ "${1:-}" != --check ]; then
  cp "$fresh"/* docs/
  grep -qF "$headline" README.md || echo "put into README.md: $headline" >&2
  exit 0
fi
status=0
for file in "$fresh"/*; do
  diff -u "docs/$(basename "$file")" "$file" || status=1
done
grep -qF "$headline" README.md || { echo "README.md does not show: $headline" >&2; status=1; }
[ "$status" = 0 ] || echo "generated docs are stale: run scripts/docs.sh" >&2
exit "$status"
