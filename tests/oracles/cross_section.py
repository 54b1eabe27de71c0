"""Shrinkage intensity, mean correlation and betas of a seeded panel, from the definitions, without any library.

usage: cross_section.py          prints the constants that crates/zero-market/tests/cross_oracle.rs holds

The panel: 400 rows of five columns, from a linear congruential generator; common factor 0.6, own part growing by column.
Returns are taken around zero. The intensity is that of Ledoit and Wolf, "Honey, I shrunk the sample covariance matrix"
(2004), appendix B, with expectations under the weights stated below."""
import math

ROWS, COLUMNS, HALF_LIFE = 400, 5, 168.0


class Draws:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) / 2**53

    def normal(self):
        return sum(self.uniform() for _ in range(12)) - 6.0


def panel():
    draws = Draws(7)
    rows = []
    for _ in range(ROWS):
        common = draws.normal()
        rows.append([0.01 * (0.6 * common + (0.5 + 0.2 * j) * draws.normal()) for j in range(COLUMNS)])
    return rows


def weights(half_life):
    """Of a mean that takes the k-th value with weight max(alpha, 1 / k), unrolled."""
    alpha = 0.0 if math.isinf(half_life) else 1.0 - 2.0 ** (-1.0 / half_life)
    out = []
    for k in range(1, ROWS + 1):
        a = max(alpha, 1.0 / k)
        out = [w * (1.0 - a) for w in out] + [a]
    count = ROWS if alpha == 0.0 else min(ROWS, (2.0 - alpha) / alpha)
    return out, count


def shrink(rows, half_life):
    w, count = weights(half_life)
    span = range(COLUMNS)
    mean = lambda f: sum(w[t] * f(rows[t]) for t in range(ROWS))
    s = [[mean(lambda x: x[i] * x[j]) for j in span] for i in span]
    root = [math.sqrt(s[i][i]) for i in span]
    r = [s[i][j] / root[i] / root[j] for i in span for j in span if i < j]
    average = sum(r) / len(r)
    pi = [[mean(lambda x: (x[i] * x[j] - s[i][j]) ** 2) for j in span] for i in span]
    theta = lambda i, j: mean(lambda x: (x[i] ** 2 - s[i][i]) * (x[i] * x[j] - s[i][j]))
    rho = sum(pi[i][i] for i in span)
    for i in span:
        for j in span:
            if i != j:
                ratio = root[j] / root[i]
                rho += average / 2.0 * (ratio * theta(i, j) + theta(j, i) / ratio)
    gamma = sum((average * root[i] * root[j] - s[i][j]) ** 2 for i in span for j in span if i != j)
    kappa = (sum(map(sum, pi)) - rho) / gamma
    intensity = min(1.0, max(0.0, kappa / count))
    cov = [
        [s[i][j] if i == j else intensity * average * root[i] * root[j] + (1 - intensity) * s[i][j] for j in span]
        for i in span
    ]
    return intensity, average, [cov[i][0] / cov[0][0] for i in span]


for name, half_life in (("equal weights", math.inf), ("half-life 168", HALF_LIFE)):
    intensity, average, betas = shrink(panel(), half_life)
    print(f"{name}: intensity {intensity!r}, mean {average!r}, betas to the first {betas!r}")
