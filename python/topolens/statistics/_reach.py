"""What a number of networks or copies can decide: said before anything is computed."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

import numpy as np

from topolens._calls import as_choice, as_count, refuse_unused

Unit = Literal["network", "group", "copy", "repeat"]

UNITS: tuple[str, ...] = get_args(Unit)
ALPHA = 0.05
FEW_FOR_ROWS = 10  # networks from which false discoveries among rows can be controlled
MANY = 20
OF_RANDOM = 1e-4  # least p over 9999 random draws


def least_p(unit: Unit, n: int, n_other: int | None = None) -> float:
    """Return the least two-sided p-value that a design can reach, whatever is measured.

    Parameters
    ----------
    unit : {"network", "group", "copy", "repeat"}
        What was drawn independently: networks with a control each, networks of two groups, or
        re-initialised copies beside one network. Repeats of one network have no p-value.
    n : int
        Networks with a control, networks of the first group, copies, or repeats.
    n_other : int, optional
        Networks of the second group.

    Returns
    -------
    float
        2/2ⁿ by sign flips, 1/C(n + n_other, n) by permutations (twice that for groups of one
        size, as they can change places), 1/(n + 1) among copies; nan of repeats.

    Raises
    ------
    ValueError
        If `unit` is unknown, or a number is wrong, missing or not used.

    See Also
    --------
    decidable : The same in a sentence.

    Examples
    --------
    >>> from topolens.statistics import least_p
    >>> least_p("network", 5), least_p("copy", 19), least_p("group", 3, 3)
    (0.0625, 0.05, 0.1)
    """
    unit, n = as_choice(unit, "unit", UNITS), as_count(n, "n", least=1)
    if unit == "group":
        other = as_count(n_other, "n_other", least=1)
        return float(least_p_of_groups(np.array(n), np.array(other)))
    refuse_unused(f'with unit="{unit}"', n_other=(n_other, None))
    if unit == "network":
        return float(least_p_paired(np.array(n)))
    return 1 / (n + 1) if unit == "copy" else math.nan


def least_p_paired(n: np.ndarray) -> np.ndarray:
    """Return 2/2ⁿ, and nan for none."""
    return np.where(n > 0, np.ldexp(2.0, -np.asarray(n)), np.nan)


def least_p_of_groups(n: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return one over the number of ways to choose the first group, or the two that mirror it.

    A single network has no spread, and so there is no t.
    """
    from scipy.special import comb

    mirrored = np.where(n == other, 2.0, 1.0)
    return np.where((n > 1) & (other > 1), np.minimum(mirrored / comb(n + other, n), 1.0), 1.0)


def decidable(unit: Unit, n: int, n_other: int | None = None) -> str:
    """Say what a design can decide at a level of 0.05, and what it cannot.

    Parameters
    ----------
    unit : {"network", "group", "copy", "repeat"}
        What was drawn independently, as in `least_p`.
    n : int
        How many.
    n_other : int, optional
        Networks of the second group.

    Returns
    -------
    str
        Sentences.

    Raises
    ------
    ValueError
        If `unit` is unknown, or a number is wrong, missing or not used.

    See Also
    --------
    least_p : The number in it.

    Examples
    --------
    >>> from topolens.statistics import decidable
    >>> print(decidable("network", 5))
    5 networks cannot reach p < 0.05: the least possible p is 0.062. Train 6 or more.
    """
    least = least_p(unit, n, n_other)
    if unit == "repeat":
        return (
            f"{_counted(n, 'repeat')} of one network: no p-value. Repeats say how far other "
            "samples would move its numbers; for more, train other networks or take untrained "
            "copies."
        )
    who = _who(unit, n, n_other)
    if least > ALPHA:
        return (
            f"{who} cannot reach p < {ALPHA:g}: the least possible p is {_digits(least)}. "
            f"{_way_out(unit)}"
        )
    return f"{who} can reach p = {_digits(max(least, OF_RANDOM))}: {_for_what(unit, n, n_other)}"


def _who(unit: Unit, n: int, n_other: int | None) -> str:
    if unit == "group":
        return f"{n} against {_counted(n_other or 0, 'network')}"
    return _counted(n, "network" if unit == "network" else "copy")


def _way_out(unit: Unit) -> str:
    if unit == "network":
        return "Train 6 or more."
    if unit == "group":
        return "Train 4 or more of each kind."
    return "Take 19 copies or more."


def _for_what(unit: Unit, n: int, n_other: int | None) -> str:
    if unit == "copy":
        return (
            "enough for one question about this network, asked of all layers at once; nothing is "
            "said about other networks."
        )
    fewest = n if unit == "network" else min(n, n_other or 0)
    if unit == "network" and n < 8:
        return "enough for one question that was fixed before, such as one class over all layers."
    if fewest < FEW_FOR_ROWS:
        return "enough for a profile over layers, not to pick rows of a table one by one."
    if fewest < MANY:
        return "enough for a profile over layers; rows of a table only where many differ."
    return "enough for a table, with its false discoveries controlled."


def _counted(n: int, noun: str) -> str:
    plural = "copies" if noun == "copy" else f"{noun}s"
    return f"{n} {noun if n == 1 else plural}"


def _digits(p: Any) -> str:
    return f"{p:.2g}"
