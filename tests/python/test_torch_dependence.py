"""Rows that depend on other samples, or on chance, are noticed; and chance can be repeated."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from torch import nn

import topolens as tl
from topolens.torch import record
from torch_models import Encoder, mlp

POINTS = torch.randn(40, 6, generator=torch.Generator().manual_seed(1))
SERIES = torch.randn(12, 5, 6, generator=torch.Generator().manual_seed(2))


class TimeFirst(nn.Module):
    """An encoder that takes the samples for time steps."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Linear(6, 6)
        layer = nn.TransformerEncoderLayer(6, 2, 8)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, x):
        return self.encoder(self.embed(x))


class Noisy(nn.Module):
    """A variational autoencoder: its code is drawn."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.mean, self.decode = nn.Linear(6, 3), nn.Linear(3, 6)

    def forward(self, x):
        mean = self.mean(x)
        return self.decode(mean + torch.randn_like(mean))


class Graph(nn.Module):
    """Each sample hears of all."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = nn.Linear(6, 4), nn.Linear(4, 3)

    def forward(self, x):
        edges = torch.softmax(x @ x.T, dim=1)
        return self.second(torch.relu(edges @ self.first(x)))


class Dropping(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 4)

    def forward(self, x):
        return nn.functional.dropout(self.linear(x), 0.5)


def normalised():
    norm = nn.BatchNorm1d(6, track_running_stats=False)
    return nn.Sequential(nn.Linear(6, 6), nn.ReLU(), norm, nn.Linear(6, 6), nn.ReLU())


@pytest.mark.parametrize(
    ("make", "inputs", "layer"),
    [
        (TimeFirst, SERIES, "encoder.layers.0"),
        (Noisy, POINTS, "output"),
        (Graph, POINTS, "output"),
        (Dropping, POINTS, "output"),
        (normalised, POINTS, "output"),
    ],
)
def test_the_first_layer_that_depends_on_more_than_its_sample_is_named(make, inputs, layer):
    model = make()
    with pytest.warns(UserWarning, match="depend on the other samples of a batch or on") as caught:
        recording = record(model, inputs, rng=0)
    assert len(caught) == 1
    assert f"rows of layer {layer!r}" in str(caught[0].message)
    assert caught[0].filename == __file__
    again, other = _quiet(model, inputs, 0), _quiet(model, inputs, 1)
    for name in recording:
        np.testing.assert_array_equal(recording[name], again[name])
    if make in (Noisy, Dropping):
        assert not np.array_equal(recording["output"], other["output"])


def _quiet(model, inputs, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return record(model, inputs, rng=seed)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
@pytest.mark.filterwarnings("error")
def test_rounding_is_no_dependence(dtype):
    torch.manual_seed(0)
    deep = mlp(6, *[64] * 20, 1)
    convolutions = nn.Sequential(
        *(nn.Sequential(nn.Conv1d(5, 5, 3, padding=1), nn.BatchNorm1d(5)) for _ in range(8))
    )
    for model, inputs in ((deep, POINTS), (convolutions, SERIES)):
        record(model.to(dtype), inputs.to(dtype))
    record(Encoder().to(dtype), torch.randn(12, 5, 8).to(dtype))


@pytest.mark.filterwarnings("error")
def test_dead_and_broken_layers_are_no_dependence():
    points = POINTS.clone()
    points[0, 0], points[1, 1] = torch.nan, torch.inf
    record(nn.Sequential(nn.Linear(6, 3), nn.Threshold(1e9, 0.0), nn.Linear(3, 2)), points)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1, 2])
def test_there_may_be_no_other_samples(size):
    record(Graph(), POINTS[:size])
    record(mlp(6, 3), [POINTS[:1], POINTS[1:2], POINTS[2:3]])


@pytest.mark.parametrize("size", [1, 2])
def test_chance_shows_without_other_samples(size):
    with pytest.warns(UserWarning, match=f"layer 'output' .* in a batch of {size}"):
        record(Noisy(), POINTS[:size])


def test_the_random_state_of_torch_is_left_alone():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    _quiet(Noisy(), POINTS, 0)
    torch.manual_seed(3)
    assert torch.equal(torch.get_rng_state(), before)
    first = _quiet(Noisy(), POINTS, 0)
    torch.rand(5)
    np.testing.assert_array_equal(first["output"], _quiet(Noisy(), POINTS, 0)["output"])
    generator = np.random.default_rng(0)
    one, two = (_quiet(Noisy(), POINTS, generator)["output"] for _ in range(2))
    assert not np.array_equal(one, two)


def test_profiles_repeat_what_a_model_draws():
    class Maps(nn.Module):
        def __init__(self):
            super().__init__()
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(x + torch.randn_like(x)).flatten(1)

    images = torch.zeros(20, 1, 6, 6)
    one, two, other = (
        tl.cubical_profile(Maps(), 0.5, images=images, rng=seed).betti for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)
