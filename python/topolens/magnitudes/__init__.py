"""Magnitude of metric spaces: functions of the scale, dimensions, diversities, outliers."""

from topolens._faces import publish
from topolens.magnitudes._bounds import MagnitudeBound, magnitude_lower_bound
from topolens.magnitudes._cubes import cube_dimensions
from topolens.magnitudes._dimension import MagnitudeDimensionResult, magnitude_dimension
from topolens.magnitudes._diversities import (
    MaxDiversity,
    diversity,
    max_diversity,
    vendi_score,
)
from topolens.magnitudes._functions import (
    MagnitudeFunction,
    magnitude,
    magnitude_function,
    weighting,
)
from topolens.magnitudes._outliers import OutlierScores, outlier_scores
from topolens.magnitudes._slopes import MagnitudeSlopes, magnitude_slopes
from topolens.magnitudes._summaries import (
    MagnitudeIntegral,
    convergence_scale,
    magnitude_area,
    magnitude_difference,
)

__all__ = [
    "MagnitudeBound",
    "MagnitudeDimensionResult",
    "MagnitudeFunction",
    "MagnitudeIntegral",
    "MagnitudeSlopes",
    "MaxDiversity",
    "OutlierScores",
    "convergence_scale",
    "cube_dimensions",
    "diversity",
    "magnitude",
    "magnitude_area",
    "magnitude_difference",
    "magnitude_dimension",
    "magnitude_function",
    "magnitude_lower_bound",
    "magnitude_slopes",
    "max_diversity",
    "outlier_scores",
    "vendi_score",
    "weighting",
]

publish(__name__)
