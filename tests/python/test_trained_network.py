"""What training does to the set D-I of the paper, in three ReLU networks and untrained copies.

The last bits of a training run differ from machine to machine and lead to other networks. What is
asserted leaves room for that; beside it stands what was seen over thirty networks.
"""

from __future__ import annotations

import numpy as np
import pytest
from paper_networks import accuracy, betti_by_layer, disks, trained

import topolens as tl

N_NETWORKS = 3


@pytest.fixture(scope="module")
def networks():
    X, y = disks()
    return X, y, [trained("relu", X, y, seed=seed) for seed in range(N_NETWORKS)]


@pytest.fixture(scope="module")
def table(networks):
    X, y, models = networks
    tables = [betti_by_layer(model, X, y, seed) for seed, model in enumerate(models)]
    return tl.layers.concat(tables, name="repeat")


def betti(table, class_, dimension, layer, control="trained"):
    """One Betti number of one class in one layer, for each network."""
    rows = table.select(
        measure="betti", class_=class_, degree=dimension, layer=layer, control=control
    )
    assert len(rows) == N_NETWORKS
    return rows.columns["value"]


def test_every_network_classifies_every_point(networks):
    X, y, models = networks
    assert [accuracy(model, X, y) for model in models] == [1.0] * N_NETWORKS


def test_input_is_nine_disks_in_a_plane_with_nine_holes(table):
    for control in ("trained", "untrained"):
        for class_, numbers in (("disks", (9, 0)), ("plane", (1, 9))):
            for dimension, number in enumerate(numbers):
                assert (betti(table, class_, dimension, "input", control) == number).all()


def test_layers_follow_the_network(table):
    layers = dict.fromkeys(table.columns["layer"].tolist())
    assert list(layers) == ["input", *(f"relu{i}" for i in range(1, 10)), "output"]


def test_disks_merge_into_one_piece(table):
    """Seen at the output: one piece in 29 of thirty networks, two in the other."""
    disks_left = betti(table, "disks", 0, "output")
    assert disks_left.max() <= 3
    assert np.median(disks_left) == 1
    assert np.median(betti(table, "plane", 0, "output")) == 1


def test_training_merges_the_disks_by_the_middle_of_the_network(table):
    """Seen in layer five: 1.4 ± 0.8 pieces when trained, 5.5 ± 1.8 when not."""
    now = betti(table, "disks", 0, "relu5")
    untrained = betti(table, "disks", 0, "relu5", control="untrained")
    assert now.mean() <= 3 < untrained.mean()


def test_training_closes_holes_that_an_untrained_network_keeps(table):
    """Seen at the output: no holes in 23 of thirty networks; two to eleven untrained."""
    now = betti(table, "plane", 1, "output")
    untrained = betti(table, "plane", 1, "output", control="untrained")
    assert now.mean() < untrained.mean()
    assert untrained.min() >= 1
