"""Untrained copies, pickling, and the summary of a recording."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from topolens.torch import record
from topolens.torch._state import seeded
from topolens.torch._untrained import redrawn
from torch_models import Encoder, Functional, mlp

X = torch.randn(20, 2, generator=torch.Generator().manual_seed(0))


class Bare(nn.Module):
    """Has parameters of its own and no way to reset them."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.position = nn.Parameter(3 + 0.1 * torch.randn(40, 60, generator=generator))
        self.scale = nn.Parameter(torch.full((6,), 9.0))
        self.out_bias = nn.Parameter(torch.full((6,), 9.0))

    def forward(self, x):
        return x @ self.position[:2, :6] * self.scale + self.out_bias


def reinitialized(model, seed):
    with seeded(torch.device("cpu"), seed):
        return redrawn(model).model


def spoil(model):
    """Move every number of a model far from any initial value."""
    with torch.no_grad():
        for value in model.state_dict().values():
            value.fill_(9)
    return model


def test_untrained_copy_is_recorded_on_the_same_samples_with_the_same_options():
    model = spoil(nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU()))
    images, labels = torch.randn(30, 1, 5, 5), torch.arange(30) % 2
    recording = record(model, (images, labels), max_samples=12, rng=0, reduce="mean")
    untrained = recording.untrained(rng=4)

    assert list(untrained) == list(recording)
    for facts in ("indices", "labels"):
        np.testing.assert_array_equal(getattr(untrained, facts), getattr(recording, facts))
    np.testing.assert_array_equal(untrained["input"], recording["input"])
    assert not np.allclose(untrained["output"], recording["output"])
    assert all((value == 9).all() for value in model.state_dict().values())

    fresh = reinitialized(model, 4).train()  # with the statistics of all 12 samples
    expected = fresh(images[recording.indices]).mean((2, 3)).detach()
    np.testing.assert_allclose(untrained["output"], expected, atol=1e-5)


def test_seed_decides_the_parameters_and_the_random_state_is_left_alone():
    recording = record(mlp(2, 4, 2), X)
    torch.manual_seed(3)
    before = torch.get_rng_state()
    first, same, other = (recording.untrained(seed)["output"] for seed in (1, 1, 2))
    again = recording.untrained(np.random.default_rng(1))["output"]
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(first, same)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    assert not np.array_equal(recording.untrained()["output"], recording.untrained()["output"])


@pytest.mark.parametrize(
    "model",
    [
        mlp(2, 4, 2, activation=nn.PReLU),
        Encoder(),
        nn.Sequential(nn.Embedding(5, 4), nn.LSTM(4, 3)),
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.GroupNorm(1, 2)),
    ],
)
def test_reset_parameters_reach_everything(model):
    untrained = reinitialized(spoil(model), 0)
    for name, value in untrained.state_dict().items():
        assert value.isfinite().all(), name
        assert not (value == 9).any(), name


def test_attention_is_initialised_as_when_it_is_made():
    attention = reinitialized(spoil(nn.MultiheadAttention(8, 2)), 0)
    assert not attention.in_proj_bias.any()
    assert not attention.out_proj.bias.any()
    bound = np.sqrt(6 / (8 + 24))
    assert 0.9 * bound < attention.in_proj_weight.abs().max() <= bound


def test_parameters_without_a_reset_follow_the_stated_rule():
    model = nn.Sequential(Bare())
    with seeded(torch.device("cpu"), 0):
        control = redrawn(model)
    untrained, drawn = control.model, control.drawn
    position = untrained[0].position
    assert not torch.isclose(position, model[0].position).any(dim=0).all()
    assert abs(position.mean() - 3) < 0.01
    assert abs(position.std() - 0.1) < 0.01
    assert torch.equal(untrained[0].scale, torch.full((6,), 9.0))
    assert torch.equal(untrained[0].out_bias, torch.zeros(6))
    assert drawn == {
        "0.position": "own mean and spread",
        "0.scale": "kept",
        "0.out_bias": "zero",
    }


def test_parametrized_weights_do_not_stay_trained():
    model = Functional()
    weight_norm(model.second)
    with torch.no_grad():
        model.second.parametrizations.weight.original1.fill_(9)
        model.second.parametrizations.weight.original0.fill_(9)
    trained = model.second.weight.clone()
    weight = reinitialized(model, 0).second.weight
    assert weight.isfinite().all()
    assert not torch.isclose(weight, trained).any()


@pytest.mark.filterwarnings("ignore:the untrained control keeps what is no floating-point")
def test_tied_parameters_stay_tied_and_integers_stay():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    model.counts = nn.Parameter(torch.arange(3), requires_grad=False)
    untrained = reinitialized(model, 0)
    assert untrained[1].weight is untrained[0].weight
    assert untrained[1].weight is not model[1].weight
    assert torch.equal(untrained.counts, torch.arange(3))


def test_reset_that_fails_names_the_module():
    class Failing(nn.Module):
        def reset_parameters(self):
            raise ArithmeticError("on purpose")

    with pytest.raises(ArithmeticError) as caught:
        reinitialized(nn.Sequential(Failing()), 0)
    assert "of module '0'" in caught.value.__notes__[0]
    assert "`untrained`" in caught.value.__notes__[0]


def test_recording_survives_pickling_without_its_model():
    model = mlp(2, 4, 3)
    model[1].register_forward_hook(lambda module, inputs, output: None)  # cannot be pickled
    recording = record(model, (X, np.arange(20) % 2))
    for restored in (pickle.loads(pickle.dumps(recording)), copy.deepcopy(recording)):
        assert list(restored) == list(recording)
        for name, array in recording.items():
            np.testing.assert_array_equal(restored[name], array)
        for facts in ("labels", "predictions", "indices"):
            np.testing.assert_array_equal(getattr(restored, facts), getattr(recording, facts))
        assert restored.rows == recording.rows
        with pytest.raises(RuntimeError, match="holds no model"):
            restored.untrained(0)
    recording.untrained(0)


def test_recording_is_a_mapping():
    recording = record(mlp(2, 4, 3), X)
    assert len(recording) == 3
    assert "1" in recording
    assert "relu" not in recording
    assert recording["1"] is recording.activations["1"]
    with pytest.raises(KeyError, match="relu"):
        recording["relu"]
    assert recording == recording
    assert recording != record(mlp(2, 4, 3), X)


def test_summary_shows_the_facts_on_each_layer():
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(27, 2))
    images = torch.randn(10, 1, 5, 5)
    images[7:] = images[6]
    images[0, 0, 0, 0] = torch.nan
    recording = record(model, images, reduce={"1": "mean"})
    columns = recording.summary().to_columns()
    assert {name: list(column) for name, column in columns.items()} == {
        "layer": ["input", "1", "output"],
        "calls": [1, 1, 1],
        "shape": ["(10, 1, 5, 5)", "(10, 3, 3, 3)", "(10, 2)"],
        "kept_shape": ["(10, 25)", "(10, 3)", "(10, 2)"],
        "MB": [1e-3, 1.2e-4, 8e-5],
        "distinct_rows": [7, 7, 7],
        "finite": [False, False, False],
        "averaged": ["", "3×3 positions", ""],
        "note": ["", "", ""],
    }
    assert all(row.finite for row in record(model, images[1:]).rows)
    for text in (repr(recording), repr(recording.summary())):
        assert "kept_shape" in text
        assert "(10, 3, 3, 3)" in text
    assert repr(recording).startswith("Recording: 10 samples, 3 layers\n")
    for html in (recording._repr_html_(), recording.summary()._repr_html_()):
        assert "<table" in html
        assert "(10, 3, 3, 3)" in html


def test_zeros_of_both_signs_are_one_point():
    points = torch.tensor([[0.0, 1.0], [-0.0, 1.0], [0.0, -1.0]])
    assert record(nn.Identity(), points).rows[0].distinct_rows == 2
