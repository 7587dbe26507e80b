"""What a trained convolutional network does to faces and to everything else, layer by layer.

RNet is the second stage of the face detector MTCNN, trained by others on large data; the package
facenet-pytorch brings its weights. It looks at 100 faces and 100 patches without a face, beside
untrained copies: ``python examples/pretrained_cnn.py --out faces``.
"""

from __future__ import annotations

import argparse
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


def main() -> None:
    """Record, measure beside untrained copies, print what was found and write a report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("faces"), help="folder to fill")
    parser.add_argument("--copies", type=int, default=39, help="untrained copies (default: 39)")
    options = parser.parse_args()

    recording = record(*faces())
    right = int((recording.predictions == recording.labels).sum())
    print(f"RNet, trained: {right} of {len(recording.labels)} images classified correctly")
    print(recording, end="\n\n")

    labels = CLASSES[recording.labels]
    table = tl.analyse(
        recording, labels=labels, control="untrained", controls=options.copies, rng=0
    )
    print(table.findings(), end="\n\n")
    page = tl.write_report(table, options.out, title="RNet on faces and other patches")
    print(f"table: {page.with_name('table.csv')}\nreport: {page}")


if __name__ == "__main__":
    main()
