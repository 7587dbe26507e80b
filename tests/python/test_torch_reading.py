"""From what a layer gives out to rows: nested results, reductions, number types, predictions."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from topolens.torch import record
from torch_models import Tupled, by_hand, mlp


@pytest.fixture
def points():
    return torch.randn(40, 2, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda x: (None, [x, x + 1]),
        lambda x: {"loss": None, "logits": x, "hidden": x + 1},
        lambda x: OrderedDict(logits=(x, x + 1)),
    ],
)
def test_first_tensor_of_nested_results_is_taken(points, wrap):
    model = Tupled(wrap)
    recording = record(model, points)
    np.testing.assert_allclose(recording["output"], by_hand(model.linear, points), atol=1e-6)


def test_output_overrides_the_choice_of_tensor(points):
    model = Tupled(lambda x: {"logits": x, "hidden": 2 * x})
    seen = set()

    def hidden(name, value):
        seen.add(name)
        return value["hidden"] if name == "output" else value

    expected = by_hand(lambda x: 2 * model.linear(x), points)
    for output in (hidden, {"out*": lambda value: value["hidden"]}):
        recording = record(model, points, ["input", "linear", "output"], output=output)
        np.testing.assert_allclose(recording["output"], expected, atol=1e-6)
        np.testing.assert_allclose(recording["linear"], expected / 2, atol=1e-6)
        np.testing.assert_array_equal(recording.predictions, expected.argmax(1))
    assert seen == {"input", "linear", "output"}
    unlisted = record(model, points, ["linear"], output={"output": lambda value: -value["hidden"]})
    np.testing.assert_array_equal(unlisted.predictions, expected.argmin(1))


def test_reductions_by_hand():
    tokens = torch.randn(6, 5, 4)
    images = torch.randn(6, 3, 4, 4)
    for name, expected in {
        "flatten": tokens.flatten(1),
        "mean": tokens.mean(1),
        "cls": tokens[:, 0],
        "last": tokens[:, -1],
    }.items():
        recording = record(nn.Identity(), tokens, reduce=name)
        np.testing.assert_allclose(recording["output"], expected, atol=1e-6)
    np.testing.assert_allclose(
        record(nn.Identity(), images, reduce="mean")["output"], images.mean((2, 3)), atol=1e-6
    )
    recording = record(nn.Identity(), images, reduce=lambda tensor: tensor.amax((1, 2)))
    np.testing.assert_array_equal(recording["output"], images.amax((1, 2)))


def test_reductions_by_layer(points):
    images = torch.randn(6, 3, 4, 4)
    model = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(20, 2))
    reduce = {"[01]": "mean", "1": lambda tensor: tensor[:, :2, 0, 0], "output": "cls"}
    recording = record(model, images, ["input", "0", "1", "output"], reduce=reduce)
    convolved = model[0](images).detach()
    np.testing.assert_allclose(recording["0"], convolved.mean((2, 3)), atol=1e-6)
    np.testing.assert_allclose(recording["1"], convolved.relu()[:, :2, 0, 0], atol=1e-6)
    assert {name: array.shape[1] for name, array in recording.items()} == {
        "input": 48,
        "0": 5,
        "1": 2,
        "output": 2,
    }


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"reduce": "max"}, ValueError, "'flatten', 'mean', 'cls', 'last'.*found 'max'"),
        ({"reduce": {"relu": "max"}}, ValueError, "found 'max'"),
        ({"reduce": {"relu": "mean"}}, ValueError, "`reduce` names 'relu'.*input, 1, output"),
        ({"output": {"relu": len}}, ValueError, "`output` names 'relu'"),
        ({"output": "logits"}, TypeError, "found 'logits'"),
        ({"reduce": {"1": lambda tensor: tensor[:1]}}, ValueError, r"layer '1' .* 2 rows"),
        ({"output": {"1": lambda value: None}}, TypeError, "layer '1' must give a tensor"),
    ],
)
def test_wrong_readings_name_the_layer(points, options, error, message):
    with pytest.raises(error, match=message):
        record(mlp(2, 3, 2), points, **options)


def test_error_in_a_users_function_names_the_layer(points):
    with pytest.raises(KeyError) as caught:
        record(mlp(2, 3, 2), points, output={"1": lambda value: {}["hidden"]})
    assert caught.value.__notes__ == ["in `output` for layer '1'"]


@pytest.mark.parametrize("name", ["cls", "last"])
def test_tokens_of_images_are_refused(name):
    with pytest.raises(ValueError, match=rf"{name}.*layer 'input'.*\(2, 3, 4, 4\)"):
        record(nn.Identity(), torch.randn(4, 3, 4, 4), reduce=name)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_other_precisions_become_float32(points, dtype):
    model = mlp(2, 4, 2).to(dtype)
    recording = record(model, points.to(dtype).requires_grad_())
    assert all(array.dtype == np.float32 for array in recording.values())
    np.testing.assert_array_equal(recording["1"], by_hand(model[:2], points.to(dtype)))


def test_channels_last_is_read_in_logical_order():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2))
    model = model.to(memory_format=torch.channels_last)
    images = torch.randn(6, 3, 4, 4).to(memory_format=torch.channels_last)
    recording = record(model, images)
    np.testing.assert_array_equal(recording["input"], images.flatten(1).numpy())
    np.testing.assert_allclose(recording["1"], by_hand(model[:2], images), atol=1e-6)


def test_integers_are_cast_and_complex_numbers_refused():
    recording = record(nn.Identity(), torch.arange(12).reshape(6, 2))
    np.testing.assert_array_equal(recording["output"], np.arange(12.0).reshape(6, 2))
    with pytest.raises(TypeError, match=r"layer 'input' must be real; found torch\.complex64"):
        record(nn.Identity(), torch.randn(4, 2, dtype=torch.complex64), ["input"])


def test_batch_must_be_on_the_first_axis():
    sequences = torch.randn(8, 5, 4)
    model = nn.Sequential(OrderedDict(lstm=nn.LSTM(4, 3, batch_first=True)))
    assert record(model, sequences)["output"].shape == (8, 15)

    class TimeFirst(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(4, 3)

        def forward(self, x):
            return self.lstm(x.transpose(0, 1))[0].transpose(0, 1)

    # Eight steps for eight samples: only the probe, with fewer samples, can tell.
    with pytest.raises(ValueError, match=r"layer 'lstm'.*2 samples.*\(8, 2, 3\)"):
        record(TimeFirst(), torch.randn(8, 8, 4), ["lstm"])
    moved = {"lstm": lambda value: value[0].transpose(0, 1)}
    recording = record(TimeFirst(), sequences, ["lstm", "output"], output=moved)
    np.testing.assert_array_equal(recording["lstm"], recording["output"])


def test_predictions():
    scores = torch.tensor([[0.5, 2.0, 1.0], [3.0, -1.0, 0.0], [-1.0, -2.0, 0.0]])
    np.testing.assert_array_equal(record(nn.Identity(), scores).predictions, [1, 0, 2])
    for single in (scores[:, :1], scores[:, 0]):
        np.testing.assert_array_equal(record(nn.Identity(), single).predictions, [1, 1, -1])
    np.testing.assert_array_equal(record(nn.Identity(), scores > 0.5).predictions, [1, 0, 0])
    assert record(nn.Identity(), scores[..., None]).predictions is None
    assert record(nn.Identity(), scores[:, :0]).predictions is None
    assert record(mlp(3, 2, 2), scores, ["0"]).predictions.shape == (3,)
    assert record(Tupled(lambda x: None), scores[:, :2], ["linear"]).predictions is None


@pytest.mark.parametrize("wrap", [torch.Tensor.to_sparse, torch.nested.as_nested_tensor])
@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_only_dense_tensors_are_recorded(points, wrap):
    with pytest.raises(TypeError, match="layer 'output' must give a dense tensor"):
        record(Tupled(wrap), points, ["linear", "output"])
    recording = record(Tupled(wrap), points)
    assert list(recording) == ["input", "linear"]
    assert "must give a dense tensor" in recording.skipped["output"]
