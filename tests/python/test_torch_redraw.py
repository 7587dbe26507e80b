"""Redrawing a copy by the methods of its modules: attention, parametrizations, what is told."""

from __future__ import annotations

import pickle
import threading
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune

from topolens.torch import record
from topolens.torch._state import seeded
from topolens.torch._untrained import redrawn, untrained_control
from torch_models import mlp

X = torch.randn(20, 6, generator=torch.Generator().manual_seed(0))
OLD = pytest.mark.filterwarnings("ignore:`torch.nn.utils:FutureWarning")


def control_of(model, given=None):
    """The untrained model itself, and its account."""
    samples = record(model, X).source.samples
    with seeded(torch.device("cpu"), 0):
        control = untrained_control(model, given, samples)
    return control.model, control.drawn


def trained(model):
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(2 * torch.rand(value.shape, generator=generator))
    return model


# --- methods ------------------------------------------------------------------------------------


class Own(nn.Module):
    """Initialises all that is below by a method of its own."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 6)
        self.scale = nn.Parameter(torch.ones(6))

    def forward(self, x):
        return self.linear(x) * self.scale

    def fill(self):
        nn.init.constant_(self.linear.weight, 5)
        nn.init.constant_(self.scale, 4)


class Plain(Own):
    def init_weights(self):
        self.fill()


class Optional(Own):
    def initialize_weights(self, mode="", needs_reset=True):
        self.fill()


class Applied(Own):
    def __init__(self):
        super().__init__()
        self.apply(self._init_weights)

    def _init_weights(self, module):
        if isinstance(module, nn.Linear):
            nn.init.constant_(module.weight, 5)
        if isinstance(module, Own):
            nn.init.constant_(module.scale, 4)


class Underscored(Own):
    def _initialize_weights(self):
        self.fill()


@pytest.mark.parametrize("kind", [Plain, Optional, Applied, Underscored])
@pytest.mark.parametrize("wrap", [lambda m: m, lambda m: nn.Sequential(nn.Tanh(), m)])
def test_a_models_own_initialisation_has_the_last_word(kind, wrap):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        untrained, drawn = control_of(trained(wrap(kind())))
    own = next(module for module in untrained.modules() if isinstance(module, kind))
    assert (own.linear.weight == 5).all()
    assert (own.scale == 4).all()
    assert own.linear.bias.abs().max() <= 1 / np.sqrt(6)
    method = next(name for name in vars(kind) if "init" in name and name != "__init__")
    name = next(name for name in drawn if name.endswith("linear.weight"))
    assert drawn[name] == f"{kind.__name__}.{method}"
    assert drawn[name.replace("weight", "bias")] == "Linear.reset_parameters"


def test_parts_are_drawn_before_the_whole():
    order = []

    class Part(nn.Linear):
        def reset_parameters(self):
            order.append(self.label)
            super().reset_parameters()

        label = "part"

    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.part = Part(6, 2)

        def forward(self, x):
            return self.part(x)

        def init_weights(self):
            order.append("whole")

    model = Whole()
    del order[:]
    control_of(model)
    assert order == ["part", "whole"]


@pytest.mark.parametrize("argument", ["gain", "pretrained", "checkpoint_path"])
def test_a_method_that_needs_arguments_is_told_and_not_called(argument):
    class Demanding(Own):
        exec(f"def init_weights(self, {argument}): raise AssertionError")

    with pytest.warns(UserWarning, match=rf"`Demanding.init_weights` \(''\) needs `{argument}`"):
        _, drawn = control_of(trained(Demanding()))
    assert drawn["scale"] == "own mean and spread"


def test_a_checkpoint_is_never_loaded():
    class Loading(Own):
        def init_weights(self, pretrained="https://somewhere/else"):
            raise AssertionError("loads")

    with pytest.warns(UserWarning, match="needs `pretrained`"):
        control_of(trained(Loading()))


# --- constructors -------------------------------------------------------------------------------


class Drawing(Own):
    def __init__(self):
        super().__init__()
        nn.init.orthogonal_(self.linear.weight)


class ByMethod(Own):
    def __init__(self):
        super().__init__()
        self.setup()

    def setup(self):
        for module in self.modules():
            if isinstance(module, nn.Linear):
                module.weight.data.normal_(0, 0.02)


def spread_weights(module):
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight)


class ByFunction(Own):
    def __init__(self):
        super().__init__()
        self.apply(spread_weights)


class InAFunction(Own):
    def __init__(self):
        super().__init__()
        spread_weights(self.linear)


class Inherited(Drawing):
    pass


@pytest.mark.parametrize("kind", [Drawing, ByMethod, ByFunction, InAFunction, Inherited])
def test_a_class_that_draws_where_it_is_made_is_named(kind):
    model = trained(nn.Sequential(kind(), kind()))
    match = rf"did: {kind.__name__} draws weights in `__init__`.*`record\(\.\.\., untrained=make\)`"
    with pytest.warns(UserWarning, match=match) as caught:
        record(model, X).untrained(0)
    assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record(model, X, untrained=lambda: nn.Sequential(kind(), kind())).untrained(0)


def test_torchs_own_classes_and_plain_ones_are_not_named():
    layers = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True), nn.Linear(6, 6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        record(trained(nn.Sequential(*layers, Own())), X[:, None]).untrained(0)


# --- parametrizations ---------------------------------------------------------------------------


def singular(weight):
    return torch.linalg.svdvals(weight.detach().flatten(1).double())


def old_weight_norm(module):
    return torch.nn.utils.weight_norm(module)


def old_spectral_norm(module):
    return torch.nn.utils.spectral_norm(module)


def pruned(module):
    return prune.l1_unstructured(module, "weight", amount=0.4)


def run(model):
    """Weights of torch's hooks are those of the last run."""
    with torch.no_grad():
        model.eval()(X)
    return model


@OLD
@pytest.mark.parametrize("norm", [parametrizations.weight_norm, old_weight_norm])
def test_weight_norms_are_fitted_to_the_fresh_weight(norm):
    model = trained(nn.Sequential(norm(nn.Linear(6, 8)), nn.ReLU(), nn.Linear(8, 2)))
    untrained, drawn = control_of(run(model))
    names = dict(untrained.named_parameters())
    assert list(names) == list(dict(model.named_parameters()))
    weight = run(untrained)[0].weight
    assert 0.9 / np.sqrt(6) < weight.abs().max() <= 1 / np.sqrt(6)
    assert len(weight.unique()) == 48
    length = next(p for name, p in names.items() if name.endswith(("original0", "_g")))
    torch.testing.assert_close(length, weight.norm(dim=1, keepdim=True))
    assert set(drawn.values()) == {"Linear.reset_parameters"} and set(drawn) == set(names)


@OLD
@pytest.mark.parametrize("norm", [parametrizations.spectral_norm, old_spectral_norm])
@pytest.mark.parametrize("make", [True, False])
def test_the_singular_value_of_a_spectral_norm_is_one(norm, make):
    def fresh():
        convolution = norm(nn.Conv1d(1, 40, 5, padding=2))
        wide = norm(nn.ConvTranspose1d(40, 3, 2))
        parts = nn.Unflatten(1, (1, 6)), convolution, nn.ReLU(), wide, nn.Flatten()
        return nn.Sequential(*parts, norm(nn.Linear(21, 300)))

    model = run(trained(fresh()))
    untrained, _ = control_of(model, fresh if make else None)
    run(untrained)
    for place in (1, 3, 5):
        weight = untrained[place].weight
        matrix = weight.transpose(0, 1) if place == 3 else weight
        assert abs(singular(matrix)[0] - 1) < 1e-4
        assert not torch.isclose(weight, model[place].weight, rtol=1e-3).any(dim=0).all()


def test_orthogonal_weights_stay_orthogonal():
    for orthogonal_map in ("matrix_exp", "cayley", "householder"):
        linear = parametrizations.orthogonal(nn.Linear(6, 6), orthogonal_map=orthogonal_map)
        model = nn.Sequential(linear, nn.Linear(6, 2))
        weight = control_of(model)[0][0].weight
        torch.testing.assert_close(weight @ weight.T, torch.eye(6), atol=1e-5, rtol=0)
        assert not torch.isclose(weight, model[0].weight, atol=1e-3).all()


class Symmetric(nn.Module):
    """Has no inverse, as in the documentation of torch."""

    def forward(self, weight):
        return weight.triu() + weight.triu(1).T


class Adapted(nn.Module):
    """Has parameters of its own."""

    def __init__(self):
        super().__init__()
        self.up = nn.Parameter(torch.randn(6, 2))
        self.down = nn.Parameter(torch.randn(2, 6))

    def forward(self, weight):
        return weight + self.up @ self.down


def test_parametrizations_of_users_are_redrawn():
    linear = nn.Linear(6, 6)
    parametrize.register_parametrization(linear, "weight", Symmetric())
    model = trained(nn.Sequential(linear, nn.Linear(6, 2)))
    weight = control_of(model)[0][0].weight
    torch.testing.assert_close(weight, weight.T)
    assert weight.abs().max() <= 1 / np.sqrt(6)

    linear = nn.Linear(6, 6)
    parametrize.register_parametrization(linear, "weight", Adapted())
    model = trained(nn.Sequential(linear, nn.Linear(6, 2)))
    before = model[0].weight.detach().clone()
    untrained, drawn = control_of(model)
    assert drawn["0.parametrizations.weight.0.up"] == "own mean and spread"
    own = model[0].parametrizations.weight[0]
    assert not torch.isclose(untrained[0].parametrizations.weight[0].up, own.up).any()
    torch.testing.assert_close(model[0].weight, before)  # whose class has the property still


def test_two_norms_on_one_weight():
    linear = parametrizations.spectral_norm(parametrizations.weight_norm(nn.Linear(6, 4)))
    model = trained(nn.Sequential(linear, nn.Linear(4, 2)))
    untrained, _ = control_of(model)
    assert abs(singular(untrained[0].weight)[0] - 1) < 1e-4


def test_pruned_weights_are_redrawn_below_their_mask():
    model = trained(nn.Sequential(pruned(nn.Linear(6, 8)), nn.Linear(8, 2)))
    untrained = run(control_of(run(model))[0])
    assert ((untrained[0].weight == 0) == (model[0].weight == 0)).all()
    assert untrained[0].weight.abs().max() <= 1 / np.sqrt(6)


def test_types_of_half_precision_and_complex_parameters_are_redrawn():
    class Complex(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.randn(6, 2, dtype=torch.complex64))

        def forward(self, x):
            return (x.to(torch.complex64) @ self.weight).abs()

    model = Complex()
    with seeded(torch.device("cpu"), 0):
        control = redrawn(model)
    assert not torch.isclose(control.model.weight, model.weight).any()
    assert control.drawn == {"weight": "own mean and spread"}

    half = trained(mlp(6, 4, 2)).to(torch.bfloat16)
    control = record(half, X.to(torch.bfloat16)).untrained(0)
    assert np.isfinite(control["output"]).all()


# --- the copy -----------------------------------------------------------------------------------


class Laden(nn.Module):
    """Holds what cannot be copied by itself."""

    def __init__(self, path):
        super().__init__()
        self.linear = nn.Linear(6, 2)
        self.lock = threading.Lock()
        self.log = open(path, "w")  # noqa: SIM115
        self.turns = (turn for turn in range(3))
        self.dice = torch.Generator()
        self.last = None
        self.helper = {"parts": [self.linear, threading.RLock()]}

    def forward(self, x):
        self.last = self.linear(x)
        self.register_buffer("graph", self.last * 2, persistent=False)
        return self.helper["parts"][0](x)


@pytest.mark.filterwarnings("ignore:the untrained control keeps what is no floating-point")
def test_a_model_with_locks_files_generators_and_graphs_is_copied(tmp_path):
    model = Laden(tmp_path / "log")
    recording = record(model, X)
    model(X)  # leaves tensors of a graph behind
    control = recording.untrained(0)
    assert not np.allclose(control["output"], recording["output"])
    untrained, _ = control_of(model)
    assert untrained.helper["parts"][0] is untrained.linear
    assert untrained.lock is model.lock and untrained.log is model.log
    assert untrained.last is None or not untrained.last.requires_grad
    model.log.close()


def test_what_cannot_be_copied_at_all_is_told():
    class Stubborn(nn.Linear):
        def __deepcopy__(self, memo):
            raise RuntimeError("never")

    with pytest.raises(RuntimeError, match="never") as caught:
        record(nn.Sequential(Stubborn(6, 2)), X).untrained(0)
    assert "`untrained`" in caught.value.__notes__[0]


def test_hooks_of_the_user_do_not_run_in_the_control():
    class Logger:
        def __init__(self):
            self.calls, self.lock = 0, threading.Lock()

        def hook(self, *_):
            self.calls += 1

    logger = Logger()
    model = mlp(6, 4, 2)
    model[0].register_forward_hook(logger.hook)
    model[2].register_forward_pre_hook(logger.hook)
    model[2].register_full_backward_hook(logger.hook)
    recording = record(model, X)
    assert logger.calls == 6  # of two looks and of the batch
    recording.untrained(0)
    assert logger.calls == 6
    assert len(model[0]._forward_hooks) == 1


def test_the_account_survives_pickling():
    control = record(mlp(6, 4, 2), X).untrained(0)
    assert pickle.loads(pickle.dumps(control)).drawn == control.drawn
