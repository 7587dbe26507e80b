"""What the numbers of layer tables are called and what they say: one entry for each measure."""

from __future__ import annotations

from typing import NamedTuple

BETTI = (
    "Degree 0 counts the separate pieces of the points, degree 1 their loops, degree 2 their voids"
)
BARS = "Each bar is a feature of the points, alive between two distances"

TO_PREVIOUS = (
    "Distance of the persistence diagrams of a layer and the layer before: how much the shape "
    "changes there."
)
TO_TRAINED = "Distance of the persistence diagrams of a control and of the trained network."
LENGTH = "mean distances"
OF_THE_LAYER = "units of the layer"
UNLESS = " unless settings tell another unit"
SETTINGS = {"unit=None": OF_THE_LAYER, "unit=largest value": "largest values"}


class Words(NamedTuple):
    """How a number is written about.

    Attributes
    ----------
    label : str
        What stands at its axis and above its table.
    meaning : str
        What it says, in a sentence or two for a page.
    counts : bool
        Whether it is a whole number of things, which is drawn on an axis of its own kind.
    unit : str
        What it is measured in, if anything.
    """

    label: str
    meaning: str = ""
    counts: bool = False
    unit: str = ""


MEASURES = {
    "betti": Words(
        "Betti number",
        f"{BETTI}; points are joined that are few hops apart on the graph of nearest "
        "neighbours. Hops do not change when a layer stretches its output.",
        counts=True,
    ),
    "rips_betti": Words(
        "Betti number", f"{BETTI}, where all points within this distance are joined.", counts=True
    ),
    "components": Words(
        "components of the graph",
        "Pieces of the graph of nearest neighbours. More than one at the input says that "
        "the number of neighbours is small for these points.",
        counts=True,
    ),
    "max_degree": Words(
        "most points within reach",
        "The most points that lie within reach of one point. When it comes near the "
        "number of points, the scale is too coarse to show anything.",
        counts=True,
    ),
    "longest_loop": Words(
        "longest loop",
        "Length of the longest bar of degree 1, over the mean distance of the points. Below 0.2 it "
        "is small whatever it is; above, see how many loops are supported.",
        unit=LENGTH,
    ),
    "supported_loops": Words(
        "supported loops",
        "Loops that are more than the chance of the sample and longer than 0.2 of the mean "
        "distance. None means that these points cannot show one.",
        counts=True,
    ),
    "loop_p": Words(
        "p of the most significant loop",
        "How often chance alone has such a ratio of death to birth among the loops of a cloud, by "
        "a law that is a conjecture with wide support. Blank where fewer than 10 loops are there "
        "to compare.",
    ),
    "mean_distance": Words(
        "mean distance",
        "Mean distance of the points: the unit of lengths. Multiply by it to have them in units "
        "of the layer.",
        unit=OF_THE_LAYER,
    ),
    "bars": Words("finite bars", f"{BARS}; most short ones come from the sampling.", counts=True),
    "total_persistence": Words(
        "total persistence", f"{BARS}. This is the sum of their lengths.", unit=LENGTH
    ),
    "longest": Words(
        "longest bar",
        f"{BARS}. This is the length of the longest.",
        unit=LENGTH,
    ),
    "entropy": Words(
        "persistence entropy",
        f"{BARS}. Zero when one bar has all the length, large when many share it alike.",
    ),
    "beyond_band": Words(
        "bars beyond the band",
        "Bars that are not explained by the sampling, at the level of the band.",
        counts=True,
    ),
    "band_radius": Words(
        "radius of the band",
        "Bars longer than twice this are not explained by the sampling.",
        unit=LENGTH,
    ),
    **{
        f"{distance.lower().replace(' ', '_')}_to_{other}": Words(
            f"{distance} distance to the {layer}", meaning, unit=LENGTH + UNLESS
        )
        for distance in ("bottleneck", "Wasserstein", "sliced Wasserstein")
        for other, layer, meaning in (
            ("previous", "layer before", TO_PREVIOUS),
            ("trained", "trained layer", TO_TRAINED),
        )
    },
    "pieces": Words(
        "pieces among others",
        "Pieces of the class when the spanning tree of all points is cut between classes: 1 "
        "where the class lies together. Where classes overlap, more points have more pieces.",
        counts=True,
    ),
    "pieces_of_three": Words(
        "pieces of 3 points or more",
        "As the pieces among others, without strays.",
        counts=True,
    ),
    "pieces_of_chance": Words(
        "pieces / pieces by chance",
        "Pieces of the class among others over their mean number under shuffled labels: 1 "
        "where the class is mixed with the others, near 0 where it lies together.",
    ),
    "within_to_others": Words(
        "size / distance to others",
        "Mean distance within the class over the mean distance to all other points: 1 where "
        "the class is mixed with the others, near 0 where it has shrunk to a dot.",
    ),
    "ph_dimension": Words(
        "persistent homology dimension",
        "Dimension of the points, from how minimum spanning trees grow with their "
        "number. Compare clouds of equal size only.",
    ),
    "ph_fit_error": Words(
        "fit error of the dimension",
        "Residual of the straight line that gives the dimension; large values say "
        "that the points have no single one.",
    ),
    "magnitude": Words(
        "magnitude",
        "Effective number of points, seen at a scale that is a multiple of each cloud's "
        "own unit: 1 when they are all alike, the number of points when they are far apart.",
    ),
    "magnitude_dimension": Words(
        "magnitude dimension",
        "Dimension of the points, from how their magnitude grows with the "
        "scale. Compare clouds of equal size only. It is low where points are few.",
    ),
    "cube_dimension": Words(
        "dimension of a cube",
        "Dimension of the uniform cube of as many points that has this magnitude dimension: the "
        "difference is what the estimate lacks if the points are spread like that. Infinite "
        "where cubes of 50 dimensions have less.",
    ),
    "magnitude_fit_error": Words(
        "fit error of the dimension", "Residual of the straight line that gives the dimension."
    ),
    "cubical_betti": Words(
        "Betti number of an image",
        f"{BETTI.replace('the points', 'the dark parts of a feature map')}; a mean over images.",
    ),
    "complexity": Words(
        "complexity of an image",
        "Sum of the Betti numbers of the feature maps of an image; a mean over images.",
    ),
}
FEATURES = ("components", "loops", "voids")


def words(measure: str) -> Words:
    """Look up a measure; one that topolens does not know is called by its name."""
    if measure in MEASURES:
        return MEASURES[measure]
    if measure.endswith("_to_previous"):
        return Words(measure, TO_PREVIOUS)
    if measure.endswith("_to_trained"):
        return Words(measure, TO_TRAINED)
    return Words(measure)


def unit_under(measure: str, settings: str) -> str:
    """Return the unit of a measure with settings, which may tell another than the usual."""
    unit = words(measure).unit
    if not unit.endswith(UNLESS):
        return unit
    told = [other for setting, other in SETTINGS.items() if setting in settings.split(", ")]
    return told[0] if told else unit.removesuffix(UNLESS)
