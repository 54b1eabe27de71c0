#!/usr/bin/env python3
"""Recomputes shadow outcomes, gate values and near misses from an exported journal, by its own fill and exit rules.

usage: learn_shadows.py EXPORT.jsonl GATES.json MISSES.json

EXPORT.jsonl comes from `zero journal export`, GATES.json from `zero learn gates --json`, MISSES.json from
`zero near-misses --delta 1e9 --limit 10000 --json`, which lists every measurable rejection. Money is an integer count of
1e-8, rates of 1e-12; products are exact and rounded once, half to even. Standard library only; shares no code with the
program. Exit 0: all agrees. Exit 1: something differs, and it is named.
"""
import json
import math
import re
import sys
from collections import defaultdict
from datetime import datetime, timezone
from decimal import Decimal

UNIT, RATE = 10**8, 10**12
HOUR, DAY = 3600 * 10**9, 86400 * 10**9
TOLERANCE = 1e-9


def half_even(num, den):
    q, r = divmod(num, den)
    return q + 1 if 2 * r > den or (2 * r == den and q % 2) else q


def units(value, scale=UNIT):
    return None if value is None else int(Decimal(value) * scale)


def nanoseconds(text):
    head, _, rest = text.rstrip("Z").partition(".")
    whole = int(datetime.fromisoformat(head).replace(tzinfo=timezone.utc).timestamp())
    return whole * 10**9 + int((rest + "0" * 9)[:9])


def notional(px, sz):
    return half_even(px * sz, UNIT)


def rated(amount, rate):
    return half_even(amount * rate, RATE)


class Grid:
    def __init__(self, decimals):
        self.decimals, self.lot = decimals, 10 ** (8 - decimals)

    def tick(self, px):
        magnitude = len(str(max(px, 1))) - 9
        return 10 ** (8 - min(max(4 - magnitude, 0), max(6 - self.decimals, 0)))

    def adverse(self, px, buy):
        tick = self.tick(px)
        down = px // tick * tick
        return max(down + tick if buy and down != px else down, tick)


class Coin:
    """What venue and strategies know of a coin."""

    def __init__(self, grid, lookback, window):
        self.grid = grid
        self.close = self.volume = None
        self.variance, self.turnover, self.interval = 0.0, 0.0, HOUR
        self.lookback, self.window = lookback, window
        self.closes, self.rates = [], []
        self.sigma2, self.returns, self.funded = 0.0, 0, None

    def learn(self, bar):
        traded = bar["close"] / UNIT * (bar["volume"] / UNIT)
        w = 1.0 - 2.0 ** (-1.0 / 48.0)
        if self.close is not None:
            r = math.log((bar["close"] / UNIT) / (self.close / UNIT))
            self.variance += w * (r * r - self.variance)
            self.turnover += w * (traded - self.turnover)
            self.step(r)
        else:
            self.turnover = traded
        self.close, self.volume, self.interval = bar["close"], bar["volume"], bar["interval"]
        self.closes = (self.closes + [bar["close"]])[-(self.lookback + 1):]

    def step(self, r):
        """EWMA variance around zero, seeded with the mean square of the first 48 returns."""
        if self.returns < 48:
            self.sigma2 += r * r
            self.returns += 1
            if self.returns == 48:
                self.sigma2 /= 48
        else:
            d = 2.0 ** (-1.0 / 48.0)
            self.sigma2 = d * self.sigma2 + (1.0 - d) * r * r

    def trend(self):
        if len(self.closes) <= self.lookback or self.returns < 48:
            return None
        return math.log(self.closes[-1] / self.closes[0]) / math.sqrt(self.sigma2 * self.lookback)

    def carry(self):
        if len(self.rates) < self.window or self.returns < 48:
            return None
        return sum(self.rates[-self.window:]) / self.window * 8760


class Venue:
    def __init__(self, paper):
        self.taker = units(paper["fees"]["taker"], RATE)
        self.half_spread = units(paper["half_spread"], RATE)
        self.impact = float(paper["impact"])
        self.share = units(paper["participation"], RATE)
        self.latency = int(paper["latency"])

    def price(self, coin, px, buy, sz, late):
        slip = self.half_spread + round(late * RATE)
        if self.impact > 0 and coin.turnover > 0 and coin.variance > 0:
            per_day = DAY / coin.interval
            part = notional(px, sz) / UNIT / (coin.turnover * per_day)
            extra = min(self.impact * math.sqrt(coin.variance * per_day) * math.sqrt(part), 0.05)
            slip += round(extra * RATE)
        if slip == 0:
            return px
        worse = half_even(px * (RATE + (slip if buy else -slip)), RATE)
        return coin.grid.adverse(max(worse, 1), buy)

    def late(self, coin):
        part = self.latency / max(coin.interval, 1)
        return 0.0 if part <= 0 else min(math.sqrt(coin.variance * min(part, 1.0)), 0.05)

    def capacity(self, coin):
        if self.share is None:
            return 10**18
        return rated(coin.volume or 0, self.share) // coin.grid.lot * coin.grid.lot


def constants(strategy):
    """Of a document they are read from its conditions: those of the two that are recomputed here."""
    if "; " not in strategy["params"]:
        return dict(p.split("=") for p in strategy["params"].split())
    fields = dict(p.split("=", 1) for p in strategy["params"].split("; "))

    def last(key, pattern):
        return re.fullmatch(pattern, fields[key]).groups()

    if strategy["name"] == "trend":
        n, entry = last("entry.long", r"trend_t\((\d+), 48\) >= ([\d.]+)")
        (leave,) = last("exit.signal_long", rf"trend_t\({n}, 48\) <= \(?(-?[\d.]+)\)?")
        return {"lookback": n, "entry_z": entry, "exit_z": leave}
    n, entry = last("entry.short", r"annual\(funding_mean\((\d+)\)\) >= ([\d.]+)pa")
    (leave,) = last("exit.signal_short", rf"annual\(funding_mean\({n}\)\) < \(?(-?[\d.]+)pa\)?")
    return {"window_hours": n, "entry_annual": entry, "exit_annual": leave}


def wants_out(strategy, coin, sign):
    """Does the strategy leave a position of this sign?"""
    p = strategy["params"]
    if strategy["name"] == "trend":
        t = coin.trend()
        if t is None or t * sign > float(p["exit_z"]):
            return False
        wants_in = abs(t) >= float(p["entry_z"])
        return not wants_in or (1 if t >= 0 else -1) != sign
    annual = coin.carry()
    if annual is None or -annual * sign >= float(p["exit_annual"]):
        return False
    wants_in = abs(annual) >= float(p["entry_annual"])
    return not wants_in or (-1 if annual > 0 else 1) != sign


class Shadow:
    def __init__(self, trace, venue, coin, strategy):
        self.trace, self.venue, self.coin, self.strategy = trace, venue, coin, strategy
        self.buy = trace["side"] == "buy"
        self.sign = 1 if self.buy else -1
        self.time = nanoseconds(trace["time"])
        self.deadline = self.time + int(trace["horizon"])
        self.base = units(trace["base_sz"])
        stop = trace["stop"]
        self.stop_rate = None if stop is None else round(min(float(stop), 0.9) * RATE)
        self.held = self.cash = self.fees = self.funding = self.value = 0
        self.stop = None
        self.entry_waits, self.leaves = True, None
        self.entered = self.left = self.why = None
        self.status = "unresolved" if self.base > 0 else "unjudged"

    def trade(self, px, sz, buy, time):
        worth = notional(px, sz)
        fee = rated(worth, self.venue.taker)
        self.cash -= (worth if buy else -worth) + fee
        self.fees += fee
        self.held += sz if buy else -sz
        return worth

    def enter(self, open_px, time):
        self.entry_waits = False
        sz = min(self.base, self.venue.capacity(self.coin))
        if sz == 0:
            self.status = "unfilled"
            return
        arrives = self.time + self.venue.latency
        late = self.venue.late(self.coin) if arrives > time else 0.0
        px = self.venue.price(self.coin, open_px, self.buy, sz, late)
        self.value = self.trade(px, sz, self.buy, time)
        self.entered = max(time, arrives)
        if self.stop_rate:
            raw = px - self.sign * rated(px, self.stop_rate)
            # Towards the entry: up below it, down above it.
            trigger = self.coin.grid.adverse(max(raw, 1), self.buy)
            assert (trigger < px) == self.buy and trigger != px, "no price for a stop: not expected here"
            self.stop = (trigger, time + self.venue.latency)

    def leave(self, open_px, time):
        decided, self.leaves = self.leaves, None
        sz = min(abs(self.held), self.venue.capacity(self.coin))
        if sz == 0:
            return
        arrives = decided + self.venue.latency
        late = self.venue.late(self.coin) if arrives > time else 0.0
        px = self.venue.price(self.coin, open_px, not self.buy, sz, late)
        self.trade(px, sz, not self.buy, time)
        cause = "horizon" if decided >= self.deadline else "strategy"
        self.after_exit(max(time, arrives), cause)

    def fire(self, px, time):
        sz = abs(self.held)
        self.trade(self.venue.price(self.coin, px, not self.buy, sz, 0.0), sz, not self.buy, time)
        self.after_exit(time, "stop")

    def after_exit(self, time, cause):
        self.left, self.why = time, cause
        if self.held == 0:
            self.status = "closed"

    def beyond(self, px):
        trigger, _ = self.stop
        return px <= trigger if self.buy else px >= trigger

    def opened(self, px, time):
        if self.held and self.stop and self.stop[1] <= time and self.beyond(px):
            self.fire(px, time)
            return
        if self.entry_waits:
            self.enter(px, time)
        elif self.leaves is not None and self.held:
            self.leave(px, time)

    def inside(self, bar):
        if not self.held or not self.stop or self.stop[1] >= bar["open_time"] + bar["interval"]:
            return
        if self.beyond(bar["low"] if self.buy else bar["high"]):
            # The venue stamps it inside the bar; holds are only compared by the day, and a bar ends no later than its day.
            px = bar["open"] if self.beyond(bar["open"]) else self.stop[0]
            self.fire(px, bar["open_time"] + bar["interval"])

    def paid(self, oracle, rate):
        if self.held:
            amount = -rated(notional(oracle, self.held), rate)
            self.cash += amount
            self.funding -= amount

    def timer(self, now):
        if self.held and self.leaves is None:
            if now >= self.deadline or wants_out(self.strategy, self.coin, self.sign):
                self.leaves = now

    def r(self):
        if self.status != "closed" or not self.stop_rate:
            return None
        return self.cash / rated(self.value, self.stop_rate)


def replay(records):
    """Every shadow, by decision."""
    coins, venue, strategies, names, books = {}, None, {}, [], []
    shadows, open_shadows, waiting, pending = {}, [], [], []
    for record in records:
        kind, b = record["kind"], record["body"]
        if kind == "manifest":
            if venue is not None:
                raise SystemExit("one epoch is expected")
            venue, names = Venue(b["paper"]), b["gates"]
            params = [constants(s) for s in b["strategies"]]
            books = [x["name"] for x in b["kernel"]["books"]]
            for name, s, p in zip(books, b["strategies"], params):
                strategies[name] = {"name": s["name"], "params": p}
            lookback = max(int(p.get("lookback", 1)) for p in params)
            window = max(int(p.get("window_hours", 1)) for p in params)
            for i in b["universe"]:
                coins[i["symbol"]] = Coin(Grid(int(i["sz_decimals"])), lookback, window)
            continue
        if kind == "candidate" and b["kind"] == "entry" and b["decision"] not in shadows:
            s = Shadow(b, venue, coins[b["coin"]], strategies[b["book"]])
            shadows[b["decision"]] = s
            waiting.append(s)
        if kind not in ("bar_opened", "bar_closed", "funding", "timer"):
            continue
        if kind == "bar_closed":
            px = {k: units(b[k]) for k in ("open", "high", "low", "close", "volume")}
            bar = {**px, "open_time": nanoseconds(b["open_time"]), "interval": int(b["interval"])}
            pending.append((b["coin"], bar))
            continue
        for name, bar in pending:
            for s in open_shadows:
                if s.coin is coins[name]:
                    s.inside(bar)
            coins[name].learn(bar)
        pending = []
        now = nanoseconds(record["ts"])
        if kind == "funding":
            coin, rate = coins[b["coin"]], units(b["rate"], RATE)
            coin.rates = (coin.rates + [rate / RATE])[-coin.window:]
            oracle = half_even(coin.close * RATE, RATE + units(b["premium"], RATE))
            for s in open_shadows:
                if s.coin is coin:
                    s.paid(oracle, rate)
        elif kind == "timer":
            for s in open_shadows:
                s.timer(now)
            open_shadows += [s for s in waiting if s.status == "unresolved"]
            waiting = []
        else:
            for s in open_shadows:
                if s.coin is coins[b["coin"]]:
                    s.opened(units(b["open"]), now)
        open_shadows = [s for s in open_shadows if s.status == "unresolved"]
    return shadows, names


def philox(counter, key):
    m = 0xFFFFFFFF
    c, k = list(counter), list(key)
    for rnd in range(10):
        if rnd:
            k = [(k[0] + 0x9E3779B9) & m, (k[1] + 0xBB67AE85) & m]
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & m, (p0 >> 32) ^ c[3] ^ k[1], p0 & m]
    return c


def below(seed, stream, counter, n):
    """An index in 0..n and the counter after it."""
    m = 0xFFFFFFFF
    threshold = (2**64 - n) % n
    while True:
        w = philox([counter & m, counter >> 32, stream & m, stream >> 32], [seed & m, seed >> 32])
        counter += 1
        wide = (w[0] | w[1] << 32) * n
        if wide % 2**64 >= threshold:
            return wide >> 64, counter


def quantile(xs, p):
    h = p * (len(xs) - 1)
    i = math.floor(h)
    return xs[i] + (h - i) * (xs[min(i + 1, len(xs) - 1)] - xs[i])


def estimate(cells):
    g, n = len(cells), sum(c[1] for c in cells)
    mean = sum(c[0] for c in cells) / n
    return mean, math.sqrt(g / (g - 1) * sum((c[0] - mean * c[1]) ** 2 for c in cells)) / n


def cluster_mean(pairs, stream, replicates=2000, seed=0x4C454152):
    by_key = defaultdict(lambda: [0.0, 0])
    for key, value in pairs:
        by_key[key][0] += value
        by_key[key][1] += 1
    cells = [by_key[k] for k in sorted(by_key)]
    n = sum(c[1] for c in cells)
    out = {"n": n, "clusters": len(cells), "mean": sum(c[0] for c in cells) / n if n else None}
    out |= {"low": None, "high": None, "p": None}
    if len(cells) < 10:
        return out
    mean, se = estimate(cells)
    if se <= 0:
        return out
    t = []
    for r in range(replicates):
        counter, drawn = r << 32, []
        for _ in cells:
            i, counter = below(seed, stream, counter, len(cells))
            drawn.append(cells[i])
        m, s = estimate(drawn)
        if s > 0:
            t.append((m - mean) / s)
    t.sort()
    out["low"], out["high"] = mean - quantile(t, 0.975) * se, mean - quantile(t, 0.025) * se
    t0 = mean / se
    least = min(sum(v <= t0 for v in t), sum(v >= t0 for v in t)) + 1
    out["p"] = min(2 * least / (len(t) + 1), 1.0)
    return out


def doubtful(shadows, coins, stretch, stream):
    """The mean by the more doubtful of two clusterings."""
    known = [(coins[s.trace["coin"]], s.time // stretch, s.r()) for s in shadows if s.r() is not None]
    by_coin = cluster_mean((((c, t), r) for c, t, r in known), stream)
    by_time = cluster_mean(((t, r) for _, t, r in known), stream)
    both = by_coin["p"] is not None and by_time["p"] is not None
    return by_coin if both and by_coin["p"] > by_time["p"] else by_time


class Report:
    def __init__(self):
        self.problems = []

    def same(self, what, found, wanted, tolerance=TOLERANCE):
        if found is None or wanted is None:
            if found is not wanted:
                self.problems.append(f"{what}: found {found}, recomputed {wanted}")
        elif isinstance(wanted, str) or isinstance(found, str):
            if found != wanted:
                self.problems.append(f"{what}: found {found}, recomputed {wanted}")
        elif not abs(float(found) - float(wanted)) <= tolerance * max(1.0, abs(float(wanted))):
            self.problems.append(f"{what}: found {found}, recomputed {wanted}")

    def finish(self, what):
        for p in self.problems[:20]:
            print("DIFFERENT:", p)
        print(f"{what}: {'all agree' if not self.problems else f'{len(self.problems)} differences'}")
        raise SystemExit(1 if self.problems else 0)


def benjamini_hochberg(p):
    order, out, least = sorted(range(len(p)), key=lambda i: p[i]), [1.0] * len(p), 1.0
    for rank in range(len(p), 0, -1):
        least = min(least, p[order[rank - 1]] * len(p) / rank)
        out[order[rank - 1]] = least
    return out


def failing(s):
    return [g for g in s.trace["gates"] if g["truth"] != "true"]


def check_gates(report, packet, shadows, names, coins):
    holds = [s.left - s.time for s in shadows.values() if s.status == "closed"]
    days = (max(holds + [1]) - 1) // DAY + 1
    report.same("cluster_days", packet["cluster_days"], days)
    values = []
    for i, g in enumerate(packet["gates"]):
        alone = [s for s in shadows.values() if [f["gate"] for f in failing(s)] == [i]]
        want = doubtful(alone, coins, days * DAY, i + 1)
        values.append(want)
        report.same(f"{names[i]} name", g["gate"], names[i])
        report.same(f"{names[i]} rejected", g["rejected"], sum(any(f["gate"] == i for f in failing(s)) for s in shadows.values()))
        report.same(f"{names[i]} alone", g["alone"], len(alone))
        report.same(f"{names[i]} without outcome", g["without_outcome"], len(alone) - want["n"])
        report.same(f"{names[i]} clusters", g["clusters"], want["clusters"])
        report.same(f"{names[i]} p", g["p"], want["p"])
        for key, w in (("value", "mean"), ("low", "low"), ("high", "high"), ("n", "n")):
            report.same(f"{names[i]} {key}", g["outcome"][key], want[w])
    tested = [i for i, v in enumerate(values) if v["p"] is not None]
    for i, q in zip(tested, benjamini_hochberg([values[i]["p"] for i in tested])):
        report.same(f"{names[i]} q", packet["gates"][i]["q"], q)
        shown = "not_shown" if q > float(packet["alpha"]) else "harmful" if values[i]["mean"] > 0 else "useful"
        report.same(f"{names[i]} verdict", packet["gates"][i]["verdict"], shown)
    harmful = sorted(g["gate"] for g in packet["gates"] if g["verdict"] == "harmful")
    report.same("proposals", str(sorted(p["gate"] for p in packet["proposals"])), str(harmful))
    want = doubtful([s for s in shadows.values() if s.trace["admitted"]], coins, days * DAY, 0)
    for key, w in (("value", "mean"), ("low", "low"), ("high", "high"), ("n", "n")):
        report.same(f"admitted {key}", packet["admitted"][key], want[w])
    counts = packet["candidates"]
    report.same("judged", counts["judged"], len(shadows))
    for status in ("closed", "unresolved", "unfilled"):
        report.same(status, counts[status], sum(s.status == status for s in shadows.values()))


def spread_of(xs):
    if len(xs) < 30:
        return None
    mean = math.fsum(xs) / len(xs)
    sd = math.sqrt(math.fsum((x - mean) ** 2 for x in xs) / (len(xs) - 1))
    return sd if sd > 1e-12 * abs(mean) else None


def check_misses(report, packet, shadows, names):
    # In the order in which they were judged: a distance knows the candidates up to its own and no later one.
    order = list(shadows.values())
    values = {i: [] for i in range(len(names))}
    known = {}
    for s in order:
        for g in s.trace["gates"]:
            if g["value"] is not None:
                values[g["gate"]].append(float(g["value"]))
        known[s.trace["decision"]] = {i: spread_of(xs) for i, xs in values.items()}
    for i, name in enumerate(names):
        report.same(f"sigma of {name}", packet["spreads"][i]["sigma"], spread_of(values[i]))
    found = {m["trace_id"]: m for m in packet["near_misses"]}
    rejected = [s for s in shadows.values() if not s.trace["admitted"]]
    report.same("rejected", packet["rejected"], len(rejected))
    unknown = 0
    for s in rejected:
        gates = failing(s)
        sigma = known[s.trace["decision"]]
        usable = all(g["truth"] == "false" and g["value"] is not None and sigma[g["gate"]] for g in gates)
        name = f"{s.trace['coin']} {s.trace['time']}"
        m = found.pop(s.trace["decision"], None)
        if not usable:
            unknown += 1
            report.same(f"{name} listed", str(m is not None), "False")
            continue
        if m is None:
            report.problems.append(f"{name}: not listed")
            continue
        want = max((float(g["value"]) - float(g["limit"])) / sigma[g["gate"]] for g in gates)
        report.same(f"{name} distance", m["distance"], want)
        o = m["outcome"]
        report.same(f"{name} status", o["status"], s.status)
        if s.status == "closed":
            report.same(f"{name} r", o["r"], s.r())
            # To the unit.
            for key, value in (("net_usd", s.cash), ("fees_usd", s.fees), ("funding_usd", s.funding)):
                report.same(f"{name} {key}", str(units(o[key])), str(value))
            report.same(f"{name} exit", o["exit"], s.why)
            report.same(f"{name} entered", str(nanoseconds(o["entered"])), str(s.entered))
    report.same("unmeasurable", packet["unmeasurable"], unknown)
    report.same("listed and not rejected", len(found), 0)


def main():
    export, gates, misses = sys.argv[1:4]
    with open(export, encoding="utf-8") as f:
        records = [json.loads(line, parse_float=Decimal) for line in f]
    coins = {i["symbol"]: n for n, i in enumerate(records[0]["body"]["universe"])}
    shadows, names = replay(records)
    report = Report()
    with open(gates, encoding="utf-8") as f:
        gates = json.loads(f.read(), parse_float=Decimal)
    with open(misses, encoding="utf-8") as f:
        misses = json.loads(f.read(), parse_float=Decimal)
    check_misses(report, misses, shadows, names)
    check_gates(report, gates, shadows, names, coins)
    report.finish(f"{len(shadows)} shadows")


if __name__ == "__main__":
    main()
