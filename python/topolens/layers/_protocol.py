"""What texts, pages and plots ask of a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, Self

import numpy as np


class AnyTable(Protocol):
    """What texts, pages and plots ask of a table."""

    columns: dict[str, np.ndarray]

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[str]: ...

    def __getitem__(self, name: str) -> np.ndarray: ...

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row as a dict."""
        ...

    def _keep(self, mask: np.ndarray) -> Self:
        """Return the rows that are marked."""
        ...


class TableOfRepeats(AnyTable, Protocol):
    """What is asked of a table whose rows repeat."""

    def summary(self) -> AnyTable:
        """Return means and standard deviations over repeats."""
        ...
