"""Controls of models that torchvision, timm or transformers construct anew, without a network.

Relative spread: mean distance to the centre over mean length of the rows of a layer. That of a
control is compared with that of a network fresh from its constructor, whose norms use the
statistics of the batch, as at the start of training.
"""

from __future__ import annotations

import socket
import warnings

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from topolens.torch import record
from topolens.torch._fresh import from_libraries
from torch_models import check_seeds

torchvision = pytest.importorskip("torchvision")
models = torchvision.models


def with_head(model, path, head):
    """Put another head on a model, as users do."""
    owner, _, name = path.rpartition(".")
    setattr(model.get_submodule(owner), name, head)
    return model


def images(size, n=24):
    generator = torch.Generator().manual_seed(0)
    colours = torch.randn(n, 3, 1, 1, generator=generator)
    return colours + torch.randn(n, 3, size, size, generator=generator)


def trained(model):
    """Move weights and statistics, as if the model had been trained, and stay finite."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for value in (*model.parameters(), *model.buffers()):
            if value.is_floating_point():
                value.mul_(1.3).add_(0.01 * torch.rand(value.shape, generator=generator))
    return model


def spread(rows):
    rows = rows.reshape(len(rows), -1).astype(float)
    distances = np.linalg.norm(rows - rows.mean(axis=0), axis=1)
    return distances.mean() / np.linalg.norm(rows, axis=1).mean()


def spreads_of_constructor(make, inputs, layers):
    """The spreads of a fresh network, by a forward pass of our own."""
    torch.manual_seed(5)
    model, seen = make().eval(), {}
    for module in model.modules():
        module.training = isinstance(module, _NormBase)
    for layer in layers[:-1]:
        keep = lambda module, given, found, layer=layer: seen.update({layer: found})  # noqa: E731
        model.get_submodule(layer).register_forward_hook(keep)
    with torch.no_grad():
        found = model(**inputs) if isinstance(inputs, dict) else model(inputs)
    seen[layers[-1]] = found.logits if hasattr(found, "logits") else found
    states = {
        layer: state[0] if isinstance(state, tuple) else state for layer, state in seen.items()
    }
    return [spread(states[layer].numpy()) for layer in layers]


def check(make, inputs, label, *, output=True):
    """Compare the control of a trained model with the constructor."""
    torch.manual_seed(1)
    recording = record(trained(make()), inputs)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        control = recording.untrained(0)
    layers = list(recording)[-2:]
    expected = spreads_of_constructor(make, inputs, layers)
    for layer, theirs in list(zip(layers, expected, strict=True))[: 1 + output]:
        assert 0.2 < spread(control[layer]) / theirs < 5, layer
    assert label in control.drawn.values()
    return control


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("asks the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(torch.hub, "load_state_dict_from_url", refuse)


@pytest.mark.parametrize(
    ("name", "path", "head", "size"),
    [
        ("efficientnet_b0", "classifier.1", nn.Linear(1280, 10), 48),
        ("vgg11_bn", "classifier.6", nn.Linear(4096, 10), 32),
        ("squeezenet1_1", "classifier.1", nn.Conv2d(512, 10, 1), 48),
        ("mobilenet_v2", "classifier.1", nn.Linear(1280, 10), 48),
        ("mobilenet_v3_small", "classifier.3", nn.Linear(1024, 10), 48),
        ("resnet18", "fc", nn.Linear(512, 10), 48),
        ("regnet_y_400mf", "fc", nn.Linear(440, 10), 48),
    ],
)
def test_models_of_torchvision_with_a_head_of_the_user(name, path, head, size):
    def make():
        return with_head(models.get_model(name, weights=None), path, head)

    check(make, images(size), f"torchvision {name}")


def test_the_seed_decides_and_the_random_state_is_left_alone(sentences):
    timm = pytest.importorskip("timm")
    vit = timm.create_model("vit_tiny_patch16_224", img_size=32, num_classes=10)
    cases = (models.squeezenet1_1(), images(48)), (vit, images(32)), (bert(), sentences)
    for model, inputs in cases:
        check_seeds(record(model, inputs))


def test_a_head_of_another_shape_is_drawn_by_its_modules():
    def make():
        head = nn.Sequential(nn.Flatten(), nn.Linear(9216, 8), nn.ReLU(), nn.Linear(8, 3))
        return with_head(models.alexnet(), "classifier", head)

    control = check(make, images(64), "torchvision alexnet")
    assert control.drawn["features.0.weight"] == "torchvision alexnet"
    assert control.drawn["classifier.1.weight"] == "Linear.reset_parameters"


def test_a_model_within_a_model_is_constructed_too():
    class Wrapped(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = models.resnet18()
            self.body.fc = nn.Identity()
            self.head = nn.Linear(512, 3)

        def forward(self, x):
            return self.head(self.body(x))

    control = check(Wrapped, images(48), "torchvision resnet18")
    assert control.drawn["body.layer1.0.conv1.weight"] == "torchvision resnet18"
    assert control.drawn["head.weight"] == "Linear.reset_parameters"
    deviation = np.sqrt(2 / (64 * 9))  # kaiming_normal_ by fan_out, which only the constructor does
    fresh = from_libraries(Wrapped())["body"].entries["layer1.0.conv1.weight"]
    assert abs(fresh.std().item() / deviation - 1) < 0.05


def test_norms_of_weights_are_fitted_to_what_the_library_draws():
    def make():
        model = models.squeezenet1_1(num_classes=10)
        weight_norm(model.classifier[1])
        spectral_norm(model.features[3].squeeze)
        return model

    control = check(make, images(48), "torchvision squeezenet1_1")
    fresh = control.source.model
    assert abs(fresh.classifier[1].weight.std() / 0.01 - 1) < 0.1  # normal_(std=0.01)
    squeeze = fresh.features[3].squeeze.weight.detach().flatten(1)
    assert abs(torch.linalg.matrix_norm(squeeze, 2) - 1) < 1e-4
    for name in ("original0", "original1"):
        how = control.drawn[f"classifier.1.parametrizations.weight.{name}"]
        assert how == "torchvision squeezenet1_1"


def test_the_most_similar_constructor_is_taken():
    for name in ("resnet34", "resnext50_32x4d", "vgg13", "efficientnet_b1", "regnet_x_400mf"):
        (drawn,) = from_libraries(models.get_model(name, weights=None)).values()
        assert drawn.label == f"torchvision {name}"
    (drawn,) = from_libraries(models.resnet18(num_classes=7)).values()
    assert drawn.entries["fc.weight"].shape == (7, 512)


def test_what_no_constructor_makes_is_drawn_by_its_modules():
    block = models.resnet.BasicBlock
    odd = models.resnet.ResNet(block, [1, 1, 1, 1], num_classes=3, width_per_group=64)
    odd.conv1 = nn.Conv2d(3, 64, 3)
    assert from_libraries(nn.Sequential(nn.Linear(2, 2))) == {}
    assert from_libraries(models.squeezenet1_1().features) == {}
    narrow = models.mobilenet_v2(width_mult=0.25)
    assert from_libraries(narrow) == {}
    with pytest.warns(UserWarning, match="MobileNetV2 draws weights in `__init__`"):
        control = record(trained(narrow), images(32)).untrained(0)
    assert control.drawn["features.0.0.weight"] == "Conv2d.reset_parameters"


def test_detectors_are_constructed_without_their_backbones_weights():
    model = models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=3
    )
    (drawn,) = from_libraries(model).values()
    assert drawn.label == "torchvision fasterrcnn_mobilenet_v3_large_320_fpn"
    assert drawn.entries["roi_heads.box_predictor.cls_score.weight"].shape[0] == 3


@pytest.mark.parametrize(
    ("name", "options", "output"),
    [
        ("vit_tiny_patch16_224", {"init_values": 1e-5, "img_size": 32}, True),
        ("cait_xxs24_224", {"img_size": 32}, True),
        ("convnext_atto", {}, True),
        ("mobilenetv3_small_050", {}, True),
        ("efficientnet_b0", {}, True),
    ],
)
def test_models_of_timm(name, options, output):
    timm = pytest.importorskip("timm")

    def make():
        return timm.create_model(name, num_classes=10, **options)

    check(make, images(32), f"timm {name}", output=output)


def test_models_of_timm_with_a_head_of_the_user():
    timm = pytest.importorskip("timm")

    def make():
        model = timm.create_model("vit_tiny_patch16_224", img_size=32)
        return with_head(model, "head", nn.Sequential(nn.Linear(192, 8), nn.ReLU()))

    control = check(make, images(32), "timm vit_tiny_patch16_224", output=False)
    assert not control.drawn["head.0.weight"].startswith("timm")


def bert():
    transformers = pytest.importorskip("transformers")
    sizes = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
    config = transformers.BertConfig(
        vocab_size=50, intermediate_size=64, max_position_embeddings=20, num_labels=4, **sizes
    )
    return transformers.BertForSequenceClassification(config)


@pytest.fixture
def sentences():
    tokens = torch.randint(0, 50, (24, 9), generator=torch.Generator().manual_seed(0))
    return {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}


@pytest.mark.parametrize("changed", [False, True])
def test_models_of_transformers(changed, sentences):
    def make():
        return with_head(bert(), "classifier", nn.Linear(32, 7)) if changed else bert()

    control = check(make, sentences, "transformers BertForSequenceClassification")
    how = control.drawn["classifier.weight"]
    assert how.startswith("BertForSequence" if changed else "transformers")
    layer = "bert.encoder.layer.0.attention.self.query.weight"
    assert control.drawn[layer] == "transformers BertForSequenceClassification"


def test_loaded_models_of_transformers_are_drawn_again(sentences, tmp_path, monkeypatch):
    trained(bert()).save_pretrained(tmp_path)
    model = type(bert()).from_pretrained(tmp_path)
    monkeypatch.setattr("topolens.torch._fresh.LIBRARIES", {})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        control = record(model, sentences).untrained(0)
    told = {how for name, how in control.drawn.items() if name.startswith("bert.encoder")}
    assert told == {"BertModel.init_weights", "LayerNorm.reset_parameters"}
    deviation = control.source.model.bert.encoder.layer[0].output.dense.weight.std()
    assert abs(deviation / model.config.initializer_range - 1) < 0.1


def test_states_that_transformers_hand_on_by_hooks_reach_the_decoder_of_a_control():
    transformers = pytest.importorskip("transformers")
    config = transformers.SegformerConfig(
        hidden_sizes=[8, 8, 16, 16],
        depths=[1] * 4,
        num_attention_heads=[1, 1, 2, 2],
        decoder_hidden_size=16,
    )
    model = transformers.SegformerForSemanticSegmentation(config)
    recording = record(model, images(32, n=6))
    control = recording.untrained(0)
    assert list(control) == list(recording)
    assert control["output"].shape == recording["output"].shape


@pytest.mark.filterwarnings("ignore:.*quantized tensor")
def test_quantised_models_are_constructed_as_a_whole():
    quantised = models.quantization
    model = quantised.resnet18(weights=None, quantize=True, num_classes=7)
    recording = record(model, images(32, n=6))
    control = recording.untrained(0)
    assert control.summary()["drawn"][-1] == "torchvision quantized_resnet18"
    assert not np.array_equal(control["layer1.0"], recording["layer1.0"])
    np.testing.assert_array_equal(control["output"], recording.untrained(0)["output"])
    model.fc = nn.Sequential(nn.Flatten(), model.fc)  # no constructor makes this one
    with pytest.raises(ValueError, match="must differ from the model"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        record(model, images(32, n=6)).untrained(0)
