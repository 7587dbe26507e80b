"""Homology of a space of networks, and which of it the samples certify."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from topolens.homology._results import PersistenceResult


@dataclass(frozen=True, eq=False)
class NetworkPersistence:
    """Homology of a space of networks with its statistical error.

    Attributes
    ----------
    result : PersistenceResult
        Diagrams of the distances on the samples.
    band : float
        The true diagrams are within this in bottleneck distance, at this confidence.
    confidence_level : float
    significant : list of ndarray of bool
        For each bar whether it is longer than twice the band.
    """

    result: PersistenceResult
    band: float
    confidence_level: float
    significant: list[np.ndarray] = field(repr=False)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the bars, and which are certified, as columns, for pandas or polars."""
        return {**self.result.to_columns(), "significant": np.concatenate(self.significant)}
