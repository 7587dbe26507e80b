"""Compare persistence of images with GUDHI's and cripser's, at equal coefficients.

Every call runs in a process of its own; the engines take turns, and ratios are medians over
the rounds of the best peer over topolens, at one thread and at two (of which GUDHI uses none
but for stacks, and cripser few). Bars must be equal to the last bit, Betti numbers equal. The
exit code is 1 where answers differ or topolens fails.

    python benches/cubical.py --json cubical.json
    python benches/cubical.py --quick                      # sixteen times fewer voxels
    python benches/cubical.py --case '*-V' --rounds 1

`gudhi.sklearn` is GUDHI's way for lines and T pictures without a complex. Betti numbers by
cripser are bars counted at a threshold; `cripser-binary` is handed the image cut at it.
Peak memory is what the call takes beyond its input.
"""

from __future__ import annotations

import math
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, ClassVar

import contest
from contest import Figures
from cubical_engines import OURS, Question
from table import short

SMOOTH_OR_NOT = ("smooth", "noise")
QUESTIONS = [
    *(Question((2048, 2048), kind, way) for kind in SMOOTH_OR_NOT for way in "VT"),
    *(Question((128,) * 3, kind, way) for kind in ("smooth", "relu", "noise") for way in "VT"),
    Question((64, 64, 56, 56), "relu", "V", stacked=True, betti=True),
    Question((64, 64, 56, 56), "relu", "T", stacked=True, betti=True),
    *(Question((256, 28, 28), "smooth", way, stacked=True) for way in "VT"),
    Question((2**20,), "noise"),
    *(Question((20,) * 4, kind, way) for kind in ("smooth", "noise") for way in "VT"),
    *(
        Question((64,) * 3, kind, way, periodic=True)
        for kind in ("smooth", "noise")
        for way in "VT"
    ),
    *(Question((256,) * 3, kind, peers=False) for kind in ("smooth", "relu", "noise")),
]
QUICK = 16  # times fewer voxels


@dataclass(frozen=True)
class Options(contest.Options):
    without: list[str]


class Contest(contest.Contest):
    """A contest whose answers are compared by digests."""

    PROGRAM: ClassVar = str(Path(__file__).with_name("cubical_engines.py"))
    VARIABLES: ClassVar = ("OMP", "OPENBLAS", "MKL", "RAYON", "CRIPSER")

    def engines(self) -> Iterator[str]:
        for engine in self.question.engines():
            if engine not in self.failures and engine not in self.options.without:
                yield engine

    def row(self) -> dict[str, Any]:
        """Add the sizes of question and answer, and who found something else."""
        every = [run for runs in self.runs.values() for run in runs]
        return super().row() | {
            "voxels": math.prod(self.question.shape),
            "size": every[0]["size"] if every else [],
            "disagree": self.disagree(),
        }

    def ratios(self) -> dict[str, Figures]:
        """How many times longer the best peer takes, by threads."""
        found = {
            str(threads): self.ratio(threads, lambda name: True) for threads in self.options.threads
        }
        return {threads: ratio for threads, ratio in found.items() if ratio}

    def disagree(self) -> list[str]:
        """Name the peers whose answers are not ours, and us if we differ from ourselves."""
        ours = {
            run["digest"] for (name, _), runs in self.runs.items() if name == OURS for run in runs
        }
        return sorted(
            {
                name
                for (name, _), runs in self.runs.items()
                if ours and {run["digest"] for run in runs} != ours
            }
        )


def describe(row: dict[str, Any]) -> str:
    """One line a number of threads: times, memory a voxel, and the best peer over topolens."""
    lines = []
    for threads in sorted({t for by_threads in row["engines"].values() for t in by_threads}):
        cells = [
            f"{engine} {short(figures['wall'])} s, CPU {short(figures['cpu'])} s, "
            f"{short(figures['peak_mb'] * 2**20 / row['voxels'])} B/voxel"
            for engine, by_threads in row["engines"].items()
            if (figures := by_threads.get(threads))
        ]
        ratio = row["faster"].get(threads)
        best = f"x{ratio['cpu']:.1f} CPU, x{ratio['wall']:.1f} wall" if ratio else "-"
        lines.append(
            f"{row['case']:32} {threads} thread{'s' * (threads != '1'):1} {best:24} "
            + " | ".join(cells)
        )
    if row["disagree"]:
        lines.append(f"    disagree: {', '.join(row['disagree'])}")
    if row["failures"]:
        lines.append(
            "    no answer: " + ", ".join(f"{name}: {why}" for name, why in row["failures"].items())
        )
    return "\n".join(lines)


def quick(question: Question) -> Question:
    """The same question with axes of a stack or an image shortened."""
    first, *others = question.shape
    if question.stacked or not others:
        return replace(question, shape=(max(first // QUICK, 1), *others))
    factor = QUICK ** (1 / len(question.shape))
    return replace(question, shape=tuple(round(n / factor) for n in question.shape))


def parse() -> Namespace:
    parser = contest.parser(__doc__, quick=f"{QUICK} times fewer voxels", timeout=600)
    parser.add_argument("--without", nargs="+", default=[], help="engines to leave out")
    return parser.parse_args()


def main() -> int:
    options = parse()
    terms = Options(
        options.rounds, options.threads, options.timeout, options.memory * 1e9, options.without
    )
    contests = (
        Contest(quick(question) if options.quick else question, terms)
        for question in QUESTIONS
        if any(fnmatch(question.name, pattern) for pattern in options.case)
    )
    return contest.hold(contests, describe, lambda row: row["disagree"], options.json)


if __name__ == "__main__":
    sys.exit(main())
