"""The TTP score in exact fractions, and decay measures of profiles with known answers."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.preprocessing import PolynomialFeatures

import topolens as tl
from topolens.profiles._decay import decay_measures


def solved(A, b):
    """Gaussian elimination without rounding."""
    rows = [[*row, value] for row, value in zip(A, b, strict=True)]
    for i in range(len(rows)):
        pivot = next(r for r in range(i, len(rows)) if rows[r][i] != 0)
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [entry / rows[i][i] for entry in rows[i]]
        for r in range(len(rows)):
            if r != i:
                rows[r] = [a - rows[r][i] * c for a, c in zip(rows[r], rows[i], strict=True)]
    return [row[-1] for row in rows]


def cubic_by_hand(omega, norm, penalty=Fraction(1, 1000)):
    """The normal equations of the ridge fit, with the intercept free of the penalty."""
    assert sum(value**2 for value in omega) == norm**2
    x = [
        [Fraction(1), *(Fraction(k) ** power for power in (1, 2, 3))] for k in count_from_one(omega)
    ]
    y = [Fraction(value, norm) for value in omega]
    normal = [
        [sum(row[i] * row[j] for row in x) + (penalty if i == j > 0 else 0) for j in range(4)]
        for i in range(4)
    ]
    right = [sum(row[i] * value for row, value in zip(x, y, strict=True)) for i in range(4)]
    return solved(normal, right)


def count_from_one(values):
    return range(1, len(values) + 1)


# Complexities whose length is a whole number.
EXACT = [
    ((5, 4, 2, 2), 7),
    ((6, 5, 4, 2), 9),
    ((1, 1, 3, 5), 6),
    ((10, 5, 4, 4, 2, 2, 2), 13),
    ((9, 6, 4, 4, 4, 4, 2, 2, 2, 1, 1, 1), 14),
]


@pytest.mark.parametrize(("omega", "norm"), EXACT)
def test_ttp_score_in_fractions(omega, norm):
    c0, c1, c2, c3 = cubic_by_hand(omega, norm)
    found = tl.ttp_score(omega)
    theta = c1 + c2 / 2 + c3 / 2
    assert found.value == float(found) == pytest.approx(float(theta), rel=1e-9)
    np.testing.assert_allclose(found.coefficients, [float(c) for c in (c1, c2, c3)], rtol=1e-8)
    assert found.intercept == pytest.approx(float(c0), rel=1e-9)


@pytest.mark.parametrize("n_layers", [4, 9, 20, 60])
@pytest.mark.parametrize("penalty", [1e-3, 1.0])
def test_ttp_score_is_that_of_the_usual_pipeline(n_layers, penalty):
    omega = np.random.default_rng(n_layers).random(n_layers)
    x = PolynomialFeatures(3).fit_transform(np.arange(1, n_layers + 1)[:, None])
    y = omega / np.linalg.norm(omega)
    c = Ridge(alpha=penalty, solver="svd").fit(x, y).coef_
    expected = c[1] + 0.5 * c[2] + 0.5 * c[3]
    assert tl.ttp_score(omega, penalty=penalty).value == pytest.approx(expected, abs=1e-9)


def test_ttp_score_has_no_units():
    omega = [90, 30, 20, 12, 5]
    found = tl.ttp_score(omega)
    assert tl.ttp_score(np.multiply(omega, 1e9)).value == pytest.approx(found.value, rel=1e-9)
    assert found.interval is None and found.permutation_values is None and found.n_images is None


def profile(complexities, permuted=None):
    """Stand in for a profile of one threshold."""
    values = np.asarray(complexities, dtype=float)
    return SimpleNamespace(
        complexities=lambda threshold=None: values,
        permutations=permuted,
        permuted_complexities=lambda threshold=None: permuted,
    )


NOISY = np.array([80, 60, 30, 20, 5])[:, None] * np.random.default_rng(0).uniform(0.5, 1.5, (5, 12))


def test_interval_is_a_bootstrap_over_images():
    found = tl.ttp_score(profile(NOISY), rng=3, n_resamples=200)
    assert found.value == pytest.approx(tl.ttp_score(NOISY.mean(axis=1)).value)
    counts = np.random.default_rng(3).multinomial(12, np.full(12, 1 / 12), size=200)
    draws = sorted(tl.ttp_score(NOISY @ row / 12).value for row in counts)
    assert draws[0] <= found.interval[0] < found.value < found.interval[1] <= draws[-1]
    np.testing.assert_allclose(
        found.interval, np.quantile(draws, [0.025, 0.975], method="nearest"), rtol=1e-9
    )
    narrower = tl.ttp_score(profile(NOISY), rng=3, n_resamples=200, confidence_level=0.5).interval
    assert found.interval[0] < narrower[0] < narrower[1] < found.interval[1]


def test_one_image_has_no_interval():
    found = tl.ttp_score(profile(NOISY[:, :1]))
    assert found.interval is None and found.n_images == 1


def test_images_that_are_all_alike_leave_no_doubt():
    alike = np.repeat(NOISY[:, :1], 5, axis=1)
    found = tl.ttp_score(profile(alike), rng=0)
    np.testing.assert_allclose(found.interval, found.value)


def test_permutations_have_a_score_each():
    draws = np.stack([NOISY * factor for factor in (1, 2)] + [NOISY[::-1]])
    found = tl.ttp_score(profile(NOISY, draws))
    expected = [tl.ttp_score(draw.mean(axis=1)).value for draw in draws]
    np.testing.assert_allclose(found.permutation_values, expected)
    assert found.permutation_sd == pytest.approx(np.std(expected, ddof=1))
    assert found.permutation_interval == pytest.approx((min(expected), max(expected)))


@pytest.mark.parametrize(
    ("p", "options", "message"),
    [
        ([3, 2, 1], {}, "at least 4 layers; found 3"),
        ([0, 0, 0, 0], {}, "found 0 in all layers"),
        ([3, 2, -1, 0], {}, r"non-negative; found -1.0 at \[2\]"),
        ([3, np.nan, 1, 0], {}, r"found nan at \[1\]"),
        ([[3, 2, 1, 0]], {}, r"shape \(n_layers,\); found \(1, 4\)"),
        ([3, 2, 1, 0], {"threshold": 0.5}, "`threshold` must be left out"),
        ([3, 2, 1, 0], {"penalty": -1}, "`penalty` must be non-negative"),
        (profile(NOISY), {"n_resamples": 5}, "`n_resamples` must be at least 100"),
        (profile(NOISY), {"confidence_level": 2}, "`confidence_level` must be above 0 and below 1"),
    ],
)
def test_what_has_no_score_is_refused(p, options, message):
    with pytest.raises(ValueError, match=message):
        tl.ttp_score(p, **options)


# --- decay --------------------------------------------------------------------------------------


def measured(rows, **options):
    options = {"rng": 0, "n_resamples": 100, "confidence_level": 0.95, **options}
    return decay_measures(np.asarray(rows, dtype=float), **options)


def test_halving_in_each_layer():
    found = measured(np.array([16, 8, 4, 2, 1])[:, None])
    assert found.log_slope == pytest.approx(-math.log(2))
    assert found.half_depth == pytest.approx(2)
    assert found.last_over_first == pytest.approx(1 / 16)
    assert found.area == pytest.approx((8 + 8 + 4 + 2 + 0.5) / 4 / 16)
    assert found.spearman == pytest.approx(-1)
    assert found.slope == pytest.approx(
        np.polyfit(range(5), [16, 8, 4, 2, 1], 1)[0] / math.sqrt(341)
    )
    assert found.intervals == {}


def test_half_depth_is_interpolated():
    assert measured([[10], [9], [3], [1]]).half_depth == pytest.approx(2 + 4 / 6)
    assert measured([[10], [9], [6], [8]]).half_depth == math.inf
    assert measured([[10], [5], [6], [8]]).half_depth == 2


def test_what_is_not_defined_is_nan():
    flat, empty = measured([[2], [2], [2]]), measured([[0], [1], [2]])
    assert math.isnan(flat.spearman) and flat.last_over_first == 1
    for name in ("log_slope", "half_depth", "last_over_first", "area"):
        assert not math.isfinite(getattr(empty, name)), name


def test_spearman_has_ties():
    rows = [5.0, 3.0, 3.0, 4.0, 1.0]
    expected = stats.spearmanr(rows, range(5)).statistic
    assert measured(np.array(rows)[:, None]).spearman == pytest.approx(expected)


def test_intervals_of_decay_are_over_images():
    found = measured(NOISY, n_resamples=400)
    for name, (low, high) in found.intervals.items():
        assert low <= getattr(found, name) <= high, name
    assert found.n_images == 12
    columns = found.to_columns()
    assert columns["measure"] == list(found.intervals) and columns["low"][0] < columns["high"][0]
    assert pickle.loads(pickle.dumps(found)) == found
