"""Distances of networks as a table for notebooks."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

MOST_SHOWN = 12


def html_table(matrix: np.ndarray, names: tuple[Any, ...], caption: str) -> str:
    """Write the distances of the first networks, a row and a column each."""
    shown = [escape(str(name)) for name in names[:MOST_SHOWN]]
    more = "<td>…</td>" if len(names) > MOST_SHOWN else ""
    head = "".join(f"<th>{name}</th>" for name in shown)
    body = ""
    for name, row in zip(shown, matrix, strict=False):
        cells = "".join(f"<td>{value:.4g}</td>" for value in row[:MOST_SHOWN])
        body += f"<tr><th>{name}</th>{cells}{more}</tr>"
    return f"<table><caption>{escape(caption)}</caption><tr><th></th>{head}</tr>{body}</table>"
