"""A recording leaves the model and PyTorch as they were, also when it fails."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import topolens as tl
from topolens.torch import record
from torch_models import Encoder, mlp

X = torch.randn(20, 2, generator=torch.Generator().manual_seed(0))


class Fragile(nn.Module):
    """Fails on the call of a given number; the probe is the first one."""

    def __init__(self, fails_at):
        super().__init__()
        self.norm = nn.BatchNorm1d(2)
        self.linear = nn.Linear(2, 2)
        self.dropout = nn.Dropout(0.5)
        self.calls = 0
        self.fails_at = fails_at

    def forward(self, x):
        self.calls += 1
        x = self.linear(self.norm(x))
        if self.fails_at and self.calls >= self.fails_at:
            raise ArithmeticError("on purpose")
        return self.dropout(x)


def state_of(model):
    """All that a recording might leave changed."""
    return {
        "training": [module.training for module in model.modules()],
        "hooks": [list(module._forward_hooks) for module in model.modules()],
        "values": [value.tolist() for value in model.state_dict().values()],
        "devices": {str(value.device) for value in model.state_dict().values()},
        "random": torch.get_rng_state().tolist(),
        "numpy": np.random.get_state()[1].tolist(),  # noqa: NPY002
        "fused": torch.backends.mha.get_fastpath_enabled(),
        "gradients": torch.is_grad_enabled(),
    }


@pytest.mark.parametrize("fails_at", [None, 1, 2, 3])
def test_everything_is_restored_also_after_an_error(fails_at):
    model = Fragile(fails_at).train()
    model.norm.eval()
    model.linear.register_forward_hook(lambda module, inputs, output: None)
    loader = DataLoader(TensorDataset(X), batch_size=5, shuffle=True)
    torch.manual_seed(5)
    before = state_of(model)
    if fails_at:
        with pytest.raises(ArithmeticError, match="on purpose"):
            record(model, loader)
        assert model.calls == max(fails_at, 2)  # the first look is tried in two ways
    else:
        record(model, loader)
    assert state_of(model) == before
    assert before["training"] == [True, False, True, True]


def test_everything_is_restored_when_hooks_cannot_be_set():
    model = mlp(2, 3, 3, 2)

    def refuse(hook, **options):
        raise RuntimeError("no hooks here")

    model[2].register_forward_hook = refuse
    before = state_of(model)
    with pytest.raises(RuntimeError, match="no hooks here"):
        record(model, X, ["0", "2"])
    assert state_of(model) == before


def test_user_setting_of_the_fused_path_survives():
    for enabled in (False, True):
        torch.backends.mha.set_fastpath_enabled(enabled)
        record(Encoder(), torch.randn(4, 3, 8))
        assert torch.backends.mha.get_fastpath_enabled() is enabled


def test_model_runs_in_evaluation_mode_without_gradients():
    seen = []

    class Watching(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm, self.dropout = nn.BatchNorm1d(2), nn.Dropout(0.5)

        def forward(self, x):
            seen.append((torch.is_grad_enabled(), x.requires_grad))
            return self.dropout(self.norm(x))

    model = Watching().train()
    model.norm.running_mean.fill_(3.0)
    recording = record(model, X.clone().requires_grad_())
    expected = (X - 3) / np.sqrt(1 + model.norm.eps)
    np.testing.assert_allclose(recording["output"], expected, atol=1e-5)
    assert set(seen) == {(False, False)}
    assert model.norm.num_batches_tracked == 0


class Counting(nn.Module):
    """Writes to its buffers in every pass, in the ways that there are."""

    def __init__(self, fails_at=None):
        super().__init__()
        self.linear = nn.Linear(2, 2)
        self.calls, self.fails_at = 0, fails_at
        self.register_buffer("inplace", torch.zeros(2))
        self.register_buffer("hidden", torch.zeros(2))
        self.register_buffer("replaced", torch.zeros(2))
        self.register_buffer("untouched", torch.full((2,), torch.nan))
        self.register_buffer("grown", torch.zeros(0), persistent=False)

    def forward(self, x):
        self.calls += 1
        self.inplace += x.mean(0)
        self.hidden.data.add_(1)
        self.replaced = self.replaced + 1
        self.grown = torch.cat([self.grown, torch.ones(1)])
        if self.fails_at and self.calls >= self.fails_at:
            raise ArithmeticError("on purpose")
        return self.linear(x)


@pytest.mark.parametrize("fails_at", [None, 1, 2, 3])
def test_buffers_that_the_model_writes_to_are_restored(fails_at):
    model = Counting(fails_at)
    untouched = model.untouched
    if fails_at:
        with pytest.raises(ArithmeticError):
            record(model, X)
    else:
        recording = record(model, X)
        recording.untrained(0)
        traj = tl.TrajectoryRecorder(model, losses=(X, X[:, 0], lambda z, y: z[:, 0] - y))
        traj.step()
        tl.NetworkSpace.from_models({"a": model, "b": mlp(2, 3, 2)}, X)
    for name in ("inplace", "hidden", "replaced"):
        assert not getattr(model, name).any(), name
    assert model.untouched is untouched and untouched.isnan().all()
    assert len(model.grown) == model.calls  # a cache, of whose size the model may know


def test_overridden_train_and_eval_are_not_called():
    class Merging(nn.Linear):
        def train(self, mode=True):
            raise AssertionError("switching modes has side effects")

    record(nn.Sequential(Merging(2, 2)), X)


def test_a_model_that_keeps_a_tensor_can_be_trained_afterwards():
    class Caching(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(2, 2)
            self.scale = None

        def forward(self, x):
            if self.scale is None:
                self.scale = torch.full((2,), 0.5)
            return self.linear(x) * self.scale

    model = Caching()
    record(model, X)
    model(X).sum().backward()
    assert model.linear.weight.grad is not None


def test_recording_works_within_inference_mode():
    model = mlp(2, 3, 2)
    expected = record(model, X)
    with torch.inference_mode():
        recording = record(model, X)
    assert list(recording) == list(expected)
    np.testing.assert_array_equal(recording["output"], expected["output"])


def test_a_hook_of_the_user_still_acts():
    model = mlp(2, 3, 2)
    model[0].register_forward_hook(lambda module, inputs, output: output + 1)
    recording = record(model, X, ["0"])
    np.testing.assert_allclose(recording["0"], (model[0](X)).detach(), atol=1e-6)


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("wrap", [lambda module: module, nn.Sequential])
def test_scripted_modules_are_refused(wrap):
    for scripted in (torch.jit.script(mlp(2, 3, 2)), torch.jit.trace(mlp(2, 3, 2), X)):
        with pytest.raises(TypeError, match=r"scripted.*Record the module before torch\.jit"):
            record(wrap(scripted), X)


def test_other_models_are_refused():
    with pytest.raises(TypeError, match=r"`model` must be a torch\.nn\.Module; found function"):
        record(lambda x: x, X)
    with pytest.raises(ValueError, match=r"run once; '0\.weight' is not yet initialised"):
        record(nn.Sequential(nn.LazyLinear(2)), X)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("fails_at", [None, 1, 2])
def test_model_moves_to_the_device_and_back(fails_at):
    model = Fragile(fails_at)
    expected = record(Fragile(None), X)["input"]
    before, cuda_before = state_of(model), torch.cuda.get_rng_state().tolist()
    if fails_at:
        with pytest.raises(ArithmeticError):
            record(model, X, device="cuda")
    else:
        recording = record(model, X, device="cuda")
        np.testing.assert_array_equal(recording["input"], expected)
        on_gpu = record(model.cuda(), X)
        np.testing.assert_allclose(on_gpu["output"], recording["output"], atol=1e-5)
        np.testing.assert_allclose(
            on_gpu.untrained(0)["output"], recording.untrained(0)["output"], atol=1e-5
        )
        model.cpu()
    assert state_of(model) == before
    assert torch.cuda.get_rng_state().tolist() == cuda_before
