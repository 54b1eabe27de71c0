#!/usr/bin/env bash
# Prints the path of a promtool, Prometheus' own checker; nothing when there is none and none can be had, with the reason on
# standard error. One that is installed is taken; else the distribution's package is unpacked beside the sources, where the
# system has apt. Nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/.."
if command -v promtool >/dev/null; then command -v promtool; exit 0; fi
dir=.venv-promtool
if [ -x "$dir/usr/bin/promtool" ]; then echo "$PWD/$dir/usr/bin/promtool"; exit 0; fi
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
  echo "promtool was not found, and there is no apt to get it with" >&2
  exit 0
fi
rm -rf "$dir"
mkdir -p "$dir"
if ! (cd "$dir" && apt-get download -qq prometheus && dpkg-deb -x prometheus_*.deb . && rm -f prometheus_*.deb) >&2; then
  echo "the package prometheus could not be had (is there a network, and a list of packages?)" >&2
  rm -rf "$dir"
  exit 0
fi
[ -x "$dir/usr/bin/promtool" ] && echo "$PWD/$dir/usr/bin/promtool"
