"""Predictions are what the network's head means, or there are none and a reason."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import topolens as tl
from topolens.torch import record
from torch_models import Tupled, mlp

POINTS = torch.randn(40, 2, generator=torch.Generator().manual_seed(1))


@dataclasses.dataclass
class Answer:
    features: torch.Tensor
    logits: torch.Tensor


class Single(nn.Module):
    """One score, and what a function makes of it."""

    def __init__(self, head, width=1, dtype=torch.float32):
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(2, width, dtype=dtype)
        self.act = nn.Sigmoid()
        self.head = head

    def forward(self, x):
        return self.head(self, self.linear(x))


SIGMOIDS = {
    "module": lambda m, z: m.act(z),
    "function": lambda m, z: torch.sigmoid(z),
    "method": lambda m, z: z.sigmoid(),
    "functional": lambda m, z: F.sigmoid(z),
    "expit": lambda m, z: torch.special.expit(z),
    "operator": lambda m, z: torch.ops.aten.sigmoid.default(z),
    "in place": lambda m, z: z.sigmoid_(),
    "squeezed": lambda m, z: torch.sigmoid(z).squeeze(1),
    "column": lambda m, z: torch.sigmoid(torch.cat([z, -z], 1))[:, 0],
    "copied": lambda m, z: torch.sigmoid(z).double().clone(),
    "in a dictionary": lambda m, z: {"loss": None, "probability": m.act(z)},
}
NO_SIGMOIDS = {
    "score": lambda m, z: z,
    "overwritten": lambda m, z: torch.sigmoid(z).copy_(z),
    "undone": lambda m, z: torch.logit(torch.sigmoid(z)),
    "gated": lambda m, z: z * torch.sigmoid(z),
}


@pytest.mark.parametrize("kind", SIGMOIDS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_single_probability_is_above_one_half_or_not(kind, dtype):
    model = Single(SIGMOIDS[kind], dtype=dtype)
    recording = record(model, POINTS.to(dtype), ["output"])
    expected = model.linear(POINTS.to(dtype))[:, 0].sigmoid() > 0.5
    assert 0 < expected.sum() < 40
    np.testing.assert_array_equal(recording.predictions, expected.long().numpy())
    assert recording.predictions_note is None


@pytest.mark.parametrize("kind", NO_SIGMOIDS)
def test_a_single_score_has_a_sign(kind):
    model = Single(NO_SIGMOIDS[kind])
    expected = np.sign(model.linear(POINTS)[:, 0].detach().numpy())
    np.testing.assert_array_equal(record(model, POINTS).predictions, expected)


def test_the_sigmoid_of_an_inner_layer_is_no_head():
    """Its memory may be taken again by the output, which is of the same size."""

    class Excited(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(0)
            self.linear = nn.Linear(2, 1)

        def forward(self, x):
            scale = torch.sigmoid(x[:, :1]).sum()
            return self.linear(x) + 0 * scale

    model = Excited()
    expected = np.sign(model.linear(POINTS)[:, 0].detach().numpy())
    np.testing.assert_array_equal(record(model, POINTS).predictions, expected)


def test_exported_and_in_inference_mode():
    n = torch.export.Dim("n", min=1)
    model = Single(SIGMOIDS["squeezed"])
    program = torch.export.export(model, (POINTS,), dynamic_shapes=({0: n},)).module()
    expected = record(model, POINTS).predictions
    assert set(expected.tolist()) == {0, 1}
    np.testing.assert_array_equal(record(program, POINTS, ["output"]).predictions, expected)
    with torch.inference_mode():
        np.testing.assert_array_equal(record(model, POINTS).predictions, expected)


def test_whole_numbers_are_labels_themselves():
    for labels in (torch.arange(40) % 5, (torch.arange(40) % 5)[:, None]):
        recording = record(nn.Identity(), labels)
        np.testing.assert_array_equal(recording.predictions, np.arange(40) % 5)


NONE = {
    "several sigmoids": (lambda m, z: torch.sigmoid(z), "sigmoid"),
    "several heads": (lambda m, z: (z, z[:, :2]), "2 outputs with a row per sample"),
    "heads in a dictionary": (lambda m, z: {"age": z, "sex": z[:, :1]}, "2 outputs"),
    "other samples": (lambda m, z: z @ z.T, "other columns in other batches"),
    "maps": (lambda m, z: z[:, :, None, None].repeat(1, 1, 2, 2), r"shape \(n, 3, 2, 2\)"),
    "nothing": (lambda m, z: None, "must give a tensor"),
    "no columns": (lambda m, z: z[:, :0], r"shape \(n, 0\)"),
}


@pytest.mark.parametrize("kind", NONE)
def test_what_may_mean_something_else_is_no_prediction(kind):
    head, reason = NONE[kind]
    recording = record(Single(head, width=3), POINTS, ["linear"])
    assert recording.predictions is None
    with pytest.raises(ValueError, match=f"needs predictions: .*{reason}.*say with `predictions`"):
        tl.analyse(recording, tl.HopBetti(), by="prediction")


def test_a_result_may_call_its_logits_so():
    for wrap in (
        lambda m, z: {"logits": z, "features": z[:, :2]},
        lambda m, z: {"logits": z, "features": z[:, :, None]},
        lambda m, z: (z, z[:, :, None]),
    ):
        model = Single(wrap, width=3)
        expected = model.linear(POINTS).argmax(1).numpy()
        np.testing.assert_array_equal(record(model, POINTS).predictions, expected)
    model = Single(lambda m, z: Answer(z[:, :, None], z), width=3)
    assert record(model, POINTS).predictions is None  # the output is the features
    chosen = record(model, POINTS, output={"output": lambda answer: answer.logits})
    np.testing.assert_array_equal(chosen.predictions, model.linear(POINTS).argmax(1).numpy())


def test_the_user_says_what_is_predicted():
    model = Single(lambda m, z: {"boxes": torch.rand(3, 0, 4), "scores": z}, width=3)
    wanted = (model.linear(POINTS)[:, 2] > 0).numpy()
    for own in (
        lambda result: result["scores"][:, 2] > 0,
        lambda result: (result["scores"][:, 2] > 0).tolist(),
    ):
        recording = record(model, [POINTS[:7], POINTS[7:]], predictions=own)
        np.testing.assert_array_equal(recording.predictions, wanted)
    words = np.array(["cat", "dog"])[wanted.astype(int)]
    for labels in (words, words.tolist()):
        recording = record(model, POINTS, max_samples=9, rng=0, predictions=labels)
        np.testing.assert_array_equal(recording.predictions, words[recording.indices])
        table = tl.analyse(recording, tl.HopBetti(k=2), by="prediction", rng=0)
        assert set(table.columns["class"].tolist()) <= {"cat", "dog"}
    # They are the trained network's.
    assert record(mlp(2, 3), POINTS, predictions=words).untrained(0).predictions.dtype == np.int64


@pytest.mark.parametrize(
    ("own", "message"),
    [
        (lambda result: result[:1].argmax(1), r"`predictions` must have shape \(40,\)"),
        (np.arange(12), r"`predictions` must have one label .* found shape \(12,\)"),
        (np.zeros((40, 2)), r"found shape \(40, 2\)"),
    ],
)
def test_wrong_predictions_are_refused(own, message):
    with pytest.raises(ValueError, match=message):
        record(mlp(2, 3), POINTS, predictions=own)


def test_an_error_in_the_users_function_says_where():
    with pytest.raises(KeyError) as caught:
        record(Tupled(lambda x: {"logits": x}), POINTS, predictions=lambda result: result["labels"])
    assert caught.value.__notes__ == ["in `predictions`"]
