"""What wide layers are asked, by whom, and how answers are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import scipy.sparse as sp
from ripser import ripser
from scipy.sparse.csgraph import connected_components, shortest_path
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist, pdist
from sklearn.neighbors import kneighbors_graph

import topolens as tl
from activations import NETWORKS
from agreement import same_diagrams
from contest import OURS
from wide_tables import BY_HAND, analysed, by_hand, estimated, furthest

K = 14
SINGLE = 1e-2  # of the largest distance: what is left of small ones by products in float32
EXACT = 1e-12
CHECKED = 200  # points whose rows of a graph are compared with brute force
ROOM = 2 << 30  # bytes for a job with a threshold: less than all distances of 20 000 points

Call = Callable[[], Any]


@dataclass(frozen=True)
class Question:
    """One question, and how far an answer is from the right one.

    `error` takes a name, its answer and that of topolens, and returns the error beside what is
    allowed. Yardsticks do something else, whose time is a measure. `told` gives the seconds that
    topolens expects to take.
    """

    calls: dict[str, Call]
    error: Callable[[str, Any, Any], tuple[float, float]]
    yardsticks: tuple[str, ...] = ()
    notes: Callable[[Any], str] = lambda answer: ""
    told: Callable[[], float] | None = None


@dataclass(frozen=True)
class Case:
    """A question by name, whose input is made when it is asked."""

    name: str
    question: Callable[[], Question]
    quick: bool = True


# --- inputs -------------------------------------------------------------------------------------


def noise(n: int, d: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, d))


def relu(n: int, d: int) -> np.ndarray:
    """Rectified sums of 32 directions, as of a layer."""
    rng = np.random.default_rng(0)
    return np.maximum(rng.normal(size=(n, 32)) @ rng.normal(size=(32, d)), 0)


def blobs(n: int, d: int) -> np.ndarray:
    """Twenty points around each of many places."""
    rng = np.random.default_rng(0)
    places = rng.random((n // 20, d)).repeat(20, axis=0)
    return places + rng.normal(0, 0.02, places.shape)


def uniform(n: int, d: int) -> np.ndarray:
    return np.random.default_rng(0).random((n, d))


@cache
def recording(network: str) -> Any:
    return NETWORKS[network]()


def layer(network: str, name: str) -> np.ndarray:
    return np.asarray(recording(network)[name], np.float64)


Make = Callable[[], np.ndarray]


# --- distances ----------------------------------------------------------------------------------


def distances(make: Make) -> Question:
    import torch

    torch.set_num_threads(1)
    X = make()
    tensor = torch.tensor(X, dtype=torch.float32)
    mode = "use_mm_for_euclid_dist"
    calls = {
        OURS: lambda: tl.distances(X, condensed=True, n_threads=1),
        "scipy pdist": lambda: pdist(X),
        "torch.cdist": lambda: torch.cdist(tensor, tensor, compute_mode=mode).numpy(),
    }
    exact = pdist(X)
    pairs = np.triu_indices(len(X), 1)

    def error(name: str, found: np.ndarray, ours: np.ndarray) -> tuple[float, float]:
        values = found if found.ndim == 1 else found[pairs]
        apart = np.abs(values - exact).max() / exact.max()
        return float(apart), SINGLE if name == "torch.cdist" else EXACT

    return Question(calls, error)


# --- graphs of neighbours -----------------------------------------------------------------------


def graph(make: Make) -> Question:
    X = make()
    calls: dict[str, Call] = {
        OURS: lambda: tl.spaces.neighbor_graph(X, K, n_threads=1),
        "sklearn": lambda: by_sklearn(X),
    }
    if X.shape[1] <= 16:
        calls["cKDTree"] = lambda: by_tree(X)
    if find_spec("faiss"):
        calls["faiss, single"] = partial(by_faiss, X.astype(np.float32))
    return Question(calls, partial(graph_error, X))


def by_sklearn(X: np.ndarray) -> sp.csr_matrix:
    return kneighbors_graph(X, K, mode="distance", include_self=True)


def by_tree(X: np.ndarray) -> sp.csr_matrix:
    lengths, near = cKDTree(X).query(X, k=K)
    return as_graph(lengths, near)


def by_faiss(X: np.ndarray) -> sp.csr_matrix:
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatL2(X.shape[1])
    index.add(X)
    squares, near = index.search(X, K)
    return as_graph(np.sqrt(np.maximum(squares, 0)), near)


def as_graph(lengths: np.ndarray, near: np.ndarray) -> sp.csr_matrix:
    n, k = near.shape
    starts = np.arange(0, n * k + 1, k)
    return sp.csr_matrix((lengths.ravel(), near.ravel(), starts), shape=(n, n))


def graph_error(
    X: np.ndarray, name: str, found: sp.csr_matrix, ours: sp.csr_matrix
) -> tuple[float, float]:
    """Share of wrong rows of ours by brute force, of edges that others have besides or lack."""
    if name == OURS:
        few = np.random.default_rng(1).choice(len(X), min(CHECKED, len(X)), replace=False)
        return float(np.mean([not is_right(X, ours, i) for i in few.tolist()])), 0.0
    theirs = either(found) != either(ours)
    return theirs.nnz / ours.nnz, 1e-3  # what is nearly as near, by rounding


def either(graph: Any) -> sp.csr_matrix:
    """Who are joined, by whichever end, apart from each to itself."""
    joined = sp.csr_matrix((np.ones(len(graph.data), bool), graph.indices, graph.indptr))
    joined = sp.csr_matrix(joined + joined.T, dtype=bool)
    joined.setdiag(False)
    joined.eliminate_zeros()
    return joined


def is_right(X: np.ndarray, graph: sp.csr_matrix, i: int) -> bool:
    """Whether a point is joined to its nearest, and to those of whose nearest it is one."""
    near = set(nearest(X, i))
    row = graph[[i]]
    others = [j for j in row.indices.tolist() if j not in near]
    right = near <= set(row.indices.tolist()) and all(i in nearest(X, j) for j in others)
    return right and np.allclose(row.data, cdist(X[[i]], X[row.indices])[0], rtol=EXACT, atol=0)


def nearest(X: np.ndarray, i: int) -> list[int]:
    """The nearest others, by (distance, index)."""
    order = np.argsort(cdist(X[[i]], X)[0], kind="stable")
    return order[order != i][: K - 1].tolist()


# --- Betti numbers at a scale of hops -----------------------------------------------------------


def hops(make: Make) -> Question:
    """Beside the graph of scikit-learn, which is where this begins."""
    X = make()
    calls: dict[str, Call] = {
        OURS: lambda: tl.hop_betti(X, k=K, n_threads=1),
        "sklearn's graph": lambda: by_sklearn(X),
    }

    def error(name: str, found: Any, ours: Any) -> tuple[float, float]:
        few = X[:CHECKED]
        wrong = found.n_components != connected_components(either(by_sklearn(X)))[0]
        return float(wrong or tl.hop_betti(few, k=K).betti.tolist() != betti(few)), 0.0

    def notes(found: Any) -> str:
        return f"Betti numbers {found.betti.tolist()}"

    return Question(calls, error, ("sklearn's graph",), notes)


def betti(X: np.ndarray) -> list[int]:
    """Betti numbers at two hops by ripser."""
    steps = shortest_path(either(by_sklearn(X)), unweighted=True)
    steps[np.isinf(steps)] = len(X)
    bars = ripser(steps, distance_matrix=True, maxdim=1, thresh=2)["dgms"]
    return [int(np.isinf(dgm[:, 1]).sum()) for dgm in bars]


# --- persistence --------------------------------------------------------------------------------


def rips(make: Make) -> Question:
    X = make()
    calls: dict[str, Call] = {
        OURS: lambda: tl.rips(X, n_threads=1).dgms,
        "ripser": lambda: ripser(X, maxdim=1)["dgms"],
    }
    if find_spec("gph"):
        calls["giotto-ph"] = partial(by_giotto, X)
    return Question(calls, diagrams_error)


def by_giotto(X: np.ndarray) -> list[np.ndarray]:
    from gph import ripser_parallel

    return ripser_parallel(X, maxdim=1, n_threads=1)["dgms"]


def near(make: Make, threshold: float) -> Question:
    """Persistence up to a threshold that few pairs are within."""
    X = make()
    calls: dict[str, Call] = {
        OURS: lambda: tl.rips(X, threshold=threshold, n_threads=1, max_memory=ROOM).dgms,
        "cKDTree and ripser": lambda: by_pairs(X, threshold),
    }
    return Question(calls, diagrams_error)


def by_pairs(X: np.ndarray, threshold: float) -> list[np.ndarray]:
    tree = cKDTree(X)
    pairs = tree.sparse_distance_matrix(tree, threshold, output_type="coo_matrix")
    return ripser(pairs, distance_matrix=True, maxdim=1, thresh=threshold)["dgms"]


def diagrams_error(name: str, found: Any, ours: Any) -> tuple[float, float]:
    return float(not same_diagrams(ours, found)), 0.0


# --- tables of layers ---------------------------------------------------------------------------


def table(make: Callable[[], Any], by_class: bool) -> Question:
    """All measures of all layers in five subsamples; both ways are compared on all points."""
    layers = make()
    labels = layers.labels if by_class else None
    calls: dict[str, Call] = {
        OURS: lambda: analysed(layers, labels),
        BY_HAND: lambda: by_hand(layers, labels),
    }

    def error(name: str, found: Any, ours: Any) -> tuple[float, float]:
        return (furthest(layers, labels) if name == OURS else 0.0), 1e-6

    return Question(calls, error, told=lambda: estimated(layers, labels))


# --- all of them --------------------------------------------------------------------------------

WIDE: dict[str, tuple[Make, bool]] = {
    "noise-1000x64": (partial(noise, 1000, 64), True),
    "relu-1000x512": (partial(relu, 1000, 512), True),
    "relu-1000x4096": (partial(relu, 1000, 4096), False),
    "noise-400x20000": (partial(noise, 400, 20_000), False),
    "RNet-200x13552": (partial(layer, "RNet", "prelu1"), True),
    "Lite0-200x73728": (partial(layer, "EfficientNet-Lite0", "_conv_stem"), False),
}


def cases() -> Iterator[Case]:
    for ask in (distances, graph, hops, rips):
        for name, (make, quick) in WIDE.items():
            yield Case(f"{ask.__name__}-{name}", partial(ask, make), quick)
    yield Case("hops-noise-1797x64", partial(hops, partial(noise, 1797, 64)), quick=False)
    for n, d, quick in [(2000, 2, True), (18_000, 2, False), (18_000, 8, False)]:
        yield Case(f"graph-uniform-{n}x{d}", partial(graph, partial(uniform, n, d)), quick)
    plane, places = partial(uniform, 100_000, 2), partial(blobs, 20_000, 16)
    yield Case("near-uniform-100000x2", partial(near, plane, 0.008), quick=False)
    yield Case("near-blobs-20000x16", partial(near, places, 0.15), quick=False)
    for network in NETWORKS:
        for by_class in (True, False):
            name = f"table-{network}" + "-by-class" * by_class
            make = partial(recording, network)
            yield Case(name, partial(table, make, by_class), quick=network == "RNet")


CASES = list(cases())
