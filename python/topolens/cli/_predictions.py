"""Predictions of several networks from files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from topolens.cli._reading import LABEL_HEADERS, as_integers, read_array, read_layers, read_rows
from topolens.networks._space import NetworkSpace

ARRAYS = (".npz", ".safetensors")
ROUNDING = 1e-4  # of sums of probabilities in half precision
SOFT = ("tv", "hellinger", "js", "jsd", "bhattacharyya")
MISSING = -1


def hold_predictions(paths: Sequence[Path]) -> bool:
    """Tell predictions from activations: one network a file, or labels in all the arrays."""
    if any(path.suffix not in ARRAYS for path in paths):
        return True
    arrays = [array for path in paths for array in read_layers(path).values()]
    return all(array.ndim == 1 and array.dtype.kind in "iu" for array in arrays)


def read_predictions(paths: Sequence[Path]) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """Return labels or scores by network, and true labels if a .csv file has a column of them."""
    found: dict[str, np.ndarray] = {}
    truth = None
    for path, stem in zip(paths, short_names(paths), strict=True):
        if path.suffix == ".npy":
            arrays = {stem: read_array(path)}
        elif path.suffix in ARRAYS:
            named = read_layers(path)
            arrays = {f"{stem}: {name}" if len(named) > 1 else stem: named[name] for name in named}
        elif path.suffix in (".csv", ".txt"):
            arrays, told = _columns(path, stem)
            truth = told if truth is None else truth
        else:
            raise ValueError(
                f"predictions must be .npy, .csv, .txt, .npz or .safetensors files; found {path}"
            )
        for name in arrays:
            if name in found:
                raise ValueError(f"networks must differ in name; found {name} again in {path}")
        found |= arrays
    if len(found) < 2:
        raise ValueError(f"compare needs at least two networks; found {', '.join(found)}")
    return found, truth


def space_of(
    predictions: dict[str, np.ndarray], truth: np.ndarray | None, distance: str
) -> NetworkSpace:
    """Read labels, probabilities or other scores as a space of networks."""
    axes = {name: array.ndim for name, array in predictions.items()}
    if len(set(axes.values())) > 1:
        listed = ", ".join(f"{n} axes for {name}" for name, n in axes.items())
        raise ValueError(f"predictions must be labels (n,) or scores (n, classes); found {listed}")
    if set(axes.values()) == {1}:
        labels, y = _in_numbers(predictions, truth)
        return NetworkSpace.from_labels(labels, y=y)
    if all(map(_are_probabilities, predictions.values())):
        rows = {n: p / p.sum(axis=1, keepdims=True) for n, p in _in_double(predictions).items()}
        return NetworkSpace.from_probs(rows, y=truth)
    return NetworkSpace.from_logits(predictions, y=truth, soft=distance in SOFT)


def short_names(paths: Sequence[Path]) -> list[str]:
    """Call files by their stems, or by their paths where stems are alike."""
    stems = [path.stem for path in paths]
    return stems if len(set(stems)) == len(stems) else [str(path) for path in paths]


def _columns(path: Path, stem: str) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """Read a network from each column below a header, or one from a single column."""
    rows = read_rows(path)
    if not rows:
        raise ValueError(f"{path} has no predictions")
    head = rows[0]
    for position, row in enumerate(rows, start=1):
        if len(row) != len(head):
            raise ValueError(f"{path}: row {position} has {len(row)} columns, not {len(head)}")
    if len(head) == 1:
        headed = head[0].lower() in (*LABEL_HEADERS, "prediction", "predictions")
        return {stem: as_integers([row[0] for row in rows[headed:]])}, None
    if len(set(head)) < len(head) or all(cell.lstrip("+-").isdigit() for cell in head):
        raise ValueError(
            f"{path} has {len(head)} columns: its first line must name a network for each; "
            f"found {', '.join(head)}"
        )
    columns = {name: as_integers([row[i] for row in rows[1:]]) for i, name in enumerate(head)}
    truths = [columns.pop(name) for name in head if name.lower() in LABEL_HEADERS]
    return columns, truths[0] if truths else None


def _in_numbers(
    predictions: dict[str, np.ndarray], truth: np.ndarray | None
) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """Replace words by numbers in alphabetical order; an empty one is a missing prediction."""
    everything = [*predictions.values(), *([] if truth is None else [truth])]
    if all(array.dtype.kind != "U" for array in everything):
        return predictions, truth
    texts = [array.astype(str) for array in everything]
    classes = [word for word in np.unique(np.concatenate(texts)).tolist() if word]
    numbers = {word: code for code, word in enumerate(classes)}
    coded = [np.array([numbers.get(w, MISSING) for w in text.tolist()]) for text in texts]
    labels = dict(zip(predictions, coded, strict=False))
    return labels, None if truth is None else coded[-1]


def _in_double(predictions: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.asarray(array, np.float64) for name, array in predictions.items()}


def _are_probabilities(scores: np.ndarray) -> bool:
    return bool((scores >= 0).all() and (np.abs(scores.sum(axis=1) - 1) < ROUNDING).all())
