"""Magnitude by Gaussian elimination, in fractions or with fifty digits; no code of topolens.

A space is a square list of rows of distances: `mpf` numbers made from the points' exact
coordinates, or whole numbers for graphs, whose similarities at t = log(base) are fractions.
An infinite distance is a similarity of zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from mpmath import mp, mpf

mp.dps = 50
EPSILON = 2.0**-53


class Singular(ArithmeticError):
    """The similarity matrix has no inverse."""


@dataclass(frozen=True)
class Solution:
    """What an exact weighting amounts to.

    `blur` is how far the magnitude moves, to first order, where every similarity is rounded
    once and every distance once: what no computation in float64 can undercut.
    """

    weights: list[Any]
    magnitude: Any
    slope: Any
    curvature: Any
    blur: float
    spread: Any


# --- linear algebra over any field --------------------------------------------------------------


def solve(matrix, right):
    """Solve a linear system by elimination with pivots from the whole column."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    n = len(rows)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        if not rows[pivot][k]:
            raise Singular(f"no pivot in column {k}")
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(k + 1, n):
            factor = rows[i][k] / rows[k][k]
            if factor:
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    x = [None] * n
    for k in reversed(range(n)):
        known = sum((rows[k][j] * x[j] for j in range(k + 1, n)), 0 * rows[k][n])
        x[k] = (rows[k][n] - known) / rows[k][k]
    return x


def inertia(matrix):
    """Numbers of positive, negative and zero eigenvalues of a symmetric matrix of fractions.

    By Sylvester's law: steps of elimination on rows and columns alike keep the signs.
    """
    a = [list(row) for row in matrix]
    n, signs = len(a), []
    for k in range(n):
        rest = range(k, n)
        diagonal = next((i for i in rest if a[i][i]), None)
        if diagonal is None:
            pair = next(((i, j) for i in rest for j in rest if a[i][j]), None)
            if pair is None:
                break
            diagonal, other = pair
            a[diagonal] = [x + y for x, y in zip(a[diagonal], a[other], strict=True)]
            for row in a:
                row[diagonal] += row[other]
        a[k], a[diagonal] = a[diagonal], a[k]
        for row in a:
            row[k], row[diagonal] = row[diagonal], row[k]
        signs.append(a[k][k] > 0)
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            a[i] = [x - factor * y for x, y in zip(a[i], a[k], strict=True)]
    return sum(signs), len(signs) - sum(signs), n - len(signs)


def quadratic(x, matrix, y):
    """Evaluate the form xᵀ M y."""
    return sum(
        a * m * b for a, row in zip(x, matrix, strict=True) for m, b in zip(row, y, strict=True)
    )


def entrywise(function, *matrices):
    return [
        [function(*entries) for entries in zip(*rows, strict=True)]
        for rows in zip(*matrices, strict=True)
    ]


# --- spaces -------------------------------------------------------------------------------------


def as_exact(values):
    """Turn an array of floats into rows of the same numbers with fifty digits."""
    return [[mpf(float(x)) for x in row] for row in np.asarray(values)]


def distances(points, metric="euclidean"):
    """All distances of points given as floats, rounded at the fiftieth digit."""
    rows = as_exact(points)
    return [[METRICS[metric](a, b) if a is not b else mpf(0) for b in rows] for a in rows]


def differences(a, b):
    return [abs(x - y) for x, y in zip(a, b, strict=True)]


def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    length = mp.sqrt(sum(x * x for x in a)) * mp.sqrt(sum(y * y for y in b))
    return max(1 - dot / length, mpf(0))


def centered(a):
    mean = sum(a) / len(a)
    return [x - mean for x in a]


METRICS = {
    "euclidean": lambda a, b: mp.sqrt(sum(x * x for x in differences(a, b))),
    "sqeuclidean": lambda a, b: sum(x * x for x in differences(a, b)),
    "cityblock": lambda a, b: sum(differences(a, b)),
    "chebyshev": lambda a, b: max(differences(a, b)),
    "hamming": lambda a, b: mpf(sum(x != y for x, y in zip(a, b, strict=True))) / len(a),
    "cosine": cosine,
    "correlation": lambda a, b: cosine(centered(a), centered(b)),
}


def hops(n, edges):
    """Whole numbers of steps between the vertices of a graph, by breadth."""
    joined = [[] for _ in range(n)]
    for i, j in edges:
        joined[i].append(j)
        joined[j].append(i)
    rows = []
    for start in range(n):
        seen, border = {start: 0}, [start]
        for vertex in border:
            for other in joined[vertex]:
                if other not in seen:
                    seen[other] = seen[vertex] + 1
                    border.append(other)
        rows.append([seen.get(i, inf) for i in range(n)])
    return rows


def similarities(D, t):
    """The matrix exp(−t·d) with fifty digits."""
    return entrywise(lambda d: mp.exp(-mpf(t) * d) if d != inf else mpf(0), D)


def powers(H, base):
    """The similarities of whole distances at t = log(base), as fractions."""
    base = Fraction(base)
    return entrywise(lambda h: base**-h if h != inf else Fraction(0), H)


# --- magnitude ----------------------------------------------------------------------------------


def magnitude(D, t):
    """Solve for the weighting of the distances `D` at scale `t`, with fifty digits."""
    return from_similarities(D, similarities(D, t), float(t))


def exact_magnitude(H, base):
    """Solve for the weighting of whole distances at t = log(base), in fractions."""
    base = Fraction(base)
    t = float(mp.log(mpf(base.numerator) / base.denominator))
    return from_similarities(H, powers(H, base), t)


def from_similarities(D, Z, t):
    """Solve Zw = 1 on one point of each group at distance zero, and share its weight."""
    chosen, copies = distinct(D)
    D, Z = ([[M[i][j] for j in chosen] for i in chosen] for M in (D, Z))
    w = solve(Z, [1 + 0 * Z[0][0]] * len(Z)) if Z else []
    lengths = entrywise(lambda d: d if d != inf else 0, D)
    once = entrywise(lambda d, z: d * z, lengths, Z)
    twice = entrywise(lambda d, z: d * z, lengths, once)
    # Z' = −D∘Z, hence w' = u with Zu = (D∘Z)w, and one more derivative of wᵀ(D∘Z)w.
    pulled = [sum(a * b for a, b in zip(row, w, strict=True)) for row in once]
    u = solve(Z, pulled) if Z else []
    absolute = [abs(x) for x in w]
    rounded = entrywise(lambda d, z: abs(z) * (1 + t * d), lengths, Z)
    shared = [w[place] / len(group) for place, group in copies]
    return Solution(
        weights=shared,
        magnitude=sum(w),
        slope=quadratic(w, once, w),
        curvature=2 * quadratic(u, once, w) - quadratic(w, twice, w),
        blur=EPSILON * float(quadratic(absolute, rounded, absolute)),
        spread=sum(1 / sum(Z[place][other] for other, _ in copies) for place, _ in copies),
    )


def distinct(D):
    """Choose one point of each group at distance zero; for each point its group, numbered.

    Only equal rows make a group: in a metric a distance of zero leaves no other.
    """
    groups = []
    for i, row in enumerate(D):
        group = next((g for g in groups if not D[g[0]][i] and D[g[0]] == row), None)
        if group is None:
            groups.append([i])
        else:
            group.append(i)
    number = {i: (place, group) for place, group in enumerate(groups) for i in group}
    return [group[0] for group in groups], [number[i] for i in range(len(D))]
