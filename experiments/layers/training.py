"""Fully connected networks, trained on all points at once until every point is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from experiments.layers.data import Points
from experiments.layers.full_batch import Descent
from experiments.layers.table_1 import Kind

LOOK = 1000  # steps between two looks
MOST = 18_000
PATIENCE = 3  # looks in a row with no fewer mistakes, after which a network is given up

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky": lambda: nn.LeakyReLU(0.2),
    "tanh": nn.Tanh,
}


class Exam(NamedTuple):
    """Points that training does not see, and the share of them that may be wrong."""

    points: Points
    may_be_wrong: float


class Outcome(NamedTuple):
    """A network as it was when training ended, its steps, and how many points were wrong.

    It is trained `well` if none was, or if it has passed its exam where there is one.
    """

    model: nn.Sequential
    steps: int
    wrong: int
    well: bool


class GlorotLinear(nn.Linear):
    """Glorot's uniform weights and no biases at the start, as in the paper's code."""

    def reset_parameters(self) -> None:
        """Draw anew, which makes untrained copies too."""
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)


def fully_connected(n_in: int, kind: Kind) -> nn.Sequential:
    """Build a network with two logits; its layers are recorded after the activation."""
    sizes = [n_in, *kind.widths]
    model = nn.Sequential()
    for i, (before, after) in enumerate(zip(sizes, kind.widths, strict=False), start=1):
        model.add_module(f"linear{i}", GlorotLinear(before, after))
        model.add_module(f"{kind.activation}{i}", ACTIVATIONS[kind.activation]())
    model.add_module("logits", GlorotLinear(sizes[-1], 2))
    return model


def trained(points: Points, kind: Kind, seed: int, exam: Exam | None = None) -> Outcome:
    """Draw a network and train it until it is trained well, or nothing gets better."""
    torch.manual_seed(seed)
    model = fully_connected(points.X.shape[1], kind)
    descent = Descent(
        *points,
        (points.X.shape[1], *kind.widths, 2),
        kind.activation,
        start=nn.utils.parameters_to_vector(model.parameters()).detach().numpy(),
        rate=kind.rate,
    )
    wrong = fewest = len(points.y)
    stale, well = 0, False
    while descent.step < MOST and stale < PATIENCE and not well:
        _, wrong = descent.go(LOOK)
        fewest, stale = (wrong, 0) if wrong < fewest else (fewest, stale + 1)
        nn.utils.vector_to_parameters(torch.from_numpy(descent.vector), model.parameters())
        well = share_wrong(model, exam.points) <= exam.may_be_wrong if exam else wrong == 0
    return Outcome(model, descent.step, wrong, well)


def share_wrong(model: nn.Module, points: Points) -> float:
    """Return the share of points in the wrong class."""
    return float(np.mean(classes_told(model, points.X) != points.y))


@torch.no_grad()
def classes_told(model: nn.Module, X: np.ndarray) -> np.ndarray:
    """Return the class that a network gives each point."""
    return model(torch.tensor(X, dtype=torch.float32)).argmax(dim=1).numpy()
