"""Statistics under draws that keep a null: p-values alone, and of the largest in a family."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from topolens._arrays import as_values

# Sums over the same numbers in another order differ in their last digits: ties stay ties.
SLACK = 1e-9
ROUNDING = 1e-12  # of a number, what its last digits may be off


@dataclass(frozen=True)
class Families:
    """Which rows are asked together, such as the layers of one class and number."""

    names: tuple[Any, ...]
    codes: np.ndarray
    order: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, families: Sequence[Any] | None, n_rows: int) -> Self:
        """Read the family of each row; all are one when not given."""
        try:
            given = [0] * n_rows if families is None else list(families)
        except TypeError:
            raise TypeError(
                f"`families` must be a sequence of names; found {type(families).__name__}"
            ) from None
        if len(given) != n_rows:
            raise ValueError(f"`families` must have one name per row, {n_rows}; found {len(given)}")
        place = {name: code for code, name in enumerate(dict.fromkeys(given))}
        codes = np.array([place[name] for name in given], dtype=np.int64)
        order = np.argsort(codes, kind="stable")
        starts = np.searchsorted(codes[order], np.arange(len(place)))
        return cls(tuple(place), codes, order, starts)

    def largest(self, statistics: np.ndarray) -> np.ndarray:
        """Return the largest of each family, a row a draw."""
        return np.maximum.reduceat(statistics[:, self.order], self.starts, axis=1)

    def mean(self, statistics: np.ndarray) -> np.ndarray:
        """Return the mean of each family, a row a draw."""
        sums = np.add.reduceat(statistics[:, self.order], self.starts, axis=1)
        return sums / np.bincount(self.codes)

    def least(self, p: np.ndarray) -> np.ndarray:
        """Return the least of each family; nan where none is known."""
        known = np.where(np.isnan(p), np.inf, p)[self.order]
        least = np.minimum.reduceat(known, self.starts)
        return np.where(np.isinf(least), np.nan, least)


def shares(
    draws: Iterable[np.ndarray], observed: np.ndarray, families: Families
) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of the draws that reach each row, alone and by their largest in the family.

    Draws come in blocks of shape (draws, rows), and what was observed is one of them.
    """
    alone, among = np.zeros((2, len(observed)), dtype=np.int64)
    bar, total = observed - SLACK, 0
    for block in draws:
        alone += (block >= bar).sum(axis=0)
        among += (families.largest(block)[:, families.codes] >= bar).sum(axis=0)
        total += len(block)
    return alone / total, among / total


def known_mean(values: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis of what is not nan; nan where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)


def as_rows(values: Any, name: str, n_rows: int | None = None) -> np.ndarray:
    """Read numbers of shape (units, rows); what is not finite is missing, and becomes nan."""
    array = as_values(values, name)
    if array.ndim == 1 and array.size:
        array = array[:, None]
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"`{name}` must be of shape (units, rows); found shape {array.shape}")
    if n_rows is not None and array.shape[1] != n_rows:
        raise ValueError(f"`{name}` must have {n_rows} rows like the other; found {array.shape[1]}")
    return np.where(np.isfinite(array), array, np.nan)


def as_row(values: Any, name: str, n_rows: int | None = None) -> np.ndarray:
    """Read numbers of shape (rows,) of one unit, as (1, rows)."""
    array = as_values(values, name)
    if array.ndim > 1:
        raise ValueError(f"`{name}` must be of shape (rows,); found shape {array.shape}")
    return as_rows(np.atleast_2d(array), name, n_rows)
