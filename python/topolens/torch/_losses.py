"""Losses and correctness of the same samples at every step of a training run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from topolens._arrays import as_real
from topolens.torch._batches import batch_length, cuts
from topolens.torch._finding import Unfit, first_fit
from topolens.torch._forward import dense
from topolens.torch._state import at_rest, device_of, moved

if TYPE_CHECKING:
    from topolens.torch._batches import Inputs

BATCH = 1024
PerSample = tuple[np.ndarray, np.ndarray | None]


class SampleLosses:
    """Per-sample losses of a model, taken at rest and without a trace.

    Parameters
    ----------
    model : torch.nn.Module
    losses : callable or tuple (inputs, targets, loss_fn)
        As in `TrajectoryRecorder`.
    """

    def __init__(self, model: torch.nn.Module, losses: Any) -> None:
        self._model = model
        if callable(losses):
            self._measure: Callable[[], Any] = lambda: losses(model)
            return
        try:
            inputs, targets, loss_fn = losses
        except (TypeError, ValueError):
            raise TypeError(
                f"`losses` must be a function of the model or a tuple (inputs, targets, loss_fn); "
                f"found {type(losses).__name__}"
            ) from None
        inputs, targets = _as_inputs(inputs), _as_tensor(targets, "targets")
        n = batch_length(inputs, "losses")
        if len(targets) != n or not n:
            raise ValueError(
                f"`losses` must have one target per input, and some; found {len(targets)} targets "
                f"for {n} inputs"
            )
        self._measure = lambda: _in_batches(model, inputs, targets, loss_fn)

    def measure(self) -> PerSample:
        """Return float64 losses, and bools that tell which samples are right, if known."""
        with at_rest(self._model, None):
            found = self._measure()
        losses, correct = found if isinstance(found, tuple) else (found, None)
        values = _as_row(losses, "losses").astype(np.float64)
        if correct is None:
            return values, None
        right = _as_row(correct, "correctness")
        if right.dtype != bool or right.shape != values.shape:
            raise ValueError(
                f"`losses` must return correctness as {len(values)} bools; found "
                f"{right.dtype} of shape {right.shape}"
            )
        return values, right


def _in_batches(
    model: torch.nn.Module, inputs: Inputs, targets: torch.Tensor, loss_fn: Callable[..., Any]
) -> tuple[torch.Tensor, torch.Tensor | None]:
    losses, correct = [], []
    device = device_of(model)
    for start, end in pairwise(cuts(len(targets), BATCH)):
        wanted = targets[start:end].to(device)
        outputs = _outputs(model, moved(_rows(inputs, start, end), device))
        loss = loss_fn(outputs, wanted)
        if loss.shape != (len(wanted),):
            raise ValueError(
                f"`losses` must have a loss function that returns one number per sample, such as "
                f'torch.nn.CrossEntropyLoss(reduction="none"); found shape {tuple(loss.shape)}'
            )
        losses.append(loss)
        classes = not wanted.is_floating_point() and wanted.ndim == 1 and outputs.ndim == 2
        if classes and outputs.shape[1] > 1:
            correct.append(outputs.argmax(1) == wanted)
    return torch.cat(losses), torch.cat(correct) if correct else None


def _outputs(model: torch.nn.Module, inputs: Inputs) -> torch.Tensor:
    """Find the network's output where a recording finds it."""
    value = model(**inputs) if isinstance(inputs, dict) else model(inputs)
    found = first_fit(value, batch_length(inputs, "losses"))
    if isinstance(found, Unfit):
        raise TypeError(
            f"`losses` as a tuple needs a model whose output is a tensor, and it "
            f"{found.reason}. Give a function of the model"
        )
    return dense(found)


def _as_inputs(inputs: Any) -> Inputs:
    """Read a tensor, or the keyword arguments of the model."""
    if isinstance(inputs, Mapping):
        if not inputs:
            raise ValueError("`losses` must have inputs; found an empty dictionary")
        return {name: _as_tensor(part, name) for name, part in inputs.items()}
    return _as_tensor(inputs, "inputs")


def _rows(inputs: Inputs, start: int, end: int) -> Inputs:
    if isinstance(inputs, dict):
        return {name: part[start:end] for name, part in inputs.items()}
    return inputs[start:end]


def _as_tensor(values: Any, what: str) -> torch.Tensor:
    if isinstance(values, torch.Tensor):
        return values
    array = as_real(values, f"losses: {what}")
    return torch.tensor(np.ascontiguousarray(array, array.dtype.newbyteorder("=")))


def _as_row(values: Any, what: str) -> np.ndarray:
    array = as_real(values, "losses")
    if array.ndim != 1 or not len(array):
        raise ValueError(
            f"`losses` must return the {what} as one number per sample; found shape {array.shape}"
        )
    return array
