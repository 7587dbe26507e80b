"""Statistics of normalisation layers that belong to fresh weights."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from topolens._calls import caller_level
from topolens.torch._state import at_rest, moved

if TYPE_CHECKING:
    from topolens.torch._batches import Samples

MOST = 256  # samples that statistics are taken of
FROZEN = {"weight", "bias", "running_mean", "running_var"}


def settle(model: nn.Module, samples: Samples, device: torch.device | str | None) -> dict[str, str]:
    """Give norms that have never run the statistics of what they see, as training would begin.

    One pass over some of the samples; each norm normalises a batch by the batch's own statistics
    and keeps the mean of them over the batches. Returns by the names of the buffers what was done.
    """
    norms = {name: Statistics(module) for name, module in model.named_modules() if is_new(module)}
    if not norms:
        return {}
    some = _some(samples)
    with at_rest(model, device, restore=False) as device, _watching(norms.values()):
        for _, inputs in some.batches(max(2, some.batch_size)):
            batch = moved(inputs, device)
            model(**batch) if isinstance(batch, dict) else model(batch)
    for norm in norms.values():
        norm.write()
    _warn_of_single_values([name for name, norm in norms.items() if norm.single and not norm.seen])
    return {
        f"{name}.{buffer}": f"statistics of {len(some)} samples"
        for name, norm in norms.items()
        if norm.seen
        for buffer in ("running_mean", "running_var")
    }


def is_new(module: nn.Module) -> bool:
    """Whether a module is a norm whose running statistics are those that it is made with."""
    if not (isinstance(module, _NormBase) or is_frozen(module)):
        return False
    mean, variance = module.running_mean, module.running_var
    return mean is not None and not mean.any() and bool((variance == 1).all())


def is_frozen(module: nn.Module) -> bool:
    """Whether a module is a BatchNorm that is all buffers, as in backbones of detectors."""
    return not module._parameters and module._buffers.keys() >= FROZEN


def forget_statistics(module: nn.Module) -> None:
    """Make a frozen BatchNorm as it was before anything was loaded into it."""
    with torch.no_grad():
        for name in FROZEN:
            getattr(module, name).fill_(name in ("weight", "running_var"))


@dataclass(eq=False)
class Statistics:
    """What a norm sees in one pass: means over batches of mean and variance per channel."""

    module: nn.Module
    seen: int = 0
    single: bool = False  # saw one value per channel, which has no variance
    mean: Tensor | float = 0.0
    variance: Tensor | float = 0.0

    def see(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Let the norm use the statistics of its input, and remember them."""
        values = (args[0] if args else next(iter(kwargs.values()))).float().transpose(0, 1)
        values = values.flatten(1)
        if values.shape[1] < 2:
            self.single = True
            return
        variance, mean = torch.var_mean(values, dim=1, correction=0)
        self.seen += 1
        self.mean = self.mean + (mean - self.mean) / self.seen
        self.variance = self.variance + (variance - self.variance) / self.seen
        module.running_mean.copy_(mean)
        module.running_var.copy_(variance)

    def write(self) -> None:
        """Leave the means of all batches in the norm."""
        if self.seen:
            with torch.no_grad():
                self.module.running_mean.copy_(self.mean)
                self.module.running_var.copy_(self.variance)


@contextmanager
def _watching(norms: Any) -> Iterator[None]:
    handles = []
    try:
        for norm in norms:
            hook = norm.module.register_forward_pre_hook(norm.see, with_kwargs=True)
            handles.append(hook)
        yield
    finally:
        for handle in handles:
            handle.remove()


def _some(samples: Samples) -> Samples:
    """Choose samples evenly over the recording, so many that no batch is of one."""
    count = min(len(samples), MOST)
    if count > 1 and count % max(2, samples.batch_size) == 1:
        count -= 1
    places = np.linspace(0, len(samples) - 1, count).round().astype(int)
    return replace(samples, inputs=[samples.inputs[place] for place in places])


def _warn_of_single_values(names: list[str]) -> None:
    if names:
        warnings.warn(
            f"the untrained control needs more samples: norm {names[0]!r} saw one value per "
            f"channel in each batch, so its running statistics stay mean 0 and variance 1. "
            f"Record more samples",
            UserWarning,
            stacklevel=caller_level(),
        )
