"""A contrast: what so many networks can decide, the answers, and the rows behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens._html import notebook_html, table_html
from topolens.layers._contrast_answers import MEAN
from topolens.layers._frame import Table
from topolens.layers._text import format_number, long_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHARED = ("contrast", "measure", "settings", "degree", "scale")
MOST_DECIMALS = 6


class Contrast(Table):
    """Whether trained networks differ from their controls, layer by layer; made by `contrast`.

    Attributes
    ----------
    columns : dict of str to ndarray
        ``contrast`` (what is compared with what), ``layer_index``, ``layer``, ``class``,
        ``measure``, ``settings``, ``degree``, ``scale``; ``value`` and ``control_value``, the means
        of both sides; ``difference`` with its interval from ``low`` to ``high``; ``p`` of the row
        alone and ``p_adjusted``; ``least_p`` that so many units can reach, ``n`` units, and
        ``test``. What does not exist is nan.
    overall : Table
        One row for each class and number, over all layers: ``p``, which is that of the largest t
        over layers, or of the mean z² of one network among copies; ``p_max``, that of the largest
        in any case; ``p_adjusted`` for several classes, where p-values are fine enough; and where
        there are several classes a row ``"mean of classes"``. Empty where nothing is tested.
    unit : str
        What was drawn independently: ``"network"``, ``"copy"`` or ``"repeat"``.
    null : str
        What the p-values test, in words.
    decidable : str
        What so many units can decide, and what not.
    notes : list of str
        What was left out.

    Notes
    -----
    Of repeats of one network rows named ``trained`` have the value itself as ``difference``, with
    its interval over samples.

    Examples
    --------
    See :func:`contrast`.
    """

    def __init__(
        self,
        columns: Mapping[str, np.ndarray],
        *,
        overall: Mapping[str, np.ndarray],
        unit: str,
        null: str,
        decidable: str,
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__(columns)
        self.overall = Table(overall)
        self.unit = unit
        self.null = null
        self.decidable = decidable
        self.notes = list(notes)

    def _keep(self, mask: np.ndarray) -> Contrast:
        """Return the rows that are marked, with the answers about them."""
        columns = {name: column[mask] for name, column in self.columns.items()}
        classes = set(columns["class"].tolist())
        if classes == set(self.columns["class"].tolist()):
            classes.add(MEAN)
        numbers = set(_keys(columns))
        about = [
            key in numbers and name in classes
            for key, name in zip(
                _keys(self.overall.columns), self.overall["class"].tolist(), strict=True
            )
        ]
        return Contrast(
            columns,
            overall=self.overall._keep(np.array(about, dtype=bool)).columns,
            unit=self.unit,
            null=self.null,
            decidable=self.decidable,
            notes=self.notes,
        )

    def plot(
        self,
        measure: str | None = None,
        *,
        degree: int | None = None,
        contrast: str | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the difference over the layers with its interval, filled where it is certain.

        Parameters
        ----------
        measure : str, optional
            The first in the table when not given.
        degree : int, optional
            Degree of homology; the largest of the measure when not given.
        contrast : str, optional
            What is compared, as in the column; the last when not given.
        ax : matplotlib Axes, optional
            Where to draw; a new figure when not given.

        Returns
        -------
        matplotlib Axes
            A point is filled where ``p_adjusted`` is at most 0.05. Where no p could be, the
            picture says why, and all points are hollow.
        """
        from topolens.layers._contrast_plots import plot_contrast

        return plot_contrast(self, self.decidable, measure, degree=degree, contrast=contrast, ax=ax)

    def __repr__(self) -> str:
        parts = [f"Contrast: {self.decidable}", f"Null: {self.null}.", *self.notes]
        if len(self.overall):
            parts += ["", "Over all layers:", long_text(Table(_shown(_answers(self.overall))))]
        if len(self):
            parts += ["", "Layer by layer:", long_text(Table(_shown(_rows(self))))]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        said = [f"<b>{escape(self.decidable)}</b>", escape(f"Null: {self.null}.")]
        lines = [*said, *map(escape, self.notes)]
        shown = [
            f"<p>{title}</p>{_table_html(_shown(cells))}"
            for title, cells, n in (
                ("Over all layers", _answers(self.overall), len(self.overall)),
                ("Layer by layer", _rows(self), len(self)),
            )
            if n
        ]
        return notebook_html(*(f"<p>{line}</p>" for line in lines), *shown)


def _keys(columns: Mapping[str, np.ndarray]) -> Iterator[tuple]:
    return zip(*(columns[name].tolist() for name in SHARED), strict=True)


def _answers(overall: Table) -> Iterator[dict[str, str]]:
    for row in overall.rows():
        yield {
            "contrast": row["contrast"],
            "number": _number(row),
            "settings": row["settings"],
            "class": row["class"],
            "layers": str(row["layers"]),
            "p": _p(row["p"]),
            "p of the largest": _p(row["p_max"]) if row["p_max"] != row["p"] else "",
            "p adjusted": _p(row["p_adjusted"]),
        }


def _rows(table: Table) -> Iterator[dict[str, str]]:
    for row in table.rows():
        yield {
            "contrast": row["contrast"],
            "number": _number(row),
            "settings": row["settings"],
            "class": row["class"],
            "layer": row["layer"],
            "value": format_number(row["value"]),
            "against": format_number(row["control_value"]),
            "difference": _interval(row["difference"], row["low"], row["high"]),
            "p": _p(row["p"]),
            "p adjusted": _p(row["p_adjusted"]),
            "n": str(row["n"]),
        }


def _shown(rows: Iterator[dict[str, str]]) -> dict[str, np.ndarray]:
    """Return columns of text, without those that say nothing."""
    lines = list(rows)
    columns = {name: [line[name] for line in lines] for name in lines[0]}
    alike = ("contrast", "settings", "class", "p of the largest")
    return {
        name: np.array(cells)
        for name, cells in columns.items()
        if not (set(cells) == {""} or (name in alike and len(set(cells)) == 1))
    }


def _table_html(columns: Mapping[str, np.ndarray]) -> str:
    body = zip(*(map(escape, cells.tolist()) for cells in columns.values()), strict=True)
    return table_html([escape(name) for name in columns], body, texts=[True] * len(columns))


def _number(row: Mapping[str, Any]) -> str:
    name = row["measure"] if row["degree"] < 0 else f"{row['measure']} {row['degree']}"
    return name if np.isinf(row["scale"]) else f"{name} @ {format_number(row['scale'])}"


def _p(p: float) -> str:
    return "" if np.isnan(p) else f"{p:.2g}"


def _interval(difference: float, low: float, high: float) -> str:
    """Write a difference and its interval, to the second digit of half its width."""
    half = (high - low) / 2
    if np.isnan(half):
        return format_number(difference)
    if not 0 < half < np.inf:
        return f"{format_number(difference)} [{format_number(low)}, {format_number(high)}]"
    decimals = int(np.clip(1 - np.floor(np.log10(half)), 0, MOST_DECIMALS))
    said = [f"{round(x, decimals) + 0.0:.{decimals}f}" for x in (difference, low, high)]  # no -0
    return f"{said[0]} [{said[1]}, {said[2]}]"
