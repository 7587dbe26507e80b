"""Every model that torchvision can build."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from unittest.mock import patch

from torch import nn
from torchvision import models
from torchvision.models.video import mvit

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
SIZES = {"inception_v3": 96, "quantized_inception_v3": 96, "vit_h_14": 56}
SMALL = {"min_size": 64}  # to which detectors enlarge images, but for those of one fixed size
FEW_BOXES = {"rpn_post_nms_top_n_test": 10, "box_detections_per_img": 5}


def kinds() -> Iterator[Kind]:
    """Yield all of them; names and builders are torchvision's own."""
    for name in models.list_models():
        module = models.get_model_builder(name).__module__.split(".")
        family = FAMILIES.get(module[2], "torchvision classification")
        size = SIZES.get(name, 64)
        options, shown = {"weights": None}, partial(images, size)
        if name.startswith("vit_"):
            options["image_size"] = size
        if family == "torchvision detection":
            options["weights_backbone"] = None
            options |= {} if name.startswith("ssd") else SMALL
            options |= FEW_BOXES if "rcnn" in name else {}
            shown = partial(images, 64, n=4)
        elif family == "torchvision segmentation":
            options["weights_backbone"] = None
        elif family == "torchvision quantised":
            options["quantize"] = True
        elif family == "torchvision video":
            shown = partial(clips, 16, 224, n=2) if name == "s3d" else clips
        elif family == "torchvision optical flow":
            shown = pairs_of_images
        elif name == "maxvit_t":
            shown = partial(images, 224, n=4)
        if name.removeprefix("quantized_") in ("googlenet", "inception_v3"):
            options |= {"init_weights": True, "aux_logits": False}
        make = partial(small_mvit if "mvit" in name else models.get_model, name, **options)
        yield Kind(name, family, make, shown, control=name not in GIANTS)


def small_mvit(name: str, **options: Any) -> nn.Module:
    """Build one for small clips, a choice that its builder takes but does not hand on."""

    def build(*settings: Any, **given: Any) -> nn.Module:
        return of_any_size(*settings, **given | {"spatial_size": (64, 64), "temporal_size": 8})

    of_any_size = mvit._mvit
    with patch.object(mvit, "_mvit", build):
        return models.get_model(name, **options)


def pairs_of_images() -> dict:
    """Show what flow is between."""
    return {"image1": images(128, n=4), "image2": images(128, n=4).roll(2, dims=3)}
