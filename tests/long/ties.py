"""Compare every way to the diagrams with gudhi on many small spaces full of ties.

    python tests/long/ties.py [--cases 10000] [--seed 0]

Lengths are small whole numbers, so that nearly all simplices are tied, and bars must be equal bit
by bit. The edges of birth and death must have the lengths that the bars say, and be the same on
every way.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))
from cases import INF, as_sparse, by_gudhi
from topolens import _core
from topolens.homology._rips import as_space

FAR = 1e6  # stands for a missing pair where gudhi reads a matrix


def symmetric(upper):
    D = np.triu(upper, 1).astype(float)
    return D + D.T


def whole_numbers(rng, n):
    """No metric: each pair by itself."""
    return symmetric(rng.integers(1, rng.integers(2, 9), (n, n)))


def lattice(rng, n):
    """Points with small integer coordinates, some of them equal."""
    X = rng.integers(0, rng.integers(2, 5), (n, rng.integers(1, 4)))
    return np.abs(X[:, None] - X[None]).sum(-1).astype(float)


def squares(rng, n):
    """Squared distances on a lattice, which break the triangle inequality."""
    X = rng.integers(0, 4, (n, 2))
    return ((X[:, None] - X[None]) ** 2).sum(-1).astype(float)


def hops(rng, n):
    """Numbers of steps on a random graph, which may fall apart."""
    D = np.where(symmetric(rng.random((n, n)) < rng.uniform(0.05, 0.5)) > 0, 1.0, INF)
    np.fill_diagonal(D, 0)
    for k in range(n):
        D = np.minimum(D, D[:, k, None] + D[k])
    return D


def gaps(rng, n):
    """Whole numbers for some pairs, the others missing."""
    D = whole_numbers(rng, n)
    D[symmetric(rng.random((n, n)) < rng.uniform(0.1, 0.8)) > 0] = INF
    return D


def two_copies(rng, n):
    """Every point twice, at distance zero from itself."""
    D = whole_numbers(rng, n)
    return np.tile(D, (2, 2))[: n + n // 2, : n + n // 2]


SPACES = [whole_numbers, lattice, squares, hops, gaps, two_copies]


def plans(top, cocycles):
    engines = [("cohomology", "dense", 15), ("cohomology", "sparse", 15)]
    engines += [("annotations", "dense", 2), ("annotations", "sparse", 1)]
    for (engine, rows, degree), collapse in product(engines, (False, True)):
        if top <= degree and not (collapse and cocycles):
            yield f"{engine}, {rows} rows" + " after edge collapse" * collapse


def ends(result):
    """All that there is to know of the bars, sorted."""
    columns = zip(*result[:3], strict=True)
    return [sorted(np.hstack(c).tolist()) for c in columns]


def check_lengths(D, result):
    for bars, births, deaths in zip(*result[:3], strict=True):
        for (birth, death), born, dead in zip(bars, births, deaths, strict=True):
            assert birth == (D[tuple(born)] if born[0] >= 0 else 0)
            assert death == (D[tuple(dead)] if dead[0] >= 0 else INF)


def check(rng):
    """One space on every way; the names of the ways."""
    maxdim = int(rng.integers(0, 4))
    n = int(rng.integers(0, (80, 45, 20, 10)[maxdim]))
    D = SPACES[rng.integers(len(SPACES))](rng, n)
    p = int(rng.choice([2, 3, 5, 7]))
    threshold = float(rng.choice([INF, rng.integers(0, 8)]))
    cocycles = bool(rng.integers(2))
    whole = as_space(D, "precomputed", None)
    few = as_space(as_sparse(D), "precomputed", None)
    expected = by_gudhi(np.minimum(D, FAR), maxdim, p, min(threshold, FAR / 2))
    seen = []
    for space in (few,) if np.isinf(D).any() else (few, whole):
        known = None
        for plan in plans(min(maxdim, max(len(D) - 2, 0)), cocycles):
            result = _core.rips(
                space,
                maxdim=maxdim,
                threshold=threshold,
                epsilon=None,
                coeff=p,
                cocycles=cocycles,
                max_memory=1 << 40,
                plan=plan,
                n_threads=1,
            )
            for got, want in zip(result[0], expected, strict=True):
                np.testing.assert_array_equal(got, want, plan)
            check_lengths(D, result)
            known = known or ends(result)
            assert ends(result) == known, plan
            seen.append(plan)
    return seen


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    counts = Counter()
    for case in tqdm(range(options.cases)):
        try:
            counts.update(check(np.random.default_rng([options.seed, case])))
        except BaseException:
            print(f"case {case} of seed {options.seed}", file=sys.stderr)
            raise
    for plan, count in sorted(counts.items()):
        print(f"{count:8} {plan}")


if __name__ == "__main__":
    main()
