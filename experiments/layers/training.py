"""Fully connected networks of one shape, trained side by side until every point is right.

The networks are so small that a step of one takes hardly less time than a step of twenty, whose
matrices are stacked. They share nothing but the data: initial weights and the order of the points
are drawn for each, and Adam works on each number alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky": lambda: nn.LeakyReLU(0.2),
    "tanh": nn.Tanh,
}


class Recipe(NamedTuple):
    """How networks are trained by Adam.

    On mini-batches, with a rate that rises first and then falls to nothing; or, with a `batch` of
    0, on all points at once as in the paper, with a rate that is halved every 2500 steps.
    """

    rate: float
    batch: int
    epochs: int
    look_every: int = 1

    def schedule(self, adam: torch.optim.Adam, steps: int) -> torch.optim.lr_scheduler.LRScheduler:
        """Return what sets the rate after each of so many steps."""
        if self.batch == 0:
            return torch.optim.lr_scheduler.StepLR(adam, 2500, gamma=0.5)
        return torch.optim.lr_scheduler.OneCycleLR(adam, self.rate, total_steps=steps)


class GlorotLinear(nn.Linear):
    """Glorot's uniform weights and no biases at the start, as in the paper's code."""

    def reset_parameters(self) -> None:
        """Draw anew, which makes untrained copies too."""
        nn.init.xavier_uniform_(self.weight)
        nn.init.zeros_(self.bias)


# PyTorch's own weights are smaller, and have biases.
LINEAR = {"glorot": GlorotLinear, "pytorch": nn.Linear}


class Shape(NamedTuple):
    """The hidden layers of a network, and what it starts from."""

    widths: tuple[int, ...]
    activation: str
    weights: str


def fully_connected(n_in: int, shape: Shape) -> nn.Sequential:
    """Build a network with two logits; its layers are recorded after the activation."""
    widths, activation = shape.widths, shape.activation
    linear = LINEAR[shape.weights]
    sizes = [n_in, *widths]
    parts: list[tuple[str, nn.Module]] = []
    for i, (before, after) in enumerate(zip(sizes, widths, strict=False), start=1):
        parts += [(f"linear{i}", linear(before, after))]
        parts += [(f"{activation}{i}", ACTIVATIONS[activation]())]
    parts += [("logits", linear(sizes[-1], 2))]
    model = nn.Sequential()
    for name, part in parts:
        model.add_module(name, part)
    return model


def trained(
    X: Tensor,
    y: Tensor,
    shape: Shape,
    recipe: Recipe,
    seeds: range,
    enough: int,
) -> dict[int, nn.Sequential]:
    """Train a network for each seed until enough have got every point right; return these.

    Each is kept as it was when it was first seen without a mistake.
    """
    models = {}
    for seed in seeds:
        torch.manual_seed(seed)
        models[seed] = fully_connected(X.shape[1], shape)
    activation = shape.activation
    layers = _stacked(list(models.values()))
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    parameters = [tensor for layer in layers for tensor in layer]
    adam = torch.optim.Adam(parameters, lr=recipe.rate, fused=True)
    batch = recipe.batch or len(X)
    schedule = recipe.schedule(adam, recipe.epochs * -(-len(X) // batch))

    right: dict[int, nn.Sequential] = {}
    for epoch in range(1, recipe.epochs + 1):
        orders = torch.stack([torch.randperm(len(X), generator=g) for g in generators])
        for chosen in orders.split(batch, dim=1):
            logits = _forward(layers, X[chosen], activation)
            # each network gets the mean over its batch, as if it were alone
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y[chosen].flatten())
            adam.zero_grad()
            (loss * len(models)).backward()
            adam.step()
            schedule.step()
        if epoch % recipe.look_every:
            continue
        for i, seed in enumerate(models):
            if seed not in right and _all_right(layers, i, X, y, activation):
                right[seed] = _unstacked(models[seed], layers, i)
        if len(right) >= enough:
            break
    return dict(sorted(right.items()))


Layers = list[tuple[Tensor, Tensor]]


def _linear_parts(model: nn.Sequential) -> list[nn.Linear]:
    return [part for part in model if isinstance(part, nn.Linear)]


def _stacked(models: list[nn.Sequential]) -> Layers:
    """Stack the weights (M, in, out) and biases (M, 1, out) of each layer."""
    layers = []
    for parts in zip(*map(_linear_parts, models), strict=True):
        weight = torch.stack([part.weight.detach().T for part in parts])
        bias = torch.stack([part.bias.detach()[None] for part in parts])
        layers.append((weight.requires_grad_(), bias.requires_grad_()))
    return layers


def _forward(layers: Layers, x: Tensor, activation: str) -> Tensor:
    act = ACTIVATIONS[activation]()
    for weight, bias in layers[:-1]:
        x = act(torch.baddbmm(bias, x, weight))
    weight, bias = layers[-1]
    return torch.baddbmm(bias, x, weight)


@torch.no_grad()
def _all_right(layers: Layers, i: int, X: Tensor, y: Tensor, activation: str) -> bool:
    alone = [(weight[i : i + 1], bias[i : i + 1]) for weight, bias in layers]
    return bool((_forward(alone, X[None], activation)[0].argmax(dim=1) == y).all())


@torch.no_grad()
def _unstacked(model: nn.Sequential, layers: Layers, i: int) -> nn.Sequential:
    for part, (weight, bias) in zip(_linear_parts(model), layers, strict=True):
        part.weight.copy_(weight[i].T)
        part.bias.copy_(bias[i, 0])
    return model
