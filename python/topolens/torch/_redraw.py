"""New weights for a copy of a model, by the methods that its modules have for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType, FunctionType, MappingProxyType
from typing import Any

import torch
from torch import Tensor, nn

from topolens.torch._entries import Drawn, entries_of
from topolens.torch._settle import forget_statistics, is_frozen

RESETS = ("reset_parameters", "_reset_parameters")
INITIALISERS = ("init_weights", "initialize_weights", "_initialize_weights", "_init_weights")
METHODS = (*RESETS, *INITIALISERS)
OWN_SCALE = "own mean and spread"
ZERO = "zero"
KEPT = "kept"
# Names in the code of a constructor that say that it draws or sets weights itself.
DRAWS = {name for name in dir(nn.init) if name.endswith("_") and not name.startswith("_")}
DRAWS |= {"normal_", "uniform_", "fill_", "zero_", "apply"}


@dataclass
class Redrawn:
    """How a copy was redrawn.

    Attributes
    ----------
    drawn : dict of str to str
        By what each parameter was drawn.
    refused : list of str
        Methods that need arguments, so that they were not called.
    constructors : list of str
        Classes that draw weights where they are made, which a copy cannot repeat.
    """

    drawn: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    constructors: list[str] = field(default_factory=list)


def redraw(
    model: nn.Module, theirs: Mapping[str, Drawn] = MappingProxyType({}), prefix: str = ""
) -> Redrawn:
    """Draw the parameters of a model anew, the parts before the whole.

    They are first set to NaN: what is NaN afterwards was reached by no method, and is drawn with
    the mean and the standard deviation of its entries. Modules named in `theirs` get the entries
    that their library drew; methods of modules around them come later, and have the last word.
    """
    found = Redrawn()
    given = {_joined(root, entry) for root in theirs for entry in theirs[root].entries}
    with torch.no_grad():
        scales = {name: _scale(p) for name, p in _real(model) if name not in given}
        for _, parameter in _real(model):
            parameter.fill_(torch.nan)
        for name, module in reversed(list(model.named_modules())):
            inside = {n for n, _ in _real(module, name)}
            if not (inside and inside <= given and _is_within(name, theirs)):
                _initialise(module, name, found, of_library=name in theirs)
            if name in theirs:
                _fill(module, name, theirs[name], found)
        for name, parameter in _real(model):
            if parameter.isnan().any():
                found.drawn[name] = _draw(name, parameter, *scales[name])
    found.drawn = {prefix + name: how for name, how in found.drawn.items()}
    return found


def _fill(module: nn.Module, name: str, drawn: Drawn, found: Redrawn) -> None:
    entries = entries_of(module)
    for entry, value in drawn.entries.items():
        entries[entry].copy_(value)
        found.drawn[_joined(name, entry)] = drawn.label


def _initialise(module: nn.Module, name: str, found: Redrawn, *, of_library: bool) -> None:
    """Call what the module has for its initialisation, and see which parameters it reaches."""
    _forget_loading(module)
    if is_frozen(module):
        forget_statistics(module)
    kind = type(module).__name__
    if not of_library and draws_itself(type(module)) and kind not in found.constructors:
        found.constructors.append(kind)
    for group in (RESETS, INITIALISERS):
        method, wanted = _method(module, group)
        if wanted:
            found.refused.append(f"`{kind}.{method}` ({name!r}) needs `{wanted}`")
        elif method:
            before = {n: _fingerprint(p) for n, p in _real(module, name)}
            _call(module, name, method)
            for n, parameter in _real(module, name):
                after = _fingerprint(parameter)
                if after == after and after != before.get(n):  # not NaN
                    found.drawn[n] = f"{kind}.{method}"


def _method(module: nn.Module, group: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Return the first method that can be called, or the first that cannot and what it needs."""
    needing: tuple[str | None, str | None] = None, None
    for method in group:
        if not callable(getattr(module, method, None)):
            continue
        required = _required(getattr(module, method))
        if not required or (method in INITIALISERS and _is_per_module(required)):
            return method, None
        needing = needing if needing[0] else (method, required[0])
    return needing


def _call(module: nn.Module, name: str, method: str) -> None:
    function = getattr(module, method)
    try:
        module.apply(function) if _required(function) else function()
    except Exception as error:
        error.add_note(
            f"in `{method}` of module {name!r}, called for an untrained copy; pass a function "
            f"that makes a fresh model as `untrained`"
        )
        raise


def _required(method: Callable[..., Any]) -> list[str]:
    """Return the arguments that a method needs; a checkpoint to load counts as one."""
    parameters = inspect.signature(method).parameters.values()
    return [
        p.name
        for p in parameters
        if (p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD))
        or any(word in p.name for word in ("pretrain", "checkpoint"))
    ]


def _is_per_module(required: list[str]) -> bool:
    return len(required) == 1 and required[0] in ("m", "mod", "module", "layer")


def _forget_loading(module: nn.Module) -> None:
    """Remove the marks of Hugging Face by which loaded weights are not drawn again."""
    for marked in (module, *module._parameters.values(), *module._buffers.values()):
        if hasattr(marked, "_is_hf_initialized"):
            del marked._is_hf_initialized


def draws_itself(cls: type) -> bool:
    """Whether the constructor of a class, but torch's, draws weights without a method for it."""
    for base in cls.__mro__:
        constructor = vars(base).get("__init__")
        if base.__module__.partition(".")[0] == "torch" or not issubclass(base, nn.Module):
            continue
        if isinstance(constructor, FunctionType) and _draws(constructor, cls, set()):
            return True
    return False


def _draws(function: FunctionType, cls: type, seen: set[str]) -> bool:
    names = set(_names(function.__code__))
    # `self.apply(self._init_weights)` can be repeated.
    if names & (DRAWS - {"apply"} if names & set(METHODS) else DRAWS):
        return True
    for name in names - set(METHODS) - seen:
        called = getattr(cls, name, function.__globals__.get(name))
        seen.add(name)
        ours = isinstance(called, FunctionType) and called.__module__ == function.__module__
        if ours and _draws(called, cls, seen):
            return True
    return False


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_within(name: str, roots: Iterable[str]) -> bool:
    return any(not root or f"{name}.".startswith(f"{root}.") for root in roots)


def _joined(module: str, entry: str) -> str:
    return f"{module}.{entry}" if module else entry


def _real(module: nn.Module, name: str = "") -> list[tuple[str, nn.Parameter]]:
    """Return the parameters that can be drawn; integers cannot."""
    named = module.named_parameters(prefix=name)
    return [(n, p) for n, p in named if p.is_floating_point() or p.is_complex()]


def _fingerprint(parameter: Tensor) -> float | complex:
    return parameter.sum(dtype=torch.complex128 if parameter.is_complex() else torch.float64).item()


def _scale(parameter: Tensor) -> tuple[Any, float]:
    """Return the mean and the standard deviation of the entries."""
    wide = parameter.float() if parameter.dtype.itemsize < 4 else parameter
    variance, mean = torch.var_mean(wide, correction=0)
    return mean.item(), variance.sqrt().item()


def _draw(name: str, parameter: Tensor, mean: Any, spread: float) -> str:
    """Draw a parameter that no method reaches; biases are zero."""
    if name.endswith("bias"):
        parameter.zero_()
        return ZERO
    if not spread:
        parameter.fill_(mean)
        return KEPT
    drawn = torch.randn(parameter.shape, dtype=torch.promote_types(parameter.dtype, torch.float32))
    parameter.copy_(drawn.mul_(spread).add_(mean))
    return OWN_SCALE
