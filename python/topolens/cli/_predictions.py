"""Predictions of several networks from files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from topolens._arrays import rounding
from topolens.cli._reading import (
    ID_HEADERS,
    LABEL_HEADERS,
    MISSING,
    are_floats,
    as_integers,
    column_of,
    note,
    read_array,
    read_layers,
    read_rows,
)
from topolens.networks._reading import STEPS, add_up_to_one, softmax
from topolens.networks._space import NetworkSpace

ARRAYS = (".npz", ".safetensors")
ROUNDING, ALMOST = 1e-4, 0.1  # of sums of probabilities, and of what was meant to be some
SOFT = ("tv", "hellinger", "js", "jsd", "bhattacharyya")


class Found(NamedTuple):
    """What a file holds: predictions by network, true labels, and what is neither."""

    networks: dict[str, np.ndarray]
    truth: np.ndarray | None = None
    notes: Sequence[str] = ()


def hold_predictions(paths: Sequence[Path]) -> bool:
    """Tell predictions from activations: one network a file, or labels in all the arrays."""
    if any(path.suffix not in ARRAYS for path in paths):
        return True
    named = [item for path in paths for item in read_layers(path).items()]
    arrays = [array for name, array in named if not column_of(name, array)]
    return all(array.ndim == 1 and array.dtype.kind in "iu" for array in arrays)


def read_predictions(paths: Sequence[Path]) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """Return labels or scores by network, and true labels if a file has them beside networks."""
    networks: dict[str, np.ndarray] = {}
    truth, notes = None, []
    for path, stem in zip(paths, short_names(paths), strict=True):
        if path.suffix == ".npy":
            found = Found({stem: read_array(path)})
        elif path.suffix in ARRAYS:
            found = _arrays(path, stem)
        elif path.suffix in (".csv", ".txt"):
            found = _columns(path, stem)
        else:
            raise ValueError(
                f"predictions must be .npy, .csv, .txt, .npz or .safetensors files; found {path}"
            )
        for name in found.networks:
            if name in networks:
                raise ValueError(f"networks must differ in name; found {name} again in {path}")
        networks |= found.networks
        notes += [f"{path}: {text}" for text in found.notes]
        truth = found.truth if truth is None else truth
    if len(networks) < 2:
        told = "".join(f"; {text}" for text in notes)
        raise ValueError(f"compare needs at least two networks; found {', '.join(networks)}{told}")
    for text in notes:
        note(text)
    return networks, truth


def space_of(
    predictions: dict[str, np.ndarray], truth: np.ndarray | None, distance: str
) -> tuple[NetworkSpace, str]:
    """Read labels, probabilities or other scores as a space of networks, and say which."""
    axes = {name: array.ndim for name, array in predictions.items()}
    if len(set(axes.values())) > 1:
        listed = ", ".join(f"{n} axes for {name}" for name, n in axes.items())
        raise ValueError(f"predictions must be labels (n,) or scores (n, classes); found {listed}")
    if set(axes.values()) == {1}:
        labels, y = _in_numbers(predictions, truth)
        return NetworkSpace.from_labels(labels, y=y), "labels"
    space = NetworkSpace.from_logits(predictions, y=truth)
    sure = {name: _are_probabilities(scores, name) for name, scores in predictions.items()}
    kinds = {
        "probabilities": [name for name in predictions if sure[name]],
        "logits": [name for name in predictions if not sure[name]],
    }
    told = "; ".join(f"{kind} of {', '.join(names)}" for kind, names in kinds.items() if names)
    if distance in SOFT:
        probs = {n: _as_probabilities(p, sure[n]) for n, p in predictions.items()}
        space = NetworkSpace.from_probs(probs, y=truth)
    return space, told


def short_names(paths: Sequence[Path]) -> list[str]:
    """Call files by their stems, or by their paths where stems are alike."""
    stems = [path.stem for path in paths]
    return stems if len(set(stems)) == len(stems) else [str(path) for path in paths]


def _arrays(path: Path, stem: str) -> Found:
    """Read a network from each array, but for labels and ids of samples."""
    named = read_layers(path)
    apart = {name: what for name, array in named.items() if (what := column_of(name, array))}
    networks = {name: array for name, array in named.items() if name not in apart}
    truths = [name for name, what in apart.items() if what == "labels"]
    notes = _about_truths([repr(name) for name in truths])
    notes += [f"{name!r} holds ids and is left out" for name in apart if name not in truths]
    called = {f"{stem}: {n}" if len(networks) > 1 else stem: networks[n] for n in networks}
    truth = named[truths[0]].reshape(-1) if truths else None
    return Found(called, truth, notes)


def _columns(path: Path, stem: str) -> Found:
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
        labels, apart = _column([row[0] for row in rows[headed:]])
        if labels is None:
            raise ValueError(f"{path} must hold labels; found {apart}")
        return Found({stem: labels})
    if len(set(head)) < len(head) or are_floats(head):
        raise ValueError(
            f"{path} has {len(head)} columns: its first line must name a network for each; "
            f"found {', '.join(head)}"
        )
    networks: dict[str, np.ndarray] = {}
    truths: dict[str, np.ndarray] = {}
    notes = []
    for position, name in enumerate(head):
        if name.lower() in ID_HEADERS:
            notes.append(f"column {name!r} holds ids and is left out")
            continue
        labels, apart = _column([row[position] for row in rows[1:]])
        if labels is None:
            notes.append(f"column {name!r} holds {apart} and is left out")
        elif name.lower() in LABEL_HEADERS:
            truths[name] = labels
        else:
            networks[name] = labels
    notes += _about_truths([f"column {name!r}" for name in truths])
    return Found(networks, next(iter(truths.values()), None), notes)


def _column(cells: list[str]) -> tuple[np.ndarray | None, str]:
    """Read labels, whole numbers or words, or say what else the cells are."""
    whole = as_integers(cells, missing=MISSING)
    if whole is not None:
        return whole, ""
    if are_floats(cells):
        return None, "numbers that are not whole"
    return np.array(cells), ""


def _about_truths(found: list[str]) -> list[str]:
    """Say which of several true labels are taken."""
    return [f"{other} is left out, since {found[0]} holds the true labels" for other in found[1:]]


def _in_numbers(
    predictions: dict[str, np.ndarray], truth: np.ndarray | None
) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """Replace words by numbers in alphabetical order; an empty one is a missing prediction."""
    everything = [*predictions.values(), *([] if truth is None else [truth])]
    if all(array.dtype.kind != "U" for array in everything):
        return predictions, truth
    texts = [_as_words(array) for array in everything]
    classes = [word for word in np.unique(np.concatenate(texts)).tolist() if word]
    numbers = {word: code for code, word in enumerate(classes)}
    coded = [np.array([numbers.get(w, MISSING) for w in text.tolist()]) for text in texts]
    labels = dict(zip(predictions, coded, strict=False))
    return labels, None if truth is None else coded[-1]


def _as_words(labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind == "U":
        return labels
    return np.where(labels == MISSING, "", labels.astype(str))


def _as_probabilities(scores: np.ndarray, sure: bool) -> np.ndarray:
    values = np.asarray(scores, np.float64)
    return values / values.sum(axis=1, keepdims=True) if sure else softmax(values)


def _are_probabilities(scores: np.ndarray, name: str) -> bool:
    """Tell probabilities from logits; what is nearly the one is not taken for the other."""
    values = np.asarray(scores, np.float64)
    if add_up_to_one(values, max(ROUNDING, STEPS * rounding(scores))):
        return True
    if add_up_to_one(values, ALMOST):
        sums = values.sum(axis=1)
        worst = sums[np.abs(sums - 1).argmax()]
        raise ValueError(
            f"scores must be logits, or probabilities that add up to 1 for each sample; found a "
            f"sum of {worst:.4g} for {name}: divide each row by its sum"
        )
    return False
