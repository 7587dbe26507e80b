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

import argparse
import json
import math
import platform
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from cubical_engines import OURS, Question
from measure import Run, in_child
from record import processor
from table import short

PROGRAM = str(Path(__file__).with_name("cubical_engines.py"))
VARIABLES = ("OMP", "OPENBLAS", "MKL", "RAYON", "CRIPSER")

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

Figures = dict[str, Any]


@dataclass(frozen=True)
class Options:
    rounds: int
    threads: list[int]
    timeout: float
    memory: float
    without: list[str]


@dataclass
class Contest:
    """All runs on one question, by engine and threads, round after round."""

    question: Question
    options: Options
    runs: dict[tuple[str, int], list[Figures]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        for _ in range(self.options.rounds):
            for threads in self.options.threads:
                for engine in self.engines():
                    self.take_turn(engine, threads)

    def engines(self) -> Iterator[str]:
        for engine in self.question.engines():
            if engine not in self.failures and engine not in self.options.without:
                yield engine

    def take_turn(self, engine: str, threads: int) -> None:
        found = in_child(
            PROGRAM,
            {"engine": engine, "threads": threads, "question": asdict(self.question)},
            {f"{name}_NUM_THREADS": str(threads) for name in VARIABLES},
            self.options.timeout,
            self.options.memory,
        )
        if isinstance(found, Run):
            stopped = f"> {found.stopped_after:.0f} s" if found.stopped_after else None
            self.failures[engine] = stopped or found.failure or "no answer"
        else:
            self.runs.setdefault((engine, threads), []).append(found)

    def row(self) -> dict[str, Any]:
        """Return medians, ratios of the peers to topolens, and who found something else."""
        engines: dict[str, Any] = {}
        for (engine, threads), runs in self.runs.items():
            engines.setdefault(engine, {})[str(threads)] = {
                key: statistics.median(run[key] for run in runs)
                for key in ("cpu", "wall", "peak_mb")
            }
        every = [(engine, run) for (engine, _), runs in self.runs.items() for run in runs]
        return {
            "case": self.question.name,
            "voxels": math.prod(self.question.shape),
            "engines": engines,
            "versions": {engine: run["version"] for engine, run in every},
            "size": every[0][1]["size"] if every else [],
            "faster": self.ratios(),
            "disagree": self.disagree(),
            "failures": self.failures,
        }

    def ratios(self) -> dict[str, Figures]:
        """How many times longer the best peer takes, each round by itself."""
        found: dict[str, Figures] = {}
        for threads in self.options.threads:
            ours = self.runs.get((OURS, threads), [])
            rounds = [
                runs for (name, k), runs in self.runs.items() if name != OURS and k <= threads
            ]
            if ours and rounds:
                found[str(threads)] = {
                    key: statistics.median(
                        min(run[key] for run in theirs) / own[key]
                        for own, *theirs in zip(ours, *rounds, strict=False)
                    )
                    for key in ("cpu", "wall")
                }
        return found

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


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} times fewer voxels")
    parser.add_argument("--case", nargs="+", default=["*"], help="patterns of names of cases")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one process")
    parser.add_argument("--memory", type=float, default=24, help="GB of address space a process")
    parser.add_argument("--without", nargs="+", default=[], help="engines to leave out")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    return parser.parse_args()


def main() -> int:
    options = parse()
    contest = Options(
        options.rounds, options.threads, options.timeout, options.memory * 1e9, options.without
    )
    rows: list[dict[str, Any]] = []
    for question in QUESTIONS:
        if not any(fnmatch(question.name, pattern) for pattern in options.case):
            continue
        duel = Contest(quick(question) if options.quick else question, contest)
        duel.run()
        rows.append(duel.row())
        print(describe(rows[-1]), flush=True)
        if options.json:
            record = {"machine": processor(), "python": platform.python_version(), "rows": rows}
            options.json.write_text(json.dumps(record, indent=1))
    differing = [f"{engine} on {row['case']}" for row in rows for engine in row["disagree"]]
    failed = [row["case"] for row in rows if OURS in row["failures"]]
    print(f"disagree: {', '.join(differing) or 'none'}")
    print(f"{OURS} gave no answer: {', '.join(failed) or 'none'}")
    return int(bool(differing or failed))


if __name__ == "__main__":
    sys.exit(main())
