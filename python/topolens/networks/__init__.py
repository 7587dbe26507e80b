"""The space of networks: distances by what they predict, intervals, quotients, maps."""

from topolens._faces import publish
from topolens.networks._builder import NetworkSpaceBuilder
from topolens.networks._distances import NetworkDistances
from topolens.networks._intervals import DistanceIntervals
from topolens.networks._persistence import NetworkPersistence
from topolens.networks._predictions import DisputedSamples
from topolens.networks._quotients import Quotient, quotient
from topolens.networks._shape import CoveringCurve, Embedding
from topolens.networks._space import NetworkSpace
from topolens.networks._trajectories import NetworkTrajectory

__all__ = [
    "CoveringCurve",
    "DisputedSamples",
    "DistanceIntervals",
    "Embedding",
    "NetworkDistances",
    "NetworkPersistence",
    "NetworkSpace",
    "NetworkSpaceBuilder",
    "NetworkTrajectory",
    "Quotient",
    "quotient",
]

publish(__name__)
