"""The arrays of a recording, while one batch after the other fills them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from topolens._calls import caller_level
from topolens.torch._dependence import advice, change, some_features, spacing

if TYPE_CHECKING:
    from torch import Tensor

    from topolens.torch._forward import ForwardPass, Keep
    from topolens.torch._reading import Reading


class Layer(NamedTuple):
    """What two samples tell of a layer.

    Attributes
    ----------
    shape : tuple of int
        Of its tensor, samples first.
    width : int
        Features of a row.
    averaged : str
        What was averaged for it, in words.
    axis : int
        That of the channels.
    precision : float
        Relative spacing of its numbers.
    rows : Tensor of shape (2, some features)
    """

    shape: tuple[int, ...]
    width: int
    averaged: str
    axis: int
    precision: float
    rows: Tensor


def look_at(reading: Reading, layer: str, tensor: Tensor, tokens: Tensor | None) -> Layer:
    """Learn what there is to know of a layer before its array is made."""
    rows = reading.rows(layer, tensor, tokens)
    return Layer(
        shape=tuple(tensor.shape),
        width=rows.shape[1],
        averaged=reading.averaged(layer, tensor, tokens),
        axis=reading.axis(layer, tensor.ndim),
        precision=spacing(tensor.dtype, tensor.device),
        rows=some_features(rows).to("cpu", torch.float32, copy=True),
    )


class Filling:
    """The arrays of layers, without those that turn out to have no row for each sample.

    Parameters
    ----------
    layers : mapping of str to Layer
    reading : Reading
    n : int
        Number of samples.
    by_name : bool
        All layers were asked for, so none is left out without an error.
    precision : float
        Relative spacing of the numbers that the model computes with.
    """

    def __init__(
        self,
        layers: Mapping[str, Layer],
        reading: Reading,
        n: int,
        *,
        by_name: bool,
        precision: float,
    ) -> None:
        self.arrays = {
            name: np.empty((n, layer.width), np.float32) for name, layer in layers.items()
        }
        self.skipped: dict[str, str] = {}
        self._varying: set[str] = set()
        self._layers, self._reading, self._by_name = layers, reading, by_name
        self._precision = max([precision, *(layer.precision for layer in layers.values())])

    def writer(self, chosen: slice) -> Keep:
        """Return what writes the rows of a batch straight to their place."""

        def write(name: str, tensor: Tensor, tokens: Tensor | None) -> None:
            if name in self.arrays:
                rows = self._reading.rows(name, tensor, tokens)
                if tuple(tensor.shape[1:]) != self._layers[name].shape[1:]:
                    self._varying.add(name)
                if self._is_as_before(name, tensor, rows):
                    torch.from_numpy(self.arrays[name][chosen]).copy_(rows)

        return write

    def check(self, chosen: slice, found: ForwardPass) -> None:
        """Check that a batch has shown the layers of the first two samples, and their rows."""
        if self._by_name and list(found.kept) != list(self.arrays):
            different = sorted(set(found.kept) ^ set(self.arrays)) or list(found.kept)
            raise ValueError(
                f"every batch must call the same layers in the same order; it differs in "
                f"{', '.join(different)}"
            )
        for name, reason in found.skipped.items():
            self._leave_out(name, reason)
        missing = [name for name in self.arrays if name not in found.kept]
        added = [name for name in found.kept if name not in self._layers]
        for name in missing + added:
            self._leave_out(name, "must be called with every batch; found one without")
        if chosen.start == 0:
            self._warn_of_dependence(chosen)

    def averaged(self) -> dict[str, str]:
        """Say in words what was averaged for the rows of each layer."""
        said = {name: self._layers[name].averaged for name in self.arrays}
        for name in self._varying & {name for name in said if said[name][:1].isdigit()}:
            said[name] = f"all {said[name].rpartition(' ')[2]}"  # of more or of less in each batch
        return said

    def _warn_of_dependence(self, chosen: slice) -> None:
        """Compare two samples that were run before with the same in the first batch."""
        for name, array in self.arrays.items():
            if change(self._layers[name].rows, array[chosen]) > self._precision**0.5:
                text = advice(name, chosen.stop)
                warnings.warn(text, UserWarning, stacklevel=caller_level())
                return

    def _is_as_before(self, name: str, tensor: Tensor, rows: Tensor) -> bool:
        before, now = self._layers[name], tuple(tensor.shape)
        if rows.shape[1] == before.width:
            return True
        if before.shape == (before.shape[0],) * 2 and now == (now[0],) * 2 and not self._by_name:
            self._leave_out(name, "must have columns of its own; found one for each sample")
            return False
        raise ValueError(
            f"layer {name!r} must have the same shape in all batches; found {before.shape[1:]} "
            f"and {now[1:]} per sample. Pad the samples to one length, or reduce them by "
            f'"mean", "cls" or "last"'
        )

    def _leave_out(self, name: str, reason: str) -> None:
        self.skipped.setdefault(name, reason)
        self.arrays.pop(name, None)
