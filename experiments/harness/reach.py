"""Which verdicts so many cases could reach, and how likely they are to."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy import stats

from experiments.harness.intervals import CLOPPER_PEARSON, Interval, clopper_pearson
from experiments.harness.wanted import Wanted, judge


def can_decide(wanted: Wanted, interval: Interval) -> bool:
    """Say whether any outcome at this n could lie inside of `wanted`.

    A share of n cases takes n + 1 values, and 15 of 15 has a lower end of 78 %. A mean can lie
    anywhere.
    """
    return interval.method != CLOPPER_PEARSON or bool(inside(wanted, interval.n).any())


def power(wanted: Wanted, n: int, truth: float) -> float:
    """Return the probability that a share of `n` cases lies inside of `wanted`, interval and all.

    Parameters
    ----------
    wanted : Wanted
    n : int
        Independent cases.
    truth : float
        The probability of a single case.
    """
    counts = np.flatnonzero(inside(wanted, n))
    return float(stats.binom.pmf(counts, n, truth).sum())


def likely_truth(wanted: Wanted) -> float:
    """Return a share for which a claim is clearly true: three quarters of the way from its bound.

    "At least 80 %" is meant of something like 95 %; a claim with two bounds of their middle.
    """
    if math.isinf(wanted.high):
        return wanted.low + 0.75 * (1 - wanted.low)
    if math.isinf(wanted.low):
        return 0.25 * wanted.high
    return (wanted.low + wanted.high) / 2


@cache
def inside(wanted: Wanted, n: int) -> np.ndarray:
    """Say of each count from 0 to `n` whether the interval of its share lies inside."""
    bounds = zip(*clopper_pearson(np.arange(n + 1), n), strict=True)
    return np.array([judge(low, high, wanted) == "inside" for low, high in bounds])
