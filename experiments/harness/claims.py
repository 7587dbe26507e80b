"""Claims of papers, and the rule by which an interval decides on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from experiments.harness.intervals import LEVEL, Interval

Verdict = Literal["holds", "fails", "undecided"]


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


def judge(low: float, high: float, wanted: Wanted) -> Verdict:
    """Decide by where the interval from `low` to `high` lies.

    The claim holds if the whole interval is on its side, fails if the whole interval is on the
    other side, and is undecided otherwise.
    """
    if not low <= high:
        raise ValueError(f"`low` must be at most `high`; found {low} and {high}")
    if wanted.closed:
        inside = wanted.low <= low and high <= wanted.high
        outside = high < wanted.low or low > wanted.high
    else:
        inside = wanted.low < low and high < wanted.high
        outside = high <= wanted.low or low >= wanted.high
    return "holds" if inside else "fails" if outside else "undecided"


@dataclass(frozen=True)
class Claim:
    """What a paper says, as a number that would be in `wanted`, and where it was found to be.

    Parameters
    ----------
    paper : str
        Who claims it.
    statement : str
        One sentence.
    wanted : Wanted
        Where the number lies if the claim is true.
    interval : Interval
        Where it was found to lie.
    unit : str
        What the number counts.
    method : str
        One sentence: what was computed.
    remark : str, optional
        What a reader should not overlook.
    """

    paper: str
    statement: str
    wanted: Wanted
    interval: Interval
    unit: str
    method: str
    remark: str = ""

    @property
    def verdict(self) -> Verdict:
        """What `judge` says."""
        return judge(self.interval.low, self.interval.high, self.wanted)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "paper": self.paper,
            "statement": self.statement,
            "verdict": self.verdict,
            "wanted": [end if math.isfinite(end) else None for end in self.wanted[:2]],
            "closed": self.wanted.closed,
            "estimate": self.interval.estimate,
            "interval": [self.interval.low, self.interval.high],
            "level": LEVEL,
            "unit": self.unit,
            "n": self.interval.n,
            "method": f"{self.method} Interval: {self.interval.method}.",
            "remark": self.remark,
        }
