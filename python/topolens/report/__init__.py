"""Pages of HTML with the tables and pictures of an analysis."""

from topolens._faces import publish
from topolens.report._layers import write_report

__all__ = [
    "write_report",
]

publish(__name__)
