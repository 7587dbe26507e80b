"""Every model that torchvision can build."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torchvision
from torchvision import models

from kinds import Kind, clips, images

# Beyond 200 million parameters, two models at once are more than a test may take.
GIANTS = {"regnet_y_128gf", "vit_h_14", "vit_l_16", "vit_l_32"}
FAMILIES = {
    "detection": "torchvision detection",
    "optical_flow": "torchvision optical flow",
    "quantization": "torchvision quantised",
    "segmentation": "torchvision segmentation",
    "video": "torchvision video",
}
SIZES = {"inception_v3": 96, "quantized_inception_v3": 96, "maxvit_t": 224}
NEED_A_SIZE = {
    "maxvit_t": {"input_size": (224, 224)},
    "mvit_v1_b": {"spatial_size": (64, 64), "temporal_size": 8},
    "mvit_v2_s": {"spatial_size": (64, 64), "temporal_size": 8},
    "vit_h_14": {"image_size": 56},
}


def kinds() -> Iterator[Kind]:
    """Yield all of them; names and builders are torchvision's own."""
    for name in models.list_models():
        module = models.get_model_builder(name).__module__.split(".")
        family = FAMILIES.get(module[2], "torchvision classification")
        options = {"weights": None, **NEED_A_SIZE.get(name, {})}
        shown = partial(images, SIZES.get(name, 64))
        if name.startswith("vit_") and name != "vit_h_14":
            options["image_size"] = 64
        elif family == "torchvision detection":
            options |= {"weights_backbone": None, **SMALL_IMAGES.get(name, {"min_size": 64})}
            shown = partial(images, 64, n=4)
        elif family == "torchvision segmentation":
            options |= {"weights_backbone": None}
        elif family == "torchvision quantised":
            options |= {"quantize": True}
        elif family == "torchvision video":
            shown = partial(clips, 8 if name.startswith("mvit") else 16)
        elif family == "torchvision optical flow":
            shown = pairs_of_images
        if name.removeprefix("quantized_") in ("googlenet", "inception_v3"):
            options |= {"init_weights": True, "aux_logits": False}
        make = partial(torchvision.models.get_model, name, **options)
        yield Kind(name, family, make, shown, control=name not in GIANTS)


SMALL_IMAGES = {"ssd300_vgg16": {}, "ssdlite320_mobilenet_v3_large": {}}


def pairs_of_images() -> dict:
    """Show what flow is between."""
    return {"image1": images(128, n=4), "image2": images(128, n=4).roll(2, dims=3)}
