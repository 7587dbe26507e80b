"""The settings of a measure as a short text, the same in every run."""

from __future__ import annotations

import re
import zlib
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

import numpy as np

ASKED_BY_ANALYSIS = ("name", "min_points", "feature_maps")
LONGEST = 60


def settings_of(measure: Any) -> str:
    """Write what differs from the defaults, such as ``"k=6, hops=3"``; nothing if all are."""
    said = getattr(measure, "settings", None)
    if isinstance(said, str):
        return said
    if not is_dataclass(measure):
        return ""
    asked = [f for f in fields(measure) if f.init and f.repr and f.name not in ASKED_BY_ANALYSIS]
    texts = {f: _text(getattr(measure, f.name)) for f in asked}
    return ", ".join(f"{f.name}={text}" for f, text in texts.items() if text != _default(f))


def _default(field: Field[Any]) -> str | None:
    if field.default_factory is not MISSING:
        return _text(field.default_factory())
    return None if field.default is MISSING else _text(field.default)


def _text(value: Any) -> str:
    """Write a value in full where it is short, and otherwise its kind and a checksum."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.ndarray):
        return _short(str(value.tolist()), value, f"{value.shape}")
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, set | frozenset):
        return _short(f"{{{', '.join(sorted(map(_text, value)))}}}", value)
    if isinstance(value, tuple | list):
        return _short(f"({', '.join(map(_text, value))})", value)
    named = getattr(value, "__qualname__", None)  # a function, whose address says nothing
    return named or _short(re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value)), value)


def _short(text: str, value: Any, shape: str = "") -> str:
    if len(text) <= LONGEST:
        return text
    return f"{type(value).__name__}{shape} {zlib.crc32(text.encode()):08x}"
