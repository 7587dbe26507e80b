"""What a row is: from a layer's tensor to one row of numbers per sample.

Channels say what is seen and positions, or tokens, say where. Only the latter are ever averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Literal, get_args

import torch
from torch import Tensor

Channels = Literal["first", "last"]
Named = Literal["auto", "flatten", "mean", "cls", "last"]
Reduction = Named | Callable[[Tensor], Tensor]

CHANNELS: tuple[str, ...] = get_args(Channels)
REDUCTIONS: tuple[str, ...] = get_args(Named)


def reduced(tensor: Tensor, how: Named, axis: int, tokens: Tensor | None) -> Tensor:
    """Return rows of one axis or more, where `axis` holds the channels.

    Where `tokens` are given, (n, tokens), only those that are True there count.
    """
    if how == "mean" or (how == "auto" and tokens is not None):
        return _mean(tensor, axis, tokens)
    if how in ("cls", "last") and tensor.ndim == 3:
        return _one_token(tensor, -1 if how == "last" else 0, tokens)
    return tensor


def averaged(how: Reduction, shape: tuple[int, ...], axis: int, tokens: Tensor | None) -> str:
    """Say in words what of a layer with this shape was averaged."""
    if callable(how):
        return "unknown function"
    if how in ("mean", "auto") and tokens is not None:
        return "unpadded tokens"
    sizes = [shape[at] for at in position_axes(len(shape), axis)] if how == "mean" else []
    if not sizes:
        return ""
    what = "tokens" if len(shape) == 3 and axis == 2 else "positions"
    return f"{'×'.join(map(str, sizes))} {what}"


def position_axes(ndim: int, axis: int) -> tuple[int, ...]:
    """Return the axes that are neither samples nor channels."""
    return tuple(at for at in range(1, ndim) if at != axis) if ndim > 2 else ()


def mean_features(shape: tuple[int, ...], axis: int) -> int:
    """Return how many features `reduce="mean"` leaves of a layer of this shape."""
    averaged = position_axes(len(shape), axis)
    return prod(size for at, size in enumerate(shape) if at > 0 and at not in averaged)


def axis_of(channels: Channels | int, ndim: int) -> int:
    """Return the axis of the channels in a tensor with so many."""
    return {"first": 1, "last": max(ndim - 1, 1)}.get(channels, channels)


def flat(tensor: Tensor) -> Tensor:
    """Return rows of shape (n, features)."""
    return tensor.flatten(1) if tensor.ndim > 1 else tensor[:, None]


def _mean(tensor: Tensor, axis: int, tokens: Tensor | None) -> Tensor:
    if tokens is not None:
        kept = tensor.to(torch.float32).where(tokens[..., None], 0.0)
        return kept.sum(dim=1) / tokens.sum(dim=1, keepdim=True)
    axes = position_axes(tensor.ndim, axis)
    return tensor.mean(axes, dtype=torch.float32) if axes else tensor


def _one_token(tensor: Tensor, place: int, tokens: Tensor | None) -> Tensor:
    """Return the first token of each sample, or the last for place -1."""
    if tokens is None:
        return tensor[:, place]
    found = (tokens.flip(1) if place else tokens).int().argmax(dim=1)
    chosen = tokens.shape[1] - 1 - found if place else found
    return tensor[torch.arange(len(tensor), device=tensor.device), chosen]
