"""Point clouds whose topology is known.

The three labelled sets of Naitzat, Zhitnikov and Lim (JMLR 21(184), 2020), and
unlabelled clouds on familiar spaces. Every function takes ``rng``: None, a seed
or a ``numpy.random.Generator``.
"""

from topolens._faces import publish
from topolens.datasets._clouds import (
    circle,
    figure_eight,
    projective_plane,
    sphere,
    swiss_roll,
    torus,
)
from topolens.datasets._naitzat import disks_in_plane, linked_tori, naitzat, nested_spheres

__all__ = [
    "circle",
    "disks_in_plane",
    "figure_eight",
    "linked_tori",
    "naitzat",
    "nested_spheres",
    "projective_plane",
    "sphere",
    "swiss_roll",
    "torus",
]

publish(__name__)
