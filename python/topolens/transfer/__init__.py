"""Scores that guess, before any training, how well a network will do on another task.

The scores have one function each; :func:`topolens.transfer_scores` takes them all at once. Large
studies find none that is best everywhere, and nearest neighbours hard to beat: see
:func:`topolens.rank_correlation` for how to tell whether a score ranks at all.
"""

from topolens._faces import publish
from topolens.transfer._gbc import gbc
from topolens.transfer._hscore import hscore
from topolens.transfer._knn import knn
from topolens.transfer._leep import leep
from topolens.transfer._logme import logme
from topolens.transfer._nce import nce
from topolens.transfer._parc import parc
from topolens.transfer._scores import TransferScores, transfer_scores
from topolens.transfer._transrate import transrate

__all__ = [
    "TransferScores",
    "gbc",
    "hscore",
    "knn",
    "leep",
    "logme",
    "nce",
    "parc",
    "transfer_scores",
    "transrate",
]

publish(__name__)
