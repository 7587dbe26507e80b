"""A copy of a model that holds whatever users hang on a module."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from torch import Tensor, nn

HOOKS = (
    *("_forward_hooks", "_forward_hooks_with_kwargs", "_forward_hooks_always_called"),
    *("_forward_pre_hooks", "_forward_pre_hooks_with_kwargs"),
    *("_backward_hooks", "_backward_pre_hooks"),
)


def copied(model: nn.Module) -> nn.Module:
    """Copy a model without the hooks of its user; those that it cannot do without are kept.

    What cannot be copied, such as a lock or an open file, is shared; of a tensor that is part of
    a graph the copy gets the values.
    """
    memo: dict[int, Any] = {}
    for module in model.modules():
        for name in HOOKS:
            hooks = vars(module).get(name, {})
            memo[id(hooks)] = OrderedDict(
                (key, hook) for key, hook in hooks.items() if is_of_a_library(module, key)
            )
    try:
        return copy.deepcopy(model, dict(memo))
    except Exception:
        _prepare(model, memo)
    try:
        return copy.deepcopy(model, memo)
    except Exception as error:
        error.add_note(
            "for an untrained control a copy of the model is made; pass a function that makes a "
            "fresh model as `untrained`"
        )
        raise


def is_of_a_library(module: nn.Module, key: int) -> bool:
    """Whether a hook is a part of the model.

    So are those of torch's weight and spectral norms, and those by which transformers hands the
    states of an encoder on to a decoder.
    """
    hook = module._forward_pre_hooks.get(key) or module._forward_hooks.get(key)
    return getattr(hook, "__module__", "").startswith(("torch.nn.utils.", "transformers."))


def _prepare(model: nn.Module, memo: dict[int, Any]) -> None:
    """Say in the memo what stands for each part that cannot be copied by itself."""
    modules = list(model.modules())
    known = {**memo, **{id(part): part for part in chain(modules, model.parameters())}}
    seen: set[int] = set()
    for module in modules:
        for value in chain(vars(module).values(), module._buffers.values()):
            _share(value, memo, known, seen)


def _share(value: Any, memo: dict[int, Any], known: dict[int, Any], seen: set[int]) -> None:
    if id(value) in seen or id(value) in known:
        return
    seen.add(id(value))
    if _copies(value, known):
        return
    if isinstance(value, Tensor):
        memo[id(value)] = known[id(value)] = value.detach().clone()
        return
    for part in _parts(value):
        _share(part, memo, known, seen)
    if not _copies(value, known):
        memo[id(value)] = known[id(value)] = value


def _copies(value: Any, known: dict[int, Any]) -> bool:
    try:
        copy.deepcopy(value, dict(known))
    except Exception:
        return False
    return True


def _parts(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        return iter(value.values())
    if isinstance(value, list | tuple | set):
        return iter(value)
    return iter(getattr(value, "__dict__", {}).values())
