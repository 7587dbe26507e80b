"""Scores that guess, before any training, how well a network will do on another task.

The scores have one function each; :func:`transfer_scores` takes them all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from numpy.typing import ArrayLike

from topolens._arrays import as_labels
from topolens._calls import as_count, refuse_unused
from topolens._html import columns_html
from topolens.transfer._gbc import gbc
from topolens.transfer._hscore import hscore
from topolens.transfer._knn import knn
from topolens.transfer._leep import leep
from topolens.transfer._logme import logme
from topolens.transfer._nce import nce
from topolens.transfer._parc import parc
from topolens.transfer._reading import as_labeled, as_probabilities
from topolens.transfer._transrate import transrate

OfFeatures = Literal["knn", "hscore", "logme", "transrate", "gbc", "parc"]
OfProbabilities = Literal["leep", "nce"]
Score = OfFeatures | OfProbabilities

OF_FEATURES: tuple[str, ...] = get_args(OfFeatures)
OF_PROBABILITIES: tuple[str, ...] = get_args(OfProbabilities)


@dataclass(frozen=True, kw_only=True)
class TransferScores:
    """Transferability scores of one network on one task; higher is better in all.

    Attributes
    ----------
    knn, hscore, logme, transrate, gbc, parc : float or None
        From features: see the functions of these names in `topolens.transfer`. None where not
        asked for.
    leep, nce : float or None
        From what the network says of its own classes; None without `source_probs`.
    n_samples, n_features, n_classes : int
        What they were computed from.
    """

    knn: float | None
    hscore: float | None
    logme: float | None
    transrate: float | None
    gbc: float | None
    parc: float | None
    leep: float | None
    nce: float | None
    n_samples: int
    n_features: int
    n_classes: int

    def to_dict(self) -> dict[str, float]:
        """Return the scores that were computed, by name."""
        named = ((name, getattr(self, name)) for name in (*OF_FEATURES, *OF_PROBABILITIES))
        return {name: value for name, value in named if value is not None}

    def to_columns(self) -> dict[str, list[Any]]:
        """Return names and values as columns for pandas or polars."""
        scores = self.to_dict()
        return {"score": list(scores), "value": list(scores.values())}

    def _repr_html_(self) -> str:
        return columns_html(
            self.to_columns(), caption=f"{self.n_samples} samples, {self.n_classes} classes"
        )

    def __repr__(self) -> str:
        scores = ", ".join(f"{name}={value:.4g}" for name, value in self.to_dict().items())
        return (
            f"TransferScores({scores}; {self.n_samples} samples, {self.n_features} features, "
            f"{self.n_classes} classes)"
        )


def transfer_scores(
    features: ArrayLike,
    y: ArrayLike,
    source_probs: ArrayLike | None = None,
    *,
    scores: Sequence[Score] | None = None,
    k: int = 5,
    n_threads: int | None = None,
    max_memory: float | None = None,
) -> TransferScores:
    """Score the features of a network for a task, in up to eight published ways.

    Parameters
    ----------
    features : array_like, shape (n, d)
        What the network makes of n samples of the task, such as its activations before the last
        layer, averaged over positions.
    y : array_like, shape (n,)
        Labels of the task, of two classes or more.
    source_probs : array_like, shape (n, n_source_classes), optional
        Probabilities that the network gives to the classes it was trained on. LEEP and NCE need
        them.
    scores : sequence of str, optional
        Names of the scores to compute; all that can be when not given.
    k : int, default 5
        Neighbours of the k-NN accuracy.
    n_threads : int, optional
        Threads of the k-NN search; all by default.
    max_memory : float, optional
        Bytes that the pairs of PARC may take, 56 each; what is available by default. All others
        take a few times the size of `features`.

    Returns
    -------
    TransferScores

    Raises
    ------
    ValueError
        If the features are not finite or all the same, `y` has the wrong length or one class, rows
        of `source_probs` are not probabilities, or a score is unknown, needs `source_probs` or
        more samples of a class.
    NumericalError
        If a score is not defined, such as LogME where labels are a linear function of few
        features; the message says which. Leave it out with `scores`.
    MemoryError
        If there are too many pairs for PARC.

    See Also
    --------
    topolens.statistics.rank_correlation : Whether scores rank networks as accuracies do.

    Notes
    -----
    The functions of `topolens.transfer` have the definitions, with their sources, and more options.
    A score compares networks on one set of samples; its value alone means little. TransRate grows
    with the scale of the features, and the H-score with their number.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1, 2], 30)
    >>> features = rng.normal(size=(90, 8)) + 3 * np.eye(8)[y]
    >>> tl.transfer.transfer_scores(features, y, scores=["knn", "hscore", "logme"])
    TransferScores(knn=0.9889, hscore=1.498, logme=-0.221; 90 samples, 8 features, 3 classes)
    """
    data = as_labeled(features, y)
    probs: Any = None if source_probs is None else as_probabilities(source_probs)
    if probs is not None:
        as_labels(y, len(probs), "y")
    functions: dict[str, Callable[[], float]] = {
        "knn": lambda: knn(data, y, k=as_count(k, "k", least=1), n_threads=n_threads),
        "hscore": lambda: hscore(data, y),
        "logme": lambda: logme(data, y),
        "transrate": lambda: transrate(data, y),
        "gbc": lambda: gbc(data, y),
        "parc": lambda: parc(data, y, max_memory=max_memory),
        "leep": lambda: leep(probs, y),
        "nce": lambda: nce(probs, y),
    }
    chosen = _chosen(scores, probs is not None)
    if "knn" not in chosen:
        refuse_unused('without "knn" among the scores', k=(k, 5))
    values = {name: functions[name]() for name in chosen}
    names = (field.name for field in fields(TransferScores) if field.name in functions)
    return TransferScores(
        **{name: values.get(name) for name in names},
        n_samples=len(data.X),
        n_features=data.X.shape[1],
        n_classes=len(data.classes),
    )


def _chosen(scores: Sequence[str] | None, with_probabilities: bool) -> list[str]:
    if scores is None:
        return [*OF_FEATURES, *(OF_PROBABILITIES if with_probabilities else ())]
    if not isinstance(scores, Iterable):
        raise TypeError(f"`scores` must be names of scores; found {type(scores).__name__}")
    names = [scores] if isinstance(scores, str) else list(scores)
    known = (*OF_FEATURES, *OF_PROBABILITIES)
    for name in names:
        if name not in known:
            raise ValueError(f"`scores` must be among {', '.join(known)}; found {name!r}")
        if name in OF_PROBABILITIES and not with_probabilities:
            raise ValueError(f"`scores` names {name!r}, which needs `source_probs`")
    if not names:
        raise ValueError("`scores` must not be empty")
    return names
