"""The networks, clouds and quantities of the layer experiment are what they are said to be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import topolens as tl
from experiment_tables import layers_table
from experiments.layers.claims import claims
from experiments.layers.data import BETTI, Points, cloud
from experiments.layers.full_batch import BLOCK, Descent, Rate
from experiments.layers.network import WholePersistence, network
from experiments.layers.quantities import Networks, area, largest_fall, largest_rise, lateness
from experiments.layers.table_1 import ACTIVATIONS, NARROW, PAPER, SMALL, Kind, kind
from experiments.layers.training import (
    LOOK,
    PATIENCE,
    fully_connected,
    share_wrong,
    trained,
)


def halves(n=300):
    """Two halves of a square, easy to tell apart."""
    X = np.random.default_rng(1).uniform(-1, 1, (n, 2)).astype(np.float32)
    X[:, 0] += np.where(X[:, 0] > 0, 0.2, -0.2)
    return Points(X, (X[:, 0] > 0).astype(np.int64))


def of_torch(points, of_kind, dtype=torch.float32):
    """The network of seed 0 with biases, its points, and its weights in one vector."""
    torch.manual_seed(0)
    model = fully_connected(points.X.shape[1], of_kind)
    for part in model:
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.bias, std=0.1)
    start = nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
    X, y = torch.tensor(points.X, dtype=dtype), torch.tensor(points.y)
    return model.to(dtype), X, y, start


def descent_of(points, of_kind, start):
    sizes = (points.X.shape[1], *of_kind.widths, 2)
    return Descent(*points, sizes, of_kind.activation, start=start, rate=of_kind.rate)


@pytest.mark.parametrize("data", BETTI)
def test_inputs_show_their_betti_numbers_at_the_authors_scale(data):
    points = cloud(data)
    assert abs(points.training.X).max() == pytest.approx(1, abs=1e-2)
    X, y = points.homology
    for label, wanted in enumerate(BETTI[data]):
        found = tl.hop_betti(X[y == label], k=points.k, hops=points.hops[0], maxdim=points.maxdim)
        assert tuple(found.betti) == wanted


@pytest.mark.parametrize("data", ["D-I", "D-II small", "D-III small"])
def test_unseen_points_are_new_and_of_the_same_kind(data):
    points = cloud(data)
    seen = {tuple(row) for row in points.training.X}
    assert not any(tuple(row) in seen for row in points.unseen.X[:2000])
    for of_one, of_other in zip(points.training, points.unseen, strict=True):
        assert of_one.mean() == pytest.approx(of_other.mean(), abs=0.03)


@pytest.mark.parametrize("n", [BLOCK - 3, BLOCK, 3 * BLOCK + 1])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_those_of_torch(activation, n):
    points, of_kind = halves(n), Kind("halves", (15, 3, 7), activation)
    model, X, y, start = of_torch(points, of_kind, torch.float64)
    loss = nn.functional.cross_entropy(model(X), y)
    loss.backward()
    expected = nn.utils.parameters_to_vector(p.grad for p in model.parameters()).numpy()
    descent = descent_of(points, of_kind, start)
    found, wrong = descent.differentiate()
    assert found == pytest.approx(loss.item(), rel=1e-6)
    assert wrong == (model(X).argmax(dim=1) != y).sum()
    np.testing.assert_allclose(descent.gradient, expected, atol=1e-6 * abs(expected).max())


def test_gradients_where_logits_are_large():
    points, of_kind = halves(), Kind("halves", (5,), "tanh")
    model, X, y, start = of_torch(points, of_kind)
    descent = descent_of(points, of_kind, 100 * start)
    nn.utils.vector_to_parameters(torch.tensor(100 * start), model.parameters())
    model = model.double()
    loss = nn.functional.cross_entropy(model(X.double()), y)
    loss.backward()
    expected = nn.utils.parameters_to_vector(p.grad for p in model.parameters()).numpy()
    assert descent.differentiate()[0] == pytest.approx(loss.item(), rel=1e-4)
    np.testing.assert_allclose(descent.gradient, expected, atol=1e-4 * abs(expected).max())


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_steps_are_those_of_adam_with_a_rate_that_halves(activation):
    points, of_kind = halves(), Kind("halves", (6, 6), activation)
    model, X, y, start = of_torch(points, of_kind)
    descent = descent_of(points, of_kind, start)
    descent.rate = Rate(0.01, 10)
    descent.go(13)
    descent.go(17)
    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    halved = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 0.5 ** (step / 10))
    for _ in range(30):
        adam.zero_grad()
        nn.functional.cross_entropy(model(X), y).backward()
        adam.step()
        halved.step()
    found = nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
    np.testing.assert_allclose(descent.vector, found, atol=2e-4)
    assert abs(descent.vector - start).max() > 0.05


def test_trained_networks_have_every_point_right_and_can_be_drawn_again():
    points, of_kind = halves(), Kind("halves", (6, 6), "relu")
    model, steps, wrong, well = trained(points, of_kind, 3)
    assert (wrong, steps, well) == (0, LOOK, True)
    assert share_wrong(model, points) == 0
    again = trained(points, of_kind, 3).model
    assert all(
        torch.equal(p, q) for p, q in zip(model.parameters(), again.parameters(), strict=True)
    )
    other = trained(points, of_kind, 4).model
    assert not torch.equal(next(model.parameters()), next(other.parameters()))


def test_networks_without_progress_are_given_up():
    points = Points(halves().X, np.random.default_rng(2).integers(0, 2, 300))
    outcome = trained(points, Kind("noise", (1,), "relu"), 0)
    assert outcome.wrong > 50
    assert outcome.steps <= (PATIENCE + 3) * LOOK
    assert share_wrong(outcome.model, points) == pytest.approx(outcome.wrong / 300)


def test_untrained_copies_start_from_the_same_kind_of_weights():
    model = fully_connected(2, Kind("D-I", (400,), "tanh"))
    untrained = tl.record(model, torch.rand(5, 2), max_samples=5).untrained(1)
    assert list(untrained)[1:] == ["tanh1", "output"]
    first = model[0]
    assert (first.bias == 0).all() and first.weight.abs().max() <= (6 / 402) ** 0.5


def test_rows_are_read_by_name():
    assert kind(NARROW) == Kind("D-I", (15, 15, 15, 3, 15, 15, 15, 15), "leaky")
    assert kind(NARROW).rate == Rate(0.02, 4000)
    assert kind("D-III small 25x9 tanh") == Kind("D-III small", (25,) * 9, "tanh")
    assert kind("D-III small 25x9 tanh").rate == Rate(0.02, 2500)
    assert len(set(PAPER)) == 41
    assert sum(kind(row).data == "D-I" for row in PAPER) == 12
    assert len(set(SMALL)) == len(SMALL)


def test_whole_persistence_by_hand():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    rng = np.random.default_rng(0)
    found = [value.value for value in WholePersistence().measure(square, rng=rng)]
    diagonal = 2**0.5
    assert found == pytest.approx([3 / diagonal, (diagonal - 1) / diagonal])
    scaled = WholePersistence().measure(7 * square, rng=rng)
    assert [value.value for value in scaled] == pytest.approx(found)
    assert [v.value for v in WholePersistence().measure(np.ones((5, 2)), rng=rng)] == [0, 0]


def test_a_network_is_measured_in_every_layer_class_and_control():
    rows = network("cancer 15x2 relu", 0)
    told, *curves = rows
    assert told["wrong"] == 0 and told["steps"] % LOOK == 0
    per_cloud = 3 * 2 + 2  # Betti numbers at three scales, and total persistence, in two degrees
    assert len(curves) == 2 * 3 * per_cloud
    assert all(len(row["layers"].split()) == 4 for row in curves)
    X, y = cloud("cancer").homology
    inputs = tl.hop_betti(X[y == 0], k=6, hops=2, maxdim=1).betti
    found = [
        row["layers"].split()[0]
        for row in curves
        if (row["measure"], row["scale"], row["control"]) == ("betti", 2, "trained")
        and row["class"] == "benign"
    ]
    assert [int(first) for first in found] == list(inputs)


def test_a_network_that_is_not_well_trained_leaves_one_line(monkeypatch):
    monkeypatch.setattr("experiments.layers.training.MOST", 0)
    rows = network("cancer 15x2 relu", 0)
    assert [row["measure"] for row in rows] == ["training"]


def test_quantities_by_hand():
    omega = pd.DataFrame([[20.0, 20, 6, 2]])
    assert area(omega).item() == pytest.approx(12 / 20)
    assert lateness(omega).item() == pytest.approx((14 * 2 + 4 * 3) / 3 / 18 - 2 / 3)
    assert largest_fall(omega).item() == pytest.approx(14 / 18)
    assert largest_rise(omega).item() == 0
    even = pd.DataFrame([[8.0, 6, 4, 2, 0]])
    assert lateness(even).item() == pytest.approx(0)


def test_curves_are_summed_over_what_is_left_open():
    networks = Networks(layers_table())
    row = "D-I 15x9 relu"
    assert networks.classes(row) == ("disks", "plane")
    both, a = networks.of(row), networks.of(row, **{"class": "disks"})
    b = networks.of(row, **{"class": "plane"})
    np.testing.assert_array_equal(both, a + b)
    assert both.shape == (12, 11)
    assert networks.of("D-I 15x3 relu").shape[1] == 5
    assert networks.of("D-II 15x9 relu").empty


def test_ends_are_simple_only_with_one_piece_and_no_holes():
    networks = Networks(layers_table())
    simple = networks.ends_simple("D-I 15x9 relu", "disks")
    assert simple.sum() == len(simple) == 12
    assert networks.ends_simple("D-I 15x9 tanh", "plane").sum() == 0
    assert networks.well_trained("D-I 15x9 relu") == (12, 15)


def test_claims_find_what_was_planted():
    verdicts = {
        claim.statement: claim.verdict
        for claim in claims(layers_table())
        if hasattr(claim, "verdict")
    }

    def of(*words):
        (found,) = (v for s, v in verdicts.items() if all(word in s for word in words))
        return found

    assert of("15 × 9, ReLU", "Ma (disks)") == "reproduced"
    assert of("15 × 9, tanh", "Mb (plane)") == "not reproduced"
    assert of("D-II, a sixth", "tanh", "Mb") == "not reproduced at this size"
    assert of("faster with ReLU than with leaky", "D-I, 15") == "reproduced"
    assert of("faster with leaky ReLU than with tanh", "D-I, 15") == "reproduced"
    assert of("ReLU", "final layers", "D-I, ReLU") == "reproduced"
    assert of("bottleneck") == "reproduced"
