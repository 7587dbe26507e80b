"""Whether a sample's rows depend on more than the sample: on others in its batch, or on chance.

Two samples are run alone, to learn the shapes of layers, and again in the first batch. What
differs beyond rounding belongs to the batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch

from topolens.torch._entries import is_quantised
from topolens.torch._state import dtype_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

MOST_FEATURES = 4096  # of a layer that are compared, spread over all
MOST_ROWS = 16  # that tell how large its numbers are
TENSOR_CORES = 2.0**-10  # spacing of what they take of a float32
QUANTISED = 2.0**-7

Rows = TypeVar("Rows", "Tensor", "NDArray[np.float32]")


def some_features(rows: Rows) -> Rows:
    """Return a view on some features of rows."""
    return rows[:, :: max(1, -(-rows.shape[1] // MOST_FEATURES))]


def change(alone: Tensor, batch: NDArray[np.float32]) -> float:
    """Return how much the first rows of a batch differ from those alone, relative to its rows."""
    rows = some_features(batch)[:MOST_ROWS].astype(np.float64)
    common = min(len(alone), len(rows))
    before, now = alone[:common].double().numpy(), rows[:common]
    same = (now == before) | (np.isnan(now) & np.isnan(before))
    if same.all():
        return 0.0
    size = np.sqrt(np.mean(rows[np.isfinite(rows)] ** 2)) if np.isfinite(rows).any() else 0.0
    moved = np.sqrt(np.mean(np.where(same, 0.0, now - before) ** 2))
    return float(moved / size) if size and np.isfinite(moved) else np.inf


def precision_of(model: nn.Module) -> float:
    """Return the relative spacing of the numbers that a model computes with."""
    quantised = any(map(is_quantised, model.modules()))
    return max(spacing(dtype_of(model)), QUANTISED if quantised else 0.0)


def spacing(dtype: torch.dtype, device: torch.device | None = None) -> float:
    """Return the relative spacing of numbers of a type, which are kept as float32."""
    coarsest = torch.finfo(torch.float32).eps
    if device is not None and device.type == "cuda" and dtype == torch.float32:
        coarsest = TENSOR_CORES
    return max(coarsest, torch.finfo(dtype).eps if dtype.is_floating_point else 0.0)


def advice(layer: str, n: int) -> str:
    """Say what was seen and what may be the cause."""
    return (
        f"rows of layer {layer!r} depend on the other samples of a batch or on chance: run again "
        f"in a batch of {n}, the first two samples have other rows than before. It may be a layer "
        f"whose batch is not on the first axis (see `batch_first`), normalisation by the batch, "
        f"edges between samples, or noise and dropout that evaluation mode does not stop"
    )
