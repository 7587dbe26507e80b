from collections.abc import Callable
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DEBUG_BUILD",
    "METRICS",
    "Space",
    "__version__",
    "distances",
    "geodesics",
    "hop_betti",
    "landmarks",
    "neighbors",
    "rips",
    "rips_batch",
]

__version__: Final[str]
DEBUG_BUILD: Final[bool]
METRICS: Final[list[str]]

_Progress = Callable[[int, int], object] | None
_Floats = NDArray[np.float64]
_Indices = NDArray[np.uint32]
_Edges = list[NDArray[np.int64]]
_Persistence = tuple[
    list[_Floats], _Edges, _Edges, float, list[list[NDArray[np.int64]]] | None, tuple[str, str, int]
]

@final
class Space:
    @staticmethod
    def points(array: _Floats, metric: str) -> Space: ...
    @staticmethod
    def square(matrix: _Floats, max_memory: int, n_threads: int | None = None) -> Space: ...
    @staticmethod
    def condensed(len: int, values: _Floats, max_memory: int) -> Space: ...
    @staticmethod
    def sparse(
        len: int, rows: _Indices, columns: _Indices, values: _Floats, max_memory: int
    ) -> Space: ...
    def select(self, indices: list[int]) -> Space: ...
    def __len__(self) -> int: ...

def distances(
    space: Space,
    *,
    condensed: bool,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def neighbors(
    space: Space, k: int, *, n_threads: int | None = None, progress: _Progress = None
) -> tuple[_Indices, _Indices, _Floats]: ...
def geodesics(
    space: Space,
    k: int,
    *,
    weighted: bool,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def landmarks(
    space: Space,
    count: int,
    start: int,
    *,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[list[int], float]: ...
def rips(
    space: Space,
    *,
    maxdim: int,
    threshold: float,
    epsilon: float | None,
    coeff: int,
    cocycles: bool,
    max_memory: int,
    plan: str | None = None,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Persistence: ...
def rips_batch(
    spaces: list[Space],
    *,
    maxdim: int,
    threshold: float,
    coeff: int,
    cocycles: bool,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> list[_Persistence]: ...
def hop_betti(
    array: _Floats,
    *,
    k: int,
    hops: int,
    maxdim: int,
    metric: str,
    coeff: int,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[list[int], list[int]]: ...
