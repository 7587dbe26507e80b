"""Networks of PyTorch: what changes their weights but not their function moves nothing."""

from __future__ import annotations

import copy
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import topolens as tl


def trained(seed=0, width=32, steps=150):
    torch.manual_seed(seed)
    model = nn.Sequential(
        nn.Linear(4, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 3)
    )
    X, y = data(400, seed=1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        optimizer.step()
    return model


def data(n, seed):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, 4, generator=generator)
    y = (X[:, 0] * X[:, 1] > 0).long() + (X[:, 2] > X[:, 3] ** 2).long()
    return X, y


def permuted(model, seed):
    """The same function, with the hidden units in another order."""
    other = copy.deepcopy(model)
    first, second, last = other[0], other[2], other[4]
    with torch.no_grad():
        for a, b in ((first, second), (second, last)):
            order = torch.randperm(len(a.bias), generator=torch.Generator().manual_seed(seed))
            a.weight.copy_(a.weight[order].clone())
            a.bias.copy_(a.bias[order].clone())
            b.weight.copy_(b.weight[:, order].clone())
    return other


def rescaled(model, seed):
    """The same function, with the inputs of each hidden unit scaled up and its outputs down."""
    other = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for a, b in ((other[0], other[2]), (other[2], other[4])):
            factor = torch.exp(torch.randn(len(a.bias), generator=generator))
            a.weight.mul_(factor[:, None])
            a.bias.mul_(factor)
            b.weight.div_(factor)
    return other


def test_symmetries_of_the_parameters_move_nothing_up_to_near_ties():
    model, stranger = trained(0), trained(1)
    same = {f"permuted {k}": permuted(model, k) for k in range(3)}
    same |= {f"rescaled {k}": rescaled(model, k) for k in range(3)}
    space = tl.NetworkSpace.from_models(
        {"model": model, **same, "stranger": stranger}, data(20_000, seed=2), tie_margin=1e-4
    )
    for other in same.values():  # the weights have moved
        assert not torch.equal(other[0].weight, model[0].weight)
    D, ties = space.distances(), space.tie_mass
    among = D.values[:-1, :-1]
    # Only samples that are tied, to the precision of the weights, can change their label.
    assert (among <= np.minimum.outer(ties[:-1], ties[:-1])).all()
    assert ties.max() < 1e-3
    assert D.values[0, -1] > 100 * max(among.max(), 1e-4)
    classes = D.quotient(1e-3, "complete").labels
    assert classes[:-1].max() == 0 and classes[-1] == 1
    exact = tl.NetworkSpace.from_models([model, copy.deepcopy(model)], data(500, seed=3))
    assert exact.quotient().sizes.tolist() == [2]


def test_models_are_run_as_torch_runs_them():
    models = {f"seed {k}": trained(k, steps=10) for k in range(3)}
    X, y = data(130, seed=5)
    loader = DataLoader(TensorDataset(X, y), batch_size=32)
    models["seed 0"].train()
    before = torch.get_rng_state()
    space = tl.NetworkSpace.from_models(models, loader, soft=True)
    assert torch.equal(before, torch.get_rng_state()) and models["seed 0"].training
    with torch.no_grad():
        logits = torch.stack([model.eval()(X) for model in models.values()])
    np.testing.assert_array_equal(space.labels, logits.argmax(dim=-1))
    np.testing.assert_array_equal(space.y, y)
    assert space.names == tuple(models) and space.n_samples == 130
    expected = (logits.softmax(-1)[0] - logits.softmax(-1)[1]).abs().sum(dim=-1).mean() / 2
    assert space.distances("tv").values[0, 1] == pytest.approx(float(expected), abs=1e-6)
    again = tl.NetworkSpace.from_models(models.values(), (X, y), names=models)
    np.testing.assert_array_equal(again.distances().counts, space.distances().counts)


def test_refusals():
    with pytest.raises(TypeError, match=r"must be torch.nn.Modules; found int as 'a'"):
        tl.NetworkSpace.from_models({"a": 3}, torch.zeros(3, 4))
    with pytest.raises(ValueError, match=r"logits of shape \(3, K\); found \(3,\) from 0"):
        tl.NetworkSpace.from_models([nn.Flatten(0)], torch.zeros(3, 1))
    with pytest.raises(ValueError, match="`update` must have been called"):
        tl.NetworkSpace.from_models([nn.Linear(2, 2)], [])
    sure = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=-1))
    with pytest.raises(ValueError, match="found probabilities for 'sure': leave the softmax out"):
        tl.NetworkSpace.from_models({"sure": sure}, torch.randn(9, 4), soft=True)


def test_a_space_that_is_called_says_who_makes_it():
    loader = DataLoader(TensorDataset(*data(8, seed=0)))
    for call in (
        lambda: tl.NetworkSpace({"a": nn.Linear(4, 3)}, loader),
        lambda: tl.NetworkSpace(models=[nn.Linear(4, 3)], loader=loader),
        lambda: tl.NetworkSpace(),
    ):
        with pytest.raises(TypeError, match=r"use `NetworkSpace.from_models\(models, loader\)`"):
            call()


def test_torch_is_imported_for_models_only():
    program = (
        "import sys, topolens as tl; tl.NetworkSpace.from_labels([[0, 1], [1, 1]]).distances();"
        "print('torch' in sys.modules, 'scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.split() == ["False", "False"], done.stderr
