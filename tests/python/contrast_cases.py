"""Tables of networks with known effects, made by hand."""

from __future__ import annotations

import numpy as np

from topolens.layers import LayerTable

LAYERS = ("input", "conv1", "conv2", "output")
NAMES = (
    *("layer_index", "layer", "class", "control", "measure", "settings", "degree", "scale"),
    *("value", "repeat", "n", "n_distinct", "seconds", "copy"),
)
NUMBERS = (("longest_loop", 1), ("pieces", -1))
SETTINGS = {"measures": "made up", "split": "by class", "repeats": "1"}


def network(
    seed,
    *,
    effect=0.0,
    classes=("a", "b"),
    controls=("untrained",),
    copies=1,
    repeats=1,
    layers=LAYERS,
    draw=None,
    settings=SETTINGS,
):
    """A table of one network; `effect` is what training adds beyond the input.

    The input is the same in all networks, and untrained copies have it, too. With `copies=None`
    each repeat has drawn a copy of its own.
    """
    rng = np.random.default_rng(seed)
    draw = draw or (lambda rng: rng.normal())
    rows = []
    for index, layer in enumerate(layers):
        for name in classes:
            for measure, degree in NUMBERS:
                for control in ("trained", *controls):
                    for copy in range((copies or repeats) if control == "untrained" else 1):
                        own = control == "untrained" and copies is None
                        for repeat in [copy] if own else range(repeats):
                            value = draw(rng) + (effect if control == "trained" else 0.0)
                            if index == 0 and control != "shuffled":
                                value = 100.0 * (name == "a") + repeat + degree
                            where = (index, layer, name, control, measure, "", degree, np.inf)
                            rows.append((*where, value, repeat, 60, 60, rng.random(), copy))
    columns = {name: np.array([row[i] for row in rows]) for i, name in enumerate(NAMES)}
    return LayerTable(columns, settings=settings)


def changed(table, value, **where):
    """The table with another value in the rows that equal what is given."""
    mask = np.ones(len(table), dtype=bool)
    for name, wanted in where.items():
        mask &= table[name.rstrip("_")] == wanted
    assert mask.any()
    columns = {**table, "value": np.where(mask, value, table["value"])}
    return LayerTable(columns, table.diagrams, table.settings)
