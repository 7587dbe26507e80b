"""Time and agreement of ph_dimension beside the published way: ripser on every subset.

    python benches/ph_dimension.py [--n 1000] [--dim 2000] [--repeats 5]

The published code (Birdal, Lou, Guibas, Simsekli 2021) calls ``ripser(subset)``, which computes
degree 1 also, and uses the bars of degree 0 only. Both ways get the same subsets here, of a
random walk with drift, like the iterates of a training run. Printed are medians of CPU time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from ripser import ripser

import topolens as tl

TOLERANCE = 1e-4  # ripser takes its distances from scikit-learn and holds them as float32


def iterates(n: int, dim: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.cumsum(rng.normal(size=(n, dim)) + 0.05 * rng.normal(size=dim), axis=0)


def published(X: np.ndarray, sizes: np.ndarray, seed: int, maxdim: int) -> float:
    """Slope of log E on log n from ripser's diagrams, then 1 / (1 - slope)."""
    rng = np.random.default_rng(seed)
    sums = []
    for size in sizes:
        subset = np.sort(rng.choice(len(X), size, replace=False))
        bars = ripser(X[subset], maxdim=maxdim)["dgms"][0]
        bars = bars[np.isfinite(bars[:, 1])]
        sums.append((bars[:, 1] - bars[:, 0]).sum())
    slope, _ = np.polyfit(np.log(sizes), np.log(sums), 1)
    return 1 / (1 - slope)


def timed(call: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """Return the result and the median of CPU seconds."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        result = call()
        seconds.append(time.process_time() - start)
    return result, statistics.median(seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--dim", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    warnings.filterwarnings("ignore", "The input point cloud has more columns than rows")
    X = iterates(options.n, options.dim)
    ours, our_seconds = timed(lambda: tl.ph_dimension(X, rng=0, n_threads=1), options.repeats)
    rows = [("topolens", ours.value, our_seconds)]
    for maxdim in (1, 0):
        value, seconds = timed(lambda d=maxdim: published(X, ours.sizes, 0, d), 1)
        rows.append((f"ripser, maxdim={maxdim}", value, seconds))
    print(f"{options.n} iterates of {options.dim} weights, {len(ours.sizes)} subsets, one thread")
    for name, value, seconds in rows:
        print(f"{name:17} {value:10.6f} {seconds:9.3f} s CPU {seconds / our_seconds:8.1f} x")
    agree = all(abs(value / ours.value - 1) <= TOLERANCE for _, value, _ in rows)
    print("the dimensions agree" if agree else "THE DIMENSIONS DIFFER")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
