"""A space of networks from predictions that come batch by batch."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_array
from topolens._calls import as_choice, as_count, as_number, refuse_unused
from topolens.networks._predictions import Predictions
from topolens.networks._reading import (
    ABSENT,
    KINDS,
    MISSING,
    MOST_CLASSES,
    TIES,
    Kind,
    Missing,
    PerNetwork,
    Reader,
    Ties,
    as_truth,
    as_weights,
    by_name,
    in_small_integers,
    of_recordings,
    one_per_sample,
)

OF_NETWORKS = ("labels", "tied", "soft")  # as `Reader.read` returns them
OF_SAMPLES = ("y", "weights")
USED = {
    "labels": ("missing",),
    "logits": ("ties", "tie_margin", "soft"),
    "probs": ("ties", "tie_margin", "soft"),
    "outputs": ("soft",),
}
Made = TypeVar("Made", bound=Predictions)


class NetworkSpaceBuilder(Generic[Made]):
    """Takes predictions batch by batch, as :meth:`NetworkSpace.builder` says.

    Examples
    --------
    >>> import topolens as tl
    >>> acc = tl.NetworkSpace.builder()
    >>> acc.update({"a": [[0.1, 0.9]], "b": [[0.7, 0.3]]}, y=[1])
    >>> acc.update({"a": [[2.0, 1.0]], "b": [[3.0, 0.0]]}, y=[0])
    >>> acc.result().distances().counts
    array([[0, 1],
           [1, 0]])
    """

    def __init__(
        self,
        kind: Kind | None,
        *,
        make: type[Made],
        n_classes: int | None,
        ties: Ties,
        tie_margin: float,
        missing: Missing,
        soft: bool,
    ) -> None:
        if kind is not None:
            as_choice(kind, "kind", KINDS)
        margin = as_number(tie_margin, "tie_margin")
        if not 0 <= margin < np.inf:
            raise ValueError(f"`tie_margin` must be non-negative and finite; found {tie_margin}")
        if n_classes is not None:
            n_classes = as_count(n_classes, "n_classes", least=1, most=MOST_CLASSES)
        self._make = make
        self._kind = kind
        self._given_classes = n_classes
        self._ties: Ties = as_choice(ties, "ties", TIES)
        self._margin = margin
        self._missing: Missing = as_choice(missing, "missing", MISSING)
        self._soft = bool(soft)
        self._reader: Reader | None = None
        self._names: tuple[Any, ...] = ()
        self._parts: dict[str, list[np.ndarray]] = {part: [] for part in OF_NETWORKS + OF_SAMPLES}
        self._batches = 0

    def update(
        self, predictions: PerNetwork, y: ArrayLike | None = None, weights: ArrayLike | None = None
    ) -> None:
        """Add the predictions for some more samples.

        Parameters
        ----------
        predictions : mapping from name to array_like, or array_like with one entry per network
            The same networks in each batch. A recording of each network tells its predicted
            labels, or its output for the other kinds.
        y, weights : array_like, shape (n,), optional
            True labels and weights of the samples: with every batch or with none.

        Raises
        ------
        ValueError
            If a batch does not fit those before it, or its values are wrong; nothing of it is kept.
        """
        kind = self._reader.kind if self._reader else self._kind
        batch = of_recordings(by_name(predictions, None, "predictions"), kind or "labels")
        if not batch:
            raise ValueError("`predictions` must hold at least one network; found none")
        if self._reader is None:
            self._reader = self._new_reader(next(iter(batch.values())))
            self._names = tuple(batch)
        if set(batch) != set(self._names):
            raise ValueError(
                f"`predictions` must be of the same networks in all batches; "
                f"found {list(batch)!r} after {list(self._names)!r}"
            )
        new = self._read(batch, self._reader)
        n = next(iter(new.values())).shape[1]
        for part, values in zip(OF_SAMPLES, (y, weights), strict=True):
            if values is not None:
                new[part] = one_per_sample(values, n, part)
            if self._batches and bool(self._parts[part]) != (part in new):
                turn = "given" if part in new else "left out"
                raise ValueError(
                    f"`{part}` must be given with every batch or with none; "
                    f"found it first {turn} in batch {self._batches + 1}"
                )
        # Nothing is kept of a batch that is refused.
        for part, array in new.items():
            self._parts[part].append(array)
        self._batches += 1

    def _new_reader(self, first: Any) -> Reader:
        shown = first if hasattr(first, "ndim") else as_array(first, "predictions")
        kind = self._kind or ("labels" if shown.ndim == 1 else "logits")
        given = {"ties": (self._ties, "first"), "tie_margin": (self._margin, 0.0)}
        given |= {"soft": (self._soft, False), "missing": (self._missing, "own_label")}
        refuse_unused(f"for kind={kind!r}", USED[kind], **given)
        soft = self._soft or kind in ("probs", "outputs")
        return Reader(kind, self._given_classes, self._ties, self._margin, soft)

    def _read(self, batch: dict[Any, Any], reader: Reader) -> dict[str, np.ndarray]:
        """Return those of the parts that there are, a row a network."""
        by_network = [reader.read(batch[name], repr(name)) for name in self._names]
        new: dict[str, np.ndarray] = {}
        for part, arrays in zip(OF_NETWORKS, zip(*by_network, strict=True), strict=True):
            if arrays[0] is None:
                continue
            for name, array in zip(self._names, arrays, strict=True):
                if len(array) != len(arrays[0]):
                    raise ValueError(
                        f"`{reader.kind}` must be for the same samples; found {len(arrays[0])} "
                        f"for {self._names[0]!r} and {len(array)} for {name!r}"
                    )
            new[part] = np.stack(arrays)
        return new

    def result(self) -> Made:
        """Return the space of what has been added.

        Raises
        ------
        ValueError
            If nothing was added, no sample is left, `y` or `weights` break their rule, or what
            was added as logits is probabilities, for ``soft=True``.
        """
        reader = self._reader
        if reader is None or not self._batches:
            raise ValueError("`update` must have been called before `result`; found no batch")
        reader.refuse_probabilities()
        labels, tied, soft = (self._joined(part, axis=1) for part in OF_NETWORKS)
        y, weights = (self._joined(part, axis=0) for part in OF_SAMPLES)
        if labels is not None and self._missing == "drop_samples":
            kept = ~(labels == ABSENT).any(axis=0)
            labels = labels[:, kept]
            y, weights = (None if array is None else array[kept] for array in (y, weights))
        compared = soft if labels is None else labels
        assert compared is not None
        if compared.shape[1] == 0:
            dropped = " without a missing label" if self._missing == "drop_samples" else ""
            raise ValueError(f"`{reader.kind}` must have at least one sample{dropped}; found none")
        n_classes = None if reader.kind == "outputs" else reader.n_classes
        truth = None if y is None else as_truth(y, n_classes)
        if labels is not None:
            if n_classes is None:
                n_classes = 1 + int(max(labels.max(), 0, -1 if truth is None else truth.max()))
            labels = in_small_integers(labels, n_classes, len(reader.sets))
        return self._make(
            names=self._names,
            labels=labels,
            n_classes=n_classes,
            tie_sets=tuple(reader.sets),
            y=truth,
            weights=None if weights is None else as_weights(weights),
            ties=reader.ties,
            missing=self._missing,
            _tied=tied,
            _soft=soft,
            _kind=reader.kind,
        )

    def _joined(self, part: str, axis: int) -> np.ndarray | None:
        arrays = self._parts[part]
        return np.concatenate(arrays, axis=axis) if arrays else None
