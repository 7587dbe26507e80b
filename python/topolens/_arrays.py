"""What people pass, as the arrays that the kernels take."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from topolens import _core

__all__ = [
    "as_image",
    "as_labels",
    "as_points",
    "as_real",
    "as_rng",
    "as_values",
    "count_distinct",
    "rounding",
]

# From 1 to the next number, of the floats that are coarser than float64.
_STEPS = {"bfloat16": 2.0**-7, "float16": 2.0**-10, "float32": 2.0**-23}


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

    Raises
    ------
    TypeError
        If `X` does not hold real numbers.
    ValueError
        If rows differ in length, entries are masked or a whole number has no equal in float64.
    """
    if hasattr(X, "tocoo"):
        raise TypeError(f'`{name}` may be sparse only with metric="precomputed"')
    if isinstance(X, Mapping):
        found = type(X).__name__
        raise TypeError(f"`{name}` must be one array of numbers; found a {found}: choose an entry")
    if np.ma.is_masked(X):
        raise ValueError(f"`{name}` must not have masked entries; found {np.ma.count_masked(X)}")
    try:
        array = np.asarray(_off_device(X))
    except ValueError as error:
        raise ValueError(f"`{name}` must be a rectangular array of numbers; {error}") from None
    except (TypeError, RuntimeError) as error:
        raise TypeError(f"`{name}` must be an array of numbers; {error}") from None
    if array.dtype.kind not in "buif":
        raise TypeError(f"`{name}` must hold real numbers; found dtype {array.dtype}")
    if array.dtype.kind in "ui" and array.dtype.itemsize == 8 and array.size:
        least, largest = int(array.min()), int(array.max())
        if max(-least, largest) > 2**53:
            found = least if -least > largest else largest
            raise ValueError(f"`{name}` must hold whole numbers up to 2**53; found {found}")
    return array


def rounding(X: Any) -> float:
    """Distance from 1 to the next number in the floats that `X` is held in."""
    if not hasattr(X, "dtype") and hasattr(X, "__array__"):
        X = np.asarray(X)
    return _STEPS.get(str(getattr(X, "dtype", "")).rpartition(".")[2], 2.0**-52)


def _off_device(X: Any) -> Any:
    if not (hasattr(X, "detach") and hasattr(X, "cpu")):
        return X
    tensor = X.detach().cpu()
    half = tensor.is_floating_point() and tensor.element_size() < 4
    return (tensor.float() if half else tensor).numpy()


def as_points(X: Any, name: str = "X") -> np.ndarray:
    """Points as finite float64 rows, shape (n, d).

    Raises
    ------
    ValueError
        If `X` is not two-dimensional or holds NaN or infinity.
    TypeError
        If `X` does not hold real numbers.
    """
    array = as_values(X, name)
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
    """Labels as a one-dimensional array of length `n`, whole numbers as int64.

    Raises
    ------
    ValueError
        If the length is not `n` or a label is NaN.
    """
    if hasattr(y, "detach") and hasattr(y, "cpu"):
        y = y.detach().cpu().numpy()
    array = np.asarray(y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.shape != (n,):
        raise ValueError(f"`{name}` must have shape ({n},), one per sample; found {array.shape}")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            place = int(np.flatnonzero(~np.isfinite(array))[0])
            raise ValueError(f"`{name}` must be finite; found {array[place]} at [{place}]")
        if (array == np.round(array)).all():
            array = array.astype(np.int64)
    return array


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
