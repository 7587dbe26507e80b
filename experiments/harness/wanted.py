"""Where a number lies if a claim is true, and whether an interval lies there."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

Side = Literal["inside", "outside", "across"]


class Wanted(NamedTuple):
    """The numbers for which a claim is true: an interval, with or without its ends."""

    low: float
    high: float
    closed: bool


def above(bound: float) -> Wanted:
    """Numbers larger than `bound`."""
    return Wanted(bound, math.inf, False)


def at_least(bound: float) -> Wanted:
    """Numbers not smaller than `bound`."""
    return Wanted(bound, math.inf, True)


def below(bound: float) -> Wanted:
    """Numbers smaller than `bound`."""
    return Wanted(-math.inf, bound, False)


def at_most(bound: float) -> Wanted:
    """Numbers not larger than `bound`."""
    return Wanted(-math.inf, bound, True)


def between(low: float, high: float) -> Wanted:
    """Numbers from `low` to `high`, ends included."""
    return Wanted(low, high, True)


def judge(low: float, high: float, wanted: Wanted) -> Side:
    """Say whether all of the interval from `low` to `high` is wanted, nothing of it, or a part."""
    if not low <= high:
        raise ValueError(f"`low` must be at most `high`; found {low} and {high}")
    if wanted.closed:
        inside = wanted.low <= low and high <= wanted.high
        outside = high < wanted.low or low > wanted.high
    else:
        inside = wanted.low < low and high < wanted.high
        outside = high <= wanted.low or low >= wanted.high
    return "inside" if inside else "outside" if outside else "across"
