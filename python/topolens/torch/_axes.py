"""On which axis a tensor has its channels, by the module that made it and what moved it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.modules.instancenorm import _InstanceNorm

if TYPE_CHECKING:
    from torch import Tensor

GROUPING = {"view", "_unsafe_view", "reshape", "squeeze", "unsqueeze", "_reshape_copy"}
# Operations after which all numbers of a tensor are there as before.
REARRANGING = GROUPING | {
    "permute",
    "transpose",
    "transpose_",
    "t",
    "clone",
    "contiguous",
    "alias",
    "_to_copy",
}

# Operations that show some of them.
CUTTING = {"select", "slice", "unbind", "split", "split_with_sizes", "narrow"}


def made_axis(module: nn.Module, tensor: Tensor) -> int | None:
    """Return the axis of channels in the result of a module that is known for it.

    A class that is derived from a normalisation may move axes itself, so that only the class
    itself is known.
    """
    axis, channels = None, None
    if isinstance(module, _ConvNd):
        axis, channels = 1, module.out_channels
    elif isinstance(module, _BatchNorm | _InstanceNorm):
        axis, channels = 1, module.num_features
    elif type(module) is nn.GroupNorm:
        axis, channels = 1, module.num_channels
    elif isinstance(module, nn.Linear):
        axis, channels = tensor.ndim - 1, module.out_features
    elif isinstance(module, nn.Embedding):
        axis, channels = tensor.ndim - 1, module.embedding_dim
    elif type(module) in (nn.LayerNorm, nn.RMSNorm) and len(module.normalized_shape) == 1:
        axis, channels = tensor.ndim - 1, module.normalized_shape[0]
    elif isinstance(module, nn.MultiheadAttention):
        axis, channels = tensor.ndim - 1, module.embed_dim
    elif isinstance(module, nn.RNNBase):
        axis, channels = tensor.ndim - 1, tensor.shape[-1] if tensor.ndim else None
    return _fitting(axis, channels, tensor)


def taken_axis(module: nn.Module, tensor: Tensor) -> int | None:
    """Return the axis of channels in the argument of a module that needs them there."""
    axis, channels = None, None
    if isinstance(module, _ConvNd):
        axis, channels = 1, module.in_channels
    elif isinstance(module, _BatchNorm | _InstanceNorm):
        axis, channels = 1, module.num_features
    elif isinstance(module, nn.Linear):
        axis, channels = tensor.ndim - 1, module.in_features
    elif isinstance(module, nn.RNNBase):
        axis, channels = tensor.ndim - 1, module.input_size
    return _fitting(axis, channels, tensor)


def _fitting(axis: int | None, channels: int | None, tensor: Tensor) -> int | None:
    """Return the axis if the tensor has so many channels there, and samples before."""
    fits = axis is not None and 0 < axis < tensor.ndim and tensor.shape[axis] == channels
    return axis if fits else None


def moved_axis(
    operation: Any,
    args: Sequence[Any],
    given: Sequence[Tensor],
    made: Tensor,
    axis_of: Callable[[Tensor], int | None],
) -> int | None:
    """Return the axis of channels after an operation, if it can be told."""
    known = [(tensor, axis) for tensor in given if (axis := axis_of(tensor)) is not None]
    if not known:
        return None
    name = operation.overloadpacket.__name__
    source, axis = known[0]
    if name == "permute":
        return [dim % source.ndim for dim in args[1]].index(axis)
    if name in ("transpose", "transpose_"):
        first, second = (dim % source.ndim for dim in args[1:3])
        return {first: second, second: first}.get(axis, axis)
    if name in ("select", "unbind"):
        gone = (args[1] if len(args) > 1 else 0) % source.ndim
        return None if gone == axis else axis - (gone < axis)
    if name in GROUPING:
        return _regrouped(tuple(source.shape), axis, tuple(made.shape))
    for tensor, place in known:  # all that works on each number or each channel
        if tensor.ndim == made.ndim and tensor.shape[place] == made.shape[place]:
            return place
    return None


def _regrouped(before: tuple[int, ...], axis: int, after: tuple[int, ...]) -> int | None:
    """Return the axis after numbers were grouped anew without being moved."""
    ahead = prod(before[:axis])
    places = [
        place
        for place, size in enumerate(after)
        if size == before[axis] and prod(after[:place]) == ahead
    ]
    return places[-1] if places else None
