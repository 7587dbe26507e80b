"""Layer by layer: recordings, measures, and the tables that :func:`analyse` makes of both."""

from topolens._faces import publish
from topolens.layers._analyse import analyse
from topolens.layers._concat import concat
from topolens.layers._distances import layer_distances
from topolens.layers._estimate import Estimate, estimate
from topolens.layers._measures import HopBetti, Magnitude, MagnitudeDimension, PHDimension, Rips
from topolens.layers._protocol import Measure, Measurement, Value
from topolens.layers._recording import Recording
from topolens.layers._table import LayerTable, Table

__all__ = [
    "Estimate",
    "HopBetti",
    "LayerTable",
    "Magnitude",
    "MagnitudeDimension",
    "Measure",
    "Measurement",
    "PHDimension",
    "Recording",
    "Rips",
    "Table",
    "Value",
    "analyse",
    "concat",
    "estimate",
    "layer_distances",
]

publish(__name__)
