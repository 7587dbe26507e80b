"""Sixty architectures of timm, one of each, and small ones."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import timm

from kinds import Kind, images

ANY_SIZE = """
    convmixer_768_32 convnext_atto cs3darknet_s csatv2 cspnext_s densenet121 dla46_c dpn48b
    edgenext_xx_small efficientnet_b0 efficientvit_b0 fasternet_t0 fastvit_t8 focalnet_tiny_srf
    gernet_s ghostnet_050 hardcorenas_a hgnetv2_b0 hrnet_w18_small inception_next_atto
    lcnetv2_small legacy_seresnet18 mambaout_femto caformer_s18 mobilenetv3_small_050
    mobilenetv4_conv_small_050 mobilevit_xxs nf_regnet_b0 nextvit_small pvt_v2_b0 rdnet_tiny
    regnetx_004_tv repghostnet_050 repvgg_b0 repvit_m0_9 res2net50_14w_8s resnest14d resnet18
    resnetv2_18 rexnet_100 selecsls42 shvit_s1 skresnet18 starnet_s050 swiftformer_xs
    ese_vovnet19b_slim
"""
FIXED_SIZE = """
    cait_xxs24_224 convit_tiny crossvit_tiny_240 deit_tiny_distilled_patch16_224
    eva02_tiny_patch14_224 levit_128s mixer_s32_224 mvitv2_tiny pit_ti_224
    swin_tiny_patch4_window7_224 tiny_vit_5m_224 tnt_s_patch16_224 twins_svt_small
    xcit_nano_12_p16_224
"""


def kinds() -> Iterator[Kind]:
    """Yield them; those whose positions are parameters are shown images of their own size."""
    for name in ANY_SIZE.split():
        yield _kind(name, 64)
    for name in FIXED_SIZE.split():
        yield _kind(name, 240 if name.endswith("240") else 224)


def _kind(name: str, size: int) -> Kind:
    make = partial(timm.create_model, name, pretrained=False)
    return Kind(f"timm {name}", "timm", make, partial(images, size))
