"""Arrays and labels of any origin: every public function reads all forms as it reads the array."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt

import topolens as tl
from signature_cases import CALLS, CLASSES, CLOUD, IMAGES, LAYERS, model
from test_signatures import call, plain, repeatable
from topolens._arrays import as_labels, as_real, as_values, label_array, rounding


class OnlyDLPack:
    """What other libraries have: the protocol, and nothing else."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()


class OnlyArray:
    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self._array if dtype is None else self._array.astype(dtype)


class OnlyInterface:
    def __init__(self, array: np.ndarray) -> None:
        self._array = np.ascontiguousarray(array)
        self.__array_interface__ = self._array.__array_interface__


def fixed(array: np.ndarray) -> np.ndarray:
    kept = array.copy()
    kept.flags.writeable = False
    return kept


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(np.ascontiguousarray(array))


def mirrored(array: np.ndarray) -> np.ndarray:
    """Strides that are negative."""
    backwards = (slice(None, None, -1),) * array.ndim
    return array[backwards].copy()[backwards]


def frame(array: np.ndarray, kind: str | None = None) -> Any:
    pd = pytest.importorskip("pandas")
    if array.ndim > 2:
        pytest.skip("tables have two axes")
    made = pd.Series(array) if array.ndim == 1 else pd.DataFrame(array)
    nullable = {"f": "Float64", "i": "Int64", "b": "boolean"}[array.dtype.kind]
    return made if kind is None else made.astype(nullable if kind == "nullable" else kind)


def arrow(array: np.ndarray) -> Any:
    pytest.importorskip("pyarrow")
    return frame(array, {"f": "double[pyarrow]", "i": "int64[pyarrow]"}[array.dtype.kind])


def in_polars(array: np.ndarray) -> Any:
    pl = pytest.importorskip("polars")
    if array.ndim > 2:
        pytest.skip("tables have two axes")
    return pl.Series(array) if array.ndim == 1 else pl.DataFrame(array)


def in_jax(array: np.ndarray) -> Any:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        return jax.numpy.asarray(array)


def nested(of: Any, array: Any) -> Any:
    return [nested(of, part) for part in array] if np.ndim(array) else of(array)


FORMS: dict[str, Any] = {
    "list": np.ndarray.tolist,
    "tuples": lambda array: tuple(array.tolist()),
    "list of arrays": list,
    "list of tensors": lambda array: list(tensor(array)),
    "nested tensors": lambda array: nested(torch.tensor, array),
    "tensor": tensor,
    "tensor with a gradient": lambda array: tensor(array).requires_grad_(array.dtype.kind == "f"),
    "numbers with a gradient": lambda array: list(
        tensor(array).requires_grad_(array.dtype.kind == "f")
    ),
    "conjugate": lambda array: (
        torch.complex(torch.zeros(array.shape).double(), -tensor(array).double()).conj().imag
    ),
    "dlpack": OnlyDLPack,
    "dlpack of torch": lambda array: OnlyDLPack(tensor(array)),
    "list of dlpack": lambda array: [OnlyDLPack(np.asarray(part)) for part in array],
    "__array__": OnlyArray,
    "__array_interface__": OnlyInterface,
    "memoryview": lambda array: memoryview(np.ascontiguousarray(array)),
    "read-only": fixed,
    "negative strides": mirrored,
    "Fortran": np.asfortranarray,
    "big-endian": lambda array: array.astype(array.dtype.newbyteorder(">")),
    "long double": lambda array: array.astype(np.longdouble),
    "objects": lambda array: array.astype(object),
    "Decimal": lambda array: nested(lambda x: Decimal(x.item()), array),
    "Fraction": lambda array: nested(lambda x: Fraction(x.item()), array),
    "pandas": frame,
    "pandas, nullable": lambda array: frame(array, "nullable"),
    "pandas, objects": lambda array: frame(array, "object"),
    "pandas, Arrow": arrow,
    "polars": in_polars,
    "jax": in_jax,
}


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


# Lists of bars are told from lists of diagrams by what stands in them: no mere protocol does.
PROTOCOLS = {"dlpack", "dlpack of torch", "list of dlpack", "__array__", "__array_interface__"}
PROTOCOLS |= {"memoryview", "conjugate", "tensor with a gradient", "numbers with a gradient"}
OF_BARS = {"dgm", "dgms", "diagrams", "a", "b", "group_a", "group_b"}
# Tables have one network a column, arrays one a row.
TABLES = {"pandas", "pandas, nullable", "pandas, objects", "pandas, Arrow", "polars"}
# Scikit-learn reads the tables of estimators; measures are handed arrays by `analyse`.
OTHERS = {name for name in CALLS if name.startswith("sklearn.") or name.endswith(".measure")}


def is_numbers(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fi" and value.size > 0


def is_several(value: Any) -> bool:
    several = value.values() if isinstance(value, dict) else value
    return isinstance(value, list | dict) and len(value) > 0 and all(map(is_numbers, several))


def formed(form: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: form(array) for key, array in value.items()}
    return form(value) if is_numbers(value) else [form(array) for array in value]


def cases() -> list[tuple[str, str]]:
    return [
        (name, parameter)
        for name in sorted(set(CALLS) - OTHERS - {"cli.main"})
        for parameter, value in CALLS[name].items()
        if is_numbers(value) or is_several(value)
    ]


@cache
def expected(name: str) -> Any:
    return plain(call(name, **repeatable(name)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "parameter"), cases())
def test_every_form_is_read_as_the_array(name, parameter, form):
    if parameter in OF_BARS and form in PROTOCOLS:
        pytest.skip("of bars")
    given = CALLS[name][parameter]
    if name.startswith("networks.") and form in TABLES and is_numbers(given):
        pytest.skip("tables have one network a column")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = call(name, **repeatable(name), **{parameter: formed(FORMS[form], given)})
    assert plain(found) == expected(name)


def test_the_walk_finds_the_arrays():
    assert len(cases()) > 60
    assert {("homology.rips", "X"), ("layers.analyse", "layers"), ("transfer.leep", "y")} <= {
        *cases()
    }


# --- floats that NumPy lacks ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bfloat16", "float16", "float32", "float8_e5m2"])
def test_coarse_floats(kind):
    jax = pytest.importorskip("jax")
    coarse = tensor(CLOUD).to(getattr(torch, kind))
    known = coarse.double().numpy()
    forms = [coarse, list(coarse), [list(row) for row in coarse], OnlyDLPack(coarse)]
    forms.append(jax.numpy.asarray(CLOUD, getattr(jax.numpy, kind)))
    for form in forms:
        np.testing.assert_array_equal(as_values(form), known)
        assert as_real(form).dtype.itemsize <= 4
        np.testing.assert_array_equal(tl.distances(form), tl.distances(known))
    assert len({rounding(form) for form in (coarse, forms[-1])}) == 1


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (tensor(CLOUD).to_sparse(), TypeError, r"found torch.sparse_coo: `.to_dense\(\)`"),
        (tensor(CLOUD) + 0j, TypeError, "must hold real numbers; found dtype complex128"),
        (tensor(CLOUD).to("meta"), TypeError, "meta"),
        (OnlyDLPack(torch.ones(2, requires_grad=True)), TypeError, "detach"),
        ([torch.ones(2), torch.ones(3)], ValueError, "rectangular"),
        ([np.ma.masked_equal([0, 1], 1)] * 2, ValueError, "must not have masked entries; found 1"),
        ([[1.0, None]], TypeError, r"must hold real numbers; found None at \[0, 1\]"),
        ([[Decimal(1), "a"]], TypeError, r"must hold real numbers; found 'a' at \[0, 1\]"),
        ([[2**60, Fraction(1)]], ValueError, r"whole numbers up to 2\*\*53; found 115292150460684"),
        ((x for x in [1, 2]), TypeError, "found a generator"),
        ({1.0, 2.0}, TypeError, "found a set"),
        ("text", TypeError, "found dtype <U4"),
    ],
)
def test_what_is_no_array_of_numbers(given, error, message):
    with pytest.raises(error, match=f"`X` .*{message}"):
        tl.distances(given)


def test_tensors_of_other_kinds_are_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = torch.quantize_per_tensor(torch.rand(3, 2), 0.1, 0, torch.quint8)
        with pytest.raises(TypeError, match=r"`X` .*found torch.quint8: `.dequantize\(\)`"):
            tl.distances(given)
        with pytest.raises(TypeError, match=r"`X` .*found a nested tensor: .* padding"):
            tl.distances(torch.nested.nested_tensor([torch.ones(2)] * 2))


def test_what_is_missing_in_a_nullable_table_is_nan():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"a": pd.array([1, None], "Int64"), "b": [1.0, 2.0]})
    np.testing.assert_array_equal(as_values(table), [[1, 1], [np.nan, 2]])
    with pytest.raises(ValueError, match=r"`X` must be finite; found nan at \[1, 0\]"):
        tl.distances(table)


# --- labels ---------------------------------------------------------------------------------------

NUMBERED = {
    "list": np.ndarray.tolist,
    "tuple": lambda y: tuple(y.tolist()),
    "column": lambda y: y[:, None],
    "list of columns": lambda y: y[:, None].tolist(),
    "float": lambda y: y.astype(float),
    "list of floats": lambda y: y.astype(float).tolist(),
    "mixed": lambda y: [int(y[0]), *y[1:].astype(float).tolist()],
    "uint8": lambda y: y.astype(np.uint8),
    "big-endian": lambda y: y.astype(">i2"),
    "objects": lambda y: y.astype(object),
    "Decimal": lambda y: [Decimal(x) for x in y.tolist()],
    "tensor": tensor,
    "half": lambda y: tensor(y).half(),
    "bfloat16": lambda y: tensor(y).bfloat16(),
    "gradient": lambda y: tensor(y).double().requires_grad_(),
    "numbers of torch": lambda y: list(tensor(y)),
    "numbers of numpy": list,
    "dlpack": OnlyDLPack,
    "memoryview": memoryview,
    "Series": frame,
    "nullable": lambda y: frame(y, "nullable"),
    "categorical": lambda y: frame(y, "category"),
    "frame": lambda y: frame(y[:, None]),
    "Arrow": arrow,
    "polars": in_polars,
    "jax": in_jax,
}
WORDS = {
    "list": list,
    "tuple": tuple,
    "array": np.array,
    "objects": lambda words: np.array(words, dtype=object),
    "bytes": lambda words: np.array(words).astype("S"),
    "list of bytes": lambda words: [word.encode() for word in words],
    "StringDType": lambda words: np.array(words, dtype=np.dtypes.StringDType()),
    "Series": lambda words: pytest.importorskip("pandas").Series(words),
    "categorical": lambda words: pytest.importorskip("pandas").Categorical(words),
    "objects of pandas": lambda words: pytest.importorskip("pandas").Series(words, dtype=object),
    "polars": lambda words: pytest.importorskip("polars").Series(words),
}
PREDICTED = np.array([CLASSES, 1 - CLASSES])
OF_WORDS = {
    "layers.analyse": lambda y: call("layers.analyse", labels=y, rng=0),
    "torch.record": lambda y: tl.record(model(), (IMAGES.repeat(4, 1, 1, 1), y)).labels,
    "torch.record of batches": lambda y: (
        tl.record(model(), [(IMAGES.repeat(4, 1, 1, 1), y)]).labels
    ),
    **{
        name: partial(lambda name, y: call(name, y=y), name)
        for name in CALLS
        if name.startswith("transfer.")
    },
}
LABELED = {
    **OF_WORDS,
    "from_labels, truth": lambda y: tl.NetworkSpace.from_labels(PREDICTED, y=y).accuracy(),
    "from_labels": lambda y: tl.NetworkSpace.from_labels([y, y]).labels,
    "from_labels, table": lambda y: tl.NetworkSpace.from_labels({"a": y}).labels,
}


@pytest.mark.parametrize("form", NUMBERED)
@pytest.mark.parametrize("name", LABELED)
def test_every_form_of_labels(name, form):
    if (name, form) == ("torch.record", "list of columns"):
        pytest.skip("a list of lists is a batch")
    assert plain(LABELED[name](NUMBERED[form](CLASSES))) == plain(LABELED[name](CLASSES))


@pytest.mark.parametrize("form", WORDS)
@pytest.mark.parametrize("name", OF_WORDS)
def test_every_form_of_words(name, form):
    words = ["no" if label else "yes" for label in CLASSES]
    assert plain(OF_WORDS[name](WORDS[form](words))) == plain(OF_WORDS[name](words))


@pytest.mark.parametrize("name", OF_WORDS)
def test_truth_values_are_labels(name):
    flags = CLASSES == 1
    for form in (list, np.array, tensor, lambda y: frame(y, "nullable")):
        assert plain(OF_WORDS[name](form(flags))) == plain(OF_WORDS[name](flags))


def spoiled(values: list[Any], missing: Any) -> list[Any]:
    return [*values[:3], missing, *values[4:]]


@pytest.mark.parametrize(
    "labels",
    [
        spoiled(CLASSES.tolist(), None),
        spoiled(CLASSES.tolist(), np.nan),
        np.array(spoiled(CLASSES.tolist(), np.nan)),
        tensor(np.array(spoiled(CLASSES.tolist(), np.nan))),
        spoiled(["a", "b"] * 12, None),
        spoiled(["a", "b"] * 12, np.nan),
        np.array(spoiled(["a", "b"] * 12, None), dtype=object),
        np.ma.array(CLASSES, mask=np.arange(24) == 3),
        np.array(spoiled(["2020"] * 24, "NaT"), dtype="M8[D]"),
    ],
)
@pytest.mark.parametrize("name", OF_WORDS)
def test_a_missing_label_names_its_place(name, labels):
    with pytest.raises(ValueError, match=r"`(y|labels)` must not be missing; found .* at \[3\]"):
        OF_WORDS[name](labels)


@pytest.mark.parametrize("kind", ["Int64", "Float64", "boolean", "string", "category", "str"])
def test_a_missing_label_of_pandas_names_its_place(kind):
    pd = pytest.importorskip("pandas")
    words = kind in ("string", "category", "str")
    labels = pd.Series([*("aab" if words else (1, 1, 0)), None], dtype=kind)
    with pytest.raises(ValueError, match=r"`labels` must not be missing; found .* at \[3\]"):
        as_labels(labels, 4)
    if not words:
        assert label_array(labels, missing=-1).tolist() == [1, 1, 0, -1]


def test_missing_predictions():
    known = tl.NetworkSpace.from_labels([[0, -1, 1], [1, 1, 0]]).labels
    for row in ([0, None, 1], [0, np.nan, 1], np.ma.array([0, 9, 1], mask=[0, 1, 0])):
        found = tl.NetworkSpace.from_labels([row, [1, 1, 0]]).labels
        np.testing.assert_array_equal(found, known)
    with pytest.raises(ValueError, match=r"`y` must not be missing; found nan at \[1\]"):
        tl.NetworkSpace.from_labels([[0, 1]], y=[0, np.nan])


@pytest.mark.parametrize(
    ("labels", "error", "message"),
    [
        ([1, "a"], TypeError, r"all numbers or all text; found 1 at \[0\] and 'a' at \[1\]"),
        ([1j, 2], TypeError, "must hold numbers or text"),
        ([(1, 2), (3, 4)], ValueError, r"must have shape \(2,\), one per sample; found \(2, 2\)"),
        ([1.0, np.inf], ValueError, r"must be finite; found inf at \[1\]"),
        ([2**70, 1], ValueError, r"below 2\*\*63"),
        (np.array([2**63, 1], np.uint64), ValueError, r"below 2\*\*63; found 9223372036854775808"),
        ({0: 1, 1: 2}, TypeError, "found a dict"),
        ({1, 2}, TypeError, "must hold numbers or text"),
        ("ab", ValueError, r"must have shape \(2,\)"),
    ],
)
def test_what_is_no_label(labels, error, message):
    with pytest.raises(error, match=f"`labels` .*{message}"):
        as_labels(labels, 2)


def test_labels_that_are_no_whole_numbers_stay():
    assert as_labels([0.5, 1.0], 2).tolist() == [0.5, 1.0]
    assert as_labels([1e300, 1.0], 2).tolist() == [1e300, 1.0]


def test_classes_of_any_form():
    def classes(wanted: Any, labels: Any = CLASSES) -> list[str]:
        table = tl.analyse(LAYERS, tl.HopBetti(k=4), labels=labels, classes=wanted)
        return list(dict.fromkeys(table["class"].tolist()))

    for wanted in ([1, 0], [1.0, 0.0], ["1", "0"], np.array([1, 0]), tensor(np.array([1, 0]))):
        assert classes(wanted) == ["1", "0"]
        assert classes(wanted, CLASSES.astype(float)) == ["1", "0"]
    assert classes([1], CLASSES + 0.5 * (CLASSES == 0)) == ["1"]
    for wrong in ("1", 1, {1: 0}):
        with pytest.raises(TypeError, match="`classes` must be a sequence of classes"):
            classes(wrong)


def test_rows_are_selected_by_labels_of_any_type():
    table = tl.analyse(LAYERS, tl.HopBetti(k=4), labels=CLASSES)
    wanted = table.select(class_="1")
    assert len(wanted)
    for label in (1, 1.0, np.int8(1), np.float32(1)):
        assert plain(table.select(class_=label)) == plain(wanted)
        assert plain(table.select(class_=[label])) == plain(wanted)
