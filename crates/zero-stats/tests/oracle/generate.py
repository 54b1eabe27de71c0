"""Writes reference values for zero-stats from numpy, scipy, statsmodels and arch."""
import json
import math

import arch
import numpy as np
import scipy
import statsmodels
from arch.bootstrap import CircularBlockBootstrap, StationaryBootstrap, optimal_block_length
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tsa.stattools import acf

PER_YEAR = 8760.0


def ar1(rng, n, phi, heavy):
    e = rng.standard_t(4, n + 200) if heavy else rng.standard_normal(n + 200)
    x = np.empty(n + 200)
    x[0] = e[0]
    for t in range(1, n + 200):
        x[t] = phi * x[t - 1] + e[t]
    return x[200:] * 0.004 + 0.0002


def series(name, r):
    equity = np.concatenate([[1.0], np.cumprod(1.0 + r)])
    peak = np.maximum.accumulate(equity)
    depth = (peak - equity) / peak
    trough = int(np.argmax(depth))
    start = int(np.argmax(equity[: trough + 1]))
    after = np.nonzero(equity[trough:] >= equity[start])[0]
    growth = equity[-1] ** (PER_YEAR / len(r)) - 1.0
    downside = math.sqrt(np.mean(np.minimum(r, 0.0) ** 2))
    blocks = optimal_block_length(r)
    under = depth > 0
    longest = max((len(s) for s in "".join("u" if u else "." for u in under).split(".")), default=0)
    boot = {}
    for kind, b in (("stationary", StationaryBootstrap), ("circular", CircularBlockBootstrap)):
        bs = b(12, r, seed=np.random.default_rng(99))
        lo, hi = bs.conf_int(lambda x: x.mean() / x.std(ddof=1) * math.sqrt(PER_YEAR), reps=20000,
                             method="percentile", size=0.9)
        boot[kind] = [float(lo[0]), float(hi[0])]
    return {
        "name": name,
        "returns": [float(x) for x in r],
        "mean": float(np.mean(r)),
        "sd": float(np.std(r, ddof=1)),
        "skewness": float(stats.skew(r)),
        "kurtosis": float(stats.kurtosis(r, fisher=False)),
        "sharpe": float(np.mean(r) / np.std(r, ddof=1) * math.sqrt(PER_YEAR)),
        "sortino": float(np.mean(r) / downside * math.sqrt(PER_YEAR)),
        "growth": float(growth),
        "calmar": float(growth / depth.max()),
        "max_drawdown": float(depth.max()),
        "drawdown_start": start,
        "drawdown_trough": trough,
        "drawdown_recovery": trough + int(after[0]) if len(after) else None,
        "under_water_share": float(np.mean(under)),
        "under_water_longest": longest,
        "log_returns_sum": float(np.sum(np.diff(np.log(equity)))),
        "acf": [float(a) for a in acf(r, nlags=5, fft=False)],
        "quantiles": [[p, float(np.quantile(r, p))] for p in (0.0, 0.013, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)],
        "block_stationary": float(blocks["stationary"].iloc[0]),
        "block_circular": float(blocks["circular"].iloc[0]),
        "sharpe_interval_block_12": boot,
    }


rng = np.random.default_rng(20250903)
out = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__,
                 "arch": arch.__version__},
    "periods_per_year": PER_YEAR,
    "series": [
        series("iid_normal_400", ar1(rng, 400, 0.0, False)),
        series("iid_t4_300", ar1(rng, 300, 0.0, True)),
        series("ar_0.3_500", ar1(rng, 500, 0.3, False)),
        series("ar_0.7_t4_700", ar1(rng, 700, 0.7, True)),
        series("ar_minus_0.4_350", ar1(rng, 350, -0.4, False)),
    ],
    "normal_quantile": [[p, float(stats.norm.ppf(p))] for p in
                        (1e-300, 1e-12, 1e-5, 0.01, 0.05, 0.2, 0.4999, 0.5, 0.7, 0.95, 0.999, 1 - 1e-9)],
    "normal_cdf": [[x, float(stats.norm.cdf(x))] for x in (-30.0, -8.0, -2.5, -0.1, 0.0, 1.0, 3.3, 9.0)],
    "wilson": [[k, n, level, *map(float, proportion_confint(k, n, 1 - level, "wilson"))]
               for k, n, level in ((0, 10, 0.9), (10, 10, 0.95), (61, 130, 0.9), (1, 3, 0.99), (5000, 12000, 0.9))],
}
print(json.dumps(out, indent=None, separators=(",", ":")))
