"""Numbers of a claim in words: what was wanted, what was found, what so many cases could tell."""

from __future__ import annotations

from experiments.harness.claims import Claim
from experiments.harness.intervals import CLOPPER_PEARSON, Interval
from experiments.harness.reach import likely_truth, power


def wanted(claim: Claim) -> str:
    """Say where the number lies if the claim is true, and who set the bound."""
    low, high, closed = claim.wanted
    if low == float("-inf"):
        bound = f"{'at most' if closed else 'below'} {number(high, claim.unit)}"
    elif high == float("inf"):
        bound = f"{'at least' if closed else 'above'} {number(low, claim.unit)}"
    else:
        bound = f"from {number(low, claim.unit)} to {number(high, claim.unit)}"
    return f"{bound} ({claim.bound})"


def found(claim: Claim) -> str:
    """Say what was found, with its interval."""
    return in_words(claim.interval, claim.unit)


def in_words(interval: Interval, unit: str) -> str:
    """Write an estimate, its unit and its interval."""
    estimate, low, high = (number(value, unit) for value in interval[:3])
    return f"{estimate} {unit}".strip() + f" [{low}, {high}]"


def reach(claim: Claim) -> str:
    """Say what so many cases could have decided."""
    n = claim.interval.n
    if claim.interval.method != CLOPPER_PEARSON:
        half = (claim.interval.high - claim.interval.low) / 2
        return f"What is nearer to the bound than {number(half, claim.unit)} stays undecided."
    truth = likely_truth(claim.wanted)
    probability = power(claim.wanted, n, truth)
    chance = f"with probability {probability:.2f}"
    return f"At a truth of {percent(truth)}, n = {n} would have decided {chance}."


def number(value: float, unit: str) -> str:
    """Write shares, whose unit begins with "of", in percent."""
    if unit.startswith("of "):
        return percent(value)
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def percent(share: float) -> str:
    """Write a share."""
    return f"{100 * share:.3g} %"
