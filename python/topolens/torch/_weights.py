"""The trainable parameters of a model as one vector, part by part."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class WeightReader:
    """Reads the parameters that are trained, in the order of the model.

    The vector is on the device of the first parameter, float64 if any parameter is and float32
    otherwise. Parameters that are frozen when the reader is made stay out, since constant
    coordinates change no distance.

    Parameters
    ----------
    model : torch.nn.Module

    Attributes
    ----------
    sizes : list of int
        Number of coordinates of each parameter.
    dtype, device
        Of the vector.
    """

    def __init__(self, model: Any) -> None:
        model = getattr(model, "_orig_mod", model)  # what torch.compile wraps
        if not isinstance(model, nn.Module):
            raise TypeError(f"`model` must be a torch.nn.Module; found {type(model).__name__}")
        parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        if not parameters:
            raise ValueError("`model` must have trainable parameters; found none")
        for name, parameter in parameters.items():
            if nn.parameter.is_lazy(parameter):
                raise ValueError(f"`model` must have been run once; {name!r} is not initialised")
            if parameter.is_complex():
                raise TypeError(f"`model` must have real parameters; {name!r} is complex")
        double = any(p.dtype == torch.float64 for p in parameters.values())
        self._model = model
        self._shapes = {name: p.shape for name, p in parameters.items()}
        self.sizes = [p.numel() for p in parameters.values()]
        self.dtype = torch.float64 if double else torch.float32
        self.device = next(iter(parameters.values())).device

    def read(self, step: int) -> list[torch.Tensor]:
        """Return the parameters of now, each flat, of one type and on one device.

        They may be the parameters themselves, and are not to be written to.
        """
        parameters = {
            name: p
            for name, p in self._model.named_parameters()
            if p.requires_grad or name in self._shapes
        }
        if {name: p.shape for name, p in parameters.items()} != self._shapes:
            raise ValueError(
                f"`model` must keep its trainable parameters and their shapes; at step {step} "
                f"{self._difference(parameters)}. Make another recorder after such a change"
            )
        detached = (p.detach().reshape(-1) for p in parameters.values())
        return [p.to(self.device, self.dtype) for p in detached]

    def _difference(self, parameters: dict[str, nn.Parameter]) -> str:
        for name, parameter in parameters.items():
            if name not in self._shapes:
                return f"found {name!r} in addition"
            if parameter.shape != self._shapes[name]:
                old, new = tuple(self._shapes[name]), tuple(parameter.shape)
                return f"found {new} in the place of {old} for {name!r}"
        missing = next((name for name in self._shapes if name not in parameters), None)
        return f"missed {missing!r}" if missing else "found another order"
