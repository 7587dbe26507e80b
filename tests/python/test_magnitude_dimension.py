"""`magnitude_dimension` on spaces of known dimension, and its rule against a plain search."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline
from sklearn.datasets import load_digits

import topolens as tl
from cases import cases, seeds


def circle(n, rng):
    angle = rng.uniform(0, 2 * np.pi, n)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def cantor(n, rng):
    x = np.zeros(1)
    while len(x) < n:
        x = np.concatenate([x / 3, x / 3 + 2 / 3])
    return x[:, None]


def sphere(n, rng):
    x = rng.normal(size=(n, 3))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def torus(n, rng):
    return np.column_stack([circle(n, rng), circle(n, rng)])


SPACES = {
    "circle": (circle, 1.0),
    "segment": (lambda n, rng: rng.uniform(size=(n, 1)), 1.0),
    "cantor": (cantor, np.log(2) / np.log(3)),
    "torus": (torus, 2.0),
    "sphere": (sphere, 2.0),
    "square": (lambda n, rng: rng.uniform(size=(n, 2)), 2.0),
    "cube": (lambda n, rng: rng.uniform(size=(n, 3)), 3.0),
}
# What 512 points show: boundaries and gaps cost more, the higher the dimension is.
BIAS = {
    "circle": (-0.05, 0.1),
    "segment": (-0.1, 0.0),
    "cantor": (-0.02, 0.0),
    "torus": (-0.1, 0.2),
    "sphere": (-0.2, 0.0),
    "square": (-0.5, -0.3),
    "cube": (-1.2, -0.9),
}


@pytest.mark.parametrize("name", SPACES)
def test_bias_on_known_spaces(name):
    make, dimension = SPACES[name]
    f = tl.magnitude_function(make(512, np.random.default_rng(0)))
    straightest = tl.magnitudes.magnitude_dimension(f, rng=0)
    low, high = BIAS[name]
    assert dimension + low <= straightest.value <= dimension + high
    assert straightest.fit_error < 0.02
    steepest = tl.magnitudes.magnitude_dimension(f, "profile_max", rng=0)
    # The mean slope of any part is at most the largest slope.
    assert straightest.value <= steepest.value + 1e-3
    assert steepest.scales[0] == steepest.scales[1] and steepest.fit_error is None


def curve(f):
    """log t, log|tX| and local slopes on a fine grid, by scipy."""
    x = np.log(f.ts)
    spline = CubicHermiteSpline(x, np.log(f.values), f.dimension_profile)
    grid = np.linspace(x[0], x[-1], 512)
    return grid, spline(grid), spline(grid, 1)


@cases(25)
@given(st.integers(2, 40), st.integers(1, 4), seeds, st.sampled_from([0, 30, 1000]))
def test_straightest_by_trying_all_intervals(n, d, seed, apart):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) + apart * rng.normal(size=(4, d))[rng.integers(4, size=n)]
    f = tl.magnitude_function(X)
    x, y, slope = curve(f)
    straight = slope >= 0.5 * slope.max()
    best, place = 0.0, None
    for i in range(len(x) - 1):
        last = i + int(np.argmin(np.append(straight[i:], False))) - 1  # of the flat-free run
        if last <= i:
            continue
        ends = np.arange(i + 1, last + 1)
        mean = (y[ends] - y[i]) / (x[ends] - x[i])
        most = np.maximum.accumulate(slope[i : last + 1])[1:]
        least = np.minimum.accumulate(slope[i : last + 1])[1:]
        fits = ends[(most <= 1.05 * mean) & (least >= 0.95 * mean)]
        if len(fits) and y[fits[-1]] - y[i] > best:
            best, place = y[fits[-1]] - y[i], (x[i], x[fits[-1]])
    found = tl.magnitudes.magnitude_dimension(f, bootstrap=None)
    # Ties and borderline cases of rounding may move an end by a step.
    step = x[1] - x[0]
    got = np.log(found.scales)
    assert got == pytest.approx(place, abs=1.5 * step)
    fine = np.linspace(*got, 512)
    spline = CubicHermiteSpline(np.log(f.ts), np.log(f.values), f.dimension_profile)
    line = np.polyfit(fine, spline(fine), 1)
    assert found.value == pytest.approx(line[0], rel=1e-9)
    rest = spline(fine) - np.polyval(line, fine)
    assert found.fit_error == pytest.approx(np.sqrt((rest**2).mean()), rel=1e-6, abs=1e-12)
    assert tl.magnitudes.magnitude_dimension(f, "profile_max").value == pytest.approx(
        slope.max(), rel=1e-9
    )


@pytest.fixture(scope="module")
def windows():
    """Last weights of deep narrow networks at a high rate: slow stretches and sudden ones."""
    torch = pytest.importorskip("torch")
    nn, threads = torch.nn, torch.get_num_threads()
    torch.set_num_threads(1)
    digits = load_digits()
    X, y = torch.tensor(digits.data / 16, dtype=torch.float32), torch.tensor(digits.target)
    found = []
    for seed, depth, width in ((2, 6, 20), (5, 6, 40), (8, 7, 20)):
        torch.manual_seed(seed)
        sizes = [64, *[width] * (depth - 1), 10]
        parts = [part for ends in pairwise(sizes) for part in (nn.Linear(*ends), nn.ReLU())]
        model = nn.Sequential(*parts[:-1])
        optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
        weights = []
        for step in range(2000):
            batch = torch.randint(len(X) // 2, (32,))
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(X[batch]), y[batch]).backward()
            optimizer.step()
            if step % 2:
                weights.append(nn.utils.parameters_to_vector(model.parameters()).detach().numpy())
        found += [np.array(weights[end - 250 : end]) for end in range(250, 1001, 75)]
    torch.set_num_threads(threads)
    return found


def test_straightest_parts_of_training_are_not_flat(windows):
    """Between a slow and a fast stretch there is a long plateau, which says nothing."""
    assert len(windows) > 30
    for X in windows:
        f = tl.magnitude_function(X)
        found = tl.magnitudes.magnitude_dimension(f, bootstrap=None)
        *_, slope = curve(f)
        assert 0.5 * slope.max() <= found.value <= slope.max()


@pytest.mark.parametrize("factor", [1e-6, 1e6])
def test_units_change_nothing(factor):
    X = sphere(100, np.random.default_rng(0))
    one, other = (tl.magnitudes.magnitude_dimension(Y, rng=0) for Y in (X, factor * X))
    assert other.value == pytest.approx(one.value, rel=1e-9)
    assert np.multiply(other.scales, factor) == pytest.approx(one.scales, rel=1e-6)


def test_order_and_repetition_of_scales_change_nothing():
    X = circle(60, np.random.default_rng(0))
    f = tl.magnitude_function(X, np.geomspace(0.1, 50, 20))
    shuffled = tl.magnitude_function(X, [*f.ts[::-1], *f.ts[:3]])
    assert (
        tl.magnitudes.magnitude_dimension(f, rng=0).value
        == tl.magnitudes.magnitude_dimension(shuffled, rng=0).value
    )


# --- the bootstrap ------------------------------------------------------------------------------


def test_halves_vary_as_samples_do():
    """The spread over halves against that over 40 independent samples."""
    values = []
    for seed in range(40):
        X = sphere(150, np.random.default_rng(seed))
        values.append(tl.magnitudes.magnitude_dimension(X, (2.0, 6.0), bootstrap=None).value)
    X = sphere(150, np.random.default_rng(99))
    found = tl.magnitudes.magnitude_dimension(
        X, (2.0, 6.0), bootstrap="points", n_resamples=200, rng=0
    )
    low, high = found.interval
    assert low < found.value < high
    assert 0.6 < (high - low) / 3.92 / np.std(values, ddof=1) < 2.0


def test_resampled_scales_stay_near_the_line():
    f = tl.magnitude_function(circle(200, np.random.default_rng(0)))
    found = tl.magnitudes.magnitude_dimension(f, rng=0)
    low, high = found.interval
    assert low < found.value < high and high - low < 0.1 * found.value
    assert found.interval == tl.magnitudes.magnitude_dimension(f, rng=0).interval
    assert found.bootstrap == "scales" and "over scales" in repr(found)
    # A bent part is less sure than a straight one.
    bent = tl.magnitudes.magnitude_dimension(f, (f.ts[0], f.ts[-1]), rng=0)
    assert np.diff(bent.interval) > 3 * np.diff(found.interval)
    assert bent.fit_error > 3 * found.fit_error


def test_halves_of_the_largest_slope():
    X = sphere(80, np.random.default_rng(0))
    found = tl.magnitudes.magnitude_dimension(
        X, "profile_max", bootstrap="points", n_resamples=20, rng=0
    )
    assert found.interval[0] < found.value < found.interval[1]
    assert tl.magnitudes.magnitude_dimension(X, "profile_max").interval is None


# --- input --------------------------------------------------------------------------------------


@pytest.mark.parametrize("X", [[[1.0, 2.0]], [[3.0]] * 5])
@pytest.mark.parametrize("method", ["straightest", "profile_max"])
def test_one_point_has_dimension_zero(X, method):
    assert float(tl.magnitudes.magnitude_dimension(X, method)) == 0.0


def test_distances_and_metrics():
    X = sphere(50, np.random.default_rng(0))
    want = tl.magnitudes.magnitude_dimension(X, rng=0).value
    D = tl.distances(X)
    assert tl.magnitudes.magnitude_dimension(D, metric="precomputed", rng=0).value == pytest.approx(
        want
    )
    assert tl.magnitudes.magnitude_dimension(tl.MetricSpace(D), rng=0).value == pytest.approx(want)


X = np.random.default_rng(0).normal(size=(12, 2))
F = tl.magnitude_function(X, [0.1, 1.0, 10.0])


@pytest.mark.parametrize(
    ("arguments", "kwargs", "message"),
    [
        ((F, "steepest"), {}, '`method` must be "straightest", "profile_max" or'),
        ((F, (0.01, 1.0)), {}, "`method` must give two ascending scales from 0.1 to 10"),
        ((F, (1.0, 0.5)), {}, "`method` must give two ascending scales"),
        ((F, (np.nan, 1.0)), {}, "`method` must give two ascending scales"),
        ((F,), {"bootstrap": "blocks"}, '`bootstrap` must be "scales", "points" or None'),
        ((F,), {"bootstrap": "points"}, "`f` must be points or distances"),
        ((F,), {"n_resamples": 1}, "`n_resamples` must be at least 2"),
        ((X[:3],), {"bootstrap": "points"}, "`f` must have at least 4 points"),
        ((tl.magnitude_function(X, [1.0]),), {}, "`f` must have at least 2 scales; found 1"),
        ((tl.magnitude_function(X, []),), {}, "`f` must have at least one scale"),
        ((np.zeros((0, 2)),), {}, "`X` must have at least one point"),
        (([[np.nan]],), {}, "`X` must be finite"),
    ],
)
def test_bad_values(arguments, kwargs, message):
    with pytest.raises(ValueError) as raised:
        tl.magnitudes.magnitude_dimension(*arguments, **kwargs)
    assert message in str(raised.value)


def test_bad_types():
    with pytest.raises(TypeError, match="`method` must be"):
        tl.magnitudes.magnitude_dimension(F, 3)


def test_magnitudes_without_meaning_are_refused():
    negative = dataclasses.replace(F, values=np.array([-1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match=r"`f` must have positive magnitudes"):
        tl.magnitudes.magnitude_dimension(negative)
    indefinite = dataclasses.replace(F, negative_eigenvalues=[1, 0, 0])
    with pytest.raises(tl.NumericalError, match=r"at t = 0\.1 is not positive definite"):
        tl.magnitudes.magnitude_dimension(indefinite)
