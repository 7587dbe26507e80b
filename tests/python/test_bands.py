"""Bands against direct computation, and what they mark."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist, directed_hausdorff, pdist

import topolens as tl
from topolens import _core
from topolens.spaces._spaces import as_space

CIRCLE = tl.datasets.circle(300, rng=0)
GIB = 2**30


def points_of(seed, n, d):
    return np.random.default_rng(seed).normal(size=(n, d))


# Hausdorff distances of subsamples


@given(st.integers(0, 1000), st.integers(1, 25), st.integers(1, 4))
def test_covering_radii_are_hausdorff_distances(seed, size, d):
    X = points_of(seed, 25, d)
    rng = np.random.default_rng(seed)
    subsets = np.stack([rng.choice(25, size, replace=False) for _ in range(4)]).astype(np.uint32)
    expected = [directed_hausdorff(X, X[subset])[0] for subset in subsets]
    spaces = [as_space(X, "euclidean", GIB), as_space(pdist(X), "precomputed", GIB)]
    for space in spaces:
        for limit in (GIB, 1):  # 1: without room for distances
            found = _core.covering_radii(space, subsets, max_memory=limit, n_threads=1)
            np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_the_radius_is_four_times_a_quantile():
    band = tl.confidence_band(CIRCLE, n_resamples=40, confidence_level=0.9, rng=0)
    assert band.radius == 4 * np.sort(band.resampled)[35]
    assert (band.resampled > band.radius / 4).sum() == 4
    assert band.length == 2 * band.radius


def test_seed_and_threads_decide_alone():
    one, two = (tl.confidence_band(CIRCLE, rng=5, n_threads=k, n_resamples=50) for k in (1, 3))
    np.testing.assert_array_equal(one.resampled, two.resampled)
    other = tl.confidence_band(CIRCLE, rng=6, n_resamples=50)
    assert (one.resampled != other.resampled).any()


def test_bands_shrink_with_the_sample_and_scale_with_the_unit():
    small, large, stretched = (
        tl.confidence_band(X, rng=0, n_resamples=100).radius
        for X in (CIRCLE, tl.datasets.circle(3000, rng=0), 3 * CIRCLE)
    )
    assert large < small / 2
    assert stretched == pytest.approx(3 * small)


def test_bands_of_distances_are_those_of_points():
    points = tl.confidence_band(CIRCLE, rng=0, n_resamples=50)
    distances = tl.confidence_band(
        cdist(CIRCLE, CIRCLE), metric="precomputed", rng=0, n_resamples=50
    )
    assert distances.radius == pytest.approx(points.radius, rel=1e-12)


def test_the_loop_of_a_circle_exceeds_its_band_and_noise_does_not():
    circle = tl.datasets.circle(1000, rng=0)
    band = tl.confidence_band(circle, rng=0, n_resamples=200)
    r = tl.rips(circle)
    components, loops = band.exceeds(r)
    assert components.sum() == 1 and np.isinf(r[0][components, 1]).all()
    assert loops.tolist() == [True]
    disk = np.random.default_rng(0).random((500, 2))
    marks = tl.confidence_band(disk, rng=0, n_resamples=200).exceeds(tl.rips(disk))
    assert not marks[1].any()


def test_columns_have_the_mark():
    r = tl.rips(CIRCLE)
    band = tl.confidence_band(CIRCLE, rng=0, n_resamples=50)
    columns = band.to_columns(r)
    assert list(columns) == ["degree", "birth", "death", "exceeds_band"]
    lengths = columns["death"] - columns["birth"]
    np.testing.assert_array_equal(columns["exceeds_band"], lengths > band.length)
    for name, column in r.to_columns().items():
        np.testing.assert_array_equal(columns[name], column)
    with pytest.raises(ValueError, match="`diagrams` must be given"):
        band.to_columns()


# Distances to the measure


def measured(X, places, mass):
    """The definition, point by point: mean of the squares up to the mass wanted."""
    squares = np.sort(cdist(places, X, "sqeuclidean"), axis=1)
    taken = np.clip(mass * len(X) - np.arange(len(X)), 0, 1)
    return np.sqrt(squares @ taken / taken.sum())


@given(st.integers(0, 1000), st.integers(1, 3), st.floats(0.01, 1.0))
def test_distances_to_measures(seed, d, mass):
    X, places = points_of(seed, 20, d), points_of(seed + 1, 40, d)
    found = tl.spaces.distance_to_measure(X, places, mass)
    np.testing.assert_allclose(found, measured(X, places, mass), rtol=1e-10)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_bootstrap_is_that_of_resampled_points(d):
    X = points_of(0, 30, d)
    band = tl.confidence_band(
        X, "bootstrap", 0.8, mass=0.15, resolution=7, n_resamples=10, rng=3, n_threads=2
    )
    draws = np.random.default_rng(3).multinomial(30, np.full(30, 1 / 30), 10)
    grid = np.stack(np.meshgrid(*band.axes, indexing="ij"), axis=-1).reshape(-1, d)
    here = measured(X, grid, 0.15)
    changes = [
        np.abs(measured(np.repeat(X, draw, axis=0), grid, 0.15) - here).max() for draw in draws
    ]
    np.testing.assert_allclose(band.values.ravel(), here, rtol=1e-12)
    np.testing.assert_allclose(band.resampled, changes, rtol=1e-9)
    assert band.radius == np.sort(band.resampled)[7]
    for ours, expected in zip(band.dgms, tl.cubical(band.values).dgms, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_grids_hold_the_points_in_cubes():
    X = points_of(1, 50, 3) * [1.0, 5.0, 2.0]
    band = tl.confidence_band(X, "bootstrap", resolution=9, n_resamples=1, rng=0)
    steps = np.concatenate([np.diff(axis) for axis in band.axes])
    np.testing.assert_allclose(steps, steps[0])
    for axis, column in zip(band.axes, X.T, strict=True):
        assert axis[0] < column.min() and column.max() < axis[-1]
    assert max(map(len, band.axes)) == 9


def test_the_bootstrap_finds_the_loop_among_outliers():
    rng = np.random.default_rng(0)
    noisy = np.vstack([tl.datasets.circle(500, rng=0), rng.uniform(-1, 1, (15, 2))])
    band = tl.confidence_band(noisy, "bootstrap", resolution=32, n_resamples=200, rng=0)
    assert band.exceeds()[1].sum() == 1


# Mean landscapes


def test_landscape_bands_are_those_of_the_multiplier_bootstrap():
    dgms = [tl.rips(tl.datasets.circle(30, rng=seed))[1] for seed in range(12)]
    grid = np.linspace(0, 2, 50)
    band = tl.diagrams.landscape_band(dgms, 2, 0.9, grid=grid, n_resamples=60, rng=4)
    heights = np.stack([tl.diagrams.landscape(dgm, 2, grid=grid) for dgm in dgms])
    xi = np.random.default_rng(4).standard_normal((60, 12))
    deviations = np.einsum("ri,ikg->rkg", xi, heights - heights.mean(axis=0)) / 12
    suprema = np.sort(np.abs(deviations).max(axis=(1, 2)))
    np.testing.assert_allclose(band.mean, heights.mean(axis=0))
    assert band.half_width == pytest.approx(suprema[53], rel=1e-10)
    np.testing.assert_allclose(band.upper - band.mean, band.half_width)
    np.testing.assert_array_equal(band.lower, np.maximum(band.mean - band.half_width, 0))


# Hostile input


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "normal"}, "`method` must be one of subsample, bootstrap"),
        ({"confidence_level": 1.0}, "`confidence_level` must be above 0 and below 1"),
        ({"confidence_level": math.nan}, "`confidence_level` must be above 0 and below 1"),
        ({"n_resamples": 0}, "`n_resamples` must be at least 1"),
        ({"subsample_size": 300}, "`subsample_size` must be below the number of points, 300"),
        ({"metric": "cosine"}, "`metric` must satisfy the triangle inequality"),
        ({"method": "bootstrap", "mass": 0.0}, "`mass` must be above 0 and at most 1"),
        ({"method": "bootstrap", "resolution": 1}, "`resolution` must be at least 2"),
    ],
)
def test_hostile_options_of_bands(options, message):
    with pytest.raises(ValueError, match=message):
        tl.confidence_band(CIRCLE, **options)


def test_hostile_clouds_of_bands():
    with pytest.raises(ValueError, match="at least 4 points for a band; found 3"):
        tl.confidence_band(CIRCLE[:3])
    with pytest.raises(ValueError, match="`X` must be finite"):
        tl.confidence_band([[0.0], [1.0], [2.0], [math.nan]])
    with pytest.raises(ValueError, match="one to three dimensions"):
        tl.confidence_band(points_of(0, 9, 4), "bootstrap")
    with pytest.raises(ValueError, match="two distinct points"):
        tl.confidence_band(np.zeros((5, 2)), "bootstrap")
    with pytest.raises(ValueError, match="infinitely apart"):
        far = np.where(np.eye(8, dtype=bool), 0.0, math.inf)
        tl.confidence_band(far, metric="precomputed")
    with pytest.raises(ValueError, match="`dgms` must hold at least two diagrams"):
        tl.diagrams.landscape_band([[[0.0, 1.0]]], grid=[0.0])
    with pytest.raises(ValueError, match=r"`dgms\[1\]` must have finite bars here"):
        tl.diagrams.landscape_band([[], [[0.0, math.inf]]], grid=[0.0])
    with pytest.raises(ValueError, match="`places` must have 2 coordinates"):
        tl.spaces.distance_to_measure(CIRCLE, [[0.0]])
    with pytest.raises(ValueError, match="`X` must have points"):
        tl.spaces.distance_to_measure([], [[0.0]])


def test_bands_answer_ctrl_c_and_progress():
    calls = []
    tl.confidence_band(CIRCLE, n_resamples=30, progress=lambda done, total: calls.append(done))
    assert calls

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tl.confidence_band(points_of(0, 3000, 2), n_resamples=20_000, progress=stop)
