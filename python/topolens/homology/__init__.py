"""Persistent homology of clouds and images, Betti numbers at a scale, dimensions."""

from topolens._faces import publish
from topolens.homology._cubical import cubical, cubical_batch
from topolens.homology._cubical_betti import CubicalBetti, cubical_betti
from topolens.homology._dimension import PHDimensionResult, lifetime_sum, ph_dimension
from topolens.homology._hops import HopBettiResult, hop_betti
from topolens.homology._results import CubicalResult, PersistenceResult
from topolens.homology._rips import rips, rips_batch

__all__ = [
    "CubicalBetti",
    "CubicalResult",
    "HopBettiResult",
    "PHDimensionResult",
    "PersistenceResult",
    "cubical",
    "cubical_batch",
    "cubical_betti",
    "hop_betti",
    "lifetime_sum",
    "ph_dimension",
    "rips",
    "rips_batch",
]

publish(__name__)
