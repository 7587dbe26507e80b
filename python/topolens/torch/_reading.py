"""From what a layer gives out to one row of numbers per sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import prod
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    Output = Callable[[str, Any], Tensor] | Mapping[str, Callable[[Any], Tensor]] | None
    Reduction = Literal["flatten", "mean", "cls", "last"] | Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Reading:
    """How a layer's result is read: where its tensor is and how that becomes rows.

    Attributes
    ----------
    output : callable, mapping or None
        Finds the tensor in a layer's result, as in `topolens.record`.
    reduce : str, callable or mapping
        Makes a row of every sample, as in `topolens.record`.
    """

    output: Output = None
    reduce: Reduction | Mapping[str, Reduction] = "flatten"

    def __post_init__(self) -> None:
        if not (self.output is None or isinstance(self.output, Mapping) or callable(self.output)):
            raise TypeError(f"`output` must be a callable or a dictionary; found {self.output!r}")
        named = self.reduce if isinstance(self.reduce, Mapping) else {"": self.reduce}
        for reduction in named.values():
            if not (callable(reduction) or reduction in REDUCTIONS):
                raise ValueError(
                    f"`reduce` must be {', '.join(map(repr, REDUCTIONS))}, a callable or a "
                    f"dictionary of them; found {reduction!r}"
                )

    def find_tensor(self, layer: str, value: Any) -> Tensor | None:
        """Return the tensor in a layer's result, None if there is none."""
        with _naming(layer, "output"):
            if callable(self.output):
                value = self.output(layer, value)
            elif self.output and (find := _look_up(self.output, layer)):
                value = find(value)
        return _first_tensor(value)

    def rows(self, layer: str, tensor: Tensor, tokens: Tensor | None = None) -> NDArray[np.float32]:
        """Copy a layer's tensor to an array of shape (n, features).

        Where it has the axes of `tokens`, (n, tokens), only those that are True there count.
        """
        # After its layer has returned, a tensor may be overwritten, as by an in-place ReLU.
        rows = self._reduced(layer, tensor.detach().to(torch.float32), tokens)
        return _flatten(rows).to("cpu", copy=True).numpy()

    def _reduced(self, layer: str, tensor: Tensor, tokens: Tensor | None) -> Tensor:
        reduction = self.reduce
        if isinstance(reduction, Mapping):
            reduction = _look_up(reduction, layer) or "flatten"
        if not callable(reduction):
            if reduction in ("cls", "last") and tensor.ndim > 3:
                raise ValueError(
                    f"`reduce={reduction!r}` needs layer {layer!r} in shape (n, tokens, features); "
                    f"found {tuple(tensor.shape)}"
                )
            if tensor.ndim == 3 and tokens is not None and tensor.shape[:2] == tokens.shape:
                return REDUCTIONS[reduction](tensor, tokens.to(tensor.device))
            return REDUCTIONS[reduction](tensor, None)
        with _naming(layer, "reduce"):
            rows = reduction(tensor)
        if not isinstance(rows, Tensor) or rows.ndim == 0 or len(rows) != len(tensor):
            shape = tuple(rows.shape) if isinstance(rows, Tensor) else type(rows).__name__
            raise ValueError(
                f"`reduce` must give layer {layer!r} a tensor with {len(tensor)} rows; "
                f"found {shape}"
            )
        return rows.to(torch.float32)

    def check_names(self, layers: Iterable[str]) -> None:
        """Refuse names in `output` and `reduce` that fit no layer."""
        read = dict.fromkeys([*layers, "output"])  # predictions are always read off the output
        for argument, named in (("output", self.output), ("reduce", self.reduce)):
            for name in named if isinstance(named, Mapping) else ():
                if not any(_fits(name, layer) for layer in read):
                    raise ValueError(
                        f"`{argument}` names {name!r}; the layers are {', '.join(read)}"
                    )


def checked(layer: str, tensor: Tensor | None, n: int) -> Tensor:
    """Return the tensor if it is one, real, dense, and has n samples on its first axis."""
    if tensor is None:
        raise TypeError(
            f"layer {layer!r} must give a tensor, or a tuple or dictionary with one; say with "
            f"`output` where its tensor is"
        )
    if tensor.is_complex():
        raise TypeError(
            f"layer {layer!r} must be real; found {tensor.dtype}. Take a real part with `output`"
        )
    if tensor.is_nested or tensor.layout != torch.strided:
        raise TypeError(f"layer {layer!r} must give a dense tensor; found {tensor.layout}")
    if tensor.ndim == 0 or len(tensor) != n:
        raise ValueError(
            f"layer {layer!r} must have the batch ({n} samples) on its first axis; found shape "
            f"{tuple(tensor.shape)}. Leave it out with `layers` or move the axis with `output`"
        )
    return tensor


def mean_features(shape: tuple[int, ...]) -> int:
    """Return how many features `reduce="mean"` leaves of a layer of this shape."""
    axes = _mean_axes(len(shape))
    return prod(size for axis, size in enumerate(shape) if axis > 0 and axis not in axes)


def _mean_axes(ndim: int) -> tuple[int, ...]:
    """Return the axes that are neither samples nor features."""
    return (1,) if ndim == 3 else tuple(range(2, ndim))


def _mean(tensor: Tensor, tokens: Tensor | None) -> Tensor:
    if tokens is not None:
        kept = tensor.where(tokens[..., None], 0.0)
        return kept.sum(dim=1) / tokens.sum(dim=1, keepdim=True)
    return tensor.mean(_mean_axes(tensor.ndim)) if tensor.ndim > 2 else tensor


def _cls(tensor: Tensor, tokens: Tensor | None) -> Tensor:
    if tokens is not None:
        return tensor[torch.arange(len(tensor)), tokens.int().argmax(dim=1)]
    return tensor[:, 0] if tensor.ndim == 3 else tensor


def _last(tensor: Tensor, tokens: Tensor | None) -> Tensor:
    if tokens is not None:
        from_end = tokens.flip(1).int().argmax(dim=1)
        return tensor[torch.arange(len(tensor)), tokens.shape[1] - 1 - from_end]
    return tensor[:, -1] if tensor.ndim == 3 else tensor


def _flatten(tensor: Tensor, tokens: Tensor | None = None) -> Tensor:
    return tensor.flatten(1) if tensor.ndim > 1 else tensor[:, None]


REDUCTIONS: dict[Any, Callable[..., Tensor]] = {
    "flatten": _flatten,
    "mean": _mean,
    "cls": _cls,
    "last": _last,
}


def _first_tensor(value: Any) -> Tensor | None:
    """Search tuples, lists and mappings (such as ModelOutput), depth first."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Mapping):
        value = tuple(value.values())
    parts = map(_first_tensor, value) if isinstance(value, tuple | list) else ()
    return next((part for part in parts if part is not None), None)


def _look_up(named: Mapping[str, Any], layer: str) -> Any:
    """Find what is said of a layer: by its name first, then by the first glob that fits."""
    exact = named.get(layer, named.get(layer.partition("#")[0]))
    return exact or next((named[name] for name in named if _fits(name, layer)), None)


def _fits(name: str, layer: str) -> bool:
    return fnmatchcase(layer, name) or fnmatchcase(layer.partition("#")[0], name)


@contextmanager
def _naming(layer: str, argument: str) -> Iterator[None]:
    """Say in which layer a user's function failed."""
    try:
        yield
    except Exception as error:
        error.add_note(f"in `{argument}` for layer {layer!r}")
        raise
