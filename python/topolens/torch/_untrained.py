"""The same network, untrained."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from topolens._arrays import as_rng
from topolens.torch._state import device_of, own_random_state

if TYPE_CHECKING:
    from torch import nn


def reinitialized(model: nn.Module, rng: int | np.random.Generator | None) -> nn.Module:
    """Return a copy of the model with new parameters.

    The parameters are drawn on the CPU, so a seed means the same network on every device. They
    are first set to NaN: what is NaN afterwards was reached by no `reset_parameters`.
    """
    device = device_of(model)
    untrained = copy.deepcopy(model).cpu()
    with own_random_state(torch.device("cpu")), torch.no_grad():
        torch.default_generator.manual_seed(int(as_rng(rng).integers(2**63)))
        for parameter in untrained.parameters():
            if parameter.is_floating_point():
                parameter.fill_(torch.nan)
        for name, module in reversed(list(untrained.named_modules())):  # parts before the whole
            _reset(name, module)
        for name, parameter in untrained.named_parameters():
            if parameter.is_floating_point() and parameter.isnan().any():
                _draw(name, parameter)
    return untrained.to(device)


def _reset(name: str, module: nn.Module) -> None:
    """Call the module's own initialisation, which torch's attention spells with an underscore."""
    for method in ("reset_parameters", "_reset_parameters"):
        if callable(reset := getattr(module, method, None)):
            try:
                reset()
            except Exception as error:
                error.add_note(f"in `{method}` of module {name!r}, called for an untrained copy")
                raise
            return


def _draw(name: str, parameter: nn.Parameter) -> None:
    """Initialise a parameter by its shape and name."""
    if parameter.ndim >= 2:
        torch.nn.init.kaiming_uniform_(parameter, a=math.sqrt(5))
    elif name.endswith("bias"):
        parameter.zero_()
    else:
        parameter.fill_(1)
