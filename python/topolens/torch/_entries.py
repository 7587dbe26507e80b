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
