"""A small call of every public callable, for the tests that walk all signatures."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.utils._testing import ignore_warnings
from torch import nn

import topolens as tl
from contrast_cases import network

rng = np.random.default_rng(0)
CLOUD = rng.random((24, 2))
ROWS = rng.random((24, 3))
CLASSES = np.arange(24) % 2
BARS = np.array([[0.0, 0.4], [0.1, 0.9], [0.2, 0.3]])
MORE_BARS = np.array([[0.0, 0.5], [0.3, 0.8]])
BAND_BARS = [BARS, MORE_BARS, BARS[:2]]
GRID = np.linspace(0, 1, 7)
IMAGE = rng.normal(size=(6, 6))
MAPS = rng.normal(size=(3, 2, 5, 5)).astype(np.float32)
PROBS = rng.dirichlet(np.ones(3), 24)
LABELS = rng.integers(3, size=(4, 30))
LOGITS = rng.normal(size=(4, 30, 3))
MEASURED = {
    "gap": [0.1, 0.4, 0.2, 0.5, 0.35, 0.7],
    "size": [1, 2, 1.5, 3, 2.5, 2.7],
    "lr": [1, 2, 1, 2, 1, 2],
    "depth": [1, 1, 2, 2, 3, 3],
}
LAYERS = {"first": CLOUD, "second": CLOUD**2}
IMAGES = torch.from_numpy(rng.normal(size=(6, 2, 5, 5)).astype(np.float32))


# --- what methods belong to ---------------------------------------------------------------------


def model(seed: int = 0) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        first, second = (nn.Sequential(nn.Conv2d(channels, 3, 2), nn.ReLU()) for channels in (2, 3))
        return nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(27, 3))


@cache
def recording() -> Any:
    return tl.record(model(), IMAGES)


@cache
def table() -> Any:
    return tl.analyse(LAYERS, [tl.HopBetti(k=4), tl.Rips()], rng=0)


@cache
def pooled() -> Any:
    return tl.pool({seed: network(seed) for seed in range(13)})


@cache
def networks() -> Any:
    return tl.NetworkSpace.from_labels(LABELS, y=LABELS[0])


@cache
def network_distances() -> Any:
    return networks().distances()


@cache
def profile() -> Any:
    return tl.cubical_profile(model(), images=IMAGES, layout="volume_permuted", n_permutations=2)


@cache
def ranking() -> Any:
    return ignore_warnings(tl.statistics.rank_correlation)(
        [1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0], rng=0, n_resamples=100
    )


def trained(**settings: Any) -> Any:
    """Record three steps, in which a generator has drawn what there is to draw."""
    net = model()
    recorder = tl.TrajectoryRecorder(net, 3, projection=50, **settings)
    for step in range(3):
        with torch.no_grad():
            net[0].bias.fill_(step)
        recorder.step()
    return recorder.space()


@cache
def trajectory() -> Any:
    recorder = tl.TrajectoryRecorder(model(), 3)
    recorder.step()
    recorder.step()
    return recorder


def built(**settings: Any) -> Any:
    builder = tl.NetworkSpace.builder(**settings)
    builder.update(LOGITS)
    return builder.result()


def fitted(estimator: type, data: Any, **settings: Any) -> Any:
    return estimator(**settings).fit(data).transform(data)


def written(write: Callable[..., Any], *arguments: Any, **settings: Any) -> str:
    with tempfile.TemporaryDirectory() as folder:
        page = write(*arguments, Path(folder) / "out", **settings)
        return "" if page is None else page.read_text(encoding="utf-8")


OWNERS: dict[str, Callable[[], Any]] = {
    "diagrams.ConfidenceBand": lambda: tl.confidence_band(CLOUD, n_resamples=5, rng=0),
    "homology.CubicalResult": lambda: tl.cubical(IMAGE),
    "homology.PersistenceResult": lambda: tl.rips(CLOUD),
    "homology.PiecesAmongOthers": lambda: tl.homology.pieces_among_others(CLOUD, CLASSES, rng=0),
    "measures.HopBetti": lambda: tl.HopBetti(k=4),
    "layers.Contrast": lambda: tl.layers.contrast(pooled(), rng=0),
    "layers.LayerTable": table,
    "measures.Magnitude": tl.Magnitude,
    "measures.MagnitudeDimension": tl.MagnitudeDimension,
    "measures.PHDimension": tl.PHDimension,
    "measures.Pieces": tl.Pieces,
    "measures.Spread": tl.Spread,
    "layers.Recording": recording,
    "measures.Loops": lambda: tl.Loops(n_landmarks=10),
    "measures.Rips": lambda: tl.Rips(n_landmarks=10),
    "layers.ScaleChoice": lambda: tl.choose_scale(LAYERS),
    "layers.Table": lambda: table().summary(),
    "magnitudes.MagnitudeFunction": lambda: tl.magnitude_function(CLOUD),
    "magnitudes.MagnitudeSlopes": lambda: tl.magnitudes.magnitude_slopes(CLOUD),
    "networks.CoveringCurve": lambda: network_distances().covering_curve(),
    "networks.NetworkDistances": network_distances,
    "networks.NetworkSpace": networks,
    "networks.NetworkSpaceBuilder": tl.NetworkSpace.builder,
    "profiles.Cubical": lambda: tl.Cubical(layout="volume_permuted", n_permutations=2),
    "profiles.CubicalProfile": profile,
    "sklearn.BettiCurve": lambda: tl.sklearn.BettiCurve().fit([BARS]),
    "sklearn.CubicalPersistence": lambda: tl.sklearn.CubicalPersistence().fit([IMAGE]),
    "sklearn.MagnitudeFunction": lambda: tl.sklearn.MagnitudeFunction().fit([CLOUD]),
    "sklearn.PersistenceImage": lambda: tl.sklearn.PersistenceImage().fit([BARS]),
    "sklearn.PersistenceLandscape": lambda: tl.sklearn.PersistenceLandscape().fit([BARS]),
    "sklearn.RipsPersistence": lambda: tl.sklearn.RipsPersistence().fit([CLOUD]),
    "spaces.MetricSpace": lambda: tl.MetricSpace([1.0, 2.0, 2.0]),
    "statistics.RankCorrelation": ranking,
    "torch.TrajectoryRecorder": trajectory,
}

# --- what is called in another way than by its arguments ------------------------------------------

DRIVEN: dict[str, Callable[..., Any]] = {
    "layers.Contrast.to_csv": partial(
        written, lambda path: tl.layers.contrast(pooled(), rng=0).to_csv(path)
    ),
    "layers.LayerTable.to_csv": partial(written, lambda path: table().to_csv(path)),
    "layers.ScaleChoice.to_csv": partial(
        written, lambda path: tl.choose_scale(LAYERS).to_csv(path)
    ),
    "layers.Table.to_csv": partial(written, lambda path: table().summary().to_csv(path)),
    "networks.NetworkSpace.builder": built,
    "networks.NetworkSpace.prune": tl.NetworkSpace.from_logits(LOGITS).prune,
    "networks.NetworkSpaceBuilder.update": lambda **given: tl.NetworkSpace.builder().update(
        **given
    ),
    "report.write_report": lambda **given: written(tl.write_report, table(), **given),
    "sklearn.BettiCurve": partial(fitted, tl.sklearn.BettiCurve, [BARS, MORE_BARS]),
    "sklearn.CubicalPersistence": partial(fitted, tl.sklearn.CubicalPersistence, [IMAGE]),
    "sklearn.MagnitudeFunction": partial(fitted, tl.sklearn.MagnitudeFunction, [CLOUD]),
    "sklearn.PersistenceImage": partial(fitted, tl.sklearn.PersistenceImage, [BARS]),
    "sklearn.PersistenceLandscape": partial(fitted, tl.sklearn.PersistenceLandscape, [BARS]),
    "sklearn.RipsPersistence": partial(fitted, tl.sklearn.RipsPersistence, [CLOUD]),
    "statistics.rank_correlation": ignore_warnings(tl.statistics.rank_correlation),
    "torch.TrajectoryRecorder": trained,
}

# --- the calls ----------------------------------------------------------------------------------

X, DGM, PAIR, FEATURES = {"X": CLOUD}, {"dgm": BARS}, {"a": BARS, "b": MORE_BARS}, {"y": CLASSES}
FEATURES["features"] = ROWS
MEASURE = {"X": CLOUD, "rng": np.random.default_rng(0)}

CALLS: dict[str, dict[str, Any]] = {
    "cli.main": {"argv": ["analyse"]},
    **{f"datasets.{name}": {"n": 10} for name in ("circle", "figure_eight", "projective_plane")},
    **{f"datasets.{name}": {"n": 10} for name in ("disks_in_plane", "sphere", "swiss_roll")},
    "datasets.linked_tori": {"n_per_ring": 4},
    "datasets.naitzat": {"name": "D-I"},
    "datasets.nested_spheres": {"n_per_sphere": 5},
    "datasets.torus": {"n": 10},
    "diagrams.ConfidenceBand.exceeds": {"diagrams": [BARS]},
    "diagrams.ConfidenceBand.to_columns": {"diagrams": [BARS]},
    "diagrams.amplitude": DGM,
    "diagrams.betti_curve": {**DGM, "grid": GRID},
    "diagrams.bottleneck_distance": PAIR,
    "diagrams.confidence_band": {**X, "n_resamples": 5},
    "diagrams.distance_matrix": {"diagrams": [BARS, MORE_BARS]},
    "diagrams.euler_curve": {"dgms": [BARS], "grid": GRID},
    "diagrams.landscape": {**DGM, "grid": GRID},
    "diagrams.landscape_band": {"dgms": BAND_BARS, "grid": GRID, "n_resamples": 5},
    "diagrams.landscape_distance": PAIR,
    "diagrams.permutation_test": {"group_a": [BARS] * 2, "group_b": [MORE_BARS] * 3},
    "diagrams.persistence_entropy": DGM,
    "diagrams.persistence_image": {**DGM, "sigma": 0.1},
    "diagrams.persistence_statistics": DGM,
    "diagrams.silhouette": {**DGM, "grid": GRID},
    "diagrams.sliced_wasserstein_distance": PAIR,
    "diagrams.total_persistence": DGM,
    "diagrams.universal_null_test": {**DGM, "mean_distance": 1.0},
    "diagrams.wasserstein_distance": PAIR,
    "homology.CubicalResult.betti_numbers": {"value": 0.0},
    "homology.PersistenceResult.betti_numbers": {"scale": 0.1},
    "homology.cubical": {"image": IMAGE},
    "homology.cubical_batch": {"images": [IMAGE, -IMAGE]},
    "homology.cubical_betti": {"X": IMAGE, "thresholds": 0.0},
    "homology.hop_betti": {**X, "k": 4},
    "homology.lifetime_sum": X,
    "homology.PiecesAmongOthers.of_at_least": {"size": 3},
    "homology.ph_dimension": X,
    "homology.pieces_among_others": {**X, "labels": CLASSES},
    "homology.rips": X,
    "homology.rips_batch": {"Xs": [CLOUD, CLOUD[:9]]},
    "measures.HopBetti": {},
    "measures.HopBetti.measure": MEASURE,
    "layers.LayerTable.contrast": {},
    "layers.LayerTable.findings": {"rng": 0},
    "layers.LayerTable.plot": {},
    "layers.LayerTable.select": {"layer": "first"},
    "layers.LayerTable.to_csv": {},
    "measures.Magnitude": {},
    "measures.Magnitude.measure": MEASURE,
    "measures.MagnitudeDimension": {},
    "measures.MagnitudeDimension.measure": MEASURE,
    "measures.PHDimension": {},
    "measures.PHDimension.measure": MEASURE,
    "layers.Recording.feature_maps": {"layer": "1"},
    "layers.Recording.untrained": {},
    "measures.Loops": {},
    "measures.Loops.measure": MEASURE,
    "measures.Pieces": {},
    "measures.Pieces.measure": {**MEASURE, "labels": CLASSES},
    "measures.Rips": {},
    "measures.Rips.measure": MEASURE,
    "measures.Spread": {},
    "measures.Spread.measure": {**MEASURE, "labels": CLASSES},
    "layers.ScaleChoice.select": {"layer": "first"},
    "layers.ScaleChoice.to_csv": {},
    "layers.Table.select": {"layer": "first"},
    "layers.Table.to_csv": {},
    "layers.analyse": {
        "layers": LAYERS,
        "measures": tl.Rips(n_landmarks=5),
        "labels": CLASSES,
        "subsample": 10,
    },
    "layers.estimate": {
        "layers": LAYERS,
        "measures": tl.Rips(n_landmarks=5),
        "labels": CLASSES,
        "subsample": 10,
    },
    "layers.concat": {"tables": {"a": table(), "b": table()}, "name": "model"},
    "layers.Contrast.plot": {},
    "layers.Contrast.select": {"layer": "conv1"},
    "layers.Contrast.to_csv": {},
    "layers.choose_scale": {"layers": LAYERS},
    "layers.contrast": {"table": pooled()},
    "layers.findings": {"table": pooled(), "rng": 0},
    "layers.pool": {"tables": {seed: network(seed) for seed in range(2)}},
    "layers.layer_distances": {"table": table()},
    "magnitudes.MagnitudeFunction.plot": {},
    "magnitudes.MagnitudeSlopes.plot": {},
    **{f"magnitudes.{name}": X for name in ("convergence_scale", "diversity", "magnitude")},
    **{f"magnitudes.{name}": X for name in ("magnitude_area", "magnitude_function")},
    **{f"magnitudes.{name}": X for name in ("max_diversity", "outlier_scores", "weighting")},
    "magnitudes.magnitude_difference": {**X, "Y": CLOUD[:9]},
    "magnitudes.magnitude_dimension": {"f": CLOUD, "bootstrap": "points", "n_resamples": 4},
    "magnitudes.cube_dimensions": {"n_points": 50},
    "magnitudes.magnitude_slopes": {"f": CLOUD},
    "magnitudes.magnitude_lower_bound": {**X, "n_landmarks": 9},
    "magnitudes.vendi_score": {**X, "kernel": "exponential"},
    "networks.CoveringCurve.number": {"eps": 0.1},
    "networks.NetworkDistances.decide": {"eps": 0.5},
    "networks.NetworkDistances.embed": {"k": 2},
    "networks.NetworkDistances.interval": {"method": "multiplier", "n_resamples": 100},
    "networks.NetworkDistances.persistence": {},
    "networks.NetworkDistances.quotient": {},
    "networks.NetworkDistances.to_space": {},
    "networks.NetworkSpace.builder": {},
    "networks.NetworkSpace.cross": {"other": networks()},
    "networks.NetworkSpace.disputed_samples": {},
    "networks.NetworkSpace.distances": {},
    "networks.NetworkSpace.from_labels": {"labels": LABELS},
    "networks.NetworkSpace.from_logits": {"logits": LOGITS},
    "networks.NetworkSpace.from_models": {"models": [model(), model(1)], "loader": IMAGES},
    "networks.NetworkSpace.from_outputs": {"outputs": LOGITS},
    "networks.NetworkSpace.from_probs": {"probs": [PROBS, PROBS[::-1]]},
    "networks.NetworkSpace.per_class": {},
    "networks.NetworkSpace.prune": {"eps": 0.1},
    "networks.NetworkSpace.quotient": {},
    "networks.NetworkSpace.select": {"networks": [0, 1]},
    "networks.NetworkSpace.trajectory": {"names": [0, 1, 2]},
    "networks.NetworkSpace.with_truth": {},
    "networks.NetworkSpaceBuilder.update": {"predictions": LABELS},
    "networks.quotient": {"space": [1.0, 2.0, 2.0]},
    "plotting.plot_barcode": {"diagrams": [BARS]},
    "plotting.plot_betti_curve": {"diagrams": [BARS]},
    "plotting.plot_diagram": {"diagrams": [BARS]},
    "plotting.plot_distance_matrix": {"distances": [[0.0, 1.0], [1.0, 0.0]]},
    "plotting.plot_landscape": DGM,
    "plotting.plot_answers": {"table": tl.analyse(LAYERS, tl.Spread(), labels=CLASSES, rng=0)},
    "plotting.plot_layers": {"table": table()},
    "plotting.plot_network_space": {"D": network_distances()},
    "plotting.plot_persistence_image": {**DGM, "sigma": 0.1},
    "profiles.Cubical": {},
    "profiles.Cubical.measure": {"X": MAPS, "rng": np.random.default_rng(0)},
    "profiles.CubicalProfile.complexities": {},
    "profiles.CubicalProfile.complexity": {},
    "profiles.CubicalProfile.decay": {},
    "profiles.CubicalProfile.permuted_complexities": {},
    "profiles.CubicalProfile.plot": {},
    "profiles.CubicalProfile.plot_curves": {},
    "profiles.CubicalProfile.select": {"images": [0]},
    "profiles.CubicalProfile.untrained": {},
    "profiles.cubical_profile": {"source": model(), "images": IMAGES, "max_images": 4},
    "profiles.ttp_score": {"p": [4.0, 3.0, 2.0, 1.0]},
    "report.write_report": {},
    **{f"sklearn.{name}": {} for name in ("BettiCurve", "CubicalPersistence")},
    **{f"sklearn.{name}": {} for name in ("MagnitudeFunction", "PersistenceImage")},
    "sklearn.PersistenceLandscape": {},
    "sklearn.RipsPersistence": {"n_landmarks": 5},
    "spaces.MetricSpace": {"distances": np.hypot(*(CLOUD[:, None] - CLOUD).T)},
    "spaces.MetricSpace.of_points": {"X": CLOUD},
    "spaces.MetricSpace.select": {"indices": [0, 1]},
    "spaces.distance_to_measure": {**X, "places": CLOUD},
    "spaces.distances": X,
    "spaces.geodesic_distances": {**X, "k": 5},
    "spaces.landmarks": {**X, "n_landmarks": 5},
    "spaces.neighbor_graph": {**X, "k": 5},
    "spaces.within_to_others": {**X, "labels": CLASSES},
    "statistics.RankCorrelation.plot": {},
    "statistics.copy_contrast": {"value": [1.0], "copies": [0.1, 0.2, 0.4]},
    **{f"statistics.{name}": {"unit": "network", "n": 6} for name in ("decidable", "least_p")},
    "statistics.group_contrast": {"first": rng.normal(size=9), "second": rng.normal(size=8)},
    "statistics.paired_contrast": {"values": rng.normal(size=13), "controls": np.zeros(13)},
    "statistics.subsample_intervals": {"repeats": [1.0, 1.1, 1.3]},
    "statistics.granulated_kendall": {
        "table": MEASURED,
        "measure": "size",
        "target": "gap",
        "hyperparameters": ["lr", "depth"],
    },
    "statistics.partial_correlation": {
        "table": MEASURED,
        "measure": "size",
        "target": "gap",
        "given": "depth",
    },
    "statistics.rank_correlation": {
        "scores": [1.0, 2.0, 3.0, 4.0],
        "accuracies": [1.0, 3.0, 2.0, 4.0],
        "n_resamples": 100,
    },
    "torch.TrajectoryRecorder": {},
    "torch.TrajectoryRecorder.space": {},
    "torch.record": {"model": model(), "loader": IMAGES, "max_samples": 4},
    **{f"transfer.{name}": FEATURES for name in ("gbc", "hscore", "knn", "logme", "parc")},
    "transfer.leep": {"source_probs": PROBS, "y": CLASSES},
    "transfer.nce": {"source_probs": PROBS, "y": CLASSES},
    "transfer.transfer_scores": FEATURES,
    "transfer.transrate": FEATURES,
}
for name, data in {
    "BettiCurve": [BARS],
    "CubicalPersistence": [IMAGE],
    "MagnitudeFunction": [CLOUD],
    "PersistenceImage": [BARS],
    "PersistenceLandscape": [BARS],
    "RipsPersistence": [CLOUD],
}.items():
    CALLS |= {f"sklearn.{name}.{do}": {"X": data} for do in ("fit", "transform")}
    last = "set_output" if name in ("CubicalPersistence", "RipsPersistence") else ""
    CALLS[f"sklearn.{name}.{last or 'get_feature_names_out'}"] = {}

# --- results, which the package makes -----------------------------------------------------------

RESULTS = {
    *(f"diagrams.{n}" for n in ("ConfidenceBand", "DiagramMatching", "LandscapeBand")),
    *("diagrams.PermutationTest", "diagrams.UniversalNullTest"),
    *(f"homology.{n}" for n in ("CubicalBetti", "CubicalResult", "HopBettiResult")),
    "layers.Contrast",
    *(f"homology.{n}" for n in ("PHDimensionResult", "PersistenceResult", "PiecesAmongOthers")),
    "layers.Estimate",
    *("layers.Findings", "layers.ScaleChoice"),
    *(f"layers.{n}" for n in ("LayerTable", "Recording", "Table")),
    *("measures.Measurement", "measures.Value"),
    *(f"magnitudes.{n}" for n in ("MagnitudeBound", "MagnitudeDimensionResult", "MaxDiversity")),
    *(f"magnitudes.{n}" for n in ("MagnitudeFunction", "MagnitudeIntegral", "OutlierScores")),
    "magnitudes.MagnitudeSlopes",
    *(f"networks.{n}" for n in ("CoveringCurve", "DisputedSamples", "DistanceIntervals")),
    *(f"networks.{n}" for n in ("Embedding", "NetworkDistances", "NetworkPersistence")),
    *(f"networks.{n}" for n in ("NetworkSpace", "NetworkSpaceBuilder", "NetworkTrajectory")),
    "networks.Quotient",
    *(f"profiles.{n}" for n in ("CubicalProfile", "DecayMeasures", "TTPScore")),
    "statistics.ContrastResult",
    *(f"spaces.{n}" for n in ("Landmarks", "WithinToOthers")),
    *(f"statistics.{n}" for n in ("GranulatedKendall", "PartialCorrelation", "RankCorrelation")),
    "transfer.TransferScores",
}
PROTOCOLS = {"measures.Measure"}
