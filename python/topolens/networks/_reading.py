"""What networks predict, read batch by batch into integers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_array, as_labels, as_values, label_array, rounding
from topolens.layers._pairing import check_same_samples
from topolens.layers._recording import Recording

Kind = Literal["labels", "logits", "probs", "outputs"]
Ties = Literal["first", "set", "uniform"]
Missing = Literal["own_label", "drop_samples", "pairwise"]

# One entry a network: by name, or along the first axis.
PerNetwork: TypeAlias = Mapping[Any, ArrayLike] | Iterable[ArrayLike] | ArrayLike

KINDS: tuple[str, ...] = get_args(Kind)
TIES: tuple[str, ...] = get_args(Ties)
MISSING: tuple[str, ...] = get_args(Missing)
ABSENT = -1  # no prediction; -2, -3, ... are sets of tied classes
MOST_CLASSES = 2**31 - 1
# Of sums of probabilities: in steps of their type, at least, and of those in double precision.
STEPS, ROUNDING, DOUBLE = 4, 1e-6, 1e-12
LARGEST = 1e300  # outputs whose differences are numbers


@dataclass
class Reader:
    """Turns batches of predictions into signed integers, and remembers sets of tied classes.

    Attributes
    ----------
    kind : str
        What the arrays hold.
    n_classes : int or None
        Set by the first logits or probabilities where not given.
    ties, tie_margin
        Classes within the margin of the top one are tied with it.
    soft : bool
        Whether probabilities or outputs are kept.
    sets : dict
        Numbers of the sets of tied classes that have been met.
    probable : dict
        Which networks have given probabilities where logits were to become some.
    """

    kind: Kind
    n_classes: int | None
    ties: Ties
    tie_margin: float
    soft: bool
    sets: dict[tuple[int, ...], int] = field(default_factory=dict)
    probable: dict[str, bool] = field(default_factory=dict)

    def read(self, found: Any, who: str) -> tuple[np.ndarray | None, ...]:
        """Return labels, where they are tied, and what is compared softly, or None for each."""
        if self.kind == "labels":
            return self._labels(found, who), None, None
        values = as_values(found, self.kind)
        if values.ndim == 1 and self.kind == "outputs":
            values = values[:, None]
        if values.ndim != 2 or values.shape[1] < (1 if self.kind == "outputs" else 2):
            shape = "(n, K) with K at least 2" if self.kind != "outputs" else "(n,) or (n, K)"
            raise ValueError(
                f"`{self.kind}` must have shape {shape}; found {values.shape} for {who}"
            )
        if self.n_classes is None:
            self.n_classes = values.shape[1]
        if values.shape[1] != self.n_classes:
            raise ValueError(
                f"`{self.kind}` must have {self.n_classes} columns in all networks; "
                f"found {values.shape[1]} for {who}"
            )
        self._check(values, who)
        if self.kind == "probs":
            values = self._of_sum_one(values, max(ROUNDING, STEPS * rounding(found)), who)
        if self.kind == "outputs":
            return None, None, values
        labels, tied = self._argmax(values)
        if not self.soft:
            return labels, tied, None
        if self.kind == "probs":
            return labels, tied, values
        likely = self.probable.get(who, True) and add_up_to_one(values, ROUNDING)
        self.probable[who] = likely
        return labels, tied, softmax(values)

    def refuse_probabilities(self) -> None:
        """Refuse networks all of whose logits are probabilities: these would become others."""
        for who, likely in self.probable.items():
            if likely:
                raise ValueError(
                    f"`logits` must be scores before the softmax for `soft=True`; found "
                    f"probabilities for {who}: leave the softmax out, or hand them to `from_probs` "
                    "or to `builder('probs')`"
                )

    def _labels(self, found: Any, who: str) -> np.ndarray:
        array = label_array(found, "labels", missing=ABSENT)
        if array.dtype.kind not in "buif":
            raise TypeError(f"`labels` must hold whole numbers; found dtype {array.dtype}")
        if array.ndim == 2 and array.shape[1] == 1:
            array = array[:, 0]
        if array.ndim != 1:
            raise ValueError(f"`labels` must have shape (n,); found {array.shape} for {who}")
        if array.dtype.kind == "f":
            self._refuse(array, array != np.round(array), "be whole numbers", who)
        rule = f"be -1 for a missing label or between 0 and {(self.n_classes or MOST_CLASSES) - 1}"
        low = np.zeros(array.shape, bool) if array.dtype.kind in "bu" else array < ABSENT
        self._refuse(array, low | (array >= (self.n_classes or MOST_CLASSES)), rule, who)
        return array.astype(np.int16 if array.max(initial=0) < 2**15 else np.int32)

    def _check(self, values: np.ndarray, who: str) -> None:
        if self.kind == "logits":
            # A class may be ruled out by -inf, but not all of them.
            wrong = np.isnan(values) | (values == np.inf)
            self._refuse(values, wrong, "be numbers below infinity", who)
            top = values.max(axis=1)
            self._refuse(top, top == -np.inf, "have a finite logit for each sample", who)
            return
        self._refuse(values, ~np.isfinite(values), "be finite", who)
        if self.kind == "probs":
            self._refuse(values, values < 0, "be non-negative", who)
        else:
            too_large = np.abs(values) > LARGEST
            self._refuse(values, too_large, f"be at most {LARGEST:g} in size", who)

    def _of_sum_one(self, probs: np.ndarray, slack: float, who: str) -> np.ndarray:
        """Divide rows by their sums, which rounding takes away from 1; others stay as they are."""
        sums = probs.sum(axis=1)
        rule = f"add up to 1 for each sample, to within {slack:.1g}"
        way = "divide each row by its sum, or hand scores to `from_logits`"
        self._refuse(sums, np.abs(sums - 1) > slack, rule, who, way)
        rounded = np.abs(sums - 1) > DOUBLE
        if rounded.any():
            probs = np.where(rounded[:, None], probs / sums[:, None], probs)
        return probs

    def _refuse(
        self, values: np.ndarray, wrong: np.ndarray, rule: str, who: str, way: str = ""
    ) -> None:
        if wrong.any():
            place = np.argwhere(wrong)[0].tolist()
            value = values[tuple(place)].tolist()
            way = f": {way}" if way else ""
            raise ValueError(f"`{self.kind}` must {rule}; found {value} at {place} for {who}{way}")

    def _argmax(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        top = values.max(axis=1, keepdims=True)
        among = values >= top - self.tie_margin
        tied = among.sum(axis=1) > 1
        labels = values.argmax(axis=1).astype(np.int32)
        if self.ties != "first" and tied.any():
            which, inverse = np.unique(among[tied], axis=0, return_inverse=True)
            members = [tuple(np.flatnonzero(row).tolist()) for row in which]
            codes = [-2 - self.sets.setdefault(m, len(self.sets)) for m in members]
            labels[tied] = np.array(codes, np.int32)[inverse.reshape(-1)]
        return labels, tied


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def add_up_to_one(values: np.ndarray, slack: float) -> bool:
    """Whether all rows are probabilities, to within the slack of their sums."""
    return bool((values >= 0).all() and (np.abs(values.sum(axis=1) - 1) <= slack).all())


def of_recordings(batch: dict[Any, Any], kind: str) -> dict[Any, Any]:
    """Take what recordings of the same samples tell: predicted labels, or outputs."""
    recorded = {name: each for name, each in batch.items() if isinstance(each, Recording)}
    if not recorded:
        return batch
    if len(recorded) < len(batch):
        other = next(name for name in batch if name not in recorded)
        raise TypeError(
            f"`{kind}` must be recordings of all networks or of none; {other!r} is none"
        )
    check_same_samples(recorded, kind)
    read = _predictions if kind == "labels" else _output
    return {name: read(recording, name) for name, recording in recorded.items()}


def _predictions(recording: Recording, name: Any) -> np.ndarray:
    found = recording.predictions
    if found is None:
        why = f": {recording.predictions_note}" if recording.predictions_note else ""
        raise ValueError(f"`labels` must be recordings with predictions; {name!r} has none{why}")
    # Of a single output it is the sign, 1 or -1.
    return np.maximum(found, 0) if found.dtype.kind in "iu" else found


def _output(recording: Recording, name: Any) -> np.ndarray:
    if "output" not in recording:
        raise ValueError(f"recordings must hold the layer 'output'; that of {name!r} does not")
    return recording["output"]


def by_name(predictions: Any, names: Iterable[Any] | None, argument: str) -> dict[Any, Any]:
    """Read a mapping, a table, or one entry per network along the first axis."""
    if isinstance(predictions, Mapping):
        if names is not None:
            raise ValueError(
                f"`names` must be left out where `{argument}` has names of its own; found both"
            )
        return dict(predictions)
    if hasattr(predictions, "columns"):  # a table has a column for each network
        found = {name: predictions[name] for name in predictions.columns}
        return by_name(found, names, argument)
    listed = isinstance(predictions, Iterable) and not isinstance(predictions, memoryview)
    array = predictions if listed else as_array(predictions, argument)
    if not (listed or array.ndim):
        found = type(predictions).__name__
        raise TypeError(f"`{argument}` must have one entry for each network; found {found}")
    entries = list(array)
    if not (names is None or isinstance(names, Iterable)):
        raise TypeError(f"`names` must be a list of names; found {type(names).__name__}")
    called = list(range(len(entries)) if names is None else names)
    if len(called) != len(entries):
        raise ValueError(
            f"`names` must have one entry for each of {len(entries)} networks; found {len(called)}"
        )
    found = dict(zip(called, entries, strict=True))
    if len(found) < len(called):
        twice = next(name for name in called if called.count(name) > 1)
        raise ValueError(f"`names` must differ; found {twice!r} twice")
    return found


def one_per_sample(values: Any, n: int, name: str) -> np.ndarray:
    """Read weights or labels of one batch."""
    if name == "y":
        return as_labels(values, n, name)
    found = as_values(values, name)
    if found.shape != (n,):
        raise ValueError(f"`{name}` must have shape ({n},), one per sample; found {found.shape}")
    return found


def as_truth(y: np.ndarray, n_classes: int | None) -> np.ndarray:
    """Read the true labels, which are never missing."""
    most = MOST_CLASSES if n_classes is None else n_classes
    if y.dtype.kind == "U":
        raise TypeError(f"`y` must hold whole numbers; found {str(y[0])!r} at [0]")
    wrong = ~((y >= 0) & (y < most) & (y == np.round(y)))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        rule = "whole numbers from 0" + ("" if n_classes is None else f" to {n_classes - 1}")
        raise ValueError(f"`y` must hold {rule}; found {y[place].item()} at [{place}]")
    return y.astype(np.int64)


def as_weights(weights: np.ndarray) -> np.ndarray | None:
    """Read weights as shares of their sum; None if they are all the same."""
    wrong = ~((weights >= 0) & np.isfinite(weights))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"`weights` must be finite and non-negative; found {weights[place]} at [{place}]"
        )
    if not weights.sum() > 0:
        raise ValueError("`weights` must have a positive sum; found zeros only")
    return None if (weights == weights[0]).all() else weights / weights.sum()


def in_small_integers(codes: np.ndarray, n_classes: int, n_sets: int) -> np.ndarray:
    """Return numbers of classes from 0, then of sets of tied classes, then the missing label."""
    last = n_classes + n_sets
    small = codes.astype(np.min_scalar_type(last))
    small[codes == ABSENT] = last
    if n_sets:
        sets = codes < ABSENT
        small[sets] = n_classes - 2 - codes[sets].astype(np.int64)
    return small
