"""Recorded layers against values computed by calling the submodules directly."""

from __future__ import annotations

import subprocess
import sys
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from topolens.torch import record
from torch_models import Block, Encoder, Functional, by_hand, mlp


@pytest.fixture
def points():
    return torch.randn(40, 2, generator=torch.Generator().manual_seed(1))


def test_activations_of_a_trained_network_are_recorded_in_order():
    torch.manual_seed(0)
    x = torch.randn(300, 2)
    y = (x.norm(dim=1) > 1.2).long()
    model = mlp(2, 16, 8, 2, activation=nn.Tanh)
    optimizer = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(150):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()

    recording = record(model, (x, y))

    assert list(recording) == ["input", "1", "3", "output"]
    np.testing.assert_array_equal(recording["input"], x.numpy())
    for name, depth in {"1": 2, "3": 4, "output": 5}.items():
        np.testing.assert_allclose(recording[name], by_hand(model[:depth], x), atol=1e-6)
    assert all(array.dtype == np.float32 for array in recording.values())
    np.testing.assert_array_equal(recording.labels, y.numpy())
    np.testing.assert_array_equal(recording.predictions, model(x).argmax(1).numpy())
    assert (recording.predictions == recording.labels).mean() > 0.9


def test_value_is_kept_from_before_an_inplace_activation(points):
    model = nn.Sequential(nn.Linear(2, 6), nn.ReLU(inplace=True), nn.Linear(6, 2))
    recording = record(model, points, layers=["0", "1"])
    assert (recording["0"] < 0).any()
    np.testing.assert_allclose(recording["0"], by_hand(model[0], points), atol=1e-6)
    np.testing.assert_array_equal(recording["1"], np.maximum(recording["0"], 0))


def test_input_is_kept_from_before_an_inplace_activation(points):
    before = points.clone()
    recording = record(nn.ReLU(inplace=True), points)
    np.testing.assert_array_equal(recording["input"], before.numpy())
    np.testing.assert_array_equal(recording["output"], before.clamp(min=0).numpy())
    assert torch.equal(points, before)
    recording = record(nn.Sequential(nn.ReLU(inplace=True), nn.Linear(2, 2)), points)
    np.testing.assert_array_equal(recording.untrained(0)["input"], before.numpy())


def test_each_call_of_a_module_is_recorded(points):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(2, 4), nn.Linear(4, 3)
            self.relu = nn.ReLU()
            self.alias = self.relu

        def forward(self, x):
            return self.relu(self.second(self.relu(self.first(x)))) * 2

    model = Twice()
    recording = record(model, points)
    assert list(recording) == ["input", "relu", "relu#1", "output"]
    first = by_hand(lambda x: model.first(x).relu(), points)
    second = by_hand(lambda x: model.second(model.first(x).relu()).relu(), points)
    np.testing.assert_allclose(recording["relu"], first, atol=1e-6)
    np.testing.assert_allclose(recording["relu#1"], second, atol=1e-6)
    assert [row.calls for row in recording.rows] == [1, 2, 2, 1]
    assert list(record(model, points, layers=["alias"])) == ["alias", "alias#1"]


def test_layers_with_parameters_are_seen_around_functional_activations(points):
    model = Functional()
    recording = record(model, points)
    assert list(recording) == ["input", "first", "second", "output"]
    second = by_hand(lambda x: model.second(model.first(x).relu()), points)
    np.testing.assert_allclose(recording["second"], second, atol=1e-6)
    np.testing.assert_allclose(recording["output"], by_hand(model, points), atol=1e-6)


def test_a_layer_overwritten_on_its_way_out_is_no_copy_of_the_output(points):
    class Overwritten(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(2, 3)

        def forward(self, x):
            return self.linear(x).relu_()

    recording = record(Overwritten(), points)
    assert list(recording) == ["input", "linear", "output"]
    np.testing.assert_array_equal(recording["output"], np.maximum(recording["linear"], 0))


def test_outermost_repeated_blocks_are_recorded(points):
    stages = nn.Sequential(Block(4), Block(4))
    model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), stages, nn.Linear(4, 2))
    recording = record(model, points)
    assert list(recording) == ["input", "2.0", "2.1", "output"]
    expected = by_hand(lambda x: stages[0](model[:2](x)), points)
    np.testing.assert_allclose(recording["2.0"], expected, atol=1e-6)


def test_recurrent_layers_give_their_sequence():
    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(10, 4)
            self.lstm = nn.LSTM(4, 6, batch_first=True)
            self.head = nn.Linear(6, 2)

        def forward(self, tokens):
            sequence, _ = self.lstm(self.embed(tokens))
            return self.head(sequence[:, -1])

    model = Classifier()
    tokens = torch.randint(10, (12, 7))
    recording = record(model, tokens, reduce={"lstm": "last"})
    assert list(recording) == ["embed", "lstm", "output"]  # numbers of tokens are names, not points
    asked = record(model, tokens, ["input", "lstm"])
    np.testing.assert_array_equal(asked["input"], tokens.numpy())
    sequence = by_hand(lambda x: model.lstm(model.embed(x))[0][:, -1], tokens)
    np.testing.assert_allclose(recording["lstm"], sequence, atol=1e-6)
    cell = record(model, tokens, ["lstm"], output={"lstm": lambda value: value[1][1][0]})
    expected = by_hand(lambda x: model.lstm(model.embed(x))[1][1][0], tokens)
    np.testing.assert_allclose(cell["lstm"], expected, atol=1e-6)


@pytest.mark.parametrize("masked", [False, True])
def test_transformer_layers_are_seen_in_spite_of_the_fused_path(masked):
    model = Encoder().eval()
    x = torch.randn(10, 5, 8)
    mask = torch.zeros(10, 5, dtype=torch.bool)
    mask[::2, 3:] = masked
    batch = {"x": x, "mask": mask}

    recording = record(model, batch, reduce="cls")
    assert list(recording) == ["input", "encoder.layers.0", "encoder.layers.1", "output"]
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        first, second = model.encoder.layers
        hidden = first(x, src_key_padding_mask=mask)
        expected = [hidden, second(hidden, src_key_padding_mask=mask)]
    finally:
        torch.backends.mha.set_fastpath_enabled(True)
    for name, value in zip(["encoder.layers.0", "encoder.layers.1"], expected, strict=True):
        np.testing.assert_allclose(recording[name], value[:, 0].detach(), atol=1e-5)
    inner = record(model, batch, layers="encoder.layers.*.linear2")
    assert list(inner) == ["encoder.layers.0.linear2", "encoder.layers.1.linear2"]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (["output", "first"], ["first", "output"]),
        (("second", "input"), ["input", "second"]),
        ("*ir*", ["first", "third"]),
        ("*put", ["input", "output"]),
        ("second", ["second"]),
        (lambda name, module: getattr(module, "out_features", 0) > 3, ["first", "second"]),
    ],
)
def test_layers_are_selected_by_names_glob_or_callable(points, layers, expected):
    assert list(record(Functional(), points, layers)) == expected


def test_glob_reaches_into_nested_modules(points):
    model = nn.Sequential(OrderedDict(features=nn.Sequential(Block(2)), head=nn.Linear(2, 2)))
    names = ["features.0.inner.0", "features.0.inner.1", "features.0.inner", "features.0"]
    assert list(record(model, points, "features.*")) == names


def test_child_with_a_reserved_name_is_numbered(points):
    children = {"hidden": nn.Linear(2, 2), "output": nn.Linear(2, 3), "act": nn.Tanh()}
    model = nn.Sequential(OrderedDict(children))
    recording = record(model, points, "*")
    assert list(recording) == ["input", "hidden", "output#1", "act", "output"]
    np.testing.assert_allclose(recording["output"], np.tanh(recording["output#1"]), atol=1e-6)


@pytest.mark.parametrize(
    ("layers", "error", "message"),
    [
        ([], ValueError, "selects none of the layers input, output, first, second, third"),
        ("conv*", ValueError, "selects none .* first, second, third"),
        (lambda name, module: False, ValueError, "selects none"),
        (["first", "fourth"], ValueError, "among input, output, first.*found 'fourth'"),
        ([""], ValueError, "found ''"),
        (None, TypeError, "found None"),
        (3, TypeError, "found 3"),
    ],
)
def test_selection_errors_list_what_there_is(points, layers, error, message):
    with pytest.raises(error, match=message):
        record(Functional(), points, layers)


def test_modules_that_never_run_are_refused_by_name(points):
    model = mlp(2, 3, 2)
    model.unused = nn.ModuleList([nn.Linear(2, 2)])
    model.forward = lambda x: model[2](model[1](model[0](x)))
    for layers in (["0", "unused"], "unused*"):
        with pytest.raises(ValueError, match="unused"):
            record(model, points, layers)
    assert list(record(model, points, "[0u]*")) == ["0"]


def test_compiled_models_are_recorded_as_they_were_before(points):
    model = mlp(2, 4, 2)
    expected = record(model, points)
    for compiled in (torch.compile(model, backend="eager"), model):
        recording = record(compiled, points)
        assert list(recording) == ["input", "1", "output"]
        np.testing.assert_array_equal(recording["1"], expected["1"])
        model.compile(backend="eager")


def test_hooks_run_in_a_compiled_part_that_was_used_before(points):
    model = nn.Sequential(torch.compile(mlp(2, 4, 2), backend="eager")).eval()
    with torch.no_grad():
        model(points[:2]), model(points), model(points)
    recording = record(model, points, "*.1")
    np.testing.assert_array_equal(recording["0._orig_mod.1"], record(mlp(2, 4, 2), points)["1"])


def test_parametrized_layers_count_as_layers(points):
    model = Functional()
    nn.utils.parametrizations.weight_norm(model.second)
    assert list(record(model, points)) == ["input", "first", "second", "output"]
    assert list(record(model, points, "second*")) == ["second"]


def test_softmax_is_no_activation_by_itself(points):
    layers = nn.Linear(2, 3), nn.Softmax(1), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2)
    assert list(record(nn.Sequential(*layers), points)) == ["input", "3", "output"]


def test_a_trained_convolutional_network_on_real_faces():
    from facenet_pytorch.models.mtcnn import RNet
    from skimage.data import lfw_subset

    gray = torch.from_numpy(lfw_subset()).float()[:, None].repeat(1, 3, 1, 1)
    faces = (F.interpolate(gray, (24, 24), mode="bilinear") * 255 - 127.5) / 128
    labels = np.repeat([1, 0], 100)
    model = RNet()

    recording = record(model, (faces, labels), output={"output": lambda value: value[1]})

    assert list(recording) == ["input", "prelu1", "prelu2", "prelu3", "prelu4", "output"]
    assert [array.shape for array in recording.values()][1:] == [
        (200, 28 * 22 * 22),
        (200, 48 * 9 * 9),
        (200, 64 * 3 * 3),
        (200, 128),
        (200, 2),
    ]
    first = by_hand(lambda x: model.prelu1(model.conv1(x)), faces)
    np.testing.assert_allclose(recording["prelu1"], first, atol=1e-4)
    np.testing.assert_allclose(
        recording["output"], by_hand(lambda x: model(x)[1], faces), atol=1e-5
    )
    assert (recording.predictions == labels).mean() == 1
    untrained = recording.untrained(rng=0)
    assert list(untrained) == list(recording)
    assert (untrained.predictions == labels).mean() < 0.9


def test_torch_is_not_imported_before_it_is_needed():
    code = "import sys, topolens.torch; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_layers_with_weights_are_seen_beside_a_recurrent_one():
    """Their activations are functions, which no hook sees."""

    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.gru = nn.GRU(4, 6, batch_first=True)
            self.fc1, self.fc2 = nn.Linear(6, 5), nn.Linear(5, 2)

        def forward(self, x):
            return self.fc2(torch.relu(self.fc1(self.gru(x)[0][:, -1])))

    assert list(record(Classifier(), torch.rand(12, 7, 4))) == ["input", "gru", "fc1", "output"]
