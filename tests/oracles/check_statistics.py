"""Compares `zero stats ... --json` with independent Python libraries on seeded random tables.

usage: check_statistics.py PATH_TO_ZERO [SEEDS]
Exit 0 when everything agrees, 1 with a line for each disagreement. The libraries share no code with the program."""
import csv
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from arch.bootstrap import SPA
from arch.unitroot import VarianceRatio
from scipy import stats
from scipy.optimize import minimize
from skfolio.model_selection import CombinatorialPurgedCV
from sklearn.covariance import OAS, LedoitWolf
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss
from statsmodels.stats.multitest import multipletests

ZERO = sys.argv[1]
SEEDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
folder = tempfile.TemporaryDirectory()
counts = {}
wrong = []


def table(name, header, columns):
    path = Path(folder.name) / f"{name}.csv"
    with open(path, "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(header)
        w.writerows([[repr(float(x)) for x in row] for row in zip(*columns)])
    return str(path)


def zero(*args):
    out = subprocess.run([ZERO, "--home", folder.name, "stats", *args, "--json"], capture_output=True, text=True)
    if out.returncode != 0:
        raise SystemExit(f"zero stats {' '.join(args)}: exit {out.returncode}: {out.stdout}{out.stderr}")
    return json.loads(out.stdout)["result"]


def agree(what, got, want, tolerance=1e-9):
    got, want = np.asarray(got, float), np.asarray(want, float)
    counts[what] = counts.get(what, 0) + 1
    if got.shape != want.shape or not np.all(np.abs(got - want) <= tolerance * np.maximum(1.0, np.abs(want))):
        wrong.append(f"{what}: {got} is not {want}")


def sharpe(seed, rng):
    x = 0.01 * rng.standard_t(5, 150 + 30 * seed) + 0.002
    x[1:] += 0.2 * x[:-1]
    path = table("r", ["t", "r"], [np.arange(len(x)), x])
    n, sr = len(x), x.mean() / x.std(ddof=1)
    g3, g4 = stats.skew(x), stats.kurtosis(x, fisher=False)
    d = x - x.mean()
    rho = (d[1:] * d[:-1]).sum() / (d * d).sum()
    b0 = 0.05
    old = stats.norm.cdf((sr - b0) * math.sqrt(n - 1) / math.sqrt(1 - g3 * sr + (g4 - 1) / 4 * sr**2))
    # The AR(1) factors as sums over lags, not in closed form.
    lags = rho ** np.arange(1, 400)
    a, b, c = 1 + 2 * lags.sum(), 1 + lags.sum() + (lags**2).sum(), 1 + 2 * (lags**2).sum()
    var0 = a - b * g3 * b0 + c * (g4 - 1) / 4 * b0**2
    new = stats.norm.cdf((sr - b0) * math.sqrt(n) / math.sqrt(var0))
    got = zero("psr", path, "--column", "r", "--benchmark", str(b0))
    agree("psr against scipy", [got["at_estimate"], got["at_null"], got["psr"]], [old, new, min(old, new)])
    z = stats.norm.ppf(0.9)
    need = [1 + (1 - g3 * sr + (g4 - 1) / 4 * sr**2) * (z / sr) ** 2, a * (z / sr) ** 2]
    got = zero("mintrl", path, "--column", "r", "--confidence", "0.9")
    agree("mintrl against scipy", [got["at_estimate"], got["at_null"], got["returns_needed"]], [*need, max(need)])
    for q in (2, 5, 20):
        v = VarianceRatio(np.concatenate([[0.0], np.cumsum(x)]), lags=q, trend="c", debiased=True, robust=True, overlap=True)
        got = zero("vr", path, "--column", "r", "--q", str(q))["horizons"][0]
        agree("vr against arch", [got["ratio"]], [v.vr], 1e-9)
        agree("vr statistic against arch", [got["z"]], [v.stat], 1e-9)


def calibration(seed, rng):
    n = 300
    p = np.round(rng.uniform(0.02, 0.98, n), 2)
    o = (rng.uniform(size=n) < 0.5 + 0.5 * (p - 0.5)).astype(float)
    path = table("f", ["p", "o"], [p, o])
    got = zero("brier", path)
    agree("brier against scikit-learn", got["brier"], brier_score_loss(o, p))
    agree("log score against scikit-learn", got["log_score"], log_loss(o, p))
    agree("brier decomposition", got["reliability"] - got["resolution"] + got["uncertainty"] + got["within"], got["brier"])
    iso = IsotonicRegression(out_of_bounds="clip").fit(p, o)
    agree("isotonic against scikit-learn", zero("calibrate", path)["calibrated"], iso.predict(p))
    half = zero("calibrate", path, "--fit-rows", "200")
    iso = IsotonicRegression(out_of_bounds="clip").fit(p[:200], o[:200])
    agree("isotonic out of time", [half["brier_before"], half["brier_after"]],
          [brier_score_loss(o[200:], p[200:]), brier_score_loss(o[200:], iso.predict(p[200:]))])
    events, others = o.sum(), n - o.sum()
    target = np.where(o == 1, (events + 1) / (events + 2), 1 / (others + 2))
    x = np.log(p / (1 - p))

    def loss(beta, features, t):
        score = features @ beta[:-1] + beta[-1]
        slope = 1 / (1 + np.exp(-score)) - t
        return np.sum(np.logaddexp(0, score) - t * score), np.append(features.T @ slope, slope.sum())

    def best(features, t):
        return minimize(loss, np.zeros(features.shape[1] + 1), (features, t), jac=True, method="BFGS",
                        options={"gtol": 1e-9}).x

    w = best(x[:, None], target)
    agree("platt against scipy", zero("calibrate", path, "--map", "platt")["parameters"], -w, 1e-6)
    w = best(np.c_[np.log(p), -np.log(1 - p)], o)
    if w[0] >= 0 and w[1] >= 0:
        agree("beta against scipy", zero("calibrate", path, "--map", "beta")["parameters"], w, 1e-6)


def covariance(seed, rng):
    n, k = 60 + 20 * seed, 6
    x = rng.standard_normal((n, k)) @ rng.standard_normal((k, k)) * 0.01 + 0.5
    path = table("x", [f"c{i}" for i in range(k)], x.T)
    for name, model in (("identity", LedoitWolf()), ("oas", OAS())):
        model.fit(x)
        got = zero("lw", path, "--target", name)
        agree(f"{name} against scikit-learn", np.array(got["covariance"]) * 1e4, model.covariance_ * 1e4, 1e-8)
        agree(f"{name} intensity against scikit-learn", got["intensity"], model.shrinkage_, 1e-8)
    agree("constant correlation against its definition", zero("lw", path)["intensity"], constant_correlation(x), 1e-8)
    s = np.outer(x[0], x[0])
    for row in x[1:]:
        s = 0.94 * s + 0.06 * np.outer(row, row)
    got = zero("ewma", path)
    agree("ewma against numpy", got["covariance"], s)
    eigen = np.linalg.eigvalsh(s / np.sqrt(np.outer(np.diag(s), np.diag(s))))[::-1]
    agree("eigenvalues against numpy", got["eigenvalues"], eigen)
    share = np.clip(eigen / eigen.sum(), 1e-300, None)
    agree("effective rank against numpy", got["effective_rank"], np.exp(-(share * np.log(share)).sum()), 1e-7)


def constant_correlation(x):
    """Ledoit and Wolf (2004b), appendix B, entry by entry."""
    n, k = x.shape
    y = x - x.mean(0)
    s = y.T @ y / n
    r = s / np.sqrt(np.outer(np.diag(s), np.diag(s)))
    rbar = (r.sum() - k) / (k * (k - 1))
    f = rbar * np.sqrt(np.outer(np.diag(s), np.diag(s)))
    np.fill_diagonal(f, np.diag(s))
    pi = np.array([[np.mean((y[:, i] * y[:, j] - s[i, j]) ** 2) for j in range(k)] for i in range(k)])
    rho = np.trace(pi)
    for i in range(k):
        for j in range(k):
            if i != j:
                cross = y[:, i] * y[:, j] - s[i, j]
                ii = np.mean((y[:, i] ** 2 - s[i, i]) * cross)
                jj = np.mean((y[:, j] ** 2 - s[j, j]) * cross)
                rho += rbar / 2 * (math.sqrt(s[j, j] / s[i, i]) * ii + math.sqrt(s[i, i] / s[j, j]) * jj)
    return min(1.0, max(0.0, (pi.sum() - rho) / ((s - f) ** 2).sum() / n))


def multiplicity(seed, rng):
    p = np.concatenate([rng.uniform(size=30), rng.uniform(size=6) * 0.004])
    rng.shuffle(p)
    path = table("p", ["p"], [p])
    for ours, theirs in (("bh", "fdr_bh"), ("by", "fdr_by"), ("holm", "holm"), ("bonferroni", "bonferroni")):
        reject, adjusted, _, _ = multipletests(p, 0.05, theirs)
        got = zero("bh", path, "--correction", ours)
        agree(f"{ours} against statsmodels", got["adjusted"], adjusted)
        agree(f"{ours} rejections against statsmodels", got["rejected"], reject)


def superiority(seed, rng):
    n, k = 200, 5
    gains = 0.01 * rng.standard_normal((n, k)) + rng.uniform(-0.002, 0.0015, k)
    path = table("g", [f"m{i}" for i in range(k)], gains.T)
    their = SPA(np.zeros(n), -gains, block_size=8, reps=6000, seed=seed + 1)
    their.compute()
    got = zero("spa", path, "--block", "8", "--replicates", "6000", "--raw", "--seed", str(seed))
    if gains.mean(0).max() > 0:
        agree("spa against arch (p within .02)", [got["p_lower"], got["p_consistent"], got["p_upper"]], their.pvalues.to_numpy(), 0.02)
    # The studentised form against the definition, with blocks drawn here.
    y = gains - gains.mean(0)
    omega = (y**2).sum(0) / n
    for i in range(1, n):
        kappa = (1 - i / n) * (7 / 8) ** i + i / n * (7 / 8) ** (n - i)
        omega += 2 * kappa * (y[:-i] * y[i:]).sum(0) / n
    omega = np.sqrt(omega)
    statistic = max(0.0, (math.sqrt(n) * gains.mean(0) / omega).max())
    keep = np.where(math.sqrt(n) * gains.mean(0) / omega >= -math.sqrt(2 * math.log(math.log(n))), 0.0, gains.mean(0))
    reached = 0
    for _ in range(4000):
        rows = np.empty(n, int)
        rows[0] = rng.integers(n)
        fresh = rng.uniform(size=n) < 1 / 8
        jump = rng.integers(n, size=n)
        for t in range(1, n):
            rows[t] = jump[t] if fresh[t] else (rows[t - 1] + 1) % n
        reached += (math.sqrt(n) * (y[rows].mean(0) + keep) / omega).max() >= statistic
    got = zero("spa", path, "--block", "8", "--replicates", "6000", "--seed", str(seed))
    agree("spa statistic against its definition", got["statistic"], statistic)
    if statistic > 0:
        agree("studentised spa against its definition (p within .03)", got["p_consistent"], reached / 4000, 0.03)


def splits(seed, rng):
    groups, tested = [(6, 2), (5, 2), (8, 3), (4, 3), (6, 5)][seed % 5]
    n, horizon, embargo = groups * (12 + seed), seed % 4, seed % 3
    cv = CombinatorialPurgedCV(n_folds=groups, n_test_folds=tested, purged_size=horizon, embargo_size=embargo)
    want = {}
    for train, test in cv.split(np.zeros((n, 1))):
        want[tuple(sorted(np.concatenate(test).tolist()))] = train.tolist()
    got = zero("cpcv", "--rows", str(n), "--groups", str(groups), "--test-groups", str(tested),
               "--horizon", str(horizon), "--embargo", str(embargo), "--list")
    mine = {tuple(s["test"]): s["train"] for s in got["splits"]}
    counts["cpcv splits against skfolio"] = counts.get("cpcv splits against skfolio", 0) + 1
    if mine != want:
        wrong.append(f"cpcv splits: {groups} {tested} {horizon} {embargo}")
    agree("cpcv counts against skfolio", [got["split_count"], got["path_count"]], [cv.n_splits, cv.n_test_paths])
    for path in got["paths"]:
        for group, split in enumerate(path):
            if group * n // groups not in got["splits"][split]["test"]:
                wrong.append("a path takes a group from a split that does not test it")


def comparison(seed, rng):
    x = rng.multivariate_normal([0.1, 0.05], [[1, 0.4], [0.4, 1]], 80 + 40 * seed)
    n, (a, b) = len(x), (x.mean(0) / x.std(0))
    rho = np.corrcoef(x.T)[0, 1]
    se = math.sqrt((2 - 2 * rho + (a * a + b * b - 2 * a * b * rho * rho) / 2) / n)
    got = zero("diff", table("d", ["a", "b"], x.T))
    agree("difference of ratios", [got["difference"], got["standard_error"], got["p"]],
          [a - b, se, 2 * stats.norm.sf(abs(a - b) / se)])
    p = rng.uniform(0.1, 1.0, n)
    taken = (rng.uniform(size=n) < p).astype(float)
    reward, model = rng.normal(1, 1, n), rng.normal(1, 0.2, n)
    w = taken / p
    got = zero("ope", table("o", ["p", "t", "r", "m"], [p, taken, reward, model]))
    agree("off-policy", [got["ips"], got["snips"], got["direct"], got["doubly_robust"], got["effective_n"]],
          [(w * reward).mean(), (w * reward).sum() / w.sum(), model.mean(), (model + w * (reward - model)).mean(),
           w.sum() ** 2 / (w * w).sum()])


def fit_logistic(features, target, ridge):
    """Summed log loss and half the ridge times the squared weights; the intercept, first, is free."""
    def loss(beta):
        score = beta[0] + features @ beta[1:]
        slope = 1 / (1 + np.exp(-score)) - target
        value = np.sum(np.logaddexp(0, score) - target * score) + ridge / 2 * (beta[1:] ** 2).sum()
        return value, np.append(slope.sum(), features.T @ slope + ridge * beta[1:])
    return minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="BFGS", options={"gtol": 1e-9}).x


def fit_beta(p, o):
    x = np.c_[np.log(p), -np.log(1 - p)]
    c, a, b = fit_logistic(x, o, 0.0)
    if a < 0 or b < 0:
        keep = 0 if b < 0 else 1
        c, w = fit_logistic(x[:, [keep]], o, 0.0)
        a, b = (max(w, 0.0), 0.0) if keep == 0 else (0.0, max(w, 0.0))
    return a, b, c


class Stack:
    """Opinions as masked columns: in units of their root mean square where they spoke, cut at `clip`, 0 where they did not."""
    def __init__(self, said, target, ridge, clip):
        with np.errstate(invalid="ignore"):
            self.unit = np.sqrt(np.nanmean(said**2, axis=0))
        self.clip = clip
        self.beta = fit_logistic(self.units(said), target, ridge)

    def units(self, said):
        return np.nan_to_num(np.clip(said / self.unit, -self.clip, self.clip), nan=0.0)

    def p(self, said):
        return 1 / (1 + np.exp(-(self.beta[0] + self.units(said) @ self.beta[1:])))


def stacking(seed, rng):
    n, k, folds, horizon, clip, prior = 300 + 60 * seed, 4, 4 + seed % 3, seed % 4, 2.0, 50.0
    signal = rng.standard_normal((n, k)) * [1.0, 3.0, 0.2, 5.0]
    signal[:, 3] = 2 * signal[:, 1] + 0.5 * rng.standard_normal(n)
    said = np.where(rng.uniform(size=(n, k)) < 0.25, np.nan, signal)
    truth = 1 / (1 + np.exp(-(0.3 + 0.7 * signal[:, 0] - 0.15 * signal[:, 1])))
    o = (rng.uniform(size=n) < truth).astype(float)
    path = Path(folder.name) / "stack.csv"
    with open(path, "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["one", "two", "three", "four", "o"])
        w.writerows([*("" if math.isnan(x) else repr(float(x)) for x in row), y] for row, y in zip(said, o))
    ridges = [0.5, 5.0, 50.0]
    best = None
    bounds = [i * n // folds for i in range(folds + 1)]
    known = np.arange(n) + horizon
    for ridge in ridges:
        later = np.full(n, np.nan)
        for a, b in zip(bounds[1:], bounds[2:]):
            train = known < a
            later[a:b] = Stack(said[train], o[train], ridge, clip).p(said[a:b])
        score = log_loss(o[bounds[1]:], later[bounds[1]:])
        if best is None or score < best[0]:
            best = (score, ridge, later)
    score, ridge, later = best
    whole = Stack(said, o, ridge, clip)
    filled = np.nan_to_num(said, nan=0.0)
    eigen = np.linalg.eigvalsh(np.corrcoef(filled.T))
    calibrated = np.full(n, np.nan)
    for a, b in zip(bounds[2:], bounds[3:]):
        train = (np.arange(n) >= bounds[1]) & (known < a)
        m, (ca, cb, cc) = train.sum(), fit_beta(later[train], o[train])
        x = later[a:b]
        through = 1 / (1 + np.exp(-(ca * np.log(x) - cb * np.log(1 - x) + cc)))
        calibrated[a:b] = (m * through + prior * x) / (m + prior)
    got = zero("stack", str(path), "--horizon", str(horizon), "--ridge", ",".join(map(str, ridges)),
               "--folds", str(folds), "--clip", str(clip), "--prior-rows", str(prior))
    agree("stack: penalty", got["ridge"], ridge)
    agree("stack: weights against scipy", [got["intercept"], *(x["weight"] for x in got["lenses"])], whole.beta, 1e-6)
    agree("stack: units", [x["unit"] for x in got["lenses"]], whole.unit)
    agree("stack: effective number against numpy", got["effective_lenses"], eigen.sum() ** 2 / (eigen**2).sum())
    agree("stack: log score out of fold", [got["whole"]["log_score"], got["whole"]["brier"]],
          [score, brier_score_loss(o[bounds[1]:], later[bounds[1]:])], 1e-6)
    agree("stack: calibrated log score out of fold", got["calibrated"]["log_score"],
          log_loss(o[bounds[2]:], calibrated[bounds[2]:]), 1e-6)
    agree("stack: calibrated rows", [r["p"] for r in got["later"]], calibrated[bounds[2]:], 1e-6)
    agree("stack: beta map of all later rows", got["calibration"], fit_beta(later[bounds[1]:], o[bounds[1]:]), 1e-5)


def scaling(seed, rng):
    x = rng.standard_t(4, 200 + 150 * seed)
    n, y = len(x), np.cumsum(x - x.mean())

    def slope(sizes, values):
        return np.polyfit(np.log(sizes), np.log(values), 1)[0]

    def fluctuation(size):
        boxes = y[: n // size * size].reshape(-1, size)
        t = np.arange(size)
        return math.sqrt(np.mean([(b - np.polyval(np.polyfit(t, b, 1), t)) ** 2 for b in boxes]))

    def rescaled(size):
        boxes = x[: n // size * size].reshape(-1, size)
        walks = np.cumsum(boxes - boxes.mean(axis=1, keepdims=True), axis=1)
        return np.mean((walks.max(axis=1) - walks.min(axis=1)) / boxes.std(axis=1))

    def expected(size):
        r = np.arange(1, size)
        ratio = math.exp(math.lgamma((size - 1) / 2) - math.lgamma(size / 2))
        return ratio / math.sqrt(math.pi) * np.sqrt((size - r) / r).sum()

    sizes = np.unique(np.round(np.geomspace(10, n // 4, 12)).astype(int))
    spans = np.arange(10, n // 2, max(1, -(-(n // 2 - 10) // 200)))
    raw = slope(spans, [rescaled(k) for k in spans])
    got = zero("scaling", table("s", ["x"], [x]), "--shuffles", "19")
    agree("scaling exponents", [got["fluctuation"]["exponent"], got["rescaled_range_raw"], got["rescaled_range"]["exponent"]],
          [slope(sizes, [fluctuation(k) for k in sizes]), raw, raw - slope(spans, [expected(k) for k in spans]) + 0.5], 1e-7)


for seed in range(SEEDS):
    rng = np.random.default_rng(1000 + seed)
    for check in (sharpe, calibration, covariance, multiplicity, superiority, splits, comparison, stacking, scaling):
        check(seed, rng)

for what, n in counts.items():
    print(f"{n:4} {what}")
if wrong:
    print("DIFFERENT")
    print("\n".join(wrong))
    sys.exit(1)
print("AGREES")
