"""The experiment on decay: its parts against what is known, its claims on made-up curves."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("skimage")

from torch import nn  # noqa: E402

import topolens as tl  # noqa: E402
from experiment_tables import RESIDUAL, SCORES, cubical_table, few_resamples  # noqa: E402
from experiments import cubical  # noqa: E402
from experiments.cubical import garments, residual, toys  # noqa: E402
from experiments.cubical.curves import over_images, permuted_curves, settled  # noqa: E402
from experiments.cubical.networks import layers_of, load  # noqa: E402
from experiments.cubical.pictures import SHIPPED, SMALL_IMAGENET, images  # noqa: E402
from experiments.cubical.pretrained import (  # noqa: E402
    N_PERMUTATIONS,
    half_of_the_channels,
    profile,
)
from experiments.cubical.rows import joined, parted  # noqa: E402
from experiments.cubical.shapes import fall, shift  # noqa: E402
from experiments.cubical.sizes import FACES, PAPERS  # noqa: E402
from experiments.harness import OURS  # noqa: E402
from experiments.harness.runner import one_thread  # noqa: E402

LITE = "EfficientNet-Lite 0, 1 and 2"
RESNETS = "ResNet-8, 14 and 20 on Fashion-MNIST"
TOYS = "toy networks of several widths, depths and lengths of training"
LOWEST = "Betti numbers attain their lowest value in the last layer"
BY_TRAINING = "Training makes Betti numbers fall: less so with random weights"
TRUE_OF_A_FALL = {
    f"As depth increases, Betti numbers fall ({LITE} on CIFAR-10).": "reproduced",
    f"Betti numbers are lower in the last layer than in the first ({RESNETS}).": "reproduced",
    f"{LOWEST} (RNet and ONet on faces).": "reproduced",
    f"{BY_TRAINING} ({LITE} on ImageNet).": "holds",
    f"“Topological invariance of an architecture on similar datasets” ({LITE} on CIFAR-10 and "
    "CIFAR-100).": "reproduced",
    f"Invariance to “input resolution/size” ({LITE} on CIFAR-10).": "reproduced",
    f"Invariance for “architectures of variable depth” ({RESNETS}).": "reproduced",
    f"Low θ goes with high accuracy after fine-tuning ({TOYS}).": "reproduced",
    "θ has “a better correlation” to the accuracy than LogME (toy networks).": "reproduced",
    "Betti numbers attain “their lowest possible value”, one component (RNet and ONet on faces).": (
        "not reproduced at this size"
    ),
}
FALSE_OF_A_RISE = {
    f"As depth increases, Betti numbers fall ({LITE} on CIFAR-10).": "not reproduced at this size",
    f"Betti numbers are lower in the last layer than in the first ({RESNETS}).": (
        "not reproduced at this size"
    ),
    f"{LOWEST} (RNet and ONet on faces).": "not reproduced at this size",
    f"{BY_TRAINING} ({LITE} on ImageNet).": "fails",
    f"Low θ goes with high accuracy after fine-tuning ({TOYS}).": "not reproduced at this size",
    "θ has “a better correlation” to the accuracy than LogME (toy networks).": (
        "not reproduced at this size"
    ),
}


@pytest.fixture(scope="module", autouse=True)
def rough():
    with few_resamples():
        yield


@pytest.fixture(scope="module")
def table():
    return cubical_table(-3)


@pytest.fixture(scope="module")
def claims(table):
    return {claim.statement: claim for claim in cubical.claims(table)}


@pytest.fixture(scope="module")
def claims_of_a_rise():
    return {claim.statement: claim for claim in cubical.claims(cubical_table(2))}


@pytest.mark.parametrize("n", [2, 5, 18])
def test_fall_of_an_exponential_is_its_rate(n):
    assert fall(7 * np.exp(-3 * np.linspace(0, 1, n))) == pytest.approx(-3)


def test_shift_of_curves():
    omega = np.array([4.0, 2.0, 1.0, 1.0])
    assert shift(omega, omega) == 0
    assert shift(omega, 10 * omega) == pytest.approx(0)
    assert shift(omega, omega.repeat(3)) == pytest.approx(0)  # the same curve in more layers
    assert shift(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 1
    assert shift(omega, np.ones(4)) == pytest.approx(0.25)  # a half and three quarters of it


@pytest.mark.parametrize(
    ("network", "n_layers"), [("resnet18", 11), ("resnet50", 19), ("mobilenet_v2", 19)]
)
def test_layers_of_the_papers_networks(network, n_layers):
    """A residual network has its stem and its blocks, MobileNet all children of `features`."""
    torchvision = pytest.importorskip("torchvision")
    model = torchvision.models.get_model(network, weights=None)
    layers = layers_of(network, model)
    assert len(layers) == n_layers
    assert all(model.get_submodule(layer) is not None for layer in layers)


def test_rows_of_a_pretrained_network():
    pytest.importorskip("facenet_pytorch")
    how = {"network": "RNet", "kind": "faces", "pixels": 24, **PAPERS}
    *rows, sizes = profile(**{**how, "statistics": "running"})
    model = load("RNet")
    layers = layers_of("RNet", model)
    direct = tl.cubical_profile(model, 0.0, images=images("faces", 24), layers=layers)
    values = np.stack([parted(row["layers"]) for row in rows])
    assert (values == direct.complexities().T).all()
    assert (parted(sizes["layers"]) == direct.n_voxels).all()

    *permuted, _ = profile(**{**how, "layout": "volume_permuted"})
    assert len(permuted) == N_PERMUTATIONS * len(rows)
    *untrained, _ = profile(**{**how, "weights": "untrained"})
    assert [row["layers"] for row in untrained] != [row["layers"] for row in rows]

    *_, halves = half_of_the_channels("RNet", "faces", 24, seed=0)
    ratio = parted(halves["layers"]).sum() / direct.n_voxels.sum()
    assert ratio == pytest.approx(0.5, abs=0.01)


def test_a_curve_comes_back_from_the_table():
    """Each permutation has its own image after image, each image its layers."""
    draws = np.arange(2 * 5 * 3).reshape(2, 5, 3)  # permutations, layers, images
    how = {"network": "RNet", "kind": "faces", "pixels": 24, **PAPERS}
    rows = [
        {"part": "profile", **how, "permutation": k, "image": image, "layers": joined(d[:, image])}
        for k, d in enumerate(draws)
        for image in range(3)
    ]
    mixed = pd.DataFrame(rows).sample(frac=1, random_state=0)
    assert (permuted_curves(mixed, FACES, "RNet") == draws).all()


def test_an_interval_holds_its_estimate():
    """The resamples of a distance that is 0 are all larger."""
    found = over_images(6, lambda images: abs(images.mean() - 2.5))
    assert found.low == found.estimate == 0 and 0.5 < found.high < 2.5
    assert "percentiles" in found.method
    plain = over_images(60, lambda images: images.mean())
    assert plain.low < 29.5 < plain.high and "BCa" in plain.method


def test_a_toy_network():
    with one_thread():  # as the runner does
        rows = toys.toy(width=4, depth=4, steps=3, seed=0)
    numbers = {row["measure"]: row["value"] for row in rows}
    expected = cubical_table(-1)
    assert numbers.keys() == set(expected["measure"][expected["part"] == "toy"])
    model = toys.convolutional(4, 4)
    assert numbers["parameters"] == sum(weights.numel() for weights in model.parameters())


@pytest.mark.parametrize("depth", [8, 14, 20])
def test_residual_networks(depth):
    """Depth counts the layers on the way; the paper reads stem and blocks."""
    model = residual.network(depth)
    blocks = [module for module in model if isinstance(module, residual.Block)]
    on_the_way = [layer for block in blocks for layer in block.convolutions]
    weights = [m for m in (*model, *on_the_way) if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weights) == depth
    assert residual.layers_of(model) == [str(k) for k in range(3 + len(blocks))]
    maps = {}
    for place, module in enumerate(model):
        module.register_forward_hook(lambda _m, _i, out, k=place: maps.update({k: out.shape[1:]}))
    assert model(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    assert maps[0] == (16, 28, 28)
    assert maps[2 + len(blocks)] == (64, 7, 7)


def test_rows_of_a_residual_network(monkeypatch):
    """Little to learn from two hundred images, but more than chance."""
    X, y = torch.rand(256, 1, 28, 28), torch.arange(256) % 2
    X[:, :, :14] *= y[:, None, None, None]  # the upper half is dark where the label is 0
    monkeypatch.setattr(residual, "garments", lambda pixels: ((X, y), (X, y)))
    monkeypatch.setattr(residual, "N_IMAGES", 12)
    with one_thread():
        rows = residual.residual(depth=8, pixels=28, epochs=3, seed=0)
    curves = {row["curve"]: parted(row["layers"]) for row in rows if "curve" in row}
    assert {len(curve) for curve in curves.values()} == {6}
    assert (curves["trained"][1] == curves["trained"][2]) and curves["trained"][2] > 0  # a ReLU
    assert (curves["trained"] != curves["untrained"]).any()
    numbers = {row["measure"]: row["value"] for row in rows if "measure" in row}
    assert numbers.keys() == set(RESIDUAL)
    assert numbers["test accuracy"] == numbers["training accuracy"] > 90


def test_garments_need_their_files(monkeypatch, tmp_path):
    monkeypatch.setattr(
        "experiments.harness.fashion.FOLDERS", (tmp_path / "neither", tmp_path / "nor")
    )
    assert not any(job.function is residual.residual for job in cubical.jobs("small"))
    with pytest.raises(FileNotFoundError, match=r"found neither.*download=True"):
        garments.garments(28)


def test_garments_are_read_as_stored(monkeypatch, tmp_path):
    for part, n in (("train", 3), ("t10k", 2)):
        pixels = struct.pack(">4B3i", 0, 0, 8, 3, n, 28, 28) + bytes(range(n)) * 784
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(pixels))
        labels = struct.pack(">4Bi", 0, 0, 8, 1, n) + bytes(range(n))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    monkeypatch.setattr("experiments.harness.fashion.FOLDERS", (tmp_path,))
    (X, y), (X_test, y_test) = garments.garments(28)
    assert X.shape == (3, 1, 28, 28) and X_test.shape == (2, 1, 28, 28)
    assert y.tolist() == [0, 1, 2] and y_test.tolist() == [0, 1]
    assert X.mean().item() == pytest.approx(0, abs=1e-6) and X.std().item() == pytest.approx(1)
    assert X_test[0, 0, 0, :2].tolist() == pytest.approx(X[0, 0, 0, :2].tolist())  # 0 and 1
    (pooled, _), _ = garments.garments(14)
    assert pooled.shape == (3, 1, 14, 14)


def test_the_task_has_other_digits_than_the_source():
    source, source_test, task, task_test = toys.digits()
    sizes = [len(X) for X, _ in (source, source_test, task, task_test)]
    assert sum(sizes) == 1797 and sizes[2] == 100
    for _, y in (source, source_test, task, task_test):
        assert set(y.tolist()) == set(range(5))


def test_pictures_have_the_range_of_the_networks():
    pytest.importorskip("foolbox")
    for kind in (*SHIPPED, SMALL_IMAGENET, "faces"):
        X = images(kind, 20)
        assert len(X) == (16 if kind == "faces" else 20)
        assert X.shape[1:] == (3, 20, 20)
        assert -1 <= X.min() < -0.5 and 0.5 < X.max() < 1 + 1e-5
    with pytest.raises(FileNotFoundError, match=r"must hold CIFAR100.*download=True"):
        images("CIFAR-100, test", 20)


def test_pictures_made_small_have_lost_their_detail():
    pytest.importorskip("foolbox")
    small, whole = images(SMALL_IMAGENET, 128), images("ImageNet", 128)
    roughness = [np.abs(np.diff(X.numpy(), axis=3)).mean() for X in (small, whole)]
    assert roughness[0] < 0.5 * roughness[1]
    coarse = [nn.functional.avg_pool2d(X, 32) for X in (small, whole)]
    assert torch.allclose(*coarse, atol=0.05)  # yet they show the same


@pytest.mark.parametrize("statement", [*TRUE_OF_A_FALL])
def test_claims_that_are_true_of_the_curves_hold(claims, statement):
    assert claims[statement].verdict == TRUE_OF_A_FALL[statement]


@pytest.mark.parametrize("statement", [*FALSE_OF_A_RISE])
def test_claims_that_are_false_of_the_curves_fail(claims_of_a_rise, statement):
    assert claims_of_a_rise[statement].verdict == FALSE_OF_A_RISE[statement]


def test_each_score_is_compared_by_itself(claims):
    """One claim for each published score, and the names of all of them."""
    gains = [name for name in claims if name.startswith("θ has “a better correlation”")]
    assert len(gains) == len(SCORES) + 2
    assert sum(claims[name].paper == OURS for name in gains) == 2


def test_channels_are_asked_about_once_for_the_same_networks(claims):
    of_order = [name for name in claims if name.startswith("The order of the channels,")]
    assert len(of_order) == 3 and not any("ImageNet" in name for name in of_order)


def test_depth_is_asked_within_families_only(claims):
    of_depth = [name for name in claims if "variable depth" in name]
    assert len(of_depth) == 3 and not any("RNet" in name for name in of_depth)


def test_claims_without_residual_networks(table, claims):
    """They are trained where Fashion-MNIST is."""
    whole = list(claims.values())
    without = cubical.claims(table[table["part"] != "residual"])
    assert 0 < len(without) < len(whole)
    assert not any("ResNet" in claim.statement for claim in without)


def test_toys_of_the_larger_size_count(table):
    is_toy = table["part"] == "toy"
    both = pd.concat([table, table[is_toy].assign(size="paper", value=1.0)])
    kept = settled(both)
    assert len(kept) == len(table)
    assert (kept["value"][kept["part"] == "toy"] == 1).all()
