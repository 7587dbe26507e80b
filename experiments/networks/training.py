"""One job: train networks of one kind on images of digits, and keep what they predict."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from itertools import combinations

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

import topolens as tl
from experiments.harness.jobs import Row
from experiments.networks.labels import pack

VERSION = 2
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
RATES = {"mlp": 3e-3, "cnn": 1e-2}
EPOCHS = (0, 1, 3, 10, 30)
N_TRAIN = 600
NEAR_TIE = 0.05
PATH_STEPS = (16, 64, 256)


@cache
def digits() -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Return 600 images with labels to train on, and the other 1197."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    X = torch.tensor(data.images[order] / 16, dtype=torch.float32)[:, None]
    y = torch.tensor(data.target[order])
    return (X[:N_TRAIN], y[:N_TRAIN]), (X[N_TRAIN:], y[N_TRAIN:])


def network(kind: str, activation: str, width: int) -> nn.Sequential:
    """Build two hidden layers, fully connected or of convolutions, and ten logits."""
    act = ACTIVATIONS[activation]
    if kind == "mlp":
        first, second = nn.Linear(64, width), nn.Linear(width, width)
        return nn.Sequential(nn.Flatten(), first, act(), second, act(), nn.Linear(width, 10))
    return nn.Sequential(
        *(nn.Conv2d(1, width, 3, padding=1), act(), nn.AvgPool2d(2)),
        *(nn.Conv2d(width, 2 * width, 3, padding=1), act(), nn.AvgPool2d(2)),
        *(nn.Flatten(), nn.Linear(8 * width, 10)),
    )


def train_and_predict(
    kind: str, activation: str, width: int, first_seed: int, seeds: int
) -> list[Row]:
    """Train a network for each seed; a row each for checkpoints, copies, pairs and paths.

    Labels that are predicted for the test images are packed.
    """
    rows: list[Row] = []
    ends: dict[int, nn.Module] = {}
    for seed in range(first_seed, first_seed + seeds):
        for epoch, model in _checkpoints(kind, activation, width, seed):
            rows.append({"what": "checkpoint", "seed": seed, "epoch": epoch, **_seen(model)})
        ends[seed] = model
        rows.append({"what": "copy", "seed": seed, **_disguise(model, activation, seed)})
    for seed in range(first_seed, first_seed + seeds - 1, 2):
        path = _jumps(ends[seed], ends[seed + 1])
        rows += [{"what": "path", "seed": seed, "steps": n, "jump": jump} for n, jump in path]
    for one, other in combinations(ends, 2):
        apart = _apart(ends[one], ends[other])
        rows.append({"what": "pair", "seed": one, "other_seed": other, **apart})
    return rows


def _checkpoints(
    kind: str, activation: str, width: int, seed: int
) -> Iterator[tuple[int, nn.Module]]:
    """Train, and yield the network after some of the epochs."""
    torch.manual_seed(seed)
    model = network(kind, activation, width)
    adam = torch.optim.Adam(model.parameters(), lr=RATES[kind])
    X, y = digits()[0]
    for epoch in range(EPOCHS[-1] + 1):
        if epoch in EPOCHS:
            yield epoch, model
        for batch in torch.randperm(len(X)).split(50):
            adam.zero_grad()
            nn.functional.cross_entropy(model(X[batch]), y[batch]).backward()
            adam.step()


def _seen(model: nn.Module) -> Row:
    """Show the test images to a network."""
    test = digits()[1]
    exact = tl.NetworkSpace.from_models([model], test)
    near = tl.NetworkSpace.from_models([model], test, tie_margin=NEAR_TIE)
    return {
        "labels": pack(exact.labels[0], test[1].numpy()),
        "accuracy": exact.accuracy()[0],
        "ties": exact.tie_mass[0],
        "near_ties": near.tie_mass[0],
    }


@torch.no_grad()
def _disguise(model: nn.Module, activation: str, seed: int) -> Row:
    """Permute the units of the first hidden layer, and rescale them or flip their signs."""
    rng = np.random.default_rng(seed)
    other = copy.deepcopy(model)
    first, second = [part for part in other if hasattr(part, "weight")][:2]
    units = len(first.bias)
    order = torch.from_numpy(rng.permutation(units))
    factors = rng.choice([-1, 1], units) if activation == "tanh" else np.exp(rng.normal(size=units))
    scale = torch.tensor(factors, dtype=torch.float32)
    first.weight.copy_(torch.einsum("u...,u->u...", first.weight, scale)[order])
    first.bias.copy_((first.bias * scale)[order])
    second.weight.copy_(torch.einsum("ou...,u->ou...", second.weight, 1 / scale)[:, order])
    space = tl.NetworkSpace.from_models([model, other], digits()[1])
    before, after = (nn.utils.parameters_to_vector(m.parameters()) for m in (model, other))
    return {
        "distance": space.distances(n_threads=1).values[0, 1],
        "moved": ((after - before).norm() / before.norm()).item(),
    }


@torch.no_grad()
def _apart(one: nn.Module, other: nn.Module) -> Row:
    """Say how far apart two networks are in weights, in norms of them, and in predictions."""
    first, second = (nn.utils.parameters_to_vector(m.parameters()) for m in (one, other))
    X = digits()[1][0]
    differ = one(X).argmax(dim=1) != other(X).argmax(dim=1)
    return {
        "weights_apart": (2 * (first - second).norm() / (first.norm() + second.norm())).item(),
        "disagree": differ.double().mean().item(),
    }


@torch.no_grad()
def _jumps(start: nn.Module, end: nn.Module) -> Iterator[tuple[int, float]]:
    """Walk straight through the weights; yield the longest step among the predictions."""
    X = digits()[1][0]
    ends = [nn.utils.parameters_to_vector(m.parameters()) for m in (start, end)]
    walker = copy.deepcopy(start)
    labels = []
    for t in torch.linspace(0, 1, PATH_STEPS[-1] + 1):
        nn.utils.vector_to_parameters(torch.lerp(*ends, t), walker.parameters())
        labels.append(walker(X).argmax(dim=1).numpy())
    predicted = np.array(labels)
    for n in PATH_STEPS:
        shown = predicted[:: PATH_STEPS[-1] // n]
        yield n, float((shown[1:] != shown[:-1]).mean(axis=1).max())
