"""Activations and trajectories of PyTorch models; torch is imported when they are used."""

from topolens._faces import publish
from topolens.torch._record import record
from topolens.torch._trajectory import TrajectoryRecorder

__all__ = [
    "TrajectoryRecorder",
    "record",
]

publish(__name__)
