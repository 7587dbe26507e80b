"""Estimators for scikit-learn's pipelines.

From spaces to diagrams: :class:`RipsPersistence`, :class:`CubicalPersistence`. From diagrams to
vectors: :class:`BettiCurve`, :class:`PersistenceLandscape`, :class:`PersistenceImage`. From spaces
to vectors: :class:`MagnitudeFunction`. All are shells over the functions of topolens; scikit-learn
is needed for this module only.
"""

from __future__ import annotations

try:
    import sklearn
except ImportError as error:
    raise ImportError(
        "topolens.sklearn needs scikit-learn 1.6 or later: pip install 'topolens[sklearn]'"
    ) from error

from topolens._sklearn.spaces import CubicalPersistence, MagnitudeFunction, RipsPersistence
from topolens._sklearn.vectors import BettiCurve, PersistenceImage, PersistenceLandscape

__all__ = [
    "BettiCurve",
    "CubicalPersistence",
    "MagnitudeFunction",
    "PersistenceImage",
    "PersistenceLandscape",
    "RipsPersistence",
]

del sklearn
