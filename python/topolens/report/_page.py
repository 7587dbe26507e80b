"""A page of HTML that can be mailed: styles and pictures inside, nothing from the network."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

from topolens._html import TABLE_CSS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 150

# Pictures have a white ground; where the page is dark they are turned over, hues kept.
PAGE_CSS = """
:root { color-scheme: light dark;
  --ink: #1c2430; --pale: #5c6675; --page: #ffffff; --rule: #dde2e8; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
       max-width: 72rem; margin: 2.5rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 0.2em; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2em 0 0.5em; padding-top: 1em;
     border-top: 1px solid var(--rule); }
img { max-width: 100%; height: auto; background: #ffffff; border-radius: 8px; padding: 8px;
      border: 1px solid var(--rule); box-sizing: border-box; }
p, dl { color: var(--pale); max-width: 46rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: 0.15em 1.2em; font-size: 0.9rem; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
.topolens { font-size: 0.85rem; }
code { font-size: 0.85em; font-weight: 400; color: var(--pale); }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ee; --pale: #9aa5b4; --page: #14181e; --rule: #323a45; }
  img { filter: invert(0.91) hue-rotate(180deg); border-color: #cdc5ba; }
}
@media print { details, img { break-inside: avoid; } }
"""


def page_html(title: str, lead: str, facts: Mapping[str, str], sections: Iterable[str]) -> str:
    """Write a whole page; `sections` are HTML already, all else is text."""
    listed = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return (
        "<!DOCTYPE html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>\n"
        f"<title>{escape(title)}</title>\n<style>{PAGE_CSS}{TABLE_CSS}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(lead)}</p>\n<dl>{listed}</dl>\n"
        f"{''.join(sections)}\n</body>\n</html>\n"
    )


def section_html(heading: str, *parts: str, note: str = "") -> str:
    """Write a section below a heading in HTML, with a note in plain words."""
    said = f"<p>{escape(note)}</p>\n" if note else ""
    return f"\n<section>\n<h2>{heading}</h2>\n{said}{''.join(parts)}\n</section>"


def picture_html(png: bytes, description: str) -> str:
    """Hold a picture, at the size at which it was drawn."""
    width = int.from_bytes(png[16:20], "big") * 96 // DPI
    source = b64encode(png).decode("ascii")
    return (
        f"<img width='{width}' alt='{escape(description, quote=True)}' "
        f"src='data:image/png;base64,{source}'>\n"
    )


def png_of(draw: Callable[[Figure], object]) -> bytes:
    """Draw away from pyplot, so that no window opens and no figure is left behind."""
    from matplotlib.figure import Figure

    figure, buffer = Figure(layout="constrained"), BytesIO()
    draw(figure)
    figure.savefig(buffer, format="png", dpi=DPI)
    return buffer.getvalue()
