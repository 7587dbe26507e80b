"""What measures and distances cost, by trials on a few samples."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np

from topolens.layers._cloud import Cloud
from topolens.layers._job import Job
from topolens.layers._sharing import distances_of, metric_of, pairs, shown
from topolens.measures._protocol import Measure, compares_classes, takes_maps
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import MetricSpace

# Samples of the two trials of a measure of points, of one of feature maps, and of distances.
POINTS, MAPS, DISTANCES = (16, 96), (2, 8), (8, 48)
# Most coordinates that a trial takes of a layer, evenly spaced.
COORDINATES, OF_DISTANCES = 512, 32768
SHORT, TRIES = 0.01, 2  # seconds, and how often what takes less is tried


class Cost(NamedTuple):
    """Seconds of a measure of few samples and of some, and how they grow.

    Attributes
    ----------
    few, some : float
    samples : int
        How many were some.
    power : int
        Of the number of samples.
    dim : float
        Coordinates in proportion to which seconds grow; 0 where they do not.
    """

    few: float
    some: float
    samples: int
    power: int
    dim: float

    def of(self, n: int, dim: int) -> float:
        """Return the seconds of n samples with so many coordinates."""
        wider = dim / self.dim if self.dim else 1.0
        more = (n / self.samples) ** self.power
        return self.few + max(self.some - self.few, 0.0) * more * wider


class Pace(NamedTuple):
    """Seconds in which a coordinate is read, and compared for one pair."""

    read: float
    compare: float

    def of(self, n: int, dim: int, n_pairs: float) -> float:
        """Return the seconds of so many distances of n points."""
        return dim * (self.read * n + self.compare * n_pairs)


class Trials:
    """Trials on samples of the largest class of a job."""

    def __init__(self, job: Job, rng: np.random.Generator, n_threads: int | None) -> None:
        self.job, self.rng, self.n_threads = job, rng, n_threads
        largest = max(job.sizes, key=lambda name: job.sizes[name])
        self.members, self.most = job.groups.members(largest), job.sizes[largest]
        self.everyone = np.flatnonzero(np.isin(job.groups.of_sample, list(job.sizes)))

    def cost(self, measure: Measure) -> Cost:
        """Return the mean cost of a measure in the first and the last layer that it can measure."""
        least = getattr(measure, "min_points", 1)
        sizes = MAPS if takes_maps(measure) else POINTS
        few, some = (min(self.most, max(size, least)) for size in sizes)
        found = []
        for layers in (list(self.job.arrays), list(self.job.arrays)[::-1]):
            tried = (self._try(measure, layer, (few, some)) for layer in layers)
            found.append(next((one for one in tried if one is not None), (0.0, 0.0, 0.0)))
        of_few, of_some, dim = np.mean(found, axis=0).tolist()
        return Cost(of_few, of_some, some, _power(measure), dim)

    def pace(self, metric: Metric) -> Pace:
        """Return the pace of distances in the widest layer."""
        widths = {layer: _width(array) for layer, array in self.job.arrays.items()}
        widest = max(widths, key=lambda layer: widths[layer])
        few, some = (min(self.most, count) for count in DISTANCES)
        of_few, of_some = (self._pace(metric, widest, count) for count in (few, some))
        if few == some:
            return Pace(of_some / some, 0.0)
        # Two equations for two numbers; neither is negative, whatever has disturbed the trials.
        ratio = some / few
        compare = max(of_some - of_few * ratio, 0.0) / (pairs(some) - pairs(few) * ratio)
        return Pace(max(of_some - compare * pairs(some), 0.0) / some, compare)

    def _try(
        self, measure: Measure, layer: str, counts: tuple[int, int]
    ) -> tuple[float, float, float] | None:
        """Return the seconds of few samples and some, and coordinates; None if it refuses them."""
        if takes_maps(measure) and len(self.job.shapes[layer]) != 3:
            return None
        seconds, dim, metric = [], 0.0, metric_of(measure)
        for count in counts:
            members = self.everyone if compares_classes(measure) else self.members
            most = None if takes_maps(measure) else COORDINATES
            cloud = self._cloud(layer, members, count, most)
            try:
                space = distances_of(cloud.rows(cloud.sample), metric, 1) if metric else None
                X = shown(cloud, measure, {} if space is None else {metric: space})
                seconds.append(_seconds(partial(self._call, measure, X)))
            except (ValueError, ArithmeticError):
                return None
            dim = 0.0 if isinstance(X, MetricSpace) else float(_width(cloud.array))
        return seconds[0], seconds[1], dim

    def _call(self, measure: Measure, X: Any) -> None:
        if compares_classes(measure):
            labels = np.array(["one", "other"])[np.arange(len(X)) % 2]
            measure.measure(X, labels=labels, rng=self.rng, n_threads=self.n_threads)
        else:
            list(measure.measure(X, rng=self.rng, n_threads=self.n_threads))

    def _pace(self, metric: Metric, layer: str, count: int) -> float:
        """Return the seconds of the distances of so many points, for each coordinate."""
        cloud = self._cloud(layer, self.members, count, OF_DISTANCES)
        rows = np.nan_to_num(cloud.rows(cloud.sample))  # as long as they take any numbers
        taken = _seconds(lambda: distances_of(rows, metric, self.n_threads))
        return taken / max(1, _width(rows))

    def _cloud(self, layer: str, members: np.ndarray, count: int, most: int | None) -> Cloud:
        """Return a cloud of some of the members, with so many coordinates at most."""
        array = self.job.arrays[layer]
        chosen = np.sort(self.rng.choice(members, count, replace=False))
        if isinstance(array, MetricSpace):
            few = array.select(chosen)
        else:
            step = 1 if most is None else -(-_width(array) // most)
            few = array[chosen, :: max(step, 1)]
        return Cloud(
            layer_index=0,
            layer=layer,
            name="",
            condition="trained",
            repeat=0,
            copy=0,
            array=few,
            sample=np.arange(count),
            pool=None,
            shape=self.job.shapes[layer],
            channel_axis=getattr(self.job.layers, "channel_axes", {}).get(layer, 1),
        )


def _width(array: np.ndarray | MetricSpace) -> int:
    return 0 if isinstance(array, MetricSpace) else array.shape[1]


def _power(measure: Measure) -> int:
    """Return the power of the number of samples with which a measure takes longer."""
    if takes_maps(measure) or getattr(measure, "n_landmarks", None):
        return 1
    return max(2, getattr(measure, "maxdim", 1) + 1)


def _seconds(call: Callable[[], object]) -> float:
    """Return the least seconds of a call, which is made again if it is short.

    Others on the machine make seconds long, and several threads those of all together.
    """
    taken: list[float] = []
    while not taken or (len(taken) < TRIES and taken[0] < SHORT):
        clocks = perf_counter(), process_time()
        call()
        taken.append(min(perf_counter() - clocks[0], process_time() - clocks[1]))
    return min(taken)
