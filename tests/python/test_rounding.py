"""Distances that others computed: symmetric up to rounding is symmetric, and nothing else is."""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist, squareform
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import kneighbors_graph

import topolens as tl

rng = np.random.default_rng(7)
CLOUD = rng.normal(size=(40, 5))
SHIFTED = CLOUD + 4.0

given: dict[str, Any] = {"metric": "precomputed"}

# Every function of a space, called with its distances.
TAKES_DISTANCES: dict[str, Callable[[Any], Any]] = {
    "spaces.distances": lambda D: tl.distances(D, **given),
    "spaces.geodesic_distances": lambda D: tl.spaces.geodesic_distances(D, 4, **given),
    "spaces.landmarks": lambda D: tl.landmarks(D, 5, rng=0, **given).indices,
    "spaces.neighbor_graph": lambda D: tl.spaces.neighbor_graph(D, 4, **given).toarray(),
    "spaces.within_to_others": lambda D: (
        tl.spaces.within_to_others(D, np.arange(len(D)) % 2, **given).ratio
    ),
    "homology.hop_betti": lambda D: tl.hop_betti(D, k=4, **given).betti,
    "homology.lifetime_sum": lambda D: tl.homology.lifetime_sum(D, **given),
    "homology.pieces_among_others": lambda D: (
        tl.homology.pieces_among_others(D, np.arange(len(D)) % 2, rng=0, **given).p_values
    ),
    "homology.ph_dimension": lambda D: tl.ph_dimension(D, rng=0, **given).value,
    "homology.rips": lambda D: tl.rips(D, **given)[1],
    "homology.rips_batch": lambda D: tl.rips_batch([D, D], **given)[1][1],
    "magnitudes.convergence_scale": lambda D: tl.magnitudes.convergence_scale(D, **given),
    "magnitudes.diversity": lambda D: tl.magnitudes.diversity(D, 0.5, **given),
    "magnitudes.magnitude": lambda D: tl.magnitude(D, 0.5, **given),
    "magnitudes.magnitude_area": lambda D: tl.magnitudes.magnitude_area(D, **given).value,
    "magnitudes.magnitude_difference": lambda D: (
        tl.magnitudes.magnitude_difference(D, 2.0 * np.asarray(D), **given).value
    ),
    "magnitudes.magnitude_dimension": lambda D: (
        tl.magnitudes.magnitude_dimension(D, bootstrap=None, **given).value
    ),
    "magnitudes.magnitude_function": lambda D: tl.magnitude_function(D, [0.5], **given).values,
    "magnitudes.magnitude_lower_bound": lambda D: (
        tl.magnitudes.magnitude_lower_bound(D, 0.5, n_landmarks=20, rng=0, **given).value
    ),
    "magnitudes.magnitude_slopes": lambda D: tl.magnitudes.magnitude_slopes(D, **given).values,
    "magnitudes.max_diversity": lambda D: tl.magnitudes.max_diversity(D, 0.5, **given).value,
    "magnitudes.outlier_scores": lambda D: tl.magnitudes.outlier_scores(D, 0.5, **given).weights,
    "magnitudes.vendi_score": lambda D: tl.magnitudes.vendi_score(
        D, kernel="exponential", t=0.5, **given
    ),
    "magnitudes.weighting": lambda D: tl.magnitudes.weighting(D, 0.5, **given),
    "diagrams.confidence_band": lambda D: tl.confidence_band(D, rng=0, **given).radius,
    "layers.choose_scale": lambda D: tl.choose_scale({"layer": tl.MetricSpace(D)}, ks=[3, 4])[
        "reach"
    ].tolist(),
    "measures.HopBetti": lambda D: _values(tl.HopBetti(k=4, **given), D),
    "measures.Loops": lambda D: _values(tl.Loops(**given), D),
    "measures.Magnitude": lambda D: _values(tl.Magnitude(**given), D),
    "measures.MagnitudeDimension": lambda D: _values(tl.MagnitudeDimension(**given), D),
    "measures.PHDimension": lambda D: _values(tl.PHDimension(**given), D),
    "measures.Pieces": lambda D: _values_of_classes(tl.Pieces(**given), D),
    "measures.Rips": lambda D: _values(tl.Rips(**given), D),
    "measures.Spread": lambda D: _values_of_classes(tl.Spread(**given), D),
    "sklearn.MagnitudeFunction": lambda D: tl.sklearn.MagnitudeFunction(
        ts=[0.5], **given
    ).fit_transform([D, D]),
    "sklearn.RipsPersistence": lambda D: tl.sklearn.RipsPersistence(**given).fit_transform([D, D])[
        0
    ][1],
    "MetricSpace": lambda D: tl.MetricSpace(D).distances,
}

# The metrics of these are between diagrams, or those of neighbours of samples.
OTHER_METRICS = {"diagrams.amplitude", "diagrams.distance_matrix", "transfer.knn"}


def _values(measure: Any, D: Any) -> list[float]:
    return [value.value for value in measure.measure(D, rng=np.random.default_rng(0))]


def _values_of_classes(measure: Any, D: Any) -> list[float]:
    labels = np.arange(len(D)) % 2
    measured = measure.measure(D, labels=labels, rng=np.random.default_rng(0))
    return [value.value for values in measured.values() for value in values]


def everyday() -> dict[str, np.ndarray]:
    """Matrices that others hand over, none of them exactly symmetric with a zero diagonal."""
    squares = (SHIFTED**2).sum(1)
    gram = np.maximum(squares[:, None] + squares - 2 * SHIFTED @ SHIFTED.T, 0) ** 0.5
    bars = [np.sort(rng.random((6, 2)), axis=1) for _ in range(40)]
    pairs = itertools.product(bars, repeat=2)
    loops = np.reshape([tl.wasserstein_distance(a, b, p=2.0) for a, b in pairs], (40, 40))
    single, double = torch.tensor(SHIFTED, dtype=torch.float32), torch.tensor(SHIFTED)
    noise = 1 + 1e-15 * rng.normal(size=(40, 40))
    return {
        "pairwise_distances": pairwise_distances(SHIFTED),
        "cdist single": torch.cdist(single, single).numpy(),
        "cdist single as double": torch.cdist(single, single).double().numpy(),
        "cdist double": torch.cdist(double, double).numpy(),
        "cosine": cdist(SHIFTED, SHIFTED, "cosine"),
        "corrcoef": 1 - np.corrcoef(SHIFTED),
        "gram": gram,
        "wasserstein": loops,
        "relative": cdist(CLOUD, CLOUD) * noise,
    }


EVERYDAY = everyday()


def symmetrized(D: np.ndarray) -> np.ndarray:
    D = np.asarray(D, dtype=np.float64)
    mean = np.maximum(D / 2 + D.T / 2, 0)
    np.fill_diagonal(mean, 0)
    return mean


def test_every_function_of_a_space_is_here() -> None:
    names = set()
    packages = [one.name for one in pkgutil.iter_modules(tl.__path__) if one.ispkg]
    for package in packages:
        module = importlib.import_module(f"topolens.{package}")
        for name in module.__all__:
            public = getattr(module, name)
            if callable(public) and "metric" in inspect.signature(public).parameters:
                names.add(f"{package}.{name}")
    assert names and names - OTHER_METRICS == set(TAKES_DISTANCES) - {"MetricSpace"}


@pytest.mark.parametrize("matrix", EVERYDAY)
@pytest.mark.parametrize("function", TAKES_DISTANCES)
def test_symmetric_up_to_rounding_is_symmetric(function: str, matrix: str) -> None:
    D = EVERYDAY[matrix]
    call = TAKES_DISTANCES[function]
    np.testing.assert_array_equal(call(D), call(symmetrized(D)))


@pytest.mark.parametrize("function", TAKES_DISTANCES)
def test_what_is_asymmetric_stays_refused(function: str) -> None:
    call = TAKES_DISTANCES[function]
    for place, factor in itertools.product([(3, 17), (17, 3), (39, 0)], [1 + 1e-6, 0.9, 2.0]):
        D = cdist(CLOUD, CLOUD)
        D[place] *= factor
        with pytest.raises(ValueError, match=r"`X` must be symmetric; found .* average both sides"):
            call(D)
    for own in (1e-3, -1e-3, 1.0, np.nan):
        D = cdist(CLOUD, CLOUD)
        D[8, 8] = own
        with pytest.raises(
            ValueError, match=r"`X` must have a zero diagonal; found .* at \[8, 8\]"
        ):
            call(D)
    with pytest.raises(ValueError, match="`X` must be symmetric"):
        call(np.triu(cdist(CLOUD, CLOUD)).astype(np.float32))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, np.int64])
@pytest.mark.parametrize("function", TAKES_DISTANCES)
def test_counts_are_not_rounded(function: str, dtype: type) -> None:
    """A step of one is no rounding, however far the other points are."""
    line = np.abs(np.subtract.outer(np.arange(40), np.arange(40))) * 15
    for place, value in (((3, 17), 211), ((5, 5), 1)):
        D = line.astype(dtype)
        D[place] = value
        with pytest.raises(ValueError, match=r"`X` must (be symmetric|have a zero diagonal)"):
            TAKES_DISTANCES[function](D)


def test_results_say_by_how_much_sides_differed() -> None:
    D = EVERYDAY["gram"]
    most = max(abs(D - D.T).max(), np.diag(D).max())
    assert most > 0
    space = tl.MetricSpace(D)
    results = [
        space,
        tl.rips(D, **given),
        tl.rips(D, n_landmarks=9, rng=0, **given),
        tl.rips(space),
        tl.rips_batch([D], **given)[0],
        tl.hop_betti(D, k=4, **given),
        tl.landmarks(D, 5, **given),
        tl.ph_dimension(D, rng=0, **given),
        tl.magnitude_function(D, [0.5], **given),
        tl.magnitudes.magnitude_dimension(D, bootstrap=None, **given),
        tl.magnitudes.magnitude_area(D, **given),
        tl.magnitudes.magnitude_difference(symmetrized(D), D, **given),
        tl.magnitudes.magnitude_lower_bound(D, 0.5, n_landmarks=20, rng=0, **given),
        tl.magnitudes.max_diversity(D, 0.5, **given),
        tl.magnitudes.outlier_scores(D, 0.5, **given),
    ]
    assert [result.asymmetry for result in results] == [most] * len(results)
    assert f"symmetric up to {most:.1g}" in repr(space)
    assert f"symmetric up to {most:.1g}" in results[1]._repr_html_()
    exact = symmetrized(D)
    assert tl.rips(exact, **given).asymmetry == tl.MetricSpace(exact).asymmetry == 0
    assert "symmetric" not in repr(tl.MetricSpace(exact))


def test_matrices_read_as_graphs_are_averaged_too() -> None:
    far = np.abs(np.subtract.outer(np.arange(700.0), np.arange(700.0)))
    near = far * (1 + 1e-15 * rng.normal(size=far.shape))
    found = tl.rips(near, threshold=3.0, **given)
    np.testing.assert_array_equal(found[0], tl.rips(symmetrized(near), threshold=3.0, **given)[0])
    near[600, 5] = 600.0
    with pytest.raises(ValueError, match=r"`X` must be symmetric; found .* at \[5, 600\]"):
        tl.rips(near, threshold=3.0, **given)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbour_graphs_of_scikit_learn(dtype: type) -> None:
    X = SHIFTED.astype(dtype)
    graph = kneighbors_graph(X, 6, mode="distance")
    both = graph.maximum(graph.T)
    both.data *= 1 + np.finfo(both.dtype).eps * rng.integers(-1, 2, size=len(both.data))
    asymmetric = abs(both - both.T).max()
    assert asymmetric > 0
    for one_way_or_both in (graph, both):
        found = tl.rips(one_way_or_both, **given)
        D = one_way_or_both.toarray().astype(np.float64)
        mean = np.where((D > 0) & (D.T > 0), D / 2 + D.T / 2, np.maximum(D, D.T))
        expected = tl.rips(csr_array(mean), **given)
        np.testing.assert_array_equal(found[1], expected[1])
        np.testing.assert_array_equal(found[0], expected[0])
    both.data[3] *= 1.01
    with pytest.raises(ValueError, match=r"`X` must be symmetric; found .* at \["):
        tl.rips(both, **given)


def test_condensed_distances_may_be_negative_by_rounding() -> None:
    directions = np.repeat(rng.normal(size=(6, 8)), 2, axis=0)
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    D = 1 - unit @ unit.T
    pairs = D[np.triu_indices(12, 1)]
    assert pairs.min() < 0
    clean = np.maximum(pairs, 0)
    np.testing.assert_array_equal(tl.rips(pairs, **given)[0], tl.rips(clean, **given)[0])
    np.testing.assert_array_equal(tl.MetricSpace(D).distances, clean)
    pairs[4] = -1e-3
    with pytest.raises(
        ValueError, match=r"must hold non-negative distances; found -0.001 at \[4\]"
    ):
        tl.rips(pairs, **given)


# --- metrics as functions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "rule"),
    [
        (lambda u, v: float(np.maximum(u - v, 0).sum()), "not depend on the order of its two"),
        (lambda u, v: 1.0 + float(abs(u - v).sum()), "return 0 for one and itself"),
        (lambda u, v: float(u @ v) ** 2, "return 0 for one and itself"),
    ],
)
@pytest.mark.parametrize("n", [2, 3, 200])
def test_functions_that_are_no_metric_are_caught_before_all_calls(
    metric: Callable[..., float], rule: str, n: int
) -> None:
    calls = itertools.count()

    def counted(u: np.ndarray, v: np.ndarray) -> float:
        next(calls)
        return metric(u, v)

    with pytest.raises(ValueError, match=rf"`metric` must {rule}; found .* at \[\d+, \d+\]"):
        tl.rips(rng.normal(size=(n, 3)), metric=counted)
    assert next(calls) <= 36


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_functions_may_round(dtype: type) -> None:
    def by_products(u: np.ndarray, v: np.ndarray) -> Any:
        u, v = u.astype(dtype), v.astype(dtype)
        return np.sqrt(u @ u + v @ v - dtype(2) * (u @ v))

    X = CLOUD.astype(dtype).astype(np.float64) + 2
    with np.errstate(invalid="ignore"):
        found = tl.rips(X, metric=by_products)
    np.testing.assert_allclose(found[0], tl.rips(X)[0], rtol=1e-4)


def test_permutation_tests_take_distances_by_the_same_rule() -> None:
    groups = [np.sort(rng.random((5, 2)), axis=1) for _ in range(8)]
    exact = tl.distance_matrix(groups, "wasserstein", p=1.0)
    near = exact * (1 + 1e-15 * rng.normal(size=exact.shape)) + 1e-17
    test = partial(tl.diagrams.permutation_test, groups[:4], groups[4:], n_resamples=30, rng=0)
    assert test(distance=near).loss == test(distance=symmetrized(near)).loss
    near[2, 3] *= 1.1
    with pytest.raises(ValueError, match="`distance` must be symmetric; found"):
        test(distance=near)
    with pytest.raises(ValueError, match="`distance` must not depend on the order"):
        test(distance=lambda a, b: abs(float(a.sum() - 2 * b.sum())) * (a is not b))


def test_memory_is_checked_before_the_first_call() -> None:
    def never(u: np.ndarray, v: np.ndarray) -> float:
        raise AssertionError("called")

    with pytest.raises(MemoryError, match="distances of 2000 points needs about 16"):
        tl.rips(np.zeros((2000, 2)), metric=never, max_memory=10**6)


# --- names of metrics ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("manhattan", "cityblock"),
        ("l1", "cityblock"),
        ("l2", "euclidean"),
        ("chebychev", "chebyshev"),
        ("infinity", "chebyshev"),
    ],
)
def test_names_of_other_libraries(alias: str, name: str) -> None:
    np.testing.assert_array_equal(
        tl.distances(CLOUD, metric=alias), tl.distances(CLOUD, metric=name)
    )
    for kind in (tl.HopBetti, tl.Rips, tl.PHDimension, tl.Magnitude, tl.MagnitudeDimension):
        assert kind(metric=alias) == kind(metric=name)


@pytest.mark.parametrize(
    "kind", [tl.HopBetti, tl.Rips, tl.PHDimension, tl.Magnitude, tl.MagnitudeDimension]
)
def test_measures_refuse_metrics_when_they_are_made(kind: Any) -> None:
    with pytest.raises(
        ValueError, match=r"`metric` must be one of euclidean, .*; found .haversine"
    ):
        kind(metric="haversine")
    with pytest.raises(TypeError, match="`metric` must be a name or a function"):
        kind(metric=3)


# --- one matrix in place of something else ------------------------------------------------------


def test_matrices_without_a_metric_warn() -> None:
    D = cdist(CLOUD, CLOUD)
    calls = {name: call for name, call in TAKES_DISTANCES.items() if name != "MetricSpace"}
    without = [
        lambda D: tl.rips(D, maxdim=0),
        lambda D: tl.distances(D),
        lambda D: tl.hop_betti(D, k=4),
        lambda D: tl.spaces.neighbor_graph(D, 4),
        lambda D: tl.magnitude(D, 1.0),
        lambda D: tl.rips(D, maxdim=0, metric="manhattan"),
        lambda D: tl.Rips().measure(D, rng=np.random.default_rng(0)),
    ]
    assert len(calls) > len(without)
    for matrix in (D, torch.cdist(torch.tensor(CLOUD), torch.tensor(CLOUD))):
        for call in without:
            with pytest.warns(UserWarning, match='looks like .* pass metric="precomputed"') as seen:
                call(matrix)
            assert {one.filename for one in seen} == {__file__}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tl.rips(D, **given)
        tl.rips(tl.MetricSpace(D))
        for points in (np.zeros((5, 5)), np.eye(5), CLOUD[:5], -D, D[:4], np.zeros((0, 0))):
            tl.distances(points)


def test_one_space_is_no_batch() -> None:
    D = cdist(CLOUD[:21], CLOUD[:21])
    for Xs in (D, D.tolist(), torch.tensor(D), csr_array(D), tl.MetricSpace(D)):
        with pytest.raises(ValueError, match=r"`Xs` must be several spaces; found .*: pass \[X\]"):
            tl.rips_batch(Xs, **given)
    with pytest.raises(ValueError, match=r"`Xs` must be several spaces; .* shape \(40, 5\)"):
        tl.rips_batch(CLOUD)
    condensed = np.stack([squareform(D), 2 * squareform(D)])
    assert len(tl.rips_batch(condensed, **given)) == 2
    assert len(tl.rips_batch(CLOUD.reshape(2, 20, 5))) == 2


def test_spaces_are_taken_wherever_points_are() -> None:
    space = tl.MetricSpace(cdist(CLOUD, CLOUD, "cityblock"))
    same: list[Callable[..., Any]] = [
        lambda X, **m: tl.hop_betti(X, k=4, **m).betti,
        lambda X, **m: tl.spaces.neighbor_graph(X, 4, **m).toarray(),
        lambda X, **m: tl.spaces.geodesic_distances(X, 4, **m),
        lambda X, **m: _values(tl.HopBetti(k=4, **m), X),
        lambda X, **m: _values(tl.Rips(**m), X),
        lambda X, **m: _values(tl.PHDimension(**m), X),
        lambda X, **m: _values(tl.Magnitude(**m), X),
        lambda X, **m: _values(tl.MagnitudeDimension(**m), X),
    ]
    for call in same:
        of_points = call(CLOUD, metric="manhattan")
        np.testing.assert_allclose(call(space), of_points, rtol=1e-12)
        np.testing.assert_allclose(call(space.to_square(), **given), of_points, rtol=1e-12)


def test_analyses_take_distances_of_samples() -> None:
    labels = np.repeat(["a", "b"], 20)
    layers = {"first": CLOUD, "second": CLOUD**3}
    squares = {name: cdist(X, X, "cityblock") for name, X in layers.items()}
    squares["first"] *= 1 + 1e-15 * rng.normal(size=(40, 40))
    kinds: list[Any] = [partial(tl.HopBetti, k=4), tl.Rips, tl.Magnitude, tl.PHDimension]
    args: dict[str, Any] = {"labels": labels, "repeats": 2, "subsample": 15, "rng": 0}
    expected = tl.analyse(layers, [kind(metric="manhattan") for kind in kinds], **args)
    spaces = {name: tl.MetricSpace(D) for name, D in squares.items()}
    for found in (
        tl.analyse(squares, [kind(**given) for kind in kinds], **args),
        tl.analyse(spaces, [kind() for kind in kinds], **args),
    ):
        for column in ("layer", "class", "measure", "n", "n_distinct", "degree"):
            np.testing.assert_array_equal(found[column], expected[column])
        np.testing.assert_allclose(found["value"], expected["value"], rtol=1e-9)
    with pytest.raises(ValueError, match='must have metric="precomputed" all or none'):
        tl.analyse(squares, [tl.Rips(**given), tl.HopBetti()])
    with pytest.raises(ValueError, match=r"`layers\['first'\]` must be symmetric; found"):
        tl.analyse({"first": np.triu(squares["first"])}, tl.Rips(**given))


def test_points_at_infinity_are_no_neighbours() -> None:
    D = np.full((6, 6), np.inf)
    D[:3, :3] = D[3:, 3:] = 1 - np.eye(3)
    assert tl.hop_betti(D, k=5, **given).betti.tolist() == [2, 0]
    assert tl.spaces.neighbor_graph(D, 6, **given).nnz == 12


# --- rows of one direction ----------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["cosine", "correlation"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_one_direction_are_one_point(metric: str, dtype: type) -> None:
    for seed, (n, dim) in enumerate([(20, 2), (20, 3), (60, 10), (300, 30), (100, 500)] * 4):
        generator = np.random.default_rng(seed)
        dim = max(dim, 8) if metric == "correlation" else dim
        directions = generator.normal(size=(10, dim))
        which = generator.integers(10, size=n)
        X = directions[which] * np.exp(generator.normal(size=(n, 1)))
        if metric == "correlation":
            X += generator.normal(size=(n, 1))
        X = X.astype(dtype)
        D = tl.distances(X, metric=metric)
        assert ((D == 0) == (which[:, None] == which)).all()
        found = tl.magnitude(X, 1.0, metric=metric)
        few = tl.magnitude(directions[np.unique(which)], 1.0, metric=metric)
        assert found == pytest.approx(few, rel=1e-4 if dtype is np.float32 else 1e-9)
        assert tl.hop_betti(X, k=4, metric=metric).n_distinct == len(np.unique(which))


def test_directions_that_differ_by_more_than_rounding_are_two_points() -> None:
    for angle in (1e-3, 1e-6, 1e-9, 1e-12):
        X = np.array([[1.0, 0.0], [np.cos(angle), np.sin(angle)], [0.0, 1.0]])
        assert tl.distances(X, metric="cosine")[0, 1] == pytest.approx(angle**2 / 2, rel=1e-3)


@pytest.mark.parametrize("value", [0.1, 0.30000000000000004, 1e6 / 3])
def test_rows_that_are_constant_up_to_rounding_have_no_correlation(value: float) -> None:
    row = np.full(8, value)
    row[::2] = np.nextafter(value, np.inf)
    with pytest.raises(ValueError, match=r"not constant .* found a constant row at"):
        tl.distances([row, np.arange(8.0)], metric="correlation")


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [2**53 + 1, -(2**53) - 1, 2**63 - 1])
def test_large_whole_numbers_are_refused_everywhere(whole: int) -> None:
    X = np.full((6, 2), whole)
    calls: list[Callable[[Any], Any]] = [
        tl.rips,
        tl.distances,
        tl.hop_betti,
        lambda X: tl.magnitude(X, 1.0),
        tl.cubical,
        lambda X: tl.rips(csr_array(np.triu(np.abs(X.repeat(3, 1)), 1)), **given),
        lambda X: tl.bottleneck_distance(X, X),
        lambda X: tl.spaces.distance_to_measure(X, [[0.0, 0.0]]),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"whole numbers up to 2\*\*53; found"):
            call(X)
