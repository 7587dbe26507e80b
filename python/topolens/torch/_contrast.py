"""Whether an untrained control is one: other than the model, and with samples apart."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from topolens._calls import caller_level

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from topolens.layers._recording import Recording

ROWS = 256  # samples by which two recordings are compared
COLLAPSED = 1e-4  # share of the model's spread below which a control shows nothing
ROUNDING = 1e-6
SO_FROM_THE_START = "Its constructor makes it so: compare with the control in earlier layers only"
DRAWN_OTHERWISE = (
    "The model was probably initialised in another way than its modules draw their weights. Pass "
    "`untrained=`, a function that makes a fresh model as yours was made"
)


def check_control(trained: Recording, control: Recording, *, constructed: bool) -> None:
    """Refuse a control that is the model itself, and warn of one in which samples coincide.

    A control that is `constructed` as such models are is not to blame for it.
    """
    layers = [layer for layer in trained if layer != "input"]
    if list(control) != list(trained):
        raise ValueError(
            f"the untrained control must have the layers of the recording; found "
            f"{', '.join(control)} for {', '.join(trained)}. Construct it as the model was"
        )
    for layer in layers:
        if control[layer].shape != trained[layer].shape:
            raise ValueError(
                f"the untrained control must give layers of the same size; layer {layer!r} has "
                f"{control[layer].shape[1]} features, and {trained[layer].shape[1]} in the model. "
                f"Construct it as the model was"
            )
    if layers and all(_same(trained[layer], control[layer]) for layer in layers):
        raise ValueError(
            "the untrained control must differ from the model; every layer gives the same. Its "
            "weights may be no parameters of its modules, or were loaded. Pass `untrained=`, a "
            "function that makes a fresh model without loading weights"
        )
    for layer in layers:
        if found := _collapse(_some(trained[layer]), _some(control[layer])):
            warnings.warn(
                f"the untrained control shows nothing from layer {layer!r} on: {found}. "
                f"{SO_FROM_THE_START if constructed else DRAWN_OTHERWISE}",
                UserWarning,
                stacklevel=caller_level(),
            )
            return


def spread(rows: NDArray) -> float:
    """Return the mean distance to the centre over the mean length of rows; 0 if all are zero."""
    wide = rows.astype(np.float64)
    length = np.linalg.norm(wide, axis=1).mean()
    return np.linalg.norm(wide - wide.mean(axis=0), axis=1).mean() / length if length else 0.0


def _collapse(trained: NDArray, control: NDArray) -> str | None:
    if not np.isfinite(control).all():
        return "its values are not finite" if np.isfinite(trained).all() else None
    ours, theirs = spread(trained), spread(control)
    if not ours or theirs >= COLLAPSED * ours:
        return None
    if (control == control[0]).all():
        return "all samples give one row"
    return f"the relative spread of its rows is {theirs:.1e}, that of the model {ours:.1e}"


def _same(trained: NDArray, control: NDArray) -> bool:
    ours, theirs = _some(trained), _some(control)
    rounding = ROUNDING * np.nanmax(np.abs(ours), initial=0)
    return np.allclose(ours, theirs, rtol=0, atol=rounding, equal_nan=True)


def _some(rows: NDArray) -> NDArray:
    """Return rows evenly over the recording."""
    places = np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).round().astype(int)
    return rows[places]
