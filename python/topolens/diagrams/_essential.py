"""What becomes of essential classes, where only finite bars have a meaning."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from topolens._calls import as_number
from topolens.diagrams._reading import DiagramLike, as_diagram

# None, "drop", or the value at which essential classes end.
Essential = Literal["drop"] | float | None


def check_essential(essential: Any) -> Essential:
    """Read the rule for essential classes."""
    if essential is None:
        return None
    if isinstance(essential, str):
        if essential != "drop":
            raise ValueError(f'`essential` must be None, "drop" or a number; found {essential!r}')
        return "drop"
    value = as_number(essential, "essential")
    if not math.isfinite(value):
        raise ValueError(f"`essential` must be finite; found {value}")
    return value


def as_finite_diagram(
    dgm: DiagramLike, essential: Essential, name: str = "dgm", *, degree: int | None = None
) -> np.ndarray:
    """Read one diagram, without infinite births and deaths."""
    return end_essential(as_diagram(dgm, name, degree=degree), check_essential(essential), name)


def end_essential(bars: np.ndarray, essential: Essential, name: str) -> np.ndarray:
    """Apply the rule to bars that have been read."""
    infinite = np.isinf(bars).any(axis=1)
    if not infinite.any():
        return bars
    if essential == "drop":
        return bars[~infinite]
    if essential is None:
        count = int(infinite.sum())
        raise ValueError(
            f"`{name}` must have finite bars here; found {count} essential "
            f'class{"es" if count > 1 else ""}: leave them out by `essential="drop"`, or end '
            "them at a value by `essential=value`"
        )
    unborn = np.isinf(bars[:, 0])
    if unborn.any():
        place = int(np.argmax(unborn))
        raise ValueError(
            f"`{name}` must have finite births where essential classes end at a value; "
            f"found {bars[place].tolist()} at [{place}]"
        )
    late = infinite & (bars[:, 0] > float(essential))
    if late.any():
        birth = bars[late, 0].max()
        raise ValueError(
            f"`essential` must be at least the births of the essential classes of `{name}`, "
            f"up to {birth:g}; found {essential:g}"
        )
    ended = bars.copy()
    ended[infinite, 1] = essential
    return ended
