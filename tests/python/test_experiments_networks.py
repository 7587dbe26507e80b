"""The networks experiment keeps what networks predict, and reads it back as a space."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from experiments.networks.claims import _broken_triangles
from experiments.networks.space import nearest_known, space_of
from experiments.networks.training import (
    EPOCHS,
    PATH_STEPS,
    _disguise,
    _jumps,
    digits,
    network,
    train_and_predict,
)


@pytest.fixture(scope="module")
def table():
    return pd.DataFrame(train_and_predict("mlp", "relu", 16, 0, 2))


def test_rows_hold_checkpoints_copies_and_paths(table):
    counts = table["what"].value_counts()
    assert counts.to_dict() == {"checkpoint": 2 * len(EPOCHS), "copy": 2, "path": len(PATH_STEPS)}
    trained = table[table["epoch"] == EPOCHS[-1]]
    assert (trained["accuracy"] > 0.85).all()
    assert (trained["near_ties"] >= trained["ties"]).all()


def test_labels_are_read_back(table):
    checkpoints = table[table["what"] == "checkpoint"].reset_index(drop=True)
    space = space_of(checkpoints)
    assert np.allclose(space.accuracy(), checkpoints["accuracy"])
    assert space.n_samples == len(digits()[1][1])


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_disguised_networks_move_in_weights_and_stay_in_predictions(kind, activation):
    torch.manual_seed(0)
    found = _disguise(network(kind, activation, 8), activation, seed=1)
    assert found["distance"] == 0
    assert found["moved"] > 0.1


def test_a_wrong_symmetry_would_be_seen():
    torch.manual_seed(0)
    model = network("mlp", "tanh", 8)
    for parameter in model.parameters():
        parameter.data *= 4  # so that predictions are not nearly constant
    found = _disguise(model, "relu", seed=1)
    assert found["distance"] > 0  # tanh is not homogeneous


def test_steps_of_a_path_add_up_to_more_than_its_ends_are_apart():
    torch.manual_seed(0)
    one, other = network("mlp", "tanh", 8), network("mlp", "tanh", 8)
    X = digits()[1][0]
    apart = (one(X).argmax(dim=1) != other(X).argmax(dim=1)).double().mean().item()
    jumps = dict(_jumps(one, other))
    assert list(jumps) == list(PATH_STEPS)
    assert all(n * jump >= apart for n, jump in jumps.items())
    assert jumps[PATH_STEPS[0]] >= jumps[PATH_STEPS[-1]]
    assert isinstance(one, nn.Module) and all(jump == 0 for _, jump in _jumps(one, one))


def test_nearest_known_compares_odd_seeds_with_even_ones():
    n = len(digits()[1][1])
    predicted = {0: 0, 1: 100, 2: 90, 3: 0}
    rows = pd.DataFrame(
        {"seed": seed, "labels": "1" * ones + "0" * (n - ones)} for seed, ones in predicted.items()
    )
    assert nearest_known(rows, 2) == pytest.approx([10 / n, 0])
    assert nearest_known(rows, 1) == pytest.approx([100 / n, 0])


def test_broken_triangles_are_found():
    class Counts:
        counts = np.array([[0, 1, 5], [1, 0, 1], [5, 1, 0]])

    assert _broken_triangles(Counts()) == (2, 27)
