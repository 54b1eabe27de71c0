#!/usr/bin/env python3
"""Recomputes what `zero brief`, `zero pulse`, `zero heat` and `zero session wrap` say from an exported journal.

usage: recompute_answers.py EXPORT.jsonl [--brief FILE] [--pulse FILE] [--heat FILE] [--session FILE]

EXPORT.jsonl comes from `zero journal export`, each FILE is the packet that the command printed with --json on the same journal.
Money, positions, counts, stops and the tail of events must agree to the unit; heat scores, which are floating point, to 1e-9;
a realised profit, which the ledger rounds at every close, to a unit for each fill.
Standard library only; shares no code with the program. Exit 0: all agrees. Exit 1: something differs, and every difference is
named (DIFFERENT). Exit 2: the input cannot be judged.
"""
import argparse
import json
import math
import re
import sys
from collections import defaultdict, deque
from decimal import Decimal
from fractions import Fraction

UNIT = 10**8
HOURS_PER_YEAR = 8760
VOL_HALF_LIFE = 48
REJECTIONS = {
    "tick_rejected", "size_rejected", "min_notional_rejected", "margin_rejected", "reduce_only_rejected",
    "post_only_rejected", "bad_trigger_rejected", "unknown_instrument", "too_many_open_orders", "duplicate_rejected",
    "unknown",
}
BREAKER_SEVERITY = {
    "operator_pause": "info", "auto_off": "info", "flattening": "info", "stale_market_data": "warn", "operator_inactivity": "warn", "order_velocity": "warn",
    "max_exposure": "warn", "fee_burn": "warn",
}
WARNING_ACTS = {"flatten", "pause_entries", "clear_latch"}


def read(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in f if line.strip()]


def units(x):
    return int(Decimal(x) * UNIT)


def half_even(num, den):
    q, r = divmod(num, den)
    return q + 1 if 2 * r > den or (2 * r == den and q % 2) else q


def value(px, sz):
    """Notional in units of 1e-8 of a price and a size in the same."""
    n = px * sz
    return half_even(n, UNIT) if n >= 0 else -half_even(-n, UNIT)


def text(n):
    """A fixed point number as the program prints it."""
    s = format(Decimal(n) / UNIT, "f")
    return s.rstrip("0").rstrip(".") if "." in s else s


class Features:
    """EWMA volatility, trend t and funding mean of one coin, after their published definitions."""

    def __init__(self, lookback, window):
        self.lookback, self.closes, self.rates = lookback, deque(maxlen=lookback + 1), deque(maxlen=window)
        self.variance, self.seen, self.last = 0.0, 0, None

    def bar(self, close):
        if self.last is not None:
            r = math.log(close / self.last)
            if self.seen < VOL_HALF_LIFE:
                self.variance += r * r
                self.seen += 1
                if self.seen == VOL_HALF_LIFE:
                    self.variance /= VOL_HALF_LIFE
            else:
                decay = 2.0 ** (-1.0 / VOL_HALF_LIFE)
                self.variance = decay * self.variance + (1.0 - decay) * r * r
        self.last = close
        self.closes.append(close)

    def gap(self):
        self.__init__(self.lookback, self.rates.maxlen)

    def trend(self):
        if len(self.closes) <= self.lookback or self.seen < VOL_HALF_LIFE or self.variance <= 0.0:
            return None
        return math.log(self.closes[-1] / self.closes[0]) / (math.sqrt(self.variance) * math.sqrt(self.lookback))

    def funding(self):
        if len(self.rates) < self.rates.maxlen:
            return None
        return sum(self.rates) / len(self.rates) * HOURS_PER_YEAR


class Run:
    """The account, folded from facts."""

    def __init__(self):
        self.cash, self.held, self.marks, self.orders = 0, defaultdict(int), {}, {}
        self.accepted, self.open_breakers = set(), {}
        self.candidates = self.admitted = self.fills = self.order_count = self.rejects = 0
        self.fees = self.funding = 0

    def copy(self):
        other = Run()
        for k, v in self.__dict__.items():
            setattr(other, k, v.copy() if hasattr(v, "copy") else v)
        return other

    def fold(self, r):
        kind, b = r["kind"], r["body"]
        if kind in ("bar_opened", "bar_closed"):
            self.marks[b["coin"]] = units(b["open" if kind == "bar_opened" else "close"])
        elif kind == "mark":
            self.marks[b["coin"]] = units(b["px"])
        elif kind == "order":
            i = b["intent"]
            self.orders[i["id"]] = {"open": units(i["sz"]), **i}
            self.order_count += 1
        elif kind == "accepted":
            self.accepted.add(b["order"])
        elif kind == "ended":
            self.orders.pop(b["order"], None)
            self.rejects += b["why"] in REJECTIONS
        elif kind == "fill":
            sign = 1 if b["side"] == "buy" else -1
            self.held[(b["book"], b["coin"])] += sign * units(b["sz"])
            self.cash -= sign * units(b["notional"]) + units(b["fee"])
            self.fees += units(b["fee"])
            self.fills += 1
            o = self.orders.get(b["order"])
            if o:
                o["open"] -= units(b["sz"])
                if o["open"] <= 0:
                    del self.orders[b["order"]]
        elif kind == "funding_payment":
            self.cash += units(b["amount"])
            self.funding += units(b["amount"])
        elif kind in ("transfer", "backstop"):
            self.cash += units(b["amount"])
        elif kind == "breaker":
            self.open_breakers[b["name"]] = b["open"]
        elif kind == "candidate":
            self.candidates += 1
            self.admitted += b["admitted"]

    def legs(self):
        return {k: v for k, v in self.held.items() if v}

    def is_flat(self):
        return not self.legs() and all(o["purpose"] != "entry" for o in self.orders.values())

    def equity(self):
        return self.cash + sum(value(self.marks[c], s) for (_, c), s in self.legs().items())

    def net(self):
        out = defaultdict(int)
        for (_, coin), s in self.held.items():
            out[coin] += s
        return out

    def worst_gross(self, accounts):
        """Every entry under way fills, and any book may be out of its position first."""
        legs = [(book, coin, s) for (book, coin), s in self.legs().items()]
        for o in self.orders.values():
            if o["purpose"] == "entry":
                legs.append((o["book"], o["coin"], o["open"] if o["side"] == "buy" else -o["open"]))
        sides = defaultdict(lambda: [0, 0])
        for book, coin, s in legs:
            sides[accounts[book], coin][s < 0] += abs(s)
        return sum(value(self.marks[coin], max(both)) for (_, coin), both in sides.items())

    def stop(self, book, coin):
        for o in self.orders.values():
            k = o["kind"]
            if (o["book"], o["coin"]) == (book, coin) and o["purpose"] == "stop" and k["kind"] == "trigger":
                return o["open"], units(k["body"]["px"]), o["id"]
        return None

    def open_names(self):
        return {n for n, is_open in self.open_breakers.items() if is_open}


class Judge:
    def __init__(self):
        self.problems = []

    def expect(self, what, found, wanted, tolerance=0):
        same = abs(found - wanted) <= tolerance if tolerance and None not in (found, wanted) else found == wanted
        if not same:
            self.problems.append(f"{what}: found {found}, recomputed {wanted}")


def check_brief(j, p, run, records, symbols, accounts):
    e = p["exposure"]
    legs = run.legs()
    j.expect("equity", units(e["equity"]), run.equity())
    values = {k: value(run.marks[k[1]], s) for k, s in legs.items()}
    # Books of one account may hold opposite sides of a coin: what the venue sees is their sum.
    nets = defaultdict(int)
    for (book, coin), s in legs.items():
        nets[accounts[book], coin] += s
    gross = sum(abs(value(run.marks[coin], s)) for (_, coin), s in nets.items())
    j.expect("gross", units(e["gross_usd"]), gross)
    j.expect("worst gross", units(e["worst_gross_usd"]), run.worst_gross(accounts))
    j.expect("net", units(e["net_usd"]), sum(values.values()))
    j.expect("open positions", int(p["open_positions"]), len({c for _, c in legs}))
    j.expect("breakers", {b["name"] for b in p["breakers"]}, run.open_names())
    c = p["last_cycle"]
    j.expect("decisions", int(c["decisions"]), run.candidates)
    j.expect("rejections", int(c["rejections"]), run.candidates - run.admitted)
    j.expect("fills", int(c["fills"]), run.fills)
    loss, whole = 0, True
    found = {(x["book"], x["coin"]): x for x in p["protection"]}
    j.expect("protected legs", set(found), set(legs))
    for k, s in legs.items():
        stop = run.stop(*k)
        covered, px, order = stop or (0, None, None)
        holds = order in run.accepted and covered >= abs(s)
        whole &= holds
        if stop is None or covered < abs(s):
            loss = None
        elif loss is not None:
            loss += values[k] - value(px, s)
        x = found.get(k)
        if x:
            shown = (units(x["position"]), units(x["covered"]), x["stop"] and units(x["stop"]), x["order"], x["holds"])
            j.expect(f"protection of {k}", shown, (s, covered, px, order, holds))
    j.expect("protected", p["protected"], whole)
    j.expect("loss at stops", e["loss_at_stops_usd"] and units(e["loss_at_stops_usd"]), loss)
    held = {x["symbol"]: units(x["size"]) for x in p["positions"]}
    net = run.net()
    j.expect("positions", held, {c: abs(net[c]) for c in {c for _, c in legs}})
    changed = p["changed"]
    if changed is not None:
        then, facts = Run(), [r for r in records if r["class"] == "fact" or r["kind"] == "candidate"]
        start(then, records)
        for r in facts:
            if r["seq"] < changed["since_seq"]:
                then.fold(r)
        for name, now, was in [
            ("decisions", run.candidates, then.candidates), ("admitted", run.admitted, then.admitted),
            ("fills", run.fills, then.fills), ("orders", run.order_count, then.order_count),
            ("rejects", run.rejects, then.rejects),
        ]:
            j.expect(f"{name} since", int(changed[name]), now - was)
        j.expect("fees since", units(changed["fees"]), run.fees - then.fees)
        j.expect("funding since", units(changed["funding"]), run.funding - then.funding)
        j.expect("equity then", units(changed["equity_then"]), then.equity())
        j.expect("equity since", units(changed["equity_change"]), run.equity() - then.equity())
        before = then.net()
        moved = [f"{c} {text(before[c])} -> {text(net[c])}" for c in symbols if before[c] != net[c]]
        j.expect("positions since", changed["positions"], moved)


def severity(r):
    kind, b = r["kind"], r["body"]
    if kind == "candidate":
        return "info" if b["admitted"] else "warn"
    if kind == "order":
        return "warn" if b["intent"]["purpose"] == "emergency" else "info"
    if kind == "breaker":
        return BREAKER_SEVERITY.get(b["name"], "critical") if b["open"] else "info"
    if kind == "fill":
        return {"liquidation": "critical", "stop": "warn"}.get(b["cause"], "info")
    if kind == "ended":
        return "warn" if b["why"] in REJECTIONS else "info"
    if kind == "operator":
        return "critical" if b["action"] == "kill" else "warn" if b["action"] in WARNING_ACTS else "info"
    if kind == "friction":
        return "info" if b["verdict"] == "admitted" else "warn"
    if kind == "settings":
        return "warn" if b["increases"] else "info"
    return {"gap": "warn", "backstop": "critical"}.get(kind, "info")


def check_pulse(j, p, records):
    names = {"candidate": "decision", "manifest": "start"}
    shown = {"candidate", "order", "breaker", "fill", "ended", "operator", "transfer", "gap", "settings", "manifest", "end", "backstop", "friction"}
    told = [r for r in records if r["kind"] in shown and r["body"].get("action") != "disk_report"]
    tail = told[-len(p["events"]):][::-1] if p["events"] else []
    j.expect("count", int(p["count"]), len(tail))
    for e, r in zip(p["events"], tail):
        b = r["body"]
        i = b["intent"] if r["kind"] == "order" else b
        ids = {"candidate": "decision", "order": "id", "fill": "order", "ended": "order"}
        wanted = (
            int(r["seq"]), names.get(r["kind"], r["kind"]), i.get("coin"), severity(r),
            *clocks(r["kind"], b, r),
            i[ids[r["kind"]]] if r["kind"] in ids else None,
        )
        found = (int(e["seq"]), e["kind"], e["coin"], e["severity"], e["ts"], e["wall_ts"], e["trace_id"])
        j.expect(f"event {r['seq']}", found, wanted)
    times = [e["ts"] for e in p["events"] if e["ts"] is not None]
    j.expect("newest first", times, sorted(times, reverse=True))


def clocks(kind, b, r):
    """The market's time of what is told, and that of a clock at the rim: never one in the place of the other."""
    if kind == "settings":
        return None, None
    if kind in ("manifest", "end", "friction"):
        return None, b["started" if kind == "manifest" else "time"]
    if kind == "order":
        return b["intent"]["decided_at"], None
    read = b["at"] if kind == "operator" and not b["at"].startswith("1970-01-01T00:00:00") else None
    return r["ts"], read


def params(spec):
    """Constants of a strategy. Of a document they are read from its conditions, and a rate is meant per hour there."""
    if "; " not in spec["params"]:
        return dict(p.split("=") for p in spec["params"].split())
    fields = dict(p.split("=", 1) for p in spec["params"].split("; "))
    trend = re.fullmatch(r"trend_t\((\d+), 48\) >= ([\d.]+)", fields["entry.long"])
    carry = re.fullmatch(r"annual\(funding_mean\((\d+)\)\) >= ([\d.]+)pa", fields["entry.short"])
    if trend:
        return {"lookback": trend[1], "entry_z": trend[2]}
    return {"window_hours": carry[1], "entry_annual": carry[2], "unit": 8760}


def features_of(records, manifest, symbols):
    """Every coin's features at the end, and the books with their strategies and parameters."""
    books = []
    for b, s in zip(manifest["kernel"]["books"], manifest["strategies"]):
        books.append((b["name"], s["name"], params(s)))
    lookback = next((int(q["lookback"]) for _, n, q in books if n == "trend"), 168)
    window = next((int(q["window_hours"]) for _, n, q in books if n == "carry"), 72)
    features = {c: Features(lookback, window) for c in symbols}
    for r in records:
        b = r["body"]
        if r["kind"] == "bar_closed":
            features[b["coin"]].bar(float(b["close"]))
        elif r["kind"] == "funding":
            features[b["coin"]].rates.append(float(b["rate"]))
        elif r["kind"] == "gap":
            features[b["coin"]].gap()
    return features, books


def check_approaching(j, shown, features, books, run, symbols):
    """First passage of a driftless random walk within a day of hourly bars, by the complementary error function."""
    wanted = {}
    for coin in symbols:
        for name, strategy, q in books:
            x = features[coin].trend() if strategy == "trend" else None
            if x is None or run.held[(name, coin)]:
                continue
            missing = float(q["entry_z"]) - abs(x)
            if missing > 0:
                sigmas = missing * math.sqrt(float(q["lookback"])) / math.sqrt(24)
                wanted[(name, coin)] = math.erfc(sigmas / math.sqrt(2))
    found = {(a["book"], a["coin"]): float(a["probability"]) for a in shown if a["probability"] is not None}
    j.expect("coins that approach", set(found), set(wanted))
    for k in set(found) & set(wanted):
        j.expect(f"probability of {k}", found[k], wanted[k], 1e-9)


def check_heat(j, p, run, features, books, symbols):
    wanted = []
    for coin in symbols:
        best = None
        for name, strategy, q in books:
            f = features[coin]
            x = f.trend() if strategy == "trend" else f.funding() if strategy == "carry" else None
            z = float(q.get("entry_z" if strategy == "trend" else "entry_annual", 0) or 0)
            if x is None or z == 0:
                continue
            up = x >= 0
            side = "LONG" if up == (strategy == "trend") else "SHORT"
            if best is None or abs(x) / z > best[0]:
                best = (abs(x) / z, name, side, max(0.0, z - abs(x)) / q.get("unit", 1))
        wanted.append((coin, best))
    wanted.sort(key=lambda w: -w[1][0] if w[1] else math.inf)
    net = run.net()
    j.expect("order of coins", [c["coin"] for c in p["coins"]], [c for c, _ in wanted])
    for shown, (coin, best) in zip(p["coins"], wanted):
        if best is None:
            j.expect(f"score of {coin}", shown["score"], None)
            j.expect(f"reason for {coin}", shown["unknown"] is not None, True)
            continue
        score, book, side, distance = best
        j.expect(f"score of {coin}", float(shown["score"]), score, 1e-9)
        j.expect(f"book and side of {coin}", (shown["book"], shown["direction"]), (book, side))
        j.expect(f"distance of {coin}", float(shown["threshold"]["distance"]), distance, 1e-9)
        j.expect(f"holding of {coin}", units(shown["holding"]), net[coin])
        away = any("away from its threshold" in b for b in shown["blockers"])
        j.expect(f"threshold in the way of {coin}", away, distance > 0)
        j.expect(f"breakers in the way of {coin}", "breakers" in shown["blockers"], bool(run.open_names()))
        same = run.held[(book, coin)] * (1 if side == "LONG" else -1) > 0
        j.expect(f"{coin} held already", "held already" in shown["blockers"], same)


class Session:
    """One stretch between two acts, in a run that was never interrupted by another."""

    def __init__(self):
        self.cost, self.count, self.realised = defaultdict(Fraction), defaultdict(int), Fraction(0)

    def fold(self, r, held):
        """Average cost: a close realises its price against the mean price of what was held, the rest becomes anew."""
        kind, b = r["kind"], r["body"]
        if kind == "fill":
            k, sz = (b["book"], b["coin"]), units(b["sz"]) * (1 if b["side"] == "buy" else -1)
            px, before = Fraction(units(b["notional"]), units(b["sz"])), held[k]
            closed = 0 if before * sz >= 0 else max(-abs(before), -abs(sz)) * (1 if before > 0 else -1)
            profit = Fraction(0)
            if closed:
                out = self.cost[k] * Fraction(closed, before)
                profit = -closed * px + out
                self.cost[k] += out
            self.cost[k] += (sz - closed) * px
            self.realised += profit
            self.count["wins"] += profit > 0
            self.count["losses"] += profit < 0
            self.count["fills"] += 1
            self.count["stops"] += b["cause"] == "stop"
        elif kind == "candidate":
            self.count["candidates"] += 1
            self.count["admitted"] += b["admitted"]
        elif kind == "breaker":
            self.count["breakers_opened"] += b["open"]


def check_session(j, p, records):
    s, run, kept = p["session"], Run(), Session()
    start(run, records)
    reading = lambda: (run.equity(), kept.realised, run.fees, run.funding, dict(kept.count), len({c for _, c in run.legs()}))
    first = final = None
    ended = False
    for r in records:
        act = r["body"]["action"] if r["kind"] == "operator" else None
        if act == "session_start":
            first = reading()
        kept.fold(r, run.held)
        run.fold(r)
        ended = ended or act == "session_end"
        # The policy is to flatten: what it held is closed after the end, and belongs to it.
        if ended and final is None and run.is_flat():
            final = reading()
    found = s["result"]
    j.expect("how the session was left", found["settlement"], "flat" if final else "not yet flat")
    (equity, realised, fees, funding, counts, _), (last, made, paid, got, counted, held) = first, final or reading()
    j.expect("session's equity at its beginning", units(found["equity_from"]), equity)
    j.expect("session's equity at its end", units(found["equity_to"]), last)
    j.expect("session's fees", units(found["fees"]), paid - fees)
    j.expect("session's funding", units(found["funding"]), got - funding)
    j.expect("session's change of equity", units(found["equity_change"]), last - equity)
    j.expect("session's positions", int(found["positions"]), held)
    for name in ("wins", "losses", "fills", "stops", "candidates", "admitted", "breakers_opened"):
        j.expect(f"session's {name}", int(found[name]), counted.get(name, 0) - counts.get(name, 0))
    j.expect("session's realised profit", units(found["realised"]), float(made - realised), counted["fills"])


def start(run, records):
    manifest = next(r["body"] for r in records if r["kind"] == "manifest")
    run.cash = sum(units(b["initial"]) for b in manifest["kernel"]["books"])
    return manifest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("export")
    for name in ("brief", "pulse", "heat", "session"):
        parser.add_argument(f"--{name}")
    args = parser.parse_args()
    records = read(args.export)
    run, j = Run(), Judge()
    manifest = start(run, records)
    symbols = [i["symbol"] for i in manifest["universe"]]
    for r in records:
        run.fold(r)
    features, books = features_of(records, manifest, symbols)
    if args.brief:
        brief = read(args.brief)[0]
        accounts = {b["book"]: b["account"] for b in manifest["kernel"]["books"]}
        check_brief(j, brief, run, records, symbols, accounts)
        check_approaching(j, brief["approaching"], features, books, run, symbols)
    if args.pulse:
        check_pulse(j, read(args.pulse)[0], records)
    if args.heat:
        check_heat(j, read(args.heat)[0], run, features, books, symbols)
    if args.session:
        check_session(j, read(args.session)[0], records)
    for p in j.problems[:20]:
        print(f"DIFFERENT {p}")
    if not j.problems:
        print(f"agrees: {len(records)} records, {run.fills} fills, {len(run.legs())} legs")
    return 1 if j.problems else 0


if __name__ == "__main__":
    sys.exit(main())
