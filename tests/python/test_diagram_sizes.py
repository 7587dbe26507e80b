"""Diagrams whose numbers are about as large, or as small, as numbers can be."""

import numpy as np
import pytest

import topolens as tl

LONGEST = [[-1.7e308, 1.7e308]]


@pytest.mark.parametrize(
    "number",
    [
        tl.diagrams.persistence_entropy,
        tl.diagrams.persistence_statistics,
        lambda dgm: tl.diagrams.total_persistence(dgm, 1.0),
        lambda dgm: tl.diagrams.silhouette(dgm, [0.0]),
        *(lambda dgm, m=m: tl.diagrams.amplitude(dgm, m) for m in ("bottleneck", "betti")),
        *(lambda dgm, m=m: tl.diagrams.amplitude(dgm, m) for m in ("wasserstein", "landscape")),
    ],
)
def test_bars_longer_than_the_largest_number_are_refused(number):
    with pytest.raises(OverflowError, match="births and deaths go up to 4"):
        number(LONGEST)


@pytest.mark.parametrize(
    "number",
    [
        lambda dgm: tl.diagrams.total_persistence(dgm, 2.0),
        lambda dgm: tl.diagrams.amplitude(dgm, "landscape", p=1.0),
        lambda dgm: tl.diagrams.landscape_distance(dgm, [[0, 1]], p=1.0),
        lambda dgm: tl.diagrams.amplitude([[0, 4e307]] * 9, "wasserstein", p=1.0),
    ],
)
def test_results_beyond_the_largest_number_are_refused(number):
    with pytest.raises(OverflowError, match="`p` is too large here: the result is beyond"):
        number([[0.0, 1e200]])


def test_weights_beyond_the_largest_number_are_refused():
    with pytest.raises(ValueError, match="`weight` must be finite"):
        tl.diagrams.persistence_image([[0, 1e200]], 1.0, weight=2)


@pytest.mark.parametrize("size", [1.0, 1e-200, 1e200, 4e307, 1e-310])
def test_statistics_do_not_depend_on_the_unit(size):
    bars = np.array([[0.0, 1.0], [-0.5, 0.5], [0.25, 1.0], [0.0, 0.75], [0.5, 1.0]] * 3)
    found = tl.diagrams.persistence_statistics(bars * size)
    for name, expected in tl.diagrams.persistence_statistics(bars).items():
        scale = 1.0 if name in ("count", "entropy") else size
        assert found[name] == pytest.approx(expected * scale, rel=1e-10), name


def test_the_norm_of_a_betti_curve_does_not_overflow():
    # Ten bars alive from 0 to 1.
    assert tl.diagrams.amplitude([[0, 1]] * 10, "betti", p=400) == pytest.approx(10.0, rel=1e-12)
