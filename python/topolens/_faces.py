"""The public names of a package belong to the package, not to the file that holds them."""

from __future__ import annotations

import sys

__all__ = ["publish"]


def publish(package: str) -> None:
    """Let the public names of `package` say where users find them: in repr, docs and pickles."""
    module = sys.modules[package]
    for name in module.__all__:
        thing = getattr(module, name)
        if getattr(thing, "__module__", "").startswith("topolens."):
            thing.__module__ = package
