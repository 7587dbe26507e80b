"""A uniform choice among samples that come one after the other, of all or of each class."""

from __future__ import annotations

import heapq
import warnings
from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from torch.utils.data import DataLoader, RandomSampler, SubsetRandomSampler, WeightedRandomSampler

from topolens._arrays import label_array
from topolens._calls import as_count, caller_level, refuse_unused

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MOST_NAMED = 5  # classes in a warning
MOST = 2**32 - 1  # samples: more than any loader has


class Pool:
    """A uniform choice, without replacement, of samples whose number is not yet known.

    Every sample draws a random number, and those with the smallest stay, of all samples or of
    each class. So the choice depends on nothing but the draws, and on labels where those part it.

    Parameters
    ----------
    most : int
        Samples to keep.
    per_class : bool
        Keep as many of each class.
    """

    def __init__(self, most: int, per_class: bool) -> None:
        self._most = most
        self._per_class = per_class
        self._kept: dict[Any, list[tuple]] = {}  # heaps with the largest draw on top

    def wants(self, draw: float, label: Any) -> bool:
        """Whether a sample with this draw is among those that stay so far."""
        heap = self._heap(label)
        return len(heap) < self._most or draw < -heap[0][0]

    def add(self, draw: float, sample: tuple[int, Any, Any]) -> None:
        """Take a sample, and forget the one that it replaces."""
        heap = self._heap(sample[-1])
        replace = heapq.heapreplace if len(heap) == self._most else heapq.heappush
        replace(heap, (-draw, *sample))

    def samples(self) -> list[tuple[int, Any, Any]]:
        """Return what was kept, in the order of the loader."""
        kept = (sample[1:] for heap in self._kept.values() for sample in heap)
        return sorted(kept, key=itemgetter(0))

    def warn_of_small_classes(self) -> None:
        """Name the classes that had fewer samples than were asked for."""
        small = {label: len(heap) for label, heap in self._kept.items() if len(heap) < self._most}
        if self._per_class and small:
            named = [f"{n} of class {label!r}" for label, n in islice(small.items(), MOST_NAMED)]
            others = [f"few of {len(small) - len(named)} others"] if len(small) > len(named) else []
            found = ", ".join(named + others)
            warnings.warn(
                f"`per_class` must be at most the number of samples of each class to draw "
                f"{self._most} of each; found {found}: all of them are recorded",
                UserWarning,
                stacklevel=caller_level(),
            )

    def _heap(self, label: Any) -> list[tuple]:
        if not self._per_class:
            return self._kept.setdefault(None, [])
        if label is None:
            raise ValueError(
                "`per_class` needs a label for every sample; found none: give (X, y), or batches "
                "of (x, y)"
            )
        return self._kept.setdefault(label.item() if isinstance(label, np.generic) else label, [])


def is_shuffled(loader: Any) -> bool:
    """Whether a DataLoader says that its order is drawn anew in each pass."""
    if not isinstance(loader, DataLoader):
        return False
    drawn = RandomSampler | SubsetRandomSampler | WeightedRandomSampler
    return any(isinstance(one, drawn) or getattr(one, "shuffle", False) for one in _chain(loader))


def _chain(loader: Any) -> Iterator[Any]:
    """Yield the samplers of a loader, and those that they sample from."""
    for part in ("batch_sampler", "sampler"):
        if (sampler := getattr(loader, part, None)) is not None:
            yield sampler
            yield from _chain(sampler)


def number_of_samples(per_class: int | None, **most: tuple[int, int]) -> int:
    """Return how many samples are wanted, of all or of each class.

    `most` is the argument for all, with its default, which `per_class` replaces.
    """
    ((name, (given, _)),) = most.items()
    if per_class is None:
        whole = isinstance(given, int | np.integer)
        return as_count(min(given, MOST) if whole else given, name, least=1)  # of any size
    number = as_count(per_class, "per_class", least=1)
    refuse_unused("with `per_class`", **most)
    return number


def as_ids(sample_ids: ArrayLike | None, loader: Any) -> NDArray[Any] | None:
    """Read ids of all samples, each of which names one, in an order that the loader keeps."""
    if sample_ids is None:
        return None
    ids = label_array(sample_ids, "sample_ids")
    if ids.ndim != 1:
        raise ValueError(f"`sample_ids` must have shape (n,), one per sample; found {ids.shape}")
    _, first, counts = np.unique(ids, return_index=True, return_counts=True)
    if (counts > 1).any():
        twice = ids[first[counts > 1].min()]
        at = np.flatnonzero(ids == twice)[:2].tolist()
        raise ValueError(f"`sample_ids` must differ; found {twice.item()!r} at {at[0]} and {at[1]}")
    if is_shuffled(loader):
        raise ValueError(
            "`sample_ids` must be in the order of the loader, which is drawn anew in each pass; "
            "found a DataLoader that shuffles: make one with shuffle=False"
        )
    return ids
