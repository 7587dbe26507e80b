"""Which number of neighbours a sample can bear, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._arrays import as_points
from topolens._calls import as_choice, as_counts, as_threads
from topolens._html import notebook_html, table_html
from topolens.homology._hops import as_neighbors, hop_betti
from topolens.layers._columns import columns_of
from topolens.layers._frame import Table
from topolens.layers._job import Split, check_layers, groups_of, is_space, read_split
from topolens.layers._text import aligned
from topolens.measures._hops import MOST_REACH
from topolens.spaces._metrics import Metric

KS = (4, 6, 8, 10, 14, 20, 28, 40, 60)
COLUMNS: dict[str, Any] = {
    "layer": np.str_,
    "class": np.str_,
    "n": np.int64,
    "k": np.int64,
    "components": np.int64,
    "loops": np.int64,
    "reach": np.float64,
    "coarse": np.bool_,
    "by_rule": np.bool_,
}


class ScaleChoice(Table):
    """What each number of neighbours shows in one layer; made by `choose_scale`.

    Attributes
    ----------
    columns : dict of str to ndarray
        ``layer``, ``class``, ``n`` points, ``k``, ``components`` and ``loops`` (Betti numbers of
        degree 0 and 1), ``reach`` (largest share of the points that one point reaches), ``coarse``
        (whether that is too much), ``by_rule`` (whether it is the `k` of ``k="auto"``).
    """

    def __init__(self, columns: Mapping[str, np.ndarray]) -> None:
        super().__init__(columns)

    @property
    def recommended(self) -> dict[str, int | None]:
        """The number of neighbours for each class by the rule; None where it is too coarse."""
        rows = self._keep(self["by_rule"])
        return {row["class"]: None if row["coarse"] else row["k"] for row in rows.rows()}

    def __repr__(self) -> str:
        return f"{aligned(*self._cells())}\n{self._advice()}"

    def _repr_html_(self) -> str:
        head, body, texts = self._cells()
        rows = [list(map(escape, cells)) for cells in body]
        advice = f"<p>{escape(self._advice())}</p>"
        return notebook_html(table_html(head, rows, texts=texts), advice)

    def _cells(self) -> tuple[list[str], list[list[str]], list[bool]]:
        """Write components and loops of each class for each k; a star stands at the k by rule."""
        ks = sorted(set(self["k"].tolist()))
        lines: dict[tuple[str, int], dict[int, str]] = {}
        for row in self.rows():
            shown = "–" if row["coarse"] else f"{row['components']}, {row['loops']}"
            cells = lines.setdefault((row["class"], row["n"]), {})
            cells[row["k"]] = shown + ("*" if row["by_rule"] else "")
        body = [
            [name, str(n), *(cells.get(k, "") for k in ks)] for (name, n), cells in lines.items()
        ]
        return ["class", "n", *(f"k={k}" for k in ks)], body, [True] + [False] * (len(ks) + 1)

    def _advice(self) -> str:
        known = self.recommended
        good = [f"{name}: {k}" for name, k in known.items() if k is not None]
        coarse = [name for name, k in known.items() if k is None]
        said = "Components, loops; * is k = 3 log n, – too coarse."
        if good:
            said += f" Recommended k of {', '.join(good)}."
        if coarse:
            said += (
                f" None of {', '.join(coarse)}: too few points, of which one reaches more than "
                f"{MOST_REACH:.0%}. Take more, or measures without a scale (Loops, Pieces, Spread)."
            )
        return said


def choose_scale(
    layers: Mapping[str, ArrayLike],
    *,
    labels: ArrayLike | None = None,
    by: Split | None = None,
    layer: str | None = None,
    ks: Sequence[int] | None = None,
    hops: int = 2,
    metric: Metric = "euclidean",
    n_threads: int | None = None,
) -> ScaleChoice:
    """Show what each number of neighbours would show, and which one the rule takes.

    Parameters
    ----------
    layers : Recording or mapping of str to array (n, ...) or MetricSpace
        As in :func:`analyse`.
    labels : array (n,), optional
        Class of each sample; taken from the Recording when not given.
    by : {"class", "prediction", "all"}, optional
        As in :func:`analyse`.
    layer : str, optional
        Where to look; the first layer when not given. A scale that was chosen by what later
        layers show at it would say nothing about them.
    ks : sequence of int, optional
        Numbers of neighbours beside that of the rule; a few from 4 to 60 when not given. Those
        that a class is too small for are left out.
    hops : int, default 2
    metric : str or callable, default "euclidean"
    n_threads : int, optional

    Returns
    -------
    ScaleChoice
        A row per class and number of neighbours. Its ``recommended`` has the `k` of each class,
        None where no scale shows anything.

    Raises
    ------
    ValueError
        If there is no such layer, or an argument breaks its rule.

    See Also
    --------
    topolens.measures.HopBetti : Takes the `k` of the rule with ``k="auto"``.

    Notes
    -----
    The rule is 3 log n neighbours, rounded up, whatever the points show: of circles, figures of
    eight, tori, discs and Gaussians in 3 to 64 dimensions it found more right answers, and fewer
    false loops, than rules that look for the first graph in one piece, or for a plateau. Nothing
    is seen where one point reaches more than 70 % of the others.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> rng = np.random.default_rng(0)
    >>> clouds = np.vstack([tl.datasets.circle(100, rng=0), rng.normal(size=(100, 2))])
    >>> found = tl.choose_scale({"input": clouds}, labels=np.repeat(["ring", "blob"], 100))
    >>> found.recommended["ring"], found.select(class_="ring", k=14)["loops"]
    (14, array([1]))
    """
    threads = as_threads(n_threads)
    arrays, _ = check_layers(layers)
    name = as_choice(next(iter(arrays)) if layer is None else layer, "layer", tuple(arrays))
    array = arrays[name]
    by_class = read_split(by, layers, labels)
    groups = groups_of(layers, arrays, labels, by_class, None)
    wanted = KS if ks is None else as_counts(ks, "ks", least=2)
    rows = []
    for of_class in groups.names:
        members = groups.members(of_class)
        points = array.select(members) if is_space(array) else as_points(array[members], "layers")
        rule = as_neighbors("auto", len(members))
        for k in sorted({*wanted, rule}):
            if k < len(members):
                found = hop_betti(points, k=k, hops=hops, metric=metric, n_threads=threads)
                reach = found.reach
                where = (name, of_class, len(members), k)
                rows.append((*where, *found.betti.tolist(), reach, reach > MOST_REACH, k == rule))
    return ScaleChoice(columns_of(rows, COLUMNS))
