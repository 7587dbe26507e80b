"""What a trained convolutional network does to faces and to everything else, layer by layer.

RNet is the second stage of the face detector MTCNN, trained by others on large data; the package
facenet-pytorch brings its weights. It looks at 100 faces and 100 patches without a face. Run it by
``make demo``, or ``python examples/pretrained_cnn.py --out demo``.
"""

from __future__ import annotations

import argparse
from itertools import count
from pathlib import Path

import numpy as np
import torch
from facenet_pytorch.models.mtcnn import RNet
from skimage.data import lfw_subset

import topolens as tl

# The four activations, and the logits of "no face" and "face".
LAYERS = ["input", "prelu1", "prelu2", "prelu3", "prelu4", "dense5_1"]
CLASSES = np.array(["no face", "face"])


def faces() -> tuple[torch.Tensor, np.ndarray]:
    """Return images (200, 3, 24, 24) in the range RNet was trained on, and their labels."""
    gray = torch.tensor(lfw_subset(), dtype=torch.float32)[:, None]
    small = torch.nn.functional.interpolate(gray, size=(24, 24), mode="bilinear")
    images = (255 * small - 127.5) / 128
    labels = (np.arange(len(images)) < 100).astype(int)  # the faces come first
    return images.expand(-1, 3, -1, -1), labels


def record(images: torch.Tensor, labels: np.ndarray) -> tl.layers.Recording:
    """Record RNet, which returns the corners of a box and then the probabilities of the classes."""
    probabilities = {"output": lambda result: result[1]}
    return tl.record(RNet(), (images, labels), layers=LAYERS, output=probabilities)


def smallest_k(recording: tl.layers.Recording) -> int:
    """Return the fewest neighbours that join each class into one piece at the input.

    The number stays fixed for all layers: so the paper chooses it.
    """
    clouds = [recording["input"][recording.labels == label] for label in (0, 1)]
    return next(k for k in count(2) if all(tl.hop_betti(X, k=k).n_components == 1 for X in clouds))


def analyse(recording: tl.layers.Recording, k: int) -> tl.layers.LayerTable:
    """Measure ten subsamples of each class, beside ten untrained copies of the network."""
    return tl.analyse(
        recording,
        [tl.HopBetti(k=k, hops=2), tl.Rips()],
        labels=CLASSES[recording.labels],
        by="class",
        repeats=10,
        subsample=90,
        control="untrained",
        rng=0,
    )


def main() -> None:
    """Record, measure, print and write a report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("demo"), help="folder to fill")
    options = parser.parse_args()

    recording = record(*faces())
    right = int((recording.predictions == recording.labels).sum())
    print(f"RNet, trained: {right} of {len(recording.labels)} images classified correctly")
    print(recording, end="\n\n")

    k = smallest_k(recording)
    print(f"neighbours: k={k}, the fewest that leave each class in one piece at the input")
    table = analyse(recording, k)
    print(table.select(measure="betti"), end="\n\n")
    page = tl.write_report(table, options.out, title="RNet on faces and other patches")
    print(f"table: {page.with_name('table.csv')}\nreport: {page}")


if __name__ == "__main__":
    main()
