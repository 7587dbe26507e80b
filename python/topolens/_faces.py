"""The public names of a package belong to the package, not to the file that holds them."""

from __future__ import annotations

import sys

__all__ = ["publish"]


def publish(package: str) -> None:
    """Let public names say where users find them: in repr, docs and pickles; and complete these."""
    module = sys.modules[package]
    vars(module)["__dir__"] = lambda: list(module.__all__)
    for name in module.__all__:
        thing = getattr(module, name)
        if getattr(thing, "__module__", "").startswith("topolens."):
            thing.__module__ = package
