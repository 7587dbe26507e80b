"""What every contrast returns: differences with intervals, p-values, and what these can reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from topolens._html import columns_html


@dataclass(frozen=True, eq=False, kw_only=True)
class ContrastResult:
    """Differences of rows, such as layers, and whether they are more than chance.

    Attributes
    ----------
    difference : ndarray of float64, shape (rows,)
    low, high : ndarray of float64, shape (rows,)
        Interval of the difference; nan where there is none.
    p : ndarray of float64, shape (rows,)
        Two-sided p-value of each row alone; nan where the design has none.
    p_adjusted : ndarray of float64, shape (rows,)
        The same, after the largest over the rows of its family.
    p_family : ndarray of float64, shape (families,)
        Whether any row of the family differs: by the largest over its rows.
    p_mean_square : ndarray of float64, shape (families,)
        Whether the family differs over all: by the mean of the squared z over its rows. Of one
        network among copies only, else nan.
    least_p : ndarray of float64, shape (rows,)
        The least p-value that so many units can reach.
    n : ndarray of int64, shape (rows,)
        Units in which the row is known: pairs of networks, copies, networks of both groups, or
        repeats.
    families : tuple
        Names of the families, in the order of `p_family`.
    test : str
        How the p-value was found.
    """

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    p_adjusted: np.ndarray
    p_family: np.ndarray
    p_mean_square: np.ndarray
    least_p: np.ndarray
    n: np.ndarray
    families: tuple[Any, ...] = field(repr=False)
    test: str

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return one row per row, as columns for pandas or polars."""
        names = ("difference", "low", "high", "p", "p_adjusted", "least_p", "n")
        return {name: getattr(self, name) for name in names}

    def __repr__(self) -> str:
        """One line with the number of rows, the test and the least p-values."""
        least = np.nanmin(self.p_family) if np.isfinite(self.p_family).any() else np.nan
        return (
            f"ContrastResult({len(self.difference)} rows in {len(self.families)} families, "
            f"least p of a family {least:.4g}; {self.test})"
        )

    def _repr_html_(self) -> str:
        return columns_html(
            {name: column.tolist() for name, column in self.to_columns().items()}, caption=self.test
        )
