"""Layer by layer: recordings, and the tables that :func:`analyse` makes of them."""

from topolens._faces import publish
from topolens.layers._analyse import analyse
from topolens.layers._choose_scale import ScaleChoice, choose_scale
from topolens.layers._concat import concat
from topolens.layers._contrast import contrast
from topolens.layers._contrast_result import Contrast
from topolens.layers._distances import layer_distances
from topolens.layers._estimate import Estimate, estimate
from topolens.layers._findings import Findings, findings
from topolens.layers._frame import Table
from topolens.layers._pool import pool
from topolens.layers._recording import Recording
from topolens.layers._table import LayerTable

__all__ = [
    "Contrast",
    "Estimate",
    "Findings",
    "LayerTable",
    "Recording",
    "ScaleChoice",
    "Table",
    "analyse",
    "choose_scale",
    "concat",
    "contrast",
    "estimate",
    "findings",
    "layer_distances",
    "pool",
]

publish(__name__)
