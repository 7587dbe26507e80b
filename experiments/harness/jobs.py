"""A job: a function and its parameters, known by a key that does not change from run to run."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Plain = str | int | float | bool
Row = dict[str, Plain]


@dataclass(frozen=True)
class Job:
    """A function to be called once, in any process.

    Parameters
    ----------
    function : callable
        Found in its module by its name, so that other processes can import it. Its result, a list
        of rows, depends on its parameters only. The module has a ``VERSION``, to be raised when
        the function changes.
    parameters : mapping from str to str, int, float or bool
        Keyword arguments. They become columns of the table, beside those of the rows.
    cost : float
        Estimated CPU seconds.
    group : str
        The row of the experiment's own table that the job works for: it can be chosen by this
        name, and stands in the column ``group``. No part of the key.
    draw : bool
        Whether it is one of many draws, the first of which say something without the rest. No
        part of the key.
    """

    function: Callable[..., list[Row]]
    parameters: Mapping[str, Plain]
    cost: float
    group: str = ""
    draw: bool = False

    def __post_init__(self) -> None:
        module = sys.modules[self.function.__module__]
        if getattr(module, self.function.__name__, None) is not self.function:
            raise ValueError(f"`function` must be found in its module by name; found {self.name}")
        if not isinstance(getattr(module, "VERSION", None), int):
            raise ValueError(f"`VERSION` must be an int in {module.__name__}")
        for name, value in self.parameters.items():
            if not isinstance(value, Plain):
                raise TypeError(
                    f"`parameters` must be str, int, float or bool; found {name}={value!r}"
                )
        if not self.cost > 0:
            raise ValueError(f"`cost` must be positive; found {self.cost}")

    @property
    def name(self) -> str:
        """The qualified name of the function."""
        return f"{self.function.__module__}.{self.function.__qualname__}"

    @property
    def version(self) -> int:
        """The version of the module."""
        return sys.modules[self.function.__module__].VERSION

    @property
    def key(self) -> str:
        """A hash of the function's name, its module's version and the parameters."""
        identity = [self.name, self.version, dict(self.parameters)]
        text = json.dumps(identity, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def __call__(self) -> list[Row]:
        """Call the function and put its parameters before what it found."""
        rows = self.function(**self.parameters)
        for row in rows:
            if twice := self.parameters.keys() & row.keys():
                raise ValueError(f"rows of {self.name} repeat parameters: {sorted(twice)}")
        return [{**self.parameters, **row} for row in rows]

    def __str__(self) -> str:
        parameters = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self.name}({parameters})"
