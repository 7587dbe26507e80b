"""topolens and its peers: how each one is given an input, called and read.

Preparing the input is not measured: every engine gets the form it likes best.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from typing import Any

import numpy as np
import scipy.sparse as sp

from inputs import Kind


@dataclass(frozen=True)
class Question:
    """What to compute, and on how many threads."""

    maxdim: int
    threshold: float
    threads: int


def unchanged(x: Any) -> Any:
    return x


@dataclass(frozen=True)
class Engine:
    """A way to compute the diagrams of some kinds of input.

    `prepare` turns an input into what `call` takes; `read` turns what `call`
    returns into one array a degree.
    """

    name: str
    module: str
    call: Callable[[Any, Question], Any]
    prepare: Callable[[Any], Any] = unchanged
    read: Callable[[Any, Question], Any] = lambda result, question: result
    kinds: tuple[Kind, ...] = ("matrix",)
    threaded: bool = False
    degrees: tuple[int, int] = (0, 15)

    def takes(self, kind: Kind, maxdim: int) -> bool:
        lowest, highest = self.degrees
        return kind in self.kinds and lowest <= maxdim <= highest and bool(find_spec(self.module))

    def version(self) -> str:
        return version(distributions().get(self.module, [self.module])[0])

    def one_by_one(self) -> Engine:
        """Return the engine for a batch of inputs that calls this one for each."""
        return replace(
            self,
            prepare=lambda batch: [self.prepare(one) for one in batch],
            call=lambda batch, q: [self.call(one, q) for one in batch],
            read=lambda results, q: batch_diagrams([self.read(r, q) for r in results], q),
            kinds=("batch",),
        )


# topolens


def topolens(d: Any, q: Question) -> list[np.ndarray]:
    import topolens

    return topolens.rips(
        d, metric="precomputed", maxdim=q.maxdim, threshold=q.threshold, n_threads=q.threads
    ).dgms


def topolens_points(points: np.ndarray, q: Question) -> list[np.ndarray]:
    import topolens

    return topolens.rips(points, maxdim=q.maxdim, threshold=q.threshold, n_threads=q.threads).dgms


def topolens_batch(matrices: np.ndarray, q: Question) -> list[list[np.ndarray]]:
    import topolens as tl

    results = tl.rips_batch(
        matrices,
        metric="precomputed",
        maxdim=q.maxdim,
        threshold=q.threshold,
        n_threads=q.threads,
    )
    return [result.dgms for result in results]


def batch_diagrams(results: list[list[np.ndarray]], q: Question) -> list[np.ndarray]:
    return [diagram for result in results for diagram in result]


# Ripser and its descendants


def ripser(d: Any, q: Question) -> list[np.ndarray]:
    from ripser import ripser

    return ripser(d, distance_matrix=True, maxdim=q.maxdim, thresh=q.threshold)["dgms"]


def canns(d: Any, q: Question) -> list[np.ndarray]:
    from canns_ripser import ripser

    return ripser(d, distance_matrix=True, maxdim=q.maxdim, thresh=q.threshold)["dgms"]


def giotto(collapse: bool) -> Callable[[Any, Question], list[np.ndarray]]:
    def call(d: Any, q: Question) -> list[np.ndarray]:
        from gph import ripser_parallel

        return ripser_parallel(
            d,
            metric="precomputed",
            maxdim=q.maxdim,
            thresh=q.threshold,
            n_threads=q.threads,
            collapse_edges=collapse,
        )["dgms"]

    return call


# redzed, tda, holos, Oineus


def redzed(d: np.ndarray, q: Question) -> list[np.ndarray]:
    from redzed_tda import rips

    return rips(d, maxdim=q.maxdim, threshold=q.threshold)


def tda(d: np.ndarray, q: Question) -> list[np.ndarray]:
    from tda import persistent_homology

    threshold = None if math.isinf(q.threshold) else q.threshold
    return persistent_homology(
        d, max_dim=q.maxdim, threshold=threshold, distance_matrix=True, parallel=q.threads > 1
    )


def holos_input(d: Any) -> tuple[int, list]:
    if sp.issparse(d):
        edges = upper(d)
        rows, columns = edges.row.tolist(), edges.col.tolist()
        return d.shape[0], list(zip(rows, columns, edges.data.tolist(), strict=True))
    return len(d), d[np.triu_indices(len(d), 1)].tolist()


def holos(collapse: bool) -> Callable[[tuple[int, list], Question], list[tuple]]:
    def call(d: tuple[int, list], q: Question) -> list[tuple]:
        from holos_tda import rips_condensed, rips_sparse

        n, entries = d
        options = {
            "max_dim": q.maxdim,
            "threshold": None if math.isinf(q.threshold) else q.threshold,
            "threads": q.threads,
            "collapse_edges": collapse,
        }
        if entries and isinstance(entries[0], tuple):
            return rips_sparse(n, entries, **options)
        return rips_condensed(entries, **options)

    return call


def holos_diagrams(bars: list[tuple], q: Question) -> list[np.ndarray]:
    rows = np.array(bars, dtype=float).reshape(-1, 3)
    return [rows[rows[:, 0] == degree, 1:] for degree in range(q.maxdim + 1)]


def oineus(d: np.ndarray, q: Question) -> Any:
    import oineus

    params = oineus.ReductionParams()
    params.n_threads = q.threads
    longest = -1.0 if math.isinf(q.threshold) else q.threshold
    return oineus.compute_diagrams_vr(
        d, from_pwdists=True, max_dim=q.maxdim + 1, max_diameter=longest, params=params
    )


def oineus_diagrams(diagrams: Any, q: Question) -> list[np.ndarray]:
    return [diagrams.in_dimension(degree) for degree in range(q.maxdim + 1)]


# GUDHI


def upper(d: Any) -> sp.coo_matrix:
    """Each edge once, with the narrow indices that GUDHI asks for."""
    edges = sp.triu(d, 1).tocoo()
    indices = edges.row.astype(np.int32), edges.col.astype(np.int32)
    return sp.coo_matrix((edges.data, indices), shape=d.shape)


def gudhi_input(d: Any) -> Any:
    return upper(d) if sp.issparse(d) else d


def gudhi(collapses: int | str) -> Callable[[Any, Question], list[np.ndarray]]:
    """GUDHI's own choice: its fork of Ripser, after a collapse of edges or not."""

    def call(d: Any, q: Question) -> list[np.ndarray]:
        from gudhi.sklearn import RipsPersistence

        return RipsPersistence(
            range(q.maxdim + 1),
            threshold=q.threshold,
            input_type="distance coo_matrix" if sp.issparse(d) else "full distance matrix",
            num_collapses=collapses,
            homology_coeff_field=2,
        ).fit_transform([d])[0]

    return call


def gudhi_tree(d: Any, q: Question) -> list[np.ndarray]:
    """A collapse of edges, then every simplex listed."""
    from gudhi import SimplexTree

    if sp.issparse(d):
        tree = SimplexTree()
        tree.insert_batch(np.arange(d.shape[0]).reshape(1, -1), np.zeros(d.shape[0]))
        tree.insert_edges_from_coo_matrix(d)
    else:
        longest = min(q.threshold, d.max(axis=1).min())  # beyond it nothing happens
        tree = SimplexTree.create_from_array(d, max_filtration=longest)
    tree.collapse_edges()
    tree.expansion(q.maxdim + 1)
    tree.compute_persistence(
        homology_coeff_field=2, persistence_dim_max=tree.dimension() <= q.maxdim
    )
    degrees = range(q.maxdim + 1)
    return [tree.persistence_intervals_in_dimension(k).reshape(-1, 2) for k in degrees]


# Components of points, without their matrix: the single-linkage tree.


def scikit_learn(points: np.ndarray, q: Question) -> np.ndarray:
    from sklearn.cluster import AgglomerativeClustering

    model = AgglomerativeClustering(n_clusters=None, distance_threshold=0, linkage="single")
    return model.fit(points).distances_


def fastcluster(points: np.ndarray, q: Question) -> np.ndarray:
    from fastcluster import linkage_vector

    return linkage_vector(points, "single")[:, 2]


def hdbscan(algorithm: str) -> Callable[[np.ndarray, Question], np.ndarray]:
    def call(points: np.ndarray, q: Question) -> np.ndarray:
        from hdbscan import HDBSCAN

        model = HDBSCAN(
            min_samples=1,
            min_cluster_size=2,
            algorithm=algorithm,
            approx_min_span_tree=False,
            core_dist_n_jobs=q.threads,
        )
        return model.fit(points).single_linkage_tree_.to_numpy()[:, 2]

    return call


def prim(points: np.ndarray, q: Question) -> np.ndarray:
    """Prim's algorithm in NumPy: the shortest way from the tree to each point outside."""
    outside, tip = points[1:].copy(), points[0]
    nearest = np.full(len(outside), np.inf)
    lengths = np.empty(len(outside))
    for step in range(len(lengths)):
        left = len(lengths) - step
        difference = outside[:left] - tip
        squared = np.einsum("ij,ij->i", difference, difference)
        np.minimum(nearest[:left], squared, out=nearest[:left])
        chosen = int(nearest[:left].argmin())
        lengths[step], tip = nearest[chosen], outside[chosen].copy()
        outside[chosen], nearest[chosen] = outside[left - 1], nearest[left - 1]
    return np.sqrt(lengths)


def merges(lengths: np.ndarray, q: Question) -> list[np.ndarray]:
    """Return the bars of a single-linkage tree."""
    deaths = np.append(lengths[lengths > 0], math.inf)
    return [np.c_[np.zeros(len(deaths)), deaths]]


def as_float32(d: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(d, dtype=np.float32)


@cache
def distributions() -> Mapping[str, list[str]]:
    """Return the installed packages by the names of their modules."""
    return packages_distributions()


EVERY: tuple[Kind, ...] = ("matrix", "sparse")
COMPONENTS: dict[str, Any] = {"kinds": ("points",), "degrees": (0, 0), "read": merges}

# The usual winners first: they set the time that the others are given.
ENGINES = [
    Engine("topolens", "topolens", topolens, kinds=EVERY, threaded=True),
    Engine("topolens", "topolens", topolens_points, kinds=("points",), threaded=True),
    Engine(
        "topolens",
        "topolens",
        topolens_batch,
        read=batch_diagrams,
        kinds=("batch",),
        threaded=True,
    ),
    Engine("redzed", "redzed_tda", redzed),
    Engine("gudhi", "gudhi", gudhi("auto"), gudhi_input, kinds=EVERY),
    Engine("gudhi-tree", "gudhi", gudhi_tree, gudhi_input, kinds=EVERY),
    Engine("tda", "tda", tda, as_float32, threaded=True),
    # Below degree two GUDHI's own choice is not to collapse.
    Engine("gudhi-plain", "gudhi", gudhi(0), gudhi_input, kinds=EVERY, degrees=(2, 15)),
    Engine("giotto-ph", "gph", giotto(False), kinds=EVERY, threaded=True),
    Engine("giotto-collapse", "gph", giotto(True), kinds=EVERY, threaded=True),
    Engine("holos", "holos_tda", holos(False), holos_input, holos_diagrams, EVERY, threaded=True),
    Engine(
        "holos-collapse",
        "holos_tda",
        holos(True),
        holos_input,
        holos_diagrams,
        EVERY,
        threaded=True,
    ),
    Engine("ripser", "ripser", ripser, kinds=EVERY),
    Engine("canns-ripser", "canns_ripser", canns, kinds=EVERY, threaded=True),
    Engine("oineus", "oineus", oineus, as_float32, oineus_diagrams, threaded=True),
    Engine("fastcluster", "fastcluster", fastcluster, **COMPONENTS),
    Engine("scikit-learn", "sklearn", scikit_learn, **COMPONENTS),
    Engine("hdbscan-prims", "hdbscan", hdbscan("prims_kdtree"), **COMPONENTS),
    Engine("hdbscan-boruvka", "hdbscan", hdbscan("boruvka_kdtree"), threaded=True, **COMPONENTS),
    Engine("numpy-prim", "numpy", prim, **COMPONENTS),
]
OURS = "topolens"


def engines_for(kind: Kind, maxdim: int) -> dict[str, Engine]:
    """Return the engines that are installed and that take such a case, by name."""
    engines = {engine.name: engine for engine in ENGINES if engine.takes(kind, maxdim)}
    if kind == "batch":
        singles = engines_for("matrix", maxdim)
        engines = {name: engine.one_by_one() for name, engine in singles.items()} | engines
    return engines
