"""topolens shows how a trained network changes the topology of its data, layer by layer.

The way of the data: :func:`record` turns a PyTorch model and a loader into one
array per layer; :func:`analyse` measures every array and returns a long table
that prints, plots and exports. :func:`rips` and :func:`hop_betti` are the
kernels, for arrays from anywhere.
"""

from __future__ import annotations

import warnings

from topolens import _core, datasets
from topolens._core import NumericalError, __version__
from topolens.confidence import ConfidenceBand, confidence_band
from topolens.cubical import CubicalResult, cubical, cubical_batch
from topolens.cubical_betti import CubicalBetti, cubical_betti
from topolens.cubical_measures import Cubical
from topolens.decay import DecayMeasures, TTPScore, ttp_score
from topolens.diagram_distances import (
    DiagramMatching,
    bottleneck_distance,
    distance_matrix,
    landscape_distance,
    sliced_wasserstein_distance,
    wasserstein_distance,
)
from topolens.diagram_summaries import (
    amplitude,
    persistence_entropy,
    persistence_statistics,
    total_persistence,
)
from topolens.diagrams import (
    betti_curve,
    euler_curve,
    landscape,
    persistence_image,
    silhouette,
)
from topolens.diversities import (
    MaxDiversity,
    diversity,
    max_diversity,
    positive_magnitude,
    spread,
    vendi_score,
)
from topolens.dtm import distance_to_measure
from topolens.fractal import PHDimensionResult, lifetime_sum, ph_dimension
from topolens.generalisation import (
    GranulatedKendall,
    PartialCorrelation,
    granulated_kendall,
    partial_correlation,
)
from topolens.homology import HopBettiResult, PersistenceResult, hop_betti, rips, rips_batch
from topolens.landscape_bands import LandscapeBand, landscape_band
from topolens.layer_distances import layer_distances
from topolens.layers import analyse
from topolens.lower_bounds import MagnitudeBound, magnitude_lower_bound
from topolens.magnitude_summaries import (
    MagnitudeDimensionResult,
    MagnitudeIntegral,
    convergence_scale,
    magnitude_area,
    magnitude_difference,
    magnitude_dimension,
)
from topolens.magnitudes import MagnitudeFunction, magnitude, magnitude_function, weighting
from topolens.measures import (
    HopBetti,
    Magnitude,
    MagnitudeDimension,
    Measure,
    Measurement,
    PHDimension,
    Rips,
    Value,
)
from topolens.network_distances import (
    CoveringCurve,
    DistanceIntervals,
    Embedding,
    NetworkDistances,
    NetworkPersistence,
    Quotient,
)
from topolens.networks import (
    DisputedSamples,
    NetworkSpace,
    NetworkSpaceBuilder,
    NetworkTrajectory,
)
from topolens.outliers import OutlierScores, outlier_scores
from topolens.permutations import PermutationTest, permutation_test
from topolens.plotting import (
    plot_barcode,
    plot_betti_curve,
    plot_diagram,
    plot_distance_matrix,
    plot_landscape,
    plot_layers,
    plot_network_space,
    plot_persistence_image,
)
from topolens.profiles import CubicalProfile, cubical_profile
from topolens.ranking import RankCorrelation, rank_correlation
from topolens.recording import Recording
from topolens.report import write_report
from topolens.spaces import (
    Landmarks,
    MetricSpace,
    distances,
    geodesic_distances,
    landmarks,
    neighbor_graph,
)
from topolens.table import LayerTable
from topolens.torch import record
from topolens.trajectory import TrajectoryRecorder
from topolens.transfer import TransferScores, transfer_scores

__all__ = [
    "ConfidenceBand",
    "CoveringCurve",
    "Cubical",
    "CubicalBetti",
    "CubicalProfile",
    "CubicalResult",
    "DecayMeasures",
    "DiagramMatching",
    "DisputedSamples",
    "DistanceIntervals",
    "Embedding",
    "GranulatedKendall",
    "HopBetti",
    "HopBettiResult",
    "Landmarks",
    "LandscapeBand",
    "LayerTable",
    "Magnitude",
    "MagnitudeBound",
    "MagnitudeDimension",
    "MagnitudeDimensionResult",
    "MagnitudeFunction",
    "MagnitudeIntegral",
    "MaxDiversity",
    "Measure",
    "Measurement",
    "MetricSpace",
    "NetworkDistances",
    "NetworkPersistence",
    "NetworkSpace",
    "NetworkSpaceBuilder",
    "NetworkTrajectory",
    "NumericalError",
    "OutlierScores",
    "PHDimension",
    "PHDimensionResult",
    "PartialCorrelation",
    "PermutationTest",
    "PersistenceResult",
    "Quotient",
    "RankCorrelation",
    "Recording",
    "Rips",
    "TTPScore",
    "TrajectoryRecorder",
    "TransferScores",
    "Value",
    "__version__",
    "amplitude",
    "analyse",
    "betti_curve",
    "bottleneck_distance",
    "confidence_band",
    "convergence_scale",
    "cubical",
    "cubical_batch",
    "cubical_betti",
    "cubical_profile",
    "datasets",
    "distance_matrix",
    "distance_to_measure",
    "distances",
    "diversity",
    "euler_curve",
    "geodesic_distances",
    "granulated_kendall",
    "hop_betti",
    "landmarks",
    "landscape",
    "landscape_band",
    "landscape_distance",
    "layer_distances",
    "lifetime_sum",
    "magnitude",
    "magnitude_area",
    "magnitude_difference",
    "magnitude_dimension",
    "magnitude_function",
    "magnitude_lower_bound",
    "max_diversity",
    "neighbor_graph",
    "outlier_scores",
    "partial_correlation",
    "permutation_test",
    "persistence_entropy",
    "persistence_image",
    "persistence_statistics",
    "ph_dimension",
    "plot_barcode",
    "plot_betti_curve",
    "plot_diagram",
    "plot_distance_matrix",
    "plot_landscape",
    "plot_layers",
    "plot_network_space",
    "plot_persistence_image",
    "positive_magnitude",
    "rank_correlation",
    "record",
    "rips",
    "rips_batch",
    "silhouette",
    "sliced_wasserstein_distance",
    "spread",
    "total_persistence",
    "transfer_scores",
    "ttp_score",
    "vendi_score",
    "wasserstein_distance",
    "weighting",
    "write_report",
]

if _core.DEBUG_BUILD:
    warnings.warn(
        "topolens was built in debug mode and is many times slower; build with --release",
        stacklevel=2,
    )
