"""What the numbers of a layer table mean, in a sentence or two each."""

from __future__ import annotations

BETTI = (
    "Dimension 0 counts the separate pieces of the points, dimension 1 their loops, dimension 2 "
    "their voids"
)
BARS = "Each bar is a feature of the points, alive between two distances"

MEANINGS = {
    "betti": f"{BETTI}; points are joined that are few hops apart on the graph of nearest "
    "neighbours. Hops do not change when a layer stretches its output.",
    "components": "Pieces of the graph of nearest neighbours. More than one at the input says that "
    "the number of neighbours is small for these points.",
    "max_degree": "The most points that lie within reach of one point. When it comes near the "
    "number of points, the scale is too coarse to show anything.",
    "rips_betti": f"{BETTI}, where all points within this distance are joined.",
    "bars": f"{BARS}; most short ones come from the sampling.",
    "total_persistence": f"{BARS}. This is the sum of their lengths, in the units of the layer.",
    "longest": f"{BARS}. This is the length of the longest, in the units of the layer: compare it "
    "with other classes and controls of one layer, not between layers.",
    "entropy": f"{BARS}. Zero when one bar has all the length, large when many share it alike.",
    "band_radius": "Bars longer than twice this are not explained by the sampling.",
    "beyond_band": "Bars that are not explained by the sampling, at the level of the band.",
    "ph_dimension": "Dimension of the points, from how minimum spanning trees grow with their "
    "number. Compare clouds of equal size only.",
    "ph_fit_error": "Residual of the straight line that gives the dimension; large values say "
    "that the points have no single one.",
    "magnitude": "Effective number of points, seen at a scale that is a multiple of each cloud's "
    "own unit: 1 when they are all alike, the number of points when they are far apart.",
    "magnitude_dimension": "Dimension of the points, from how their magnitude grows with the "
    "scale. Compare clouds of equal size only.",
    "magnitude_fit_error": "Residual of the straight line that gives the dimension.",
    "cubical_betti": f"{BETTI.replace('the points', 'the dark parts of a feature map')}; a mean "
    "over images.",
    "complexity": "Sum of the Betti numbers of the feature maps of an image; a mean over images.",
}
TO_PREVIOUS = (
    "Distance of the persistence diagrams of a layer and the layer before: how much the shape "
    "changes there."
)
TO_TRAINED = "Distance of the persistence diagrams of a control and of the trained network."


def meaning(measure: str) -> str:
    """Return what the numbers of a measure mean; nothing for a measure from elsewhere."""
    if measure.endswith("_to_previous"):
        return TO_PREVIOUS
    if measure.endswith("_to_trained"):
        return TO_TRAINED
    return MEANINGS.get(measure, "")
