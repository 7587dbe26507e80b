"""The documentation, built by ``make docs``.

The source folder is the root of the repository, so that the links between pages, notebooks and
examples are the same on the site and where the code is hosted.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from collections import defaultdict
from pathlib import Path

import topolens

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

project = "topolens"
author = "The topolens developers"
copyright = author
version = release = topolens.__version__

extensions = [
    "mathml",
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_design",
]
root_doc = "docs/index"
include_patterns = [
    "docs/**",
    "notebooks/*.ipynb",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
]
exclude_patterns = [
    *("docs/_build", "docs/_ext", "docs/_templates", "**/.ipynb_checkpoints"),
    *(".git", ".venv*", "target"),  # large, and nothing to be found there
]
templates_path = [str(HERE / "_templates")]  # as HTML and autosummary look in different folders
default_role = "py:obj"  # what docstrings write in single backticks

# Pages and notebooks: all code runs, and an error in it is an error of the build. What a notebook
# has shown is kept beside the pages until its code changes.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "cache")
nb_execution_timeout = 600
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
# What other packages warn of on import, and the shell of a notebook, is not about our pages.
os.environ["PYTHONWARNINGS"] = "ignore:IProgress not found,ignore:os.fork() was called"
nb_ipywidgets_js = {}  # it would come from another host
nb_number_source_lines = False
suppress_warnings = ["mystnb.unknown_mime_type"]  # progress bars
if not (HERE / "results.md").exists():  # `python -m experiments` writes it
    suppress_warnings.append("toc.not_readable")


def same_but_for_case() -> dict[str, str]:
    """Name the pages of `Quotient` and `quotient` apart on file systems that take them for one."""
    alike = defaultdict(list)
    for package in (info.name for info in pkgutil.iter_modules(topolens.__path__)):
        if not package.startswith("_"):
            for name in getattr(topolens, package).__all__:
                alike[f"topolens.{package}.{name}".lower()].append(f"topolens.{package}.{name}")
    return {
        path: f"{path}-class"
        for paths in alike.values()
        if len(paths) > 1
        for path in paths
        if not path.islower()
    }


autosummary_generate = sorted(f"docs/api/{page.name}" for page in (HERE / "api").glob("*.md"))
autosummary_filename_map = same_but_for_case()
autodoc_typehints = "none"  # the docstrings say it in words
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_math_renderer = "mathml"
html_title = "topolens"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_additional_pages = {"index": "redirect.html"}
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#0072B2",
        "color-brand-content": "#0072B2",
    },
    "dark_css_variables": {
        "color-brand-primary": "#56B4E9",
        "color-brand-content": "#56B4E9",
    },
}
