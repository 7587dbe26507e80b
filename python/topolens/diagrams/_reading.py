"""Persistence diagrams of any origin, as arrays of one shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import MOST_DEPTH, as_values
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
    "an array of shape (k, 2), rows (birth, death, degree), a result with `dgms`, a table with the "
    "columns birth and death, a list of arrays, one a degree, or a list of (degree, (birth, death))"
)
# What a list is by what stands in it; all that is deeper holds several spaces.
LISTS = {
    "number": "bar",
    "bar": "diagram",
    "bar with its degree": "bars of all degrees",
    "diagram": "degrees",
}
MOST_DEGREES = 256


def as_diagram(dgm: DiagramLike, name: str = "dgm", *, degree: int | None = None) -> np.ndarray:
    """Read one persistence diagram.

    Parameters
    ----------
    dgm : array_like, shape (k, 2), or diagrams of several degrees
        Rows (birth, death) from anywhere, or a table with these columns; empty in any shape,
        such as ``[]``. Diagrams of several degrees are those of :func:`as_diagrams`.
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
    several, others = _by_degree(dgm, name)
    if others == "alike":
        return _checked(several[0], name)
    if chosen is None:
        if len(several) != 1:
            raise ValueError(
                f"`{name}` must be the diagram of one degree, or `degree` must say which; "
                f"found diagrams of {len(several)} degrees"
            )
        chosen = 0
    if chosen < len(several):
        return _checked(several[chosen], f"{name}[{chosen}]")
    if others == "empty":
        return np.empty((0, 2))
    raise ValueError(
        f"`degree` must be below the number of degrees in `{name}`, {len(several)}; found {degree}"
    )


def as_diagrams(dgms: DiagramLike, name: str = "dgms") -> list[np.ndarray]:
    """Read the persistence diagrams of all degrees of one space.

    Parameters
    ----------
    dgms : result with `dgms`, list of array_like (k, 2), or bars with their degrees
        A list of arrays is what ripser and persim use (also inside of ripser's dictionary). Bars
        have their degrees in gudhi's list of (degree, (birth, death)), in giotto's rows (birth,
        death, degree), where those without length are padding, and in a table with a column
        degree or dimension. One array of shape (k, 2) is taken for degree 0.
    name : str
        What messages call it.

    Returns
    -------
    list of ndarray of float64, shape (k, 2)
        One array a degree, each as :func:`as_diagram` returns it.
    """
    several, others = _by_degree(dgms, name)
    if others == "alike":
        return [_checked(several[0], name)]
    return [_checked(rows, f"{name}[{degree}]") for degree, rows in enumerate(several)]


def as_list_of_diagrams(
    dgms: Any, name: str = "dgms", *, degree: int | None = None
) -> list[np.ndarray]:
    """Read the diagrams of many spaces: an iterable of what :func:`as_diagram` takes."""
    spaces = as_list_of_spaces(dgms, name)
    return [as_diagram(dgm, f"{name}[{i}]", degree=degree) for i, dgm in enumerate(spaces)]


def as_list_of_spaces(dgms: Any, name: str = "dgms") -> list[Any]:
    """List what stands for the diagrams of each of many spaces, before they are read."""
    kind = _kind(dgms)
    if kind == "unknown" and isinstance(dgms, Iterable):
        dgms = list(dgms)
        kind = _kind(dgms)
    if kind in ("number", "result", "unknown"):
        raise TypeError(f"`{name}` must be a list of diagrams; found {type(dgms).__name__}")
    if isinstance(dgms, Sequence) and not len(dgms):
        return []
    if kind not in ("degrees", "spaces"):
        raise ValueError(f"`{name}` must be a list of diagrams; found one diagram")
    return list(_unboxed(dgms))


def is_superlevel(dgms: Any) -> bool:
    """Tell a result of superlevel sets, whose classes are born at high values."""
    return not getattr(dgms, "sublevel", True)


def _by_degree(dgms: Any, name: str) -> tuple[list[np.ndarray], str]:
    """Rows of each degree, and what further degrees are: "empty", "unknown" or all "alike"."""
    dgms, kind = _unboxed(dgms), _kind(dgms)
    if kind == "spaces":
        raise ValueError(
            f"`{name}` must be the diagrams of one space; found a list of {len(dgms)}: choose one"
        )
    if kind in ("number", "unknown"):
        raise TypeError(f"`{name}` must be {FORMS}; found {type(dgms).__name__}")
    if _is_table(dgms):
        several, others = _of_table(dgms, name)
    elif kind == "result":
        several, others = _of_result(dgms, name), "unknown"
    elif kind == "degrees":
        several, others = [_as_rows(d, f"{name}[{i}]") for i, d in enumerate(dgms)], "unknown"
    elif kind == "bars of all degrees":
        several, others = _split(*_with_degrees(dgms, name), name), "empty"
    else:
        several, others = [_as_rows(dgms, name)], "alike"
    # Where no degree is told, all are empty.
    return (several, others) if several else ([np.empty((0, 2))], "alike")


def _kind(thing: Any, depth: int = 0) -> str:
    """Tell a bar, a diagram, diagrams by degree and those of several spaces by their depth."""
    thing = _unboxed(thing)
    if (
        hasattr(thing, "dgms")
        or isinstance(thing, Mapping)
        or {"birth", "death"} <= _columns(thing)
    ):
        return "result"
    shape = getattr(thing, "shape", None)
    if shape is not None:
        return _kind_of_array(shape)
    if not isinstance(thing, Sequence) or isinstance(thing, (str, bytes)):
        return "number" if np.isscalar(thing) else "unknown"
    if not len(thing):
        return "diagram"
    if depth == MOST_DEPTH:  # lists may hold themselves
        return "unknown"
    within = _kind(next(filter(_is_filled, thing), thing[0]), depth + 1)
    is_bar = len(thing) == 2 and within == "number" and _kind(thing[1], depth + 1) == "bar"
    if is_bar or (len(thing) == 3 and within == "number"):
        return "bar with its degree"
    return "unknown" if within == "unknown" else LISTS.get(within, "spaces")


def _kind_of_array(shape: Sequence[int]) -> str:
    axes = len(shape)
    if axes == 0:
        return "number"
    if 0 in shape:
        kind, deeper = "diagram", axes - 2
    else:
        kind, deeper = ("bar with its degree" if shape[-1] == 3 else "bar"), axes - 1
    for _ in range(deeper):
        kind = LISTS.get(kind, "spaces")
    return kind


def _is_filled(thing: Any) -> bool:
    """Tell what holds anything: what is empty does not say how deep it is."""
    shape = getattr(thing, "shape", None)
    if shape is not None:
        return 0 not in shape
    return not isinstance(thing, Sequence) or len(thing) > 0


def _unboxed(thing: Any) -> Any:
    """Return arrays of objects, in which arrays of any lengths are kept, as nested lists."""
    boxed = getattr(getattr(thing, "dtype", None), "kind", "") == "O"
    return thing.tolist() if boxed else thing


def _columns(thing: Any) -> set[Any]:
    """Name the columns of a table: a data frame, or a dictionary of columns."""
    columns = thing if isinstance(thing, Mapping) else getattr(thing, "columns", ())
    return set(columns) if isinstance(columns, Iterable) else set()


def _is_table(thing: Any) -> bool:
    return {"birth", "death"} <= _columns(thing)


def _of_result(result: Any, name: str) -> list[np.ndarray]:
    if isinstance(result, Mapping):
        if result and "dgms" not in result:
            raise TypeError(f"`{name}` must be {FORMS}; found a dictionary without 'dgms'")
        dgms = result.get("dgms", [])
    else:
        dgms = result.dgms
    try:
        dgms = list(dgms)
    except TypeError:
        found = type(dgms).__name__
        raise TypeError(
            f"`{name}` must have a list of arrays in `dgms`; found a {found} there"
        ) from None
    several = [_as_rows(dgm, f"{name}[{degree}]") for degree, dgm in enumerate(dgms)]
    # [birth, death) of -f; a difference leaves no negative zero.
    return [0.0 - rows for rows in several] if is_superlevel(result) else several


def _of_table(table: Any, name: str) -> tuple[list[np.ndarray], str]:
    births, deaths = (as_values(table[end], f"{name}[{end!r}]") for end in ("birth", "death"))
    named = [column for column in ("degree", "dimension") if column in _columns(table)]
    degrees = [as_values(table[column], f"{name}[{column!r}]") for column in named[:1]]
    shapes = {column.shape for column in (births, deaths, *degrees)}
    if len(shapes) > 1 or births.ndim != 1:
        raise ValueError(f"`{name}` must have columns of one length; found {sorted(shapes)}")
    rows = np.column_stack([births, deaths])
    return (_split(rows, degrees[0], name), "empty") if degrees else ([rows], "alike")


def _with_degrees(bars: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows (birth, death) and their degrees, from giotto's rows of three or gudhi's pairs."""
    if not isinstance(bars, Sequence) or len(bars[0]) == 3:
        rows = as_values(bars, name)
        # Giotto fills stacks up with rows of no length.
        rows = rows[~(np.isfinite(rows[:, 0]) & (rows[:, 0] == rows[:, 1]))]
        return rows[:, :2], rows[:, 2]
    degrees, pairs = [], []
    for place, entry in enumerate(bars):
        try:
            degree, (birth, death) = entry
        except (TypeError, ValueError):
            raise ValueError(
                f"`{name}` must hold (degree, (birth, death)) throughout; found {entry!r} "
                f"at [{place}]"
            ) from None
        degrees.append(degree)
        pairs.append((birth, death))
    return _as_rows(pairs, name), as_values(degrees, name)


def _split(rows: np.ndarray, degrees: np.ndarray, name: str) -> list[np.ndarray]:
    known = (degrees >= 0) & (degrees < MOST_DEGREES) & (degrees == np.floor(degrees))
    if not known.all():
        place = int(np.argmin(known))
        raise ValueError(
            f"`{name}` must have degrees that are whole numbers from 0 to {MOST_DEGREES - 1}; "
            f"found {degrees[place]:g} at [{place}]"
        )
    return [rows[degrees == degree] for degree in range(int(degrees.max(initial=-1)) + 1)]


def _as_rows(dgm: Any, name: str) -> np.ndarray:
    array = as_values(_unboxed(dgm), name)
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
