"""What is run, and what the numbers mean, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.cubical.curves import curve, family_curves, permuted_curves, voxels
from experiments.cubical.decay import LONGEST
from experiments.cubical.invariance import theta
from experiments.cubical.ranking import FREE, PUBLISHED, TARGET, THETA, ranking, scores
from experiments.cubical.shapes import fall
from experiments.cubical.sizes import SMALL, STUDIES
from experiments.harness import fullest

SUBJECT = """\
What a convolutional layer makes of one image is read as a volume whose third axis are the channels.
Ω is the number of its components, tunnels and hollows below the level 0, a mean over images. As in
the code released with the paper, each image is normalised by its own mean and variance."""
ABOUT = {
    "small": f"""{SUBJECT}
EfficientNet-Lite 0, 1 and 2, trained on ImageNet, see sixteen photographs at 224 pixels; RNet and
ONet, two stages of a detector of faces, see 32 faces. 108 small networks are trained here on the
digits 0 to 4 of scikit-learn (widths 4, 8 and 12; 4, 6, 8 and 10 convolutions; 15, 50 and 150
steps; three seeds) and fine-tuned on 100 images of the digits 5 to 9. θ is the paper's score, with
lower values for faster decay. Two curves are *the same* if at no depth the shares of all complexity
that lie up to there differ by more than 0.1.""",
    "paper": f"""{SUBJECT}
The paper's nine networks, as torchvision has them, see 100 images of CIFAR-10 at 256 pixels; their
weights have to be in torch's cache and the images in `data/`. Beside them stand the networks of the
small size, and 600 networks that are trained here on digits and fine-tuned on others. θ is
the paper's score, with lower values for faster decay. Two curves are *the same* if at no depth the
shares of all complexity that lie up to there differ by more than 0.1.""",
}
CAUTION = """\
- **What this does not show.** The images are few, and intervals are over images of one kind or
  networks of one family. For the pre-trained networks a claim is tested on the network for which it
  holds least. Other levels, layers and modes give other numbers."""


def about(table: pd.DataFrame) -> str:
    """Say what is run."""
    return ABOUT[fullest(table)[1]]


def remarks(table: pd.DataFrame) -> str:
    """Say what the numbers mean, where they differ from the paper, and why."""
    table, size = fullest(table)
    if size != "small":
        return CAUTION
    parts = [of_decay(table), of_invariance(table), of_order(table), of_ranking(table)]
    return "\n".join([*parts, CAUTION])


def of_decay(table: pd.DataFrame) -> str:
    """Say what the fall is."""
    study = SMALL[0]
    network = study.networks[0]
    omega = curve(table, study, network).mean(axis=1)
    sizes = voxels(table, study, network)
    random = curve(table, study, network, weights="untrained").mean(axis=1)
    family = family_curves(table, "task").xs(LONGEST, level="steps")
    rising = np.mean([omega.argmax() > 0 for omega in family])
    return f"""\
- **Betti numbers do fall, and so do the layers.** The slope of log Ω of {network} is
  {fall(omega):.2f}; that of the number of voxels is {fall(sizes):.2f}, and with random weights
  Ω has {fall(random):.2f}. Per voxel complexity rises in the first layers, as images are smooth and
  features are not, and falls again towards the end. What training adds is the difference to random
  weights: small, but clear. In {100 * rising:.0f} % of the networks trained here Ω rises before it
  falls.
- **"The lowest possible value" is not reached.** EfficientNets end with a layer of many channels,
  which has thousands of components; the paper's ResNets and MobileNet, by the authors' own numbers,
  end higher than they begin."""


def of_invariance(table: pd.DataFrame) -> str:
    """Say what the curve depends on."""
    study = SMALL[0]
    pairs = [
        (
            theta(curve(table, study, n).mean(axis=1)),
            theta(curve(table, study, n, kind="faces").mean(axis=1)),
        )
        for n in study.networks
    ]
    by_kind = "; ".join(f"{one:.2f} and {other:.2f}" for one, other in pairs)
    return f"""\
- **What the curve does not depend on** is found as the paper says: resolution, number of images,
  and, among relatives, depth. That is what one expects of a quantity that follows the number of
  voxels: another resolution, or half of the channels, changes it by the same factor in all layers.
- **The kind of images matters.** θ of the three EfficientNets on photographs and on faces:
  {by_kind}. The score of a network is one of a network and its images. RNet and ONet, which were
  trained to tell faces from other patches, treat the two differently."""


def of_order(table: pd.DataFrame) -> str:
    """Say what a permutation of the channels does."""
    parts = []
    for study in STUDIES["small"]:
        for network in study.networks:
            omega = curve(table, study, network).mean(axis=1)
            orders = permuted_curves(table, study, network, layout="volume_permuted").mean(axis=2)
            parts.append(f"{network} {100 * (orders.mean(axis=0) / omega - 1).mean():+.1f} %")
    return f"""\
- **The order of the channels.** A random order changes Ω by, on average over layers:
  {", ".join(parts)}. In the numbers that the authors have stored
  it is 7 to 9 %. The order that training happened to give is not special, but it is one of many."""


def of_ranking(table: pd.DataFrame) -> str:
    """Say what θ ranks, and what nine networks could show."""
    found = scores(table)
    ranked = ranking(found)
    low, high = found[TARGET].quantile([0.05, 0.95])
    best = max(PUBLISHED, key=lambda name: ranked.kendall[name])
    by_depth = found.groupby("depth")[[THETA, TARGET]].corr("kendall").iloc[::2, 1]
    listed = ", ".join(f"{value:.2f}" for value in by_depth)
    free = ", ".join(f"{name} {ranked.kendall[name]:.2f}" for name in FREE)
    return f"""\
- **The ranking.** Nine in ten networks reach {low:.0f} to {high:.0f} % after fine-tuning. τ of −θ
  is {ranked.kendall[THETA]:.2f} over all, and {listed} among those with 4, 6, 8 and 10 layers.
  {best} has {ranked.kendall[best]:.2f}; {free}. θ is taken at x = 1, 2, …, so that networks of
  different depth have θ of different size, which alone spoils a ranking across depths.
- **What nine networks can show.** The paper's τ of .78 is three standard deviations of chance, so
  that some relation between its nine numbers and θ there is. But nine networks cannot tell a good
  score from a better one: in random order τ has a standard deviation of 0.27, and groups of
  nine of our networks scatter as the right panel shows. Nor are the nine independent: four ResNets
  and three DenseNets."""
