"""Rank correlations against scipy, and what is said of few models."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import topolens as tl

MANY = np.random.default_rng(0).permutation(14).astype(float)


@pytest.mark.parametrize("ties", [False, True])
def test_values_are_scipys(ties):
    rng = np.random.default_rng(1)
    scores = {"a": rng.normal(size=14), "b": rng.normal(size=14)}
    accuracies = rng.normal(size=14)
    if ties:
        scores, accuracies = {k: v.round() for k, v in scores.items()}, accuracies.round()
    found = tl.statistics.rank_correlation(scores, accuracies, rng=0, n_resamples=100)
    for name, column in scores.items():
        kendall = stats.kendalltau(column, accuracies)
        assert found.kendall[name] == pytest.approx(kendall.statistic)
        assert found.kendall_p[name] == pytest.approx(kendall.pvalue)
        weighted = stats.weightedtau(column, accuracies).statistic
        assert found.weighted[name] == pytest.approx(weighted)


@pytest.mark.parametrize("ties", [False, True])
def test_intervals_are_percentiles_of_resamples(ties):
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 12))
    if ties:
        x, y = x.round(), y.round()
    found = tl.statistics.rank_correlation(x, y, baselines={"base": -x}, rng=5, n_resamples=300)
    resamples = np.random.default_rng(5).integers(12, size=(300, 12))
    for statistic, intervals in [
        (stats.kendalltau, found.kendall_intervals),
        (stats.weightedtau, found.weighted_intervals),
    ]:
        draws = [statistic(x[chosen], y[chosen]).statistic for chosen in resamples]
        np.testing.assert_allclose(intervals["score"], np.nanquantile(draws, [0.025, 0.975]))
    twice = [2 * stats.kendalltau(x[chosen], y[chosen]).statistic for chosen in resamples]
    low, high = np.nanquantile(twice, [0.025, 0.975])
    np.testing.assert_allclose(found.gains["score", "base"], (low, high))


@pytest.mark.parametrize("n", [3, 5, 6])
def test_null_deviation_is_that_of_all_orders(n):
    taus = [stats.kendalltau(range(n), order).statistic for order in permutations(range(n))]
    weighted = [stats.weightedtau(range(n), order).statistic for order in permutations(range(n))]
    with pytest.warns(UserWarning, match=f"of {n} models in random order"):
        found = tl.statistics.rank_correlation(np.arange(n), np.arange(n), rng=0)
    assert found.null_sd == pytest.approx(np.std(taus))
    assert found.weighted_null_sd == pytest.approx(np.std(weighted), rel=0.08)


def test_nine_models_deviate_by_a_quarter():
    with pytest.warns(UserWarning, match=r"of 9 models .* standard deviation of 0\.27"):
        found = tl.statistics.rank_correlation(np.arange(9), np.arange(9), rng=0, n_resamples=100)
    assert "standard deviation of 0.27" in repr(found)


def test_ten_models_are_no_reason_to_warn(recwarn):
    tl.statistics.rank_correlation(np.arange(10), np.arange(10), rng=0, n_resamples=100)
    assert not recwarn


def test_tables_are_taken_and_given():
    table = pd.DataFrame({"a": MANY, "b": MANY**2})
    base = {"c": -MANY}
    found = tl.statistics.rank_correlation(table, MANY, baselines=base, rng=0, n_resamples=100)
    assert found.scores == ("a", "b") and found.baselines == ("c",)
    columns = pd.DataFrame(found.to_columns())
    assert columns["kendall"].round(12).tolist() == [1, 1, -1]
    assert columns["kind"].tolist() == ["score", "score", "baseline"]
    assert set(found.gains) == {("a", "c"), ("b", "c")}


def test_the_same_seed_gives_the_same():
    calls = [
        tl.statistics.rank_correlation(MANY**2, MANY[::-1], rng=3, n_resamples=100)
        for _ in range(2)
    ]
    assert calls[0] == calls[1]


def test_infinite_scores_are_ordered_like_others():
    top = MANY.copy()
    top[top.argmax()] = math.inf
    found = tl.statistics.rank_correlation(top, MANY, rng=0, n_resamples=100)
    assert found.kendall["score"] == pytest.approx(1)


def test_a_plot_has_a_line_for_each():
    found = tl.statistics.rank_correlation(
        {"a": MANY}, MANY, baselines={"b": -MANY}, rng=0, n_resamples=100
    )
    ax = found.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b"]
    assert "14 models" in ax.get_xlabel()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1, 2], [1, 2]), {}, "at least 3 models; found 2"),
        (([1, 2, 3], [1, 2, 3, 4]), {}, "one number per model, 4; found 3 of 'score'"),
        (([1, 2, np.nan], [1, 2, 3]), {}, r"must not be NaN; found it at \[2\]"),
        (([1, 1, 1], [1, 2, 3]), {}, "must not be all the same; found 1"),
        (([1, 2, 3], [5, 5, 5]), {}, "`accuracies` must not be all the same; found 5"),
        (([[1, 2, 3]], [1, 2, 3]), {}, "must be one-dimensional"),
        (({}, [1, 2, 3]), {}, "`scores` must not be empty"),
        (({"a": [1, 2, 3]}, [1, 2, 3]), {"baselines": {"a": [1, 2, 3]}}, r"found \['a'\]"),
        (([1, 2, 3], [1, 2, 3]), {"n_resamples": 10}, "`n_resamples` must be at least 100"),
        (
            ([1, 2, 3], [1, 2, 3]),
            {"confidence_level": 1},
            "`confidence_level` must be above 0 and below 1",
        ),
    ],
)
def test_bad_values_are_refused(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        tl.statistics.rank_correlation(*arguments, **options)
