"""The pages: their code runs, their links lead somewhere, and all that is public is on them.

The site is built once, with every warning an error. That executes the notebooks and all pages whose
code is in cells; what is in plain Python blocks runs here.
"""

from __future__ import annotations

import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

import topolens

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "docs" / "_build"
SITE = BUILD / "html"
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
ORDINARY = sorted(path for path in ROOT.glob("docs/**/*.md") if BUILD not in path.parents)
PAGES = [*ORDINARY, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
FENCE = re.compile(r"^(?P<marks>`{3,})(?P<kind>[^\n`]*)\n(?P<body>.*?)^(?P=marks)$", re.M | re.S)
NOT_RUN = "<!-- not run"  # and why, on the line before a block that needs what tests have not
LINK = re.compile(r"\]\(([^)\s]+)\)")

# Whichever test is the first to need the site builds it.
pytestmark = pytest.mark.timeout(1800)


def blocks(page: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield the kind and the text of each fenced block, and whether it is marked as not run."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        before = text[: found.start()].rstrip().rpartition("\n")[2]
        yield found["kind"].strip(), found["body"], before.startswith(NOT_RUN)


def python_of(page: Path) -> str:
    return "\n".join(body for kind, body, left in blocks(page) if kind == "python" and not left)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_all_code_is_of_a_kind_that_runs(page):
    known = re.compile(r"python|sh|text|\{[a-z-]+\}( ipython3)?")
    kinds = {kind for kind, _, _ in blocks(page)}
    assert all(known.fullmatch(kind) for kind in kinds), kinds
    without_blocks = FENCE.sub("", page.read_text(encoding="utf-8"))
    assert ">>> " not in without_blocks
    assert not re.search(r"^    (import|from|for|def|class) ", without_blocks, re.M)


@pytest.mark.parametrize(
    "page", [*filter(python_of, PAGES)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_python_blocks_run_in_order(page, tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", python_of(page)],
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr


def test_few_blocks_are_not_run():
    marked = [page.name for page in PAGES for *_, left in blocks(page) if left]
    assert len(marked) <= 2, marked


def test_every_public_name_has_its_entry_in_the_reference():
    listed = []
    for page in sorted(ROOT.glob("docs/api/*.md")):
        for kind, body, _ in blocks(page):
            if kind == "{eval-rst}":
                module = re.search(r"currentmodule:: (\S+)", body)[1]
                listed += [f"{module}.{name}" for name in re.findall(r"^   (\w+)$", body, re.M)]
    packages = [
        getattr(topolens, info.name)
        for info in pkgutil.iter_modules(topolens.__path__)
        if not info.name.startswith("_") and info.name != "cli"
    ]
    public = {f"{package.__name__}.{name}" for package in packages for name in package.__all__}
    assert len(listed) == len(set(listed))
    assert set(listed) == public | {"topolens.NumericalError"}


def slug(heading: str) -> str:
    """Name the anchor of a heading as code-hosting sites do."""
    plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")


def markdown_of(path: Path) -> str:
    if path.suffix != ".ipynb":
        return FENCE.sub("", path.read_text(encoding="utf-8"))
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("page", [*PAGES, *NOTEBOOKS], ids=lambda page: page.name)
def test_links_between_files_lead_somewhere(page):
    for link in LINK.findall(markdown_of(page)):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        assert target.is_file(), link
        if parts.fragment:
            headings = re.findall(r"^#+ (.*)$", markdown_of(target), re.M)
            assert unquote(parts.fragment) in map(slug, headings), link


@pytest.fixture(scope="module")
def site() -> Path:
    """Build the site where `make docs` does; what has not changed is not executed again."""
    options = ["-W", "--keep-going", "-q", "-b", "html", "-c", "docs"]
    run = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, "-d", BUILD / "doctrees", ".", SITE],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-6000:]
    return SITE


class Page(HTMLParser):
    """What a page of the site points to, what it loads, and the anchors that it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.tags: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.tags.append(tag)
        if "id" in values:
            self.anchors.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag in ("script", "img", "iframe", "source") and "src" in values:
            self.loads.append(values["src"])
        elif tag == "link" and values.get("rel") in ("stylesheet", "preload", "icon"):
            self.loads.append(values["href"])


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return {path.resolve(): Page(path) for path in site.rglob("*.html")}


def test_every_page_and_notebook_is_on_the_site(pages):
    for path in [*ORDINARY, *NOTEBOOKS, ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md"]:
        assert (SITE / path.relative_to(ROOT)).with_suffix(".html").resolve() in pages


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_was_executed(path, pages):
    page = pages[(SITE / "notebooks" / f"{path.stem}.html").resolve()]
    drawn = [source for source in page.loads if "/_images/" in source]
    assert len(drawn) >= 3


def test_no_page_shows_a_warning_or_where_it_was_built(pages):
    for path in pages:
        text = path.read_text(encoding="utf-8")
        printed = re.findall(r'<div class="output stderr.*?</pre>', text, re.DOTALL)
        assert not printed, f"{printed[0][:600]} on {path}"
        for place in ("site-packages/", str(ROOT)):
            assert place not in text, f"{place} on {path}"


def test_links_of_the_site_lead_somewhere(pages):
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or not (parts.path or parts.fragment):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{link} on {path}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].anchors, f"{link} on {path}"


def test_the_site_needs_no_other_host(pages):
    for path, page in pages.items():
        for source in page.loads:
            assert not urlsplit(source).netloc, f"{source} on {path}"
    styles = "".join(path.read_text(encoding="utf-8") for path in SITE.rglob("*.css"))
    assert not re.search(r"url\(['\"]?(https?:)?//", styles)


def test_equations_are_drawn_by_the_browser(pages):
    layers = pages[(SITE / "docs" / "layers.html").resolve()]
    assert layers.tags.count("math") > 10
    assert not any("mathjax" in source.lower() for page in pages.values() for source in page.loads)
