"""What a recording adds to a forward pass, beside hooks by hand and TorchLens.

    python benches/recording.py [--images 64] [--size 128] [--rounds 3] [--threads 1]

ResNet-50 of torchvision with random weights is shown one batch of images. topolens records the
layers that "auto" chooses; the others keep the same ones. Printed are medians of CPU seconds, and
their ratio to a plain forward pass. All answers must be equal. TorchLens is left out where it
is not installed (``pip install torchlens graphviz``).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
import torchvision

import topolens as tl

try:
    import graphviz  # noqa: F401, which TorchLens needs when it is called
    from torchlens import extract
except ImportError:
    extract = None

PLAIN = "plain forward pass"
Rows = dict[str, np.ndarray]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--size", type=int, default=128, help="pixels along an edge")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = torchvision.models.resnet50(weights=None).eval()
    images = torch.randn(options.images, 3, options.size, options.size)
    seconds, off = compared(model, images, options.rounds)
    print(f"ResNet-50, {options.images} images of {options.size} px, {options.threads} threads")
    for name, taken in seconds.items():
        differs = "" if off[name] == 0 else f"  DIFFERS by {off[name]:.1e}"
        print(f"{name:20} {taken:7.2f} s CPU  x{taken / seconds[PLAIN]:.2f}{differs}")


def compared(
    model: torch.nn.Module, images: torch.Tensor, rounds: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Return CPU seconds, medians over rounds, and how far values are from those of hooks."""
    layers = [name for name in tl.record(model, images[:2]) if name not in ("input", "output")]
    ways: dict[str, Callable[[], Rows]] = {
        PLAIN: lambda: plain(model, images),
        "hooks by hand": lambda: hooked(model, images, layers),
        "topolens": lambda: dict(tl.record(model, images)),
    }
    if extract is not None:
        ways["TorchLens"] = lambda: torchlens(model, images, layers)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    off = dict.fromkeys(ways, 0.0)
    expected = hooked(model, images, layers)
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            found = way()
            seconds[name].append(time.process_time() - start)
            off[name] = max(off[name], furthest(found, expected, layers if name != PLAIN else []))
            del found
    return {name: statistics.median(taken) for name, taken in seconds.items()}, off


def plain(model: torch.nn.Module, images: torch.Tensor) -> Rows:
    with torch.no_grad():
        return {"output": model(images).numpy()}


def hooked(model: torch.nn.Module, images: torch.Tensor, layers: list[str]) -> Rows:
    rows: Rows = {}

    def keep(name: str) -> Callable[..., None]:
        return lambda module, given, value: rows.update({name: value.flatten(1).clone().numpy()})

    hooks = [model.get_submodule(name).register_forward_hook(keep(name)) for name in layers]
    rows |= plain(model, images)
    for hook in hooks:
        hook.remove()
    return rows


def torchlens(model: torch.nn.Module, images: torch.Tensor, layers: list[str]) -> Rows:
    with torch.no_grad():
        found = extract(model, images, {name: name for name in layers})
    return {name: tensor.flatten(1).numpy() for name, tensor in found.items()}


def furthest(found: Rows, expected: Rows, layers: list[str]) -> float:
    """Return the largest difference over the largest value of a layer, infinite if one is missing.

    Every way must show these layers; what it shows beside them must be right too, where known.
    """
    if set(layers) - set(found):
        return np.inf
    shared = found.keys() & expected.keys()
    return max(
        float(np.abs(found[name] - expected[name]).max() / np.abs(expected[name]).max())
        for name in shared
    )


if __name__ == "__main__":
    main()
