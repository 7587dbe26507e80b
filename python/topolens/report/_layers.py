"""Write an analysis as files: a table, a picture per measure, and one page that shows both."""

from __future__ import annotations

import re
import zlib
from functools import partial
from os import PathLike
from pathlib import Path

from topolens._vocabulary import words
from topolens.layers._answer_plots import draw_answers, holds_answers
from topolens.layers._columns import joined_by, measures_in
from topolens.layers._findings import findings, findings_html
from topolens.layers._html import details_html, heading_html, pivot_html
from topolens.layers._plots import draw_layers, fits_one_figure
from topolens.layers._table import LayerTable
from topolens.layers._text import advice, bias
from topolens.report._page import page_html, picture_html, png_of, section_html

LONGEST_NAME = 100


def write_report(
    table: LayerTable,
    directory: str | PathLike[str],
    *,
    title: str = "Topology, layer by layer",
    lead: str = "",
) -> Path:
    """Write ``table.csv``, a PNG per measure, and ``index.html`` that holds findings and all that.

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

    See Also
    --------
    topolens.layers.analyse : Makes the table.
    topolens.plotting.plot_layers : One plot.

    Examples
    --------
    >>> import tempfile, topolens as tl
    >>> table = tl.analyse({"input": tl.datasets.circle(60, rng=0)}, tl.HopBetti(k=6))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = tl.write_report(table, folder)
    ...     sorted(path.name for path in page.parent.iterdir())
    ['betti.png', 'components.png', 'index.html', 'max_degree.png', 'table.csv']
    """
    if not isinstance(table, LayerTable):
        raise TypeError(f"`table` must be a LayerTable; found {type(table).__name__}")
    for name, text in (("title", title), ("lead", lead)):
        if not isinstance(text, str):
            raise TypeError(f"`{name}` must be text; found {text!r}")
    if not len(table):
        raise ValueError("`table` must have rows")
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    table.to_csv(directory / "table.csv")
    sections = [*_findings(table, directory), *measure_sections(table, directory)]
    whole = f"<div class='topolens'>{details_html(table, 'table.csv')}</div>"
    sections.append(section_html("Every number", whole))
    said = f"{lead} {_lead(table)}".strip()
    page = directory / "index.html"
    page.write_text(page_html(title, said, table.settings, sections), encoding="utf-8")
    return page


def _findings(table: LayerTable, directory: Path) -> list[str]:
    """Say what was found, above the picture of the numbers that have no scale to choose."""
    if not set(joined_by(table)) <= {"network", "group"}:
        return []
    said = f"<div class='topolens'>{findings_html(findings(table, rng=0))}</div>"
    if not holds_answers(table):
        return [section_html("Findings", said)]
    picture = png_of(partial(draw_answers, table=table))
    (directory / "findings.png").write_bytes(picture)
    return [section_html("Findings", said, picture_html(picture, "findings over the layers"))]


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
        note = f"{words(measure).meaning} {bias(table, measure)}".strip()
        sections.append(section_html(heading_html(measure), image, pivot, note=note))
    return sections


def _lead(table: LayerTable) -> str:
    if table.columns["repeat"].any():
        said = "Means over repeats; ± is one standard deviation, and so are the bands."
    else:
        said = "One value per layer, class and control."
    return f"{said} {advice(table)}".strip()


def _file_name(measure: str) -> str:
    """Name the file of a measure, with a checksum where its name is none of a file."""
    kept = re.sub(r"[^\w.-]+", "_", measure)[:LONGEST_NAME]
    return kept if kept == measure else f"{kept}-{zlib.crc32(measure.encode()):08x}"
