"""Which samples make up which cloud: classes, subsamples and their random numbers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_labels, as_rng, is_array_like, label_array, label_text

By = Literal["class", "prediction"]

ALL = "all"
DEFAULT_SHARE = 0.8


@dataclass(frozen=True)
class Seeds:
    """Random generators by name, so that none depends on the order in which they are used."""

    entropy: int

    @classmethod
    def of(cls, rng: int | np.random.Generator | None) -> Self:
        """Take a seed, draw one from a generator, or make one up."""
        generator = as_rng(rng)
        if isinstance(rng, int | np.integer):
            return cls(int(rng))
        return cls(int.from_bytes(generator.bytes(16), "little"))

    def generator(self, *path: object) -> np.random.Generator:
        """Return the generator at this path."""
        key = tuple(zlib.crc32(str(step).encode()) for step in path)
        return np.random.default_rng(np.random.SeedSequence(self.entropy, spawn_key=key))


@dataclass(frozen=True)
class Groups:
    """The class of every sample, as text, and the classes to measure."""

    of_sample: np.ndarray
    names: tuple[str, ...]

    def counts(self) -> dict[str, int]:
        """Return the number of samples of each class."""
        return {name: int((self.of_sample == name).sum()) for name in self.names}

    def members(self, name: str) -> np.ndarray:
        """Return the positions of the samples of a class, in ascending order."""
        return np.flatnonzero(self.of_sample == name)

    def shuffled(self, rng: np.random.Generator) -> Groups:
        """Return the same classes with their samples drawn from all."""
        return Groups(rng.permutation(self.of_sample), self.names)

    def draw(self, sizes: dict[str, int], seeds: Seeds, repeat: int) -> dict[str, np.ndarray]:
        """Draw positions from each class without replacement, in ascending order."""
        return {
            name: np.sort(
                seeds.generator("subsample", repeat, name).choice(
                    self.members(name), sizes[name], replace=False
                )
            )
            for name in self.names
        }


def split(
    n: int,
    by: By | None,
    labels: ArrayLike | None,
    predictions: ArrayLike | None,
    classes: Sequence[Any] | None,
) -> Groups:
    """Split n samples by label, by prediction, or not at all."""
    if by is None:
        if classes is not None:
            raise ValueError('`classes` needs `by="class"` or `by="prediction"`')
        return Groups(np.full(n, ALL), (ALL,))
    if by == "prediction" and predictions is None:
        raise ValueError('`by="prediction"` needs a Recording with predictions')
    if by == "class" and labels is None:
        raise ValueError('`by="class"` needs `labels`')
    name, of_each = ("labels", labels) if by == "class" else ("predictions", predictions)
    of_sample, present = _as_names(of_each, n, name)
    return Groups(of_sample, _chosen(classes, present))


def sample_sizes(groups: Groups, subsample: int | float | None, repeats: int) -> dict[str, int]:
    """Return how many points each class contributes."""
    counts = groups.counts()
    if subsample is None:
        subsample = 1.0 if repeats == 1 else DEFAULT_SHARE
    if isinstance(subsample, bool) or not isinstance(subsample, int | float | np.number):
        raise TypeError(f"`subsample` must be an integer, a float or None; found {subsample!r}")
    if isinstance(subsample, float | np.floating):
        if not 0 < subsample <= 1:
            whole = float(subsample).is_integer() and subsample > 1
            way = f": write {int(subsample)} for so many points" if whole else ""
            raise ValueError(f"`subsample` as a share must be in (0, 1]; found {subsample:g}{way}")
        return {name: max(1, round(float(subsample) * count)) for name, count in counts.items()}
    if subsample < 1:
        raise ValueError(f"`subsample` must be at least 1; found {subsample}")
    for name, count in counts.items():
        if subsample > count:
            raise ValueError(
                f"`subsample` must be at most the number of points of every class; "
                f"class {name!r} has {count}, found {subsample}"
            )
    return dict.fromkeys(counts, int(subsample))


def _as_names(labels: Any, n: int, name: str) -> tuple[np.ndarray, list[str]]:
    """Return labels as text, and the distinct ones in the order of their values."""
    distinct, inverse = np.unique(as_labels(labels, n, name), return_inverse=True)
    names = [label_text(value) for value in distinct.tolist()]
    return np.array(names)[inverse], names


def _chosen(classes: Sequence[Any] | None, present: list[str]) -> tuple[str, ...]:
    if classes is None:
        return tuple(present)
    if isinstance(classes, str) or not (isinstance(classes, Sequence) or is_array_like(classes)):
        raise TypeError(f"`classes` must be a sequence of classes; found {classes!r}")
    wanted = label_array(classes, "classes").ravel().tolist()
    chosen = tuple(dict.fromkeys(map(label_text, wanted)))
    absent = [name for name in chosen if name not in present]
    if absent or not chosen:
        raise ValueError(f"`classes` must be among {', '.join(present)}; found {absent or 'none'}")
    return chosen
