"""What properties raise that have no answer, so that `hasattr` and inspection go on without it."""

from __future__ import annotations

from topolens import _core


class NotAsked(ValueError, AttributeError):
    """What was read, or asked for before, has no such property."""


class NotDefined(_core.NumericalError, AttributeError):
    """The numbers have no such property."""
