"""Topology of deep neural networks: Betti numbers of a class, layer by layer."""

from experiments.layers.claims import claims
from experiments.layers.draws import jobs
from experiments.layers.figures import figures
from experiments.layers.prose import about, remarks, summary

TITLE = "Topology through the layers"
SOURCE = (
    "G. Naitzat, A. Zhitnikov, L.-H. Lim, *Topology of deep neural networks*, JMLR 21(184), 2020; "
    "questioned by M. Wheeler, J. Bouza, P. Bubenik, *Activation landscapes as a topological "
    "summary of neural network performance*, arXiv:2110.10136, 2021."
)

__all__ = ["SOURCE", "TITLE", "about", "claims", "figures", "jobs", "remarks", "summary"]
