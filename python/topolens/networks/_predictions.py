"""What networks predict for the same samples, before any distance is computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any, Self

import numpy as np

from topolens import _core
from topolens._calls import UndefinedError, as_count, as_counts, as_non_negative
from topolens.networks._reading import Kind, Missing, Ties


@dataclass(frozen=True, eq=False)
class DisputedSamples:
    """Samples on which networks disagree.

    Attributes
    ----------
    indices : ndarray of int64, shape (k,)
        The samples, the most disputed first: places in `labels` and `y` of the space.
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
        """Return the share of the samples that each network has right, shape (M,).

        It is 1 less the distance from the true labels, as :meth:`with_truth` adds them. So a
        missing prediction is wrong, unless ``missing="pairwise"`` leaves its sample out; of
        classes that are tied uniformly the true one counts with its probability.
        """
        labels = self._need_labels("accuracy")
        shares = _core.accuracies(
            labels,
            self._need_truth("accuracy").astype(np.uint32),
            classes=int(self.n_classes or 0),
            tie_sets=self._shared_ties,
            skip=self._missing_code if self._samples_by_pair else None,
            weights=self.weights,
        )
        if np.isnan(shares).any():
            name = self.names[int(np.argmax(np.isnan(shares)))]
            raise ValueError(
                f"`labels` must hold a prediction of each network that counts; "
                f"found none for {name!r}"
            )
        return shares

    def majority(self) -> np.ndarray:
        """Return the most frequent prediction for each sample, the lowest class of several.

        It has the smallest sum of disagreements with all networks. As in `labels`, numbers from
        `n_classes` on are sets of tied classes, unless ``ties="uniform"`` shares their votes
        among the classes; -1 says that most networks miss the sample, or all of them where
        ``missing="pairwise"`` leaves out those that do.
        """
        winners = self._votes("majority")[0].astype(np.int64)
        winners[winners == self._missing_code] = -1
        return winners

    def disputed_samples(self, k: int = 20) -> DisputedSamples:
        """Return the samples on which most pairs of networks disagree.

        Parameters
        ----------
        k : int
            How many; samples of weight 0 do not count.

        Returns
        -------
        DisputedSamples

        Notes
        -----
        Pairs disagree as the policies of ties and missing predictions say. Of the pairs that
        ``missing="pairwise"`` leaves, which are those that both predict; 0 where there is none.
        """
        disputes = self._votes("disputed_samples")[1]
        order = np.argsort(-disputes, kind="stable")
        if self.weights is not None:
            order = order[self.weights[order] > 0]
        order = order[: as_count(k, "k")]
        return DisputedSamples(order, disputes[order])

    def _share_of_samples(self, where: np.ndarray) -> np.ndarray:
        return where.mean(axis=1) if self.weights is None else where @ self.weights

    def _votes(self, what: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the label of most networks for each sample, and the share of pairs apart."""
        labels = self._need_labels(what)
        if self._shared_ties:
            classes = int(self.n_classes or 0)
            return _core.votes_with_ties(labels, classes=classes, tie_sets=self._shared_ties)
        return _core.votes(labels, valid=self._missing_code + (self.missing != "pairwise"))

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
    def _shared_ties(self) -> tuple[tuple[int, ...], ...]:
        """The sets of tied classes whose labels stand for each of them in part."""
        return self.tie_sets if self.ties == "uniform" else ()

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
        chosen = as_counts(networks, "networks")
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


def refuse_other_than_fields(
    space: Predictions, given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    """Say who makes a space, where it is called with what only its readers take."""
    known = {part.name: part.default is MISSING for part in fields(space)}
    needed = {name for name, is_needed in known.items() if is_needed}
    if given or not needed <= named.keys() <= known.keys():
        name = type(space).__name__
        found = ", ".join([*(type(value).__name__ for value in given), *named]) or "nothing"
        raise TypeError(
            f"`{name}` must be made by one of its readers; found {found}: use "
            f"`{name}.from_models(models, loader)`, or `from_labels`, `from_logits`, `from_probs`, "
            "`from_outputs` or `builder`"
        )
