"""Numbers of a claim in words: what was wanted, what was found, what so many cases could tell."""

from __future__ import annotations

from math import floor, log10

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
    """Write an estimate, its unit and its interval, to two digits of half its width."""
    half = (interval.high - interval.low) / 2
    estimate, low, high = (number(value, unit, half) for value in interval[:3])
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


def number(value: float, unit: str, error: float = 0) -> str:
    """Write a number to two digits of its error; shares, of a unit "of ...", in percent."""
    if unit.startswith("of "):
        return f"{digits(100 * value, 100 * error)} %"
    return digits(value, error)


def digits(value: float, error: float) -> str:
    """Write a number to two digits of its error, or with three digits if it has none."""
    if error > 0:
        places = max(1 - floor(log10(error)), 0)
        return f"{round(value, places) + 0.0:,.{places}f}"  # + 0.0 makes -0.0 positive
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def percent(share: float) -> str:
    """Write a share without an interval."""
    return number(share, "of ")
