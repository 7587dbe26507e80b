"""Write an analysis as files: a table, a picture per measure, and one page that shows both."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO
from os import PathLike
from pathlib import Path

from topolens._text import format_cell, format_mean
from topolens.plotting import LABELS, draw_layers, fits_one_figure
from topolens.table import LayerTable, Table, measures_in

MOST_ROWS_ON_PAGE = 5000
DPI = 150
PIVOT = ("control", "class", "dimension", "scale")

TABLE_CSS = """
.topolens { overflow-x: auto; }
.topolens table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0.6em 0; }
.topolens th, .topolens td { padding: 0.25em 0.5em; text-align: right; white-space: nowrap; }
.topolens th { font-weight: 600; vertical-align: bottom; }
.topolens thead th { border-bottom: 1px solid #8888; white-space: normal; word-break: break-word; }
.topolens tbody th { font-weight: 400; }
.topolens .text { text-align: left; }
.topolens tbody tr:nth-child(even) { background: #8881; }
.topolens .sd { opacity: 0.65; font-size: 0.88em; }
.topolens summary { cursor: pointer; padding: 0.3em 0; }
"""

PAGE_CSS = """
:root { color-scheme: light dark;
  --ink: #1c2430; --pale: #5c6675; --page: #ffffff; --rule: #dde2e8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --pale: #9aa5b4; --page: #14181e; --rule: #323a45; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
       max-width: 72rem; margin: 2.5rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 0.2em; }
h2 { font-size: 1.2rem; margin: 2.2em 0 0.5em; padding-top: 1em;
     border-top: 1px solid var(--rule); }
img { max-width: 100%; height: auto; background: #ffffff; border-radius: 8px; padding: 8px;
      border: 1px solid var(--rule); box-sizing: border-box; }
p, dl { color: var(--pale); max-width: 46rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0.15em 1.2em; font-size: 0.9rem; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
.topolens { font-size: 0.9rem; }
code { font-size: 0.85em; font-weight: 400; color: var(--pale); }
"""


def write_report(
    table: LayerTable, directory: str | PathLike[str], *, title: str = "Topology, layer by layer"
) -> Path:
    """Write ``table.csv``, a PNG per measure, and ``index.html`` that holds pictures and tables.

    Parameters
    ----------
    table : LayerTable
    directory : path
        Made when it does not exist. Files of the same names are replaced, others left alone.
    title : str
        Heading of the page.

    Returns
    -------
    pathlib.Path
        The page, which needs no other file.

    Raises
    ------
    ValueError
        If the table has no rows.

    Examples
    --------
    >>> import tempfile, topolens as tl
    >>> table = tl.analyse({"input": tl.datasets.circle(60, rng=0)}, tl.HopBetti(k=6))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = tl.write_report(table, folder)
    ...     sorted(path.name for path in page.parent.iterdir())
    ['betti.png', 'components.png', 'index.html', 'max_degree.png', 'table.csv']
    """
    if not len(table):
        raise ValueError("`table` must have rows")
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    table.to_csv(directory / "table.csv")
    sections = []
    for measure in measures_in(table):
        picture = _picture(table, measure) if fits_one_figure(table, measure) else None
        if picture:
            (directory / f"{_file_name(measure)}.png").write_bytes(picture)
        sections.append(_section(table, measure, picture))
    page = directory / "index.html"
    page.write_text(_page(table, title, sections), encoding="utf-8")
    return page


def pivot_html(table: LayerTable, measure: str) -> str:
    """Show one measure with a column per layer and a row per control, class and dimension."""
    cells: dict[tuple, dict[int, tuple[float, float]]] = {}
    layers: dict[int, str] = {}
    for row in table.select(measure=measure).summary().rows():
        key = tuple(row[name] for name in PIVOT)
        cells.setdefault(key, {})[row["layer_index"]] = (row["mean"], row["sd"])
        layers[row["layer_index"]] = row["layer"]
    varying = [i for i in range(len(PIVOT)) if len({key[i] for key in cells}) > 1]
    head = "".join(f"<th scope='col' class='text'>{PIVOT[i]}</th>" for i in varying)
    head += "".join(f"<th scope='col'>{escape(layers[index])}</th>" for index in sorted(layers))
    body = []
    for key, means in cells.items():
        names = [escape(format_cell(PIVOT[i], key[i])) for i in varying]
        line = "".join(f"<th scope='row' class='text'>{name}</th>" for name in names)
        line += "".join(_mean_cell(means.get(index)) for index in sorted(layers))
        body.append(f"<tr>{line}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def long_html(table: Table) -> str:
    """Show every row, up to a limit."""
    names = list(table.columns)
    kinds = ["text" if column.dtype.kind == "U" else "" for column in table.columns.values()]
    head = "".join(
        f"<th scope='col' class='{kind}'>{escape(name)}</th>"
        for name, kind in zip(names, kinds, strict=True)
    )
    body = []
    for row, _ in zip(table.rows(), range(MOST_ROWS_ON_PAGE), strict=False):
        cells = (
            f"<td class='{kind}'>{escape(format_cell(name, row[name]))}</td>"
            for name, kind in zip(names, kinds, strict=True)
        )
        body.append(f"<tr>{''.join(cells)}</tr>")
    left_out = len(table) - len(body)
    note = f"<p>{left_out} more rows are not shown.</p>" if left_out else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>{note}"


def notebook_html(*parts: str) -> str:
    """Wrap tables with the style they need."""
    return f"<div class='topolens'><style>{TABLE_CSS}</style>{''.join(parts)}</div>"


def _page(table: LayerTable, title: str, sections: Sequence[str]) -> str:
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in table.settings.items()
    )
    whole = (
        f"<details><summary>all {len(table)} rows, as in table.csv</summary>"
        f"{long_html(table)}</details>"
    )
    return (
        "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{escape(title)}</title>\n<style>{PAGE_CSS}{TABLE_CSS}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(_lead(table))}</p>\n<dl>{facts}</dl>\n"
        f"{''.join(sections)}\n<h2>Every number</h2>\n<div class='topolens'>{whole}</div>\n"
        "</body>\n</html>\n"
    )


def _lead(table: LayerTable) -> str:
    if table.columns["repeat"].any():
        return "Means over repeats; ± is one standard deviation, and so are the bands."
    return "One value per layer, class and control."


def _section(table: LayerTable, measure: str, picture: bytes | None) -> str:
    image = "<p>Too many scales to draw.</p>"
    if picture:
        source = b64encode(picture).decode("ascii")
        width = int.from_bytes(picture[16:20], "big") * 96 // DPI
        image = (
            f"<img width='{width}' alt='{escape(measure)} over the layers' "
            f"src='data:image/png;base64,{source}'>"
        )
    return (
        f"\n<section>\n<h2>{heading_html(measure)}</h2>\n{image}\n"
        f"<div class='topolens'>{pivot_html(table, measure)}</div>\n</section>"
    )


def _picture(table: LayerTable, measure: str) -> bytes:
    """Draw away from pyplot, so that no window opens and no figure is left behind."""
    from matplotlib.figure import Figure

    figure, buffer = Figure(layout="constrained"), BytesIO()
    draw_layers(figure, table, measure)
    figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()


def _mean_cell(cell: tuple[float, float] | None) -> str:
    if cell is None:
        return "<td></td>"
    mean, spread = format_mean(*cell)
    return f"<td>{mean}" + (f" <span class='sd'>{spread}</span>" if spread else "") + "</td>"


def heading_html(measure: str) -> str:
    """Write a measure in words, with its name in the table."""
    words = LABELS.get(measure, "")
    return f"{escape(words[:1].upper() + words[1:])} <code>{escape(measure)}</code>"


def _file_name(measure: str) -> str:
    return re.sub(r"[^\w.-]+", "_", measure)
