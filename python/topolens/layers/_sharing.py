"""Distances that the measures of a cloud, and the repeats of a layer, have in common.

In wide layers nearly all time goes into distances. Measures of one metric take them from one
matrix, and so do all clouds that are drawn from one pool, such as the repeats of a class, where
the matrix of the pool is less work than theirs together. No number changes by a bit: a matrix is
shared only where it holds what a measure would compute from the points of the cloud alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np

from topolens._calls import as_threads, memory_limit
from topolens.layers._cloud import Cloud, Pool
from topolens.layers._job import Job
from topolens.measures._protocol import Measure, compares_classes, passes_of, takes_maps
from topolens.spaces._metrics import Metric
from topolens.spaces._spaces import MetricSpace, as_space

# Of these a distance depends on its two rows alone, and is 0 for equal rows only. Directions, as
# of cosine, are merged with those near them; squares may vanish.
OF_TWO_ROWS = ("euclidean", "cityblock", "chebyshev", "hamming")
# Distances of fewer coordinates take no more time than copies of them.
LEAST_COORDINATES = 16
# Of the memory that is available when an analysis begins.
SHARE_OF_MEMORY = 4


def pairs(n: int) -> int:
    """Return how many distances n points have."""
    return n * (n - 1) // 2


def metric_of(measure: Measure) -> Metric | None:
    """Return the metric under which a measure takes distances in place of points, if it does."""
    metric = getattr(measure, "metric", None)
    takes = passes_of(measure) > 0 and metric != "precomputed" and isinstance(metric, Hashable)
    return metric if takes else None


def passes_by_metric(measures: Sequence[Measure]) -> dict[Metric, float]:
    """Return how often measures together take the distances of a cloud, under each metric."""
    found: dict[Metric, float] = {}
    for measure in measures:
        if (metric := metric_of(measure)) is not None:
            found[metric] = found.get(metric, 0.0) + passes_of(measure)
    return found


def pools_of(job: Job, condition: str, repeats: int) -> dict[str, Pool]:
    """Return what the clouds of a layer are drawn from in so many repeats, by class.

    Those of shuffled labels may be any samples; where classes are compared, there is a cloud of
    all of them too.
    """
    compared = any(compares_classes(measure) for measure in job.measures)
    n_pairs = repeats * sum(map(pairs, job.sizes.values()))
    if compared:
        n_pairs += repeats * pairs(sum(job.sizes.values()))
    if not compared and condition != "shuffled":
        return {
            name: Pool(name, job.groups.members(name), repeats * pairs(n))
            for name, n in job.sizes.items()
        }
    chosen = np.isin(job.groups.of_sample, list(job.sizes)) | (condition == "shuffled")
    return dict.fromkeys(job.sizes, Pool("", np.flatnonzero(chosen), n_pairs))


@dataclass(frozen=True)
class Sharing:
    """Which distances of a layer are worth sharing, and those of pools so far.

    Attributes
    ----------
    passes : dict
        How often the measures together take the distances of a cloud, by metric.
    room : int
        Bytes that distances may take.
    of_pools : dict
        Spaces by pool and metric; None where there is none.
    """

    passes: dict[Metric, float]
    room: int
    of_pools: dict[tuple, MetricSpace | None] = field(default_factory=dict)

    @classmethod
    def of(cls, job: Job) -> Self:
        """Return what the measures of a job have in common."""
        room = memory_limit(None) // SHARE_OF_MEMORY
        return cls(passes_by_metric(job.measures), room)

    def spaces(self, cloud: Cloud, n_threads: int | None) -> dict[Metric, MetricSpace]:
        """Return the spaces of a cloud under the metrics for which that is less work."""
        if isinstance(cloud.array, MetricSpace):
            return {}
        found: dict[Metric, MetricSpace] = {}
        for metric, passes in self.passes.items():
            way = way_to_share(metric, passes, cloud.array.shape[1], cloud.pool)
            space = self._from_pool(cloud, metric, n_threads) if way == "pool" else None
            if space is None and way is not None and passes > 1:
                space = self._computed(cloud, cloud.sample, metric, n_threads)
            if space is not None:
                found[metric] = space
        return found

    def _from_pool(self, cloud: Cloud, metric: Metric, n_threads: int | None) -> MetricSpace | None:
        """Return a part of the space of the pool, which the first of its clouds computes."""
        assert cloud.pool is not None
        name, members, _ = cloud.pool
        key = (name, metric)
        if key not in self.of_pools:
            self.of_pools[key] = self._computed(cloud, members, metric, n_threads)
        whole = self.of_pools[key]
        if whole is None:
            return None
        return whole.select(np.searchsorted(members, cloud.sample))

    def _computed(
        self, cloud: Cloud, samples: np.ndarray, metric: Metric, n_threads: int | None
    ) -> MetricSpace | None:
        taken = sum(pairs(len(space)) for space in self.of_pools.values() if space)
        if 8 * (taken + pairs(len(samples))) > self.room:
            return None
        return distances_of(cloud.rows(samples), metric, n_threads)


def way_to_share(
    metric: Metric, passes: float, dim: int, pool: Pool | None
) -> Literal["pool", "cloud"] | None:
    """Return whose distances the measures of a cloud share: its pool's, its own, or none."""
    if dim < LEAST_COORDINATES:
        return None
    if metric in OF_TWO_ROWS and pool is not None and pairs(len(pool.members)) < pool.n_pairs:
        return "pool"
    return "cloud" if passes > 1 else None


def distances_of(rows: np.ndarray, metric: Metric, n_threads: int | None) -> MetricSpace | None:
    """Return the space of some rows; None for what measures are to refuse themselves."""
    try:
        points = as_space(rows, metric, n_threads=n_threads)
        distances = points.by_distances(
            max_memory=memory_limit(None), n_threads=as_threads(n_threads)
        )
    except (ArithmeticError, MemoryError, TypeError, ValueError):
        return None
    # Distinct rows are two points to some measures, also where squares of differences vanish.
    if metric not in OF_TWO_ROWS and points.count_distinct() != distances.count_distinct():
        return None
    return MetricSpace._of(distances, metric)


def shown(cloud: Cloud, measure: Measure, spaces: dict[Metric, MetricSpace]) -> Any:
    """Return what a measure takes: feature maps, distances that are shared, or points."""
    if takes_maps(measure):
        return cloud.maps()
    shared = spaces.get(metric_of(measure))
    return cloud.finite_points() if shared is None else shared
