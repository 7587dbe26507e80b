"""The comparison with other packages tells equal diagrams from different ones."""

import numpy as np
import pytest

import agreement
import diagrams as diagrams_bench
import magnitude as magnitude_bench
import networks as networks_bench
from magnitude_engines import BARE, CLOUDS, GRIDS, MAGNIPY, OURS, Question, Similarities

H0 = np.array([[0.0, 0.3], [0.0, 0.7], [0.0, np.inf]])
H1 = np.array([[0.5, 0.9], [0.6, 0.8], [0.6, 0.8]])


def test_rounding_and_order_do_not_matter():
    rounded = [H0[::-1].astype(np.float32), H1[[2, 0, 1]].astype(np.float32)]
    assert agreement.same_diagrams([H0, H1], rounded)


def test_bars_too_short_for_float32_do_not_matter():
    more = np.vstack([H1, [[0.7, 0.7 + 1e-7]]])
    assert agreement.same_diagrams([H0, H1], [H0, more])
    assert agreement.same_diagrams([H0, more], [H0, H1])


@pytest.mark.parametrize(
    "other",
    [
        H1[:2],  # a bar less, which has a double
        np.vstack([H1, [[0.1, 0.2]]]),  # a bar more
        H1 + 1e-5,  # all moved
        np.array([[0.5, 0.8], [0.6, 0.9], [0.6, 0.8]]),  # the same ends, paired otherwise
        np.array([[0.5, np.inf], [0.6, 0.8], [0.6, 0.8]]),  # one lives on
    ],
)
def test_other_diagrams_differ(other):
    assert not agreement.same_diagrams([H0, H1], [H0, other])
    assert not agreement.same_diagrams([H0, other], [H0, H1])


def test_a_missing_degree_differs():
    assert not agreement.same_diagrams([H0, H1], [H0])


def test_bars_are_matched_one_to_one():
    """Both bars of one side are near the same bar of the other, which serves once."""
    ours = np.array([[0.0, 1.0], [0.0, 1.0 + 1e-7], [0.0, 0.5]])
    theirs = np.array([[0.0, 1.0 + 5e-7], [0.0, 0.5], [0.0, 0.5 + 5e-7]])
    assert not agreement.same_diagrams([ours], [theirs])


def test_the_odd_one_out_is_named():
    found = {"a": [H1[:1]], "b": [H1], "c": [H1 + 1e-9]}
    assert agreement.majority(found) == ["b", "c"]


# --- the comparison of magnitude functions ------------------------------------------------------


def contest(answers, grid="even"):
    """Two rounds of made-up figures: topolens takes 1 s and 2 s, the others 3 s and 4 s."""
    options = magnitude_bench.Options(2, [1], 1.0, 1e9, {})
    found = magnitude_bench.Contest(Question("gaussian-R3", 10, grid, len(answers[OURS])), options)
    for engine, values in answers.items():
        seconds = (1.0, 2.0) if engine == OURS else (3.0, 4.0)
        found.runs[engine, 1] = [
            {"cpu": s, "wall": s, "peak_mb": 1.0, "answers": values, "version": "1"}
            for s in seconds
        ]
    return found.row()


def test_ratios_are_paired_and_errors_relative():
    row = contest({OURS: [1.0, 2.0], MAGNIPY: [1.0, 2.0 + 2e-9], BARE: [1.0, 2.0]})
    assert row["faster"] == {name: {"1": {"cpu": 2.5, "wall": 2.5}} for name in (MAGNIPY, BARE)}
    assert row["errors"] == {OURS: 0, MAGNIPY: pytest.approx(1e-9, rel=1e-6)}
    assert magnitude_bench.wrong(row) == []
    assert "x2.5 wall" in magnitude_bench.describe(row)


def test_the_others_may_use_fewer_threads():
    """Made-up figures: two threads of a peer that wait for each other are slower than one."""
    found = magnitude_bench.Contest(
        Question("gaussian-R3", 10), magnitude_bench.Options(1, [1, 2], 1.0, 1e9, {})
    )
    for key, s in [((OURS, 1), 2.0), ((BARE, 1), 4.0), ((OURS, 2), 1.0), ((BARE, 2), 100.0)]:
        found.runs[key] = [{"cpu": s, "wall": s}]
    assert found.ratios()[BARE] == {
        "1": {"cpu": 2.0, "wall": 2.0},
        "2": {"cpu": 4.0, "wall": 4.0},
    }


def test_wrong_magnitudes_are_named():
    assert magnitude_bench.wrong(contest({OURS: [1.0, 2.1], BARE: [1.0, 2.0]})) == [OURS]
    # Areas differ by the rules of integration: their errors are shown, not judged.
    assert magnitude_bench.wrong(contest({OURS: [2.1], BARE: [2.0]}, grid=None)) == []


def test_grids():
    for grid in GRIDS:
        ts = Question("gaussian-R3", 10, grid).scales()
        assert len(ts) == 20 and ts[-1] == pytest.approx(CLOUDS["gaussian-R3"].largest)
        assert (np.diff(ts) > 0).all() and ts[0] > 0


def test_reference_of_the_area():
    """Two points: the integral of 1 + tanh(t/2) is t + 2 log cosh(t/2)."""
    two = Similarities(np.array([[0.0], [1.0]]))
    end = 2 * np.arctanh(0.9)
    assert two.area() == pytest.approx(end + 2 * np.log(np.cosh(end / 2)), rel=1e-12)


def test_one_hot_products_are_distances_of_networks():
    labels = networks_bench.predictions(6, 500)
    expected = (labels[:, None] != labels).mean(axis=-1)
    np.testing.assert_allclose(networks_bench.one_hot_product(labels), expected, atol=1e-6)


def test_distances_of_diagrams_are_compared():
    """Peers that find something else are named, and do not count as the best."""
    for shape in diagrams_bench.SHAPES:
        for row in (
            diagrams_bench.bottleneck(shape, 30, 1),
            *(diagrams_bench.wasserstein(shape, 30, p, 1) for p in (1, 2)),
            diagrams_bench.sliced(shape, 30, 1),
        ):
            assert row.disagree() == [], row
            assert row.best() in row.seconds and row.ratio() > 0
    row = diagrams_bench.Row(
        "made up",
        {"topolens": 1.0, "wrong": 1.5, "rough": 2.0, "slow": 3.0},
        {"topolens": 1.0, "wrong": 1.1, "rough": 1.005, "slow": 1.0},
        {"rough": 0.01},
    )
    assert row.disagree() == ["wrong"] and row.best() == "rough" and row.ratio() == 2.0
    assert "wrong 1500 ms DISAGREES" in diagrams_bench.describe(row)
