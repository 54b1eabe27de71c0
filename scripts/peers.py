#!/usr/bin/env python3
"""Other engines beside this one: the same bars, the same rule, one table; and whether they agree.

usage: peers.py [--csv FILE] [--runs 3] [--bench target/release/zero-bench] [--out docs/evidence/peers.json]

Peers are installed from PyPI into environments of their own; one that cannot be is named and left out. An interpreter
that already has them can be given: ZERO_PEER_VECTORBT, ZERO_PEER_NAUTILUS, ZERO_PEER_HFTBACKTEST.

Agreement, within one millionth of the final equity, is required (exit 1):
  bars whose next open is the close: this engine, the plain oracle, vectorbt, NautilusTrader
  bars with gaps:                    this engine, the plain oracle at the next open, vectorbt with its signals one bar later
                                     and `price=open`; NautilusTrader fills at the close and is not comparable there
CPU seconds are of the simulation alone, data in memory; vectorbt is no event loop: it computes whole columns, its EMAs included.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ORACLES, PEERS = ROOT / "tests/oracles", ROOT / "tests/peers"
TOLERANCE = Decimal("0.000001")
PINS = {
    "vectorbt": ("3.11", "3.13", ["vectorbt==1.2.0", "pandas==3.0.3", "numpy==2.4.6"]),
    "nautilus": ("3.13", "3.14", ["nautilus_trader==2.0.0rc7"]),
    "hftbacktest": ("3.11", "3.13", ["hftbacktest==2.4.4"]),
}


def python_of(peer):
    given = os.environ.get(f"ZERO_PEER_{peer.upper()}")
    if given:
        return given
    low, high, pins = PINS[peer]
    done = subprocess.run([ROOT / "scripts/venv.sh", peer, low, high, "--", *pins], stdout=subprocess.PIPE, text=True)
    return done.stdout.strip() or None


def said(command):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{command} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def ours(bench, csv, runs):
    """The row of the benchmark program with its final equity, and the code and machine it comes from."""
    command = [str(bench), "ema", "--csv", str(csv), "--runs", str(runs), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    report = json.loads(done.stdout)
    rows = {r["measure"]: r for r in report["rows"]}
    row = next(r for name, r in rows.items() if name.startswith("EMA 10/20"))
    words = row["note"].replace(",", "").split()
    peak = next(r for name, r in rows.items() if name.startswith("peak memory"))
    return {"engine": "zero", "price": "next_open", "orders": int(words[0]), "final": words[words.index("equity") + 1],
            "cpu_s": row["cpu_s"], "peak_mib": round(peak["median"], 1)}, {k: report[k] for k in ("code", "machine")}


def repeated(runs, command):
    all_ = [said(command) for _ in range(runs)]
    cpu = [r["cpu_s"] for r in all_]
    return {**all_[-1], "cpu_s": statistics.median(cpu), "cpu_min_s": min(cpu), "cpu_max_s": max(cpu)}


def table(title, rows):
    print(f"\n{title}\n")
    print(f"{'engine':<28} {'fills at':<10} {'orders':>7} {'final equity':>18} {'CPU s':>8} {'spread':>15} {'peak MiB':>9}")
    for r in rows:
        cpu = f"{r['cpu_s']:.3f}" if r.get("cpu_s") else "-"
        spread = f"{r['cpu_min_s']:.3f}-{r['cpu_max_s']:.3f}" if "cpu_min_s" in r else "-"
        print(f"{r['engine']:<28} {r['price']:<10} {r['orders']:>7} {r['final']:>18} {cpu:>8} {spread:>15} {r.get('peak_mib', '-'):>9}")


def agree(rows):
    wanted = Decimal(rows[0]["final"])
    return [f"{r['engine']} ends at {r['final']}, {rows[0]['engine']} at {wanted}" for r in rows
            if abs(Decimal(r["final"]) - wanted) > TOLERANCE * wanted]


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("--csv", type=Path)
    ap.add_argument("--runs", type=int, default=3)
    ap.add_argument("--bench", type=Path, default=ROOT / "target/release/zero-bench")
    ap.add_argument("--out", type=Path)
    a = ap.parse_args()
    pythons = {peer: python_of(peer) for peer in PINS}
    left_out = [peer for peer, python in pythons.items() if not python]
    with tempfile.TemporaryDirectory() as tmp:
        csv, gapped = a.csv, Path(tmp) / "gapped.csv"
        if csv is None:
            if not pythons["vectorbt"]:
                raise SystemExit("the bars are made with numpy and pandas, which come with vectorbt; or give --csv")
            csv = Path(tmp) / "bars.csv"
            subprocess.run([pythons["vectorbt"], PEERS / "make_bars.py", csv], check=True)
        subprocess.run([sys.executable, ORACLES / "gap_bars.py", csv, gapped], check=True)
        plain = lambda path: {**said([sys.executable, ORACLES / "ema_cross.py", path]), "engine": "plain oracle"}
        mine, origin = ours(a.bench, csv, a.runs)
        even, gaps = [mine, plain(csv)], [ours(a.bench, gapped, 1)[0], plain(gapped)]
        if pythons["vectorbt"]:
            vec = lambda path, price: [pythons["vectorbt"], ORACLES / "ema_cross.py", path, "--engine", "vectorbt", "--price", price]
            even.append(repeated(a.runs, vec(csv, "close")))
            gaps.append(repeated(1, vec(gapped, "next_open")))
        if pythons["nautilus"]:
            even.append(repeated(a.runs, [pythons["nautilus"], PEERS / "nautilus.py", csv]))
        other = []
        if pythons["hftbacktest"]:
            other.append(said([pythons["hftbacktest"], PEERS / "hftbacktest_stream.py", csv]))
    table("Bars whose next open is the close", even)
    table("Bars with gaps between close and next open", gaps)
    for r in other:
        print(f"\n{r['engine']}: {r['events_per_cpu_s']:,} events per CPU second, {r['what']}")
    problems = agree(even) + agree(gaps)
    for p in problems:
        print(f"DISAGREE: {p}")
    for peer in left_out:
        print(f"left out: {peer}")
    if a.out:
        result = {**origin, "pins": {peer: pins for peer, (_, _, pins) in PINS.items()}, "even": even, "gapped": gaps, "other": other, "left_out": left_out, "disagree": problems}
        a.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
