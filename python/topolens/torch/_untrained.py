"""The same network, untrained."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from topolens._calls import caller_level
from topolens.torch._copying import copied
from topolens.torch._entries import are_equal, entries_of, may_be_trained
from topolens.torch._fresh import (
    Factory,
    from_libraries,
    from_user,
    packed_shapes,
    quantised_from_library,
)
from topolens.torch._parametrized import fit_singular_vectors, plain_name, plain_weights
from topolens.torch._redraw import KEPT, OWN_SCALE, Redrawn, redraw
from topolens.torch._settle import settle
from topolens.torch._state import device_of

if TYPE_CHECKING:
    from topolens.torch._batches import Samples

WAY_OUT = (
    "Pass a function that makes a fresh model: `record(..., untrained=make)` or "
    "`.untrained(model=make)`"
)


@dataclass(frozen=True, eq=False)
class Control:
    """An untrained model.

    Attributes
    ----------
    drawn : dict of str to str
        What drew its parameters and buffers, by their names.
    constructed : bool
        Whether all parameters are as a constructor makes them.
    """

    model: nn.Module
    drawn: dict[str, str]
    constructed: bool


def untrained_control(
    model: nn.Module,
    given: Factory | None,
    samples: Samples,
    layers: tuple[str, ...] = (),
    device: torch.device | str | None = None,
) -> Control:
    """Make the control from what a user gives, or redraw a copy; then settle its statistics.

    PyTorch's random state is used, and is to be seeded by the caller.
    """
    if given is None and (whole := quantised_from_library(model)):
        label, fresh = whole
        drawn = dict.fromkeys([*packed_shapes(fresh), *entries_of(fresh)], label)
        control = Control(fresh, drawn, constructed=True)
    elif given is None:
        control = redrawn(model)
    else:
        fresh = from_user(model, given, layers)
        control = Control(fresh, _of_user(model, fresh), constructed=True)
    fit_singular_vectors(control.model)
    return replace(control, drawn=control.drawn | settle(control.model, samples, device))


def redrawn(model: nn.Module) -> Control:
    """Return a copy with new weights, from the library of the model and else by its own methods.

    All is drawn on the CPU, so that a seed means the same network on every device.
    """
    fresh = copied(model).cpu()
    with plain_weights(fresh) as own:
        theirs = from_libraries(fresh)
        found = redraw(fresh, theirs)
        for name, part in own.items():
            found.drawn |= redraw(part, prefix=f"{name}.").drawn
    _warn_of_other_weights(found)
    _warn_of_attributes(fresh)
    constructed = set(found.drawn.values()) <= {drawn.label for drawn in theirs.values()}
    return Control(fresh.to(device_of(model)), _account(model, fresh, found.drawn), constructed)


def _account(model: nn.Module, fresh: nn.Module, drawn: dict[str, str]) -> dict[str, str]:
    """Say of every entry how it was drawn; buffers that are still the model's are kept."""
    before = entries_of(model)
    account = {}
    for name, entry in entries_of(fresh).items():
        how = drawn.get(name, drawn.get(_weight_of(name)))
        suspect = may_be_trained(entry) or (isinstance(entry, nn.Parameter) and _is_whole(entry))
        if how is None and suspect and are_equal(entry, before.get(name)):
            how = KEPT
        if how:
            account[name] = how
    return account


def _of_user(model: nn.Module, fresh: nn.Module) -> dict[str, str]:
    """Say which entries are the user's; those that equal the model's were hardly drawn."""
    ours = entries_of(model)
    same = {
        name
        for name, parameter in fresh.named_parameters()
        if parameter.requires_grad
        and may_be_trained(parameter)
        and are_equal(parameter, ours.get(name))
    }
    if same:
        first = next(name for name in entries_of(fresh) if name in same)
        _warn(
            f"`untrained` must make an untrained model; {len(same)} of its parameters, such as "
            f"{first!r}, equal those of the recorded model. Construct it without loading weights"
        )
    return {name: KEPT if name in same else "factory" for name in entries_of(fresh)}


def _warn_of_other_weights(found: Redrawn) -> None:
    by_scale = [name for name, how in found.drawn.items() if how in (OWN_SCALE, KEPT)]
    if found.constructors:
        _warn(
            f"the untrained control may start from other weights than its model did: "
            f"{', '.join(found.constructors)} draws weights in `__init__`, which a copy cannot "
            f"repeat. {WAY_OUT}"
        )
    if found.refused and by_scale:
        _warn(
            f"the untrained control could not be drawn by the model's own methods: "
            f"{'; '.join(found.refused)}. {WAY_OUT}"
        )


def _warn_of_attributes(fresh: nn.Module) -> None:
    """Warn of tensors that are no parameters or buffers: weights among them stay trained."""
    known = set(map(id, entries_of(fresh).values()))
    names = [
        f"{place}.{name}" if place else name
        for place, module in fresh.named_modules()
        for name, value in vars(module).items()
        if not _is_made_by_hook(module, name)
        if isinstance(value, torch.ScriptObject)  # packed weights of quantised layers
        or any(id(part) not in known and may_be_trained(part) for part in _tensors(value))
    ]
    names += [name for name, parameter in fresh.named_parameters() if _is_whole(parameter)]
    if names:
        _warn(
            f"the untrained control keeps what is no floating-point parameter or buffer, trained "
            f"or not: {', '.join(names)}. {WAY_OUT}"
        )


def _is_whole(parameter: Tensor) -> bool:
    """Whether a parameter holds integers, as where weights are quantised."""
    return not (parameter.is_floating_point() or parameter.is_complex()) and parameter.numel() > 1


def _is_made_by_hook(module: nn.Module, name: str) -> bool:
    return any(f"{name}{ending}" in module._parameters for ending in ("_g", "_orig"))


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, dict):
        value = list(value.values())
    parts = value if isinstance(value, list | tuple) else [value]
    return [part for part in parts if isinstance(part, Tensor)]


def _weight_of(name: str) -> str:
    """Return the name of the weight that torch's hooks and parametrizations make of an entry."""
    return re.sub(r"_(g|v|orig)$", "", plain_name(name))


def _warn(message: str) -> None:
    warnings.warn(message, UserWarning, stacklevel=caller_level())
