"""Distances that measures and repeats share leave every number as it is.

The other way is the same analysis with measures that do not say that they take distances: each
then gets the points of its cloud.
"""

import numpy as np
import pytest

import topolens as tl
from topolens.layers import _sharing as sharing
from topolens.measures import Value

METRICS = ("euclidean", "cityblock", "chebyshev", "hamming", "sqeuclidean", "cosine", "correlation")
LABELS = np.repeat(["a", "b"], [26, 34])


class Alone:
    """A measure that does not say that it takes distances."""

    def __init__(self, measure):
        self.measure, self.name = measure.measure, measure.name
        self.settings = tl.layers._settings.settings_of(measure)


def relu(n=60, d=40):
    rng = np.random.default_rng(0)
    return np.maximum(rng.normal(size=(n, 5)) @ rng.normal(size=(5, d)), 0)


def with_nan():
    rows = relu()
    rows[7, 3] = np.nan
    return rows


def copies():
    rows = relu()
    rows[30:] = rows[:30]
    rows[3] = -0.0
    rows[41] = 0.0
    return rows


def near_copies():
    rows = relu().repeat(2, axis=0)[:60]
    return rows + np.random.default_rng(1).normal(0, 1e-9, rows.shape)


LAYERS = {
    "relu": relu,
    "single": lambda: relu().astype(np.float32),
    "half": lambda: relu().astype(np.float16),
    "strided": lambda: relu(120, 80)[::2, ::2],
    "whole": lambda: np.random.default_rng(0).integers(0, 3, size=(60, 20)),
    "copies": copies,
    "near copies": near_copies,
    "constant": lambda: np.ones((60, 20)),
    "one apart": lambda: np.vstack([np.ones((59, 20)), np.zeros((1, 20))]),
    "far": lambda: relu() + 1e6,
    "faint": lambda: relu() * 1e-150,
    "vanishing": lambda: relu() * 1e-170,
    "huge": lambda: relu() * 1e150,
    "rows of all sizes": lambda: relu() * np.logspace(-8, 8, 60)[:, None],
    "nan": with_nan,
    "all nan": lambda: np.full((60, 20), np.nan),
    "narrow": lambda: relu()[:, :3],
    "maps": lambda: relu().reshape(60, 4, 5, 2),
}


def measures(metric):
    every = [
        tl.Loops(metric=metric),
        tl.Rips(metric=metric, scales=[0.5]),
        tl.Rips(threshold=2.0, metric=metric),
        tl.Rips(maxdim=0, metric=metric),
        tl.Rips(n_landmarks=8, metric=metric),
        tl.HopBetti(k=4, metric=metric),
        tl.Magnitude(metric=metric),
        tl.Magnitude(unit="convergence", metric=metric),
        tl.Magnitude(unit=None, metric=metric),
        tl.MagnitudeDimension(metric=metric),
        tl.PHDimension(metric=metric),
    ]
    triangles = metric not in ("sqeuclidean", "cosine", "correlation")
    return every + [tl.Rips(band=0.9, metric=metric)] * triangles


def measured(layers, chosen, **options):
    try:
        return tl.analyse(layers, chosen, rng=0, **options)
    except (ValueError, ArithmeticError) as error:  # what failed everywhere
        return error


def assert_same(shared, alone):
    if isinstance(alone, Exception):
        assert (type(shared), str(shared)) == (type(alone), str(alone))
        if not hasattr(alone, "partial_table"):  # before anything was measured
            return
        shared, alone = shared.partial_table, alone.partial_table
    for name, column in alone.columns.items():
        if name != "seconds":
            np.testing.assert_array_equal(shared.columns[name], column, err_msg=name)
    assert shared.diagrams.keys() == alone.diagrams.keys()
    for key, expected in alone.diagrams.items():
        found = shared.diagrams[key]
        assert (found.threshold, found.complete) == (expected.threshold, expected.complete)
        for name in ("dgms", "birth_edges", "death_edges"):
            for a, b in zip(getattr(found, name), getattr(expected, name), strict=True):
                np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("layer", LAYERS)
def test_no_number_depends_on_sharing(layer, metric):
    layers, chosen = {layer: LAYERS[layer]()}, measures(metric)
    hidden = [Alone(measure) for measure in chosen]
    options = {"labels": LABELS, "repeats": 3, "subsample": 20}
    assert_same(measured(layers, chosen, **options), measured(layers, hidden, **options))


@pytest.mark.parametrize("layer", ["single", "copies", "near copies", "nan"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"repeats": 2},
        {"repeats": 2, "labels": LABELS, "control": "shuffled", "n_threads": 2},
        {"labels": LABELS, "classes": ["b"], "subsample": 0.5},
        {"labels": LABELS, "classes": ["b"], "repeats": 6, "control": "shuffled"},
    ],
)
def test_no_split_of_samples_depends_on_sharing(layer, options):
    layers = {layer: LAYERS[layer](), "relu": relu()}
    mixed = [*measures("euclidean")[:5], *measures("cosine"), tl.Rips(metric=taxi, maxdim=1)]
    hidden = [Alone(measure) for measure in mixed]
    assert_same(measured(layers, mixed, **options), measured(layers, hidden, **options))


def taxi(u, v):
    return np.abs(u - v).sum()


@pytest.mark.parametrize("metric", ["euclidean", "chebyshev", "cosine"])
def test_magnitudes_of_many_points_are_solved_alike(metric):
    """More points than are solved by factors, where a metric says what is positive definite."""
    layers = {"relu": relu(260, 24), "near copies": near_copies().repeat(5, axis=0)[:260, :24]}
    chosen = [tl.Magnitude(ts=[0.5, 4.0], metric=metric), tl.PHDimension(metric=metric)]
    hidden = [Alone(measure) for measure in chosen]
    assert_same(measured(layers, chosen), measured(layers, hidden))


# --- what measures are given --------------------------------------------------------------------


class Watched:
    """What a measure was given."""

    def __init__(self, passes=None, metric="euclidean", name="watched"):
        self.metric, self.name, self.given = metric, name, []
        if passes is not None:
            self.distance_passes = passes

    def measure(self, X, *, rng, n_threads):
        self.given.append(X)
        return [Value("size", -1, 0.0, float(len(X)))]


def given(watched, layers=None, **options):
    tl.analyse(layers or {"relu": relu()}, watched, rng=0, **options)
    return watched[0].given


def test_measures_get_spaces_where_that_is_less_work():
    """One pass needs no matrix of its own; with another measure, or repeats, one is enough."""
    (X,) = given([Watched(passes=1)])
    assert isinstance(X, np.ndarray)
    (X,) = given([Watched(passes=1), Watched(passes=0.5, name="other")])
    assert isinstance(X, tl.MetricSpace) and X.metric == "euclidean"
    np.testing.assert_array_equal(X.to_square(), tl.distances(relu()))
    one, two = given([Watched(passes=1)], repeats=2)
    assert isinstance(one, tl.MetricSpace) and len(one) == len(two) == 48
    (X, *_) = given([Watched(passes=1)], repeats=2, subsample=20)
    assert isinstance(X, np.ndarray)  # two times 190 pairs, of 1770


def test_metrics_are_shared_apart():
    cosine, euclidean = Watched(2, "cosine"), Watched(0.5, name="other")
    (X,) = given([cosine, euclidean])
    assert isinstance(X, tl.MetricSpace) and X.metric == "cosine"
    assert isinstance(euclidean.given[0], np.ndarray)


@pytest.mark.parametrize(
    "watched",
    [Watched(), Watched(passes=0), Watched(2, metric="precomputed"), Watched(2, metric=[])],
)
def test_who_does_not_take_distances_gets_points(watched):
    layers = {"relu": tl.distances(relu())} if watched.metric == "precomputed" else None
    (X,) = given([watched], layers)
    assert isinstance(X, tl.MetricSpace if layers else np.ndarray)


def test_feature_maps_are_not_replaced():
    watched = Watched(passes=3)
    watched.feature_maps = True
    (X,) = given([watched], {"maps": LAYERS["maps"]()})
    assert X.shape == (60, 4, 5, 2)


def test_narrow_layers_are_not_shared():
    (X,) = given([Watched(passes=5)], {"narrow": relu()[:, : sharing.LEAST_COORDINATES - 1]})
    assert isinstance(X, np.ndarray)


def test_no_more_is_kept_than_there_is_room_for(monkeypatch):
    """Of three classes of 20 points, two fit."""
    bytes_of_class = 8 * sharing.pairs(20)
    monkeypatch.setattr(
        sharing, "memory_limit", lambda limit: sharing.SHARE_OF_MEMORY * 2 * bytes_of_class
    )
    monkeypatch.setattr(sharing, "OF_TWO_ROWS", ("euclidean",))
    X = given([Watched(passes=1)], labels=np.repeat([0, 1, 2], 20), repeats=2)
    assert [type(x).__name__ for x in X] == ["MetricSpace", "MetricSpace", "ndarray"] * 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"repeats": 4}, [26, 34]),
        # Shuffled classes are drawn from all, which have fewer pairs than all repeats together.
        ({"repeats": 4, "control": "shuffled"}, [26, 34, 60]),
        ({"repeats": 2, "control": "shuffled", "subsample": 15}, [15] * 8),
    ],
)
def test_a_pool_is_computed_once(monkeypatch, options, expected):
    computed = []
    as_space = sharing.as_space

    def counted(X, *args, **kwargs):
        computed.append(len(X))
        return as_space(X, *args, **kwargs)

    monkeypatch.setattr(sharing, "as_space", counted)
    layers, measures = {"relu": relu()}, [tl.HopBetti(k=3), tl.Rips()]
    tl.analyse(layers, measures, labels=LABELS, rng=0, **options)
    assert sorted(computed) == expected
