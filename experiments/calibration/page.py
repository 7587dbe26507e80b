"""The page that is written from the tables alone, of the larger size where there are both."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from experiments.calibration import PARTS, SIZES
from experiments.harness.tables import read_table

INTRODUCTION = """# Are the p-values right?

A p-value of 0.05 has to come up in 5 % of the analyses in which nothing happens, and a 95 %
interval has to miss in 5 %. Here both are counted: data with a known answer are drawn many times,
and go through the functions of [Is it more than chance?](howto/contrasts.md). Rates are in percent,
with twice their standard error. A level *holds* if its rate is at most 6.5 %, and is *conservative*
below 3.5 %: few networks, or counts with many ties, have coarse p-values. An interval *holds* if it
covers in 94 % or more. What so many draws can neither bear out nor refute is *open*. The last parts
ask when a loop is called supported, and which rules find the loops of known shapes.

`make calibration` draws all of it again.
"""


def write_page(tables: Path, page: Path) -> Path:
    """Write what each part that has a table found."""
    parts = [INTRODUCTION]
    for name in PARTS:
        paths = [tables / size / f"{name}.csv" for size in reversed(SIZES)]
        path = next((path for path in paths if path.exists()), None)
        if path is None:
            continue
        module = import_module(f"experiments.calibration.{name}")
        parts += [f"## {module.TITLE}", module.report(read_table(path)).strip()]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n\n".join(part.strip() for part in parts) + "\n", "utf-8")
    return page
