"""The experiment on decay: its parts against what is known, its claims on made-up curves."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("skimage")

import topolens as tl  # noqa: E402
from experiment_tables import cubical_table  # noqa: E402
from experiments import cubical  # noqa: E402
from experiments.cubical import family  # noqa: E402
from experiments.cubical.networks import layers_of, load  # noqa: E402
from experiments.cubical.pictures import images  # noqa: E402
from experiments.cubical.pretrained import half_of_the_channels, profile  # noqa: E402
from experiments.cubical.shapes import fall, shift  # noqa: E402
from experiments.cubical.sizes import PAPERS  # noqa: E402
from experiments.harness.runner import one_thread  # noqa: E402


@pytest.fixture(scope="module")
def table():
    return cubical_table(-3)


@pytest.fixture(scope="module")
def claims(table):
    return {claim.statement: claim for claim in cubical.claims(table)}


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
    rows = profile(**{**how, "statistics": "running"})
    model = load("RNet")
    layers = layers_of("RNet", model)
    direct = tl.cubical_profile(model, 0.0, images=images("faces", 24), layers=layers)
    values = np.array([row["value"] for row in rows]).reshape(len(layers), -1)
    assert (values == direct.complexities()).all()
    assert {row["layer"]: row["voxels"] for row in rows} == dict(enumerate(direct.n_voxels))

    permuted = profile(**{**how, "layout": "volume_permuted"})
    assert len(permuted) == 8 * len(rows)
    untrained = profile(**{**how, "weights": "untrained"})
    assert [row["value"] for row in untrained] != [row["value"] for row in rows]

    halves = half_of_the_channels("RNet", "faces", 24, seed=0)
    ratio = sum(row["voxels"] for row in halves) / sum(row["voxels"] for row in rows)
    assert ratio == pytest.approx(0.5, abs=0.01)


def test_a_member_of_the_family():
    with one_thread():  # as the runner does
        rows = family.member(width=4, depth=4, steps=3, seed=0)
    whole = {row["measure"]: row["value"] for row in rows if "layer" not in row}
    expected = cubical_table(-1)
    of_family = expected[(expected["part"] == "family") & expected["layer"].isna()]
    assert whole.keys() == set(of_family["measure"])
    curves = {
        name: [row["value"] for row in rows if row.get("profile") == name]
        for name in ("task", "source", "untrained")
    }
    assert all(len(curve) == 4 for curve in curves.values())
    assert whole["theta"] == pytest.approx(tl.ttp_score(curves["task"]).value)
    model = family.convolutional(4, 4)
    assert whole["parameters"] == sum(weights.numel() for weights in model.parameters())


def test_the_task_has_other_digits_than_the_source():
    source, source_test, task, task_test = family.digits()
    sizes = [len(X) for X, _ in (source, source_test, task, task_test)]
    assert sum(sizes) == 1797 and sizes[2] == 100
    for _, y in (source, source_test, task, task_test):
        assert set(y.tolist()) == set(range(5))


def test_pictures_have_the_range_of_the_networks():
    for kind in ("photographs", "faces", "patches"):
        X = images(kind, 20)
        assert X.shape[1:] == (3, 20, 20)
        assert -1 <= X.min() < -0.5 and 0.5 < X.max() <= 1
    with pytest.raises(FileNotFoundError, match=r"must hold CIFAR100.*download=True"):
        images("CIFAR100", 20)


def test_claims_that_are_true_of_the_curves_hold(claims):
    for statement in (
        "Betti numbers fall with depth (EfficientNet-Lite 0, 1 and 2 on photographs).",
        "Training makes them fall: less so with random weights (RNet and ONet on faces).",
        "The last layer has the lowest Betti numbers of all (RNet and ONet on faces).",
        "The curve does not depend on the resolution of the input "
        "(EfficientNet-Lite 0, 1 and 2 on photographs).",
        "Low θ goes with high accuracy after fine-tuning (all networks trained here).",
        "θ ranks better than existing scores.",
    ):
        assert claims[statement].verdict == "reproduced", statement
    lowest = "They attain the lowest possible value, one component (RNet and ONet on faces)."
    assert claims[lowest].verdict == "not reproduced at this size"


def test_claims_that_are_false_of_the_curves_fail():
    reverse = {c.statement: c for c in cubical.claims(cubical_table(2))}
    for statement in (
        "Betti numbers fall with depth (EfficientNet-Lite 0, 1 and 2 on photographs).",
        "Training makes them fall: less so with random weights (RNet and ONet on faces).",
        "The last layer has the lowest Betti numbers of all (RNet and ONet on faces).",
        "Low θ goes with high accuracy after fine-tuning (all networks trained here).",
        "θ ranks better than existing scores.",
    ):
        assert reverse[statement].verdict == "not reproduced at this size", statement
