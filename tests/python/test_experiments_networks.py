"""The networks experiment keeps what networks predict, and reads it back as a space."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from experiments import networks
from experiments.harness import Finding
from experiments.harness.tables import read_tables, write_table
from experiments.networks.claims import broken_triangles, weights_do_not_tell
from experiments.networks.coverage import HALVINGS, ORDERS, RADIUS, coverage
from experiments.networks.labels import pack, unpack
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
    expected = {"checkpoint": 2 * len(EPOCHS), "copy": 2, "path": len(PATH_STEPS), "pair": 1}
    assert counts.to_dict() == expected
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
        {"seed": seed, "labels": packed(np.arange(n) < ones)} for seed, ones in predicted.items()
    )
    assert nearest_known(rows, 2) == pytest.approx([10 / n, 0])
    assert nearest_known(rows, 1) == pytest.approx([100 / n, 0])


def test_broken_triangles_are_found():
    class Counts:
        counts = np.array([[0, 1, 5], [1, 0, 1], [5, 1, 0]])

    assert broken_triangles(Counts()) == (2, 27)


def truth():
    return digits()[1][1].numpy()


def packed(labels):
    return pack(np.asarray(labels).astype(int), truth())


@pytest.mark.parametrize("wrong", [0.0, 0.05, 1.0])
def test_packed_labels_come_back(wrong):
    rng = np.random.default_rng(0)
    y = truth()
    labels = np.where(rng.random(len(y)) < wrong, rng.integers(10, size=len(y)), y)
    text = pack(labels, y)
    assert (unpack(text, y) == labels).all()
    assert len(text) < len(y) * (0.2 if wrong < 1 else 0.7) and not set(text) & set(',"\n\\')


def test_labels_that_are_few_are_packed_as_they_are():
    assert packed(truth() == 3).startswith("labels ")
    assert packed(truth()).startswith("errors ")


def of_groups(groups, each):
    """Networks in groups whose labels differ throughout; within a group they are the same."""
    n = len(truth())
    return pd.DataFrame(
        {"seed": i, "labels": packed(np.full(n, i % groups))} for i in range(groups * each)
    )


def test_few_balls_cover_groups_however_many_networks_are_known():
    found = coverage(of_groups(3, 32))
    assert found.known.tolist() == [3, 6, 12, 24, 48, 96]
    assert found.balls.shape == (ORDERS, HALVINGS) and found.beyond.shape == (ORDERS, HALVINGS - 1)
    assert (found.balls[:, -1] == 3).all() and (found.apart == found.balls).all()
    assert (found.beyond[:, -1] == 0).all() and found.beyond[:, 0].max() > 0
    assert (np.diff(found.balls, axis=1) >= 0).all()


def test_networks_that_are_all_apart_need_a_ball_each():
    rng = np.random.default_rng(0)
    n = len(truth())
    rows = pd.DataFrame(
        {"seed": seed, "labels": packed(rng.integers(10, size=n))} for seed in range(64)
    )
    found = coverage(rows)
    assert (found.balls == found.known).all() and (found.beyond == 1).all()


def test_balls_of_one_radius_may_hold_networks_two_radii_apart():
    n = len(truth())
    steps = np.arange(64) * round(RADIUS * n * 0.7)  # a line of networks 0.7 radii apart
    rows = pd.DataFrame(
        {"seed": i, "labels": packed(np.arange(n) < step)} for i, step in enumerate(steps[:12])
    )
    found = coverage(pd.concat([rows] * 3, ignore_index=True))
    assert (found.apart <= found.balls).all() and (found.apart[:, -1] < found.balls[:, -1]).all()


def pairs_of(tells):
    """Twenty groups of ten pairs, whose weights tell how far they are apart, or do not."""
    rng = np.random.default_rng(0)
    x = rng.random(200)
    y = x**3 if tells else rng.random(200)
    group = np.arange(200) // 10
    kind = {"kind": "mlp", "width": 16, "activation": "relu", "seeds": 5}
    # groups that are far apart in both are no sign of it: ranks are taken within each
    columns = {"first_seed": group, "weights_apart": x + group, "disagree": y + group}
    return pd.DataFrame(columns).assign(**kind)


def test_weights_that_tell_are_told_from_those_that_do_not():
    copies = pd.DataFrame({"moved": [1.0, 2.0]})
    tell, free = (weights_do_not_tell(pairs_of(tells), copies) for tells in (True, False))
    assert tell.interval.estimate == pytest.approx(1) and tell.interval.n == 20
    assert tell.verdict == "not reproduced at this size"
    assert free.verdict == "reproduced"


def test_theorems_have_estimates_and_no_verdict(tmp_path, table):
    of_kinds = pd.concat(
        [
            pd.DataFrame(train_and_predict("mlp", "relu", 16, first, 3)).assign(
                kind="mlp", activation="relu", width=16, first_seed=first, seeds=3
            )
            for first in (0, 3, 6)
        ]
    )
    write_table(of_kinds, tmp_path / "small" / "networks.csv")
    kept = read_tables(tmp_path, ["networks"])["networks"]
    found, direct = networks.claims(kept), networks.claims(of_kinds.assign(size="small"))
    assert [type(one) for one in found[1:]] == [Finding] * (len(found) - 1)
    assert [one.estimate for one in found[1:]] == [one.estimate for one in direct[1:]]
    assert found[0].interval[:3] == pytest.approx(direct[0].interval[:3], rel=1e-5)
    texts = " ".join(one.estimate + one.remark for one in found[1:])
    assert "nan" not in texts + networks.summary(kept) + networks.remarks(kept)
    assert "0 of 91,125 triples" in texts
