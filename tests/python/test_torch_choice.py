"""How many samples of each class are recorded, what tells them apart, and their last batch."""

from __future__ import annotations

import pickle
import re
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    DistributedSampler,
    RandomSampler,
    SequentialSampler,
    SubsetRandomSampler,
    TensorDataset,
)

import topolens as tl
from topolens.torch import record
from torch_models import mlp

X = torch.arange(120.0).reshape(60, 2)
Y = np.repeat([5, 2, 7], [40, 16, 4])[np.random.default_rng(0).permutation(60)]
ALL = np.arange(60)


def inputs_of(loader, **options):
    return record(nn.Identity(), loader, ["input"], **options)


# --- of each class ------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [60, 7, 1])
def test_each_class_has_its_share(batch):
    loader = DataLoader(TensorDataset(X, torch.tensor(Y)), batch)
    recording = inputs_of(loader, per_class=4, rng=0)
    assert dict(zip(*np.unique(recording.labels, return_counts=True), strict=True)) == {
        2: 4,
        5: 4,
        7: 4,
    }
    assert (np.diff(recording.indices) > 0).all()
    np.testing.assert_array_equal(recording.labels, Y[recording.indices])
    np.testing.assert_array_equal(recording["input"], X[recording.indices])
    again = inputs_of((X, Y), per_class=4, rng=0)
    np.testing.assert_array_equal(again.indices, recording.indices)


def test_choice_within_a_class_is_uniform():
    counts = np.zeros(60)
    for seed in range(400):
        counts[inputs_of((X, Y), per_class=4, rng=seed).indices] += 1
    for label, size in ((5, 40), (2, 16), (7, 4)):
        share = 4 / size
        spread = 5 * np.sqrt(400 * share * (1 - share))
        assert np.abs(counts[label == Y] - 400 * share).max() <= spread
        assert counts[label == Y].sum() == 4 * 400


def test_a_small_class_is_recorded_whole_and_named():
    names = np.array(["cat", "dog"])[(Y == 7).astype(int)]
    with pytest.warns(UserWarning, match=r"`per_class`.* found 4 of class 'dog': all") as caught:
        recording = inputs_of((X, names), per_class=10)
    assert caught[0].filename == __file__
    assert (recording.labels == "dog").sum() == 4 and (recording.labels == "cat").sum() == 10
    with pytest.warns(UserWarning, match="1 of class 4, few of 55 others: all") as caught:
        inputs_of((X, ALL), per_class=2)
    assert "class 5," not in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        inputs_of((X, Y), per_class=4)


@pytest.mark.parametrize(
    ("loader", "options", "error", "message"),
    [
        (X, {"per_class": 3}, ValueError, "`per_class` needs a label for every sample"),
        ((X, Y), {"per_class": 3, "max_samples": 9}, ValueError, "`max_samples` must be left out"),
        ((X, Y), {"per_class": 0}, ValueError, "`per_class` must be at least 1; found 0"),
        ((X, Y), {"per_class": 2.5}, TypeError, "`per_class` must be a whole number; found 2.5"),
    ],
)
def test_wrong_numbers_of_each_class_are_refused(loader, options, error, message):
    with pytest.raises(error, match=re.escape(message)):
        inputs_of(loader, **options)


def test_images_of_a_profile_are_chosen_by_class():
    maps = torch.rand(60, 1, 4, 4)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
    profile = tl.cubical_profile(model, images=(maps, Y), per_class=3)
    assert profile.n_images == 9
    with pytest.raises(ValueError, match="`max_images` must be left out with `per_class`"):
        tl.cubical_profile(model, images=(maps, Y), per_class=3, max_images=5)
    with pytest.raises(ValueError, match="`per_class` must be left out without a model"):
        tl.cubical_profile({"layer": maps.numpy()}, per_class=3)


def test_too_few_points_of_a_class_name_the_way_out():
    recording = inputs_of((X, Y), max_samples=20, rng=0)
    with pytest.raises(ValueError, match="record more of each class, with `per_class`"):
        tl.analyse(recording, tl.HopBetti(), by="class")
    with pytest.raises(ValueError, match=r"has \d+: measure all"):
        tl.analyse(dict(recording), tl.HopBetti(), labels=recording.labels, by="class")


# --- what tells samples apart -------------------------------------------------------------------


def test_ids_travel_with_the_recording():
    names = np.array([f"sample {i}" for i in ALL])
    recording = record(mlp(2, 3, 2), (X, Y), max_samples=20, rng=0, sample_ids=names)
    np.testing.assert_array_equal(recording.sample_ids, names[recording.indices])
    for copy in (recording.untrained(0), pickle.loads(pickle.dumps(recording))):
        np.testing.assert_array_equal(copy.sample_ids, recording.sample_ids)
        assert not copy.shuffled
    plain = record(mlp(2, 3, 2), (X, Y), max_samples=20, rng=0)
    np.testing.assert_array_equal(plain.sample_ids, plain.indices)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (
            ALL[:-1],
            "`sample_ids` must hold one id for each of the 60 samples of `loader`; found 59",
        ),
        ([*ALL[:-1], 3], "`sample_ids` must differ; found 3 at 3 and 59"),
        (ALL[:, None], "`sample_ids` must have shape (n,), one per sample; found (60, 1)"),
        ([*"ab", *ALL[2:]], "`sample_ids`"),
    ],
)
def test_wrong_ids_are_refused(ids, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        inputs_of(X, sample_ids=ids)


SHUFFLING = {
    "shuffle": {"batch_size": 9, "shuffle": True},
    "sampler": {"batch_size": 9, "sampler": SubsetRandomSampler(range(60))},
    "batches": {"batch_sampler": BatchSampler(RandomSampler(range(60)), 9, False)},
    "unbatched": {
        "batch_size": None,
        "sampler": BatchSampler(RandomSampler(range(60)), 9, False),
    },
    "distributed": {
        "batch_size": 9,
        "sampler": DistributedSampler(range(60), num_replicas=1, rank=0),
    },
}
KEEPING = {
    "plain": {"batch_size": 9},
    "sampler": {"batch_size": 9, "sampler": SequentialSampler(range(60))},
    "batches": {"batch_sampler": BatchSampler(SequentialSampler(range(60)), 9, False)},
    "unbatched": {"batch_size": None, "sampler": BatchSampler(range(60), 9, False)},
    "distributed": {
        "batch_size": 9,
        "sampler": DistributedSampler(range(60), num_replicas=1, rank=0, shuffle=False),
    },
}


@pytest.mark.parametrize("kind", SHUFFLING)
def test_a_loader_that_shuffles_marks_the_recording(kind):
    loader = DataLoader(TensorDataset(X), **SHUFFLING[kind])
    recording = record(mlp(2, 3, 2), loader)
    assert recording.shuffled and recording.untrained(0).shuffled
    with pytest.raises(ValueError, match="a DataLoader that shuffles: make one with shuffle=False"):
        record(mlp(2, 3, 2), loader, sample_ids=ALL)


@pytest.mark.parametrize("kind", KEEPING)
def test_a_loader_that_keeps_its_order_does_not(kind):
    loader = DataLoader(TensorDataset(X), **KEEPING[kind])
    assert not record(mlp(2, 3, 2), loader, sample_ids=ALL).shuffled
    assert not record(mlp(2, 3, 2), loader).shuffled


# --- where recordings meet ----------------------------------------------------------------------


def networks(**options):
    """Three recordings of different networks."""
    models = {name: nn.Linear(2, 3) for name in "abc"}
    for seed, model in enumerate(models.values()):
        nn.init.normal_(model.weight, generator=torch.Generator().manual_seed(seed))
    return {name: record(model, (X, Y), rng=0, **options) for name, model in models.items()}


def test_recordings_make_a_space_of_networks():
    recordings = networks(max_samples=30)
    predictions = {name: each.predictions for name, each in recordings.items()}
    outputs = {name: each["output"] for name, each in recordings.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for found, expected in [
            (tl.NetworkSpace.from_labels(recordings), tl.NetworkSpace.from_labels(predictions)),
            (tl.NetworkSpace.from_logits(recordings), tl.NetworkSpace.from_logits(outputs)),
        ]:
            np.testing.assert_array_equal(found.distances().values, expected.distances().values)
            assert found.distances().values.max() > 0
        listed = tl.NetworkSpace.from_labels(recordings.values(), names="xyz")
        assert listed.names == ("x", "y", "z")
        builder = tl.NetworkSpace.builder()
        builder.update(recordings)
        assert builder.result().names == ("a", "b", "c")


def test_a_single_output_has_two_labels():
    models = {name: nn.Linear(2, 1, bias=False) for name in "ab"}
    for sign, model in zip((1.0, -1.0), models.values(), strict=True):
        nn.init.constant_(model.weight, sign)
    recordings = {name: record(model, X - 60) for name, model in models.items()}
    assert set(recordings["a"].predictions) == {-1, 1}
    space = tl.NetworkSpace.from_labels(recordings)
    assert space.distances().values[0, 1] == 1 and space.n_classes == 2


@pytest.mark.parametrize("make", ["from_labels", "from_logits", "from_outputs"])
def test_recordings_of_different_samples_are_refused(make):
    recordings = networks(max_samples=30)
    other = record(nn.Linear(2, 3), (X, Y), max_samples=30, rng=1)
    place = np.flatnonzero(other.indices != recordings["a"].indices)[0]
    first, found = recordings["a"].indices[place], other.indices[place]
    message = f"found sample {first} of 'a' and {found} of 'other' at {place}: record them"
    with pytest.raises(ValueError, match=message):
        getattr(tl.NetworkSpace, make)({**recordings, "other": other})
    shorter = record(nn.Linear(2, 3), (X, Y), max_samples=20, rng=0)
    with pytest.raises(ValueError, match="found 30 of 'a' and 20 of 'shorter'"):
        getattr(tl.NetworkSpace, make)({**recordings, "shorter": shorter})


def test_ids_tell_apart_what_positions_do_not():
    model = nn.Linear(2, 3)
    there = record(model, X, sample_ids=ALL)
    back = record(model, X.flip(0), sample_ids=ALL[::-1])
    tl.NetworkSpace.from_labels({"a": record(model, X), "b": record(model, X.flip(0))})
    with pytest.raises(ValueError, match="found sample 0 of 'a' and 59 of 'b' at 0"):
        tl.NetworkSpace.from_labels({"a": there, "b": back})


def test_pairs_by_position_of_a_shuffling_loader_are_warned_of():
    loader = DataLoader(TensorDataset(X), 9, shuffle=True)
    pair = {name: record(nn.Linear(2, 3), loader) for name in "ab"}
    with pytest.warns(
        UserWarning, match="found 'a' recorded from a loader that shuffles"
    ) as caught:
        tl.NetworkSpace.from_labels(pair)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tl.NetworkSpace.from_labels({"a": pair["a"]})


def test_recordings_must_hold_what_is_asked():
    recording = record(nn.Linear(2, 3), X)
    with pytest.raises(TypeError, match="recordings of all networks or of none; 'b' is none"):
        tl.NetworkSpace.from_labels({"a": recording, "b": recording.predictions})
    with pytest.raises(ValueError, match="the layer 'output'; that of 'a' does not"):
        tl.NetworkSpace.from_logits({"a": record(nn.Linear(2, 3), X, ["input"])})
    mapped = record(nn.Conv2d(1, 1, 1), torch.rand(5, 1, 3, 3))
    with pytest.raises(ValueError, match="recordings with predictions; 'a' has none: an output of"):
        tl.NetworkSpace.from_labels({"a": mapped})
    words = record(nn.Linear(2, 3), X, predictions=np.full(len(X), "cat"))
    with pytest.raises((TypeError, ValueError), match=r"labels.* must"):
        tl.NetworkSpace.from_labels({"a": words, "b": words})


# --- the last batch -----------------------------------------------------------------------------


class Squeezing(nn.Module):
    """Has a head that loses the axis of a single sample, and shows how many it was given."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)
        self.seen = []

    def forward(self, x):
        self.seen.append(len(x))
        return self.linear(x).squeeze()


@pytest.mark.parametrize(
    ("n", "size", "sizes"),
    [
        (9, 4, [4, 3, 2]),
        (7, 3, [3, 2, 2]),
        (5, 2, [2, 3]),
        (5, 1, [2, 3]),
        (8, 4, [4, 4]),
        (3, 4, [3]),
    ],
)
def test_no_last_batch_has_one_sample(n, size, sizes):
    model = Squeezing()
    recording = record(model, [X[:n][start : start + size] for start in range(0, n, size)])
    assert model.seen[2:] == sizes  # after two looks
    with torch.no_grad():
        np.testing.assert_allclose(recording["output"], model.linear(X[:n]), rtol=1e-6)
    assert recording["linear"].shape == (n, 1)


def test_one_sample_is_one():
    assert record(nn.Linear(2, 1), X[:1])["output"].shape == (1, 1)
