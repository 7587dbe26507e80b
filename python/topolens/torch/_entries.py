"""Parameters and buffers of a model by their names, and where fresh ones came from."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

Entries = dict[str, Tensor]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Entries of a module that a library drew, and the name of what it constructed."""

    label: str
    entries: Entries


def entries_of(module: nn.Module) -> Entries:
    """Return parameters and buffers, also those that are not saved, by all of their names."""
    return {
        **dict(module.named_parameters(remove_duplicate=False)),
        **dict(module.named_buffers(remove_duplicate=False)),
    }


def is_quantised(module: nn.Module) -> bool:
    """Whether a module is of those of torch that compute with small integers."""
    return "quantized" in type(module).__module__


def packed_weight(module: nn.Module) -> Tensor | None:
    """Return the weight that a quantised module keeps packed, which is no parameter of it."""
    weight = getattr(module, "weight", None)
    return weight() if is_quantised(module) and callable(weight) else None


def may_be_trained(tensor: Tensor) -> bool:
    """Whether a tensor holds several different numbers that training could have made."""
    if not (tensor.is_floating_point() or tensor.is_complex()) or tensor.numel() < 2:
        return False
    return bool((tensor != tensor.flatten()[0]).any())


def are_equal(entry: Tensor, other: Tensor | None) -> bool:
    """Whether two entries have the same shape and numbers, wherever they are."""
    if other is None or entry.shape != other.shape:
        return False
    return bool((entry.detach().cpu() == other.detach().cpu()).all())
