"""What the claims are about: one number a network, from the table of all its layers."""

from __future__ import annotations

import pandas as pd

NETWORK = ["data", "activation", "width", "hidden", "bottleneck", "weights", "seed"]


def kinds(table: pd.DataFrame, **equal: object) -> pd.DataFrame:
    """Keep the networks with the given columns; those without any measurement drop out."""
    kept = table[table["seed"] >= 0]
    for name, wanted in equal.items():
        choices = wanted if isinstance(wanted, list | tuple) else [wanted]
        kept = kept[kept[name].isin(choices)]
    return kept


def complexity(table: pd.DataFrame, measure: str = "betti") -> pd.DataFrame:
    """Sum over dimensions and both classes, ω: a row per network and control, a column per layer.

    With ``measure="total"`` total persistence takes the place of Betti numbers.
    """
    rows = table[table["measure"] == measure]
    return rows.groupby([*NETWORK, "control", "layer_index"])["value"].sum().unstack()


def area(omega: pd.DataFrame) -> pd.Series:
    """Average ω over all layers, as a share of ω at the input: the earlier it falls, the less."""
    layers = omega.dropna(axis="columns")
    return layers.mean(axis=1) / layers[0]


def under(omega: pd.DataFrame, control: str) -> pd.DataFrame:
    """Take one control; the index is then that of the networks."""
    return omega[omega.index.get_level_values("control") == control].droplevel("control")


def last(omega: pd.DataFrame) -> pd.Series:
    """Return ω at the output, whatever the number of layers."""
    return omega.ffill(axis="columns").iloc[:, -1]


def lateness(omega: pd.DataFrame) -> pd.Series:
    """Say where ω falls, from 0 (input) to 1 (output): the mean position, weighted by the falls."""
    layers = omega.dropna(axis="columns")
    falls = -layers.diff(axis=1).iloc[:, 1:].clip(upper=0)
    position = falls.columns.to_numpy() / falls.columns.max()
    return (falls * position).sum(axis=1) / falls.sum(axis=1)


def largest_fall(omega: pd.DataFrame) -> pd.Series:
    """Return the share of all falls of ω that the largest one has."""
    falls = -omega.dropna(axis="columns").diff(axis=1).iloc[:, 1:].clip(upper=0)
    return falls.max(axis=1) / falls.sum(axis=1)


def largest_rise(omega: pd.DataFrame) -> pd.Series:
    """Return the largest ω behind the input over that at the input, less one."""
    layers = omega.dropna(axis="columns")
    return layers.iloc[:, 1:].max(axis=1) / layers[0] - 1


def ends_simple(table: pd.DataFrame) -> pd.Series:
    """Tell for each network and class whether the trained output has Betti numbers 1, 0, 0."""
    rows = _output(table)
    wanted = (rows["degree"] == 0).astype(float)
    return (rows["value"] == wanted).groupby([rows[c] for c in [*NETWORK, "class"]]).all()


def ends_in_one_piece(table: pd.DataFrame) -> pd.Series:
    """Tell for each network whether each class is one piece at the trained output."""
    rows = _output(table)
    rows = rows[rows["degree"] == 0]
    return (rows["value"] == 1).groupby([rows[c] for c in NETWORK]).all()


def _output(table: pd.DataFrame) -> pd.DataFrame:
    rows = table[(table["measure"] == "betti") & (table["control"] == "trained")]
    ends = rows.groupby(NETWORK)["layer_index"].transform("max")
    return rows[rows["layer_index"] == ends]
