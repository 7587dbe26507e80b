"""The points of one class in one layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from topolens._arrays import as_points, as_values
from topolens.layers._recording import as_maps
from topolens.layers._sampling import ALL
from topolens.spaces._spaces import MetricSpace


class Pool(NamedTuple):
    """The samples that several clouds of a layer are drawn from.

    Attributes
    ----------
    name : str
        The class, or nothing where clouds are drawn from all samples.
    members : ndarray of int
        Ascending.
    n_pairs : int
        Of all these clouds together.
    """

    name: str
    members: np.ndarray
    n_pairs: int


@dataclass(frozen=True, eq=False)
class Cloud:
    """Some samples of a layer: rows of an array, or points of a space.

    Attributes
    ----------
    layer_index, layer, name, condition, repeat, copy
        Where it stands in a table; `name` is that of the class, `copy` which untrained one.
    array : ndarray, shape (samples, features), or MetricSpace
        All samples of the layer.
    sample : ndarray of int
        Those of the cloud, ascending.
    pool : Pool, optional
        What it is drawn from, as others are.
    shape : tuple of int
        That of a sample before it became a row.
    channel_axis : int
    """

    layer_index: int
    layer: str
    name: str
    condition: str
    repeat: int
    copy: int
    array: np.ndarray | MetricSpace
    sample: np.ndarray
    pool: Pool | None
    shape: tuple[int, ...]
    channel_axis: int

    def __len__(self) -> int:
        return len(self.sample)

    def rows(self, samples: np.ndarray) -> np.ndarray:
        """Return rows of the layer as they are."""
        return self.array if len(samples) == len(self.array) else self.array[samples]

    @cached_property
    def points(self) -> np.ndarray | MetricSpace:
        """What a measure is given, which may hold NaN."""
        if isinstance(self.array, MetricSpace):
            return self.array.select(self.sample)
        return as_values(self.rows(self.sample), name=layer_name(self.layer))

    def finite_points(self) -> np.ndarray | MetricSpace:
        """Return the points; refuse those that are not finite."""
        is_space = isinstance(self.points, MetricSpace)
        return self.points if is_space else as_points(self.points, layer_name(self.layer))

    def maps(self) -> np.ndarray:
        """Return the samples in the shape in which they were recorded."""
        return as_maps(self.finite_points(), self.shape, self.channel_axis)


def joined(clouds: Sequence[Cloud]) -> tuple[Cloud, np.ndarray]:
    """Return the classes of a layer as one cloud, and the name of the class of each point."""
    samples = np.concatenate([cloud.sample for cloud in clouds])
    names = np.repeat([cloud.name for cloud in clouds], list(map(len, clouds)))
    order = np.argsort(samples)
    return replace(clouds[0], name=ALL, sample=samples[order]), names[order]


def layer_name(layer: str) -> str:
    """Return what a layer is called in messages."""
    return f"layers[{layer!r}]"
