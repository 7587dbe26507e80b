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


def reduced(tensor: Tensor, how: Named, channels: Channels, tokens: Tensor | None) -> Tensor:
    """Return rows of one axis or more; where `tokens` are given only those True there count."""
    if how == "mean" or (how == "auto" and tokens is not None):
        return _mean(tensor, channels, tokens)
    if how in ("cls", "last") and tensor.ndim == 3:
        return _one_token(tensor, -1 if how == "last" else 0, tokens)
    return tensor


def averaged(
    how: Reduction, shape: tuple[int, ...], channels: Channels, tokens: Tensor | None
) -> str:
    """Say in words what of a layer with this shape was averaged."""
    if callable(how):
        return "unknown function"
    if how in ("mean", "auto") and tokens is not None:
        return "unpadded tokens"
    sizes = [shape[axis] for axis in position_axes(len(shape), channels)] if how == "mean" else []
    if not sizes:
        return ""
    what = "tokens" if len(shape) == 3 and channels == "last" else "positions"
    return f"{'×'.join(map(str, sizes))} {what}"


def position_axes(ndim: int, channels: Channels) -> tuple[int, ...]:
    """Return the axes that are neither samples nor channels."""
    return tuple(range(1, ndim - 1) if channels == "last" else range(2, ndim))


def mean_features(shape: tuple[int, ...], channels: Channels) -> int:
    """Return how many features `reduce="mean"` leaves of a layer of this shape."""
    axes = position_axes(len(shape), channels)
    return prod(size for axis, size in enumerate(shape) if axis > 0 and axis not in axes)


def channels_first(maps: Tensor, channels: Channels) -> Tensor:
    """Return maps (n, H, W, C) as (n, C, H, W)."""
    return maps.movedim(-1, 1) if channels == "last" else maps


def flat(tensor: Tensor) -> Tensor:
    """Return rows of shape (n, features)."""
    return tensor.flatten(1) if tensor.ndim > 1 else tensor[:, None]


def _mean(tensor: Tensor, channels: Channels, tokens: Tensor | None) -> Tensor:
    if tokens is not None:
        kept = tensor.to(torch.float32).where(tokens[..., None], 0.0)
        return kept.sum(dim=1) / tokens.sum(dim=1, keepdim=True)
    axes = position_axes(tensor.ndim, channels)
    return tensor.mean(axes, dtype=torch.float32) if axes else tensor


def _one_token(tensor: Tensor, place: int, tokens: Tensor | None) -> Tensor:
    """Return the first token of each sample, or the last for place -1."""
    if tokens is None:
        return tensor[:, place]
    found = (tokens.flip(1) if place else tokens).int().argmax(dim=1)
    chosen = tokens.shape[1] - 1 - found if place else found
    return tensor[torch.arange(len(tensor), device=tensor.device), chosen]
