"""Golden vectors for the streaming features, from libraries that share no code with this project.

    python -m venv venv && venv/bin/pip install TA-Lib==0.8.2 pandas==3.1.1 numpy==2.4.6
    venv/bin/python generate.py > features.json

Ema            pandas.Series.ewm(span=n, adjust=False).mean()
Rma            pandas.Series.ewm(alpha=1/n, adjust=False).mean() over [mean of the first n values, the rest]
Atr            TA-Lib ATR, with a flat bar put before the first (see below)
EwmaVol        pandas ewm(alpha=1 - 2**(-1/h), adjust=False) over [mean square of the first h returns, the rest], root
TrendT         numpy: log(C_t / C_{t-k}) / (vol_t * sqrt(k)), vol_t as above
FundingMean    pandas rolling(n).mean()
"""

import json
import math
import sys

import numpy as np
import pandas as pd
import talib

N = 14
HALF_LIFE = 12
K = 24
FUNDING_N = 24
BARS = 160

rng = np.random.default_rng(20260101)
sigma = 0.01 * np.exp(0.4 * np.sin(np.arange(BARS) / 11.0))
close = np.round(100 * np.exp(np.cumsum(sigma * rng.standard_t(4, BARS))), 4)
high = np.round(close * (1 + 0.006 * rng.random(BARS)), 4)
low = np.round(close * (1 - 0.006 * rng.random(BARS)), 4)

ema = pd.Series(close).ewm(span=N, adjust=False).mean().to_numpy()


def seeded(x, n, alpha):
    """The recursion of pandas, started from the mean of the first n values."""
    s = pd.Series(np.concatenate([[x[:n].mean()], x[n:]])).ewm(alpha=alpha, adjust=False).mean().to_numpy()
    return np.concatenate([np.full(n - 1, np.nan), s])


rma = seeded(close, N, 1 / N)

# TA-Lib has no true range for its first bar and seeds with the mean of the next N; ours counts the first bar's range. A bar
# put before the first, flat at the first close, makes the first true range high - low and so the two conventions equal.
pad = close[0]
atr = talib.ATR(np.concatenate([[pad], high]), np.concatenate([[pad], low]), np.concatenate([[pad], close]), timeperiod=N)[1:]

returns = np.log(close[1:] / close[:-1])
variance = seeded(returns**2, HALF_LIFE, 1 - 2 ** (-1 / HALF_LIFE))
vol = np.concatenate([[np.nan], np.sqrt(variance)])
trend = np.full(BARS, np.nan)
for t in range(K, BARS):
    trend[t] = math.log(close[t] / close[t - K]) / (vol[t] * math.sqrt(K))

funding = np.where(rng.random(BARS) < 0.55, 1.25e-5, np.round(rng.normal(0, 3e-5, BARS), 10))
funding_mean = pd.Series(funding).rolling(FUNDING_N).mean().to_numpy()


def nullable(x):
    return [None if math.isnan(v) else float(v) for v in x]


json.dump(
    {
        "libraries": {"TA-Lib": talib.__version__, "pandas": pd.__version__, "numpy": np.__version__},
        "n": N,
        "half_life": HALF_LIFE,
        "k": K,
        "funding_n": FUNDING_N,
        "high": high.tolist(),
        "low": low.tolist(),
        "close": close.tolist(),
        "funding": funding.tolist(),
        "ema": nullable(ema),
        "rma": nullable(rma),
        "atr": nullable(atr),
        "vol": nullable(vol),
        "trend": nullable(trend),
        "funding_mean": nullable(funding_mean),
    },
    sys.stdout,
)
sys.stdout.write("\n")
