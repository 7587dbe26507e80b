"""The comparison with other packages tells equal diagrams from different ones."""

import numpy as np
import pytest

import agreement

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
