"""Cubical homology of feature maps through the layers, and how it decays."""

from topolens._faces import publish
from topolens.profiles._decay import DecayMeasures, TTPScore, ttp_score
from topolens.profiles._layer_by_layer import cubical_profile
from topolens.profiles._measure import Cubical
from topolens.profiles._profile import CubicalProfile

__all__ = [
    "Cubical",
    "CubicalProfile",
    "DecayMeasures",
    "TTPScore",
    "cubical_profile",
    "ttp_score",
]

publish(__name__)
