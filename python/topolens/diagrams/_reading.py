"""Persistence diagrams of any origin, as arrays of one shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_values
from topolens._calls import as_count


class HasDiagrams(Protocol):
    """A result with the diagrams of all degrees."""

    @property
    def dgms(self) -> Sequence[np.ndarray]:
        """Rows (birth, death) of each degree."""
        ...


# What `as_diagram` and `as_diagrams` read.
DiagramLike: TypeAlias = (
    ArrayLike
    | HasDiagrams
    | Sequence[ArrayLike]
    | Sequence[tuple[int, tuple[float, float]]]
    | Mapping[str, Any]
)
FORMS = (
    "an array of shape (k, 2), a result with `dgms`, a list of such arrays, one a degree, "
    "or a list of (degree, (birth, death))"
)


def as_diagram(dgm: DiagramLike, name: str = "dgm", *, degree: int | None = None) -> np.ndarray:
    """Read one persistence diagram.

    Parameters
    ----------
    dgm : array_like, shape (k, 2), or diagrams of several degrees
        Rows (birth, death) from anywhere; empty in any shape, such as ``[]``. Diagrams of
        several degrees are those of :func:`as_diagrams`.
    name : str
        What messages call it.
    degree : int, optional
        The degree to take where there are several; one array is taken as it is.

    Returns
    -------
    ndarray of float64, shape (k, 2)
        Contiguous, in the order given; births from -inf and below inf, deaths above -inf and up
        to inf, ``birth <= death``. Superlevel results are negated, so that this holds for them.

    Raises
    ------
    ValueError
        If a value is NaN, a birth is after its death, a class is never born, the shape is
        wrong, or there are several degrees and none is chosen.
    TypeError
        If it does not hold real numbers.
    """
    chosen = None if degree is None else as_count(degree, "degree")
    several = _degrees_of(dgm, name)
    if several is None:
        return _checked(_as_rows(dgm, name), name)
    if chosen is None:
        if len(several) != 1:
            raise ValueError(
                f"`{name}` must be the diagram of one degree, or `degree` must say which; "
                f"found diagrams of {len(several)} degrees"
            )
        chosen = 0
    if chosen >= len(several):
        # A list of (degree, bar) does not tell empty degrees at its end.
        if _is_gudhi_list(dgm):
            return np.empty((0, 2))
        raise ValueError(
            f"`degree` must be below the number of degrees in `{name}`, {len(several)}; "
            f"found {degree}"
        )
    return _checked(several[chosen], f"{name}[{chosen}]")


def as_diagrams(dgms: DiagramLike, name: str = "dgms") -> list[np.ndarray]:
    """Read the persistence diagrams of all degrees of one space.

    Parameters
    ----------
    dgms : result with `dgms`, list of array_like (k, 2), or list of (degree, (birth, death))
        The second is what ripser and persim use (also inside of ripser's dictionary), the last
        what gudhi returns. One array of shape (k, 2) is taken for degree 0.
    name : str
        What messages call it.

    Returns
    -------
    list of ndarray of float64, shape (k, 2)
        One array a degree, each as :func:`as_diagram` returns it.
    """
    several = _degrees_of(dgms, name)
    if several is None:
        return [_checked(_as_rows(dgms, name), name)]
    return [_checked(rows, f"{name}[{degree}]") for degree, rows in enumerate(several)]


def as_list_of_diagrams(
    dgms: Any, name: str = "dgms", *, degree: int | None = None
) -> list[np.ndarray]:
    """Read the diagrams of many spaces: an iterable of what :func:`as_diagram` takes."""
    if isinstance(dgms, (str, bytes, Mapping)) or hasattr(dgms, "dgms"):
        raise TypeError(f"`{name}` must be a list of diagrams; found {type(dgms).__name__}")
    if not isinstance(dgms, Iterable):
        raise TypeError(f"`{name}` must be a list of diagrams; found {type(dgms).__name__}")
    dgms = _unboxed(dgms)
    if getattr(dgms, "ndim", 3) < 3 or _is_bar_list(dgms) or _is_gudhi_list(dgms):
        raise ValueError(f"`{name}` must be a list of diagrams; found one diagram")
    return [as_diagram(dgm, f"{name}[{i}]", degree=degree) for i, dgm in enumerate(dgms)]


def _degrees_of(dgms: Any, name: str) -> list[np.ndarray] | None:
    """Rows of each degree; None for what can only be one array."""
    dgms = _unboxed(dgms)
    if isinstance(dgms, Mapping):
        if "dgms" not in dgms:
            raise TypeError(f"`{name}` must be {FORMS}; found a dictionary without 'dgms'")
        return _degrees_of(list(dgms["dgms"]), name)
    if hasattr(dgms, "dgms"):
        # With superlevel sets classes are born at high values: [birth, death) of -f.
        sign = 1.0 if getattr(dgms, "sublevel", True) else -1.0
        return [sign * _as_rows(dgm, f"{name}[{d}]") for d, dgm in enumerate(dgms.dgms)]
    if isinstance(dgms, (str, bytes)) or not isinstance(dgms, Iterable):
        raise TypeError(f"`{name}` must be {FORMS}; found {type(dgms).__name__}")
    if getattr(dgms, "ndim", None) in (1, 2) or not isinstance(dgms, (Sequence, np.ndarray)):
        return None
    if _is_gudhi_list(dgms):
        return _split_by_degree(dgms, name)
    if not len(dgms) or _is_bar_list(dgms):
        return None
    return [_as_rows(dgm, f"{name}[{degree}]") for degree, dgm in enumerate(dgms)]


def _unboxed(dgms: Any) -> Any:
    """Return an array of objects, in which arrays of different lengths are kept, as a list."""
    boxed = isinstance(dgms, np.ndarray) and dgms.dtype == object and dgms.ndim == 1
    return dgms.tolist() if boxed else dgms


def _is_gudhi_list(dgms: Any) -> bool:
    """Tell whether it begins like [(degree, (birth, death)), ...]."""
    if not isinstance(dgms, Sequence) or isinstance(dgms, (str, bytes)) or not len(dgms):
        return False
    first = dgms[0]
    return (
        isinstance(first, Sequence)
        and not isinstance(first, (str, bytes))
        and len(first) == 2
        and np.ndim(first[0]) == 0
        and np.ndim(first[1]) == 1
    )


def _is_bar_list(dgms: Any) -> bool:
    """Tell whether it begins like [(birth, death), ...]."""
    if not isinstance(dgms, Sequence) or isinstance(dgms, (str, bytes)) or not len(dgms):
        return False
    first = dgms[0]
    if hasattr(first, "dgms") or isinstance(first, (str, bytes, Mapping)):
        return False
    shape = getattr(first, "shape", None)
    if shape is not None:
        # A list of empty arrays of shape (0,) is one of empty diagrams.
        return len(shape) == 0 or (len(shape) == 1 and shape[0] != 0)
    if not isinstance(first, Sequence):
        return True
    return len(first) > 0 and np.ndim(first[0]) == 0


def _split_by_degree(bars: Sequence[Any], name: str) -> list[np.ndarray]:
    degrees, rows = [], []
    for place, entry in enumerate(bars):
        try:
            degree, (birth, death) = entry
        except (TypeError, ValueError):
            raise ValueError(
                f"`{name}` must hold (degree, (birth, death)) throughout; found {entry!r} "
                f"at [{place}]"
            ) from None
        degrees.append(as_count(degree, f"{name}[{place}]"))
        rows.append((birth, death))
    array, of_degree = _as_rows(rows, name), np.array(degrees)
    return [array[of_degree == degree] for degree in range(max(degrees) + 1)]


def _as_rows(dgm: Any, name: str) -> np.ndarray:
    array = as_values(dgm, name)
    if array.ndim in (1, 2) and len(array) == 0:
        return np.empty((0, 2))
    if array.ndim != 2 or array.shape[1] != 2:
        raise ValueError(
            f"`{name}` must have shape (k, 2), rows of birth and death; found shape {array.shape}"
        )
    return array


def _checked(rows: np.ndarray, name: str) -> np.ndarray:
    births, deaths = rows[:, 0], rows[:, 1]
    broken = {
        "hold numbers": np.isnan(rows).any(axis=1),
        "be born before inf": births == np.inf,
        "die after -inf": deaths == -np.inf,
        "have birth <= death (negate the diagrams of superlevel sets)": births > deaths,
    }
    for rule, found in broken.items():
        if found.any():
            place = int(np.argmax(found))
            raise ValueError(f"`{name}` must {rule}; found {rows[place].tolist()} at [{place}]")
    return np.ascontiguousarray(rows)
