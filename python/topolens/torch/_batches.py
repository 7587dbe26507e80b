"""Which samples of a loader are looked at, and the batches in which the model sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils.data import Dataset, IterableDataset

from topolens._arrays import as_array, as_labels, as_real, is_array_like
from topolens.torch._choice import Pool, is_shuffled
from topolens.torch._state import device_of, dtype_of, own_random_state

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    Inputs = torch.Tensor | dict[str, torch.Tensor]

LARGEST_BATCH = 256
LABEL_KEYS = ("labels", "label")


@dataclass(frozen=True, eq=False)
class Samples:
    """The chosen samples, in the order in which the loader gave them.

    Attributes
    ----------
    inputs : sequence of Tensor or dict of str to Tensor
        What the model takes, one entry per sample, with a batch axis of length 1.
    indices : ndarray of shape (n_samples,), int64
        Positions of the samples in the loader's order.
    labels : ndarray of shape (n_samples,) or None
        Their labels.
    batch_size : int
        Largest number of samples that the model gets at once, but that a batch of two takes a
        third sample in rather than leave it alone.
    ids : ndarray of shape (n_samples,)
        What tells the samples apart: those that the caller gave, else their positions.
    shuffled : bool
        The ids are positions in an order that the loader draws anew in each pass.
    """

    inputs: Sequence[Inputs]
    indices: NDArray[np.int64]
    labels: NDArray[Any] | None
    batch_size: int
    ids: NDArray[Any]
    shuffled: bool

    def __len__(self) -> int:
        return len(self.inputs)

    def batches(self, size: int | None = None) -> Iterator[tuple[slice, Inputs]]:
        """Yield the samples in batches; samples of different shape never share one."""
        start = 0
        for _, alike in groupby(self.inputs, key=_signature):
            group = list(alike)
            for first, end in pairwise(cuts(len(group), size or self.batch_size)):
                yield slice(start + first, start + end), _collate(group[first:end])
            start += len(group)


def choose_samples(
    loader: Any,
    model: nn.Module,
    most: int,
    rng: np.random.Generator,
    *,
    per_class: bool = False,
    ids: NDArray[Any] | None = None,
    name: str = "loader",
) -> Samples:
    """Read the loader once and keep `most` of its samples, of all or of each class.

    `ids` are those of all samples in the loader's order; without them, positions are.
    """
    dtype = dtype_of(model)
    pool = Pool(most, per_class)
    seen = largest = 0
    with own_random_state(device_of(model)):  # an iterator of a DataLoader draws a seed
        for batch in _as_batches(loader, name):
            inputs, labels = _split(batch, name)
            for row, draw in enumerate(rng.random(len(labels))):
                if pool.wants(draw, labels[row]):
                    pool.add(draw, (seen + row, _take(inputs, row, dtype), labels[row]))
            seen += len(labels)
            largest = max(largest, len(labels))
    if not seen:
        raise ValueError(f"`{name}` must give at least one sample; found none")
    pool.warn_of_small_classes()
    places, inputs, labels = zip(*pool.samples(), strict=True)
    indices = np.array(places, np.int64)
    if ids is not None and len(ids) != seen:
        raise ValueError(
            f"`sample_ids` must hold one id for each of the {seen} samples of `{name}`; "
            f"found {len(ids)}"
        )
    return Samples(
        inputs=inputs,
        indices=indices,
        labels=_join_labels(labels, name),
        # No smaller than the probe: models that squeeze lose the axis of a single sample.
        batch_size=max(2, min(largest, LARGEST_BATCH)),
        ids=indices if ids is None else ids[indices],
        shuffled=ids is None and is_shuffled(loader),
    )


def batch_length(inputs: Any, argument: str = "loader") -> int:
    """Return the number of samples in the inputs of one batch."""
    parts = inputs if isinstance(inputs, Mapping) else {"batch": inputs}
    if not parts:
        raise ValueError(f"`{argument}` must give batches with inputs; found only labels")
    for name, part in parts.items():
        if not isinstance(part, torch.Tensor | np.ndarray) or part.ndim == 0:
            raise TypeError(
                f"`{argument}` must give tensors or arrays of samples, (x, y) pairs of them or "
                f"dictionaries of them; found {type(part).__name__} as {name!r}"
            )
    lengths = {name: len(part) for name, part in parts.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"the inputs of a batch must have the same length; found {lengths}")
    return next(iter(lengths.values()))


def cuts(n: int, size: int) -> list[int]:
    """Return where batches begin and the last one ends; none is left with a single sample.

    Models that squeeze, and statistics of a batch, need two: the last two batches share theirs.
    """
    cuts = [*range(0, n, size), n]
    if size > 1 and len(cuts) > 2 and n - cuts[-2] == 1:
        cuts[-2:-1] = [n - 2] if size > 2 else []
    return cuts


def _as_batches(loader: Any, name: str = "loader") -> Iterable[Any]:
    """Take a whole data set in memory as one batch."""
    if _is_pair(loader) or is_array_like(loader) or isinstance(loader, Mapping):
        return [loader]
    if isinstance(loader, Dataset) and not isinstance(loader, IterableDataset):
        raise TypeError(f"`{name}` must give batches; wrap the Dataset in a torch DataLoader")
    if not isinstance(loader, Iterable) or isinstance(loader, str):
        raise TypeError(
            f"`{name}` must be an iterable of batches, a tensor or array, or a tuple (X, y) of "
            f"them; found {type(loader).__name__}"
        )
    return loader


def _is_pair(loader: Any) -> bool:
    """Tell (X, y) from a tuple of two batches, each with inputs of its own."""
    if not (isinstance(loader, tuple) and len(loader) == 2):
        return False
    X, y = loader
    if isinstance(X, Mapping):
        return not isinstance(y, Mapping | tuple)
    return is_array_like(X) and (is_array_like(y) or _are_labels(y))


def _are_labels(y: Any) -> bool:
    """Tell a list of labels from a batch, which is a list of arrays."""
    return isinstance(y, list | tuple) and not any(
        isinstance(part, Mapping | list | tuple) or (is_array_like(part) and np.ndim(part))
        for part in y
    )


def _split(batch: Any, name: str = "loader") -> tuple[Any, Sequence[Any] | NDArray[Any]]:
    """Part a batch into the model's inputs and one label (or None) per sample."""
    labels = None
    if isinstance(batch, Mapping):
        labels = next((batch[key] for key in LABEL_KEYS if key in batch), None)
        inputs: Any = {key: value for key, value in batch.items() if key not in LABEL_KEYS}
    elif isinstance(batch, tuple | list):
        if not 1 <= len(batch) <= 2:
            raise ValueError(
                f"`{name}` must give x, (x, y) or a dictionary of the model's keyword arguments; "
                f"found {len(batch)} entries"
            )
        inputs = dict(batch[0]) if isinstance(batch[0], Mapping) else batch[0]
        labels = batch[1] if len(batch) == 2 else None
    else:
        inputs = batch
    if isinstance(inputs, dict):
        inputs = {key: _as_input(part, name) for key, part in inputs.items()}
    else:
        inputs = _as_input(inputs, name)
    n = batch_length(inputs, name)
    return inputs, [None] * n if labels is None else _one_per_sample(labels, n)


def _as_input(part: Any, name: str) -> Any:
    """Read any array but a tensor as one that torch takes; leave what is none to be refused."""
    if isinstance(part, torch.Tensor) or not is_array_like(part):
        return part
    array = as_array(part, name)
    if array.dtype.kind not in "buifc":
        array = as_real(array, name)
    wide = array.dtype.kind == "f" and array.dtype.itemsize > 8
    return array.astype(np.float64 if wide else array.dtype.newbyteorder("="), copy=False)


def _one_per_sample(labels: Any, n: int) -> NDArray[Any]:
    try:
        return as_labels(labels, n, "labels")
    except (TypeError, ValueError) as error:
        error.add_note("leave labels out of the batches to record without them")
        raise


def _join_labels(labels: Sequence[Any], name: str = "loader") -> NDArray[Any] | None:
    given = [label is not None for label in labels]
    if any(given) and not all(given):
        raise ValueError(f"`{name}` must give labels with every batch or with none")
    return as_labels(list(labels), len(labels), "labels") if all(given) else None


def _take(inputs: Any, row: int, dtype: torch.dtype) -> Any:
    """Copy one sample; NumPy floats, mostly double by accident, take the model's `dtype`."""
    if isinstance(inputs, dict):
        return {name: _take(part, row, dtype) for name, part in inputs.items()}
    if isinstance(inputs, torch.Tensor):
        return inputs[row : row + 1].detach().clone()
    sample = torch.tensor(np.ascontiguousarray(inputs[row : row + 1]))
    return sample.to(dtype) if sample.is_floating_point() else sample


def _signature(sample: Inputs) -> tuple:
    parts = sample if isinstance(sample, dict) else {"": sample}
    return tuple((name, part.shape) for name, part in parts.items())


def _collate(batch: list[Any]) -> Inputs:
    if isinstance(batch[0], dict):
        return {name: torch.cat([sample[name] for sample in batch]) for name in batch[0]}
    return torch.cat(batch)
