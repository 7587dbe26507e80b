"""What is compared, and by which kernel."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from topolens import _core
from topolens._calls import as_choice, as_number
from topolens.networks._predictions import Predictions

ComparisonName = Literal[
    "disagreement",
    "correctness",
    "balanced",
    "worst_class",
    "tv",
    "hellinger",
    "js",
    "lp",
    "kappa",
    "jsd",
    "bhattacharyya",
    "normalized",
]
Call = dict[str, Any]
Sizes = np.ndarray | np.float64  # samples behind each distance, or behind all alike


class Comparison(NamedTuple):
    """A way to compare networks.

    Attributes
    ----------
    compares : str
        "labels", "labels by class", "probabilities" or "outputs".
    is_metric : bool
    negative_type : bool
        For orders up to 2.
    takes_p : bool
        Whether the mean over the samples may be of another order than 1.
    """

    compares: str
    is_metric: bool = True
    negative_type: bool = True
    takes_p: bool = False


COMPARISONS: dict[ComparisonName, Comparison] = {
    "disagreement": Comparison("labels"),
    "correctness": Comparison("labels"),
    "balanced": Comparison("labels by class"),
    "worst_class": Comparison("labels by class", negative_type=False),
    "tv": Comparison("probabilities"),
    "hellinger": Comparison("probabilities", takes_p=True),
    "js": Comparison("probabilities", takes_p=True),
    "lp": Comparison("outputs", takes_p=True),
    "kappa": Comparison("labels", is_metric=False, negative_type=False),
    "jsd": Comparison("probabilities", is_metric=False),
    "bhattacharyya": Comparison("probabilities", is_metric=False, negative_type=False),
    "normalized": Comparison("labels", is_metric=False, negative_type=False),
}


def order_of_mean(p: float, comparison: ComparisonName) -> float:
    """Read the order of the mean over the samples, which not all comparisons take."""
    as_choice(comparison, "comparison", tuple(COMPARISONS))
    order = as_number(p, "p")
    if not 1 <= order < np.inf:
        raise ValueError(f"`p` must be at least 1 and finite; found {p}")
    if order != 1 and not COMPARISONS[comparison].takes_p:
        raise ValueError(f"`p` must be 1 for {comparison!r}; found {p}")
    return order


class Compared(NamedTuple):
    """Values of all pairs, condensed, and what is known of them."""

    values: np.ndarray
    counts: np.ndarray | None
    sizes: Sizes | None
    is_metric: bool
    negative_type: bool


def compare(space: Predictions, comparison: ComparisonName, p: float, call: Call) -> Compared:
    """Compare all pairs of networks in one of the ways."""
    counts: np.ndarray | None = None
    sizes: Sizes | None = None
    kind = COMPARISONS[comparison]
    is_metric, negative_type = kind.is_metric, kind.negative_type and p <= 2
    if kind.compares in ("probabilities", "outputs"):
        values = _soft(space, comparison, p, call)
        if comparison in ("tv", "hellinger", "js") and p == 1:
            sizes = np.float64(space.effective_samples)
    elif kind.compares == "labels by class":
        fold = "mean" if comparison == "balanced" else "worst"
        groups = _classes_of_samples(space, comparison)
        values = _within_classes(space, groups, comparison, fold, call)
    else:
        values, counts, sizes = _shares(space, comparison, call)
        if space._samples_by_pair:
            is_metric = negative_type = False
        if comparison == "kappa":
            values, counts, sizes = _kappa(space, values, call), None, None
        elif comparison == "normalized":
            values, counts, sizes = _normalized(values), None, None
    return Compared(values, counts, sizes, is_metric, negative_type)


def _shares(
    space: Predictions, comparison: ComparisonName, call: Call
) -> tuple[np.ndarray, np.ndarray | None, Sizes]:
    """Return how often networks differ: shares, counts, numbers of samples."""
    if comparison != "disagreement":
        _refuse_uniform_ties(space, comparison)
    source = "correctness" if comparison == "correctness" else "disagreement"
    if space._samples_by_pair:
        return _by_pairs(space, source, call)
    n = np.float64(space.effective_samples)
    if space.ties == "uniform" and space.tie_sets:
        return _uniform(space, call), None, n
    compared = space._compared(source)
    if space.weights is None:
        counts = _core.disagreement_counts(**compared, **call)
        return counts / space.n_samples, counts, n
    values = _core.disagreements(**compared, weights=space.weights, fold="each", **call)
    return np.minimum(values, 1.0), None, n


def _by_pairs(
    space: Predictions, source: str, call: Call
) -> tuple[np.ndarray, np.ndarray | None, Sizes]:
    """Leave out what either network misses."""
    values, sizes, apart = _core.disagreements_by_pairs(
        **space._compared(source), missing=space._missing_code, weights=space.weights, **call
    )
    if apart is not None:
        first, second = (space.names[i] for i in apart)
        raise ValueError(
            f"`labels` must share a sample for each pair of networks; "
            f"found none for {first!r} and {second!r}"
        )
    return values, None, sizes


def _uniform(space: Predictions, call: Call) -> np.ndarray:
    """Compare tied classes as distributions, by total variation."""
    return _core.disagreements_with_ties(
        **space._compared("disagreement"),
        classes=int(space.n_classes or 0),
        tie_sets=space.tie_sets,
        weights=space.weights,
        **call,
    )


def _soft(space: Predictions, comparison: ComparisonName, p: float, call: Call) -> np.ndarray:
    outputs = space._soft
    needed = COMPARISONS[comparison].compares
    there = "outputs" if space._kind == "outputs" else "probabilities"
    if outputs is None or needed != there:
        readers = {"outputs": "`from_outputs`", "probabilities": "`from_probs`, `soft=True`"}
        raise ValueError(
            f"`comparison` must suit what was read, {space._kind}; found {comparison!r}, which "
            f"needs {needed} ({readers[needed]})"
        )
    n = outputs.shape[1]
    weights = np.full(n, 1 / n) if space.weights is None else space.weights
    values = _core.soft_distances(outputs, weights, measure=comparison, power=p, **call)
    return values if comparison in ("lp", "bhattacharyya") else np.minimum(values, 1.0)


def _classes_of_samples(space: Predictions, what: str) -> np.ndarray:
    """Return the place of each label among those that occur; refuse those without weight."""
    y = space._need_truth(what)
    classes, groups = np.unique(y, return_inverse=True)
    if space.weights is not None:
        empty = np.bincount(groups, space.weights) == 0
        if empty.any():
            raise ValueError(
                f"`weights` must be positive somewhere in each class; found zeros only in class "
                f"{classes[np.argmax(empty)]}"
            )
    return groups.reshape(-1).astype(np.uint32)


def _within_classes(
    space: Predictions, groups: np.ndarray, comparison: str, fold: str, call: Call
) -> np.ndarray:
    _refuse_other_than_labels(space, comparison)
    compared = space._compared("disagreement")
    return _core.disagreements(**compared, weights=space.weights, groups=groups, fold=fold, **call)


def shares_of_classes(space: Predictions, call: Call) -> np.ndarray:
    """Return the disagreement within each class, a matrix a class."""
    groups = _classes_of_samples(space, "per_class")
    values = _within_classes(space, groups, "per_class", "each", call)
    by_class = values.reshape(-1, int(groups.max()) + 1).T
    matrices = np.empty((len(by_class), len(space), len(space)))
    for matrix, row in zip(matrices, by_class, strict=True):
        matrix[:] = _core.square(np.ascontiguousarray(row), len(space))
    return matrices


def compare_across(space: Predictions, other: Predictions, call: Call) -> np.ndarray:
    """Return the disagreement of each network with each other one."""
    _refuse_other_than_labels(space, "cross")
    _refuse_other_than_labels(other, "cross")
    labels, others = space._need_labels("cross"), other._need_labels("cross")
    same_weights = (space.weights is None and other.weights is None) or (
        space.weights is not None
        and other.weights is not None
        and np.array_equal(space.weights, other.weights)
    )
    if labels.shape[1] != others.shape[1] or not same_weights:
        raise ValueError(
            f"`other` must have the same samples and weights; found {other.n_samples} samples "
            f"for {space.n_samples}" + ("" if same_weights else ", and other weights")
        )
    return _core.disagreements_across(
        labels,
        others,
        classes=(int(space.n_classes or 0), int(other.n_classes or 0)),
        tie_sets=(space.tie_sets, other.tie_sets),
        weights=space.weights,
        **call,
    )


def _kappa(space: Predictions, disagreement: np.ndarray, call: Call) -> np.ndarray:
    """Return 1 - Cohen's kappa: the disagreement, as a ratio to that by chance."""
    missing = space._missing_code
    chance = _core.chance_disagreements(
        space._need_labels("kappa"),
        kinds=missing + 1,
        missing=missing if space._samples_by_pair else None,
        weights=space.weights,
        **call,
    )
    if not chance.all():
        i, j = np.triu_indices(len(space), 1)
        pair = int(np.argmin(chance))
        first, second = space.names[i[pair]], space.names[j[pair]]
        raise _core.NumericalError(
            f"kappa is not defined for {first!r} and {second!r}, "
            "which predict the same class always"
        )
    return disagreement / chance


def _normalized(disagreement: np.ndarray) -> np.ndarray:
    """Return disagreements from 0 for the nearest pair to 1 for the farthest."""
    spread = np.ptp(disagreement) if len(disagreement) else 0.0
    if not spread > 0:
        raise _core.NumericalError("all pairs of networks disagree equally: no range to divide by")
    return (disagreement - disagreement.min()) / spread


def _refuse_uniform_ties(space: Predictions, what: str) -> None:
    if space.ties == "uniform" and space.tie_sets:
        raise ValueError(f"`ties` must be 'first' or 'set' for {what!r}; found 'uniform'")


def _refuse_other_than_labels(space: Predictions, what: str) -> None:
    _refuse_uniform_ties(space, what)
    if space._samples_by_pair:
        raise ValueError(
            f"`missing` must be 'own_label' or 'drop_samples' for {what!r}; found 'pairwise'"
        )
