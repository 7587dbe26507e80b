"""Estimators for scikit-learn's pipelines.

From spaces to diagrams: :class:`RipsPersistence`, :class:`CubicalPersistence`. From diagrams to
vectors: :class:`BettiCurve`, :class:`PersistenceLandscape`, :class:`PersistenceImage`. From spaces
to vectors: :class:`MagnitudeFunction`. All are shells over the functions of topolens; scikit-learn
is needed for this package only.
"""

try:
    import sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        "topolens.sklearn needs scikit-learn 1.6 or later: pip install 'topolens[sklearn]'"
    ) from error

from topolens._faces import publish
from topolens.sklearn._spaces import CubicalPersistence, MagnitudeFunction, RipsPersistence
from topolens.sklearn._vectors import BettiCurve, PersistenceImage, PersistenceLandscape

__all__ = [
    "BettiCurve",
    "CubicalPersistence",
    "MagnitudeFunction",
    "PersistenceImage",
    "PersistenceLandscape",
    "RipsPersistence",
]

publish(__name__)
