#!/usr/bin/env python3
"""The operator's label, vector and level from recorded facts, by code that shares nothing with the program.

usage: operator_state.py FACTS.jsonl [--at TIME]

FACTS.jsonl has a fact of the kernel per line, as the journal shows them. A line {"at": TIME} prints the state at that time
as one JSON line; --at adds one at the end. Standard library only.

Everything is recomputed from whole lists at every step, in integers of nanoseconds: nothing is carried from one act to
the next but the lists themselves, the requests that wait, and when tilt was last seen.
"""
import argparse
import copy
import hashlib
import json
import re
from fractions import Fraction

S = 10**9
MIN, HOUR, DAY = 60 * S, 3600 * S, 86400 * S
NOBODY = ("unattended-policy", "zero")
SILENT = ("disk_report", "config_changed", "loss_seen")
REDUCES = ("pause_entries", "flatten", "kill", "auto_off")
PAUSE = {0: 0, 1: 10 * S, 2: 60 * S, 3: 300 * S}
WINDOW = 900 * S


def ns(text):
    m = re.fullmatch(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:\.(\d+))?Z", text)
    y, mo, d, h, mi, s = (int(g) for g in m.groups()[:6])
    import datetime
    days = (datetime.date(y, mo, d) - datetime.date(1970, 1, 1)).days
    frac = int((m.group(7) or "").ljust(9, "0") or 0)
    return ((days * 24 + h) * 60 + mi) * MIN + s * S + frac


class Books:
    """Average cost per book and coin: is a fill a realised loss?"""

    def __init__(self):
        self.held = {}

    def fill(self, f):
        key = (f["book"], f["coin"])
        size, cost = self.held.get(key, (Fraction(0), Fraction(0)))
        sign = 1 if f["side"] == "buy" else -1
        sz, px = Fraction(str(f["sz"])) * sign, Fraction(str(f["px"]))
        profit = Fraction(0)
        if size * sz < 0:
            part = min(abs(sz), abs(size))
            mean = cost / size
            profit = part * (px - mean) * (1 if size > 0 else -1)
            left = size + sz
            cost = mean * left if left * size > 0 else px * left
            size = left
        else:
            size, cost = size + sz, cost + sz * px
        self.held[key] = (size, cost)
        return profit < 0


class Operator:
    def __init__(self):
        self.acts = []       # (time, kind, minutes of a break)
        self.decisions = []  # (time, increases, after loss or None, reacts)
        self.judged = []     # ids of the engine's decisions, oldest first, each once
        self.said = {}       # id, or a number where none was named: was it overridden?
        self.spoken = []     # keys of said, in the order in which they were first spoken of
        self.last_loss, self.loss_open = None, False
        self.tilts = []
        self.holds = {}
        self.break_until = 0
        self.paused = self.auto_off = False
        self.now = 0
        self.open_breakers = set()

    # what happened -----------------------------------------------------

    def loss(self, t):
        self.last_loss, self.loss_open = t, True

    def decide(self, t, increases):
        after, reacts = None, False
        if increases and self.last_loss is not None and 0 <= t - self.last_loss <= 2 * HOUR:
            after, reacts = t - self.last_loss, self.loss_open
            self.loss_open = False
        self.decisions.append((t, increases, after, reacts))

    def act(self, t, action, subject, person):
        t = self.now = max(t, self.now)
        if person and action not in SILENT:
            length = None
            if action in ("break", "rest"):
                length = 0
                if action == "break":
                    n = int(subject) if re.fullmatch(r"\s*[+-]?\d+\s*", subject) else 15
                    length = min(max(n, 1), 1440) * MIN
                self.break_until = max(self.break_until, t + length)
            self.acts.append((t, length is not None))
            if action in ("override", "follow"):
                self.word(action == "override", subject)
            if action == "confirm":
                for h in self.holds.values():
                    if h["phrase"] == subject.strip() and t <= h["since"] + PAUSE[3] + WINDOW:
                        h["typed"] = True
            if action == "command":
                word = (subject.split() or [""])[0]
                if word not in ("reduces", "neutral"):
                    self.decide(t, True)
                elif word == "reduces":
                    self.decide(t, False)
            if action in REDUCES:
                self.decide(t, False)
            self.settle(t)
        changes = {
            "clear_latch": subject in self.open_breakers,
            "resume_entries": self.paused,
            "auto_on": self.auto_off,
        }.get(action, False)
        if changes and not self.request(t, action, subject, person):
            return
        if action == "pause_entries":
            self.paused = True
        if action == "resume_entries":
            self.paused = False
        if action == "clear_latch":
            self.open_breakers.discard(subject)
        if action == "auto_off":
            self.auto_off = True
        if action == "auto_on":
            self.auto_off = False

    def request(self, t, control, subject, person):
        t = max(t, self.now)
        self.now = t
        self.holds = {k: h for k, h in self.holds.items() if t <= h["since"] + PAUSE[3] + WINDOW}
        key = (control, subject)
        if key not in self.holds and person:
            self.decide(t, True)
        level = self.assess(t)["level"]
        admitted = True
        if t < self.break_until or level == 4:
            admitted = False
        elif level > 0:
            h = self.holds.get(key)
            if h is None or t > h["since"] + PAUSE[level] + WINDOW:
                self.holds.pop(key, None)
                if len(self.holds) >= 16:
                    del self.holds[next(iter(self.holds))]
                self.holds[key] = {"since": t, "typed": False, "phrase": phrase(control, subject, t)}
                admitted = False
            else:
                admitted = t >= h["since"] + PAUSE[level] and (level == 1 or h["typed"])
        if admitted:
            self.holds.pop(key, None)
        self.settle(t)
        return admitted

    def verdict(self, decision):
        if decision not in self.judged[-64:]:
            self.judged.append(decision)

    def word(self, overrides, subject):
        """A word on a verdict counts once; one on no verdict counts as an override or not at all."""
        name = (subject.split() or [""])[0].lower()
        if name not in self.judged[-64:]:
            if overrides:
                self.said[len(self.spoken)] = True
                self.spoken.append(len(self.spoken))
        elif name not in self.said:
            self.said[name] = overrides
            self.spoken.append(name)
        elif overrides:
            self.said[name] = True

    def settle(self, t):
        if self.assess(t)["label"] == "tilt":
            self.tilts.append(t)

    # what it amounts to ------------------------------------------------

    def stretches(self, t):
        """(begin of activity, [breaks as (from, to)], begin of focus, end of the last rest, silence now, away now)."""
        begin = focus = rest = None
        breaks = []
        previous = None
        for at, leaves in self.acts:
            if previous is None:
                begin = focus = at
            else:
                before, left = previous
                silence = at - before
                if silence >= 5 * HOUR:
                    rest, begin, focus, breaks = at, at, at, []
                elif silence >= 4 * HOUR:
                    begin, focus, breaks = at, at, []
                elif silence >= (5 * MIN if left else 30 * MIN):
                    breaks.append((before, at, focus))
                    focus = at
            previous = (at, leaves)
        silence = t - previous[0] if previous else None
        return begin, breaks, focus, rest, silence, bool(previous and previous[1])

    def vector(self, t):
        begin, breaks, focus, rest, silence, left = self.stretches(t)
        active = longest = since = 0
        resting = silence is not None and silence >= 5 * HOUR
        if silence is not None and silence < 4 * HOUR:
            away = left or silence >= 30 * MIN
            end = t - silence if away else t
            active = max(end - begin - sum(b - a for a, b, _ in breaks), 0)
            longest = max([end - focus] + [a - f for a, _, f in breaks])
            since = 0 if away else end - focus
        times = [d[0] for d in self.decisions]
        hours = {}
        for d in times:
            hours[d // HOUR] = hours.get(d // HOUR, 0) + 1
        current = t // HOUR
        counts = sorted(c for h, c in hours.items() if current - 168 < h < current)
        baseline = None
        if len(counts) >= 8:
            baseline = (counts[(len(counts) - 1) // 2] + counts[len(counts) // 2]) / 2
        last = lambda n: [self.said[k] for k in self.spoken[-n:]]
        reactions = [(d[0], d[2]) for d in self.decisions if d[3]][-60:]
        recent, earlier = [a for _, a in reactions[-10:]], [a for _, a in reactions[:-10]]
        here = [a for at, a in reactions if begin is not None and at >= begin]
        entries = [(d[0], d[2]) for d in self.decisions if d[2] is not None]
        count = lambda within, span: sum(1 for at, a in entries if a <= within and at > t - span)
        tilts = [x for x in self.tilts if rest is None or x >= rest]
        return {
            "velocity": {
                "last_1h": sum(d > t - HOUR for d in times),
                "last_4h": sum(d > t - 4 * HOUR for d in times),
                "last_24h": sum(d > t - DAY for d in times),
                "baseline_1h": baseline,
            },
            "deviation": {
                "overrides_last_10": sum(last(10)),
                "verdicts_last_10": len(last(10)),
                "overrides_last_50": sum(last(50)),
                "verdicts_last_50": len(last(50)),
            },
            "session": {
                "active_duration_ms": active // 10**6,
                "longest_focus_ms": longest // 10**6,
                "since_last_break_ms": since // 10**6,
            },
            "loss_reaction": {
                "median_last_10_ms": (median(recent) or 0) // 10**6,
                "fastest_session_ms": (min(here) if here and silence < 4 * HOUR else 0) // 10**6,
                "baseline_ms": median(earlier) // 10**6 if len(earlier) >= 10 else None,
                "samples": len(recent),
            },
            "re_entry": {
                "within_15m": count(15 * MIN, DAY),
                "within_30m": count(30 * MIN, DAY),
                "within_2h": count(2 * HOUR, DAY),
                "recent_15m": count(15 * MIN, 2 * HOUR),
                "reflexes": count(2 * MIN, HOUR),
            },
            "sleep_proxy": {
                "hours_since_rest_ended": 0.0 if resting else None if rest is None else (t - rest) / HOUR
            },
            "on_break": left or t < self.break_until,
            "_": (median(recent), median(earlier) if len(earlier) >= 10 else None, active, since,
                  0 if resting else None if rest is None else t - rest,
                  None if resting or not tilts else t - tilts[-1]),
        }

    def assess(self, t):
        v = self.vector(t)
        fast, usual, active, since, awake, tilt = v.pop("_")
        r, hour, base = v["re_entry"], v["velocity"]["last_1h"], v["velocity"]["baseline_1h"]
        overrides = v["deviation"]["overrides_last_10"]
        signs = {
            "re_entry": min(r["recent_15m"], 3),
            "reflex": min(r["reflexes"], 1),
            "faster_than_baseline": int(r["recent_15m"] > 0 and usual is not None and fast * 3 <= usual),
            "velocity": 2 if base is not None and hour >= 12 and hour >= 6 * base
            else int(hour >= 30 or (base is not None and hour >= 6 and hour >= 3 * base)),
            "overrides": sum(overrides >= n for n in (3, 5, 8)),
        }
        points = sum(signs.values())
        causes = [k for k, n in signs.items() if n]
        tired = 0
        for holds, level, cause in (
            (since >= 4 * HOUR, 1, "no_break"),
            (active >= 10 * HOUR, 2, "long_activity"),
            (active >= 14 * HOUR, 3, "long_activity"),
            ((awake or 0) >= 14 * HOUR, 2, "no_rest"),
            ((awake or 0) >= 18 * HOUR, 3, "no_rest"),
            ((awake or 0) >= DAY, 4, "no_rest"),
        ):
            if holds:
                tired = max(tired, level)
                if cause not in causes:
                    causes.append(cause)
        recovers = tilt is not None and tilt < 4 * HOUR
        level = max([0, 1, 2, 3, 3, 4][min(points, 5)], tired)
        if points >= 3:
            label = "tilt"
        elif tired >= 2:
            label = "fatigued"
        elif points:
            label = "elevated"
        elif tired:
            label = "fatigued"
        elif recovers:
            label = "recovery"
        elif v["velocity"]["last_4h"] == 0 or active < 30 * MIN:
            label = "fresh"
        else:
            label = "steady"
        if recovers and points < 3:
            causes.append("recent_tilt")
            level = max(level, 1)
        return {"label": label, "level": level, "points": points, "causes": causes, "vector": v}


def phrase(control, subject, t):
    first = hashlib.sha256(b"increase\0" + control.encode() + b"\0" + subject.encode()).digest()
    tail = hashlib.sha256(first + t.to_bytes(8, "big")).hexdigest()[:6]
    return " ".join(x for x in (control.replace("_", " "), subject, tail) if x)


def median(xs):
    xs = sorted(xs)
    if not xs:
        return None
    low, high = xs[(len(xs) - 1) // 2], xs[len(xs) // 2]
    return low + (high - low) // 2


def foresee(op, t, unseen):
    """What a new increase at t would meet: somebody shows the loss, acts, and asks."""
    op = copy.deepcopy(op)
    if unseen:
        op.loss(t)
    op.act(t, "execute", "", True)
    admitted = op.request(t, "execute", "", True)
    a = op.assess(t)
    verdict = "admitted" if admitted else "on_break" if t < op.break_until else "refused" if a["level"] == 4 else "held"
    return {"level": f"l{a['level']}", "label": a["label"], "causes": a["causes"], "verdict": verdict}


def show(op, t, unseen):
    t = max(t, op.now)
    a = op.assess(t)
    a["standing_friction"] = f"l{a.pop('level')}"
    a["next_request"] = foresee(op, t, unseen)
    print(json.dumps(a))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("facts")
    ap.add_argument("--at")
    args = ap.parse_args()
    op, books, unseen = Operator(), Books(), False
    with open(args.facts, encoding="utf-8") as f:
        for line in f:
            fact = json.loads(line)
            if "at" in fact:
                show(op, ns(fact["at"]), unseen)
                if fact.get("reset"):
                    op, books, unseen = Operator(), Books(), False
                continue
            if fact["kind"] == "breaker":
                b = fact["body"]
                (op.open_breakers.add if b["open"] else op.open_breakers.discard)(b["name"])
            if fact["kind"] == "order" and fact["body"]["intent"]["purpose"] == "entry":
                op.verdict(fact["body"]["decision"])
            if fact["kind"] == "execution" and fact["body"]["judged"] == "gates":
                op.verdict(fact["body"]["order"])
            if fact["kind"] != "event":
                continue
            event = fact["body"]
            body = event["body"]
            if body["kind"] == "operator":
                o = body["body"]
                person = o["operator"] not in NOBODY
                t = ns(o["at"]) or (ns(event["time"]) if person else 0)
                if o["action"] == "loss_seen" and unseen:
                    op.now = max(op.now, t)
                    op.loss(op.now)
                    unseen = False
                op.act(t, o["action"], o["subject"], person)
            if body["kind"] == "venue" and body["body"]["kind"] == "fill" and books.fill(body["body"]["body"]):
                unseen = True
    if args.at:
        show(op, ns(args.at), unseen)


if __name__ == "__main__":
    main()
