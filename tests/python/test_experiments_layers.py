"""The networks, clouds and quantities of the layer experiment are what they are said to be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import topolens as tl
from experiments.layers.data import BETTI, cloud
from experiments.layers.population import WholePersistence, population
from experiments.layers.quantities import (
    area,
    complexity,
    ends_in_one_piece,
    ends_simple,
    kinds,
    largest_fall,
    largest_rise,
    last,
    lateness,
    under,
)
from experiments.layers.training import Recipe, Shape, fully_connected, trained

SHAPE = Shape((6, 6), "relu", "glorot")


@pytest.fixture(scope="module")
def halves():
    """Two halves of a square, easy to tell apart."""
    X = torch.rand(300, 2, generator=torch.Generator().manual_seed(0))
    X[:, 0] += 0.2 * (X[:, 0] > 0.5)
    return X, (X[:, 0] > 0.5).long()


@pytest.mark.parametrize("data", BETTI)
def test_inputs_show_their_betti_numbers(data):
    points = cloud(data, "small")
    X, y = points.X[:: points.step], points.y[:: points.step]
    for label, wanted in enumerate(BETTI[data]):
        found = tl.hop_betti(X[y == label], k=points.k, hops=points.hops, maxdim=points.maxdim)
        assert tuple(found.betti) == wanted


def test_trained_networks_have_every_point_right(halves):
    X, y = halves
    found = trained(X, y, SHAPE, Recipe(0.02, 64, 60), range(4), enough=4)
    assert found
    for model in found.values():
        assert (model(X).argmax(dim=1) == y).all()


@pytest.mark.parametrize("recipe", [Recipe(0.02, 64, 4), Recipe(0.02, 0, 9)])
def test_networks_side_by_side_are_trained_as_if_alone(halves, recipe, monkeypatch):
    monkeypatch.setattr("experiments.layers.training._all_right", lambda *_: True)
    recipe = recipe._replace(look_every=recipe.epochs)
    X, y = halves
    together = trained(X, y, SHAPE, recipe, range(3), enough=3)
    alone = trained(X, y, SHAPE, recipe, range(1, 2), enough=1)
    start = fully_connected(2, Shape((6, 6), "relu", "glorot"))
    for one, other in zip(together[1].parameters(), alone[1].parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    weight = next(together[0].parameters())
    assert not torch.equal(weight, next(together[1].parameters()))
    assert not torch.equal(weight, next(start.parameters()))


def test_training_is_that_of_pytorch(halves, monkeypatch):
    monkeypatch.setattr("experiments.layers.training._all_right", lambda *_: True)
    X, y = halves
    ours = trained(X, y, SHAPE, Recipe(0.01, 0, 20, look_every=20), range(1), enough=1)[0]
    torch.manual_seed(0)
    model = fully_connected(2, SHAPE)
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(20):
        adam.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        adam.step()
    torch.testing.assert_close(ours(X), model(X), rtol=1e-3, atol=1e-4)


def test_untrained_copies_start_from_the_same_kind_of_weights():
    model = fully_connected(2, Shape((400,), "tanh", "glorot"))
    untrained = tl.record(model, torch.rand(5, 2), max_samples=5).untrained(1)
    assert list(untrained)[1:] == ["tanh1", "output"]
    first = model[0]
    assert (first.bias == 0).all() and first.weight.abs().max() <= (6 / 402) ** 0.5
    assert fully_connected(2, Shape((400,), "tanh", "pytorch"))[0].bias.abs().max() > 0


def test_whole_persistence_by_hand():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    rng = np.random.default_rng(0)
    found = [value.value for value in WholePersistence().measure(square, rng=rng)]
    diagonal = 2**0.5
    assert found == pytest.approx([3 / diagonal, (diagonal - 1) / diagonal])
    scaled = WholePersistence().measure(7 * square, rng=rng)
    assert [value.value for value in scaled] == pytest.approx(found)
    assert [v.value for v in WholePersistence().measure(np.ones((5, 2)), rng=rng)] == [0, 0]


def table_of(omega, **equal):
    """A table of one network, whose classes have the given sums of Betti numbers 0."""
    columns = {
        **{"data": "D-I", "activation": "relu", "width": 15, "hidden": 9, "bottleneck": 0},
        **{"weights": "glorot", "seed": 0, "control": "trained", "measure": "betti"},
        **equal,
    }
    rows = [
        {**columns, "class": name, "layer_index": layer, "degree": d, "value": value}
        for name in ("a", "b")
        for layer, values in enumerate(omega)
        for d, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_quantities_by_hand():
    omega = under(complexity(table_of([(9, 1), (8, 2), (3, 0), (1, 0)])), "trained")
    assert omega.to_numpy().tolist() == [[20, 20, 6, 2]]
    assert area(omega).item() == pytest.approx(12 / 20)
    assert last(omega).item() == 2
    assert lateness(omega).item() == pytest.approx((14 * 2 + 4 * 3) / 3 / 18)
    assert largest_fall(omega).item() == pytest.approx(14 / 18)
    assert largest_rise(omega).item() == 0


def test_ends_are_simple_only_with_one_piece_and_no_holes():
    layers = [(9, 1), (1, 0)]
    assert ends_simple(table_of(layers)).tolist() == [True, True]
    assert ends_simple(table_of([(1, 0), (1, 1)])).tolist() == [False, False]
    assert ends_simple(table_of([(1, 0), (2, 0)])).tolist() == [False, False]
    assert ends_in_one_piece(table_of([(9, 1), (1, 1)])).tolist() == [True]
    assert ends_in_one_piece(table_of([(1, 0), (2, 0)])).tolist() == [False]


def test_kinds_leaves_out_populations_without_networks():
    table = pd.concat([table_of([(1, 0)]), pd.DataFrame([{"data": "D-I", "seed": -1}])])
    assert kinds(table)["seed"].tolist() == [0] * 4
    assert kinds(table, data="D-II").empty


def test_population_measures_every_layer_class_and_control(monkeypatch):
    quick = {"relu": Recipe(rate=0.01, batch=256, epochs=400)}
    monkeypatch.setattr("experiments.layers.population.RECIPES", {"small": quick})
    rows = population("cancer", "relu", 15, 2, 0, "glorot", 1, 4, "small")
    table = pd.DataFrame(rows)
    per_cloud = 2 + 2  # Betti numbers and total persistence in degrees 0 and 1
    assert len(table) == 4 * 2 * 3 * per_cloud  # layers, classes, controls
    assert table["seed"].nunique() == 1
