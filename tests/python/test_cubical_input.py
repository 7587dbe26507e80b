"""Images and arguments that are not what they should be, and unusual ones that are all right."""

from __future__ import annotations

import gc
import pickle
import warnings

import numpy as np
import pytest

import topolens as tl
from cubical_cases import INF, assert_same, by_gudhi, cubical, noise, relu

IMAGE = noise((4, 5, 6))
WITH_NAN = IMAGE.copy()
WITH_NAN[1, 2, 3] = np.nan


class Opaque:
    """No number."""


BAD_IMAGES = [
    (WITH_NAN, ValueError, r"must not .*NaN|NaN.*\[1, 2, 3\]"),
    (WITH_NAN.astype(np.float32), ValueError, r"NaN.*\[1, 2, 3\]"),
    (np.asfortranarray(WITH_NAN), ValueError, r"NaN.*\[1, 2, 3\]"),
    (WITH_NAN[:, ::-1], ValueError, r"NaN.*\[1, 2, 3\]"),
    (np.float64(3.0), ValueError, r"found .*(0|\(\))"),
    (3.0, ValueError, "1 to 4"),
    (np.zeros((2, 2, 2, 2, 2)), ValueError, r"1 to 4 .*5|1 to 4 .*\(2, 2, 2, 2, 2\)"),
    (np.zeros((0,)), ValueError, "no empty axis"),
    (np.zeros((3, 0)), ValueError, "no empty axis; found .* 1"),
    (np.zeros((0, 3, 2)), ValueError, "no empty axis; found .* 0"),
    ([], ValueError, "no empty axis"),
    ([[1.0, 2.0], [3.0]], ValueError, "rectangular"),
    ("an image", TypeError, "numbers"),
    (["a", "b"], TypeError, "numbers"),
    (np.array([[1 + 2j, 0]]), TypeError, "complex"),
    (np.array([[1, None]], dtype=object), TypeError, "numbers"),
    (np.array([Opaque()], dtype=object), TypeError, "numbers"),
    (np.array(["2020-01-01"], dtype="datetime64[D]"), TypeError, "numbers"),
    (np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]), TypeError, "numbers"),
    (None, TypeError, "numbers"),
    ({"a": 1}, TypeError, "numbers"),
    (np.ma.masked_array(np.ones((2, 2)), mask=[[0, 1], [0, 0]]), ValueError, "masked"),
    (np.array([[2**53 + 1, 0]]), ValueError, "9007199254740993"),
    (np.array([[-(2**60), 0]]), ValueError, "-1152921504606846976"),
    (np.array([[2**63, 0]], dtype=np.uint64), ValueError, "9223372036854775808"),
]


@pytest.mark.parametrize(("image", "error", "message"), BAD_IMAGES)
def test_images_that_cannot_be(image, error, message):
    with pytest.raises(error, match=f"`image` must .*({message})"):
        tl.cubical(image)


@pytest.mark.parametrize(
    ("kwargs", "error", "message"),
    [
        ({"construction": "W"}, ValueError, "`construction` must be one of V, T; found 'W'"),
        ({"construction": "v"}, ValueError, "`construction` must be one of V, T; found 'v'"),
        ({"construction": None}, ValueError, "`construction` must"),
        ({"maxdim": -1}, ValueError, "`maxdim` must"),
        ({"maxdim": 1.5}, TypeError, "`maxdim` must"),
        ({"maxdim": "1"}, TypeError, "`maxdim` must"),
        ({"coeff": 1}, ValueError, "`coeff` must be a prime"),
        ({"coeff": 4}, ValueError, "`coeff` must be a prime"),
        ({"coeff": 65_537}, ValueError, "`coeff` must"),
        ({"coeff": 2.0}, TypeError, "`coeff` must"),
        ({"periodic": [True]}, ValueError, "`periodic` must"),
        ({"periodic": [True] * 4}, ValueError, "`periodic` must"),
        ({"periodic": "xyz"}, (TypeError, ValueError), "`periodic` must"),
        ({"periodic": [0.5, 1, 0]}, (TypeError, ValueError), "`periodic` must"),
        ({"n_threads": 0}, ValueError, "`n_threads` must"),
        ({"max_memory": 0}, ValueError, "`max_memory` must"),
        ({"max_memory": -5}, ValueError, "`max_memory` must"),
        ({"max_memory": 1}, MemoryError, "needs about"),
        ({"progress": lambda: None}, TypeError, "argument"),
    ],
)
def test_arguments_that_cannot_be(kwargs, error, message):
    with pytest.raises(error, match=message):
        tl.cubical(IMAGE, **kwargs)
    if "progress" not in kwargs:
        with pytest.raises(error, match=message):
            tl.homology.cubical_batch([IMAGE, IMAGE], **kwargs)


def test_arguments_are_named():
    with pytest.raises(TypeError):
        tl.cubical(IMAGE, "T")
    with pytest.raises(TypeError):
        tl.cubical_betti(IMAGE, 0.0, "T")


# --- batches ------------------------------------------------------------------------------------


def test_the_image_of_a_batch_that_cannot_be():
    """The first index is that of the image."""
    for images in ([IMAGE, IMAGE, WITH_NAN], np.stack([IMAGE, IMAGE, WITH_NAN])):
        with pytest.raises(ValueError, match=r"`images` must .*NaN at \[2, 1, 2, 3\]"):
            tl.homology.cubical_batch(images)
    with pytest.raises(TypeError, match="`images` must"):
        tl.homology.cubical_batch([IMAGE, "two"])
    with pytest.raises(TypeError):
        tl.homology.cubical_batch(7)
    with pytest.raises(ValueError, match="1 to 4"):
        tl.homology.cubical_batch(np.zeros(3))


def test_batches_of_nothing():
    assert tl.homology.cubical_batch([]) == []
    assert tl.homology.cubical_batch(np.zeros((0, 4, 4))) == []


# --- thresholds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thresholds", "error", "message"),
    [
        (np.nan, ValueError, "NaN"),
        ([0.0, np.nan], ValueError, r"NaN at \[1\]"),
        ([], ValueError, r"\(0,\)"),
        ([[0.0, 1.0]], ValueError, r"\(1, 2\)"),
        ("half", TypeError, "numbers"),
        (None, TypeError, "numbers"),
        ([1j], TypeError, "complex"),
    ],
)
def test_thresholds_that_cannot_be(thresholds, error, message):
    with pytest.raises(error, match=f"`thresholds` must .*{message}"):
        tl.cubical_betti(IMAGE, thresholds)


@pytest.mark.parametrize(("image", "error", "message"), BAD_IMAGES)
def test_images_without_betti_numbers(image, error, message):
    with pytest.raises(error, match=f"`X` must .*({message})"):
        tl.cubical_betti(image, 0.0)


def test_batches_without_betti_numbers():
    with pytest.raises(ValueError, match="`X` must"):
        tl.cubical_betti(np.zeros(4), 0.0, batch=True)
    with pytest.raises(ValueError, match="`X` must"):
        tl.cubical_betti(np.zeros((1, 2, 2, 2, 2, 2)), 0.0, batch=True)
    with pytest.raises(ValueError, match="`X` must"):
        tl.cubical_betti(np.zeros((3, 0, 2)), 0.0, batch=True)
    with pytest.raises(ValueError, match=r"`X` must .*NaN.*\[1, 1, 2, 3\]"):
        tl.cubical_betti(np.stack([IMAGE, WITH_NAN]), 0.0, batch=True)
    with pytest.raises(ValueError, match="`construction` must be one of V, T"):
        tl.cubical_betti(IMAGE, 0.0, construction="U")
    with pytest.raises(MemoryError, match="needs about"):
        tl.cubical_betti(IMAGE, 0.0, max_memory=1)


@pytest.mark.parametrize("scale", [np.nan, [0.0, np.nan]])
def test_levels_that_cannot_be(scale):
    with pytest.raises(ValueError, match="nan"):
        cubical(IMAGE).betti_numbers(scale)


# --- unusual input that is all right ------------------------------------------------------------


def test_lists_and_arrays_of_any_byte_order():
    expected = cubical(np.arange(6.0).reshape(2, 3) % 4)
    for image in (
        [[0, 1, 2], [3, 0, 1]],
        ((0.0, 1.0, 2.0), (3.0, 0.0, 1.0)),
        np.array([[0, 1, 2], [3, 0, 1]], dtype=">f4"),
        np.array([[0, 1, 2], [3, 0, 1]], dtype=">i8"),
        np.array([[0, 1, 2], [3, 0, 1]], dtype=np.float16),
        np.array([[0, 1, 2], [3, 0, 1]], dtype=np.uint64),
        np.array([[0, 1, 2], [3, 0, 1]], dtype=np.longdouble),
        np.ma.masked_array([[0, 1, 2], [3, 0, 1]]),
    ):
        result = cubical(image)
        assert_same(result, expected.dgms)
        assert result.shape == (2, 3)


def test_bytes_stay_bytes():
    """Every number of 8, 16 and 32 bits, and 64-bit ones up to 2^53, is kept exactly."""
    for image in (
        np.array([2**31 - 1, -(2**31), 2**31 - 2], dtype=np.int32),
        np.array([2**32 - 1, 0, 2**32 - 2], dtype=np.uint32),
        np.array([2**53 - 1, -(2**53) + 1, 2**53 - 2], dtype=np.int64),
        np.array([2**24 + 3, 2**24, 2**24 + 1], dtype=np.int32),
        np.array([255, 0, 254], dtype=np.uint8),
        np.array([65_535, 0, 65_534], dtype=np.uint16),
    ):
        low, high = int(image[1]), int(image[0])
        np.testing.assert_array_equal(cubical(image, sublevel=True)[0], [[low, INF]])
        middle = np.array([image[1], image[0], image[2]])
        expected = [[low, INF], [int(image[2]), high]]
        np.testing.assert_array_equal(cubical(middle)[0], sorted(expected))


def test_what_is_passed_is_left_alone():
    for image in (noise((6, 7)), relu((5, 6, 7)).astype(np.float32), noise((4, 4))[::-1, ::2]):
        before = image.copy()
        cubical(image, construction="T", sublevel=False, locations=True)
        tl.cubical_betti(image, [0.0, 1.0], sublevel=False)
        np.testing.assert_array_equal(image, before)
        image.flags.writeable = False
        cubical(image, sublevel=False)
        tl.homology.cubical_batch([image, image])


def test_results_are_owned():
    """They stay right when the input changes or goes."""
    image = noise((8, 9))
    result = cubical(image, locations=True)
    expected = by_gudhi(image)
    image[:] = np.nan
    del image
    gc.collect()
    assert_same(result, expected)
    for array in (*result.dgms, *result.locations):
        assert array.flags.owndata or array.base is not None
        array += 0  # may be written to


def test_torch_tensors():
    torch = pytest.importorskip("torch")
    image = np.round(4 * noise((5, 6, 7))).astype(np.float32)
    expected = by_gudhi(image)
    tensor = torch.from_numpy(image)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for given in (
            tensor,
            tensor.double(),
            tensor.half(),
            tensor.bfloat16(),
            tensor.int(),
            tensor.clone().requires_grad_(),
            tensor.clone().requires_grad_() * 1,
            torch.nn.Parameter(tensor.clone()),
            tensor.permute(2, 0, 1).contiguous().permute(1, 2, 0),
        ):
            assert_same(cubical(given), expected)
            betti = tl.cubical_betti(given, 0.0).betti_numbers
            np.testing.assert_array_equal(betti, cubical(given).betti_numbers(0.0))
        stack = torch.stack([tensor, -tensor]).requires_grad_()
        both = tl.homology.cubical_batch(stack)
        assert_same(both[0], expected)
        assert_same(both[1], by_gudhi(-image))
        betti = tl.cubical_betti(stack, [0.0, 1.0], batch=True).betti_numbers
        for one, numbers in zip(both, betti, strict=True):
            np.testing.assert_array_equal(numbers, one.betti_numbers([0.0, 1.0]))
    with pytest.raises(ValueError, match=r"`image` must .*NaN.*\[0, 0, 0\]"):
        tl.cubical(torch.full((2, 2, 2), torch.nan))


# --- results ------------------------------------------------------------------------------------


def test_results():
    result = cubical(IMAGE.astype(np.float32), construction="T", sublevel=False, locations=True)
    assert result.shape == (4, 5, 6) and result.construction == "T" and not result.sublevel
    assert len(result.dgms) == 3
    for degree in range(3):
        assert result[degree] is result.dgms[degree]
    columns = result.to_columns()
    assert {"degree", "birth", "death"} <= set(columns)
    assert {len(column) for column in columns.values()} == {sum(map(len, result.dgms))}
    np.testing.assert_array_equal(
        np.column_stack([columns["birth"], columns["death"]]), np.vstack(result.dgms)
    )
    assert "CubicalResult(" in repr(result)
    assert "<table" in result._repr_html_()
    again = pickle.loads(pickle.dumps(result))
    for a, b in zip(again.dgms, result.dgms, strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(AttributeError):
        result.shape = (1,)


def test_betti_results():
    found = tl.cubical_betti(IMAGE, [0.0, 0.5])
    assert "CubicalBetti(" in repr(found)
    pickle.loads(pickle.dumps(found))
    with pytest.raises(AttributeError):
        found.thresholds = None
