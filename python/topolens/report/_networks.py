"""A page on a space of networks: a map, distances with intervals, classes, homology."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens.layers._frame import Table
from topolens.layers._html import details_html, long_html
from topolens.networks._intervals import IntervalMethod, binomial_interval
from topolens.networks._plots import PlotKind, plot_network_space
from topolens.networks._quotients import quotient as gather
from topolens.report._page import page_html, picture_html, png_of, section_html

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from topolens.networks._distances import NetworkDistances
    from topolens.networks._persistence import NetworkPersistence
    from topolens.networks._space import NetworkSpace

SHARES = ("disagreement", "correctness")
MOST_PAIRS = 21
MOST_DISPUTED = 10

MAP = (
    "Each mark is a network; one colour is one class. Squared distances on the map are distances "
    "of networks, but for what further axes hold; the title says how much the map shows."
)
MATRIX = "The same distances, with networks that are near each other side by side."
HOMOLOGY = (
    "Features of the set of networks as a metric space: pieces in degree 0, loops in degree "
    "1. A bar that is longer than twice the band exists for the law of the samples too, at the "
    "level of the intervals; the others may come from the choice of samples."
)
DISPUTED = "Samples on which the largest shares of the pairs of networks disagree."


@dataclass(frozen=True)
class NetworkFacts:
    """What is told of a space of networks."""

    distances: NetworkDistances
    settings: dict[str, str]
    pairs: Table
    networks: Table
    classes: Table
    homology: Table | None
    disputed: Table | None
    eps: float


def network_facts(
    space: NetworkSpace, distances: NetworkDistances, eps: float, level: float
) -> NetworkFacts:
    """Compute intervals, classes, homology and disputed samples."""
    method: IntervalMethod = "clopper-pearson" if distances.comparison in SHARES else "hoeffding"
    bounded = distances.sizes is not None
    settings = {
        "networks": str(len(space)),
        "samples": str(space.n_samples),
        "distance": distances.comparison + ("" if distances.is_metric else ", not a metric"),
        "intervals": f"{method}, level {level:g}, all pairs at once" if bounded else "none",
        "radius of classes": f"{eps:g}",
    }
    quotient = gather(distances.to_space(allow_nonmetric=True), eps)
    homology = None
    if bounded and distances.is_metric:
        homology = _homology(distances.persistence(1, level, method))
    return NetworkFacts(
        distances,
        settings,
        pairs=_pairs(distances, distances.interval(level, method) if bounded else None),
        networks=_networks(space, distances, quotient, level),
        classes=_classes(space, quotient),
        homology=homology,
        disputed=_disputed(space),
        eps=eps,
    )


def write_network_report(facts: NetworkFacts, directory: Path, title: str) -> Path:
    """Write `distances.csv`, `networks.csv`, two pictures and `index.html` with all of them."""
    directory.mkdir(parents=True, exist_ok=True)
    facts.pairs.to_csv(directory / "distances.csv")
    facts.networks.to_csv(directory / "networks.csv")
    sections = []
    pictures: tuple[tuple[PlotKind, str, str], ...] = (
        ("map", "Map", MAP),
        ("matrix", "Distances", MATRIX),
    )
    for kind, heading, note in pictures:
        picture = png_of(partial(_draw, facts=facts, kind=kind))
        (directory / f"{kind}.png").write_bytes(picture)
        image = picture_html(picture, f"{kind} of the networks")
        few = len(facts.pairs) <= MOST_PAIRS
        pairs = _shown(facts.pairs) if few else _folded(facts.pairs, "distances.csv")
        sections.append(section_html(heading, image, pairs if kind == "matrix" else "", note=note))
    sections.append(section_html("Networks", _shown(facts.networks)))
    sections.append(section_html("Classes", _shown(facts.classes), note=_about_classes(facts)))
    if facts.homology is not None:
        sections.append(section_html("Shape", _shown(facts.homology), note=HOMOLOGY))
    if facts.disputed is not None:
        sections.append(section_html("Disputed samples", _shown(facts.disputed), note=DISPUTED))
    page = directory / "index.html"
    page.write_text(page_html(title, _lead(facts), facts.settings, sections), encoding="utf-8")
    return page


def _pairs(D: NetworkDistances, intervals: Any) -> Table:
    columns = D.to_columns()
    if intervals is not None:
        upper_half = np.triu_indices(len(D), 1)
        columns["lower"] = intervals.lower[upper_half]
        columns["upper"] = intervals.upper[upper_half]
    return Table(columns)


def _networks(space: NetworkSpace, D: NetworkDistances, quotient: Any, level: float) -> Table:
    """Say of each network where it stands and, given true labels, how often it is right."""
    columns: dict[str, np.ndarray] = {
        "network": np.array([str(name) for name in space.names]),
        "class": quotient.labels + 1,
        "mean distance": D.values.sum(axis=1) / max(len(D) - 1, 1),
    }
    if space.y is not None:
        accuracy = space.accuracy()
        size = np.float64(space.effective_samples)
        lower, upper = binomial_interval(accuracy, size, 1 - level, "clopper-pearson")
        columns |= {"accuracy": accuracy, "lower": lower, "upper": upper}
    return Table(columns)


def _classes(space: NetworkSpace, quotient: Any) -> Table:
    names = np.array([str(name) for name in space.names])
    members = [", ".join(names[quotient.labels == c]) for c in range(len(quotient))]
    return Table(
        {
            "class": np.arange(1, len(quotient) + 1),
            "networks": quotient.sizes,
            "centre": names[quotient.representatives],
            "members": np.array(members),
        }
    )


def _homology(found: NetworkPersistence) -> Table:
    lengths = [bars[:, 1] - bars[:, 0] for bars in found.result.dgms]
    finite = [length[np.isfinite(length)] for length in lengths]
    certain = [
        int((marks & np.isfinite(length)).sum())
        for marks, length in zip(found.significant, lengths, strict=True)
    ]
    return Table(
        {
            "degree": np.arange(len(finite)),
            "finite bars": np.array([len(length) for length in finite]),
            "longest": np.array([length.max(initial=0.0) for length in finite]),
            "twice the band": np.full(len(finite), 2 * found.band),
            "longer than that": np.array(certain),
        }
    )


def _disputed(space: NetworkSpace) -> Table | None:
    if space.labels is None:
        return None
    found = space.disputed_samples(MOST_DISPUTED)
    samples, shares = found.indices, found.disputes
    disputed = shares > 0
    columns = {"sample": samples[disputed], "pairs that disagree": shares[disputed]}
    if space.y is not None:
        columns["true class"] = space.y[samples[disputed]]
    return Table(columns) if disputed.any() else None


def _draw(figure: Figure, facts: NetworkFacts, kind: PlotKind) -> None:
    side = float(np.clip(3.4 + 0.12 * len(facts.distances), 4.4, 9.0))
    figure.set_size_inches(side * 1.25, side)
    eps = facts.eps if kind == "map" else 0.0
    plot_network_space(facts.distances, kind, eps=eps, ax=figure.add_subplot())


def _lead(facts: NetworkFacts) -> str:
    D = facts.distances
    what = {
        "disagreement": "the share of samples for which they predict different classes",
        "correctness": "the share of samples that one has right and the other not",
    }.get(D.comparison, f"{D.comparison} of their predictions")
    return f"The distance of two networks is {what}. The largest is {D.diameter:.4g}."


def _about_classes(facts: NetworkFacts) -> str:
    if facts.eps == 0:
        return "Networks of one class predict the same for every sample."
    return (
        f"Networks of one class are within {facts.eps:g} of its centre; centres are farther apart."
    )


def _shown(table: Table) -> str:
    return f"<div class='topolens'>{long_html(table)}</div>"


def _folded(table: Table, file: str) -> str:
    return f"<div class='topolens'>{details_html(table, file)}</div>"
