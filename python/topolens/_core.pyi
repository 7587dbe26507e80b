from collections.abc import Callable, Sequence
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DEBUG_BUILD",
    "METRICS",
    "SUMMARY_NAMES",
    "NumericalError",
    "Space",
    "__version__",
    "accuracies",
    "amplitudes",
    "bar_summaries",
    "betti_curves",
    "betti_numbers",
    "chance_disagreements",
    "check_distances",
    "classes_of_rows",
    "convergence_scale",
    "count_distinct",
    "covering",
    "covering_radii",
    "cubical",
    "cubical_batch",
    "cubical_betti",
    "diagram_distance",
    "diagram_distances",
    "diagram_matching",
    "dimensions_of_parts",
    "disagreement_counts",
    "disagreements",
    "disagreements_across",
    "disagreements_by_pairs",
    "disagreements_with_ties",
    "distances",
    "distances_of_classes",
    "distances_to_measure",
    "diversity",
    "first_asymmetry",
    "gather",
    "geodesics",
    "hop_betti",
    "joint_losses",
    "landmarks",
    "landscapes",
    "lifetime_sums",
    "line_points",
    "magnitude",
    "magnitude_area",
    "magnitude_difference",
    "magnitude_dimension",
    "max_diversity",
    "mean_distance",
    "medoid",
    "multiplier_suprema",
    "neighbors",
    "outlier_scores",
    "persistence_entropies",
    "persistence_images",
    "persistence_statistics",
    "pieces_among_others",
    "representatives",
    "rips",
    "rips_batch",
    "separation",
    "silhouettes",
    "soft_distances",
    "square",
    "square_counts",
    "square_distances",
    "suprema_of_means",
    "total_persistences",
    "universal_law",
    "vendi_of_directions",
    "vendi_of_kernel",
    "vendi_of_space",
    "votes",
    "votes_with_ties",
]

__version__: Final[str]
DEBUG_BUILD: Final[bool]
METRICS: Final[list[str]]
SUMMARY_NAMES: Final[list[str]]

_Progress = Callable[[int, int], object] | None
_Floats = NDArray[np.float64]
_Indices = NDArray[np.uint32]
_Labels = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.uint32]
_Edges = list[NDArray[np.int64]]
_Persistence = tuple[
    list[_Floats],
    _Edges,
    _Edges,
    tuple[float, bool],
    list[list[NDArray[np.int64]]] | None,
    tuple[str, str, int],
]

_Image = NDArray[np.float32] | NDArray[np.float64]
_Cubical = tuple[list[_Floats], list[NDArray[np.int64]]]

class NumericalError(ArithmeticError): ...

@final
class Space:
    @staticmethod
    def points(
        array: NDArray[np.float32] | _Floats, metric: str, *, step: float = ...
    ) -> Space: ...
    @staticmethod
    def square(
        matrix: _Floats,
        max_memory: int,
        n_threads: int | None = None,
        threshold: float = ...,
        *,
        step: float,
    ) -> Space: ...
    @staticmethod
    def condensed(
        len: int, values: _Floats, max_memory: int, *, step: float, metric: str | None = None
    ) -> Space: ...
    @staticmethod
    def sparse(
        len: int,
        rows: _Indices,
        columns: _Indices,
        values: _Floats,
        max_memory: int,
        *,
        step: float,
    ) -> Space: ...
    @property
    def asymmetry(self) -> float: ...
    def count_distinct(self) -> int: ...
    def by_distances(
        self,
        *,
        max_memory: int,
        n_threads: int | None = None,
        progress: _Progress = None,
    ) -> Space: ...
    def select(self, indices: list[int]) -> Space: ...
    def __len__(self) -> int: ...

def check_distances(len: int, *, max_memory: int) -> None: ...
def first_asymmetry(matrix: _Floats, *, step: float) -> tuple[int, int] | None: ...
def distances(
    space: Space,
    *,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def square_distances(
    space: Space,
    *,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def square(values: _Floats, len: int) -> _Floats: ...
def square_counts(values: _Indices, len: int) -> NDArray[np.int64]: ...
def mean_distance(
    space: Space, *, n_threads: int | None = None, progress: _Progress = None
) -> float: ...
def separation(
    space: Space,
    labels: NDArray[np.uint32],
    *,
    classes: int,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[_Floats, _Floats]: ...
def count_distinct(rows: NDArray[np.float32] | _Floats, *, n_threads: int | None = None) -> int: ...
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
def cubical(
    image: _Image,
    *,
    construction: str,
    superlevel: bool,
    maxdim: int | None,
    coeff: int,
    periodic: list[bool],
    max_memory: int,
    locations: bool,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Cubical: ...
def cubical_batch(
    images: list[NDArray[np.float32]] | list[NDArray[np.float64]],
    *,
    construction: str,
    superlevel: bool,
    maxdim: int | None,
    coeff: int,
    periodic: list[bool],
    max_memory: int,
    locations: bool,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> list[_Cubical]: ...
def cubical_betti(
    images: _Image,
    thresholds: _Floats,
    *,
    construction: str,
    superlevel: bool,
    batch: bool,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
def hop_betti(
    space: Space,
    *,
    k: int,
    hops: int,
    maxdim: int,
    coeff: int,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[list[int], list[int]]: ...
def lifetime_sums(
    space: Space,
    subsets: list[list[int]],
    *,
    alpha: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def pieces_among_others(
    space: Space,
    labels: NDArray[np.uint32],
    *,
    classes: int,
    seeds: list[int],
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[list[list[list[int]]], NDArray[np.uint32], int]: ...
def magnitude(
    space: Space,
    ts: _Floats | None,
    *,
    tol: float,
    weights: bool,
    max_memory: int,
    method: str | None = None,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[list[_Floats], tuple[list[str], list[int]], tuple[_Floats | None, int, str]]: ...
def magnitude_dimension(
    ts: _Floats, values: _Floats, slopes: _Floats, part: str, ends: tuple[float, float]
) -> tuple[float, tuple[float, float], float | None]: ...
def line_points(
    ts: _Floats, values: _Floats, slopes: _Floats, interval: tuple[float, float], count: int
) -> tuple[_Floats, _Floats]: ...
def dimensions_of_parts(
    space: Space,
    parts: list[list[int]],
    ts: _Floats,
    *,
    tol: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def convergence_scale(
    space: Space,
    *,
    share: float,
    tol: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[float, int]: ...
def magnitude_area(
    space: Space,
    *,
    t_cut: float | None,
    tol: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[float, float, float]: ...
def magnitude_difference(
    x: Space,
    y: Space,
    *,
    t_cut: float | None,
    tol: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[float, float, float]: ...
def diversity(
    space: Space,
    t: float,
    *,
    order: float,
    p: _Floats,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> float: ...
def max_diversity(
    space: Space,
    t: float,
    *,
    tol: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[float, float, _Floats]: ...
def vendi_of_directions(
    space: Space,
    *,
    order: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> float: ...
def vendi_of_space(
    space: Space,
    t: float,
    *,
    order: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> float: ...
def vendi_of_kernel(
    kernel: _Floats,
    *,
    step: float,
    order: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> float: ...
def outlier_scores(
    space: Space,
    t: float,
    *,
    points: Space | None,
    distances: _Floats | None,
    tol: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[_Floats, _Floats, _Floats]: ...
def disagreement_counts(
    labels: _Labels,
    *,
    planes: int,
    truth: _Indices | None = None,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Indices: ...
def disagreements(
    labels: _Labels,
    *,
    planes: int,
    truth: _Indices | None = None,
    weights: _Floats | None = None,
    groups: _Indices | None = None,
    fold: str,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def disagreements_across(
    labels: _Labels,
    other: _Labels,
    *,
    classes: tuple[int, int],
    tie_sets: tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]],
    weights: _Floats | None = None,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def disagreements_by_pairs(
    labels: _Labels,
    *,
    planes: int,
    missing: int,
    truth: _Indices | None = None,
    weights: _Floats | None = None,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[_Floats, _Floats, tuple[int, int] | None]: ...
def disagreements_with_ties(
    labels: _Labels,
    *,
    planes: int,
    classes: int,
    tie_sets: Sequence[Sequence[int]],
    weights: _Floats | None = None,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def chance_disagreements(
    labels: _Labels,
    *,
    kinds: int,
    missing: int | None = None,
    weights: _Floats | None = None,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def multiplier_suprema(
    labels: _Labels,
    signs: _Labels,
    *,
    planes: int,
    truth: _Indices | None = None,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def soft_distances(
    outputs: _Floats,
    weights: _Floats,
    *,
    measure: str,
    power: float,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def classes_of_rows(labels: _Labels, *, progress: _Progress = None) -> _Indices: ...
def accuracies(
    labels: _Labels,
    truth: _Indices,
    *,
    classes: int,
    tie_sets: Sequence[Sequence[int]],
    skip: int | None = None,
    weights: _Floats | None = None,
    n_threads: int | None = None,
) -> _Floats: ...
def votes(
    labels: _Labels, *, valid: int, n_threads: int | None = None
) -> tuple[_Indices, _Floats]: ...
def votes_with_ties(
    labels: _Labels,
    *,
    classes: int,
    tie_sets: Sequence[Sequence[int]],
    n_threads: int | None = None,
) -> tuple[_Indices, _Floats]: ...
def medoid(space: Space, *, n_threads: int | None = None) -> int: ...
def covering(
    space: Space, *, n_threads: int | None = None
) -> tuple[NDArray[np.int64], _Floats]: ...
def gather(
    space: Space, eps: float, method: str, *, n_threads: int | None = None
) -> tuple[_Indices, NDArray[np.int64] | None]: ...
def representatives(
    space: Space,
    labels: _Indices,
    centres: NDArray[np.int64] | None = None,
    *,
    n_threads: int | None = None,
) -> tuple[NDArray[np.int64], float, float]: ...
def distances_of_classes(
    space: Space,
    labels: _Indices,
    representatives: NDArray[np.int64],
    induced: str,
    *,
    n_threads: int | None = None,
) -> _Floats: ...
def betti_curves(
    dgms: list[_Floats], grid: _Floats, *, n_threads: int | None = None
) -> NDArray[np.int64]: ...
def betti_numbers(
    dgms: list[_Floats], scales: _Floats, *, superlevel: bool, n_threads: int | None = None
) -> NDArray[np.int64]: ...
def bar_summaries(
    dgms: list[_Floats], *, n_threads: int | None = None
) -> list[tuple[int, float, float, float]]: ...
def universal_law(
    dgm: _Floats, *, mean_distance: float, alpha: float, n_threads: int | None = None
) -> tuple[_Floats, _Floats, NDArray[np.bool_], float, int]: ...
def landscapes(
    dgms: list[_Floats],
    grid: _Floats,
    *,
    k: int,
    max_memory: int,
    n_threads: int | None = None,
) -> _Floats: ...
def silhouettes(
    dgms: list[_Floats], grid: _Floats, *, power: float, n_threads: int | None = None
) -> _Floats: ...
def persistence_images(
    dgms: list[_Floats],
    weights: list[_Floats],
    *,
    sigma: float,
    resolution: tuple[int, int],
    births: tuple[float, float],
    lengths: tuple[float, float],
    pixels: str,
    max_memory: int,
    n_threads: int | None = None,
) -> _Floats: ...
def persistence_entropies(
    dgms: list[_Floats], *, normalized: bool, n_threads: int | None = None
) -> _Floats: ...
def total_persistences(
    dgms: list[_Floats], *, p: float, n_threads: int | None = None
) -> _Floats: ...
def amplitudes(
    dgms: list[_Floats], *, metric: str, p: float, q: float, n_threads: int | None = None
) -> _Floats: ...
def persistence_statistics(dgms: list[_Floats], *, n_threads: int | None = None) -> _Floats: ...
def covering_radii(
    space: Space,
    subsets: _Indices,
    *,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def distances_to_measure(
    sample: _Floats,
    places: _Floats,
    resamplings: _Indices,
    *,
    mass: float,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> tuple[_Floats, _Floats]: ...
def joint_losses(
    len: int,
    distances: _Floats,
    labellings: NDArray[np.uint8],
    *,
    q: float,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
def suprema_of_means(
    curves: _Floats, multipliers: _Floats, *, n_threads: int | None = None
) -> _Floats: ...
def diagram_distance(
    a: _Floats,
    b: _Floats,
    metric: tuple[str, float, float, float, int],
    *,
    max_memory: int,
    progress: _Progress = None,
) -> float: ...
def diagram_matching(
    a: _Floats,
    b: _Floats,
    metric: tuple[str, float, float, float, int],
    *,
    max_memory: int,
    progress: _Progress = None,
) -> tuple[float, NDArray[np.int64], _Floats]: ...
def diagram_distances(
    diagrams: list[_Floats],
    metric: tuple[str, float, float, float, int],
    *,
    max_memory: int,
    n_threads: int | None = None,
    progress: _Progress = None,
) -> _Floats: ...
