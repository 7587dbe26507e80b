"""What was found in the zoo, as a line, as a table, and on a page of the documentation."""

from __future__ import annotations

import re
import statistics
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
PLACE = re.compile(r"(?<=<!-- zoo -->\n).*(?=<!-- /zoo -->)", re.S)
HEAD = (
    "| Networks | Number | Recorded | As by hooks | Layers (median) | Control as fresh |\n"
    "| :-- | --: | --: | --: | --: | --: |\n"
)


def in_a_line(found: Figures) -> str:
    """Say of one network what was found."""
    ratios = " ".join(
        f"{layer} {control:.2g}/{fresh:.2g}"
        for layer, (control, fresh) in found.get("ratios", {}).items()
    )
    layers = f"{found['layers']:3} layers" if "layers" in found else "not recorded"
    problems = "; ".join(f"{about}: {what[:150]}" for about, what in found["problems"].items())
    warned = "".join(f" warned: {message[:150]}" for message in found.get("warnings", []))
    return f"{found['seconds']:6.1f} s {found['name']:40} {layers} {ratios} {problems}{warned}"


def table(found: list[Figures]) -> str:
    """Return a row for each family, and under them the networks that have problems."""
    families: dict[str, list[Figures]] = {}
    for each in found:
        families.setdefault(each["family"], []).append(each)
    lines = [_row(family, members) for family, members in families.items()]
    failures = [
        f"- `{each['name']}`, {about}: {_shortened(what)}"
        for each in found
        for about, what in each["problems"].items()
    ]
    return HEAD + "\n".join(lines) + "\n\n" + "\n".join(failures or ["None fails."]) + "\n"


def write(page: Path, table: str) -> None:
    """Put the table where the page has its place for it."""
    page.write_text(PLACE.sub(lambda _: "\n" + table + "\n", page.read_text()))


def failures(page: Path) -> set[tuple[str, str]]:
    """Read which networks fail, and in what, off the page."""
    place = PLACE.search(page.read_text())
    return set(re.findall(r"^- `([^`]+)`, (\w+):", place[0], re.M))


def rows(page: Path) -> dict[str, int]:
    """Read the families and their numbers of networks off the page."""
    cells = re.findall(r"^\| ([^|:]+) \| (\d+) \|", PLACE.search(page.read_text())[0], re.M)
    return {family: int(number) for family, number in cells}


def _row(family: str, members: list[Figures]) -> str:
    recorded = [each for each in members if "layers" in each]
    right = [each for each in recorded if not {"values", "unchanged"} & set(each["problems"])]
    controls = [each for each in recorded if "ratios" in each or "control" in each["problems"]]
    fresh = [each for each in controls if "control" not in each["problems"]]
    layers = statistics.median(each["layers"] for each in recorded) if recorded else 0
    return (
        f"| {family} | {len(members)} | {len(recorded)} | {len(right)} | {layers:.0f} | "
        f"{len(fresh)} of {len(controls)} |"
    )


def _shortened(text: str, most: int = 160) -> str:
    """Keep a message short and harmless on a page."""
    text = re.sub(r"^\w+: |[`<>|\[\]]", "", " ".join(text.split()))
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
