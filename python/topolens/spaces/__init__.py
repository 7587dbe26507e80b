"""Finite metric spaces: distances, neighbour graphs, hops on them, landmarks, classes."""

from topolens._faces import publish
from topolens.spaces._graphs import geodesic_distances, neighbor_graph
from topolens.spaces._landmarks import Landmarks, landmarks
from topolens.spaces._separation import WithinToOthers, within_to_others
from topolens.spaces._spaces import MetricSpace, distances
from topolens.spaces._to_measure import distance_to_measure

__all__ = [
    "Landmarks",
    "MetricSpace",
    "WithinToOthers",
    "distance_to_measure",
    "distances",
    "geodesic_distances",
    "landmarks",
    "neighbor_graph",
    "within_to_others",
]

publish(__name__)
