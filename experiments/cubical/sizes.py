"""What is run at each size."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from experiments.cubical.networks import CASCADE, EFFICIENT, TORCHVISION
from experiments.cubical.pictures import SMALL_IMAGENET
from experiments.cubical.pretrained import half_of_the_channels, profile
from experiments.cubical.residual import residual
from experiments.cubical.toys import toy
from experiments.harness import Job, Store
from experiments.harness.fashion import fashion_folder

# As the code released with the paper reads a layer.
PAPERS = {
    "layout": "volume",
    "rule": "value",
    "eta": 0.0,
    "statistics": "image",
    "weights": "trained",
    "seed": 0,
}
N_SEEDS = 3
DEPTHS = (8, 14, 20)  # of the residual networks


class Study(NamedTuple):
    """Networks that others have trained, on images of one kind.

    Attributes
    ----------
    name : str
    networks : tuple of str
    families : tuple of tuple of str
        Those among the networks that differ in depth and size alone.
    kind : str
        The images.
    similar : str
        Images that are much alike; "" for none.
    others : tuple of str
        Images that the networks also see.
    channels : bool
        Whether their number and order are asked about.
    pixels : dict of str to tuple of int
        Sizes of the images for each network, the usual one last.
    seconds : float
        Cost of one profile.
    """

    name: str
    networks: tuple[str, ...]
    families: tuple[tuple[str, ...], ...]
    kind: str
    similar: str
    others: tuple[str, ...]
    channels: bool
    pixels: dict[str, tuple[int, ...]]
    seconds: float


# With less than 96 pixels the last layers have maps of 2 × 2.
LITE = {"networks": EFFICIENT, "families": (EFFICIENT,), "seconds": 1.5}
LITE["pixels"] = dict.fromkeys(EFFICIENT, (96, 128, 160, 224))
CIFAR = Study(
    name="EfficientNet-Lite 0, 1 and 2 on CIFAR-10",
    kind="CIFAR-10",
    similar="CIFAR-100",
    others=("Fashion-MNIST", "MNIST", SMALL_IMAGENET),
    channels=True,
    **LITE,
)
IMAGENET = Study(
    name="EfficientNet-Lite 0, 1 and 2 on ImageNet",
    kind="ImageNet",
    similar="",
    others=(),
    channels=False,
    **LITE,
)
FACES = Study(
    name="RNet and ONet on faces",
    networks=tuple(CASCADE),
    families=(),
    kind="faces",
    similar="",
    others=(),
    channels=True,
    pixels={"RNet": (24,), "ONet": (48,)},
    seconds=0.2,
)
LARGE = Study(
    name="nine ImageNet networks of torchvision on CIFAR-10",
    networks=TORCHVISION,
    families=tuple(
        tuple(name for name in TORCHVISION if name.startswith(family))
        for family in ("resnet", "densenet")
    ),
    kind="CIFAR-10, test",
    similar="CIFAR-100, test",
    others=(),
    channels=True,
    pixels=dict.fromkeys(TORCHVISION, (64, 128, 256)),
    seconds=120.0,
)
STUDIES = {"small": (CIFAR, IMAGENET, FACES), "paper": (LARGE,)}


def jobs(size: str, _: Store | None = None) -> list[Job]:
    """Return the jobs: networks that others have trained, and those that are trained here.

    Residual networks are trained where Fashion-MNIST is there; of all others packages bring all.
    """
    read = [job for study in STUDIES[size] for name in study.networks for job in ways(study, name)]
    return [*read, *(residuals(size) if fashion_folder() else []), *toys(size)]


def ways(study: Study, network: str) -> list[Job]:
    """Read one network as the paper does, and in all other ways that are compared."""
    *others, usual = study.pixels[network]
    at_home = {"network": network, "kind": study.kind, "pixels": usual}
    medians = {"rule": "quantile", "eta": 0.5}
    changed = [
        {},
        *({"weights": "untrained", "seed": seed} for seed in range(N_SEEDS)),
        *({"rule": "quantile", "eta": eta} for eta in (0.25, 0.5, 0.75)),
        {"layout": "per_channel", **medians},
        {"layout": "channel_norm", **medians},
        *({"pixels": pixels} for pixels in others),
        *({"kind": kind} for kind in (study.similar, *study.others) if kind),
    ]
    if study.channels:
        changed += [{"statistics": "running"}, {"layout": "volume_permuted"}]
    halves = range(N_SEEDS if study.channels else 0)
    slower = {"untrained": 2.5, "volume_permuted": 2.5}
    profiles = [
        Job(
            profile,
            {**PAPERS, **at_home, **change},
            cost=study.seconds * max(slower.get(str(way), 1) for way in ("", *change.values())),
            group=study.kind,
        )
        for change in changed
    ]
    of_halves = [
        Job(
            half_of_the_channels,
            {**at_home, "seed": seed},
            cost=study.seconds,
            group=study.kind,
        )
        for seed in halves
    ]
    return [*profiles, *of_halves]


def residuals(size: str) -> list[Job]:
    """Residual networks of three depths, trained until they are good."""
    pixels, epochs, seeds = {"small": (14, 1, 3), "paper": (28, 4, 5)}[size]
    return [
        Job(
            residual,
            {"depth": depth, "pixels": pixels, "epochs": epochs, "seed": seed},
            cost=6.0 + 2.0 * epochs * depth * (pixels / 14) ** 2,
            group="residual networks",
        )
        for seed, depth in product(range(seeds), DEPTHS)
    ]


def toys(size: str) -> list[Job]:
    """Small networks of several widths and depths, trained for a short or a long time."""
    widths, depths, steps, seeds = {
        "small": ((4, 6, 8), (4, 6, 8, 10), (50, 150), 3),
        "paper": ((4, 8, 16, 32, 64), (4, 6, 8, 10, 14, 20), (50, 150, 500), 5),
    }[size]
    return [
        Job(
            toy,
            {"width": width, "depth": depth, "steps": n, "seed": seed},
            cost=0.5 + 0.1 * depth + depth * (240 + n) * (6.7e-4 + 1.15e-5 * width**2),
            group="toys",
        )
        for width, depth, n, seed in product(widths, depths, steps, range(seeds))
    ]
