"""Diagrams of any origin are read as one shape, and hostile ones are refused."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

import topolens as tl
from topolens.diagrams._reading import as_diagram, as_diagrams, as_list_of_diagrams

gudhi = pytest.importorskip("gudhi")
ripser = pytest.importorskip("ripser")
torch = pytest.importorskip("torch")

BARS = [[0.0, 2.0], [1.0, np.inf]]
POINTS = tl.datasets.circle(30, rng=0)


@pytest.mark.parametrize(
    "given",
    [
        BARS,
        tuple(map(tuple, BARS)),
        np.array(BARS, dtype=np.float32),
        np.asfortranarray(BARS),
        torch.tensor(BARS, requires_grad=True),
        torch.tensor(BARS, dtype=torch.bfloat16),
        [np.array(bar) for bar in BARS],
        [(0, (0.0, 2.0)), (0, (1.0, np.inf))],
        [np.array(BARS)],
        {"dgms": [BARS]},
        SimpleNamespace(dgms=[np.array(BARS)]),
    ],
)
def test_one_diagram_in_many_forms(given):
    read = as_diagram(given)
    assert read.dtype == np.float64 and read.flags.c_contiguous
    np.testing.assert_array_equal(read, BARS)


@pytest.mark.parametrize(
    "given", [[], (), np.empty(0), np.empty((0, 2)), np.empty((0, 3)), torch.empty(0, 2)]
)
def test_empty_diagrams(given):
    assert as_diagram(given).shape == (0, 2)
    assert as_diagram(given, degree=1).shape == (0, 2)


def test_results_of_all_packages_hold_the_same_diagrams():
    ours = tl.rips(POINTS)
    theirs = ripser.ripser(POINTS)
    tree = gudhi.RipsComplex(points=POINTS).create_simplex_tree(max_dimension=2)
    listed = tree.persistence()
    for degree in (0, 1):
        read = as_diagram(ours, degree=degree)
        np.testing.assert_array_equal(read, ours[degree])
        for other in (theirs, theirs["dgms"], listed):
            rows = as_diagram(other, degree=degree)
            np.testing.assert_allclose(sorted(rows.tolist()), sorted(read.tolist()), rtol=1e-6)
    assert [len(dgm) for dgm in as_diagrams(listed)] == [len(dgm) for dgm in as_diagrams(ours)]
    assert len(as_diagram(listed, degree=7)) == 0


def test_superlevel_results_are_negated():
    result = SimpleNamespace(dgms=[np.array([[3.0, 1.0], [5.0, -np.inf]])], sublevel=False)
    np.testing.assert_array_equal(as_diagram(result), [[-3.0, -1.0], [-5.0, np.inf]])


def test_classes_may_be_there_from_the_start():
    np.testing.assert_array_equal(as_diagram([[-np.inf, np.inf]]), [[-np.inf, np.inf]])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([[0.0, 1.0], [np.nan, 1.0]], r"`dgm` must hold numbers; found \[nan, 1.0\] at \[1\]"),
        ([[2.0, 1.0]], r"`dgm` must have birth <= death .*found \[2.0, 1.0\] at \[0\]"),
        ([[np.inf, np.inf]], "born before inf"),
        ([[-np.inf, -np.inf]], "die after -inf"),
        ([[0.0, 1.0, 1.0, 1.0]], r"shape \(k, 2\), .*found shape \(1, 4\)"),
        ([[0.0, 1.0, 1.0]], "`degree` must say which; found diagrams of 2 degrees"),
        ([[0.0, 1.0, 0.0], [0.0, 1.0, 0.5]], r"whole numbers from 0 to 255; found 0.5 at \[1\]"),
        ([[0.0, 1.0, np.nan]], r"whole numbers from 0 to 255; found nan at \[0\]"),
        ([(1e9, (0.0, 1.0))], r"whole numbers from 0 to 255; found 1e\+09 at \[0\]"),
        ([(-1, (0.0, 1.0))], r"whole numbers from 0 to 255; found -1 at \[0\]"),
        ({"birth": [0.0], "death": [1.0, 2.0]}, r"columns of one length; found \[\(1,\), \(2,\)\]"),
        ([[np.inf, np.inf, 0.0]], "born before inf"),
        (np.zeros((3, 0)), r"found shape \(3, 0\)"),
        ([0.0, 1.0], r"found shape \(2,\)"),
        ([[0.0, 1.0], [0.0]], "rectangular"),
        ([np.array(BARS), np.array(BARS)], "`degree` must say which; found diagrams of 2 degrees"),
        ([(0, (0.0, 1.0)), (1, 2.0)], r"\(degree, \(birth, death\)\) throughout"),
        ([np.array(BARS), np.zeros((1, 3))], r"`dgm\[1\]` must have shape"),
    ],
)
def test_hostile_diagrams_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        as_diagram(given)


@pytest.mark.parametrize("given", [None, 3.0, "bars", {"bars": BARS}, [["a", "b"]], [[1j, 2j]]])
def test_what_is_no_diagram_is_a_type_error(given):
    with pytest.raises(TypeError):
        as_diagram(given)


def test_degrees_are_checked():
    with pytest.raises(
        ValueError, match="`degree` must be below the number of degrees in `dgm`, 2"
    ):
        as_diagram(tl.rips(POINTS), degree=2)
    with pytest.raises(TypeError, match="`degree` must be a whole number"):
        as_diagram(BARS, degree=0.5)


def test_lists_of_diagrams():
    results = [tl.rips(POINTS[:k]) for k in (5, 30)]
    for given in (results, (r for r in results), [r.dgms for r in results], [BARS, []]):
        assert len(as_list_of_diagrams(given, degree=0)) == 2
    boxed = np.empty(2, dtype=object)
    boxed[:] = [np.array(BARS), np.empty((0, 2))]
    assert list(map(len, as_list_of_diagrams(boxed))) == [2, 0]
    assert list(map(len, as_diagrams(boxed))) == [2, 0]
    assert as_list_of_diagrams([]) == []
    with pytest.raises(ValueError, match=r"`dgms\[1\]` must have birth <= death"):
        as_list_of_diagrams([BARS, [[2.0, 1.0]]])
    for one in (BARS, np.array(BARS), [(0, (0.0, 1.0))]):
        with pytest.raises(ValueError, match="found one diagram"):
            as_list_of_diagrams(one)
    for wrong in (results[0], 3, "bars"):
        with pytest.raises(TypeError, match="must be a list of diagrams"):
            as_list_of_diagrams(wrong)


ends = st.tuples(st.integers(-3, 3), st.integers(0, 4) | st.just(np.inf))
bars = st.lists(ends.map(lambda bar: (float(bar[0]), float(bar[0] + bar[1]))), max_size=3)


def labelled(dgms):
    return [(degree, bar) for degree, dgm in enumerate(dgms) for bar in dgm]


RAGGED = {
    "lists": list,
    "arrays": lambda dgms: [np.reshape(dgm, (-1, 2)) for dgm in dgms],
    "ripser": lambda dgms: {"dgms": [np.reshape(dgm, (-1, 2)) for dgm in dgms]},
    "gudhi": labelled,
    "giotto": lambda dgms: [(*bar, float(degree)) for degree, bar in labelled(dgms)],
    "columns": lambda dgms: {
        "birth": [birth for _, (birth, _) in labelled(dgms)],
        "death": [death for _, (_, death) in labelled(dgms)],
        "degree": [degree for degree, _ in labelled(dgms)],
    },
}


@drawn(st.lists(bars, min_size=1, max_size=4), st.sampled_from(sorted(RAGGED)))
def test_diagrams_of_any_sizes_are_read_in_any_form(dgms, form):
    read = as_diagrams(RAGGED[form](dgms))
    if form == "giotto":  # bars of no length are padding
        dgms = [[bar for bar in dgm if bar[0] < bar[1]] for dgm in dgms]
    if form in ("gudhi", "giotto", "columns"):  # they do not tell of empty degrees at the end
        for degree in range(len(dgms)):
            found = as_diagram(RAGGED[form](dgms), degree=degree)
            np.testing.assert_array_equal(found, np.reshape(dgms[degree], (-1, 2)))
        read += [np.empty((0, 2))] * (len(dgms) - len(read))
    assert [dgm.tolist() for dgm in read] == [list(map(list, dgm)) for dgm in dgms]
