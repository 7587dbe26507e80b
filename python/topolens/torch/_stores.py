"""What a trajectory recorder keeps of each step, and the distances between steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import torch

from topolens._calls import Report
from topolens.spaces._spaces import distances
from topolens.torch._losses import SampleLosses
from topolens.torch._rings import ArrayRing, FileRing, oldest_first
from topolens.torch._sketch import RolledSketch, prime_at_most
from topolens.torch._weights import WeightReader

# Coordinates whose differences are taken at once: of 1000 points a few megabytes.
TILE = 1024
LARGEST_SLAB = 1 << 27  # bytes


class Store(Protocol):
    """Keeps something of the last steps."""

    def record(self, step: int) -> None:
        """Keep what there is now."""
        ...

    def distances(
        self, metric: str, steps: np.ndarray, n_threads: int | None, progress: Report
    ) -> np.ndarray:
        """Return the condensed distances between the kept steps."""
        ...


class ExactWeights:
    """Weight vectors in memory, or in a file where they would take more than half of it."""

    def __init__(self, model: Any, window: int, max_memory: int) -> None:
        self._reader = WeightReader(model)
        self._size = size = sum(self._reader.sizes)
        self._row = torch.empty(size, dtype=self._reader.dtype)
        dtype = self._row.numpy().dtype
        in_memory = 2 * window * size * dtype.itemsize <= max_memory
        self._ring = (ArrayRing if in_memory else FileRing)(window, size, dtype)
        slab = min(max_memory // 8, LARGEST_SLAB)
        self._width = max(1, slab // (window * dtype.itemsize) // TILE) * TILE

    def record(self, step: int) -> None:
        parts = self._row.split(self._reader.sizes)
        for to, part in zip(parts, self._reader.read(step), strict=True):
            to.copy_(part)
        self._ring.push(self._row.numpy())

    def distances(
        self, metric: str, steps: np.ndarray, n_threads: int | None, progress: Report
    ) -> np.ndarray:
        """Add up squared differences, tile after tile."""
        tiles = (
            slab[:, start : start + TILE]
            for slab in self._ring.slabs(self._width)
            for start in range(0, slab.shape[1], TILE)
        )
        return _euclidean(tiles, self._size, steps, n_threads, progress)


class SketchedWeights:
    """Random projections of weight vectors, on the device of the model."""

    def __init__(
        self, model: Any, window: int, k: int, rng: np.random.Generator, max_memory: int
    ) -> None:
        k = prime_at_most(k)
        self._reader = reader = WeightReader(model)
        size = sum(reader.sizes)
        needed = reader.dtype.itemsize * (window * k + 2 * (size + k * len(reader.sizes)))
        if needed > max_memory:
            raise MemoryError(
                f"the projection of {size} weights and a window of {window} take "
                f"{needed / 1e6:.3g} MB, more than the {max_memory / 1e6:.3g} MB of `max_memory`; "
                f"what would fit: a larger `max_memory`, or a smaller `window` or `projection`"
            )
        self._sketch = RolledSketch(reader.sizes, k, rng, reader.dtype, reader.device)
        self._rows = torch.zeros((window, k), dtype=reader.dtype, device=reader.device)
        self._count = 0

    def record(self, step: int) -> None:
        self._rows[self._count % len(self._rows)] = self._sketch(self._reader.read(step))
        self._count += 1

    def distances(
        self, metric: str, steps: np.ndarray, n_threads: int | None, progress: Report
    ) -> np.ndarray:
        """Return the distances of the projections."""
        rows = self._rows.cpu().numpy()[oldest_first(self._count, len(self._rows))]
        tiles = (rows[:, start : start + TILE] for start in range(0, rows.shape[1], TILE))
        return _euclidean(tiles, rows.shape[1], steps, n_threads, progress)


class Losses:
    """Losses and correctness of the same samples."""

    def __init__(self, model: Any, losses: Any, window: int) -> None:
        self._samples = SampleLosses(getattr(model, "_orig_mod", model), losses)
        self._window = window
        self._losses: ArrayRing | None = None
        self._right: ArrayRing | None = None

    def record(self, step: int) -> None:
        losses, right = self._samples.measure()
        if self._losses is None:
            self._losses = ArrayRing(self._window, len(losses), np.dtype(np.float64))
            if right is not None:
                self._right = ArrayRing(self._window, len(losses), np.dtype(bool))
        elif len(losses) != self._losses.width or (right is None) != (self._right is None):
            raise ValueError(
                f"`losses` must be those of the same {self._losses.width} samples at every step; "
                f"found {len(losses)} at step {step}, or correctness at some steps only"
            )
        self._losses.push(losses)
        if self._right is not None:
            self._right.push(right)

    def distances(
        self, metric: str, steps: np.ndarray, n_threads: int | None, progress: Report
    ) -> np.ndarray:
        """Return mean absolute differences, or shares of samples judged differently."""
        if metric == "zero-one":
            if self._right is None:
                raise ValueError(
                    '`losses` must tell which samples are right for "zero-one": integer targets '
                    "with one output per class, or a function that returns bools also"
                )
            rows, name = next(self._right.slabs()), "hamming"
        else:
            rows, name = next(self._losses.slabs()), "cityblock"
            _refuse_infinite(rows, "losses", steps)
        found = distances(
            rows, metric=name, condensed=True, n_threads=n_threads, progress=progress or False
        )
        return found / rows.shape[1] if name == "cityblock" else found


def _euclidean(
    tiles: Iterator[np.ndarray],
    size: int,
    steps: np.ndarray,
    n_threads: int | None,
    progress: Report,
) -> np.ndarray:
    total, done = np.zeros(len(steps) * (len(steps) - 1) // 2), 0
    for tile in tiles:
        _refuse_infinite(tile, "weights", steps)
        rows = tile.astype(np.float64)
        total += distances(rows, metric="sqeuclidean", condensed=True, n_threads=n_threads)
        done += tile.shape[1]
        if progress:
            progress(done, size)
    return np.sqrt(total, out=total)


def _refuse_infinite(rows: np.ndarray, what: str, steps: np.ndarray) -> None:
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        step = steps[np.argmin(finite)]
        raise ValueError(f"`model` must have finite {what}; found NaN or infinity at step {step}")
