"""The untrained control: a fresh model of the user's, settled statistics, and what is refused."""

from __future__ import annotations

import copy
import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import topolens as tl
from topolens.torch import record
from torch_models import check_seeds, mlp

X = torch.randn(40, 2, generator=torch.Generator().manual_seed(0))
IMAGES = torch.randn(40, 3, 8, 8, generator=torch.Generator().manual_seed(1))


class Net(nn.Module):
    """Draws its weights in a way that no method repeats."""

    def __init__(self, width=6):
        super().__init__()
        self.first = nn.Linear(2, width)
        self.act = nn.ReLU()
        self.second = nn.Linear(width, 3)
        for layer in (self.first, self.second):
            nn.init.normal_(layer.weight, mean=5, std=0.1)
            nn.init.constant_(layer.bias, 7)

    def forward(self, x):
        return self.second(self.act(self.first(x)))


def convolutional(norm=nn.BatchNorm2d):
    layers = [nn.Conv2d(3, 4, 3), norm(4), nn.ReLU(), nn.Conv2d(4, 5, 3), norm(5), nn.ReLU()]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(80, 2))


def trained(model):
    """Move all numbers of a model, as if it had been trained."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for value in model.state_dict().values():
            if value.is_floating_point():
                value.add_(torch.rand(value.shape, generator=generator).to(value.dtype))
    return model


def quiet(function, *args, **kwargs):
    """Call a function that must not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        return function(*args, **kwargs)


# --- the fresh model of a user ------------------------------------------------------------------


@pytest.mark.parametrize("make", [Net, lambda: Net(6), Net(6)])
def test_a_fresh_model_of_the_user_is_the_control(make):
    recording = record(trained(Net()), X, untrained=make)
    control = quiet(recording.untrained, 0)
    also = quiet(record(trained(Net()), X).untrained, 0, model=make)
    for one in (control, also):
        assert list(one) == list(recording)
        np.testing.assert_array_equal(one.indices, recording.indices)
        assert set(one.drawn.values()) == {"factory"}
        assert set(one.drawn) == set(dict(Net().named_parameters()))
    np.testing.assert_array_equal(control["output"], also["output"])
    hidden = control["act"]
    assert hidden.max() > 15  # weights of 5 and biases of 7, which PyTorch would not draw


def test_the_seed_decides_the_fresh_model_and_the_random_state_is_left_alone():
    recording = record(trained(Net()), X, untrained=Net)
    check_seeds(recording)


def test_the_argument_of_the_call_is_the_one_that_counts():
    recording = record(trained(Net()), X, untrained=lambda: pytest.fail("was not asked for"))
    recording.untrained(0, model=Net)


def test_a_model_that_is_given_is_left_as_it_was():
    fresh = convolutional().train()
    before = copy.deepcopy(fresh.state_dict())
    control = record(trained(convolutional()), IMAGES).untrained(model=fresh)
    assert all(torch.equal(value, before[name]) for name, value in fresh.state_dict().items())
    assert fresh.training and fresh[1].training
    assert control.drawn["1.running_mean"] == "statistics of 40 samples"


def test_the_control_takes_the_types_of_the_model():
    model = trained(convolutional()).double()
    control = record(model, IMAGES.double(), untrained=convolutional).untrained(0)
    single = record(trained(convolutional()), IMAGES, untrained=convolutional).untrained(0)
    np.testing.assert_allclose(control["output"], single["output"], atol=1e-4)


def test_what_makes_no_fresh_model_is_refused():
    model = trained(Net())
    recording = record(model, X)
    for wrong in (3, "resnet18", {}):
        with pytest.raises(TypeError, match="`untrained` must be a function that makes a fresh"):
            record(model, X, untrained=wrong)
        with pytest.raises(TypeError, match="`model` must be a function that makes a fresh model"):
            recording.untrained(model=wrong)
    with pytest.raises(TypeError, match=r"must make a torch\.nn\.Module; it returned Tensor"):
        recording.untrained(model=lambda: torch.zeros(3))
    with pytest.raises(ValueError, match=r"shares 'first\.weight' with the recorded model"):
        recording.untrained(model=lambda: model)
    with pytest.raises(ValueError, match=r"it has no 'act'\. Construct it"):
        recording.untrained(model=lambda: mlp(2, 6, 3))
    with pytest.raises(ValueError, match="layer 'act' has 7 features, and 6 in the model"):
        recording.untrained(model=lambda: Net(7))


@pytest.mark.filterwarnings("ignore:`untrained` must make an untrained model")
def test_a_model_that_gives_the_same_everywhere_is_refused():
    model = trained(Net())
    recording = record(model, X)
    with pytest.raises(ValueError, match="every layer gives the same"):
        recording.untrained(model=lambda: copy.deepcopy(model))
    with pytest.raises(ValueError, match="every layer gives the same"):
        record(nn.Sequential(nn.ReLU(), nn.Tanh()), X).untrained(0)


def test_loaded_weights_are_noticed_in_a_control():
    model = trained(Net())

    def loaded():
        fresh = Net()
        fresh.first.load_state_dict(model.first.state_dict())
        return fresh

    with pytest.warns(UserWarning, match=r"2 of its parameters, such as 'first\.weight', equal"):
        control = record(model, X, untrained=loaded).untrained(0)
    assert control.drawn["first.weight"] == "kept"
    assert control.drawn["second.weight"] == "factory"


def test_analyse_and_cubical_profile_use_the_fresh_model():
    labels = np.arange(40) % 2
    recording = record(trained(Net()), (X, labels), untrained=Net)
    table = quiet(tl.analyse, recording, tl.HopBetti(k=4), by="class", control="untrained", rng=0)
    assert set(table["control"]) == {"trained", "untrained"}

    profile = tl.cubical_profile(trained(convolutional()), images=IMAGES, layers=["2", "5"])
    control = profile.untrained(0, model=convolutional)
    np.testing.assert_array_equal(control.betti, profile.untrained(0, model=convolutional).betti)
    assert not np.array_equal(control.betti, profile.betti)
    of_recording = record(trained(convolutional()), IMAGES, ["2"])
    maps = tl.cubical_profile({"2": of_recording.feature_maps("2")})
    with pytest.raises(TypeError, match="`untrained` needs a profile of a model"):
        maps.untrained(0, model=convolutional)
    maps = tl.cubical_profile(of_recording).untrained(0, model=convolutional)
    again = tl.cubical_profile(of_recording.untrained(0, model=convolutional))
    np.testing.assert_array_equal(maps.betti, again.betti)


# --- statistics ---------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [None, convolutional])
def test_running_statistics_belong_to_the_fresh_weights(make):
    seen = {}

    def watched():
        seen["fresh"] = convolutional()
        return seen["fresh"]

    recording = record(trained(convolutional()), IMAGES, ["1", "4"], untrained=make and watched)
    control = recording.untrained(0)
    for layer in ("1", "4"):
        maps = control[layer].reshape(40, -1, *recording.shapes[layer][2:])
        np.testing.assert_allclose(maps.mean((0, 2, 3)), 0, atol=1e-5)
        np.testing.assert_allclose(maps.std((0, 2, 3)), 1, atol=2e-3)
        assert control.drawn[f"{layer}.running_mean"] == "statistics of 40 samples"
    if make:
        fresh = seen["fresh"].train()  # the same statistics as torch's own, with dropout off
        expected = fresh[:2](IMAGES).detach().flatten(1)
        np.testing.assert_allclose(control["1"], expected, atol=1e-4)


def test_statistics_are_means_over_batches_and_no_batch_is_of_one():
    sizes = []

    class Watching(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(2)
            self.linear = nn.Linear(2, 2)

        def forward(self, x):
            sizes.append(len(x))
            return self.linear(self.norm(x))

    model = trained(Watching())
    recording = record(model, [X[:10], X[10:20], X[20:21]], ["norm"])
    del sizes[:]
    control = recording.untrained(0)
    assert sizes[:2] == [10, 10]  # of 21 samples the last would be alone
    chosen = X[np.linspace(0, 20, 20).round().astype(int)]
    mean = (chosen[:10].mean(0) + chosen[10:].mean(0)) / 2
    variance = (chosen[:10].var(0, correction=0) + chosen[10:].var(0, correction=0)) / 2
    expected = (X[:21] - mean) / torch.sqrt(variance + 1e-5)
    np.testing.assert_allclose(control["norm"], expected, atol=1e-5)


def test_at_most_256_samples_over_the_whole_recording_are_looked_at():
    X = torch.arange(1000.0)[:, None].repeat(1, 2) + 10 * torch.rand(1000, 2)
    model = trained(nn.Sequential(nn.BatchNorm1d(2), nn.Linear(2, 2)))
    control = record(model, X, ["0"]).untrained(0)
    assert control.drawn["0.running_var"] == "statistics of 256 samples"
    np.testing.assert_allclose(control["0"].mean(0), 0, atol=0.02)


@pytest.mark.parametrize(
    "norm", [nn.SyncBatchNorm, lambda n: nn.InstanceNorm2d(n, track_running_stats=True)]
)
def test_other_norms_with_running_statistics_are_settled(norm):
    control = record(trained(convolutional(norm)), IMAGES, ["4"]).untrained(0)
    maps = control["4"].reshape(40, 5, 4, 4)
    np.testing.assert_allclose(maps.mean((0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(maps.std((0, 2, 3)), 1, atol=2e-3)


def test_norms_without_parameters_do_not_stay_trained():
    model = trained(nn.Sequential(nn.BatchNorm1d(2, affine=False), nn.Linear(2, 2)))
    control = record(model, X, ["0"]).untrained(0)
    np.testing.assert_allclose(control["0"].mean(0), 0, atol=1e-5)


class Frozen(nn.Module):
    """A BatchNorm that is all buffers, as those of detectors."""

    def __init__(self, n):
        super().__init__()
        for name, value in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            self.register_buffer(name, torch.full((n,), float(value)))

    def forward(self, x):
        mean, scale = self.running_mean, self.weight / (self.running_var + 1e-5).sqrt()
        return (x - mean[:, None, None]) * scale[:, None, None] + self.bias[:, None, None]


@pytest.mark.parametrize("make", [None, lambda: convolutional(Frozen)])
def test_frozen_norms_are_settled_too(make):
    model = trained(convolutional(Frozen))
    control = record(model, IMAGES, ["1", "4"], untrained=make).untrained(0)
    for layer, shape in (("1", (40, 4, 6, 6)), ("4", (40, 5, 4, 4))):
        maps = control[layer].reshape(shape)
        np.testing.assert_allclose(maps.mean((0, 2, 3)), 0, atol=1e-5)
        np.testing.assert_allclose(maps.std((0, 2, 3)), 1, atol=2e-3)


def test_statistics_that_a_user_has_settled_are_left_alone():
    fresh = convolutional()
    with torch.no_grad():
        fresh[1].running_mean.fill_(0.5)
    control = record(trained(convolutional()), IMAGES, ["0", "1"]).untrained(model=fresh)
    before = control["0"].reshape(40, 4, -1)
    after = (before - 0.5) / np.sqrt(1 + 1e-5)
    np.testing.assert_allclose(control["1"].reshape(40, 4, -1), after, atol=1e-5)


def test_one_value_per_channel_is_told():
    model = trained(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 2)))
    with pytest.warns(UserWarning, match=r"norm '1' saw one value per channel.*mean 0 and var"):
        record(model, X[:1]).untrained(0)


def test_a_pass_for_the_statistics_runs_without_dropout_and_leaves_no_trace():
    model = trained(convolutional())
    model.insert(0, nn.Dropout(0.9))
    plain = record(trained(convolutional()), IMAGES, untrained=convolutional).untrained(0)

    def make():
        fresh = convolutional()
        fresh.insert(0, nn.Dropout(0.9))
        return fresh

    dropped = record(model.train(), IMAGES, untrained=make).untrained(0)
    np.testing.assert_array_equal(dropped["output"], plain["output"])


# --- what shows nothing -------------------------------------------------------------------------


def he(depth=16, width=32):
    """Initialised from outside, as in many notebooks."""
    widths = [2, *[width] * depth, 3]
    linears = [nn.Linear(*pair) for pair in pairwise(widths)]
    for linear in linears:
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        nn.init.zeros_(linear.bias)
    return nn.Sequential(*(part for linear in linears for part in (linear, nn.ReLU())))[:-1]


def test_a_control_without_spread_is_told_with_the_way_out():
    recording = record(he(), X)
    with pytest.warns(UserWarning, match=r"nothing from layer '\d+' on.*`untrained=`") as caught:
        control = recording.untrained(0)
    assert [warning.filename for warning in caught] == [__file__]
    last = control["output"]
    assert np.ptp(last, axis=0).max() < 1e-4 * np.abs(last).max()
    fresh = quiet(record(he(), X, untrained=he).untrained, 0)
    assert np.ptp(fresh["output"], axis=0).max() > 0.1 * np.abs(fresh["output"]).max()


def test_warnings_name_the_line_of_the_user_below_analyse_too():
    recording = record(he(), (X, np.arange(40) % 2))
    with pytest.warns(UserWarning, match="nothing from layer") as caught:
        tl.analyse(recording, tl.HopBetti(k=4), by="class", control="untrained", rng=0)
    assert {warning.filename for warning in caught} == {__file__}


def test_a_control_that_is_not_finite_is_told():
    def exploding():
        model = mlp(2, 4, 3)
        with torch.no_grad():
            model[0].weight.fill_(torch.inf)
        return model

    with pytest.warns(UserWarning, match="from layer '1' on: its values are not finite"):
        record(trained(mlp(2, 4, 3)), X).untrained(model=exploding)


def test_a_constructor_that_starts_from_zero_is_not_blamed():
    def zero():
        model = Net()
        nn.init.zeros_(model.second.weight)
        return model

    recording = record(trained(Net()), X, untrained=zero)
    with pytest.warns(
        UserWarning, match=r"'output' on: all samples give one row\. Its constructor"
    ):
        recording.untrained(0)


def test_dead_layers_of_the_model_itself_are_no_news():
    model = trained(mlp(2, 4, 3))
    with torch.no_grad():
        model[0].weight.zero_()
    quiet(record(model, X).untrained, 0)


# --- the account --------------------------------------------------------------------------------


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = convolutional()
        self.register_buffer("table", torch.linspace(0, 1, 5))
        self.register_buffer("mask", torch.ones(5))
        self.hidden = torch.rand(3)
        self.size = torch.tensor(3.0)

    def forward(self, x):
        return self.body(x) + self.table[0] + self.hidden[0]


def test_the_summary_tells_how_each_layer_was_drawn():
    model = Whole()
    trained(model.body)
    recording = record(model, IMAGES, ["input", "body.0", "body.1", "output"])
    assert recording.drawn is None
    assert "drawn" not in recording.summary().to_columns()
    with pytest.warns(UserWarning, match=r"parameter or buffer, trained or not: hidden\. Pass"):
        control = recording.untrained(0)
    summary = control.summary().to_columns()
    assert summary["drawn"].tolist() == [
        "",
        "Conv2d.reset_parameters",
        "BatchNorm2d.reset_parameters; statistics of 40 samples",
        "Conv2d.reset_parameters; BatchNorm2d.reset_parameters; Linear.reset_parameters; "
        "kept: table; statistics of 40 samples",
    ]
    assert control.drawn["body.7.weight"] == "Linear.reset_parameters"
    assert control.drawn["table"] == "kept"
    assert "mask" not in control.drawn
    assert "drawn" in repr(control) and "kept: table" in control._repr_html_()


class Whole8(nn.Module):
    """Weights as bytes, as those of quantised language models."""

    def __init__(self):
        super().__init__()
        weight = torch.arange(24).reshape(4, 6).to(torch.int8)
        self.weight = nn.Parameter(weight, requires_grad=False)

    def forward(self, x):
        return F.linear(x, self.weight.float())


@pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated")
def test_quantised_weights_are_told():
    model = trained(nn.Sequential(nn.Linear(2, 6), Whole8(), nn.Linear(4, 3)))
    with pytest.warns(UserWarning, match=r"trained or not: 1\.weight\. Pass"):
        control = record(model, X).untrained(0)
    assert control.drawn["1.weight"] == "kept"

    model = nn.Sequential(nn.Linear(2, 6), nn.Tanh(), nn.Sequential(nn.Linear(6, 3)))
    model[2] = torch.ao.quantization.quantize_dynamic(model[2], {nn.Linear})
    with pytest.warns(UserWarning, match=r"trained or not: 2\.0\._packed_params\._packed_params"):
        record(model, X).untrained(0)


def test_calls_of_one_module_and_other_layers_share_an_account():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(2, 2)

        def forward(self, x):
            return self.linear(F.relu(self.linear(x)))

    control = record(trained(Twice()), X, ["linear"]).untrained(0)
    told = dict(zip(control, control.summary().to_columns()["drawn"].tolist(), strict=True))
    assert told == {"linear": "Linear.reset_parameters", "linear#1": ""}


def test_a_method_of_the_user_called_weight_is_no_packed_weight():
    class Head(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(2, 3)

        def weight(self, x):
            return self.inner(x)

        def forward(self, x):
            return self.weight(x)

    recording = record(Head(), torch.randn(9, 2))
    assert not np.allclose(recording.untrained(0)["output"], recording["output"])
