"""What networks predict for the same samples, before any distance is computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from topolens import _core
from topolens._calls import UndefinedError, as_count, as_non_negative
from topolens.networks._reading import Kind, Missing, Ties


@dataclass(frozen=True, eq=False)
class DisputedSamples:
    """Samples on which networks disagree.

    Attributes
    ----------
    indices : ndarray of int64, shape (k,)
        The samples, the most disputed first.
    disputes : ndarray of float64, shape (k,)
        Share of the pairs of networks that disagree on each.
    """

    indices: np.ndarray = field(repr=False)
    disputes: np.ndarray = field(repr=False)

    def to_columns(self) -> dict[str, np.ndarray]:
        """Return the samples as columns, for pandas or polars."""
        return {"sample": self.indices.copy(), "dispute": self.disputes.copy()}


@dataclass(eq=False, repr=False, kw_only=True)
class Predictions:
    """Predictions of networks; :class:`topolens.NetworkSpace` describes the attributes.

    Attributes
    ----------
    _tied : ndarray of bool, shape (M, n), or None
        Where classes are tied.
    _soft : ndarray of float64, shape (M, n, K), or None
        Probabilities or outputs.
    _kind : str
        What was read.
    """

    names: tuple[Any, ...]
    labels: np.ndarray | None
    n_classes: int | None
    tie_sets: tuple[tuple[int, ...], ...] = ()
    y: np.ndarray | None = None
    weights: np.ndarray | None = None
    ties: Ties = "first"
    missing: Missing = "own_label"
    _tied: np.ndarray | None = None
    _soft: np.ndarray | None = None
    _kind: Kind = "labels"

    def __len__(self) -> int:
        """Count the networks."""
        return len(self.names)

    def __repr__(self) -> str:
        """Say how many."""
        classes = "" if self.n_classes is None else f", {self.n_classes} classes"
        return f"{type(self).__name__}({len(self)} networks, {self.n_samples} samples{classes})"

    # --- what they predict --------------------------------------------------------------------

    @property
    def n_samples(self) -> int:
        """Samples that are compared."""
        array = self._soft if self.labels is None else self.labels
        assert array is not None
        return array.shape[1]

    @property
    def effective_samples(self) -> float:
        """Effective number of samples, (Σv)² / Σv² for weights v."""
        return self.n_samples if self.weights is None else float(1 / (self.weights**2).sum())

    @property
    def tie_mass(self) -> np.ndarray:
        """Share of the samples on which each network has tied classes, shape (M,)."""
        if self._tied is None:
            raise UndefinedError(
                f"`tie_mass` must be asked of networks with logits or probabilities; "
                f"found {self._kind}"
            )
        return self._share_of_samples(self._tied)

    def accuracy(self) -> np.ndarray:
        """Return the share of the samples that each network has right, shape (M,)."""
        return self._share_of_samples(self._correct("accuracy"))

    def majority(self) -> np.ndarray:
        """Return the most frequent prediction for each sample, the lowest class of several.

        It has the smallest sum of disagreements with all networks.
        """
        return self._votes("majority")[0].astype(np.int64)

    def disputed_samples(self, k: int = 20) -> DisputedSamples:
        """Return the samples on which most pairs of networks disagree.

        Parameters
        ----------
        k : int
            How many.

        Returns
        -------
        DisputedSamples
        """
        agreements = self._votes("disputed_samples")[1].astype(np.int64)
        pairs = max(len(self) * (len(self) - 1), 1)
        disputes = (len(self) ** 2 - agreements) / pairs
        order = np.argsort(-disputes, kind="stable")[: as_count(k, "k")]
        return DisputedSamples(order, disputes[order])

    def _share_of_samples(self, where: np.ndarray) -> np.ndarray:
        return where.mean(axis=1) if self.weights is None else where @ self.weights

    def _votes(self, what: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the class of most networks for each sample, and the pairs that agree."""
        return _core.votes(self._need_labels(what), classes=int(self.n_classes or 0))

    def _correct(self, what: str) -> np.ndarray:
        labels = self._need_labels(what)
        return labels == self._need_truth(what).astype(labels.dtype)

    def _need_labels(self, what: str) -> np.ndarray:
        if self.labels is None:
            raise ValueError(f"`{what}` must be asked of networks with labels; found outputs")
        return self.labels

    def _need_truth(self, what: str) -> np.ndarray:
        if self.y is None:
            raise ValueError(f"`y` must be given for {what!r}; found None")
        return self.y

    # --- how they are compared ----------------------------------------------------------------

    @property
    def _missing_code(self) -> int:
        return int(self.n_classes or 0) + len(self.tie_sets)

    @property
    def _samples_by_pair(self) -> bool:
        """Whether samples are left out for some pairs only, which makes no metric."""
        if self.missing != "pairwise" or self.labels is None:
            return False
        return bool(self.labels.max() == self._missing_code)

    def _compared(self, measure: str) -> dict[str, Any]:
        """Return what a kernel compares: labels of so many bits, or whether they are true."""
        planes = max(self._missing_code.bit_length(), 1)
        compared: dict[str, Any] = {"labels": self._need_labels(measure), "planes": planes}
        if measure == "correctness":
            compared["truth"] = self._need_truth(measure).astype(np.uint32)
        return compared

    # --- parts of them ------------------------------------------------------------------------

    def select(self, networks: Iterable[int]) -> Self:
        """Return the space of some of the networks, by position, in the given order."""
        chosen = [as_count(i, "networks") for i in networks]
        for i in chosen:
            if i >= len(self):
                raise ValueError(f"`networks` must be below {len(self)}; found {i}")
        if not chosen:
            raise ValueError("`networks` must hold at least one network; found none")

        def rows(array: np.ndarray | None) -> np.ndarray | None:
            return None if array is None else array[chosen]

        return replace(
            self,
            names=tuple(self.names[i] for i in chosen),
            labels=rows(self.labels),
            _tied=rows(self._tied),
            _soft=rows(self._soft),
        )

    def prune(self, eps: float) -> Self:
        """Leave out the networks whose tie mass is above `eps`."""
        tie_mass = self.tie_mass
        kept = np.flatnonzero(tie_mass <= as_non_negative(eps, "eps"))
        if not len(kept):
            raise ValueError(
                f"`eps` must leave a network; found {eps}, below the least tie mass "
                f"{tie_mass.min():.4g}"
            )
        return self.select(kept)

    def with_truth(self, name: Any = "truth") -> Self:
        """Return the space with the true labels as one more network."""
        y, labels = self._need_truth("truth"), self._need_labels("truth")
        if name in self.names:
            raise ValueError(f"`name` must be new; found {name!r}")
        tied, soft = self._tied, self._soft
        if tied is not None:
            tied = np.vstack([tied, np.zeros(len(y), bool)])
        if soft is not None:
            one_hot = np.eye(int(self.n_classes or 0))[y]
            soft = np.concatenate([soft, one_hot[None]])
        return replace(
            self,
            names=(*self.names, name),
            labels=np.vstack([labels, y.astype(labels.dtype)]),
            _tied=tied,
            _soft=soft,
        )
