"""Real pictures, and the feature maps of a trained and of an untrained network."""

from __future__ import annotations

import numpy as np
import pytest

import cubical_oracle as oracle
import topolens as tl
from cubical_cases import assert_located, assert_same, by_cripser, by_gudhi, cubical

skimage = pytest.importorskip("skimage")
torch = pytest.importorskip("torch")


def photograph():
    """Grey values 0 to 255, far more pixels than values."""
    from skimage import data

    return data.camera()[::2, ::2]


def faces():
    from skimage import data

    return data.lfw_subset()[:12].astype(np.float32)


@pytest.fixture(scope="module")
def feature_maps():
    """What the layers of RNet, trained to tell faces, make of three of them."""
    facenet = pytest.importorskip("facenet_pytorch")
    network = facenet.models.mtcnn.RNet().eval()
    found = {}

    def keep(name):
        def hook(module, inputs, output):
            found[name] = output

        return hook

    for name in ("conv1", "prelu1", "conv2", "prelu2"):
        getattr(network, name).register_forward_hook(keep(name))
    pictures = torch.nn.functional.interpolate(torch.from_numpy(faces()[:3, None]), (24, 24))
    with torch.no_grad():
        network((255 * pictures.expand(-1, 3, -1, -1) - 127.5) / 128)
    found["relu1"] = torch.relu(found["conv1"])
    return found


@pytest.mark.parametrize("sublevel", [True, False])
@pytest.mark.parametrize("construction", "VT")
def test_a_photograph(construction, sublevel):
    image = photograph()
    assert image.dtype == np.uint8
    result = cubical(image, construction=construction, sublevel=sublevel, locations=True)
    values = image.astype(float) if sublevel else -image.astype(float)
    assert_same(result, by_gudhi(values, construction), sublevel)
    assert_located(image, result)
    thresholds = np.arange(0, 256, 15)
    found = tl.cubical_betti(image, thresholds, construction=construction, sublevel=sublevel)
    np.testing.assert_array_equal(found.betti_numbers, result.betti_numbers(thresholds))
    if sublevel:
        for t, betti in zip(thresholds, found.betti_numbers, strict=True):
            assert betti.tolist() == oracle.betti_by_labels(image, t, construction)


def test_colours_are_an_axis():
    from skimage import data

    image = data.astronaut()[::6, ::6] / 255.0
    assert image.shape[-1] == 3 and not image[..., 0].flags.c_contiguous
    for construction in "VT":
        assert_same(cubical(image, construction=construction), by_gudhi(image, construction))
        for channel in np.moveaxis(image, -1, 0):
            expected = by_gudhi(channel, construction)
            assert_same(cubical(channel, construction=construction), expected)


@pytest.mark.parametrize("layer", ["conv1", "prelu1", "relu1", "conv2", "prelu2"])
@pytest.mark.parametrize("construction", "VT")
def test_feature_maps(feature_maps, layer, construction):
    tensor = feature_maps[layer]
    for maps in tensor:  # (C, H, W), as published (W, H, C)
        volume = maps.permute(2, 1, 0)
        assert not volume.is_contiguous()
        result = cubical(volume, construction=construction, locations=True)
        assert_same(result, by_gudhi(volume.numpy(), construction))
        assert_located(volume.numpy(), result)
        pytest.importorskip("cripser")
        assert_same(result, by_cripser(volume.numpy(), construction))
    thresholds = [0.0, 0.1, 0.5]
    found = tl.cubical_betti(tensor, thresholds, construction=construction, batch=True)
    for betti, maps in zip(found.betti_numbers, tensor, strict=True):
        bars = cubical(maps, construction=construction)
        np.testing.assert_array_equal(betti, bars.betti_numbers(thresholds))
        for t, numbers in zip(thresholds, betti, strict=True):
            assert numbers.tolist() == oracle.betti_by_labels(maps.numpy(), t, construction)


@pytest.mark.parametrize("construction", "VT")
def test_relu_layers_change_nothing_at_thresholds_from_zero(feature_maps, construction):
    thresholds = [0.0, 0.01, 0.3, 1.0, 100.0]
    before, after = (
        tl.cubical_betti(feature_maps[layer], thresholds, construction=construction, batch=True)
        for layer in ("conv1", "relu1")
    )
    np.testing.assert_array_equal(before.betti_numbers, after.betti_numbers)
    np.testing.assert_array_equal(before.euler_characteristic, after.euler_characteristic)
    negative = [
        tl.cubical_betti(feature_maps[layer], -0.1, construction=construction, batch=True)
        for layer in ("conv1", "relu1")
    ]
    assert (negative[0].betti_numbers != negative[1].betti_numbers).any()


def test_channels_are_a_batch(feature_maps):
    maps = feature_maps["conv2"][0]
    for one, channel in zip(tl.homology.cubical_batch(maps), maps, strict=True):
        assert_same(one, by_gudhi(channel.numpy()))


def test_untrained_convolutions():
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 6, 3), torch.nn.BatchNorm2d(6), torch.nn.ReLU(), torch.nn.MaxPool2d(2)
    )
    with torch.no_grad():
        maps = network(torch.from_numpy(faces()[:, None]))
    zeros = float((maps == 0).float().mean())
    assert 0.05 < zeros < 0.95, "a plateau, but not all of it"
    for construction in "VT":
        for volume, result in zip(
            maps, tl.homology.cubical_batch(maps, construction=construction), strict=True
        ):
            assert_same(result, by_gudhi(volume.numpy(), construction))


def test_digits():
    digits = pytest.importorskip("sklearn.datasets").load_digits().images
    found = tl.homology.cubical_batch(digits[:200], sublevel=False)
    for image, result in zip(digits, found, strict=False):
        assert_same(result, by_gudhi(-image), sublevel=False)
