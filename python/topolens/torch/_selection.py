"""Which layers of a network are recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from topolens.torch._chain import choose_layers
from topolens.torch._observation import ENDS, is_layer

if TYPE_CHECKING:
    from torch import nn

    from topolens.torch._observation import Observation

    Layers = str | Iterable[str] | Callable[[str, nn.Module], bool]
    Modules = dict[str, nn.Module]


@dataclass(frozen=True, eq=False)
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
        Nobody named the layers: they are chosen among those that run, and one that only repeats
        the output is left out.
    beside : dict of str to str
        Layers that were not chosen, and why.
    """

    modules: tuple[str, ...]
    ends: tuple[str, ...] = ENDS
    by_name: bool = False
    auto: bool = False
    beside: Mapping[str, str] = field(default_factory=dict)

    def among(self, seen: Observation) -> Selection:
        """Choose the layers among those that ran, if nobody named them."""
        if not self.auto:
            return self
        layers = choose_layers(seen)
        modules = dict.fromkeys(call.name.partition("#")[0] for call in layers.chain)
        return replace(self, modules=tuple(modules), beside=layers.beside)


def select_layers(model: nn.Module, layers: Layers) -> Selection:
    """Find the layers that `layers` asks for."""
    if layers is None or not (callable(layers) or isinstance(layers, Iterable)):
        raise TypeError(
            f'`layers` must be "auto", a list of names, a glob string or a callable; '
            f"found {layers!r}"
        )
    modules = _submodules(model)
    if isinstance(layers, str) and layers == "auto":
        selection = Selection((), auto=True)
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
    return {name: module for name, module in model.named_modules() if name and is_layer(name)}


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
