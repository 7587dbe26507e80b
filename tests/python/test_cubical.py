"""Cubical persistence from Python: conversion, results, errors."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import topolens as tl

RING = np.array([[0.0, 1.0, 0.0], [2.0, 9.0, 1.0], [0.0, 1.0, 0.0]])


def test_a_ring_has_four_corners_and_a_hole():
    r = tl.cubical(RING, locations=True)
    assert r[0].tolist() == [[0, 1], [0, 1], [0, 1], [0, np.inf]]
    assert r[1].tolist() == [[2, 9]]
    assert r.locations[1].tolist() == [[[1, 0], [1, 1]]]
    assert r.locations[0][-1].tolist() == [[0, 0], [-1, -1]]
    assert tl.cubical([[0, 1], [1, 0]])[0].tolist() == [[0, 1], [0, np.inf]]
    assert tl.cubical([[0, 1], [1, 0]], construction="T")[0].tolist() == [[0, np.inf]]
    assert len(r) == 2 and r.shape == (3, 3) and r.sublevel and r.construction == "V"


def test_superlevel_sets_have_their_own_values():
    r = tl.cubical(-RING, sublevel=False)
    assert r[1].tolist() == [[-2, -9]]
    assert r[0].tolist() == [[0, -np.inf], [0, -1], [0, -1], [0, -1]]
    assert r.betti_numbers([0, -1, -2, -9]).tolist() == [[4, 0], [1, 0], [1, 1], [1, 0]]


@pytest.mark.parametrize(
    "dtype", ["f2", "f4", "f8", ">f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "longdouble"]
)
def test_all_real_types_give_the_same_bars(dtype):
    r = tl.cubical(RING.astype(dtype))
    assert r[1].tolist() == [[2, 9]] and r[1].dtype == np.float64


def test_bools_tensors_lists_and_views_are_taken():
    torch = pytest.importorskip("torch")
    assert tl.cubical(RING > 0)[0].tolist() == [[0, 1], [0, 1], [0, 1], [0, np.inf]]
    for image in (
        RING.tolist(),
        torch.tensor(RING, requires_grad=True),
        torch.tensor(RING).bfloat16(),
        np.asfortranarray(RING),
        np.kron(RING, np.ones((2, 2)))[::2, ::2],
    ):
        assert tl.cubical(image)[1].tolist() == [[2, 9]]
    upside_down = tl.cubical(RING[::-1, ::-1], locations=True)
    assert upside_down.locations[1].tolist() == [[[1, 2], [1, 1]]]


def test_a_torus_has_the_homology_of_a_torus():
    r = tl.cubical(np.zeros((3, 4, 5)), periodic=True)
    assert [len(dgm) for dgm in r.dgms] == [1, 3, 3, 1]
    r = tl.cubical(np.zeros((3, 4)), periodic=(True, False), maxdim=2)
    assert [len(dgm) for dgm in r.dgms] == [1, 1, 0]


def test_batches_equal_their_images():
    images = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
    for one, image in zip(tl.homology.cubical_batch(images, locations=True), images, strict=True):
        alone = tl.cubical(image, locations=True)
        assert all(map(np.array_equal, one.dgms, alone.dgms))
        assert all(map(np.array_equal, one.locations, alone.locations))
    assert tl.homology.cubical_batch([]) == []
    assert len(tl.homology.cubical_batch([images[0], RING])) == 2


def test_results_travel_and_show():
    r = tl.cubical(RING, locations=True)
    again = pickle.loads(pickle.dumps(r))
    assert np.array_equal(again[1], r[1]) and again.shape == r.shape
    assert repr(r) == "CubicalResult(H0: 4, H1: 1; shape=(3, 3), construction='V')"
    assert "3 × 3 voxels" in r._repr_html_() and "H<sub>1</sub>" in r._repr_html_()
    columns = r.to_columns()
    assert columns["degree"].tolist() == [0, 0, 0, 0, 1]
    assert columns["death"].tolist() == [1, 1, 1, np.inf, 9]


@pytest.mark.parametrize(
    ("image", "options", "error", "message"),
    [
        ([[0.0, np.nan]], {}, ValueError, r"`image` must hold numbers; found NaN at \[0, 1\]"),
        (3.0, {}, ValueError, "`image` must have 1 to 4 axes; found 0"),
        (np.zeros((1,) * 5), {}, ValueError, "`image` must have 1 to 4 axes; found 5"),
        (np.zeros((2, 0)), {}, ValueError, "no empty axis"),
        ([1j], {}, TypeError, "real numbers"),
        ([2**53 + 1, 0], {}, ValueError, r"up to 2\*\*53; found 9007199254740993"),
        ([0.0], {"construction": "W"}, ValueError, "`construction` must be one of V, T"),
        ([0.0], {"maxdim": 2}, ValueError, "`maxdim` must be at most 1"),
        ([0.0], {"coeff": 6}, ValueError, "prime"),
        ([0.0], {"periodic": [True, True]}, ValueError, "one entry for each of 1 axes; found 2"),
        ([0.0], {"periodic": 1}, TypeError, "`periodic` must be a bool"),
        (np.zeros((9,) * 4), {"max_memory": 1000}, MemoryError, "would fit"),
    ],
)
def test_what_cannot_be_is_refused(image, options, error, message):
    with pytest.raises(error, match=message):
        tl.cubical(image, **options)


def test_batches_have_equally_many_axes():
    with pytest.raises(ValueError, match="equally many axes"):
        tl.homology.cubical_batch([[0.0], [[0.0]]])
