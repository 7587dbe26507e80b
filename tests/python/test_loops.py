"""The measure Loops, and what Rips shares with it, against direct computations."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

import topolens as tl
from topolens.diagrams import universal_null_test

RNG = np.random.default_rng(0)
CIRCLE = np.pad(tl.datasets.circle(80, rng=0), ((0, 0), (0, 6))) + 0.15 * RNG.normal(size=(80, 8))
CLOUD = RNG.normal(size=(80, 20))
LAYERS = {"circle": np.pad(CIRCLE, ((0, 0), (0, 12))), "cloud": CLOUD, "dot": np.zeros((80, 20))}
NAMES = ["longest_loop", "supported_loops", "loop_p"]


def numbers(measure, X, rng=0):
    """Values by name and degree."""
    values = measure.measure(X, rng=np.random.default_rng(rng))
    return {(v.measure, v.degree): v.value for v in values}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("metric", ["euclidean", "cityblock", "chebyshev"])
def test_rows_are_those_of_the_diagram(name, metric):
    X = LAYERS[name]
    mean, bars = pdist(X, metric).mean(), tl.rips(X, metric=metric)[1]
    measured = tl.Loops(metric).measure(X, rng=np.random.default_rng(0))
    assert [(v.measure, v.degree, v.scale) for v in measured] == [(n, 1, np.inf) for n in NAMES]
    longest, supported, p = (v.value for v in measured)
    assert longest == pytest.approx(np.diff(bars).max(initial=0) / (mean or 1))
    test = universal_null_test(bars, mean)
    assert (supported, p) == (test.n_supported, test.p_value)
    np.testing.assert_array_equal(measured.diagrams[1], bars)
    assert measured.diagrams.mean_distance == pytest.approx(mean)


def test_a_circle_has_a_loop_and_noise_has_none():
    table = tl.analyse(LAYERS, tl.Loops(), rng=0)
    supported = table.select(measure="supported_loops")
    assert dict(zip(supported["layer"], supported["value"], strict=True)) == {
        "circle": 1,
        "cloud": 0,
        "dot": 0,
    }
    assert table.select(measure="longest_loop", layer="circle")["value"][0] > 0.5


def test_loops_come_first_among_the_rows_of_rips():
    for X in LAYERS.values():
        loops = list(tl.Loops().measure(X, rng=np.random.default_rng(0)))
        rips = list(tl.Rips().measure(X, rng=np.random.default_rng(0)))
        assert rips[:3] == loops
    assert ("longest_loop", 1) not in numbers(tl.Rips(maxdim=0), CLOUD)
    assert numbers(tl.Rips(maxdim=2), CLOUD[:30])["longest_loop", 1] > 0


def test_lengths_are_in_mean_distances():
    found, result = numbers(tl.Rips(band=0.9), CIRCLE), tl.rips(CIRCLE)
    mean = pdist(CIRCLE).mean()
    assert found["mean_distance", -1] == pytest.approx(mean)
    for degree in (0, 1):
        lengths = np.diff(result[degree][np.isfinite(result[degree][:, 1])])
        assert found["longest", degree] == pytest.approx(lengths.max() / mean)
        assert found["total_persistence", degree] == pytest.approx(lengths.sum() / mean)
    band = tl.confidence_band(CIRCLE, confidence_level=0.9, rng=0)
    assert found["band_radius", -1] == pytest.approx(band.radius / mean)


@pytest.mark.parametrize("measure", [tl.Loops(), tl.Rips(), tl.Rips(band=0.9)])
@pytest.mark.parametrize("size", [1e-150, 1e-5, 3.0, 1e150])
def test_a_stretch_changes_the_unit_alone(measure, size):
    one, other = numbers(measure, CIRCLE), numbers(measure, size * CIRCLE)
    for key, value in one.items():
        times = size if key[0] == "mean_distance" else 1
        assert other[key] == pytest.approx(times * value, rel=1e-6, abs=0, nan_ok=True)


def test_landmarks_have_a_mean_distance_of_their_own():
    for measure in (tl.Loops(n_landmarks=30), tl.Rips(n_landmarks=30)):
        measured = measure.measure(CLOUD, rng=np.random.default_rng(1))
        result = tl.rips(CLOUD, n_landmarks=30, rng=1)
        few = CLOUD[result.landmarks]
        np.testing.assert_array_equal(measured.diagrams[1], result[1])
        assert measured.diagrams.mean_distance == pytest.approx(pdist(few).mean())
        values = {v.measure: v.value for v in measured if v.degree == 1}
        assert values["longest_loop"] == pytest.approx(np.diff(result[1]).max() / pdist(few).mean())


def test_what_outlives_a_threshold_is_not_judged():
    mean = pdist(CIRCLE).mean()
    cut = numbers(tl.Rips(threshold=0.9 * mean), CIRCLE)
    assert all(np.isnan(cut[name, 1]) for name in NAMES)
    whole = numbers(tl.Rips(threshold=3 * mean), CIRCLE)
    assert [whole[n, 1] for n in NAMES] == [numbers(tl.Loops(), CIRCLE)[n, 1] for n in NAMES]


def test_few_points():
    for n in (1, 2, 3):
        found = numbers(tl.Loops(), CLOUD[:n])
        assert [found[name, 1] for name in NAMES] == [0, 0, 1]
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    found = numbers(tl.Loops(), square)
    assert found["longest_loop", 1] == pytest.approx((2**0.5 - 1) * 6 / (4 + 2 * 2**0.5))
    assert found["supported_loops", 1] == 0 and np.isnan(found["loop_p", 1])


def test_distances_in_place_of_points():
    D = tl.distances(CIRCLE)
    of_points = numbers(tl.Loops(), CIRCLE)
    assert numbers(tl.Loops(metric="precomputed"), D) == of_points
    table = tl.analyse({"circle": D}, tl.Loops(metric="precomputed"))
    assert table["value"].tolist() == list(of_points.values())


def test_other_coefficients():
    """The loop of a projective plane is one over the field of two elements alone."""
    X = tl.datasets.projective_plane(150, rng=0)
    two, three = (numbers(tl.Loops(coeff=p), X)["longest_loop", 1] for p in (2, 3))
    assert two > 1.3 * three


def test_distances_are_shared_without_a_change():
    measures = [tl.Loops(), tl.Rips(), tl.Magnitude()]
    together = tl.analyse(LAYERS, measures, repeats=2, rng=0)
    alone = tl.analyse(LAYERS, tl.Loops(), repeats=2, rng=0)
    for measure in NAMES:
        mine = alone.select(measure=measure)["value"]
        np.testing.assert_array_equal(together.select(measure=measure)["value"], mine)


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("`coeff` must be at least 2", {"coeff": 1}),
        ("`n_landmarks` must be at least 1", {"n_landmarks": 0}),
        ("`metric` must be", {"metric": "no such"}),
    ],
)
def test_nonsense_is_refused(message, options):
    with pytest.raises(ValueError, match=message):
        tl.Loops(**options)
