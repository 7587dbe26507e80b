"""Persistence diagrams as results: curves, images, numbers, distances, bands and tests."""

from topolens._faces import publish
from topolens.diagrams._confidence import ConfidenceBand, confidence_band
from topolens.diagrams._curves import (
    betti_curve,
    euler_curve,
    landscape,
    persistence_image,
    silhouette,
)
from topolens.diagrams._distances import (
    DiagramMatching,
    bottleneck_distance,
    distance_matrix,
    landscape_distance,
    sliced_wasserstein_distance,
    wasserstein_distance,
)
from topolens.diagrams._landscape_bands import LandscapeBand, landscape_band
from topolens.diagrams._permutations import PermutationTest, permutation_test
from topolens.diagrams._summaries import (
    amplitude,
    persistence_entropy,
    persistence_statistics,
    total_persistence,
)
from topolens.diagrams._universal_law import UniversalNullTest, universal_null_test

__all__ = [
    "ConfidenceBand",
    "DiagramMatching",
    "LandscapeBand",
    "PermutationTest",
    "UniversalNullTest",
    "amplitude",
    "betti_curve",
    "bottleneck_distance",
    "confidence_band",
    "distance_matrix",
    "euler_curve",
    "landscape",
    "landscape_band",
    "landscape_distance",
    "permutation_test",
    "persistence_entropy",
    "persistence_image",
    "persistence_statistics",
    "silhouette",
    "sliced_wasserstein_distance",
    "total_persistence",
    "universal_null_test",
    "wasserstein_distance",
]

publish(__name__)
