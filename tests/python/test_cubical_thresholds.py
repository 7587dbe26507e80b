"""Betti numbers at thresholds from Python: labels of scipy, results, errors."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

import topolens as tl


def betti_by_labels(mask, construction):
    """Count components by scipy, and all cells one by one."""
    ndim = mask.ndim
    faces = ndimage.generate_binary_structure(ndim, 1)
    corners = ndimage.generate_binary_structure(ndim, ndim)
    inside, outside = (faces, corners) if construction == "V" else (corners, faces)
    parts = ndimage.label(mask, inside)[1]
    enclosed = ndimage.label(~np.pad(mask, 1), outside)[1] - 1
    euler = sum(
        (-1) ** (sum(stretched) if construction == "V" else ndim - sum(stretched))
        * int(cells(mask, stretched, construction).sum())
        for stretched in np.ndindex((2,) * ndim)
    )
    betti = {1: [parts], 2: [parts, enclosed], 3: [parts, parts + enclosed - euler, enclosed]}
    return betti[ndim], euler


def cells(mask, joined, construction):
    """Find cells over pairs of voxels along some axes: all of them are needed (V), or any (T)."""
    mask = np.pad(mask, 1)
    for axis in np.flatnonzero(joined):
        ahead = np.take(mask, range(1, mask.shape[axis]), axis)
        behind = np.take(mask, range(mask.shape[axis] - 1), axis)
        mask = ahead & behind if construction == "V" else ahead | behind
    return mask


images = arrays(
    np.float32,
    array_shapes(min_dims=1, max_dims=3, max_side=8),
    elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0]).map(np.float32),
)


@settings(max_examples=150, deadline=None)
@given(images, st.sampled_from("VT"), st.booleans(), st.integers(1, 3))
def test_labels_and_cells(image, construction, sublevel, n_threads):
    thresholds = [-2.0, -1.0, 0.0, 0.7, np.inf]
    found = tl.cubical_betti(
        np.asfortranarray(image),
        thresholds,
        construction=construction,
        sublevel=sublevel,
        n_threads=n_threads,
    )
    for t, betti, chi in zip(
        thresholds, found.betti_numbers, found.euler_characteristic, strict=True
    ):
        expected, euler = betti_by_labels(image <= t if sublevel else image >= t, construction)
        assert betti.tolist() == expected and chi == euler


def test_thresholds_and_batches_shape_the_result():
    volumes = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    both = tl.cubical_betti(volumes, [0.0, 1.0], batch=True)
    assert both.betti_numbers.shape == (2, 2, 3) and both.total.shape == (2, 2)
    assert both.euler_characteristic.shape == (2, 2)
    one = tl.cubical_betti(volumes[1], 1.0)
    assert one.betti_numbers.tolist() == both.betti_numbers[1, 1].tolist()
    assert one.euler_characteristic == both.euler_characteristic[1, 1]
    assert one.thresholds.shape == () and one.total == both.total[1, 1]
    none = tl.cubical_betti(volumes[:0], [0.0], batch=True)
    assert none.betti_numbers.shape == (0, 1, 3)


def test_single_precision_is_compared_as_doubles():
    tenth = np.full(3, 0.1, dtype=np.float32)
    assert tl.cubical_betti(tenth, [0.1, float(tenth[0])]).betti_numbers.tolist() == [[0], [1]]


def test_results_travel_and_show():
    found = tl.cubical_betti(np.eye(3), [0.0, 1.0])
    assert found.betti_numbers.tolist() == [[2, 0], [1, 0]]
    again = pickle.loads(pickle.dumps(found))
    assert np.array_equal(again.betti_numbers, found.betti_numbers)
    assert repr(found) == "CubicalBetti(thresholds=2, degrees=2, construction='V')"
    assert "sublevel sets" in found._repr_html_()
    columns = found.to_columns()
    assert columns["threshold"].tolist() == [0, 0, 1, 1]
    assert columns["degree"].tolist() == [0, 1, 0, 1]
    assert columns["betti_number"].tolist() == [2, 0, 1, 0]
    batch = tl.cubical_betti(np.zeros((2, 3)), 0.0, batch=True)
    assert "images=2" in repr(batch) and "means of 2 images" in batch._repr_html_()
    assert batch.to_columns()["image"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("X", "thresholds", "options", "error", "message"),
    [
        ([[0.0, np.nan]], 0.0, {}, ValueError, r"`X` must hold numbers; found NaN at \[0, 1\]"),
        (3.0, 0.0, {}, ValueError, "`X` must have 1 to 4 axes; found 0"),
        (3.0, 0.0, {"batch": True}, ValueError, "an axis that counts images"),
        ([3.0], 0.0, {"batch": True}, ValueError, "1 to 4 axes after the one that counts"),
        (np.zeros((1,) * 5), 0.0, {}, ValueError, "1 to 4 axes; found 5"),
        (np.zeros((2, 0)), 0.0, {}, ValueError, "`X` must have no empty axis"),
        ([0.0], [0.0, np.nan], {}, ValueError, r"`thresholds` must be numbers; found NaN at \[1\]"),
        ([0.0], [], {}, ValueError, "`thresholds` must be a number or have shape"),
        ([0.0], [[0.0]], {}, ValueError, "`thresholds` must be a number or have shape"),
        ([0.0], "high", {}, TypeError, "`thresholds` must"),
        ([0.0], 0.0, {"construction": "W"}, ValueError, "`construction` must be one of V, T"),
        (np.zeros((9, 9, 9)), 0.0, {"max_memory": 10}, MemoryError, "would fit"),
    ],
)
def test_what_cannot_be_is_refused(X, thresholds, options, error, message):
    with pytest.raises(error, match=message):
        tl.cubical_betti(X, thresholds, **options)
