"""What people pass, as the arrays that the kernels take."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from itertools import chain
from math import prod
from numbers import Integral, Real
from typing import Any

import numpy as np

from topolens import _core

__all__ = [
    "as_array",
    "as_classes",
    "as_image",
    "as_labels",
    "as_points",
    "as_real",
    "as_rng",
    "as_rows",
    "as_values",
    "count_distinct",
    "is_array_like",
    "is_missing",
    "label_array",
    "label_text",
    "rounding",
]

# From 1 to the next number, of the floats that are coarser than float64.
_STEPS = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23}
_LARGEST = 2**53  # up to which every whole number is one of float64
MOST_DEPTH = 64  # of lists within lists; NumPy has no more axes


def as_values(X: Any, name: str = "X") -> np.ndarray:
    """Real numbers of any origin as a float64 array.

    Torch tensors of any device and dtype are detached and moved without
    importing torch; half precision goes through float32.

    Raises
    ------
    TypeError
        If `X` does not hold real numbers.
    """
    array = as_real(X, name)
    return np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape)


def as_image(X: Any, name: str = "image") -> np.ndarray:
    """Real numbers of any origin as an array of float32 or float64 that holds them exactly.

    float32 stays what it is, and so do the strides; smaller types become float32.

    Raises
    ------
    TypeError
        If `X` does not hold real numbers.
    """
    array = as_real(X, name)
    kind, size = array.dtype.kind, array.dtype.itemsize
    single = (kind == "f" and size <= 4) or (kind in "uib" and size <= 2)
    return array.astype(np.float32 if single else np.float64, copy=False)


def as_real(X: Any, name: str = "X") -> np.ndarray:
    """Real numbers of any origin as an array that keeps its type, half precision apart.

    Objects that are numbers, such as nullable columns and `Decimal` hold, become float64, and
    what pandas takes for missing becomes NaN.

    Raises
    ------
    TypeError
        If `X` does not hold real numbers.
    ValueError
        If rows differ in length, entries are masked or a whole number has no equal in float64.
    """
    array = as_array(X, name)
    if array.dtype == object and array.ndim:
        return _of_objects(array, name)
    if array.dtype.kind not in "buif":
        found = f"a {type(X).__name__}" if array.dtype == object else f"dtype {array.dtype}"
        raise TypeError(f"`{name}` must hold real numbers; found {found}")
    if array.dtype.kind in "ui" and array.dtype.itemsize == 8 and array.size:
        least, largest = int(array.min()), int(array.max())
        if max(-least, largest) > _LARGEST:
            _refuse_large(least if -least > largest else largest, name)
    return array


def as_array(X: Any, name: str = "X") -> np.ndarray:
    """Anything that holds an array, or lists of such things, as an array of any type.

    Types of floats that NumPy lacks become float32.

    Raises
    ------
    TypeError
        If `X` is sparse, a mapping, or cannot be read.
    ValueError
        If rows differ in length or entries are masked.
    """
    if hasattr(X, "tocoo"):
        raise TypeError(
            f"`{name}` must be dense; found a {type(X).__name__}: `.toarray()` makes it so, and "
            'only distances, with metric="precomputed", may be sparse'
        )
    if isinstance(X, Mapping):
        found = type(X).__name__
        raise TypeError(f"`{name}` must be one array of numbers; found a {found}: choose an entry")
    if _is_masked(X):
        raise ValueError(f"`{name}` must not have masked entries; found {np.ma.count_masked(X)}")
    if isinstance(X, list | tuple) and _holds_arrays(X, name):
        X = [as_array(part, name) for part in X]
    try:
        array = _read(X, name)
    except ValueError as error:
        raise ValueError(f"`{name}` must be a rectangular array of numbers; {error}") from None
    except (TypeError, RuntimeError, BufferError) as error:
        raise TypeError(f"`{name}` must be an array of numbers; {error}") from None
    ours = array.dtype.kind != "V" or not np.can_cast(array.dtype, np.float32)
    return array if ours else array.astype(np.float32)


def is_array_like(X: Any) -> bool:
    """Tell what holds an array by itself from lists and scalars."""
    protocols = ("__array__", "__array_interface__", "__dlpack__")
    holds = isinstance(X, memoryview) or any(hasattr(X, name) for name in protocols)
    return holds and not isinstance(X, np.generic)


def is_missing(value: Any) -> bool:
    """Whether one value stands for none: None, NaN, NaT, or pandas's NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType", "MaskedConstant"):
        return True
    if isinstance(value, Decimal):  # one that signals is not to be compared
        return value.is_nan()
    numeric = isinstance(value, float | np.floating | np.datetime64)
    return numeric and bool(value != value)


def rounding(X: Any) -> float:
    """Distance from 1 to the next number in the floats that `X` is held in."""
    if not hasattr(X, "dtype") and hasattr(X, "__array__"):
        X = np.asarray(X)
    return _STEPS.get(str(getattr(X, "dtype", "")).rpartition(".")[2], 2.0**-52)


def _is_masked(X: Any) -> bool:
    """Whether any entry is masked; records, which have a mask for each field, are no numbers."""
    mask = np.ma.getmask(X)
    return getattr(mask, "dtype", None) == np.bool_ and bool(np.any(mask))


def _holds_arrays(parts: Any, name: str) -> bool:
    """Whether lists hold what NumPy would not read as it is, or read amiss, such as masks."""
    found = False
    for _ in range(MOST_DEPTH):
        kinds = set(map(type, parts))
        found |= any(map(_is_foreign, kinds))
        lists = tuple(kind for kind in kinds if issubclass(kind, list | tuple))
        if not lists:
            return found
        # Each list once: those that hold themselves several times would grow without end.
        inner = {id(part): part for part in parts if isinstance(part, lists)}
        parts = list(chain.from_iterable(inner.values()))
    raise ValueError(
        f"`{name}` must be a rectangular array of numbers; found lists more than {MOST_DEPTH} deep"
    )


def _is_foreign(kind: type) -> bool:
    if issubclass(kind, np.ndarray):
        return issubclass(kind, np.ma.MaskedArray)
    return not issubclass(kind, np.generic) and (is_array_like(kind) or hasattr(kind, "tocoo"))


def _read(X: Any, name: str) -> np.ndarray:
    if hasattr(X, "detach") and hasattr(X, "resolve_neg"):
        return _of_tensor(X, name)
    if hasattr(X, "__dlpack__") and not hasattr(X, "__array__"):
        return _of_dlpack(X, name)
    return np.asarray(X)


def _of_tensor(X: Any, name: str) -> np.ndarray:
    if X.is_quantized:
        raise TypeError(f"found {X.dtype}: `.dequantize()` makes numbers of it")
    if X.is_nested or str(X.layout) != "torch.strided":
        found = "a nested tensor" if X.is_nested else str(X.layout)
        raise TypeError(f"found {found}: `.to_dense()` or padding makes an array of it")
    tensor = X.detach().cpu().resolve_conj().resolve_neg()
    half = tensor.is_floating_point() and tensor.element_size() < 4
    return (tensor.float() if half else tensor).numpy()


def _of_dlpack(X: Any, name: str) -> np.ndarray:
    try:
        return np.from_dlpack(X)
    except (BufferError, RuntimeError):
        # Of another device, or of floats that NumPy lacks: who made it in torch has torch.
        torch = sys.modules.get("torch")
        if torch is None:
            raise
        return _of_tensor(torch.from_dlpack(X), name)


def _of_objects(array: np.ndarray, name: str) -> np.ndarray:
    """Objects that are numbers, as float64."""
    found = np.empty(array.size)
    for place, value in enumerate(array.ravel().tolist()):
        if isinstance(value, Integral) and abs(value) > _LARGEST:
            _refuse_large(value, name)
        number = isinstance(value, Real | Decimal | np.bool_)
        if not number and (value is None or not is_missing(value)):
            where = [int(i) for i in np.unravel_index(place, array.shape)]
            raise TypeError(f"`{name}` must hold real numbers; found {value!r} at {where}")
        try:
            found[place] = value if number else np.nan
        except (ValueError, OverflowError) as error:  # signaling NaN, fractions beyond floats
            where = [int(i) for i in np.unravel_index(place, array.shape)]
            raise ValueError(f"`{name}` must hold numbers of float64; {error} at {where}") from None
    return found.reshape(array.shape)


def _refuse_large(value: Any, name: str) -> None:
    raise ValueError(f"`{name}` must hold whole numbers up to 2**53; found {value}")


def as_points(X: Any, name: str = "X") -> np.ndarray:
    """Points as finite float64 rows, shape (n, d).

    Raises
    ------
    ValueError
        If `X` is not two-dimensional or holds NaN or infinity.
    TypeError
        If `X` does not hold real numbers.
    """
    return as_values(as_rows(X, name), name)


def as_rows(X: Any, name: str = "X") -> np.ndarray:
    """As `as_points`, of float32 or float64 that holds them exactly: float32 stays what it is."""
    array = as_image(X, name)
    if array.ndim == 1 and array.size == 0:
        return array.reshape(0, 0)
    if array.ndim != 2:
        raise ValueError(f"`{name}` must have shape (n, d); found shape {array.shape}")
    if not np.isfinite(array).all():
        place = np.argwhere(~np.isfinite(array))[0].tolist()
        value = array[tuple(place)]
        raise ValueError(f"`{name}` must be finite; found {value} at {place}")
    return array


def as_labels(y: Any, n: int, name: str = "labels") -> np.ndarray:
    """Labels as a one-dimensional array of length `n`, as `label_array` reads them.

    Raises
    ------
    ValueError
        If the length is not `n` or a label is missing.
    TypeError
        If labels are not all numbers or all text.
    """
    array = label_array(y, name)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (n,):
        raise ValueError(f"`{name}` must have shape ({n},), one per sample; found {array.shape}")
    return array


def as_classes(y: Any, n: int, name: str = "labels") -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct labels, two or more, and the position of each sample's as uint32."""
    classes, codes = np.unique(as_labels(y, n, name), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"`{name}` must have at least two classes; found {len(classes)}: "
            "there is nothing to compare a class with"
        )
    return classes, codes.astype(np.uint32)


def label_array(y: Any, name: str = "labels", *, missing: int | None = None) -> np.ndarray:
    """Labels of any origin and shape: whole numbers as int64, others as floats, bools or text.

    Where there is a number for what is `missing`, it stands for that; otherwise nothing may be.

    Raises
    ------
    ValueError
        If a label is missing or infinite.
    TypeError
        If labels are not all numbers or all text.
    """
    if isinstance(y, list | tuple) and len(set(map(type, y))) > 1 and not _holds_arrays(y, name):
        # As they are: NumPy would take NaN among words for the word "nan".
        y = _as_objects(y, name)
    array = as_array(_unmasked(y), name)
    if array.dtype.kind in "OTM":
        array = _labels_of_objects(array.astype(object), name, missing)
    if array.dtype.kind == "S":
        try:
            array = np.char.decode(array, "utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"`{name}` must hold text in UTF-8; {error}") from None
    if array.dtype.kind not in "buifU":
        raise TypeError(f"`{name}` must hold numbers or text; found dtype {array.dtype}")
    if array.dtype.kind == "f":
        array = _whole_labels(array, name, missing)
    if array.dtype.kind == "u" and array.max(initial=0) > np.iinfo(np.int64).max:
        raise ValueError(f"`{name}` must hold whole numbers below 2**63; found {array.max()}")
    return array.astype(np.int64) if array.dtype.kind in "ui" else array


def label_text(label: Any) -> str:
    """Write one label, whole numbers alike in all types."""
    whole = isinstance(label, float | np.floating) and float(label).is_integer()
    return str(int(label) if whole else label)


def _as_objects(values: Any, name: str) -> np.ndarray:
    try:
        return np.array(values, dtype=object)
    except ValueError as error:
        raise ValueError(f"`{name}` must be one label per sample; {error}") from None


def _unmasked(y: Any) -> Any:
    if not _is_masked(y):
        return y
    return np.where(np.ma.getmaskarray(y), None, y.data.astype(object))


def _labels_of_objects(array: np.ndarray, name: str, missing: int | None) -> np.ndarray:
    """Objects as the one type that they all have."""
    labels = array.ravel().tolist()
    for place, label in enumerate(labels):
        if is_missing(label):
            if missing is None:
                _refuse_missing(label, place, array.shape, name)
            labels[place] = missing
    families = [_family(label, name) for label in labels]
    for place, family in enumerate(families):
        if family is not families[0]:
            raise TypeError(
                f"`{name}` must be all numbers or all text; found {labels[0]!r} at [0] and "
                f"{labels[place]!r} at [{place}]"
            )
    if families and families[0] is not Real:
        return np.array(labels, dtype=families[0]).reshape(array.shape)
    flags = all(isinstance(label, bool | np.bool_) for label in labels)
    whole = all(isinstance(label, Integral | np.bool_) for label in labels)
    try:
        kind = bool if flags and labels else np.int64 if whole else np.float64
        return np.array(labels, dtype=kind).reshape(array.shape)
    except OverflowError as error:
        raise ValueError(f"`{name}` must hold numbers below 2**63; {error}") from None


def _family(label: Any, name: str) -> type:
    if isinstance(label, str | bytes):
        return str if isinstance(label, str) else bytes
    if isinstance(label, Real | Decimal | np.bool_):
        return Real
    raise TypeError(f"`{name}` must hold numbers or text; found {label!r}")


def _whole_labels(array: np.ndarray, name: str, missing: int | None) -> np.ndarray:
    """Return floats that are whole numbers as such."""
    absent = np.isnan(array)
    if missing is None and absent.any():
        _refuse_missing(np.nan, int(np.flatnonzero(absent)[0]), array.shape, name)
    filled = np.where(absent, missing, array) if absent.any() else array
    if np.isinf(filled).any():
        place = int(np.flatnonzero(np.isinf(filled))[0])
        raise ValueError(f"`{name}` must be finite; found {filled.flat[place]} at [{place}]")
    whole = (filled == np.round(filled)).all() and (np.abs(filled) <= _LARGEST).all()
    return filled.astype(np.int64) if whole else filled


def _refuse_missing(value: Any, place: int, shape: tuple[int, ...], name: str) -> None:
    where = [int(i) for i in np.unravel_index(place, shape)]
    where = where[:1] if shape[1:] == (1,) else where
    raise ValueError(
        f"`{name}` must not be missing; found {value!r} at {where}: leave such samples out"
    )


def as_rng(rng: Any) -> np.random.Generator:
    """Return a generator for `rng`: None, an int seed or a numpy Generator."""
    if isinstance(rng, bool) or not (
        rng is None or isinstance(rng, (int, np.integer, np.random.Generator))
    ):
        raise TypeError(f"`rng` must be None, an int or a numpy Generator; found {rng!r}")
    if isinstance(rng, (int, np.integer)) and rng < 0:
        raise ValueError(f"`rng` must be a non-negative seed; found {rng}")
    return np.random.default_rng(rng)


def count_distinct(rows: np.ndarray) -> int:
    """Count distinct rows; -0.0 and 0.0 are the same."""
    flat = rows.reshape(len(rows), prod(rows.shape[1:]))
    single = flat.dtype.kind == "f" and flat.dtype.itemsize <= 4
    return _core.count_distinct(flat.astype(np.float32 if single else np.float64, copy=False))
