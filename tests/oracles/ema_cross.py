#!/usr/bin/env python3
"""EMA crossover on a CSV of bars, by code that shares nothing with the program: the oracle of its fills and equity.

usage: ema_cross.py CSV [--engine plain|vectorbt] [--price close|next_open] [--fast 10] [--slow 20]
                        [--size 0.01] [--fee 0.00018] [--cash 1000000]

Prints one JSON line. The rule: the EMA starts at the first close (`ewm(span=n, adjust=False)`); long while
fast >= slow, else short; a cross closes the position and opens the other side, each `size`, each paying `fee` of its
notional. A cross is known at the close of its bar. `close` fills it at that same close, `next_open` at the open of the
next bar; a cross on the last bar then fills nowhere. The position is marked at the last close.

`plain` needs the standard library only: EMAs in binary64, money in integers of 1e-8, one rounding half to even per
product, no order before the slow EMA has seen `slow` bars. `vectorbt` has no such warm-up: its first orders differ.
"""
import argparse
import csv
import json
import sys
from decimal import Decimal

UNIT = 10**8


def units(text):
    x = Decimal(text) * UNIT
    if x != x.to_integral_value():
        raise SystemExit(f"{text} is finer than 1e-8")
    return int(x)


def half_even(num, den):
    q, r = divmod(num, den)
    return q + 1 if 2 * r > den or (2 * r == den and q % 2) else q


def bars(path):
    """Open and close per bar, as text; columns by name, as the header says."""
    with open(path, newline="", encoding="utf-8") as f:
        rows = csv.reader(f)
        head = next(rows)
        o, c = head.index("open"), head.index("close")
        return [(row[o], row[c]) for row in rows]


def plain(a):
    fast_k, slow_k = 2.0 / (a.fast + 1.0), 2.0 / (a.slow + 1.0)
    rate, size = units(a.fee), units(a.size)
    cash, held, orders, fills, pending, close = units(a.cash), 0, 0, 0, 0, "0"

    def trade(px, side):
        nonlocal cash, held, orders, fills
        price = units(px)
        for sign in [side, side] if held else [side]:
            notional = half_even(price * size, UNIT)
            cash -= sign * notional + half_even(notional * rate, UNIT)
            held += sign * size
            orders, fills = orders + 1, fills + 1

    fast = slow = 0.0
    for i, (open_, close) in enumerate(bars(a.csv)):
        if pending:
            trade(open_, pending)
            pending = 0
        x = float(close)
        fast = x if i == 0 else fast_k * x + (1.0 - fast_k) * fast
        slow = x if i == 0 else slow_k * x + (1.0 - slow_k) * slow
        if i + 1 < a.slow:
            continue
        side = 1 if fast >= slow else -1
        if held * side > 0:
            continue
        if a.price == "close":
            trade(close, side)
        else:
            pending = side
    equity = cash + half_even(held * units(close), UNIT)
    return {"engine": "plain", "final": str(Decimal(equity) / UNIT), "orders": orders}


def vectorbt(a):
    import time

    import pandas as pd
    import vectorbt as vbt

    frame = pd.read_csv(a.csv)
    close = frame["close"]

    def run():
        fast = close.ewm(span=a.fast, adjust=False).mean()
        slow = close.ewm(span=a.slow, adjust=False).mean()
        above = fast >= slow
        long_ = above & ~above.shift(1, fill_value=False)
        short = ~above & above.shift(1, fill_value=True)
        price = close
        if a.price == "next_open":
            long_, short = long_.shift(1, fill_value=False), short.shift(1, fill_value=False)
            price = frame["open"]
        return vbt.Portfolio.from_signals(
            close, entries=long_, short_entries=short, price=price, size=float(a.size), fees=float(a.fee),
            init_cash=float(a.cash), upon_opposite_entry="reverse")

    run()  # compiles
    wall, cpu = time.perf_counter(), time.process_time()
    portfolio = run()
    final, orders = float(portfolio.final_value()), int(portfolio.orders.count())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"engine": f"vectorbt {vbt.__version__}", "final": repr(final), "orders": orders, "bars": len(close),
            "wall_s": round(wall, 4), "cpu_s": round(cpu, 4)}


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("csv")
    ap.add_argument("--engine", choices=["plain", "vectorbt"], default="plain")
    ap.add_argument("--price", choices=["close", "next_open"], default="next_open")
    ap.add_argument("--fast", type=int, default=10)
    ap.add_argument("--slow", type=int, default=20)
    ap.add_argument("--size", default="0.01")
    ap.add_argument("--fee", default="0.00018")
    ap.add_argument("--cash", default="1000000")
    a = ap.parse_args()
    result = plain(a) if a.engine == "plain" else vectorbt(a)
    print(json.dumps({**result, "price": a.price, "fast": a.fast, "slow": a.slow}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
