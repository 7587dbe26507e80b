"""Rates with their errors, what was promised of them, and both in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from experiments.harness.jobs import Row
from experiments.harness.wanted import Wanted, at_least, at_most, judge

LEVEL = at_most(0.065)
COVERAGE = at_least(0.94)
COARSE = 0.035  # a level below this is called conservative
Verdict = Literal["holds", "conservative", "fails", "open", ""]


class Rate(NamedTuple):
    """A share of what was drawn, with its standard error."""

    share: float
    error: float

    def __str__(self) -> str:
        return f"{100 * self.share:.1f} ± {200 * self.error:.1f}"


def rates(**values: Sequence[float] | np.ndarray) -> Row:
    """Return for each name the mean over draws, and the standard error of it."""
    row: Row = {}
    for name, each in values.items():
        found = np.asarray(each, dtype=float)
        row[name] = float(found.mean())
        error = found.std(ddof=1) / np.sqrt(len(found))
        # none of n is no proof of never
        row[f"{name}_error"] = float(error) if error > 0 else 1 / len(found)
    return row


def rate(row: object, name: str) -> Rate:
    """Read a rate from a row of a table."""
    return Rate(getattr(row, name), getattr(row, f"{name}_error"))


def verdict(found: Rate, wanted: Wanted) -> Verdict:
    """Say whether a promise is kept, as far as so many draws can tell."""
    low, high = found.share - 2 * found.error, found.share + 2 * found.error
    side = judge(max(low, 0.0), min(high, 1.0), wanted)
    if side != "inside":
        return "fails" if side == "outside" else "open"
    return "conservative" if wanted is LEVEL and high < COARSE else "holds"


def grid(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
