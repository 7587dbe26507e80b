"""Activations of several models: their layer tables, and distances between all their layers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topolens._vocabulary import FEATURES
from topolens.cli._options import keeping_layers_so_far, make_folder, measure_layers
from topolens.cli._predictions import short_names
from topolens.cli._reading import only_layers, read_layers
from topolens.diagrams._distances import distance_matrix
from topolens.diagrams._vector_plots import plot_distance_matrix
from topolens.layers._concat import concat
from topolens.layers._distances import layer_distances, scaled_diagrams
from topolens.layers._frame import Table
from topolens.layers._html import details_html
from topolens.layers._table import LayerTable
from topolens.report._layers import measure_sections
from topolens.report._page import page_html, picture_html, png_of, section_html

MOST_MATRICES = 8
LEAD = "One line per model{and_class}; layers are matched by their position."
BETWEEN = (
    "Bottleneck distance of the persistence diagrams of all layers of all models in the first "
    "repeat, each divided by the mean distance of its points. Dark cells are pairs of layers of "
    "much the same shape."
)


def compare_layers(options: argparse.Namespace, labels: Any) -> int:
    """Measure every model in the same way, and show the models side by side."""
    names = short_names(options.files)
    if len(names) < 2:
        raise ValueError(f"compare needs at least two files of activations; found {names[0]}")
    models = {
        name: only_layers(read_layers(path), path)
        for name, path in zip(names, options.files, strict=True)
    }
    refuse_other_samples(models)
    make_folder(options.out)
    tables = {}
    for name, layers in models.items():
        with keeping_layers_so_far(options.out, name):
            table = measure_layers(layers, labels, options, default=("hop-betti", "rips"))
        tables[name] = layer_distances(table) if table.diagrams else table
    joined = concat(tables, name="model")
    page = _write(tables, joined, options.out)
    print(joined)
    print(f"report: {page}")
    return 0


def refuse_other_samples(models: dict[str, dict[str, np.ndarray]]) -> None:
    """Check that the first layers have as many samples in all models."""
    firsts = {name: next(iter(layers.values())) for name, layers in models.items()}
    counts = {name: len(np.atleast_1d(layer)) for name, layer in firsts.items()}
    first, *others = counts
    for name in others:
        if counts[name] != counts[first]:
            raise ValueError(
                f"activations must be of the same samples in all files; found {counts[first]} in "
                f"{first} and {counts[name]} in {name}"
            )


def _write(tables: dict[str, LayerTable], joined: LayerTable, out: Path) -> Path:
    sections = measure_sections(joined, out)
    if all(table.diagrams for table in tables.values()):
        sections += _between_layers(tables, out)
    joined.to_csv(out / "table.csv")
    rows = f"<div class='topolens'>{details_html(joined, 'table.csv')}</div>"
    by_class = "all" not in joined["class"]
    page = out / "index.html"
    page.write_text(
        page_html(
            f"Layers of {', '.join(tables)}",
            LEAD.format(and_class=" and class" if by_class else ""),
            joined.settings,
            [*sections, section_html("Every number", rows)],
        ),
        encoding="utf-8",
    )
    return page


def _between_layers(tables: dict[str, LayerTable], out: Path) -> list[str]:
    """Draw the distances of all layers, a picture for each class and degree."""
    classes = list(dict.fromkeys(key[1] for table in tables.values() for key in table.diagrams))
    pictures: list[str] = []
    rows: list[tuple] = []
    for name in classes:
        places, diagrams = _diagrams_of(tables, name)
        for degree in range(len(diagrams[0])):
            matrix = distance_matrix(diagrams, degree=degree)
            rows += _pairs(places, matrix, name, degree)
            if len(pictures) < MOST_MATRICES:
                title = FEATURES[degree] if degree < len(FEATURES) else f"degree {degree}"
                title += "" if name == "all" else f" of {name}"
                labels = [": ".join(place) for place in places]
                pictures.append(_matrix_picture(matrix, labels, title, out))
    names = ("class", "degree", "model", "layer", "other model", "other layer", "distance")
    columns = zip(*rows, strict=True)
    Table({n: np.array(c) for n, c in zip(names, columns, strict=True)}).to_csv(
        out / "layer_distances.csv"
    )
    return [section_html("Distances between layers", *pictures, note=BETWEEN)]


def _diagrams_of(
    tables: dict[str, LayerTable], name: str
) -> tuple[list[tuple[str, str]], list[list[np.ndarray]]]:
    places, diagrams = [], []
    for model, table in tables.items():
        for (layer, one, repeat, control), result in table.diagrams.items():
            if (one, repeat, control) == (name, 0, "trained"):
                places.append((model, layer))
                diagrams.append(scaled_diagrams(result))
    return places, diagrams


def _pairs(
    places: Sequence[tuple[str, str]], matrix: np.ndarray, name: str, degree: int
) -> list[tuple]:
    first, second = np.triu_indices(len(places), 1)
    return [
        (name, degree, *places[i], *places[j], float(matrix[i, j]))
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
    ]


def _matrix_picture(matrix: np.ndarray, labels: list[str], title: str, out: Path) -> str:
    def draw(figure: Any) -> None:
        side = float(np.clip(2.4 + 0.3 * len(labels), 4.0, 9.0))
        figure.set_size_inches(side + 1.2, side)
        plot_distance_matrix(matrix, labels, ax=figure.add_subplot()).set_title(title)

    picture = png_of(draw)
    file = "".join(c if c.isalnum() else "_" for c in f"distances {title}")
    (out / f"{file}.png").write_bytes(picture)
    return picture_html(picture, f"distances between layers, {title}")
