"""The command `topolens`."""

from topolens._faces import publish
from topolens.cli._main import main

__all__ = [
    "main",
]

publish(__name__)
