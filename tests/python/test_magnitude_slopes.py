"""Slopes of magnitude functions over moving intervals, and what uniform cubes give."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib import pyplot as plt

import topolens as tl
from topolens import magnitudes


def cube(n, d, seed=0):
    return np.random.default_rng(seed).uniform(size=(n, d))


F = tl.magnitude_function(cube(120, 2))


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


# --- slopes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1.1, 2.0, 10.0])
def test_each_slope_is_the_dimension_of_its_interval(ratio):
    slopes = magnitudes.magnitude_slopes(F, ratio, n_intervals=12)
    columns = slopes.to_columns()
    assert len(slopes) == 12 and slopes.n_points == 120
    assert columns["t_low"][0] == pytest.approx(F.ts[0])
    assert columns["t_high"][-1] == pytest.approx(F.ts[-1])
    np.testing.assert_allclose(columns["t_high"], ratio * columns["t_low"])
    for low, high, slope in list(zip(*columns.values(), strict=True))[1:-1]:
        one = magnitudes.magnitude_dimension(F, (low, high), bootstrap=None)
        assert slope == pytest.approx(one.value, rel=1e-9)


def test_short_intervals_have_the_exact_local_slopes():
    slopes = magnitudes.magnitude_slopes(F, 1.0001, n_intervals=30)
    ts = slopes.ts * np.sqrt(slopes.ratio)
    exact = tl.magnitude_function(cube(120, 2), ts, tol=1e-10).dimension_profile
    np.testing.assert_allclose(slopes.values, exact, atol=2e-3)


def test_spaces_and_their_units():
    X = cube(50, 2)
    slopes = magnitudes.magnitude_slopes(X)
    np.testing.assert_array_equal(
        slopes.values, magnitudes.magnitude_slopes(tl.magnitude_function(X)).values
    )
    larger = magnitudes.magnitude_slopes(1000 * X)
    np.testing.assert_allclose(larger.values, slopes.values, rtol=1e-6)
    np.testing.assert_allclose(1000 * larger.ts, slopes.ts, rtol=1e-6)


def test_what_one_interval_says_another_may_deny():
    """A circle with noise has fewer dimensions than a square at large scales, and more at small."""
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 300)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    noisy = circle + np.random.default_rng(1).normal(0, 0.05, (300, 2))
    ts = np.geomspace(0.05, 200, 32)
    one, other = (
        magnitudes.magnitude_slopes(tl.magnitude_function(X, ts)).values
        for X in (noisy, 4 * cube(300, 2))
    )
    assert (one > other + 0.1).any() and (one < other - 0.1).any()


def test_the_plot_shows_curve_and_cubes():
    slopes = magnitudes.magnitude_slopes(F)
    ax = slopes.plot(label="square")
    [line] = ax.lines
    np.testing.assert_array_equal(line.get_ydata(), slopes.values)
    np.testing.assert_allclose(line.get_xdata(), slopes.ts * np.sqrt(2))
    assert line.get_label() == "square" and ax.get_xscale() == "log"
    marked = {text.get_text(): text.xy[1] for text in ax.texts}
    cubes = magnitudes.cube_dimensions(120)
    assert marked == {f"cube, {d}": cubes[d] for d in (1, 2, 3)}
    assert slopes.values.max() < cubes[3] < ax.get_ylim()[1] and ax.get_ylim()[0] == 0
    assert slopes.plot(ax=ax) is ax and len(ax.texts) == 3
    assert not dataclasses.replace(slopes, n_points=0).plot().texts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((F, 1.0), "`ratio` must be above 1 and below 2048, the ratio of the last scale"),
        ((F, np.nan), "`ratio` must be above 1"),
        ((F, 1e9), "`ratio` must be above 1"),
        ((tl.magnitude_function(cube(9, 2), [1.0]),), "`f` must have at least 2 scales; found 1"),
        (([[1.0]],), "`f` must have at least 2 scales; found 1"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        magnitudes.magnitude_slopes(*arguments)


# --- cubes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["straightest", "profile_max"])
@pytest.mark.parametrize(("n", "d"), [(30, 1), (100, 3), (300, 2), (300, 10), (550, 5)])
def test_the_table_holds_for_fresh_cubes(n, d, method):
    found = [
        magnitudes.magnitude_dimension(cube(n, d, seed), method, bootstrap=None).value
        for seed in range(100, 106)
    ]
    mean, error = np.mean(found), np.std(found, ddof=1) / np.sqrt(6)
    assert magnitudes.cube_dimensions(n, method)[d] == pytest.approx(mean, abs=4 * error + 0.03)


def test_cubes_by_size():
    sizes = (1, 2, 10, 77, 3000, 10_000, 10**6)
    cubes = [list(magnitudes.cube_dimensions(n).values()) for n in sizes]
    assert (np.diff(cubes, axis=0) >= 0).all() and (np.diff(cubes[1:], axis=1) > 0).all()
    assert cubes[0] == [0.0] * 7 and cubes[-1] == cubes[-2]
    assert all(v < d for d, v in magnitudes.cube_dimensions(10**6).items())


@pytest.mark.parametrize("method", ["straightest", "profile_max"])
def test_results_say_which_cube_has_the_same(method):
    found = magnitudes.magnitude_dimension(cube(300, 10, 1), method, bootstrap=None)
    assert found.value < 2.7 and 8 < found.cube_dimension < 13 and found.n_points == 300
    assert f"as a cube of {found.cube_dimension:.3g} dimensions, n=300" in repr(found)
    fewer = magnitudes.magnitude_dimension(cube(300, 2, 1), method, bootstrap=None)
    assert fewer.cube_dimension == pytest.approx(2.0, abs=0.15)


def test_cubes_at_the_ends():
    point = magnitudes.magnitude_dimension([[1.0]])
    assert point.cube_dimension == 0.0
    simplex = magnitudes.magnitude_dimension(np.eye(100), bootstrap=None)
    assert simplex.cube_dimension == np.inf
    given = magnitudes.magnitude_dimension(F, (1.0, 2.0), bootstrap=None)
    assert given.cube_dimension is None and "cube" not in repr(given)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "`n_points` must be at least 1; found 0"),
        ((9, "steepest"), "`method` must be one of straightest, profile_max; found 'steepest'"),
    ],
)
def test_cubes_of_nothing(arguments, message):
    with pytest.raises(ValueError, match=message):
        magnitudes.cube_dimensions(*arguments)


def test_dead_layers_have_no_cubes_beside_them():
    layers = {"alive": cube(120, 2), "dead": np.zeros((120, 2))}
    table = tl.analyse(layers, tl.MagnitudeDimension(), rng=0)
    assert table.select(layer="dead", measure="magnitude_dimension")["n_distinct"].tolist() == [1]
    axes = table.plot(measure="magnitude_dimension")
    bands = [patch.get_height() for patch in axes.patches]
    assert bands and max(bands) == 0
