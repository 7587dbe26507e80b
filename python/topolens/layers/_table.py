"""The long table that an analysis returns: one row per number, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from topolens._html import notebook_html
from topolens.layers._columns import (
    GROUP,
    PLACE,
    SUMMARY_COLUMNS,
    columns_of,
    joined_by,
    measures_in,
)
from topolens.layers._frame import Table
from topolens.layers._text import advice, wide_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from topolens.homology._results import PersistenceResult
    from topolens.layers._contrast_result import Contrast
    from topolens.layers._findings import Findings
    from topolens.layers._job import Control


class LayerTable(Table):
    """What `analyse` returns: one row per layer, class, control, repeat, copy and number.

    Attributes
    ----------
    columns : dict of str to ndarray
        ``layer_index``, ``layer``, ``class`` (``"all"`` when points are not split), ``control``
        (``"trained"``, ``"untrained"`` or ``"shuffled"``), ``measure``, ``settings`` (of the
        measure, where they differ from its defaults), ``degree`` (-1 for a number that belongs to
        none), ``scale``, ``value``, ``repeat``, ``copy`` (which untrained one), ``n`` points,
        ``n_distinct`` points, ``seconds`` that the measure took, and ``note``, which says why a
        value is nan. Any further column, such as :func:`concat` adds, tells rows apart that have
        the rest in common.
    diagrams : dict
        ``(layer, class, repeat, control)`` to `PersistenceResult`, for measures that have
        diagrams. Where several do that differ in name or settings, keys end with these; in joined
        tables they begin with what tells the tables apart.
    settings : dict of str to str
        How the table was made. The seed in it, passed as ``rng``, makes the same table again.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> points = np.random.default_rng(0).normal(size=(50, 3))
    >>> table = tl.analyse({"input": points, "double": 2 * points}, tl.HopBetti(k=6))
    >>> table.select(measure="betti", degree=0)["value"]
    array([1., 1.])
    """

    def __init__(
        self,
        columns: Mapping[str, np.ndarray],
        diagrams: Mapping[tuple, PersistenceResult] | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(columns)
        self.diagrams = dict(diagrams or {})
        self.settings = dict(settings or {})
        self._made_with: dict[tuple, str] = {}  # settings of the measures that made the diagrams

    def _with_settings_of(self, diagrams: Mapping[tuple, str]) -> Self:
        self._made_with = dict(diagrams)
        return self

    def _keep(self, mask: np.ndarray) -> LayerTable:
        kept = super()._keep(mask)
        place = (*joined_by(kept), *PLACE)
        with_diagrams = super()._keep(mask & self._of_first_copy())
        keys = with_diagrams._distinct(*place) | with_diagrams._distinct(*place, "settings")

        def stays(key: tuple) -> bool:
            made_with = self._made_with.get(key, key[-1])
            return (key if len(key) == len(place) else (*key[: len(place)], made_with)) in keys

        kept.diagrams = {key: value for key, value in self.diagrams.items() if stays(key)}
        kept.settings = dict(self.settings)
        return kept._with_settings_of({key: self._made_with.get(key, "") for key in kept.diagrams})

    def _of_first_copy(self) -> np.ndarray:
        """Mark the rows of the first copy in a place, the one that has diagrams."""
        names = (*joined_by(self), "repeat", "control", "copy")
        rows = list(zip(*(self.columns[name].tolist() for name in names), strict=True))
        first: dict[tuple, int] = {}
        for *place, copy in rows:
            first[tuple(place)] = min(copy, first.get(tuple(place), copy))
        return np.array([copy == first[tuple(place)] for *place, copy in rows], dtype=bool)

    def _distinct(self, *names: str) -> set[tuple]:
        """Return what the rows have in some columns."""
        return set(zip(*(self.columns[name].tolist() for name in names), strict=True))

    def summary(self) -> Table:
        """Return the mean and standard deviation over repeats and untrained copies.

        Returns
        -------
        Table
            One row per layer, class, control, measure, settings, degree and scale (and what else
            tells rows apart), with columns ``mean``, ``sd`` (divisor `repeats` - 1; nan for a
            single one and for infinite values), ``repeats`` (of which the value is known) and the
            means of ``n`` and ``n_distinct``.
        """
        more = joined_by(self)
        groups: dict[tuple, list[tuple[float, int, int]]] = {}
        for row in self.rows():
            key = tuple(row[name] for name in (*more, *GROUP))
            groups.setdefault(key, []).append((row["value"], row["n"], row["n_distinct"]))
        rows = []
        for key, members in groups.items():
            value, n, n_distinct = np.array(members, dtype=float).T
            value = value[~np.isnan(value)]
            spread = len(value) > 1 and np.isfinite(value).all()
            sd = value.std(ddof=1) if spread else np.nan
            with np.errstate(invalid="ignore"):  # of two infinities there is no mean
                mean = value.mean() if len(value) else np.nan
            rows.append((*key, mean, sd, len(value), n.mean(), n_distinct.mean()))
        types = {**{name: self.columns[name].dtype for name in more}, **SUMMARY_COLUMNS}
        return Table(columns_of(rows, types))

    def plot(
        self,
        measure: str | None = None,
        *,
        degree: int | None = None,
        scale: float | None = None,
        settings: str | None = None,
        ax: Axes | None = None,
    ) -> Axes | np.ndarray:
        """Draw a measure over the layers; see `plot_layers`.

        Without a measure, the numbers that have no scale to choose, if they are in the table: see
        `plot_answers`.
        """
        from topolens.layers._answer_plots import holds_answers, plot_answers
        from topolens.layers._plots import plot_layers

        if {measure, degree, scale, settings, ax} == {None} and holds_answers(self):
            return plot_answers(self)
        return plot_layers(self, measure, degree=degree, scale=scale, settings=settings, ax=ax)

    def contrast(self, control: Control = "untrained", **options: Any) -> Contrast:
        """Compare trained networks with their controls; see `contrast`.

        Parameters
        ----------
        control : {"untrained", "shuffled"}, default "untrained"
        **options
            More arguments of :func:`contrast`, such as ``between="group"`` and ``rng``.
        """
        from topolens.layers._contrast import contrast

        return contrast(self, control, **options)

    def findings(
        self, control: Control = "untrained", *, rng: int | np.random.Generator | None = None
    ) -> Findings:
        """Say in sentences what the table shows; see `findings`."""
        from topolens.layers._findings import findings

        return findings(self, control, rng=rng)

    def __repr__(self) -> str:
        lines = (self._title(), wide_text(self.summary()), advice(self))
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        from topolens.layers._html import heading_html, long_html, pivot_html

        pivots = [
            f"<p>{heading_html(measure)}</p>{pivot_html(self, measure)}"
            for measure in measures_in(self)
        ]
        whole = f"<details><summary>all {len(self)} rows</summary>{long_html(self)}</details>"
        note = [f"<p>{escape(line)}</p>" for line in advice(self).splitlines()]
        return notebook_html(f"<p>{self._title()}</p>", *note, *pivots, whole)

    def _title(self) -> str:
        counts = (
            _count(len(self._distinct(column)), noun, plural)
            for column, noun, plural in (
                ("layer_index", "layer", "layers"),
                ("class", "class", "classes"),
                ("repeat", "repeat", "repeats"),
            )
        )
        copies = len(self._distinct("copy"))
        said = f"{copies} untrained copies, " if copies > 1 else ""
        return f"LayerTable: {', '.join(counts)}, {said}{_count(len(self), 'row', 'rows')}"


def _count(number: int, noun: str, plural: str) -> str:
    return f"{number} {noun if number == 1 else plural}"
