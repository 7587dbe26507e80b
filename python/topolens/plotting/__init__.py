"""Plots of layers, diagrams, distances and networks; each returns Axes and takes `ax`."""

from topolens._faces import publish
from topolens.diagrams._persistence_plots import plot_barcode, plot_betti_curve, plot_diagram
from topolens.diagrams._vector_plots import (
    plot_distance_matrix,
    plot_landscape,
    plot_persistence_image,
)
from topolens.layers._answer_plots import plot_answers
from topolens.layers._plots import plot_layers
from topolens.networks._plots import plot_network_space

__all__ = [
    "plot_answers",
    "plot_barcode",
    "plot_betti_curve",
    "plot_diagram",
    "plot_distance_matrix",
    "plot_landscape",
    "plot_layers",
    "plot_network_space",
    "plot_persistence_image",
]

publish(__name__)
