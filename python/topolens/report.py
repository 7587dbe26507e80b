"""Write an analysis as files: a table, a picture per measure, and one page that shows both."""

from __future__ import annotations

import re
from functools import partial
from html import escape
from os import PathLike
from pathlib import Path

from topolens._report.meanings import meaning
from topolens._report.page import TABLE_CSS, page_html, picture_html, png_of, section_html
from topolens._text import advice, format_cell, format_mean
from topolens.plotting import LABELS, draw_layers, fits_one_figure
from topolens.table import LayerTable, Table, measures_in

MOST_ROWS_ON_PAGE = 5000
PIVOT = ("control", "class", "dimension", "scale")


def write_report(
    table: LayerTable,
    directory: str | PathLike[str],
    *,
    title: str = "Topology, layer by layer",
    lead: str = "",
) -> Path:
    """Write ``table.csv``, a PNG per measure, and ``index.html`` that holds pictures and tables.

    Parameters
    ----------
    table : LayerTable
    directory : path
        Made when it does not exist. Files of the same names are replaced, others left alone.
    title : str
        Heading of the page.
    lead : str
        What is said below the heading, before what the table says of itself.

    Returns
    -------
    pathlib.Path
        The page. It holds pictures and styles, so that it can be mailed, and needs no network.

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
    sections = measure_sections(table, directory)
    whole = f"<div class='topolens'>{details_html(table, 'table.csv')}</div>"
    sections.append(section_html("Every number", whole))
    said = f"{lead} {_lead(table)}".strip()
    page = directory / "index.html"
    page.write_text(page_html(title, said, table.settings, sections), encoding="utf-8")
    return page


def measure_sections(table: LayerTable, directory: Path) -> list[str]:
    """Draw each measure into the directory; return its picture, table and meaning as HTML."""
    sections = []
    for measure in measures_in(table):
        image = "<p>Too many scales to draw.</p>"
        if fits_one_figure(table, measure):
            picture = png_of(partial(draw_layers, table=table, measure=measure))
            (directory / f"{_file_name(measure)}.png").write_bytes(picture)
            image = picture_html(picture, f"{measure} over the layers")
        pivot = f"<div class='topolens'>{pivot_html(table, measure)}</div>"
        sections.append(section_html(heading_html(measure), image, pivot, note=meaning(measure)))
    return sections


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


def details_html(table: Table, file: str) -> str:
    """Fold every row away, below a line that names the file with the same rows."""
    return (
        f"<details><summary>all {len(table)} rows, as in {escape(file)}</summary>"
        f"{long_html(table)}</details>"
    )


def _lead(table: LayerTable) -> str:
    if table.columns["repeat"].any():
        said = "Means over repeats; ± is one standard deviation, and so are the bands."
    else:
        said = "One value per layer, class and control."
    return f"{said} {advice(table)}".strip()


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
