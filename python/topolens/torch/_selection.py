"""Which layers of a network are recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from torch import nn

if TYPE_CHECKING:
    Layers = str | Iterable[str] | Callable[[str, nn.Module], bool]
    Modules = dict[str, nn.Module]

ENDS = ("input", "output")
CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
# Softmax restates the output, and attention is a block rather than an activation.
NOT_ACTIVATIONS = {"MultiheadAttention", "Softmin", "Softmax", "Softmax2d", "LogSoftmax"}
RECURRENT = (nn.RNNBase, nn.RNNCellBase)
ACTIVATIONS = (
    *(getattr(nn, name) for name in nn.modules.activation.__all__ if name not in NOT_ACTIVATIONS),
    *RECURRENT,
)


@dataclass(frozen=True)
class Selection:
    """Names of the layers to record.

    Attributes
    ----------
    modules : tuple of str
        Dotted names of modules.
    ends : tuple of str
        Those of "input" and "output" that are recorded.
    by_name : bool
        Each module was asked for by its name, so each must run.
    auto : bool
        Nobody named the layers: one that only repeats the output is left out.
    """

    modules: tuple[str, ...]
    ends: tuple[str, ...] = ENDS
    by_name: bool = False
    auto: bool = False


def select_layers(model: nn.Module, layers: Layers) -> Selection:
    """Find the layers that `layers` asks for."""
    if layers is None or not (callable(layers) or isinstance(layers, Iterable)):
        raise TypeError(
            f'`layers` must be "auto", a list of names, a glob string or a callable; '
            f"found {layers!r}"
        )
    modules = _submodules(model)
    if isinstance(layers, str) and layers == "auto":
        selection = Selection(tuple(_auto(modules)), auto=True)
    elif isinstance(layers, str):
        selection = _by_glob(modules, layers)
    elif callable(layers):
        chosen = (name for name, module in modules.items() if layers(name, module))
        selection = Selection(tuple(chosen), ends=())
    else:
        selection = _by_name(model, list(layers))
    if not (selection.modules or selection.ends):
        known = ", ".join([*ENDS, *modules])
        raise ValueError(f"`layers` selects none of the layers {known}; found {layers!r}")
    return selection


def _submodules(model: nn.Module) -> Modules:
    """Return the modules below the root, without the inside of parametrizations."""
    return {
        name: module
        for name, module in model.named_modules()
        if name and "parametrizations" not in name.split(".")
    }


def _auto(modules: Modules) -> Modules:
    """Select repeated blocks; without such, activations; without such, layers with weights."""
    return _repeated_blocks(modules) or _activations(modules) or _weighted(modules)


def _repeated_blocks(modules: Modules) -> Modules:
    """Return the outermost modules with parts whose class occurs more than once."""
    blocks = {
        name: module
        for name, module in modules.items()
        if _has_parts(module) and type(module) not in CONTAINERS
    }
    counts = Counter(map(type, blocks.values()))
    repeated = {name: block for name, block in blocks.items() if counts[type(block)] > 1}
    return {name: block for name, block in repeated.items() if not _is_inside(name, repeated)}


def _activations(modules: Modules) -> Modules:
    """Return activations and recurrent modules; nothing if there are only recurrent ones.

    A recurrent module has weights too. Where it stands alone, other layers call their activations
    as functions, and are to be seen beside it.
    """
    found = {name: module for name, module in modules.items() if isinstance(module, ACTIVATIONS)}
    alone = all(isinstance(module, RECURRENT) for module in found.values())
    return {} if alone else found


def _weighted(modules: Modules) -> Modules:
    return {
        name: module
        for name, module in modules.items()
        if not _has_parts(module) and next(module.parameters(), None) is not None
    }


def _has_parts(module: nn.Module) -> bool:
    return any(name != "parametrizations" for name, _ in module.named_children())


def _is_inside(name: str, others: Iterable[str]) -> bool:
    return any(name.startswith(f"{other}.") for other in others)


def _by_glob(modules: Modules, pattern: str) -> Selection:
    return Selection(
        tuple(name for name in modules if fnmatchcase(name, pattern)),
        ends=tuple(end for end in ENDS if fnmatchcase(end, pattern)),
    )


def _by_name(model: nn.Module, names: list[str]) -> Selection:
    """Check names; a module that is registered under several is known by each of them."""
    known = [*ENDS, *filter(None, dict(model.named_modules(remove_duplicate=False)))]
    for name in names:
        if name not in known:
            raise ValueError(f"`layers` must be among {', '.join(known)}; found {name!r}")
    return Selection(
        tuple(dict.fromkeys(name for name in names if name not in ENDS)),
        ends=tuple(end for end in ENDS if end in names),
        by_name=True,
    )
