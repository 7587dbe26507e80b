"""What a row is: positions and unpadded tokens are averaged, channels never."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import topolens as tl
from topolens.torch import record
from topolens.torch._batches import choose_samples
from topolens.torch._reading import Reading
from topolens.torch._recorder import Recorder
from topolens.torch._selection import select_layers
from torch_models import by_hand

IMAGES = torch.randn(6, 3, 8, 8, generator=torch.Generator().manual_seed(0))
SERIES = torch.randn(6, 2, 9, generator=torch.Generator().manual_seed(1))


class Permute(nn.Module):
    """Moves the channels from the second axis to the last, as in Swin."""

    def forward(self, x):
        return x.movedim(1, -1)


def channels_last():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 5, 3), Permute(), nn.LayerNorm(5), nn.GELU())


def series():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv1d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(28, 2))


def recorded(model, data, layers, layouts, **options):
    """Record as if the model had told where its channels are."""
    rng = np.random.default_rng(0)
    return Recorder(
        model,
        choose_samples(data, model, 100, rng),
        select_layers(model, layers),
        Reading(layouts=layouts, **options),
        device=None,
        max_memory=None,
        progress=False,
    ).record()


# --- channels first and last --------------------------------------------------------------------


@pytest.mark.parametrize("told", ["by the model", "by the user"])
def test_means_are_over_positions_wherever_channels_are(told):
    model, layers = channels_last(), ["0", "1", "2", "3"]
    layouts = dict.fromkeys(["1", "2", "3"], "last")
    if told == "by the model":
        recording = recorded(model, IMAGES, layers, layouts, reduce="mean")
    else:
        recording = record(model, IMAGES, layers, reduce="mean", channels={"[123]": "last"})
    assert [array.shape for array in recording.values()] == [(6, 5)] * 4
    np.testing.assert_allclose(recording["1"], recording["0"], atol=1e-6)
    expected = by_hand(lambda x: model(x).mean((1, 2)), IMAGES)
    np.testing.assert_allclose(recording["3"], expected, atol=1e-6)
    assert recording.channel_axes == {"0": 1, "1": 3, "2": 3, "3": 3}
    assert set(recording.averaged.values()) == {"6×6 positions"}


@pytest.mark.parametrize("told", ["by the model", "by the user"])
def test_means_of_series_are_over_time(told):
    model = series()
    if told == "by the model":
        recording = recorded(model, SERIES, ["1"], {"1": "first"}, reduce="mean")
    else:
        recording = record(model, SERIES, ["1"], reduce="mean", channels="first")
    expected = by_hand(lambda x: model[:2](x).mean(2), SERIES)
    np.testing.assert_allclose(recording["1"], expected, atol=1e-6)
    assert recording.averaged == {"1": "7 positions"}


def test_every_call_of_a_module_has_its_layout():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.relu = nn.ReLU()

        def forward(self, x):
            return self.relu(self.relu(x)).flatten(1)

    layouts = {"relu": "first"}
    found = recorded(Twice(), SERIES, ["relu"], layouts, reduce="mean")
    assert {layer: array.shape for layer, array in found.items()} == {
        "relu": (6, 2),
        "relu#1": (6, 2),
    }


def test_channels_may_be_in_the_middle():
    """As in videos (n, time, channels, height, width)."""
    videos = torch.randn(4, 2, 3, 5, 5)
    found = recorded(nn.Sequential(nn.ReLU()), videos, ["0"], {"0": 2}, reduce="mean")
    np.testing.assert_allclose(found["0"], videos.relu().mean((1, 3, 4)), atol=1e-6)
    assert found.averaged == {"0": "2×5×5 positions"}


def test_the_user_knows_better_than_the_model():
    known = {"channels": {"0": "first"}, "reduce": "mean"}
    found = recorded(nn.Sequential(nn.ReLU()), SERIES, ["0"], {"0": "last"}, **known)
    assert found["0"].shape == (6, 2)
    unsaid = {"channels": {"0": None}, "reduce": "mean"}
    found = recorded(nn.Sequential(nn.ReLU()), SERIES, ["0"], {"0": "first"}, **unsaid)
    assert found["0"].shape == (6, 2)


@pytest.mark.parametrize("name", ["cls", "last"])
def test_series_have_no_tokens(name):
    with pytest.raises(ValueError, match=rf"{name}.*layer '1'.*positions\) = \(2, 4, 7\)"):
        record(series(), SERIES, ["1"], reduce=name, channels="first")


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        ("second", "found 'second'"),
        ({"1": "middle"}, "found 'middle'"),
        ({"conv*": "last"}, r"`channels` names 'conv\*'"),
    ],
)
def test_wrong_channels_are_refused(channels, message):
    with pytest.raises(ValueError, match=message):
        record(series(), SERIES, channels=channels)


def test_memory_advice_knows_the_channels():
    model = nn.Sequential(Permute(), nn.Flatten(), nn.Linear(192, 2))
    inputs = IMAGES.nbytes
    advised = 6 * 4 * (192 + 3) / 1e6
    with pytest.raises(MemoryError) as caught:
        record(
            model, IMAGES, ["0", "input"], max_memory=inputs + 6 * 4 * 300, channels={"0": "last"}
        )
    means = 6 * 4 * (3 + 3) / 1e6
    assert f'`reduce="mean"` ({means:.3g} MB)' in str(caught.value)
    assert advised > means


# --- feature maps -------------------------------------------------------------------------------


def test_feature_maps_are_images_wherever_channels_are():
    model = channels_last()
    recording = record(model, IMAGES, ["0", "1"], channels={"1": "last"})
    maps = recording.feature_maps("1")
    assert maps.shape == (6, 5, 6, 6)
    assert np.shares_memory(maps, recording["1"])
    np.testing.assert_array_equal(maps, recording.feature_maps("0"))


def test_profiles_read_maps_as_images_wherever_channels_are():
    model, at = channels_last(), {"channels": {"1": "last"}, "layers": ["0", "1"]}
    for layout in ("volume", "per_channel"):
        found = tl.cubical_profile(model, [0.0, 0.3], images=IMAGES, layout=layout, **at)
        assert found.shapes == {"0": (5, 6, 6), "1": (5, 6, 6)}
        np.testing.assert_array_equal(found.betti[0], found.betti[1])
        kept = tl.cubical_profile(
            record(model, IMAGES, at["layers"], channels=at["channels"]), [0.0, 0.3], layout=layout
        )
        np.testing.assert_array_equal(kept.betti, found.betti)
    with pytest.raises(ValueError, match="`channels` must be left out without a model"):
        tl.cubical_profile({"maps": IMAGES.numpy()}, channels="last")


def test_analyse_reads_maps_as_images_wherever_channels_are():
    recording = record(channels_last(), IMAGES, ["0", "1"], channels={"1": "last"})
    table = tl.analyse(recording, tl.Cubical(layout="per_channel"), rng=0)
    first, second = (table.select(layer=layer).columns["value"] for layer in ("0", "1"))
    np.testing.assert_array_equal(first, second)


# --- tokens -------------------------------------------------------------------------------------


class Attending(nn.Module):
    """An encoder that sees no padding."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(20, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, input_ids, attention_mask=None):
        padding = None if attention_mask is None else attention_mask == 0
        return self.encoder(self.embed(input_ids), src_key_padding_mask=padding)


def padded(sentences, length):
    """Token numbers and mask of sentences, with zeros up to a length."""
    pairs = [torch.zeros(2, len(sentences), length, dtype=torch.long)]
    for row, sentence in enumerate(sentences):
        pairs[0][0, row, : len(sentence)] = sentence
        pairs[0][1, row, : len(sentence)] = 1
    return {"input_ids": pairs[0][0], "attention_mask": pairs[0][1]}


def sentences():
    generator = torch.Generator().manual_seed(3)
    return [torch.randint(1, 20, (n,), generator=generator) for n in (4, 7, 2, 7)]


def test_padding_changes_no_row_by_default():
    model, layers = Attending(), ["embed", "encoder.layers.0", "output"]
    short, long = (record(model, padded(sentences(), n), layers) for n in (7, 12))
    for layer in layers:
        assert short[layer].shape == (4, 8)
        np.testing.assert_allclose(short[layer], long[layer], atol=1e-5)
    assert set(long.averaged.values()) == {"unpadded tokens"}
    for row, sentence in enumerate(sentences()):
        alone = by_hand(lambda ids: model.eval()(ids).mean(1), sentence[None])
        np.testing.assert_allclose(long["output"][row], alone[0], atol=1e-5)


def test_padding_stays_where_it_is_asked_for_or_unknown():
    model, batch = Attending(), padded(sentences(), 9)
    asked = record(model, batch, ["output"], reduce="flatten")
    unknown = record(model, batch["input_ids"], ["output"])
    for recording in (asked, unknown):
        assert recording["output"].shape == (4, 72)
        assert recording.averaged == {"output": ""}


def test_channels_beside_positions_are_no_tokens():
    """As many channels as tokens do not make a map a sequence."""

    class Hybrid(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(20, 4)
            self.conv = nn.Conv1d(4, 9, 3, padding=1)

        def forward(self, input_ids, attention_mask):
            return self.conv(self.embed(input_ids).movedim(2, 1))

    batch = padded(sentences(), 9)
    recording = recorded(Hybrid(), batch, ["conv", "embed"], {"conv": "first"})
    assert recording["conv"].shape == (4, 81)
    assert recording["embed"].shape == (4, 4)


# --- what was averaged is said ------------------------------------------------------------------


def test_the_summary_says_what_was_averaged():
    model = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Flatten(2), nn.Tanh(), nn.Flatten())
    reduce = {"0": "mean", "1": lambda maps: maps.amax((2, 3)), "3": "mean", "4": "mean"}
    layers = ["input", "0", "1", "2", "3", "4"]
    summary = record(model, IMAGES, layers, reduce=reduce).summary().to_columns()
    assert dict(zip(summary["layer"], summary["averaged"], strict=True)) == {
        "input": "",
        "0": "6×6 positions",
        "1": "unknown function",
        "2": "",
        "3": "36 positions",
        "4": "",
    }


def test_the_summary_says_that_samples_differ_in_length():
    model = nn.Sequential(nn.Embedding(9, 4), nn.Tanh())
    batches = [torch.randint(9, (5, 3)), torch.randint(9, (5, 6))]
    recording = record(model, batches, ["0", "1"], reduce={"0": "mean", "1": "cls"})
    assert recording.averaged == {"0": "all tokens", "1": ""}
    np.testing.assert_allclose(
        recording["0"][5:], by_hand(lambda x: model[0](x).mean(1), batches[1]), atol=1e-6
    )
    alike = record(model, batches[:1], ["0"], reduce="mean")
    assert alike.averaged == {"0": "3 tokens"}


def test_a_function_that_works_in_place_changes_nothing_else():
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    points = torch.randn(10, 2)
    expected = record(model, points, ["input", "1"])
    recording = record(
        model, points, ["input", "0", "1"], reduce={"0": torch.Tensor.zero_, "input": torch.relu_}
    )
    assert not recording["0"].any()
    np.testing.assert_array_equal(recording["1"], expected["1"])
    np.testing.assert_array_equal(recording["input"], points.clamp(min=0))


@pytest.mark.parametrize("dtype", [torch.bool, torch.int64, torch.float16, torch.float64])
def test_means_of_all_types(dtype):
    numbers = (torch.rand(4, 3, 5, 5) > 0.5).to(dtype)
    recording = record(nn.Identity(), numbers, reduce="mean")
    np.testing.assert_allclose(recording["output"], numbers.double().mean((2, 3)), atol=1e-6)
