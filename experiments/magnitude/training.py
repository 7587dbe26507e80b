"""Plain SGD, and what a network is worth while it is trained."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from experiments.magnitude.data import Labeled


def steps(
    model: nn.Module, train: Labeled, rate: float, batch: int, iterations: int
) -> Iterator[int]:
    """Take one step of SGD after the other, in batches without replacement."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    loss_fn = nn.CrossEntropyLoss()
    batches: list[torch.Tensor] = []
    for iteration in range(1, iterations + 1):
        batches = batches or list(torch.randperm(len(train[0])).split(batch))
        chosen = batches.pop()
        optimizer.zero_grad()
        loss_fn(model(train[0][chosen]), train[1][chosen]).backward()
        optimizer.step()
        yield iteration


@torch.no_grad()
def performance(model: nn.Module, train: Labeled, test: Labeled) -> dict[str, float]:
    """Measure accuracies in percent, mean losses, and the gaps between training and test."""
    right, losses = [], []
    for X, y in (train, test):
        outputs = torch.cat([model(part) for part in X.split(2000)])
        right.append(100 * (outputs.argmax(1) == y).float().mean().item())
        losses.append(nn.functional.cross_entropy(outputs, y).item())
    return {
        "training accuracy": right[0],
        "test accuracy": right[1],
        "gap": right[0] - right[1],
        "loss gap": losses[1] - losses[0],
    }


def weights(model: nn.Module) -> torch.Tensor:
    """Return all weights of now, as one vector."""
    return nn.utils.parameters_to_vector(model.parameters()).detach()
