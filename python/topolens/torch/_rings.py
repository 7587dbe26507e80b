"""The last rows of a stream, in memory or in a file."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator

import numpy as np


class ArrayRing:
    """The last `window` rows of a stream, in an array."""

    def __init__(self, window: int, width: int, dtype: np.dtype) -> None:
        self.width = width
        self._rows = np.empty((window, width), dtype)
        self._count = 0

    def push(self, row: np.ndarray) -> None:
        """Add a row, in the place of the oldest once the ring is full."""
        self._rows[self._count % len(self._rows)] = row
        self._count += 1

    def slabs(self, width: int | None = None) -> Iterator[np.ndarray]:
        """Yield all rows, the oldest first, some columns at a time."""
        order = oldest_first(self._count, len(self._rows))
        width = width or self._rows.shape[1]
        for start in range(0, self._rows.shape[1], width):
            yield self._rows[order, start : start + width]


class FileRing:
    """The last `window` rows of a stream, in a temporary file that nobody else sees."""

    def __init__(self, window: int, width: int, dtype: np.dtype) -> None:
        needed, free = (
            window * width * dtype.itemsize,
            shutil.disk_usage(tempfile.gettempdir()).free,
        )
        if needed > free:
            raise MemoryError(
                f"{window} weight vectors take {needed / 1e9:.3g} GB, more than `max_memory` and "
                f"than the {free / 1e9:.3g} GB free in {tempfile.gettempdir()}; what would fit: "
                f"a `projection`, or `window={int(free // (width * dtype.itemsize))}`"
            )
        # Unbuffered reads and writes, not a memory map, whose pages would count as memory.
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115, it lives as long as self
        self._window, self._width, self._dtype = window, width, dtype
        self._count = 0

    def push(self, row: np.ndarray) -> None:
        """Add a row, in the place of the oldest once the ring is full."""
        self._seek(self._count % self._window, 0)
        rest = memoryview(np.ascontiguousarray(row, self._dtype)).cast("B")
        while rest:
            rest = rest[self._file.write(rest) :]
        self._count += 1

    def slabs(self, width: int) -> Iterator[np.ndarray]:
        """Yield all rows, the oldest first, some columns at a time."""
        order = oldest_first(self._count, self._window)
        for start in range(0, self._width, width):
            slab = np.empty((len(order), min(width, self._width - start)), self._dtype)
            for row, slot in zip(slab, order, strict=True):
                self._seek(slot, start)
                rest = memoryview(row).cast("B")
                while rest:
                    rest = rest[self._file.readinto(rest) :]
            yield slab

    def _seek(self, slot: int, column: int) -> None:
        self._file.seek((int(slot) * self._width + column) * self._dtype.itemsize)


def oldest_first(count: int, window: int) -> np.ndarray:
    """Slots of a ring that has taken `count` rows, in the order in which they came."""
    return np.arange(max(count - window, 0), count) % window
