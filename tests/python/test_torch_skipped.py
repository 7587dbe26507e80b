"""Modules without a row for each sample stop no recording: they are skipped and named."""

from __future__ import annotations

import dataclasses
import re
from collections import namedtuple

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import topolens as tl
from topolens.torch import record
from torch_models import Tupled, by_hand, mlp

POINTS = torch.randn(40, 2, generator=torch.Generator().manual_seed(1))
Pair = namedtuple("Pair", ["loss", "logits"])


@dataclasses.dataclass
class Answer:
    loss: torch.Tensor
    logits: torch.Tensor


class Side(nn.Module):
    """Gives something that is no row per sample."""

    def __init__(self, make):
        super().__init__()
        self.make = make
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.make(x)


class WithSide(nn.Module):
    def __init__(self, make):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.side, self.second = nn.Linear(2, 4), Side(make), nn.Linear(4, 3)

    def forward(self, x):
        hidden = torch.tanh(self.first(x))
        self.side(hidden)
        return self.second(hidden)


SIDES = {
    "no tensor": (lambda x: None, "must give a tensor"),
    "a table of positions": (lambda x: torch.rand(7, 4), r"batch \(2 samples\) .*\(7, 4\)"),
    "a number": (lambda x: x.sum(), r"first axis; found shape \(\)"),
    "complex": (torch.fft.fft, r"must be real; found torch\.complex64"),
    "sparse": (torch.Tensor.to_sparse, r"dense tensor; found torch\.sparse_coo"),
    "two rows": (lambda x: torch.rand(2, 4), r"batch \(40 samples\) .*\(2, 4\)"),
    "rows of others": (lambda x: x @ x.T, "found one for each sample"),
}
BESIDE = ("two rows", "rows of others")


@pytest.mark.parametrize("kind", SIDES)
@pytest.mark.parametrize("layers", ["auto", "*", lambda name, module: True])
def test_a_side_module_is_skipped_and_named(kind, layers):
    make, reason = SIDES[kind]
    recording = record(WithSide(make), POINTS, layers)
    assert set(recording) >= {"first", "second" if callable(layers) else "output"}
    assert "side" not in recording
    assert list(recording.skipped) == ["side"]
    if layers == "auto" and kind in BESIDE:
        reason = "runs beside|depend on the inputs"
    assert re.search(reason, recording.skipped["side"])


def test_a_side_module_is_refused_by_its_name():
    for kind in SIDES.keys() - {"two rows"}:
        with pytest.raises((TypeError, ValueError), match="layer 'side'"):
            record(WithSide(SIDES[kind][0]), POINTS, ["first", "side"])
    with pytest.raises(TypeError, match="layer 'side' must give a tensor"):
        record(WithSide(lambda x: x), POINTS, output={"side": lambda value: None})


def test_the_summary_names_what_was_skipped():
    recording = record(WithSide(lambda x: None), POINTS)
    columns = recording.summary().to_columns()
    assert list(columns["layer"]) == ["input", "first", "output", "side"]
    assert list(columns["note"][:3]) == ["", "", ""]
    assert columns["note"][3].startswith("skipped: must give a tensor")
    assert "3 layers, 1 skipped" in repr(recording)
    assert [row.layer for row in recording.rows] == ["input", "first", "output"]
    assert list(recording.untrained(0).skipped) == ["side"]


def test_a_module_that_some_batches_do_not_call_is_skipped():
    class Expert(nn.Module):
        def __init__(self):
            super().__init__()
            self.common, self.rare, self.crowded = (nn.Linear(2, 2) for _ in range(3))

        def forward(self, x):
            if len(x) == 2:
                self.rare(x)
            else:
                self.crowded(x)
            return torch.tanh(self.common(x))

    recording = record(Expert(), POINTS)
    assert list(recording) == ["input", "common", "output"]
    assert "runs beside" in recording.skipped["rare"]
    recording = record(Expert(), POINTS, "*")
    assert list(recording.skipped) == ["rare", "crowded"]
    assert all("with every batch" in reason for reason in recording.skipped.values())
    with pytest.raises(ValueError, match="differs in rare"):
        record(Expert(), POINTS, ["rare"])


def test_where_all_is_skipped_it_is_said_why():
    model = Tupled(lambda x: None)
    with pytest.raises(ValueError, match="row for each sample: 'output' must give a tensor"):
        record(model, POINTS, "outp*")
    late = Tupled(lambda x: torch.rand(2, 3))
    with pytest.raises(ValueError, match=r"'output' must have the batch \(40 samples\)"):
        record(late, POINTS, "outp*")


@pytest.mark.parametrize(
    "wrap",
    [
        lambda x: {"loss": x.sum(), "logits": x},
        lambda x: Pair(x.sum(), x),
        lambda x: Answer(x.sum(), x),
        lambda x: [Answer(x.sum(), x)],
        lambda x: (x.repeat(3, 1), x),
        lambda x: (torch.fft.fft(x), [None, x.to_sparse(), x]),
    ],
)
def test_the_first_tensor_with_a_row_for_each_sample_is_taken(wrap):
    model = Tupled(wrap)
    recording = record(model, POINTS)
    np.testing.assert_allclose(recording["output"], by_hand(model.linear, POINTS), atol=1e-6)
    assert not recording.skipped


def test_packed_sequences_have_no_row_for_each_sample():
    """The order of their samples, which they hold too, is one number for each."""

    class Packed(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.lstm, self.head = nn.LSTM(3, 4, batch_first=True), nn.Linear(4, 2)

        def forward(self, x, lengths):
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            return self.head(self.lstm(packed)[1][0][-1])

    inputs = {"x": torch.randn(9, 5, 3), "lengths": torch.arange(9) % 5 + 1}
    recording = record(Packed(), inputs, ["lstm", "head"], output={"lstm": _padded})
    assert recording["lstm"].shape == (9, 20)
    skipped = record(Packed(), inputs, "*").skipped
    assert list(skipped) == ["lstm"]


def _padded(value):
    return pad_packed_sequence(value[0], batch_first=True, total_length=5)[0]


def test_a_detector_shows_its_backbone():
    from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

    torch.manual_seed(0)
    model = fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=3, min_size=64, max_size=64
    )
    images = torch.rand(5, 3, 64, 64)
    recording = record(model, images, reduce="mean")
    body = [layer for layer in recording if layer.startswith("backbone.body")]
    assert len(body) > 10
    assert recording[body[-1]].shape == (5, 160)
    assert list(recording.skipped) == ["output", "rpn", "roi_heads"]
    assert recording.predictions is None
    assert "output" in recording.predictions_note


def test_maps_of_a_side_module_are_skipped_in_a_profile():
    class Grid(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.relu, self.grid = nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Tanh()
            self.rare = nn.Tanh()

        def forward(self, x):
            self.grid(torch.rand(2, 2, 3, 3))  # as many as samples of the last batch
            if len(x) > 2:
                self.rare(x)
            return self.relu(self.conv(x)).flatten(1)

    images = torch.randn(18, 1, 6, 6)
    profile = tl.cubical_profile(Grid(), images=images, layers="*")
    assert profile.layers == ("input", "conv", "relu")
    assert set(profile.skipped) == {"grid", "rare", "output"}
    assert profile.n_images == 18


# --- models that take what they were made for ---------------------------------------------------


def exported(dynamic):
    shapes = ({0: torch.export.Dim("n", min=1)},) if dynamic else None
    return torch.export.export(mlp(2, 4, 3), (POINTS[:8],), dynamic_shapes=shapes).module()


def test_a_model_with_a_fixed_batch_says_why_it_failed():
    with pytest.raises(AssertionError) as caught:
        record(exported(dynamic=False), POINTS[:16])
    assert "was shown two samples first" in caught.value.__notes__[0]
    recording = record(exported(dynamic=True), POINTS)
    np.testing.assert_allclose(
        recording["output"], by_hand(mlp(2, 4, 3), POINTS), rtol=1e-5, atol=1e-6
    )


def test_an_error_in_a_reading_has_no_note_on_the_model():
    def fail(tensor):
        raise ArithmeticError("on purpose")

    with pytest.raises(ArithmeticError) as caught:
        record(mlp(2, 3, 2), POINTS, reduce={"1": fail})
    assert caught.value.__notes__ == ["in `reduce` for layer '1'"]


@pytest.mark.filterwarnings("ignore:torch.*quant", "error:rows of layer:UserWarning")
def test_quantised_layers_are_read_as_the_numbers_that_they_mean():
    from torch.ao import quantization
    from torch.ao.nn import quantized

    torch.manual_seed(0)
    model = nn.Sequential(quantized.Quantize(0.05, 128, torch.quint8), quantized.Linear(2, 3))
    model[1].scale, model[1].zero_point = 0.1, 64
    recording = record(model, POINTS, ["0", "1", "output"])
    expected = model(POINTS).dequantize().numpy()
    assert len(np.unique(recording["0"])) > 5
    assert np.abs(recording["0"] - POINTS.clamp(-6.4, 6.35).numpy()).max() <= 0.025 + 1e-6
    np.testing.assert_array_equal(recording["1"], expected)
    np.testing.assert_array_equal(recording["output"], expected)
    np.testing.assert_array_equal(recording.predictions, expected.argmax(1))
    dynamic = quantization.quantize_dynamic(mlp(2, 8, 3), {nn.Linear})
    rows = record(dynamic, POINTS, ["1"])["1"]
    np.testing.assert_allclose(rows, record(mlp(2, 8, 3), POINTS, ["1"])["1"], atol=0.1)
