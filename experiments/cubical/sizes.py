"""What is run at each size."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from experiments.cubical.family import member
from experiments.cubical.networks import CASCADE, EFFICIENT, TORCHVISION
from experiments.cubical.pretrained import half_of_the_channels, profile
from experiments.harness import Job, Store

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


class Study(NamedTuple):
    """Networks that see the same images.

    Attributes
    ----------
    name : str
    networks : tuple of str
    kind : str
        The images.
    similar : tuple of (str, str)
        Two kinds of images that are much alike.
    pixels : dict of str to tuple of int
        Sizes of the images for each network, the usual one last.
    seconds : float
        Cost of one profile.
    """

    name: str
    networks: tuple[str, ...]
    kind: str
    similar: tuple[str, str]
    pixels: dict[str, tuple[int, ...]]
    seconds: float


SMALL = (
    Study(
        "EfficientNet-Lite 0, 1 and 2 on photographs",
        EFFICIENT,
        "photographs",
        ("faces", "patches"),
        dict.fromkeys(EFFICIENT, (96, 128, 160, 224)),
        2.0,
    ),
    Study(
        "RNet and ONet on faces",
        tuple(CASCADE),
        "faces",
        ("faces", "patches"),
        {"RNet": (24,), "ONet": (48,)},
        0.3,
    ),
)
LARGE = Study(
    "nine ImageNet networks of torchvision on CIFAR-10",
    TORCHVISION,
    "CIFAR10",
    ("CIFAR10", "CIFAR100"),
    dict.fromkeys(TORCHVISION, (64, 128, 256)),
    120.0,
)
STUDIES = {"small": SMALL, "paper": (*SMALL, LARGE)}


def jobs(size: str, _: Store | None = None) -> list[Job]:
    """Return the jobs: pre-trained networks read in many ways, then the family trained here."""
    read = [job for study in STUDIES[size] for name in study.networks for job in ways(study, name)]
    return [*read, *family(size)]


def ways(study: Study, network: str) -> list[Job]:
    """Read one network as the paper does, and in all other ways that are compared."""
    *others, usual = study.pixels[network]
    at_home = {"network": network, "kind": study.kind, "pixels": usual}
    medians = {"rule": "quantile", "eta": 0.5}
    changed = [
        {},
        {"statistics": "running"},
        *({"weights": "untrained", "seed": seed} for seed in range(N_SEEDS)),
        {"layout": "volume_permuted"},
        *({"rule": "quantile", "eta": eta} for eta in (0.25, 0.5, 0.75)),
        {"layout": "per_channel", **medians},
        {"layout": "channel_norm", **medians},
        *({"pixels": pixels} for pixels in others),
        *({"kind": kind} for kind in study.similar if kind != study.kind),
    ]
    permuted = {"volume_permuted": 4.0}
    profiles = [
        Job(
            profile,
            {**PAPERS, **at_home, **change},
            cost=study.seconds * permuted.get(change.get("layout", ""), 1.0),
        )
        for change in changed
    ]
    halves = [
        Job(half_of_the_channels, {**at_home, "seed": seed}, cost=study.seconds)
        for seed in range(N_SEEDS)
    ]
    return [*profiles, *halves]


def family(size: str) -> list[Job]:
    """Small networks of several widths and depths, trained for a short or a long time."""
    widths, depths, steps, seeds = {
        "small": ((4, 8, 12), (4, 6, 8, 10), (15, 50, 150), 3),
        "paper": ((4, 8, 16, 32, 64), (4, 6, 8, 10, 14, 20), (15, 50, 150, 500), 5),
    }[size]
    return [
        Job(
            member,
            {"width": width, "depth": depth, "steps": n, "seed": seed},
            cost=0.5 + 0.1 * depth + depth * (240 + n) * (6.7e-4 + 1.15e-5 * width**2),
        )
        for width, depth, n, seed in product(widths, depths, steps, range(seeds))
    ]
