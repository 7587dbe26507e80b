"""What an experiment leaves in its folder, and the page that is built from all that are there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pandas as pd

SUMMARY = "claims.json"
INTRODUCTION = """# Results

Four papers say what networks do to the shape of data, of training, and of the space of networks.
The experiments in `experiments/` test what they say, claim by claim, at {size} size. This page is
written by the program that runs them:

    {command}

A claim is put as a number that would lie on one side of a bound, or within two, if the claim were
true. It *holds* if the whole {level} interval of that number is on the claim's side, it *fails*
if the whole interval is on the other side, and otherwise it is *undecided*. Nothing else decides.
Each interval is for one claim alone: of {n_claims} such intervals, about {missed} would be expected
to miss their number. `n` is what was drawn independently, mostly networks. Data sets are fixed:
nothing here is about other data.
"""


class Figure(NamedTuple):
    """A picture in the folder of an experiment."""

    path: Path
    caption: str


def leave(module: ModuleType, table: pd.DataFrame, size: str, folder: Path) -> dict[str, Any]:
    """Write table, pictures and claims of an experiment into its folder; return the summary."""
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "table.csv", index=False, lineterminator="\n")
    summary = {
        "title": module.TITLE,
        "source": module.SOURCE,
        "size": size,
        "about": module.about(size),
        "claims": [claim.to_dict() for claim in module.claims(table, size)],
        "figures": [[f.path.name, f.caption] for f in module.figures(table, folder)],
        "remarks": module.remarks(table, size),
    }
    (folder / SUMMARY).write_text(json.dumps(summary, indent=1, ensure_ascii=False), "utf-8")
    return summary


def build(out: Path, names: Iterable[str], page: Path) -> Path:
    """Write the page of all experiments in `out`, with their pictures beside it."""
    found = {
        name: json.loads((out / name / SUMMARY).read_text("utf-8"))
        for name in names
        if (out / name / SUMMARY).exists()
    }
    pictures = page.parent / "pictures" / page.stem
    pictures.mkdir(parents=True, exist_ok=True)
    sections = [_section(name, summary, out, pictures) for name, summary in found.items()]
    page.write_text("\n".join([_introduction(found), _all_claims(found), *sections]), "utf-8")
    return page


def _introduction(found: dict[str, dict[str, Any]]) -> str:
    claims = [claim for summary in found.values() for claim in summary["claims"]]
    sizes = sorted({summary["size"] for summary in found.values()})
    level = claims[0]["level"]
    return INTRODUCTION.format(
        size=" and ".join(sizes),
        command="make experiments" + ("" if sizes == ["small"] else f" SIZE={sizes[0]}"),
        level=_percent(level),
        n_claims=len(claims),
        missed=f"{len(claims) * (1 - level):.0f}",
    )


def _all_claims(found: dict[str, dict[str, Any]]) -> str:
    lines = [
        "## All claims",
        "",
        *_counts(found),
        "",
        "| paper | claim | verdict | true if | found | interval | n |",
        "|---|---|---|---|---|---|---|",
    ]
    for summary in found.values():
        for claim in summary["claims"]:
            cells = (
                claim["paper"],
                claim["statement"],
                f"**{claim['verdict']}**",
                _wanted(claim),
                _estimate(claim),
                _interval(claim),
                f"{claim['n']:,}",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _counts(found: dict[str, dict[str, Any]]) -> list[str]:
    lines = ["| experiment | claims | hold | fail | undecided |", "|---|---|---|---|---|"]
    for summary in found.values():
        verdicts = [claim["verdict"] for claim in summary["claims"]]
        counts = [verdicts.count(verdict) for verdict in ("holds", "fails", "undecided")]
        lines.append(f"| {summary['title']} | {len(verdicts)} | {' | '.join(map(str, counts))} |")
    return lines


def _section(name: str, summary: dict[str, Any], out: Path, pictures: Path) -> str:
    parts = [f"## {summary['title']}", summary["source"], summary["about"]]
    for file, caption in summary["figures"]:
        shutil.copyfile(out / name / file, pictures / f"{name}_{file}")
        target = os.path.join(pictures.parent.name, pictures.name, f"{name}_{file}")
        parts += [f"![{caption.partition('. ')[0]}]({target})", f"*{caption}*"]
    parts += ["### What it means", summary["remarks"]]
    parts += ["### How it was computed", "\n".join(map(_method, summary["claims"]))]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _method(claim: dict[str, Any]) -> str:
    remark = f" {claim['remark']}" if claim["remark"] else ""
    verdict = claim["verdict"].capitalize()
    return (
        f"- **{claim['statement']}** {verdict}: {_estimate(claim)}, {_interval(claim)}. "
        f"{claim['method']}{remark}"
    )


def _wanted(claim: dict[str, Any]) -> str:
    low, high = claim["wanted"]
    if low is None:
        return f"{'at most' if claim['closed'] else 'below'} {_number(high, claim)}"
    if high is None:
        return f"{'at least' if claim['closed'] else 'above'} {_number(low, claim)}"
    return f"from {_number(low, claim)} to {_number(high, claim)}"


def _estimate(claim: dict[str, Any]) -> str:
    return f"{_number(claim['estimate'], claim)} {claim['unit']}".strip()


def _interval(claim: dict[str, Any]) -> str:
    low, high = claim["interval"]
    return f"[{_number(low, claim)}, {_number(high, claim)}]"


def _number(value: float, claim: dict[str, Any]) -> str:
    """Write shares, whose unit begins with "of", in percent."""
    if claim["unit"].startswith("of "):
        return _percent(value)
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
