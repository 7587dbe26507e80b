"""A small part of the zoo, of every family some: what the table in the documentation says holds."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import page
from examine import examine, spread
from kinds import Kind
from topolens.layers import Recording
from topolens.torch import record
from zoo import kinds

TABLE = Path(__file__).parents[2] / "docs" / "networks_that_record.md"
PART = """
    resnet18, mobilenet_v3_small, squeezenet1_1, shufflenet_v2_x0_5, efficientnet_b0,
    lraspp_mobilenet_v3_large, fasterrcnn_mobilenet_v3_large_320_fpn, raft_small,
    quantized_shufflenet_v2_x0_5, r3d_18, timm convnext_atto, timm swiftformer_xs,
    timm mobilevit_xxs, timm ghostnet_050, timm tnt_s_patch16_224, timm levit_128s,
    transformers BertForSequenceClassification, transformers ModernBertModel,
    transformers GPT2LMHeadModel, transformers MixtralForCausalLM, transformers T5Model,
    transformers SwinModel, transformers Wav2Vec2Model, transformers WhisperModel,
    transformers CLIPModel
"""
ZOO = {kind.name: kind for kind in kinds()}


@pytest.mark.parametrize("name", [name.strip() for name in PART.split(",")])
def test_the_table_tells_what_records(name):
    found = examine(ZOO[name])
    listed = {about for member, about in page.failures(TABLE) if member == name}
    assert set(found["problems"]) == listed, found["problems"]
    assert {"model", "recorded", "process"} & listed or found["layers"] >= 2


def test_the_table_is_of_the_whole_zoo():
    rows = page.rows(TABLE)
    families = [kind.family for kind in ZOO.values()]
    assert rows == {family: families.count(family) for family in families}


def small() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 9), nn.ReLU(), nn.Linear(9, 3))


def shifted(model, inputs, **options):
    recording = record(model, inputs, **options)
    recording["1"][0] += 1
    return recording


def hooked(model, inputs, **options):
    model[0].register_forward_hook(lambda *_: None)
    return record(model, inputs, **options)


def nudged(model, inputs, **options):
    with torch.no_grad():
        model[0].bias[0] += 1
    return record(model, inputs, **options)


def collapsed(model, inputs, **options):
    recording = record(model, inputs, **options)
    constant = {layer: np.ones_like(rows) for layer, rows in recording.items()}
    source = SimpleNamespace(untrained=lambda *_: constant)
    return Recording(recording.activations, recording.shapes, recording.indices, source=source)


def refused(model, inputs, **options):
    raise ValueError("no")


@pytest.mark.parametrize(
    ("fault", "about", "message"),
    [
        (shifted, "values", "'1' is off by"),
        (hooked, "unchanged", "changed hooks"),
        (nudged, "unchanged", "changed state"),
        (collapsed, "control", "'1' spreads 0,"),
        (refused, "recorded", "ValueError: no"),
    ],
)
def test_what_is_wrong_is_found(monkeypatch, fault, about, message):
    """A zoo that never finds a fault would be no test."""
    points = torch.randn(8, 2, generator=torch.Generator().manual_seed(0))
    kind = Kind("small", "made up", small, lambda: points)
    assert examine(kind)["problems"] == {}
    monkeypatch.setattr("examine.record", fault)
    problems = examine(kind)["problems"]
    assert list(problems) == [about] and message in problems[about]


def test_spread():
    assert spread(np.full((4, 3), 2.0)) == 0
    assert spread(np.array([[1.0, 0.0], [-1.0, 0.0]])) == 1
    assert spread(np.array([[3.0], [1.0]])) == 0.5


def test_page(tmp_path):
    """Written twice, a page keeps its words and has one table."""
    file = tmp_path / "page.md"
    file.write_text("Before\n\n<!-- zoo -->\n<!-- /zoo -->\n\nAfter\n")
    fine = {"family": "a", "layers": 4, "ratios": {}, "problems": {}}
    found = [
        {**fine, "name": "one"},
        {**fine, "name": "two", "layers": 7, "problems": {"control": "of <0.1> is `flat`"}},
        {"name": "three", "family": "b", "problems": {"process": "took over 180 s"}},
    ]
    for _ in range(2):
        page.write(file, page.table(found))
    text = file.read_text()
    assert text.startswith("Before\n") and text.endswith("After\n") and text.count("| a |") == 1
    assert "| a | 2 | 2 | 2 | 6 | 1 of 2 |" in text and "| b | 1 | 0 | 0 | 0 | 0 of 0 |" in text
    assert page.rows(file) == {"a": 2, "b": 1}
    assert page.failures(file) == {("two", "control"), ("three", "process")}
