"""What a call takes beside its data: numbers, choices, threads, memory, progress."""

from __future__ import annotations

import operator
import reprlib
import sys
import time
import warnings
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from typing import Any

import numpy as np

from topolens import _memory

__all__ = [
    "MOST_THREADS",
    "Progress",
    "Report",
    "UndefinedError",
    "as_choice",
    "as_coeff",
    "as_count",
    "as_counts",
    "as_non_negative",
    "as_number",
    "as_threads",
    "caller_level",
    "gate",
    "memory_limit",
    "refuse_unused",
    "renamed",
    "reporting",
]


class UndefinedError(ValueError, AttributeError):
    """Of a property that an object has not: `hasattr` and `inspect` take no other error."""


MOST_THREADS = 1024
Progress = bool | Callable[[int, int], object]
Report = Callable[[int, int], object] | None


def as_count(
    value: Any, name: str, *, least: int = 0, most: int | None = None, rule: str = "below 2**32"
) -> int:
    """Read a whole number, `least` or more, and `most` at most; none beyond 2**32 meets `rule`."""
    try:
        count = operator.index(value)
    except TypeError:
        raise TypeError(f"`{name}` must be a whole number; found {_shown(value)}") from None
    if isinstance(value, bool):
        raise TypeError(f"`{name}` must be a whole number; found {value!r}")
    if most is not None and not least <= count <= most:
        raise ValueError(f"`{name}` must be between {least} and {most}; found {count}")
    if count < least and least > 0:
        raise ValueError(f"`{name}` must be at least {least}; found {count}")
    if count < 0:
        raise ValueError(f"`{name}` must be a non-negative whole number; found {count}")
    if count >= 2**32:
        raise ValueError(f"`{name}` must be {rule}; found {count}")
    return count


def as_counts(values: Any, name: str, *, least: int = 0) -> list[int]:
    """Read several whole numbers."""
    try:
        each = list(values)
    except TypeError:
        found = f"found {_shown(values)}"
        raise TypeError(f"`{name}` must be a sequence of whole numbers; {found}") from None
    return [as_count(value, name, least=least) for value in each]


def as_coeff(value: Any, *, least: int = 0) -> int:
    """Read the order of a field, of which kernels find out whether it is prime."""
    return as_count(value, "coeff", least=least, rule="a prime below 65536")


def as_number(value: Any, name: str) -> float:
    """Read a real number."""
    if isinstance(value, (str, bytes)):
        raise TypeError(f"`{name}` must be a number; found {value!r}")
    try:
        return float(value)
    except TypeError:
        raise TypeError(f"`{name}` must be a number; found {reprlib.repr(value)}") from None
    except OverflowError:
        raise ValueError(f"`{name}` must be below 1.8e308; found {reprlib.repr(value)}") from None
    except ValueError:  # a signaling NaN
        raise ValueError(f"`{name}` must be a number; found {reprlib.repr(value)}") from None


def as_non_negative(value: Any, name: str) -> float:
    """Read a real number, 0 or more."""
    number = as_number(value, name)
    if not number >= 0:
        raise ValueError(f"`{name}` must be non-negative; found {_shown(value)}")
    return number


def _shown(value: Any) -> str:
    """Write a value for a message, long floats such as 1e10 with an exponent."""
    plain = value.item() if isinstance(value, np.generic) else value
    return (
        f"{plain:.15g}" if isinstance(plain, float) and abs(plain) >= 1e7 else reprlib.repr(plain)
    )


def as_choice(value: Any, name: str, known: tuple[str, ...]) -> Any:
    """Read one of a few names."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"`{name}` must be one of {', '.join(known)}; found {value!r}")
    return value


def as_threads(n_threads: Any) -> int | None:
    """Read a number of threads; None stands for all."""
    if n_threads is None:
        return None
    return as_count(n_threads, "n_threads", least=1, most=MOST_THREADS)


def refuse_unused(where: str, used: Container[str] = (), /, **given: tuple[Any, Any]) -> None:
    """Refuse arguments without effect, each with its default, unless they are left at that."""
    for name, (value, default) in given.items():
        kept = value is default or (np.ndim(value) == 0 and value == default)
        if not (kept or name in used):
            raise ValueError(f"`{name}` must be left out {where}; found {_shown(value)}")


@contextmanager
def renamed(name: str) -> Iterator[None]:
    """Give `X` in messages the name that the caller of the caller knows."""
    try:
        yield
    except ValueError as error:
        raise ValueError(str(error).replace("`X`", f"`{name}`")) from None


def caller_level() -> int:
    """Stack level at which a warning names the line that called this package."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == __package__:
        frame, level = frame.f_back, level + 1
    return level


def memory_limit(max_memory: float | None) -> int:
    """Bytes that a job may take: what was said, or what is available now."""
    if max_memory is None:
        return _available(int(10 * time.monotonic()))
    if isinstance(max_memory, bool) or not as_number(max_memory, "max_memory") > 0:
        raise ValueError(
            f"`max_memory` must be a positive number of bytes; found {_shown(max_memory)}"
        )
    return int(min(max_memory, 2.0**63))


@lru_cache(maxsize=1)
def _available(_: int) -> int:
    """Read it once in a tenth of a second: that takes as long as a small job."""
    return _memory.available_memory()


@contextmanager
def gate(
    description: str, n_threads: Any, progress: Progress, *max_memory: float | None
) -> Iterator[dict[str, Any]]:
    """Give what a kernel takes beside its data; `max_memory` where it takes one."""
    limits = {"max_memory": memory_limit(*max_memory)} if max_memory else {}
    threads = as_threads(n_threads)
    with reporting(progress, description) as report:
        yield {"n_threads": threads, "progress": report, **limits}


@contextmanager
def reporting(progress: Progress, description: str) -> Iterator[Report]:
    """Give what is called with (done, total), at least once: for a bar, a callback or None."""
    if not (callable(progress) or isinstance(progress, (bool, np.bool_))):
        raise TypeError(
            f"`progress` must be True, False or a function of (done, total); found {progress!r}"
        )
    if not progress:
        yield None
        return
    with nullcontext(progress) if callable(progress) else _bar(description) as show:
        calls = 0

        def report(done: int, total: int) -> None:
            nonlocal calls
            calls += 1
            show(done, total)

        yield report
        if not calls:
            show(1, 1)


@contextmanager
def _bar(description: str) -> Iterator[Callable[[int, int], None]]:
    with warnings.catch_warnings():
        # Where a notebook has no widgets the bar is text, which is as good.
        warnings.filterwarnings("ignore", "IProgress not found")
        from tqdm.auto import tqdm

    with tqdm(desc=description) as bar:

        def update(done: int, total: int) -> None:
            bar.n, bar.total = done, total
            bar.refresh()

        yield update
