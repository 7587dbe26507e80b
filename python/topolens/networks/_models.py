"""Logits of many PyTorch networks for the same samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from operator import length_hint
from typing import Any

import numpy as np
import torch

from topolens._calls import Progress, reporting
from topolens.torch._batches import _as_batches, _join_labels, _split, batch_length
from topolens.torch._state import at_rest, dtype_of, own_random_state


def batches_of_logits(
    models: Mapping[Any, torch.nn.Module], loader: Any, device: Any, progress: Progress
) -> Iterator[tuple[dict[Any, np.ndarray], np.ndarray | None]]:
    """Yield the logits of all models and the labels, if there are any, for each batch."""
    for name, model in models.items():
        if not isinstance(model, torch.nn.Module):
            raise TypeError(
                f"`models` must be torch.nn.Modules; found {type(model).__name__} as {name!r}"
            )
    batches = _as_batches(loader)
    with ExitStack() as stack, reporting(progress, "networks") as report:
        homes = {
            name: stack.enter_context(at_rest(model, device)) for name, model in models.items()
        }
        stack.enter_context(own_random_state(next(iter(homes.values()), torch.device("cpu"))))
        for done, batch in enumerate(batches, start=1):
            inputs, labels = _split(batch)
            n = batch_length(inputs)
            logits = {
                name: _logits(model, inputs, homes[name], n, name) for name, model in models.items()
            }
            yield logits, _join_labels(list(labels))
            if report:
                report(done, max(done, length_hint(batches)))


def _logits(
    model: torch.nn.Module, inputs: Any, device: torch.device, n: int, name: Any
) -> np.ndarray:
    given = _moved(inputs, device, dtype_of(model))
    output = model(**given) if isinstance(given, dict) else model(given)
    output = getattr(output, "logits", output)
    if not isinstance(output, torch.Tensor) or output.ndim != 2 or len(output) != n:
        found = tuple(output.shape) if isinstance(output, torch.Tensor) else type(output).__name__
        raise ValueError(
            f"`models` must return logits of shape ({n}, K); found {found} from {name!r}"
        )
    return output.detach().cpu().double().numpy()


def _moved(inputs: Any, device: torch.device, dtype: torch.dtype) -> Any:
    """Move inputs; NumPy floats, mostly double by accident, take the model's type."""
    if isinstance(inputs, Mapping):
        return {key: _moved(part, device, dtype) for key, part in inputs.items()}
    if isinstance(inputs, torch.Tensor):
        return inputs.to(device)
    tensor = torch.tensor(np.ascontiguousarray(inputs))
    return tensor.to(device, dtype if tensor.is_floating_point() else None)
