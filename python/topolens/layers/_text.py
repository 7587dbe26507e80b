"""Tables as text, for reading in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from topolens.layers._columns import DEFAULTS, joined_by, layer_names, several
from topolens.layers._protocol import AnyTable
from topolens.magnitudes._cubes import Fit, cubes_in_words

MOST_ROWS = 60
MOST_NUMBERS = 6
MOST_NOTES = 3


def format_number(value: float) -> str:
    """Write whole numbers whole and others with four digits; nan is blank."""
    if np.isnan(value):
        return ""
    if float(value).is_integer() and abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.4g}"


def format_mean(mean: float, sd: float) -> tuple[str, str]:
    """Write a mean to the second digit of its standard deviation, and the deviation."""
    if not sd > 0:
        return format_number(mean), ""
    decimals = max(0, 1 - int(np.floor(np.log10(sd))))
    return f"{mean:.{decimals}f}", f"± {sd:.{decimals}f}"


def format_cell(name: str, value: Any) -> str:
    """Write one cell of a column for reading."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if name == "degree" and value < 0 else format_number(value)


def shown_columns(table: AnyTable) -> list[str]:
    """Return all columns, without notes if there are none."""
    columns = table.columns
    return [name for name in columns if name != "note" or (columns[name] != "").any()]


def long_text(table: AnyTable) -> str:
    """Write every column, one line per row."""
    names = shown_columns(table)
    texts = [table.columns[name].dtype.kind == "U" for name in names]
    body = [[format_cell(name, row[name]) for name in names] for row in table.rows()]
    return aligned(names, body, texts)


def wide_text(summary: AnyTable) -> str:
    """Write one line per layer, class and control, with one column per number."""
    lines: dict[tuple[str, ...], dict[str, str]] = {}
    scaled, set_apart = several(summary, "scale"), several(summary, "settings")
    layers = layer_names(summary)
    heads = ("layer", *joined_by(summary), "class", "control")
    for row in summary.rows():
        row["layer"] = layers[row["layer_index"]]
        name = row["measure"]
        if row["degree"] >= 0:
            name += f" {row['degree']}"
        if row["measure"] in scaled:
            name += f" @ {format_number(row['scale'])}"
        if row["measure"] in set_apart:
            name += f" ({row['settings'] or DEFAULTS})"
        line = lines.setdefault(tuple(format_cell(head, row[head]) for head in heads), {})
        line[name] = " ".join(format_mean(row["mean"], row["sd"])).rstrip()
    names = list(dict.fromkeys(name for line in lines.values() for name in line))
    shown = names[:MOST_NUMBERS]
    body = [[*key, *(line.get(name, "") for name in shown)] for key, line in lines.items()]
    texts = [True] * len(heads) + [False] * len(shown)
    text = aligned([*heads, *shown], body, texts)
    left_out = names[MOST_NUMBERS:]
    return f"{text}\n(and {', '.join(left_out)})" if left_out else text


def advice(table: AnyTable) -> str:
    """Say what is not known, where, and why; or nothing."""
    clouds = ("layer", "class", "control", "repeat", "copy")
    found: dict[tuple[str, str], dict[str, dict[tuple, None]]] = {}
    asked: dict[tuple[str, str], dict[tuple, None]] = {}
    for row in table.rows():
        place, by = tuple(row.get(name) for name in clouds), (row["measure"], row["settings"])
        asked.setdefault(by, {})[place] = None
        if row.get("note"):
            of_note = found.setdefault((row["note"], row["settings"]), {})
            of_note.setdefault(row["measure"], {})[place] = None
    apart, said = several(table, "settings"), []
    for (note, settings), measures in found.items():
        places = dict.fromkeys(place for known in measures.values() for place in known)
        total = max(len(asked[measure, settings]) for measure in measures)
        where = _of_clouds(list(places), total)
        how = f" with {settings or DEFAULTS}" if set(measures) & apart else ""
        said.append(f"No {', '.join(measures)}{how} of {where}: {note}.")
    left_out = len(said) - MOST_NOTES
    more = [f"({left_out} more notes)"] if left_out > 0 else []
    return "\n".join([*said[:MOST_NOTES], *more])


def _of_clouds(places: list[tuple], total: int) -> str:
    """Name the clouds of one layer, class and control, and count more."""
    if len({place[:3] for place in places}) == 1:
        layer, name, control = places[0][:3]
        return f"layer {layer!r}, class {name!r} ({control})"
    return f"{len(places)} of {total} clouds"


def sizes_by_method(table: AnyTable) -> dict[Fit, tuple[int, int]]:
    """Return the fewest and the most points whose magnitude dimension each method estimated.

    Clouds of fewer than half of the most, such as those of dead layers, have no cubes beside them.
    """
    found = table.select(measure="magnitude_dimension").columns
    steepest = np.char.find(found["settings"], "profile_max") >= 0
    chosen = {"straightest": ~steepest, "profile_max": steepest}
    sizes = {name: found["n_distinct"][where] for name, where in chosen.items() if where.any()}
    whole = {name: held[2 * held >= held.max()] for name, held in sizes.items()}
    return {name: (int(held.min()), int(held.max())) for name, held in whole.items()}


def bias(table: AnyTable, measure: str) -> str:
    """Say how low magnitude dimensions are, of those measures that are some; nothing of others."""
    if measure != "magnitude_dimension":
        return ""
    said = [
        cubes_in_words(n, method)
        for method, sizes in sizes_by_method(table).items()
        for n in dict.fromkeys(sizes)
    ]
    return f"For comparison, {'; '.join(said)}."


def aligned(head: Sequence[str], body: list[list[str]], texts: Sequence[bool]) -> str:
    """Align text left and numbers right; of a long body, write the first and last lines."""
    left_out = len(body) - MOST_ROWS
    if left_out > 0:
        gap = [f"({left_out} more)", *[""] * (len(head) - 1)]
        body = [*body[: MOST_ROWS // 2], gap, *body[-MOST_ROWS // 2 :]]
    cells = [head, *body]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(row, widths, texts, strict=True)
        ).rstrip()
        for row in cells
    )
