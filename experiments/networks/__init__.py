"""A metric topology of deep learning: networks as points, by what they predict."""

from experiments.networks.claims import claims
from experiments.networks.figures import figures
from experiments.networks.populations import jobs
from experiments.networks.prose import about, remarks, summary

TITLE = "The space of networks"
SOURCE = (
    "Wu, Huang, Li, Liu, *A Metric Topology of Deep Learning for Data Classification*, "
    "arXiv:2501.11265, 2025."
)

__all__ = ["SOURCE", "TITLE", "about", "claims", "figures", "jobs", "remarks", "summary"]
