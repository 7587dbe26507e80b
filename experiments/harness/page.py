"""The page that is built from the tables of all experiments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pandas as pd

from experiments.harness.claims import OURS, Claim, Finding
from experiments.harness.intervals import LEVEL
from experiments.harness.words import found, percent, reach, wanted

INTRODUCTION = """# Results

Four papers say what networks do to the shape of data, of training, and of the space of networks.
Here is what became of it when it was run again:

{sentences}

## How to read this page

A claim of a paper is put as a number that would lie on one side of a bound, or within two, if the
claim were true. The claim is *reproduced* if the whole {level} interval of that number lies there.
It is *not reproduced* if the whole interval lies elsewhere, and data, networks, training and
measurement are those of the authors; if they are not, it is *not reproduced at this size*, which
says as much about the size as about the claim. Otherwise it is *undecided*. Where no outcome could
have reproduced the claim, it says so. Who set a bound stands beside it: papers seldom do. What each
`n` could have decided stands below the pictures: of a share, with which probability a claim that is
clearly true would have been reproduced; of other numbers, how near to the bound they stay open.

Questions that are ours, controls and readings of critics among them, stand in tables of their own,
where they *hold* or *fail*. What no sample can decide, theorems above all, is shown as estimates.

Each interval is for one number alone: of {claims} such intervals, about {missed} would be expected
to miss theirs. `n` is what was drawn independently, mostly networks. Data sets are fixed: nothing
here is about other data. `make results` builds this page from the tables in `experiments/tables`,
`make experiments` computes those of the small size anew.

{counts}
"""


class Figure(NamedTuple):
    """A picture that was drawn, and what it shows."""

    path: Path
    caption: str


class Section(NamedTuple):
    """What an experiment says about its table."""

    name: str
    module: ModuleType
    table: pd.DataFrame
    claims: list[Claim]
    questions: list[Claim]
    findings: list[Finding]


def build(
    modules: Mapping[str, ModuleType], tables: Mapping[str, pd.DataFrame], page: Path
) -> Path:
    """Write the page of all experiments that have a table, with their pictures beside it."""
    sections = [_section(name, modules[name], table) for name, table in tables.items()]
    pictures = page.parent / "pictures" / page.stem
    parts = [_introduction(sections)]
    for section in sections:
        parts += [_text(section, _figures(section, pictures, page.parent))]
    page.write_text("\n".join(parts), "utf-8")
    return page


def _section(name: str, module: ModuleType, table: pd.DataFrame) -> Section:
    said = module.claims(table)
    claims = [one for one in said if isinstance(one, Claim)]
    return Section(
        name,
        module,
        table,
        [claim for claim in claims if claim.paper != OURS],
        [claim for claim in claims if claim.paper == OURS],
        [one for one in said if isinstance(one, Finding)],
    )


def _introduction(sections: list[Section]) -> str:
    n_claims = sum(len(section.claims) + len(section.questions) for section in sections)
    sentences = [f"- **{s.module.TITLE}.** {_sentence(s)}" for s in sections]
    return INTRODUCTION.format(
        sentences="\n".join(sentences),
        level=percent(LEVEL),
        claims=n_claims,
        missed=f"{n_claims * (1 - LEVEL):.0f}",
        counts=_counts(sections),
    )


def _sentence(section: Section) -> str:
    """Say what became of a paper: the experiment's own sentence, or how many claims stand."""
    if hasattr(section.module, "summary"):
        return section.module.summary(section.table)
    counts = Counter(claim.verdict for claim in section.claims)
    if not counts:
        return f"{len(section.findings)} estimates, and no verdict."
    verdicts = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common())
    return f"Of {len(section.claims)} claims: {verdicts}."


def _counts(sections: list[Section]) -> str:
    lines = []
    for section in sections:
        of_paper, ours = (
            Counter(claim.verdict.partition(" (")[0] for claim in claims)
            for claims in (section.claims, section.questions)
        )
        papers = ("reproduced", "not reproduced", "not reproduced at this size", "undecided")
        numbers = [*(of_paper[v] for v in papers), *(ours[v] for v in ("holds", "fails"))]
        cells = [*numbers, ours["undecided"], len(section.findings)]
        lines.append([section.module.TITLE, *map(str, cells)])
    heads = ("experiment", "reproduced", "not reproduced", "not at this size", "undecided")
    ours_heads = ("ours: hold", "fail", "undecided", "estimates")
    return _grid([*heads, *ours_heads], lines)


def _text(section: Section, figures: Iterable[str]) -> str:
    module = section.module
    parts = [f"## {module.TITLE}", module.SOURCE, module.about(section.table)]
    if section.claims:
        parts += ["### What the paper says", _claims(section.claims)]
    if section.questions:
        parts += ["### Our questions", _questions(section.questions)]
    if section.findings:
        parts += ["### Estimates without a verdict", _findings(section.findings)]
    parts += [*figures, "### What it means", module.remarks(section.table)]
    methods = [_method(claim) for claim in (*section.claims, *section.questions)]
    methods += _remarks(section.findings)
    if methods:
        parts += ["### How it was computed", "\n".join(methods)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _claims(claims: list[Claim]) -> str:
    heads = ("claim", "where", "verdict", "true if (whose bound)", "the paper has", "here", "n")
    rows = []
    for claim, where in zip(claims, _places(claims), strict=True):
        verdict, bound, here, n = _outcome(claim)
        rows.append([claim.statement, where, verdict, bound, claim.theirs, here, n])
    return _grid(heads, rows)


def _questions(claims: list[Claim]) -> str:
    heads = ("question", "verdict", "true if (whose bound)", "here", "n")
    return _grid(heads, [[claim.statement, *_outcome(claim)] for claim in claims])


def _outcome(claim: Claim) -> list[str]:
    return [f"**{claim.verdict}**", wanted(claim), found(claim), f"{claim.interval.n:,}"]


def _findings(findings: list[Finding]) -> str:
    places = zip(findings, _places(findings), strict=True)
    rows = [[one.statement, where, one.estimate] for one, where in places]
    return _grid(("statement", "where", "here"), rows)


def _places(claims: Sequence[Claim | Finding]) -> list[str]:
    """Say where each is found, and in whose paper where there is more than one."""
    if len({claim.paper for claim in claims}) == 1:
        return [claim.place for claim in claims]
    return [", ".join(filter(None, (claim.paper, claim.place))) for claim in claims]


def _method(claim: Claim) -> str:
    how = f"{claim.method} Interval: {claim.interval.method}. {reach(claim)}"
    return f"- **{claim.statement}** {how} {claim.remark}".rstrip()


def _remarks(findings: list[Finding]) -> list[str]:
    """Say each remark once, for all that it is about."""
    about: dict[str, list[str]] = {}
    for one in findings:
        about.setdefault(one.remark, []).append(f"**{one.statement}**")
    return [f"- {' '.join(names)} {remark}" for remark, names in about.items() if remark]


def _figures(section: Section, pictures: Path, beside: Path) -> list[str]:
    """Draw the pictures of an experiment, and let go of those that it no longer draws."""
    folder = pictures / section.name
    folder.mkdir(parents=True, exist_ok=True)
    drawn = section.module.figures(section.table, folder)
    for old in {*folder.glob("*.png")} - {figure.path for figure in drawn}:
        old.unlink()
    shown = []
    for path, caption in drawn:
        title = caption.partition(". ")[0]
        shown += [f"![{title}]({path.relative_to(beside).as_posix()})", f"*{caption}*"]
    return shown


def _grid(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table; bars in a cell, as of |W|, would end it."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (heads, *rows)]
    first, *others = (f"| {' | '.join(row)} |" for row in cells)
    return "\n".join([first, "|" + "---|" * len(cells[0]), *others])
