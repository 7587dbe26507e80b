"""The state of the model and of PyTorch during a recording, and its restoration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from topolens._arrays import as_rng

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy as np


def hookable(model: Any) -> nn.Module:
    """Return the module whose layers forward hooks can see."""
    model = getattr(model, "_orig_mod", model)  # what torch.compile wraps
    if not isinstance(model, nn.Module):
        raise TypeError(f"`model` must be a torch.nn.Module; found {type(model).__name__}")
    for name, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            raise TypeError(
                f"`model` must not be scripted, since hooks do not run in TorchScript; found a "
                f"ScriptModule at {name or 'the root'!r}. Record the module before "
                f"torch.jit.script or torch.jit.trace"
            )
    for name, parameter in model.named_parameters():
        if nn.parameter.is_lazy(parameter):
            raise ValueError(f"`model` must have been run once; {name!r} is not yet initialised")
    return model


@contextmanager
def at_rest(
    model: nn.Module, device: torch.device | str | None, *, restore: bool = True
) -> Iterator[torch.device]:
    """Put the model in evaluation mode on a device, and everything back at the end.

    Buffers that the model writes to as it runs, such as counters, get their values back, unless
    `restore` is False.

    No gradients are taken, and neither compiled code nor the fused path of the transformer
    layers runs, both of which bypass hooks. `inference_mode` would be no gain over `no_grad`: a
    model that keeps a tensor from its forward pass could not be trained with it afterwards.
    """
    home = device_of(model)
    device = home if device is None else torch.device(device)
    training = {module: module.training for module in model.modules()}
    fused = torch.backends.mha.get_fastpath_enabled()
    gradients = torch.is_grad_enabled()
    buffers = _Buffers(model) if restore else None
    try:
        # Not `eval()`, which a model may have overridden with more than the flag.
        _set_training(dict.fromkeys(training, False))
        torch.backends.mha.set_fastpath_enabled(False)
        if device != home:
            model.to(device)
        with torch.no_grad(), own_random_state(device), _uncompiled(model):
            yield device
    finally:
        torch.set_grad_enabled(gradients)  # an interrupt may come before `no_grad` has ended
        if device != home:
            model.to(home)
        if buffers:
            buffers.restore()
        torch.backends.mha.set_fastpath_enabled(fused)
        _set_training(training)


def own_random_state(device: torch.device) -> AbstractContextManager[None]:
    """Leave PyTorch's random state on the CPU and on a CUDA device as it was."""
    return torch.random.fork_rng(devices=[device] if device.type == "cuda" else [])


@contextmanager
def seeded(device: torch.device, rng: int | np.random.Generator | None) -> Iterator[None]:
    """Let what torch draws on the CPU and on a CUDA device follow from `rng`."""
    with own_random_state(device):
        seed_torch(int(as_rng(rng).integers(2**63)), device)
        yield


def seed_torch(seed: int, device: torch.device) -> None:
    """Seed the generators that `own_random_state` leaves as they were."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        with torch.cuda.device(device):
            torch.cuda.manual_seed(seed)


def moved(inputs: Any, device: torch.device) -> Any:
    """Return the inputs of a batch on a device."""
    if isinstance(inputs, dict):
        return {name: part.to(device) for name, part in inputs.items()}
    return inputs.to(device)


def device_of(model: nn.Module) -> torch.device:
    """Return the device of the first parameter or buffer, the CPU if there is none."""
    tensors = [*model.parameters(), *model.buffers()]
    return tensors[0].device if tensors else torch.device("cpu")


def dtype_of(model: nn.Module) -> torch.dtype:
    """Return the type of the first floating-point parameter, PyTorch's default if none."""
    floats = (p.dtype for p in model.parameters() if p.is_floating_point())
    return next(floats, torch.get_default_dtype())


class _Buffers:
    """The values of a model's buffers, to be put back where its forward pass changed them.

    One that was replaced by another of a different shape is a cache that has grown, and stays: of
    what size it is, the model may remember elsewhere.
    """

    def __init__(self, model: nn.Module) -> None:
        self._kept = [
            (module, name, buffer, buffer.detach().clone())
            for module in model.modules()
            for name, buffer in module._buffers.items()
            if buffer is not None
        ]

    def restore(self) -> None:
        for module, name, buffer, before in self._kept:
            now = module._buffers.get(name)
            alike = now is not None and now.shape == before.shape and now.dtype == before.dtype
            if not alike or torch.equal(now, before):
                continue
            if now is buffer:
                now.detach().copy_(before)
            else:
                module._buffers[name] = before


def _set_training(flags: dict[nn.Module, bool]) -> None:
    for module, flag in flags.items():
        module.training = flag


def _uncompiled(model: nn.Module) -> AbstractContextManager[Any]:
    """Run compiled parts of the model as plain Python."""
    compiled = any(
        hasattr(module, "_orig_mod") or getattr(module, "_compiled_call_impl", None)
        for module in model.modules()
    )
    return torch.compiler.set_stance("force_eager") if compiled else nullcontext()
