"""What the claims are about: curves through the layers, and one number a network."""

from __future__ import annotations

import numpy as np
import pandas as pd

from experiments.harness import fullest_rows
from experiments.layers.data import REAL
from experiments.layers.table_1 import kind

NETWORK = ["row", "seed"]
KIND = ["data", "layers", "activation"]


class Networks:
    """All networks of a table: how they were trained, and their curves through the layers.

    Parameters
    ----------
    table : pandas.DataFrame
        The rows of all jobs, of both sizes.

    Attributes
    ----------
    training : pandas.DataFrame
        A row per draw: steps, points that were wrong, share of unseen points that were, and
        whether the network was trained `well`, so that it has curves.
    curves : pandas.DataFrame
        A row per network, measure, scale, control, class and degree; a column per layer, empty
        behind the last one.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        table = fullest_rows(table, "row")
        is_training = table["measure"] == "training"
        self.training = table.loc[is_training, [*NETWORK, "steps", "wrong", "unseen"]]
        measured = table[~is_training]
        texts = measured["layers"].tolist()
        depth = max((text.count(" ") + 1 for text in texts), default=0)
        values = np.full((len(texts), depth), np.nan)
        for curve, text in zip(values, texts, strict=True):
            numbers = text.split()
            curve[: len(numbers)] = [float(number) for number in numbers]
        index = [*NETWORK, "measure", "scale", "control", "class", "degree"]
        self.curves = pd.DataFrame(values, index=pd.MultiIndex.from_frame(measured[index]))
        with_curves = pd.MultiIndex.from_frame(measured[NETWORK])
        draws = pd.MultiIndex.from_frame(self.training[NETWORK])
        self.training = self.training.assign(well=draws.isin(with_curves))

    @property
    def rows(self) -> list[str]:
        """The rows of which some network is well trained."""
        return list(dict.fromkeys(self.curves.index.get_level_values("row")))

    def of(self, row: str, **equal: object) -> pd.DataFrame:
        """Sum the curves of each network of a row: a line per network, a column per layer.

        Betti numbers of both classes in all degrees under training, at the hops of the row; other
        levels of the index by name.
        """
        wanted = {"measure": "betti", "scale": hops_of(row), "control": "trained", **equal}
        if wanted["measure"] == "total":
            del wanted["scale"]
        index = self.curves.index
        kept = index.get_level_values("row") == row
        for name, value in wanted.items():
            kept &= index.get_level_values(name) == value
        curves = self.curves[kept].groupby(level="seed").sum(min_count=1)
        return curves.dropna(axis="columns")

    def of_a(self, row: str, **equal: object) -> pd.DataFrame:
        """As `of`, for class a alone, the one that the paper draws."""
        if row not in self.rows:
            return pd.DataFrame()
        return self.of(row, **{"class": self.classes(row)[0], **equal})

    def classes(self, row: str) -> tuple[str, str]:
        """Return the names of class a and class b."""
        of_row = self.curves.xs(row, level="row")
        first, second = dict.fromkeys(of_row.index.get_level_values("class"))
        return first, second

    def ends_simple(self, row: str, name: str) -> pd.Series:
        """Tell for each network whether a class leaves it with Betti numbers 1, 0, ..., 0."""
        pieces = self.of(row, degree=0, **{"class": name}).iloc[:, -1]
        return (pieces == 1) & (self.of(row, **{"class": name}).iloc[:, -1] == 1)

    def well_trained(self, row: str) -> tuple[int, int]:
        """Return how many draws were trained well, and how many there were."""
        draws = self.training[self.training["row"] == row]
        return int(draws["well"].sum()), len(draws)


def hops_of(row: str) -> int:
    """Return at which scale a row is compared: at two hops, real data have nothing to lose."""
    return 1 if kind(row).data in REAL else 2


def area(omega: pd.DataFrame) -> pd.Series:
    """Average ω over all layers, as a share of ω at the input: the earlier it falls, the less."""
    return omega.mean(axis=1) / omega[0]


def lateness(omega: pd.DataFrame) -> pd.Series:
    """Say how much later ω falls than evenly, in shares of the depth.

    Where it falls, from 0 (input) to 1 (output), is the mean position weighted by the falls; less
    that of equal falls in all layers.
    """
    falls = -omega.diff(axis=1).iloc[:, 1:].clip(upper=0)
    position = falls.columns.to_numpy() / falls.columns.max()
    return (falls * position).sum(axis=1) / falls.sum(axis=1) - position.mean()


def largest_fall(omega: pd.DataFrame) -> pd.Series:
    """Return the share of all falls of ω that the largest one has."""
    falls = -omega.diff(axis=1).iloc[:, 1:].clip(upper=0)
    return falls.max(axis=1) / falls.sum(axis=1)


def largest_rise(curve: pd.DataFrame) -> pd.Series:
    """Return the largest number behind the input over that at the input, less one."""
    return curve.iloc[:, 1:].max(axis=1) / curve[0] - 1


def scatter(values: pd.Series) -> pd.Series:
    """Return how far each network lies from the median of its row."""
    return (values - values.median()).abs()


def at_paper_settings(row: str) -> bool:
    """Say whether data, training and measurement of a row are the authors'."""
    return kind(row).data in ("D-I", "D-II", "D-III")
