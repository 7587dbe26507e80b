"""A fresh model of the same structure, from its user or from the library that it is of."""

from __future__ import annotations

import copy
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from topolens.torch._copying import copied
from topolens.torch._entries import Drawn, entries_of, packed_weight
from topolens.torch._parametrized import plain_weights
from topolens.torch._state import device_of, hookable, own_random_state

Factory = Callable[[], nn.Module] | nn.Module


def from_user(model: nn.Module, given: Factory, layers: tuple[str, ...]) -> nn.Module:
    """Return the model that a user makes as the control, on the device and in the types of ours.

    A module is copied, since statistics may be written into it.
    """
    fresh = copied(hookable(given)) if isinstance(given, nn.Module) else _made(given)
    ours = {id(parameter) for parameter in model.parameters()}
    for name, parameter in fresh.named_parameters():
        if id(parameter) in ours:
            raise ValueError(
                f"`untrained` must make a new model each time; found one that shares {name!r} with "
                f"the recorded model. Construct it anew, as in `untrained=lambda: Net()`"
            )
    known = dict(fresh.named_modules(remove_duplicate=False))
    for layer in layers:
        if layer not in known:
            raise ValueError(
                f"`untrained` must make a model with the recorded layers; it has no {layer!r}. "
                f"Construct it as the recorded model was, or name other `layers`"
            )
    like = entries_of(model)
    for name, entry in entries_of(fresh).items():
        if name in like and entry.is_floating_point() and like[name].is_floating_point():
            entry.data = entry.data.to(like[name].dtype)
    return fresh.to(device_of(model))


def from_libraries(model: nn.Module) -> dict[str, Drawn]:
    """Return what libraries construct anew for a model or for parts of it, by their names.

    Nothing is downloaded, and only libraries that are loaded already are asked.
    """
    return dict(_found("", model))


def quantised_from_library(model: nn.Module) -> tuple[str, nn.Module] | None:
    """Return a model of torchvision with packed weights, which can only be constructed as a whole.

    Its name, and a model whose packed weights have the names and shapes of ours.
    """
    ours = packed_shapes(model)
    if not ours or "torchvision" not in sys.modules:
        return None
    classes = [*ours.values()][-1][0]
    for name in _names_in(type(model).__module__):
        with warnings.catch_warnings(), suppress(Exception):  # of one that takes other arguments
            warnings.simplefilter("ignore")
            fresh = _build(name, quantize=True, num_classes=classes).eval()
            if packed_shapes(fresh) == ours:
                return f"torchvision {name}", fresh
    return None


def packed_shapes(model: nn.Module) -> dict[str, torch.Size]:
    """Return the shapes of the weights that quantised modules keep packed, by their names."""
    return {
        f"{name}.weight": weight.shape
        for name, module in model.named_modules()
        if (weight := packed_weight(module)) is not None
    }


def _found(name: str, module: nn.Module) -> Iterator[tuple[str, Drawn]]:
    ours = entries_of(module)
    for label, fresh in _constructed(module):
        with plain_weights(fresh):
            theirs = entries_of(fresh)
        if 2 * len(alike := _alike(ours, theirs)) > max(len(ours), len(theirs)):
            yield name, Drawn(label, {entry: theirs[entry] for entry in alike})
            return
    for child_name, child in module.named_children():
        yield from _found(f"{name}.{child_name}" if name else child_name, child)


def _constructed(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield what the library of a module's class constructs in its place, if it has one."""
    for library, construct in LIBRARIES.items():
        of_it = any(cls.__module__.startswith(f"{library}.") for cls in type(module).__mro__)
        if of_it and library in sys.modules:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    found = construct(module)
                except Exception:  # of a constructor that takes other arguments: no candidate
                    found = None
            if found:
                yield found


def _of_transformers(module: nn.Module) -> tuple[str, nn.Module] | None:
    if not isinstance(module, sys.modules["transformers"].PreTrainedModel):
        return None
    config = copy.deepcopy(module.config)
    for part in (config, *vars(config).values()):
        if getattr(part, "use_pretrained_backbone", False):
            part.use_pretrained_backbone = False
    return f"transformers {type(module).__name__}", type(module)(config)


def _of_timm(module: nn.Module) -> tuple[str, nn.Module] | None:
    config = getattr(module, "pretrained_cfg", None) or getattr(module, "default_cfg", None) or {}
    name = config.get("architecture") if hasattr(config, "get") else config.architecture
    if not name:
        return None
    classes = {"num_classes": getattr(module, "num_classes", None)}
    options = [{**getattr(module, "_model_args", {}), **classes}, classes, {}]
    ours = entries_of(module)
    best: tuple[int, nn.Module] | None = None
    for option in options:
        try:
            fresh = sys.modules["timm"].create_model(name, **{**option, "pretrained": False})
        except Exception:  # of a model that does not take these
            continue
        alike = len(_alike(ours, entries_of(fresh)))
        if best is None or alike > best[0]:
            best = alike, fresh
        if alike == len(ours):
            break
    return (f"timm {name}", best[1]) if best else None


def _of_torchvision(module: nn.Module) -> tuple[str, nn.Module] | None:
    """Construct the most similar of the models that the file of the class makes."""
    ours = {name: entry.shape for name, entry in entries_of(module).items()}
    best: tuple[int, int, str, dict[str, Any]] | None = None
    for cls in type(module).__mro__:
        for name in _names_in(cls.__module__):
            kind, theirs = _shapes(name)
            if kind is cls:
                fit = len(_alike(ours, theirs)), -len(theirs), name, {}
                best = max(best, fit, key=lambda found: found[:2]) if best else fit
    if best is None:
        return None
    alike, _, name, options = best
    for classes in _numbers_of_classes(ours) if alike < len(ours) else ():
        try:
            other = _shapes(name, **classes)[1]
        except Exception:  # of a model without a number of classes
            continue
        if len(_alike(ours, other)) > alike:
            alike, options = len(_alike(ours, other)), classes
    return f"torchvision {name}", _build(name, **options)


def _names_in(module: str) -> list[str]:
    """Return the names of the models of torchvision that a file of it makes."""
    models = sys.modules["torchvision"].models
    names = models.list_models()
    return [name for name in names if models.get_model_builder(name).__module__ == module]


def _numbers_of_classes(shapes: dict[str, torch.Size]) -> list[dict[str, int]]:
    """Guess from the last weights; of detectors the very last gives boxes."""
    weights = [shape for shape in shapes.values() if len(shape) > 1]
    return [{"num_classes": shape[0]} for shape in reversed(weights[-2:])]


LIBRARIES: dict[str, Callable[[nn.Module], tuple[str, nn.Module] | None]] = {
    "transformers": _of_transformers,
    "timm": _of_timm,
    "torchvision": _of_torchvision,
}


@cache
def _shapes(name: str, **options: int) -> tuple[type, dict[str, torch.Size]]:
    """Return the class and the shapes of a model of torchvision, constructed without memory.

    Only the first time, so that it must not draw from what later numbers are drawn from.
    """
    with own_random_state(torch.device("cpu")):
        model = _build(name, meta=True, **options)
    return type(model), {n: entry.shape for n, entry in entries_of(model).items()}


def _build(name: str, meta: bool = False, **options: Any) -> nn.Module:
    builder = sys.modules["torchvision"].models.get_model_builder(name)
    taken = inspect.signature(builder).parameters
    options |= {key: None for key in ("weights", "weights_backbone") if key in taken}
    if not meta:
        return builder(**options)
    try:
        with torch.device("meta"):
            return builder(**options)
    except Exception:  # of a constructor that computes with tensors
        with _WithoutWeights():
            return builder(**options)


class _WithoutWeights(TorchFunctionMode):
    """Makes only tensors that are to be filled, as weights are, without memory."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.empty:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def as_factory(given: Any, argument: str) -> Factory | None:
    """Check that a user's argument can make a model, or is one."""
    if not (given is None or callable(given)):
        raise TypeError(
            f"`{argument}` must be a function that makes a fresh model, or such a model; "
            f"found {type(given).__name__}"
        )
    return given


def _made(factory: Callable[[], nn.Module]) -> nn.Module:
    made = factory()
    if not isinstance(made, nn.Module):
        raise TypeError(
            f"`untrained` must make a torch.nn.Module; it returned {type(made).__name__}"
        )
    return hookable(made)


def _alike(ours: dict[str, Any], theirs: dict[str, Any]) -> list[str]:
    """Return the names under which both have an entry of the same shape."""
    shapes = {name: getattr(entry, "shape", entry) for name, entry in theirs.items()}
    return [
        name for name, entry in ours.items() if getattr(entry, "shape", entry) == shapes.get(name)
    ]
