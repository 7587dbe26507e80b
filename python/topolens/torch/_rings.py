"""The last rows of a stream, in memory or in a file.

A ring has one slot more than its window, so that a row that is written halfway spoils none of the
window. It does not count: the row of the same turn may be put again, until somebody counts it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator

import numpy as np


class ArrayRing:
    """The last `window` rows of a stream, in an array."""

    def __init__(self, window: int, width: int, dtype: np.dtype) -> None:
        self.width = width
        self._window = window
        self._rows = np.empty((window + 1, width), dtype)

    def put(self, turn: int, row: np.ndarray) -> None:
        """Write the row of a turn, from 0, in a place that is not in the window before it."""
        self._rows[slot(turn, self._window)] = row

    def slabs(self, count: int, width: int | None = None) -> Iterator[np.ndarray]:
        """Yield the last rows of so many turns, the oldest first, some columns at a time."""
        order = oldest_first(count, self._window)
        width = width or self._rows.shape[1]
        for start in range(0, self._rows.shape[1], width):
            yield self._rows[order, start : start + width]


class FileRing:
    """The last `window` rows of a stream, in a temporary file that nobody else sees."""

    def __init__(self, window: int, width: int, dtype: np.dtype) -> None:
        needed, free = (
            (window + 1) * width * dtype.itemsize,
            shutil.disk_usage(tempfile.gettempdir()).free,
        )
        if needed > free:
            fits = free // (width * dtype.itemsize) - 1
            less = f", or `window={fits}`" if fits > 0 else ""
            raise MemoryError(
                f"{window} weight vectors take {needed / 1e9:.3g} GB, more than `max_memory` and "
                f"than the {free / 1e9:.3g} GB free in {tempfile.gettempdir()}; what would fit: "
                f"a `projection`{less}"
            )
        # Unbuffered reads and writes, not a memory map, whose pages would count as memory.
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115, it lives as long as self
        self._window, self._width, self._dtype = window, width, dtype

    def put(self, turn: int, row: np.ndarray) -> None:
        """Write the row of a turn, from 0, in a place that is not in the window before it."""
        self._seek(slot(turn, self._window), 0)
        rest = memoryview(np.ascontiguousarray(row, self._dtype)).cast("B")
        while rest:
            rest = rest[self._file.write(rest) :]

    def slabs(self, count: int, width: int) -> Iterator[np.ndarray]:
        """Yield the last rows of so many turns, the oldest first, some columns at a time."""
        order = oldest_first(count, self._window)
        for start in range(0, self._width, width):
            slab = np.empty((len(order), min(width, self._width - start)), self._dtype)
            for row, place in zip(slab, order, strict=True):
                self._seek(place, start)
                rest = memoryview(row).cast("B")
                while rest:
                    rest = rest[self._file.readinto(rest) :]
            yield slab

    def _seek(self, place: int, column: int) -> None:
        self._file.seek((int(place) * self._width + column) * self._dtype.itemsize)


def slot(turn: int, window: int) -> int:
    """Place of a turn's row among window + 1."""
    return turn % (window + 1)


def oldest_first(count: int, window: int) -> np.ndarray:
    """Places of the last rows of `count` turns, in the order in which they came."""
    return np.arange(max(count - window, 0), count) % (window + 1)
