"""Random projections of long vectors in one pass."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch

CHUNK = 1 << 18  # coordinates taken at once: enough for a call, few enough for a cache


class RolledSketch:
    """A count sketch whose blocks are rolled instead of shuffled.

    The vector x is cut into blocks of `k` coordinates, k a prime. Coordinate j of block b gets a
    random sign and is added to coordinate j + a·b + r (mod k) of the sketch S x, with one random
    slope a and, for each chunk of at most k blocks, a random shift r. Two coordinates p ≠ q meet
    with probability at most 1/k: never in one block; in blocks b ≠ c of one chunk for exactly one
    of the k slopes, as b − c has an inverse modulo k; in two chunks for one of the k shifts.

    Hence ‖S x‖² = ‖x‖² + Σ s_p s_q x_p x_q over the pairs p ≠ q that meet, whose signs are
    independent: its mean is ‖x‖², and its variance 2 Σ P(p, q meet) x_p² x_q² ≤ (2/k) ‖x‖⁴.

    What is sketched is the difference to the first vector, so that rounding is relative to how
    far the vectors are from each other and not to their length.

    Parameters
    ----------
    sizes : list of int
        Coordinates of each part of the vectors. Each part begins a block, and zeros fill its last.
    k : int
        Coordinates of the sketch, a prime.
    rng : numpy.random.Generator
    dtype, device
        Of the vectors and of the sketch.
    """

    def __init__(
        self,
        sizes: list[int],
        k: int,
        rng: np.random.Generator,
        dtype: torch.dtype,
        device: torch.device,
    ) -> None:
        blocks = sum(-(-size // k) for size in sizes)
        n_chunks = -(-blocks // max(1, min(k, CHUNK // k)))
        height = -(-blocks // n_chunks)
        slope = int(rng.integers(k))
        self._k = k
        self._shifts = rng.integers(k, size=n_chunks).tolist()
        signs = 2 * rng.integers(2, size=(n_chunks, height, k), dtype=np.int8) - 1
        self._signs = torch.from_numpy(signs).to(device, dtype)
        self._minus_first = torch.zeros_like(self._signs)
        # Block b at b·(k + a): read in rows of k coordinates, it is rolled by a·b. What is
        # between the blocks stays zero.
        self._sheet = torch.zeros((-(-height * (k + slope) // k), k), dtype=dtype, device=device)
        skewed = self._sheet.as_strided((height, k), (k + slope, 1))
        self._ends = {
            part: torch.zeros((1, k), dtype=dtype, device=device)
            for part, size in enumerate(sizes)
            if size % k
        }
        self._runs: list[list[_Run]] = [[] for _ in range(n_chunks)]
        for part, start, first, count in _runs(sizes, k, height):
            chunk, row = divmod(first, height)
            rows = slice(row, row + count)
            self._runs[chunk].append(
                _Run(
                    part,
                    start,
                    self._minus_first[chunk, rows],
                    self._signs[chunk, rows],
                    skewed[rows],
                )
            )
        self._unused = skewed[blocks - (n_chunks - 1) * height :]

    def __call__(self, parts: list[torch.Tensor], *, is_first: bool) -> torch.Tensor:
        """Sketch a vector, given as its parts, less the last one that was called the first."""
        for part, end in self._ends.items():
            rest = parts[part].shape[0] % self._k
            end[0, :rest] = parts[part][-rest:]
        if is_first:
            for run in (run for runs in self._runs for run in runs):
                torch.mul(self._blocks(run, parts), -run.signs, out=run.minus_first)
        # Twice as long as the sketch, for shifts beyond its end.
        sums = self._sheet.new_zeros((2, self._k))
        for index, (runs, shift) in enumerate(zip(self._runs, self._shifts, strict=True)):
            for run in runs:
                torch.addcmul(run.minus_first, self._blocks(run, parts), run.signs, out=run.skewed)
            if index == len(self._runs) - 1:
                self._unused.zero_()
            sums.view(-1)[shift : shift + self._k] += self._sheet.sum(0)
        return sums.sum(0)

    def _blocks(self, run: _Run, parts: list[torch.Tensor]) -> torch.Tensor:
        if run.start is None:
            return self._ends[run.part]
        stop = run.start + run.signs.numel()
        return parts[run.part][run.start : stop].view(-1, self._k)


class _Run(NamedTuple):
    """Successive blocks of one part in one chunk."""

    part: int
    start: int | None  # None for the last block of the part, which is filled up
    minus_first: torch.Tensor
    signs: torch.Tensor
    skewed: torch.Tensor


def _runs(sizes: list[int], k: int, height: int) -> Iterator[tuple[int, int | None, int, int]]:
    """Yield (part, first coordinate, number of the first block, number of blocks)."""
    block = 0
    for part, size in enumerate(sizes):
        whole, start = size // k, 0
        while whole:
            count = min(whole, height - block % height)
            yield part, start, block, count
            whole, start, block = whole - count, start + count * k, block + count
        if size % k:
            yield part, None, block, 1
            block += 1


def prime_at_most(k: int) -> int:
    """Return the largest prime up to `k`, which is at least 2."""
    while any(k % p == 0 for p in range(2, int(k**0.5) + 1)):
        k -= 1
    return k
