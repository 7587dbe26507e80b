"""Persistent homology of clouds and images, Betti numbers at a scale, dimensions, pieces."""

from topolens._faces import publish
from topolens.homology._cubical import cubical, cubical_batch
from topolens.homology._cubical_betti import CubicalBetti, cubical_betti
from topolens.homology._dimension import PHDimensionResult, lifetime_sum, ph_dimension
from topolens.homology._hops import HopBettiResult, hop_betti
from topolens.homology._pieces import PiecesAmongOthers, pieces_among_others
from topolens.homology._results import CubicalResult, PersistenceResult
from topolens.homology._rips import rips, rips_batch

__all__ = [
    "CubicalBetti",
    "CubicalResult",
    "HopBettiResult",
    "PHDimensionResult",
    "PersistenceResult",
    "PiecesAmongOthers",
    "cubical",
    "cubical_batch",
    "cubical_betti",
    "hop_betti",
    "lifetime_sum",
    "ph_dimension",
    "pieces_among_others",
    "rips",
    "rips_batch",
]

publish(__name__)
