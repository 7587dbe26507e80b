"""How users say that a layer's result is read: where its tensor is, and what of it is a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from topolens.torch._reductions import (
    CHANNELS,
    REDUCTIONS,
    Reduction,
    averaged,
    axis_of,
    flat,
    reduced,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from topolens.torch._observation import Observation
    from topolens.torch._reductions import Channels

    Output = Callable[[str, Any], Any] | Mapping[str, Callable[[Any], Any]] | None


@dataclass(frozen=True, eq=False)
class Reading:
    """How a layer's result is read.

    Attributes
    ----------
    output : callable, mapping or None
        Finds the tensor in a layer's result, as in `topolens.record`.
    reduce : str, callable or mapping
        Makes a row of every sample, as in `topolens.record`.
    channels : str, mapping or None
        On which axis the channels are, as in `topolens.record`.
    layouts : mapping of str to "first", "last" or int
        The same, or the axis itself, for the layers where the model tells it.
    place : int
        Which of the tensors with a row per sample is the network's output.
    """

    output: Output = None
    reduce: Reduction | Mapping[str, Reduction] = "auto"
    channels: Channels | Mapping[str, Channels | None] | None = None
    layouts: Mapping[str, Channels | int] = field(default_factory=dict)
    place: int = 0

    def __post_init__(self) -> None:
        if not (self.output is None or isinstance(self.output, Mapping) or callable(self.output)):
            raise TypeError(f"`output` must be a callable or a dictionary; found {self.output!r}")
        for reduction in _values(self.reduce):
            if not (callable(reduction) or reduction in REDUCTIONS):
                raise ValueError(
                    f"`reduce` must be {', '.join(map(repr, REDUCTIONS))}, a callable or a "
                    f"dictionary of them; found {reduction!r}"
                )
        for channels in _values(self.channels):
            if channels is not None and channels not in CHANNELS:
                raise ValueError(
                    f'`channels` must be "first", "last", None or a dictionary of them; '
                    f"found {channels!r}"
                )

    def told(self, seen: Observation) -> Reading:
        """Take what the model tells of its layers."""
        layouts = {**seen.axes(), **self.layouts}
        return replace(self, layouts=layouts, place=0 if self.output else seen.output)

    def chosen(self, layer: str, value: Any) -> Any:
        """Return the part of a layer's result in which its tensor is looked for."""
        with naming("output", layer):
            if callable(self.output):
                return self.output(layer, value)
            find = _look_up(self.output, layer) if self.output else None
            return find(value) if find else value

    def speaks_of(self, layer: str) -> bool:
        """Whether the user said by name where this layer's tensor is."""
        return isinstance(self.output, Mapping) and any(_fits(n, layer) for n in self.output)

    def rows(self, layer: str, tensor: Tensor, tokens: Tensor | None = None) -> Tensor:
        """Return a layer's rows, of shape (n, features), which may be its very tensor.

        Where it has the axes of `tokens`, (n, tokens), only those that are True there count.
        """
        how, axis = self._reduction(layer), self.axis(layer, tensor.ndim)
        tensor = tensor.detach()
        if callable(how):
            return flat(_by_function(layer, how, tensor))
        if how in ("cls", "last") and (tensor.ndim > 3 or (tensor.ndim, axis) == (3, 1)):
            shape = tuple(tensor.shape)
            raise ValueError(
                f"`reduce={how!r}` needs layer {layer!r} in shape (n, tokens, features); found "
                f"{shape if tensor.ndim > 3 else f'(n, channels, positions) = {shape}'}. Give "
                f"`reduce` as a dictionary, with another way for this layer"
            )
        return flat(reduced(tensor, how, axis, _told(tensor, axis, tokens)))

    def averaged(self, layer: str, tensor: Tensor, tokens: Tensor | None) -> str:
        """Say in words what was averaged for a row."""
        axis = self.axis(layer, tensor.ndim)
        tokens = _told(tensor, axis, tokens)
        return averaged(self._reduction(layer), tuple(tensor.shape), axis, tokens)

    def axis(self, layer: str, ndim: int) -> int:
        """Return the axis of channels: as the user says, as the model tells, or as is usual."""
        said = self.channels
        if isinstance(said, Mapping):
            said = _look_up(said, layer)
        told = self.layouts.get(layer, self.layouts.get(layer.partition("#")[0]))
        return axis_of(said or told or ("last" if ndim == 3 else "first"), ndim)

    def check_names(self, layers: Iterable[str]) -> None:
        """Refuse names of layers that fit none."""
        read = dict.fromkeys([*layers, "output"])  # predictions are always read off the output
        for argument in ("output", "reduce", "channels"):
            named = getattr(self, argument)
            for name in named if isinstance(named, Mapping) else ():
                if not any(_fits(name, layer) for layer in read):
                    raise ValueError(
                        f"`{argument}` names {name!r}; the layers are {', '.join(read)}"
                    )

    def _reduction(self, layer: str) -> Reduction:
        if isinstance(self.reduce, Mapping):
            return _look_up(self.reduce, layer) or "auto"
        return self.reduce


def _told(tensor: Tensor, axis: int, tokens: Tensor | None) -> Tensor | None:
    """Return the tokens that count, if this tensor has tokens on its axes."""
    if tokens is None or (tensor.ndim, axis) != (3, 2):
        return None
    return tokens.to(tensor.device) if tensor.shape[:2] == tokens.shape else None


def _by_function(layer: str, reduction: Callable[[Tensor], Tensor], tensor: Tensor) -> Tensor:
    with naming("reduce", layer):
        # Of a copy, since it may work in place, and other layers still need the tensor.
        rows = reduction(tensor.to(torch.float32, copy=True))
    if not isinstance(rows, Tensor) or rows.ndim == 0 or len(rows) != len(tensor):
        shape = tuple(rows.shape) if isinstance(rows, Tensor) else type(rows).__name__
        raise ValueError(
            f"`reduce` must give layer {layer!r} a tensor with {len(tensor)} rows; found {shape}"
        )
    return rows


def _values(said: Any) -> list[Any]:
    return list(said.values()) if isinstance(said, Mapping) else [said]


def _look_up(named: Mapping[str, Any], layer: str) -> Any:
    """Find what is said of a layer: by its name first, then by the first glob that fits."""
    exact = named.get(layer, named.get(layer.partition("#")[0]))
    return exact or next((named[name] for name in named if _fits(name, layer)), None)


def _fits(name: str, layer: str) -> bool:
    return fnmatchcase(layer, name) or fnmatchcase(layer.partition("#")[0], name)


@contextmanager
def naming(argument: str, layer: str = "") -> Iterator[None]:
    """Say in which layer a user's function failed."""
    try:
        yield
    except Exception as error:
        error.add_note(f"in `{argument}`" + (f" for layer {layer!r}" if layer else ""))
        raise
