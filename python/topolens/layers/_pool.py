"""Tables of several networks as one, with the network as what was drawn."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from topolens.layers._concat import concat
from topolens.layers._table import LayerTable

NETWORK, GROUP = "network", "group"
# What must agree, the columns that say it, and the way out.
SAME = (
    ("layers", ("layer_index", "layer"), "record the same layers of each"),
    ("classes", ("class",), "analyse the same classes of each"),
    ("controls", ("control",), "analyse each with the same `control`"),
    ("numbers", ("measure", "settings", "degree", "scale"), "analyse each with the same measures"),
)
SAME_SETTINGS = ("measures", "split", "points per cloud", "repeats")


def pool(
    tables: Mapping[Any, LayerTable], *, groups: Mapping[Any, Hashable] | None = None
) -> LayerTable:
    """Join the tables of several networks, to compare them with their controls.

    Parameters
    ----------
    tables : mapping from names to LayerTable
        The table of each network, trained from its own seed, such as ``{seed: table}``: the same
        layers, classes, measures and settings.
    groups : mapping from names to str, optional
        The kind of each network, such as its architecture.

    Returns
    -------
    LayerTable
        With a column ``network``, and ``group`` before it where `groups` are given.

    Raises
    ------
    ValueError
        If tables differ in what must agree, if one is given twice, if two have one and the same
        control (analyse each with an `rng` of its own), or if a network has no group.
    TypeError
        If `tables` are no mapping of layer tables.

    See Also
    --------
    contrast : Whether networks differ from their controls, and groups from each other.
    concat : Joins any tables.

    Notes
    -----
    A network is the unit of what is said about training or an architecture: initialised and
    trained from a seed of its own. Repeats of one network are not; they are averaged.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> def network(seed):
    ...     rng = np.random.default_rng(seed)
    ...     X = tl.datasets.circle(60, rng=rng)
    ...     return {"input": X, "relu": np.maximum(X @ rng.normal(size=(2, 9)), 0)}
    >>> pooled = tl.pool({s: tl.analyse(network(s), tl.HopBetti(k=8), rng=s) for s in range(3)})
    >>> pooled.select(measure="betti", degree=1, layer="input")["network"]
    array([0, 1, 2])
    """
    named = _read(tables)
    first, *others = named.items()
    for other in others:
        _check_agreement(first, other)
    if groups is None:
        return concat(named, name=NETWORK)
    kinds = _kinds(named, groups)
    members: dict[str, dict[Any, LayerTable]] = {}
    for name, table in named.items():
        members.setdefault(kinds[name], {})[name] = table
    parts = {kind: concat(of_kind, name=NETWORK) for kind, of_kind in members.items()}
    return concat(parts, name=GROUP)


def _read(tables: Any) -> dict[Any, LayerTable]:
    if not isinstance(tables, Mapping):
        raise TypeError(
            "`tables` must be a mapping from the names of networks to their tables, such as "
            f"{{seed: table}}; found {type(tables).__name__}"
        )
    named = dict(tables)
    if not named:
        raise ValueError("`tables` must not be empty")
    for name, table in named.items():
        if not isinstance(table, LayerTable):
            raise TypeError(
                f"`tables` must hold layer tables; found {type(table).__name__} for {name!r}"
            )
        if NETWORK in table:
            raise ValueError(
                f"`tables` must be of one network each; found a column {NETWORK!r} in {name!r}"
            )
    for one, other in combinations(named, 2):
        _refuse_one_control(one, other, named)
        if _measured_together(named[one], named[other]):
            raise ValueError(
                f"`tables` must be of different networks; found the same table for {one!r} and "
                f"{other!r}: a network that is counted twice makes chance look like a rule"
            )
    return named


def _refuse_one_control(one: Any, other: Any, named: Mapping[Any, LayerTable]) -> None:
    """Refuse controls of two networks that were drawn once: their differences would go together.

    One seed draws one permutation, and one copy of one architecture, but not of two.
    """
    tables = named[one], named[other]
    seeds = [table.settings.get("seed") for table in tables]
    if seeds[0] is None or seeds[0] != seeds[1]:
        return
    for control in ("shuffled", "untrained"):
        drawn = [table["value"][table["control"] == control] for table in tables]
        same = control == "shuffled" or np.array_equal(*drawn, equal_nan=True)
        if len(drawn[0]) and len(drawn[1]) and same:
            raise ValueError(
                f"`tables` must have controls that were drawn apart; found {control} ones of "
                f"{one!r} and {other!r} from one seed, {seeds[0]}: analyse each network with an "
                "`rng` of its own, such as rng=seed"
            )


def _measured_together(one: LayerTable, other: LayerTable) -> bool:
    """Whether two tables are one: no two analyses take the same time for every number."""
    return len(one) == len(other) > 0 and all(
        np.array_equal(one[name], other[name], equal_nan=name == "value")
        for name in ("value", "seconds")
    )


def _check_agreement(first: tuple[Any, LayerTable], other: tuple[Any, LayerTable]) -> None:
    (name, table), (other_name, other_table) = first, other
    for what, columns, way_out in SAME:
        one, two = table._distinct(*columns), other_table._distinct(*columns)
        for more, where in ((one - two, name), (two - one, other_name)):
            if more:
                found = "; ".join(sorted(" ".join(map(str, values)) for values in more)[:3])
                raise ValueError(
                    f"`tables` must agree in their {what}; found {found} in {where!r} but not in "
                    f"{(other_name if where is name else name)!r}: {way_out}"
                )
    by_prediction = table.settings.get("split") == "by prediction"  # each has its own numbers
    for what in SAME_SETTINGS:
        if by_prediction and what == "points per cloud":
            continue
        said = table.settings.get(what, ""), other_table.settings.get(what, "")
        if said[0] != said[1]:
            raise ValueError(
                f"`tables` must agree in their settings; found {what} {said[0]!r} in {name!r} and "
                f"{said[1]!r} in {other_name!r}"
            )


def _kinds(named: Mapping[Any, LayerTable], groups: Any) -> dict[Any, str]:
    if not isinstance(groups, Mapping):
        raise TypeError(
            "`groups` must be a mapping from the names of networks to their kinds; "
            f"found {type(groups).__name__}"
        )
    unknown = [name for name in groups if name not in named]
    without = [name for name in named if name not in groups]
    if unknown or without:
        said = f"no kind of {without[0]!r}" if without else f"{unknown[0]!r}, which has no table"
        raise ValueError(f"`groups` must name the kind of every network in `tables`; found {said}")
    return {name: str(groups[name]) for name in named}
