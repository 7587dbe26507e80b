"""Weights that are computed from others: weight norms, spectral norms, orthogonal matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import _SpectralNorm

Put = Callable[[], None]

# Parameters that the older hooks of torch keep for a weight, by the endings of their names.
HOOKED = {"WeightNorm": ("_g", "_v"), "SpectralNorm": ("_orig",), "pruning": ("_orig",)}


@contextmanager
def plain_weights(model: nn.Module) -> Iterator[dict[str, nn.Module]]:
    """Let the weights be ordinary parameters, and compute at the end what they are made from.

    Yields the parametrizations that have parameters of their own, by their names.
    """
    put_back: list[Put] = []
    own: dict[str, nn.Module] = {}
    for name, module in list(model.named_modules()):
        if parametrize.is_parametrized(module):
            own |= _with_parameters(f"{name}." if name else "", module.parametrizations)
            put_back.append(_without_parametrizations(module))
        put_back += [_without_hook(module, *hooked) for hooked in _hooked(module)]
    yield own
    for put in put_back:
        put()


def fit_singular_vectors(model: nn.Module) -> None:
    """Give spectral norms the singular vectors of their weights, to which they only creep."""
    for module in model.modules():
        if isinstance(module, parametrize.ParametrizationList):
            _fit_parametrization(module)
        for name, hook, _ in _hooked(module):
            if type(hook).__name__ == "SpectralNorm":
                matrix = hook.reshape_weight_to_matrix(getattr(module, f"{name}_orig"))
                _fit(matrix, getattr(module, f"{name}_u"), getattr(module, f"{name}_v"))


def plain_name(name: str) -> str:
    """Return the name of the weight that a parameter of a parametrization stands for."""
    before, _, after = name.partition("parametrizations.")
    return before + after.partition(".")[0]


def _with_parameters(prefix: str, lists: nn.ModuleDict) -> dict[str, nn.Module]:
    return {
        f"{prefix}parametrizations.{name}.{place}": part
        for name, parts in lists.items()
        for place, part in enumerate(parts)
        if next(part.parameters(), None) is not None
    }


def _without_parametrizations(module: nn.Module) -> Put:
    """Take parametrizations off; the class, whose properties they are, is also the model's."""
    lists, parametrized = module.parametrizations, type(module)
    with torch.no_grad():
        weights = {name: parts().clone() for name, parts in lists.items()}
    del module._modules["parametrizations"]
    module.__class__ = parametrized.__bases__[0]
    for name, weight in weights.items():
        module.register_parameter(name, nn.Parameter(weight, requires_grad=False))

    def put() -> None:
        fresh = {name: module._parameters.pop(name).detach() for name in lists}
        module.__class__ = parametrized
        module._modules["parametrizations"] = lists
        for name, weight in fresh.items():
            _assign(lists[name], weight)

    return put


def _assign(parts: parametrize.ParametrizationList, weight: Tensor) -> None:
    """Set what a weight is made from by the inverse; where there is none, to the weight itself."""
    try:
        parts.right_inverse(weight)
    except (NotImplementedError, RuntimeError):
        if not parts.is_tensor or parts.original.shape != weight.shape:
            raise
        with torch.no_grad():
            parts.original.copy_(weight)


def _hooked(module: nn.Module) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Yield the weights that the older hooks of torch make: name, hook and what it keeps."""
    for hook in list(module._forward_pre_hooks.values()):
        kind = "pruning" if hasattr(hook, "_tensor_name") else type(hook).__name__
        name = getattr(hook, "_tensor_name", getattr(hook, "name", None))
        ours = type(hook).__module__.startswith("torch.nn.utils.")
        if ours and kind in HOOKED:
            yield name, hook, HOOKED[kind]


def _without_hook(module: nn.Module, name: str, hook: Any, endings: tuple[str, ...]) -> Put:
    kept = [module._parameters.pop(f"{name}{ending}") for ending in endings]
    vars(module).pop(name, None)
    module.register_parameter(name, nn.Parameter(torch.empty_like(kept[-1]), requires_grad=False))

    def put() -> None:
        weight = module._parameters.pop(name).detach()
        for ending, parameter in zip(endings, kept, strict=True):
            module.register_parameter(f"{name}{ending}", parameter)
        with torch.no_grad():
            kept[-1].copy_(weight)
            if len(kept) > 1:
                kept[0].copy_(torch.norm_except_dim(weight, 2, hook.dim))
        setattr(module, name, weight)  # until the hook computes it, before the module runs

    return put


def _fit_parametrization(parts: parametrize.ParametrizationList) -> None:
    if not any(isinstance(part, _SpectralNorm) for part in parts):
        return
    weights = [tensor for name, tensor in parts.named_parameters() if name.startswith("original")]
    with torch.no_grad():
        for part in parts:
            if isinstance(part, _SpectralNorm) and weights[0].ndim > 1:
                _fit(part._reshape_weight_to_matrix(weights[0]), part._u, part._v)
            weights = [part(*weights)]


def _fit(matrix: Tensor, u: Tensor, v: Tensor) -> None:
    """Write the first pair of singular vectors, from the smaller of the two Gram matrices."""
    with torch.no_grad():
        wide = matrix.double()
        across = wide.shape[0] > wide.shape[1]
        wide = wide.T if across else wide
        first = torch.linalg.eigh(wide @ wide.T).eigenvectors[:, -1]
        second = normalize(wide.T @ first, dim=0)
        u.copy_(second if across else first)
        v.copy_(first if across else second)
