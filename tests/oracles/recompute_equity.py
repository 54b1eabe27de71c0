#!/usr/bin/env python3
"""Recomputes final equity from exported fills, funding and backstops, to the unit of 1e-8.

usage: recompute_equity.py DIR [--taker RATE] [--maker RATE]
       recompute_equity.py --journal EXPORT.jsonl

DIR is the output directory of `zero backtest`; EXPORT.jsonl comes from `zero journal export`, and every reconciliation in
it must equal the equity recomputed up to there, every order must keep the venue's rules. Standard library only; shares no code with the program. Exit 0: all
agrees. Exit 1: something differs, and every difference is named. Exit 2: the input cannot be judged.

Money is an integer count of 1e-8, rates of 1e-12; products are exact and rounded once, half to even.
"""
import argparse
import json
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

UNIT, RATE = 10**8, 10**12
MIN_NOTIONAL = 10 * UNIT
# The minimum is checked by the venue at the price of the decision; the fill's price comes later.
MIN_NOTIONAL_SLACK = Decimal("0.05")
SHOWN_MAX = 20
# Size decimals of the reference instruments, from the venue's own metadata.
SIZE_DECIMALS = {"ARB": 1, "AVAX": 2, "BTC": 5, "DOGE": 0, "ETH": 4, "INJ": 1, "LINK": 1, "NEAR": 1, "SOL": 2, "SUI": 1}


class Unjudgeable(Exception):
    pass


def scaled(value, scale):
    """A JSON number as an integer; refuses anything finer than the scale."""
    x = value * scale
    if x != x.to_integral_value():
        raise Unjudgeable(f"{value} is finer than 1/{scale}")
    return int(x)


def usd(value):
    return scaled(value, UNIT)


def half_even(num, den):
    q, r = divmod(num, den)
    return q + 1 if 2 * r > den or (2 * r == den and q % 2) else q


def key(name):
    """Books and coins are numbers in one export and names in the other."""
    return int(name) if isinstance(name, Decimal) else name


def read_json(text):
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


def read_lines(path):
    with open(path, encoding="utf-8") as f:
        return [read_json(line) for line in f if line.strip()]


class Checker:
    def __init__(self, instruments, fees):
        self.instruments, self.fees = instruments, fees
        self.cash = defaultdict(int)
        self.held = defaultdict(int)
        self.seen, self.last_tid = set(), 0
        self.filled = defaultdict(int)
        self.problems, self.count = [], 0

    def problem(self, text):
        self.count += 1
        if len(self.problems) < SHOWN_MAX:
            self.problems.append(text)

    def expect(self, what, found, wanted):
        if found != wanted:
            self.problem(f"{what}: found {found}, recomputed {wanted} (units of 1e-8), off by {found - wanted}")

    def fill(self, f):
        tid, book, coin = int(f["tid"]), key(f["book"]), key(f["coin"])
        px, sz, notional, fee = usd(f["px"]), usd(f["sz"]), usd(f["notional"]), usd(f["fee"])
        name = f"fill {tid}"
        if tid in self.seen:
            self.problem(f"{name}: the trade id is there twice")
        if tid <= self.last_tid:
            self.problem(f"{name}: trade ids do not increase, {self.last_tid} came before")
        self.seen.add(tid)
        self.last_tid = max(self.last_tid, tid)
        self.expect(f"{name} notional", notional, half_even(px * sz, UNIT))
        if f["side"] not in ("buy", "sell") or f["liquidity"] not in ("taker", "maker"):
            raise Unjudgeable(f"{name}: unknown side or liquidity")
        self.expect(f"{name} fee", fee, half_even(notional * self.fees[f["liquidity"]], RATE))
        self.grid(name, f, coin, px, sz)
        sign = 1 if f["side"] == "buy" else -1
        before = self.held[book, coin]
        after = before + sign * sz
        if abs(after) > abs(before):
            self.minimum(name, f, px, sz)
        self.held[book, coin] = after
        self.cash[book] -= sign * notional + fee

    def grid(self, name, f, coin, px, sz):
        decimals = self.instruments[coin]
        if sz <= 0 or sz % 10 ** (8 - decimals):
            self.problem(f"{name}: size {f['sz']} is not on the lot grid of {decimals} decimals")
        # At most five significant figures and 6 - size decimals, integers always.
        price = Decimal(f["px"]).normalize()
        digits, exponent = len(price.as_tuple().digits), price.as_tuple().exponent
        if price <= 0 or (exponent < 0 and (digits > 5 or -exponent > 6 - decimals)):
            # A liquidation is the venue's own trade, at its own price.
            if f["cause"] != "liquidation":
                self.problem(f"{name}: price {f['px']} is not on the venue's grid")

    def minimum(self, name, f, px, sz):
        """An order that grows a position is worth the minimum; its later fills count with its earlier ones."""
        whole = self.filled[f["order"]] + sz + usd(f["remaining"])
        self.filled[f["order"]] += sz
        if half_even(px * whole, UNIT) < MIN_NOTIONAL * (1 - MIN_NOTIONAL_SLACK):
            self.problem(f"{name}: its order is worth less than 10 USD and reduces nothing")

    def funding(self, p):
        book, coin = key(p["book"]), key(p["coin"])
        szi, oracle, rate, amount = usd(p["szi"]), usd(p["oracle_px"]), scaled(p["rate"], RATE), usd(p["amount"])
        name = f"funding of book {book}, coin {coin} at {p['time']}"
        if szi != self.held[book, coin]:
            self.problem(f"{name}: paid on {p['szi']}, but {self.held[book, coin]} units of 1e-8 are held")
        self.expect(f"{name} amount", amount, -half_even(half_even(szi * oracle, UNIT) * rate, RATE))
        exact = -p["szi"] * p["oracle_px"] * p["rate"]
        if abs(p["amount"] - exact) > Decimal("1e-8"):
            self.problem(f"{name}: {p['amount']} is more than a unit from the exact {exact}")
        self.cash[book] += amount

    def backstop(self, b):
        self.cash[key(b["book"])] += usd(b["amount"])

    def equity(self, book, marks):
        total = self.cash[book]
        for (owner, coin), szi in self.held.items():
            if owner == book and szi:
                if marks[coin] is None:
                    raise Unjudgeable(f"coin {coin} is held but has no mark")
                total += half_even(szi * usd(marks[coin]), UNIT)
        return total


def events_in_order(fills, funding):
    """Funding at a stamp is paid on the position held before the fills of that instant."""
    # Without its Z, a time with a fraction sorts after the one without.
    at = lambda body: body["time"].rstrip("Z")
    tagged = [(at(f), 1, int(f["tid"]), "fill", f) for f in fills]
    tagged += [(at(p), 0, i, "funding", p) for i, p in enumerate(funding)]
    return [(kind, body) for _, _, _, kind, body in sorted(tagged, key=lambda t: t[:3])]


def backtest(folder, args):
    account = read_json((folder / "account.json").read_text(encoding="utf-8"))
    fills, funding = read_lines(folder / "fills.jsonl"), read_lines(folder / "funding.jsonl")
    checker = Checker(instruments(folder, account), fees(account, args))
    for book in account["books"]:
        checker.cash[int(book["book"])] = usd(book["initial"])
    # Trade ids are checked in the order of the file, which is the order of booking.
    for earlier, later in zip(fills, fills[1:]):
        if int(later["tid"]) <= int(earlier["tid"]):
            checker.problem(f"fill {later['tid']} stands after fill {earlier['tid']}")
    for kind, body in events_in_order(fills, funding):
        getattr(checker, kind)(body)
    for b in account["backstops"]:
        checker.backstop(b)
    total = 0
    for book in account["books"]:
        i = int(book["book"])
        mine = checker.equity(i, account["marks"])
        total += mine
        checker.expect(f"equity of book {i}", usd(book["equity"]), mine)
    samples = folder / "equity.jsonl"
    if samples.exists():
        last = read_lines(samples)[-1]
        checker.expect("equity of the last sample", usd(last["equity"]), total)
    return checker, f"{len(fills)} fills, {len(funding)} funding payments, final equity {Decimal(total) / UNIT}"


def instruments(folder, account):
    if "instruments" in account:
        return [int(i["sz_decimals"]) for i in account["instruments"]]
    sheet = folder / "tearsheet.json"
    if not sheet.exists():
        raise Unjudgeable("neither account.json nor tearsheet.json names the instruments")
    try:
        return [SIZE_DECIMALS[s] for s in read_json(sheet.read_text(encoding="utf-8"))["run"]["coins"]]
    except KeyError as e:
        raise Unjudgeable(f"size decimals of {e} are not known") from e


def fees(account, args):
    stated = account.get("fees", {})
    out = {}
    for kind in ("taker", "maker"):
        given = getattr(args, kind)
        if given is None and kind not in stated:
            raise Unjudgeable(f"the {kind} fee is not in account.json; give --{kind}")
        out[kind] = scaled(Decimal(given) if given is not None else stated[kind], RATE)
    return out


class Journal:
    """Folds an exported run journal."""

    def __init__(self):
        self.checker, self.marks, self.owner = None, {}, {}
        self.reconciliations = self.orders = 0

    def take(self, kind, body):
        if kind == "manifest":
            # Later starts of the same run say the same books and instruments again.
            if self.checker is None:
                self.begin(body)
        elif self.checker is None:
            raise Unjudgeable("the export does not begin with a manifest")
        elif kind == "fill":
            self.checker.fill(body)
        elif kind == "funding_payment":
            self.checker.funding(body)
        elif kind == "backstop":
            self.checker.backstop(body)
        elif kind == "bar_opened":
            self.marks[key(body["coin"])] = body["open"]
        elif kind == "bar_closed":
            self.marks[key(body["coin"])] = body["close"]
        elif kind == "order":
            self.order(body["intent"])
        elif kind == "reconciled":
            books = [b for b, account in self.owner.items() if account == body["account"]]
            mine = sum(self.checker.equity(b, self.marks) for b in books)
            self.checker.expect(f"reconciliation {self.reconciliations}", usd(body["equity"]), mine)
            self.reconciliations += 1
        elif kind == "transfer":
            raise Unjudgeable("transfers are not recomputed")

    def begin(self, manifest):
        fee = {k: scaled(manifest["paper"]["fees"][k], RATE) for k in ("taker", "maker")}
        coins = {i["symbol"]: int(i["sz_decimals"]) for i in manifest["universe"]}
        self.checker = Checker(coins, fee)
        self.marks = dict.fromkeys(coins)
        for b in manifest["kernel"]["books"]:
            self.checker.cash[key(b["book"])] = usd(b["initial"])
            self.owner[key(b["book"])] = b["account"]

    def order(self, o):
        self.orders += 1
        px, sz = usd(o["reference_px"]), usd(o["sz"])
        if sz <= 0 or sz % 10 ** (8 - self.checker.instruments[key(o["coin"])]):
            self.checker.problem(f"order {o['id']}: size {o['sz']} is not on the lot grid")
        if not o["reduce_only"] and half_even(px * sz, UNIT) < MIN_NOTIONAL:
            self.checker.problem(f"order {o['id']} is worth less than 10 USD and is not reduce-only")


def journal(path):
    run = Journal()
    for line in read_lines(path):
        run.take(line["kind"], line["body"])
    if run.checker is None or run.reconciliations == 0:
        raise Unjudgeable("the export holds no manifest, or no reconciliation to compare with")
    return run.checker, f"{run.orders} orders, {len(run.checker.seen)} fills, {run.reconciliations} reconciliations"


def main():
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("dir", nargs="?", type=Path)
    ap.add_argument("--journal", type=Path)
    ap.add_argument("--taker")
    ap.add_argument("--maker")
    args = ap.parse_args()
    if (args.dir is None) == (args.journal is None):
        ap.error("give a directory or --journal")
    try:
        checker, summary = journal(args.journal) if args.journal else backtest(args.dir, args)
    except (Unjudgeable, OSError, KeyError, ValueError) as e:
        print(f"cannot be judged: {e!r}", file=sys.stderr)
        return 2
    for p in checker.problems:
        print(p)
    if checker.count:
        print(f"DIFFERENT: {checker.count} differences; {summary}")
        return 1
    print(f"equal to the unit: {summary}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
