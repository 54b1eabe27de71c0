#!/usr/bin/env python3
"""Writes the bars on which engines are compared: a geometric random walk of one-minute bars, seed 42, prices on a grid of
0.1. usage: make_bars.py OUT [N=1000000]

For a million bars with numpy 2 and pandas 2 or 3 the file's sha256 begins 7adbb3bb, and the script insists on it.
"""
import hashlib
import sys

import numpy as np
import pandas as pd

MILLION = "7adbb3bb6b3970b82484de2758b8cbfb2d385883e68ba945fb1e44a82e4a777d"


def main():
    out, n = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    rng = np.random.default_rng(42)
    close = 30_000 * np.exp(np.cumsum(rng.normal(0, 0.0008, n)))
    opens = np.concatenate([[30_000.0], close[:-1]])
    high = np.maximum(opens, close) * (1 + np.abs(rng.normal(0, 0.0003, n)))
    low = np.minimum(opens, close) * (1 - np.abs(rng.normal(0, 0.0003, n)))
    volume = np.round(rng.lognormal(1, 1, n), 3) + 0.001
    frame = pd.DataFrame({"open": opens, "high": high, "low": low, "close": close}).round(1)
    ends = frame[["open", "close"]]
    frame["high"] = np.maximum(frame["high"], ends.max(axis=1))
    frame["low"] = np.minimum(frame["low"], ends.min(axis=1))
    frame["volume"] = np.round(volume, 3)
    start = 1_640_995_200_000_000_000
    frame.insert(0, "ts_ns", start + 60_000_000_000 * np.arange(n, dtype=np.int64))
    frame.to_csv(out, index=False)
    digest = hashlib.sha256(open(out, "rb").read()).hexdigest()
    if n == 1_000_000 and digest != MILLION:
        raise SystemExit(f"the bars are not those of the comparison: sha256 {digest}")
    print(digest)


if __name__ == "__main__":
    main()
