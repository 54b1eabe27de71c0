#!/usr/bin/env python3
"""hftbacktest reading the same bars as a stream of depth changes. usage: hftbacktest_stream.py CSV

Its input is an order book, not bars: each bar becomes four changes of the best bid and ask, at its open and its close. No
orders are placed, so the figure is its cost per event and nothing else. Prints one JSON line; the second run is timed.
"""
import csv
import json
import resource
import sys
import time

import hftbacktest
import numpy as np
from hftbacktest import (BUY_EVENT, DEPTH_EVENT, EXCH_EVENT, LOCAL_EVENT, SELL_EVENT, BacktestAsset,
                         HashMapMarketDepthBacktest)
from hftbacktest.types import event_dtype
from numba import njit

MINUTE_NS = 60_000_000_000


def events(path):
    with open(path, newline="", encoding="utf-8") as f:
        rows = csv.reader(f)
        next(rows)
        bars = np.array([(int(r[0]), float(r[1]), float(r[4])) for r in rows])
    out = np.zeros(4 * len(bars), event_dtype)
    common = DEPTH_EVENT | EXCH_EVENT | LOCAL_EVENT
    for i, (at, price, side, shift) in enumerate([(0, 1, BUY_EVENT, -0.1), (0, 1, SELL_EVENT, 0.1),
                                                  (MINUTE_NS - 1, 2, BUY_EVENT, -0.1), (MINUTE_NS - 1, 2, SELL_EVENT, 0.1)]):
        rows = out[i::4]
        rows["ev"] = common | side
        rows["exch_ts"] = bars[:, 0].astype(np.int64) + at
        rows["local_ts"] = rows["exch_ts"]
        rows["px"] = np.round(bars[:, price] + shift, 1)
        rows["qty"] = 1.0
    return out


@njit
def elapse(hbt):
    steps = 0
    while hbt.elapse(60_000_000_000) == 0:
        steps += 1
    return steps


def run(data):
    asset = (BacktestAsset().data(data).linear_asset(1.0).constant_order_latency(0, 0).risk_adverse_queue_model()
             .no_partial_fill_exchange().trading_value_fee_model(0.0002, 0.00018).tick_size(0.1).lot_size(0.001))
    hbt = HashMapMarketDepthBacktest([asset])
    cpu = time.process_time()
    elapse(hbt)
    cpu = time.process_time() - cpu
    hbt.close()
    return cpu


def main():
    data = events(sys.argv[1])
    run(data)
    cpu = run(data)
    print(json.dumps({
        "engine": f"hftbacktest {getattr(hftbacktest, '__version__', '')}".strip(), "events": len(data),
        "cpu_s": round(cpu, 4), "events_per_cpu_s": round(len(data) / cpu),
        "what": "depth changes only, no orders: not the same work as bars through a strategy",
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }))


if __name__ == "__main__":
    main()
