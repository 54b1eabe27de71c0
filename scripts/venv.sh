#!/usr/bin/env bash
# Makes a Python environment with pinned packages and prints the path of its interpreter; nothing when that is not
# possible here, with the reason on standard error.
# usage: scripts/venv.sh NAME MINIMUM [MAXIMUM] -- REQUIREMENT...     (versions such as 3.12; a requirement may be -r FILE)
set -euo pipefail
cd "$(dirname "$0")/.."
name=$1 low=$2 high=3.99
shift 2
[ "$1" = -- ] || { high=$1; shift; }
shift

dir=.venv-$name
stamp="$dir/.installed"
wanted="$(printf '%s\n' "$@"; for a in "$@"; do [ -f "$a" ] && cat "$a"; done; true)"
if [ -x "$dir/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
  echo "$PWD/$dir/bin/python"
  exit 0
fi

fits() {
  "$1" -c "import sys; v = sys.version_info[:2]; t = lambda s: tuple(map(int, s.split('.'))); sys.exit(not t('$low') <= v <= t('$high'))" 2>/dev/null
}
python=""
for candidate in python3 python3.14 python3.13 python3.12 python3.11 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3; do
  if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then python=$candidate; break; fi
done
[ -n "$python" ] || { echo "no Python from $low to $high was found" >&2; exit 0; }

rm -rf "$dir"
if ! "$python" -m venv "$dir" >&2; then
  echo "$python cannot make an environment (is its venv module installed?)" >&2
  exit 0
fi
if ! "$dir/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2; then
  echo "the packages could not be installed (is there a network?): $*" >&2
  exit 0
fi
printf '%s' "$wanted" >"$stamp"
echo "$PWD/$dir/bin/python"
