"""Topology of deep neural networks: Betti numbers of a class, layer by layer."""

from experiments.layers.draws import jobs

TITLE = "Topology through the layers"
