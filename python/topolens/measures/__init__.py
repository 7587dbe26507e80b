"""What is measured in the point cloud of one layer and one class.

A measure is any object with a `name` and a method `measure(X, *, rng, n_threads)` that yields
`Value` rows. These come with the package: `Loops`, the longest loop and how many loops the points
can show; `HopBetti`, the Betti numbers of the neighbourhood graph at one hop scale; `Rips`,
summaries of persistence over all scales; `PHDimension`, the growth of spanning trees;
`Magnitude`, the effective number of points at a few scales, and `MagnitudeDimension`, its growth.
Two compare the classes of a layer: `Pieces`, in how many pieces a class lies among the others, and
`Spread`, how small it is beside its distance to them.
"""

from topolens._faces import publish
from topolens.measures._dimensions import MagnitudeDimension, PHDimension
from topolens.measures._hops import HopBetti
from topolens.measures._loops import Loops
from topolens.measures._magnitude import Magnitude
from topolens.measures._pieces import Pieces
from topolens.measures._protocol import Measure, Measurement, Value
from topolens.measures._rips import Rips
from topolens.measures._spread import Spread

__all__ = [
    "HopBetti",
    "Loops",
    "Magnitude",
    "MagnitudeDimension",
    "Measure",
    "Measurement",
    "PHDimension",
    "Pieces",
    "Rips",
    "Spread",
    "Value",
]

publish(__name__)
