"""What a trajectory recorder keeps of each step, and the distances between steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import torch

from topolens._calls import Report
from topolens.spaces._spaces import distances
from topolens.torch._losses import SampleLosses
from topolens.torch._rings import ArrayRing, FileRing, oldest_first, slot
from topolens.torch._sketch import RolledSketch, prime_at_most
from topolens.torch._weights import WeightReader

# Coordinates whose differences are taken at once: of 1000 points a few megabytes.
TILE = 1024
LARGEST_SLAB = 1 << 27  # bytes


class Store(Protocol):
    """Keeps something of the last steps.

    It does not count what it keeps: a turn, from 0, may be recorded again after an error, and
    until the caller counts it, all that was kept before is as it was.
    """

    def record(self, turn: int, step: int) -> None:
        """Keep what there is now."""
        ...

    def distances(
        self,
        metric: str,
        steps: np.ndarray,
        *,
        turns: int,
        n_threads: int | None,
        progress: Report,
    ) -> np.ndarray:
        """Return the condensed distances between the kept steps of so many turns."""
        ...


class ExactWeights:
    """Weight vectors in memory, or in a file where they would take more than half of it."""

    def __init__(self, model: Any, window: int, max_memory: int) -> None:
        self._reader = WeightReader(model)
        self._size = size = sum(self._reader.sizes)
        self._row = torch.empty(size, dtype=self._reader.dtype)
        dtype = self._row.numpy().dtype
        in_memory = 2 * (window + 1) * size * dtype.itemsize <= max_memory
        self._ring = (ArrayRing if in_memory else FileRing)(window, size, dtype)
        slab = min(max_memory // 8, LARGEST_SLAB)
        self._width = max(1, slab // (window * dtype.itemsize) // TILE) * TILE

    def record(self, turn: int, step: int) -> None:
        parts = self._row.split(self._reader.sizes)
        for to, part in zip(parts, self._reader.read(step), strict=True):
            to.copy_(part)
        self._ring.put(turn, self._row.numpy())

    def distances(
        self,
        metric: str,
        steps: np.ndarray,
        *,
        turns: int,
        n_threads: int | None,
        progress: Report,
    ) -> np.ndarray:
        """Add up squared differences, tile after tile."""
        tiles = (
            slab[:, start : start + TILE]
            for slab in self._ring.slabs(turns, self._width)
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
        needed = reader.dtype.itemsize * ((window + 1) * k + 2 * (size + k * len(reader.sizes)))
        if needed > max_memory:
            raise MemoryError(
                f"the projection of {size} weights and a window of {window} take "
                f"{needed / 1e6:.3g} MB, more than the {max_memory / 1e6:.3g} MB of `max_memory`; "
                f"what would fit: a larger `max_memory`, or a smaller `window` or `projection`"
            )
        self._sketch = RolledSketch(reader.sizes, k, rng, reader.dtype, reader.device)
        self._window = window
        self._rows = torch.zeros((window + 1, k), dtype=reader.dtype, device=reader.device)

    def record(self, turn: int, step: int) -> None:
        sketch = self._sketch(self._reader.read(step), is_first=turn == 0)
        self._rows[slot(turn, self._window)] = sketch

    def distances(
        self,
        metric: str,
        steps: np.ndarray,
        *,
        turns: int,
        n_threads: int | None,
        progress: Report,
    ) -> np.ndarray:
        """Return the distances of the projections."""
        rows = self._rows.cpu().numpy()[oldest_first(turns, self._window)]
        tiles = (rows[:, start : start + TILE] for start in range(0, rows.shape[1], TILE))
        return _euclidean(tiles, rows.shape[1], steps, n_threads, progress)


class Losses:
    """Losses and correctness of the same samples."""

    def __init__(self, model: Any, losses: Any, window: int) -> None:
        self._samples = SampleLosses(getattr(model, "_orig_mod", model), losses)
        self._window = window
        self._rings: tuple[ArrayRing, ArrayRing | None]

    def record(self, turn: int, step: int) -> None:
        losses, right = self._samples.measure()
        if turn == 0:
            n = len(losses)
            self._rings = self._ring(n, float), None if right is None else self._ring(n, bool)
        of_losses, of_right = self._rings
        if len(losses) != of_losses.width or (right is None) != (of_right is None):
            raise ValueError(
                f"`losses` must be those of the same {of_losses.width} samples at every step; "
                f"found {len(losses)} at step {step}, or correctness at some steps only"
            )
        of_losses.put(turn, losses)
        if of_right is not None:
            of_right.put(turn, right)

    def _ring(self, width: int, kind: type) -> ArrayRing:
        return ArrayRing(self._window, width, np.dtype(kind))

    def distances(
        self,
        metric: str,
        steps: np.ndarray,
        *,
        turns: int,
        n_threads: int | None,
        progress: Report,
    ) -> np.ndarray:
        """Return mean absolute differences, or shares of samples judged differently."""
        of_losses, of_right = self._rings
        if metric == "zero-one":
            if of_right is None:
                raise ValueError(
                    '`losses` must tell which samples are right for "zero-one": integer targets '
                    "with one output per class, or a function that returns bools also"
                )
            rows, name = next(of_right.slabs(turns)), "hamming"
        else:
            rows, name = next(of_losses.slabs(turns)), "cityblock"
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
