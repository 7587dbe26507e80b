"""Whether one number says anything of another: rank correlations with their intervals."""

from topolens._faces import publish
from topolens.statistics._generalization import (
    GranulatedKendall,
    PartialCorrelation,
    granulated_kendall,
    partial_correlation,
)
from topolens.statistics._ranking import RankCorrelation, rank_correlation

__all__ = [
    "GranulatedKendall",
    "PartialCorrelation",
    "RankCorrelation",
    "granulated_kendall",
    "partial_correlation",
    "rank_correlation",
]

publish(__name__)
