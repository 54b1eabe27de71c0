#!/usr/bin/env python3
"""Recomputes execution quality and the cost model from an exported journal, by its own rules.

usage: learn_execution.py EXPORT.jsonl FEEDBACK.json

EXPORT.jsonl comes from `zero journal export`, FEEDBACK.json from `zero execution --json`. Sums are of exact decimals, means of
floats. Standard library only; shares no code with the program, and takes from `learn_shadows.py` only reading and the
cluster bootstrap. Exit 0: all agrees. Exit 1: something differs, and it is named.
"""
import json
import sys
from collections import defaultdict
from decimal import Decimal, getcontext

from learn_shadows import DAY, HOUR, Report, cluster_mean, nanoseconds

getcontext().prec = 60
HORIZONS = (1, 4, 24)
EDGES = (1_000, 10_000, 100_000)
PARTS = ("delay", "half_spread", "impact", "timing", "opportunity", "fees", "funding")
REFUSALS_NOT = ("ioc_cancelled", "cancelled", "reduce_only_cancelled", "liquidated_cancelled")


class Order:
    def __init__(self, o, half_spread):
        self.o, self.half_spread = o, half_spread
        self.side = 1 if o["side"] == "buy" else -1
        kind = o["kind"]
        self.trigger = Decimal(kind["body"]["px"]) if kind["kind"] == "trigger" else None
        self.decision = self.trigger if self.trigger is not None else Decimal(o["reference_px"])
        self.arrival, self.sz = self.trigger, Decimal(o["sz"])
        self.fills, self.why, self.end_px, self.funding = [], None, None, Decimal(0)

    def filled(self):
        return sum((f["sz"] for f in self.fills), Decimal(0))

    def over(self):
        return self.why is not None or self.filled() >= self.sz

    def idle(self):
        return self.trigger is not None and not self.fills

    def shortfall(self):
        """Parts and whole in USD, the whole from cash flows alone; None where it has none."""
        if not self.over() or self.idle() or self.arrival is None:
            return None
        q, left = self.filled(), self.sz - self.filled()
        market = sum((f["mid"] * f["sz"] for f in self.fills), Decimal(0))
        traded = sum((f["notional"] for f in self.fills), Decimal(0))
        fees = sum((f["fee"] for f in self.fills), Decimal(0))
        spread = sum((f["mid"] * f["sz"] * self.half_spread for f in self.fills if f["taker"]), Decimal(0))
        missed = self.side * (self.end_px - self.decision) * left if left else Decimal(0)
        parts = {
            "delay": self.side * (self.arrival - self.decision) * q,
            "half_spread": spread,
            "impact": self.side * (traded - market) - spread,
            "timing": self.side * (market - self.arrival * q),
            "opportunity": missed,
            "fees": fees,
            "funding": self.funding,
        }
        cash = -self.side * traded - fees - self.funding
        paper = -self.side * self.decision * q
        return parts, paper - cash + missed, self.decision * self.sz


def follow(records):
    orders, half_spread, bars = {}, None, {}
    closes, said, fresh, holds = defaultdict(dict), [], defaultdict(list), {}
    for record in records:
        kind, b = record["kind"], record["body"]
        if kind == "manifest":
            half_spread = Decimal(b["paper"]["half_spread"])
        elif kind == "order":
            i = b["intent"]
            orders[i["id"]] = Order(i, half_spread)
            if i["kind"]["kind"] != "trigger":
                fresh[i["coin"]].append(orders[i["id"]])
        elif kind in ("fill", "ended"):
            said.append((kind, b))
        elif kind == "funding_payment":
            if (b["book"], b["coin"]) in holds:
                holds[b["book"], b["coin"]].funding -= Decimal(b["amount"])
        elif kind in ("bar_opened", "bar_closed", "funding", "timer", "reconciled", "operator"):
            coin = b.get("coin")
            opened = Decimal(b["open"]) if kind == "bar_opened" else None
            if opened is not None:
                for o in fresh.pop(coin, []):
                    o.arrival = opened
                    if o.why is not None and o.end_px is None:
                        o.end_px = opened
            for what, s in said:
                here = opened if opened is not None and s["coin"] == coin else None
                settle(orders, what, s, here, record, bars, holds)
            said = []
            if kind == "bar_opened":
                bars[coin] = (nanoseconds(b["open_time"]), int(b["interval"]), opened, opened)
            elif kind == "bar_closed":
                start, length = nanoseconds(b["open_time"]), int(b["interval"])
                bars[coin] = (start, length, Decimal(b["open"]), Decimal(b["close"]))
                closes[coin][start + length] = Decimal(b["close"])
    return list(orders.values()), closes


def settle(orders, what, s, here, record, bars, holds):
    o = orders.get(s["order"])
    if o is None:
        return
    if what == "ended":
        o.why = s["why"]
        if o.arrival is not None:
            o.end_px = here if here is not None else bars[s["coin"]][3]
        return
    time = nanoseconds(s["time"])
    if here is not None and time >= nanoseconds(record["ts"]):
        mid, start, length = here, nanoseconds(record["ts"]), int(record["body"]["interval"])
    else:
        start, length, first, last = bars[s["coin"]]
        mid = last
        if o.trigger is not None:
            gone = first <= o.trigger if s["side"] == "sell" else first >= o.trigger
            mid = first if s["cause"] == "stop" and gone else o.trigger
    o.fills.append(
        {
            "px": Decimal(s["px"]), "sz": Decimal(s["sz"]), "notional": Decimal(s["notional"]),
            "fee": Decimal(s["fee"]), "taker": s["liquidity"] == "taker", "mid": mid, "bar": start,
            "interval": length, "time": time,
        }
    )
    if o.o["purpose"] == "entry":
        holds[s["book"], s["coin"]] = o


def check_stat(report, name, found, pairs, stream):
    want = cluster_mean(pairs, stream)
    for key, w in (("value", "mean"), ("low", "low"), ("high", "high"), ("n", "n")):
        report.same(f"{name} {key}", found[key], want[w], 1e-8)


def check_shortfall(report, q, judged):
    groups = defaultdict(list)
    for o in judged:
        s = o.shortfall()
        if s is not None:
            # The identity: parts sum to the whole in exact decimals.
            report.same(f"{o.o['id']} identity", sum(s[0].values()), s[1], 1e-30)
            groups["all"].append((o, s))
            groups[o.o["purpose"]].append((o, s))
    report.same("purposes", str(sorted(q["shortfall"])), str(sorted(groups)))
    for name, found in q["shortfall"].items():
        rows = groups[name]
        bps = [(o, {k: float(v / s[2] * 10000) for k, v in s[0].items()}, float(s[1] / s[2] * 10000)) for o, s in rows]
        for part in PARTS:
            want = sum(x[1][part] for x in bps) / len(bps)
            report.same(f"{name} {part}", found["parts_bps"][part], want, 1e-8)
        report.same(f"{name} sum of parts", sum(map(float, found["parts_bps"].values())), float(found["total_bps"]["value"]), 1e-9)
        check_stat(report, f"{name} total", found["total_bps"], [((o.o["coin"], day(o)), t) for o, _, t in bps], 0)
        report.same(f"{name} usd", found["total_usd"], sum(s[1] for _, s in rows), 1e-9)
        report.same(f"{name} intended", found["intended_usd"], sum(s[2] for _, s in rows), 1e-9)


def day(o):
    return nanoseconds(o.o["decided_at"]) // DAY


def check_markouts(report, q, orders, closes):
    for name, by_horizon in q["markouts"].items():
        rows = [(o, f) for o in orders for f in o.fills if name in ("all", o.o["purpose"])]
        for h, bars in enumerate(HORIZONS):
            pairs = []
            for o, f in rows:
                close = closes[o.o["coin"]].get(f["bar"] + bars * f["interval"])
                if close is not None:
                    pairs.append(((o.o["coin"], f["time"] // DAY), float(o.side * (close - f["px"]) / f["px"] * 10000)))
            check_stat(report, f"mark-out {name} {bars}", by_horizon[f"{bars}bar"], pairs, h + 1)
        for finer in ("1s", "10s", "1m", "5m"):
            report.same(f"mark-out {name} {finer}", by_horizon[finer]["value"], None)


def moments(xs):
    mean = sum(xs) / len(xs)
    return len(xs), mean, sum((x - mean) ** 2 for x in xs)


def check_costs(report, found, judged):
    samples = []
    for o in judged:
        taken = [f for f in o.fills if f["taker"]]
        market = sum((f["mid"] * f["sz"] for f in taken), Decimal(0))
        if market > 0:
            paid = sum((o.side * (f["px"] - f["mid"]) * f["sz"] for f in taken), Decimal(0))
            value = o.decision * o.sz
            hour = taken[0]["time"] % DAY // HOUR
            cell = (o.o["coin"], int(hour), sum(value >= e for e in EDGES))
            samples.append((cell, float(paid / market * 10000)))
    if not samples:
        report.same("costs", str(found is None), "True")
        return
    _, whole, _ = moments([x for _, x in samples])
    want = {(None, None, None): (len(samples), whole, whole)}
    for level in (1, 2, 3):
        def cut(cell, level=level):
            return tuple(cell[:level]) + (None,) * (3 - level)

        def parent(cell, level=level):
            return tuple(cell[: level - 1]) + (None,) * (4 - level)

        cells = defaultdict(list)
        for cell, x in samples:
            cells[cut(cell)].append(x)
        found_moments = {c: moments(xs) for c, xs in cells.items()}
        free = len(samples) - len(cells)
        within = sum(m[2] for m in found_moments.values()) / free if free > 0 else None
        families = defaultdict(list)
        for c, m in found_moments.items():
            families[parent(c)].append(m)
        above = below = 0.0
        for family in families.values():
            n = sum(m[0] for m in family)
            mean = sum(m[0] * m[1] for m in family) / n
            above += sum(m[0] * (m[1] - mean) ** 2 for m in family) - (len(family) - 1) * (within or 0.0)
            below += n - sum(m[0] ** 2 for m in family) / n
        between = max(above / below, 0.0) if below > 0 else 0.0
        for c, (n, mean, _) in found_moments.items():
            w = n / (n + within / between) if within is not None and between > 0 else 0.0
            want[c] = (n, mean, w * mean + (1 - w) * want[parent(c)][2])
        sd = None if within is None else within**0.5
    report.same("sd_bps", found["sd_bps"], sd, 1e-7)
    report.same("cells", len(found["cells"]), len(want))
    for c in found["cells"]:
        n, mean, bps = want.get((c["coin"], c["hour"], c["size"]), (None, None, None))
        name = f"cell {c['coin']} {c['hour']} {c['size']}"
        report.same(f"{name} n", c["n"], n)
        report.same(f"{name} mean", c["mean_bps"], mean, 1e-7)
        report.same(f"{name} cost", c["cost"], None if bps is None else bps / 1e4, 1e-9)


def main():
    export, feedback = sys.argv[1:3]
    with open(export, encoding="utf-8") as f:
        records = [json.loads(line, parse_float=Decimal) for line in f]
    with open(feedback, encoding="utf-8") as f:
        packet = json.loads(f.read(), parse_float=Decimal)
    orders, closes = follow(records)
    report, q = Report(), packet["execution_quality"]
    judged = [o for o in orders if o.over() and not o.idle()]
    refused = [o for o in orders if o.why is not None and o.why not in REFUSALS_NOT]
    partial = [o for o in judged if o.why is not None and 0 < o.filled() < o.sz]
    report.same("sent", q["sent"], len(orders))
    report.same("orders", q["orders"], len(judged))
    report.same("idle", q["idle"], sum(o.over() and o.idle() for o in orders))
    report.same("reject rate", q["reject_rate"], len(refused) / len(orders) if orders else None)
    report.same("partial rate", q["partial_rate"], len(partial) / len(judged) if judged else None)
    candidates = {r["body"]["decision"]: r["body"] for r in records if r["kind"] == "candidate" and r["body"]["kind"] == "entry"}
    rejected = [c for c in candidates.values() if not c["admitted"]]
    report.same("sample size", packet["sample_size"], len(candidates))
    report.same("rejections", packet["rejections"], len(rejected))
    report.same("rejection rate", packet["rejection_rate"], len(rejected) / len(candidates) if candidates else 0)
    by_coin = defaultdict(int)
    for c in rejected:
        by_coin[c["coin"]] += 1
    report.same("by coin", str(dict(packet["by_rejection_symbol"])), str(dict(sorted(by_coin.items()))))
    report.same("fills", packet["fills"], sum(r["kind"] == "fill" for r in records))
    check_shortfall(report, q, judged)
    check_markouts(report, q, orders, closes)
    check_costs(report, q["costs"], judged)
    report.finish(f"{len(orders)} orders")


if __name__ == "__main__":
    main()
