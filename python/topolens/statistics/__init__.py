"""Whether a number is more than chance, or says anything of another.

Contrasts of networks with their controls, of one network with copies of it and of two kinds of
networks; rank correlations with their intervals.
"""

from topolens._faces import publish
from topolens.statistics._contrasted import ContrastResult
from topolens.statistics._copies import copy_contrast
from topolens.statistics._generalization import (
    GranulatedKendall,
    PartialCorrelation,
    granulated_kendall,
    partial_correlation,
)
from topolens.statistics._groups import group_contrast
from topolens.statistics._paired import paired_contrast
from topolens.statistics._ranking import RankCorrelation, rank_correlation
from topolens.statistics._reach import decidable, least_p
from topolens.statistics._subsamples import subsample_intervals

__all__ = [
    "ContrastResult",
    "GranulatedKendall",
    "PartialCorrelation",
    "RankCorrelation",
    "copy_contrast",
    "decidable",
    "granulated_kendall",
    "group_contrast",
    "least_p",
    "paired_contrast",
    "partial_correlation",
    "rank_correlation",
    "subsample_intervals",
]

publish(__name__)
