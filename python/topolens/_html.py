"""Tables in HTML, for notebooks and pages: one builder for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

TABLE_CSS = """
.topolens { overflow-x: auto; }
.topolens table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 0.6em 0; }
.topolens th, .topolens td { padding: 0.25em 0.45em; text-align: right; white-space: nowrap; }
.topolens th { font-weight: 600; vertical-align: bottom; }
.topolens thead th { border-bottom: 1px solid #8888; white-space: normal; overflow-wrap: anywhere;
  min-width: 3.5em; }
.topolens thead th.text { overflow-wrap: normal; min-width: 0; }
.topolens tbody th { font-weight: 400; }
.topolens .text { text-align: left; }
.topolens tbody tr:nth-child(even) { background: #8881; }
.topolens .sd { opacity: 0.65; font-size: 0.88em; }
.topolens summary { cursor: pointer; padding: 0.3em 0; }
"""


def table_html(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    texts: Sequence[bool] = (),
    row_heads: int = 0,
) -> str:
    """Write a table whose cells are HTML already.

    Parameters
    ----------
    head : sequence of str
        What stands above the columns.
    rows : iterable of sequences of str
    caption : str
        Plain text.
    texts : sequence of bool
        For each column whether it holds words, which stand to the left; numbers when not given.
    row_heads : int
        So many first cells of each row say what the row is.

    Returns
    -------
    str
    """
    kinds = [" class='text'" if text else "" for text in texts] or [""] * len(head)
    titles = "".join(
        f"<th scope='col'{kind}>{name}</th>" for name, kind in zip(head, kinds, strict=True)
    )
    body = "".join(f"<tr>{_cells(row, kinds, row_heads)}</tr>" for row in rows)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{above}<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Sequence[str], kinds: Sequence[str], row_heads: int) -> str:
    heads = zip(row[:row_heads], kinds, strict=False)
    cells = zip(row[row_heads:], kinds[row_heads:], strict=False)
    return "".join(
        [
            *(f"<th scope='row'{kind}>{cell}</th>" for cell, kind in heads),
            *(f"<td{kind}>{cell}</td>" for cell, kind in cells),
        ]
    )


def columns_html(columns: Mapping[str, Iterable[object]], *, caption: str = "") -> str:
    """Write columns as a table, numbers in few digits."""
    rows = zip(*columns.values(), strict=True)
    cells = ([f"{x:.4g}" if isinstance(x, float) else escape(str(x)) for x in row] for row in rows)
    return table_html(list(columns), cells, caption=caption)


def notebook_html(*parts: str) -> str:
    """Give what a notebook shows, with the style of its tables."""
    return f"<div class='topolens'><style>{TABLE_CSS}</style>{''.join(parts)}</div>"
