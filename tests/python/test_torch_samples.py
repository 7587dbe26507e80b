"""Which samples are recorded, from what kinds of loaders, and within what memory."""

from __future__ import annotations

import logging
import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from topolens.torch import record
from torch_models import Functional, mlp

X = torch.arange(60.0).reshape(30, 2)
Y = torch.arange(30) % 3


class Stream(IterableDataset):
    def __iter__(self):
        return iter(zip(X, Y, strict=True))


class Keywords(nn.Module):
    """Takes what a tokenizer gives; its output tells whether both arguments arrived."""

    def forward(self, input_ids, attention_mask):
        return {"logits": input_ids * attention_mask}


@pytest.mark.parametrize(
    "loader",
    [
        DataLoader(TensorDataset(X, Y), batch_size=7),
        DataLoader(Stream(), batch_size=7),
        (X, Y),
        (X.numpy().astype(float), Y.numpy()),
        [(X[:20], Y[:20]), [X[20:], Y[20:, None]]],
        [{"input": X[:20], "label": Y[:20]}, {"input": X[20:], "label": Y[20:]}],
        {"input": X.numpy(), "labels": Y},
        [({"input": X}, Y)],
    ],
)
def test_loaders_of_all_kinds_give_the_same_recording(loader):
    recording = record(nn.Linear(2, 2), loader, ["input"], max_samples=10, rng=3)
    assert len(recording.indices) == 10
    np.testing.assert_array_equal(recording["input"], X[recording.indices])
    np.testing.assert_array_equal(recording.labels, Y[recording.indices])
    np.testing.assert_array_equal(
        recording.indices, record(nn.Linear(2, 2), X, max_samples=10, rng=3).indices
    )


@pytest.mark.parametrize("loader", [X, X.numpy(), [X[:20], X[20:]], DataLoader(TensorDataset(X))])
def test_labels_are_optional(loader):
    recording = record(nn.Linear(2, 2), loader)
    np.testing.assert_array_equal(recording["input"], X)
    assert recording.labels is None


def test_dictionaries_become_keyword_arguments():
    tokens = torch.arange(12).reshape(4, 3)
    mask = torch.tensor([[1, 1, 0]]).repeat(4, 1)
    batch = {"input_ids": tokens, "attention_mask": mask, "labels": ["a", "b", "a", "b"]}
    recording = record(Keywords(), [batch])
    np.testing.assert_array_equal(recording["input"], tokens)
    np.testing.assert_array_equal(recording["output"], tokens * mask)
    assert recording.labels.tolist() == ["a", "b", "a", "b"]


def test_indices_are_positions_in_the_order_of_a_shuffling_loader():
    generator = torch.Generator().manual_seed(0)
    loader = DataLoader(TensorDataset(X, Y), 7, shuffle=True, generator=generator)
    recording = record(nn.Linear(2, 2), loader, max_samples=12, rng=0)
    loader.generator.manual_seed(0)
    shuffled = torch.cat([x for x, _ in loader])
    assert not torch.equal(shuffled, X)
    np.testing.assert_array_equal(recording["input"], shuffled[recording.indices])


def test_loader_is_read_once_and_only_chosen_samples_are_run():
    seen = []
    model = mlp(2, 3, 2)
    model.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    batches = iter([X[:7], X[7:9], X[9:]])
    recording = record(model, batches, max_samples=25, rng=0)
    np.testing.assert_array_equal(torch.cat(seen[2:]), X[recording.indices])
    assert [len(batch) for batch in seen] == [2, 2, 21, 4]  # two looks, then as many as fit


def test_choice_is_uniform_and_in_order():
    counts = np.zeros(30)
    for seed in range(300):
        indices = record(nn.Identity(), X, ["input"], max_samples=10, rng=seed).indices
        assert len(np.unique(indices)) == 10
        assert (np.diff(indices) > 0).all()
        counts[indices] += 1
    assert counts.sum() == 3000
    assert np.abs(counts - 100).max() < 5 * np.sqrt(300 * 1 / 3 * 2 / 3)
    generator = np.random.default_rng(7)
    first, second = (
        record(nn.Identity(), X, max_samples=10, rng=generator).indices for _ in range(2)
    )
    assert not np.array_equal(first, second)


def test_samples_of_different_lengths_need_a_reduction():
    class Embed(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Embedding(9, 4)

        def forward(self, input_ids):
            return self.table(input_ids)

    short, long = torch.randint(9, (5, 3)), torch.randint(9, (5, 4))
    model = Embed()
    loader = [{"input_ids": short}, {"input_ids": long}]
    recording = record(model, loader, ["output"], reduce="mean")
    expected = torch.cat([model(short).mean(1), model(long).mean(1)]).detach()
    np.testing.assert_allclose(recording["output"], expected, atol=1e-6)
    with pytest.raises(ValueError, match=r"layer 'output' .* found \(3, 4\) and \(4, 4\)"):
        record(model, loader, ["output"])


def test_layers_must_not_depend_on_the_batch():
    class Fickle(nn.Module):
        def __init__(self):
            super().__init__()
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(x) if len(x) <= 2 else self.relu(self.relu(x))

    with pytest.raises(ValueError, match="same layers in the same order; it differs in relu#1"):
        record(Fickle(), X, ["relu"])


@pytest.mark.parametrize(
    ("loader", "error", "message"),
    [
        ([], ValueError, "at least one sample"),
        (X[:0], ValueError, "at least one sample"),
        (3, TypeError, "iterable of batches.*found int"),
        ("data", TypeError, "found str"),
        (TensorDataset(X, Y), TypeError, "wrap the Dataset in a torch DataLoader"),
        ([(X, Y, Y)], ValueError, "found 3 entries"),
        ([["text", "more"]], TypeError, "found str"),
        ([{"x": X, "name": ["a"] * 30}], TypeError, "found list as 'name'"),
        ([{"x": X, "mask": X[:3]}], ValueError, "same length.*'x': 30, 'mask': 3"),
        ([{"labels": Y}], ValueError, "only labels"),
        ([torch.tensor(1.0)], TypeError, "found Tensor"),
        ((X, Y[:3]), ValueError, r"`labels` must have shape \(30,\).*found \(3,\)"),
        ([(X, X)], ValueError, r"`labels` must have shape \(30,\).*found \(30, 2\)"),
        ([(X, Y), X], ValueError, "labels with every batch or with none"),
    ],
)
def test_wrong_loaders_are_refused(loader, error, message):
    with pytest.raises(error, match=message):
        record(mlp(2, 3, 2), loader)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_samples": 0}, ValueError, "`max_samples` must be at least 1; found 0"),
        ({"max_samples": 2.5}, TypeError, "`max_samples` must be a whole number; found 2.5"),
        ({"max_memory": 0}, ValueError, "`max_memory` must be a positive number of bytes; found 0"),
    ],
)
def test_wrong_numbers_are_refused(options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        record(mlp(2, 3, 2), X, **options)


def test_size_is_stated_and_kept_within_the_limit(caplog):
    model = nn.Sequential(nn.Conv2d(1, 10, 3), nn.ReLU(), nn.Flatten(), nn.Linear(360, 2))
    images = torch.randn(100, 1, 8, 8)
    each, inputs = 4 * (64 + 360 + 2), 100 * 4 * 64
    whole = 100 * each + inputs
    with caplog.at_level(logging.INFO, logger="topolens"):
        recording = record(model, images, max_memory=whole)
    assert "recording 100 samples: 3 layers, 0.2 MB, beside inputs of 0.0 MB" in caplog.text
    assert sum(array.nbytes for array in recording.values()) == 100 * each

    ran = []
    model.register_forward_hook(lambda module, inputs, output: ran.append(len(output)))
    with pytest.raises(MemoryError) as caught:
        record(model, images, max_memory=whole - 1)
    assert ran == [2, 2]
    message = str(caught.value)
    assert message.startswith("recording 100 samples in 3 layers takes 0.17 MB beside 0.0256 MB of")
    assert '`max_samples=99` or `reduce="mean"` (0.0052 MB)' in message
    record(model, images, max_samples=99, max_memory=whole - 1)
    mean = record(model, images, max_memory=inputs + 5200, reduce="mean")
    assert mean["1"].shape == (100, 10)
    with pytest.raises(MemoryError, match="what would fit: fewer layers"):
        record(model, images, max_memory=10)


def test_available_memory_is_the_limit_by_default(monkeypatch):
    available = 30 * 4 * (2 + 5 + 4 + 3) - 1
    monkeypatch.setattr("topolens._calls._available", lambda _: available)
    with pytest.raises(MemoryError, match="max_samples=29"):
        record(Functional(), X)


def test_progress_counts_samples(capsys):
    record(mlp(2, 3, 2), X, progress=True)
    assert "30/30" in capsys.readouterr().err
    record(mlp(2, 3, 2), X)
    assert capsys.readouterr().err == ""
