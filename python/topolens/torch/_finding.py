"""Where the rows of a layer are: the first tensor in its result with a row for each sample."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence


class Unfit(NamedTuple):
    """Why a layer's result has no row for each sample.

    Attributes
    ----------
    kind : type
        Of the error where the layer was asked for.
    reason : str
        The rule, and what was found.
    way : str
        What the user can do about it.
    """

    kind: type[Exception]
    reason: str
    way: str

    def error(self, layer: str) -> Exception:
        """Return what to raise for a layer that was asked for."""
        return self.kind(f"layer {layer!r} {self.reason}. {self.way}")


def first_fit(value: Any, n: int, place: int = 0) -> Tensor | Unfit:
    """Return the first tensor that is real and dense and has n rows, or what the first lacks.

    Of several such tensors it is the one at a `place`.
    """
    found = list(tensors_in(value))
    if not found:
        return Unfit(
            TypeError,
            f"must give a tensor, or a tuple, dictionary or dataclass with one; "
            f"found {type(value).__name__}",
            "Say with `output` where its tensor is",
        )
    fits = [tensor for tensor in found if _lack(tensor, n) is None]
    return fits[min(place, len(fits) - 1)] if fits else _lack(found[0], n)


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in tuples, lists, mappings (as ModelOutput) and dataclasses, in order."""
    if isinstance(value, Tensor):
        yield value
        return
    if isinstance(value, PackedSequence):  # its other parts say in which order its rows are
        value = (value.data,)
    elif isinstance(value, Mapping):
        value = tuple(value.values())
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = tuple(getattr(value, part.name, None) for part in dataclasses.fields(value))
    for part in value if isinstance(value, tuple | list) else ():
        yield from tensors_in(part)


def _lack(tensor: Tensor, n: int) -> Unfit | None:
    if tensor.is_complex():
        way = "Take a real part with `output`"
        return Unfit(TypeError, f"must be real; found {tensor.dtype}", way)
    if tensor.is_nested or tensor.layout != torch.strided:
        found = "nested" if tensor.is_nested else tensor.layout
        return Unfit(
            TypeError, f"must give a dense tensor; found {found}", "Make one with `output`"
        )
    if tensor.ndim == 0 or len(tensor) != n:
        return Unfit(
            ValueError,
            f"must have the batch ({n} samples) on its first axis; "
            f"found shape {tuple(tensor.shape)}",
            "Leave it out with `layers` or move the axis with `output`",
        )
    return None


def version(tensor: Tensor) -> int:
    """Return a number that grows when the tensor is overwritten."""
    return 0 if tensor.is_inference() else tensor._version
