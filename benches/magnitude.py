"""Compare magnitude functions with magnipy's, and with bare Cholesky factors.

Twenty scales of one cloud, from points to magnitudes, at one thread and at two; "even" is
the kind of grid that magnipy chooses, "log" the kind that topolens does. `dpotrf` stands
for LAPACK's factors of the twenty similarity matrices alone, which are made and used
outside the time. Areas under the magnitude function are compared up to the convergence
scale, and with sixty nodes by LAPACK, which only says what is right.

Every call runs in a process of its own that has as many threads as it may use from its
start; the engines take turns, ratios are medians over the rounds. The exit code is 1 where
answers differ or topolens fails.

magnipy asks for its own scipy, so it may live in an environment of its own:

    python3 -m venv peer && peer/bin/pip install magnipy
    python benches/magnitude.py --magnipy-python peer/bin/python --json magnitude.json
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np

from magnitude_engines import BARE, CLOUDS, MAGNIPY, OURS, Question
from measure import Run, in_child
from record import processor
from table import short

PROGRAM = str(Path(__file__).with_name("magnitude_engines.py"))
VARIABLES = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON")
AGREEMENT = 1e-7  # relative; magnipy computes exp(−D)^t, which loses digits
SIZES = (500, 1000, 2000, 4000)
QUICK = 1000  # points at most
AREA_POINTS = 2000

Figures = dict[str, Any]


@dataclass(frozen=True)
class Options:
    rounds: int
    threads: list[int]
    timeout: float
    memory: float
    pythons: dict[str, str]


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
        for engine in self.options.pythons:
            # The area by LAPACK is a reference: what it costs is nobody's concern.
            answered = engine == BARE and self.question.grid is None and self.of(BARE)
            if engine not in self.failures and not answered:
                yield engine

    def of(self, engine: str) -> list[Figures]:
        return [
            figures for (name, _), runs in self.runs.items() if name == engine for figures in runs
        ]

    def take_turn(self, engine: str, threads: int) -> None:
        found = in_child(
            PROGRAM,
            {"engine": engine, "threads": threads, "question": asdict(self.question)},
            {f"{name}_NUM_THREADS": str(threads) for name in VARIABLES},
            self.options.timeout,
            self.options.memory,
            self.options.pythons[engine],
        )
        if isinstance(found, Run):
            stopped = f"> {found.stopped_after:.0f} s" if found.stopped_after else None
            self.failures[engine] = stopped or found.failure or "no answer"
        else:
            self.runs.setdefault((engine, threads), []).append(found)

    def row(self) -> dict[str, Any]:
        """Return medians, ratios to topolens and errors."""
        engines: dict[str, Any] = {}
        for (engine, threads), runs in self.runs.items():
            engines.setdefault(engine, {})[str(threads)] = {
                key: statistics.median(run[key] for run in runs)
                for key in ("cpu", "wall", "peak_mb")
            }
        return {
            "case": self.question.name,
            "question": asdict(self.question),
            "engines": engines,
            "versions": {name: found[0]["version"] for name in engines if (found := self.of(name))},
            "faster": self.ratios(),
            "errors": self.errors(),
            "failures": self.failures,
        }

    def ratios(self) -> dict[str, dict[str, Figures]]:
        """How many times longer the others take, each round by itself."""
        found: dict[str, dict[str, Figures]] = {}
        for (engine, threads), theirs in self.runs.items():
            ours = self.runs.get((OURS, threads), [])
            if engine == OURS or not ours or (engine == BARE and self.question.grid is None):
                continue
            found.setdefault(engine, {})[str(threads)] = {
                key: statistics.median(b[key] / a[key] for a, b in zip(ours, theirs, strict=False))
                for key in ("cpu", "wall")
            }
        return found

    def errors(self) -> dict[str, float]:
        """Largest relative difference to LAPACK's answers, over all runs."""
        reference = self.of(BARE)
        if not reference:
            return {}
        right = np.array(reference[0]["answers"])
        return {
            engine: max(
                float(np.max(np.abs(np.array(run["answers"]) / right - 1)))
                for run in self.of(engine)
            )
            for engine in (OURS, MAGNIPY)
            if self.of(engine)
        }


def wrong(row: dict[str, Any]) -> list[str]:
    """Name the engines whose answers differ; areas are reported with their errors instead."""
    if row["question"]["grid"] is None:
        return []
    return [engine for engine, error in row["errors"].items() if error > AGREEMENT]


def describe(row: dict[str, Any]) -> str:
    """One line a number of threads: seconds, ratios, memory, errors."""
    lines = []
    for threads in sorted({t for by_threads in row["engines"].values() for t in by_threads}):
        cells = []
        for engine, by_threads in row["engines"].items():
            if (figures := by_threads.get(threads)) is None:
                continue
            text = f"{engine} {short(figures['wall'])} s, CPU {short(figures['cpu'])} s"
            text += f", {figures['peak_mb']:.0f} MB" * (engine != BARE)
            if ratio := row["faster"].get(engine, {}).get(threads):
                text += f" [x{ratio['wall']:.1f} wall, x{ratio['cpu']:.1f} CPU]"
            cells.append(text)
        lines.append(
            f"{row['case']:24} {threads} thread{'s' * (threads != '1')}: " + " | ".join(cells)
        )
    errors = ", ".join(f"{engine} {error:.1e}" for engine, error in row["errors"].items())
    failures = ", ".join(f"{engine}: {why}" for engine, why in row["failures"].items())
    lines.append(f"    errors: {errors or '-'}" + f"; no answer: {failures}" * bool(failures))
    return "\n".join(lines)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help=f"at most {QUICK} points, even grids")
    parser.add_argument("--case", nargs="+", default=["*"], help="patterns of names of cases")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one process")
    parser.add_argument("--memory", type=float, default=24, help="GB of address space a process")
    parser.add_argument(
        "--magnipy-python", default=sys.executable, help="an interpreter that has magnipy"
    )
    parser.add_argument("--without", nargs="+", default=[], choices=[MAGNIPY, BARE])
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    return parser.parse_args()


def chosen_questions(options: argparse.Namespace) -> list[Question]:
    functions = [
        Question(cloud, n, grid) for cloud in CLOUDS for n in SIZES for grid in ("even", "log")
    ]
    areas = [Question(cloud, AREA_POINTS, None) for cloud in CLOUDS]
    return [
        question
        for question in functions + areas
        if any(fnmatch(question.name, pattern) for pattern in options.case)
        and (not options.quick or (question.n <= QUICK and question.grid == "even"))
    ]


def main() -> int:
    options = parse()
    pythons = {OURS: sys.executable, MAGNIPY: options.magnipy_python, BARE: sys.executable}
    pythons = {name: path for name, path in pythons.items() if name not in options.without}
    contest = Options(
        options.rounds, options.threads, options.timeout, options.memory * 1e9, pythons
    )
    rows: list[dict[str, Any]] = []
    for question in chosen_questions(options):
        duel = Contest(question, contest)
        duel.run()
        rows.append(duel.row())
        print(describe(rows[-1]), flush=True)
        if options.json:
            record = {"machine": processor(), "python": platform.python_version(), "rows": rows}
            options.json.write_text(json.dumps(record, indent=1))
    differing = [f"{engine} on {row['case']}" for row in rows for engine in wrong(row)]
    failed = [row["case"] for row in rows if OURS in row["failures"]]
    print(f"disagree: {', '.join(differing) or 'none'}")
    print(f"{OURS} gave no answer: {', '.join(failed) or 'none'}")
    return int(bool(differing or failed))


if __name__ == "__main__":
    sys.exit(main())
