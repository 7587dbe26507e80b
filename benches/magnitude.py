"""Compare magnitude functions with magnipy's, and with bare Cholesky factors.

Twenty scales of one cloud, from points to magnitudes, at one thread and at two; "even" is
the kind of grid that magnipy chooses, "log" the kind that topolens does. `dpotrf` stands
for LAPACK's factors of the twenty similarity matrices alone, which are made and used
outside the time. A ratio takes the others' best over as many threads or fewer. Areas under
the magnitude function are compared up to the convergence scale, and with sixty nodes by
LAPACK, which only says what is right.

Every call runs in a process of its own that has as many threads as it may use from its
start; the engines take turns, ratios are medians over the rounds. The exit code is 1 where
answers differ or topolens fails.

magnipy asks for its own scipy, so it may live in an environment of its own:

    python3 -m venv peer && peer/bin/pip install magnipy
    python benches/magnitude.py --magnipy-python peer/bin/python --json magnitude.json
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

import contest
from contest import Figures
from magnitude_engines import BARE, CLOUDS, MAGNIPY, OURS, Question
from table import short

AGREEMENT = 1e-7  # relative; magnipy computes exp(−D)^t, which loses digits
SIZES = (500, 1000, 2000, 4000)
QUICK = 1000  # points at most
AREA_POINTS = 2000


@dataclass(frozen=True)
class Options(contest.Options):
    pythons: dict[str, str]


class Contest(contest.Contest):
    """A contest whose engines may live in environments of their own."""

    PROGRAM: ClassVar = str(Path(__file__).with_name("magnitude_engines.py"))
    VARIABLES: ClassVar = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON")

    def python(self, engine: str) -> str:
        return self.options.pythons[engine]

    def engines(self) -> Iterator[str]:
        for engine in self.options.pythons:
            # The area by LAPACK is a reference: what it costs is nobody's concern.
            answered = engine == BARE and self.question.grid is None and self.of(BARE)
            if engine not in self.failures and not answered:
                yield engine

    def row(self) -> dict[str, Any]:
        """Add the question and the errors."""
        return super().row() | {"question": asdict(self.question), "errors": self.errors()}

    def ratios(self) -> dict[str, dict[str, Figures]]:
        """How many times longer each of the others takes, by engine and threads."""
        found: dict[str, dict[str, Figures]] = {}
        for engine, threads in self.runs:
            if engine == OURS or (engine == BARE and self.question.grid is None):
                continue
            if ratio := self.ratio(threads, engine.__eq__):
                found.setdefault(engine, {})[str(threads)] = ratio
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


def parse() -> Namespace:
    parser = contest.parser(__doc__, quick=f"at most {QUICK} points, even grids", timeout=300)
    parser.add_argument(
        "--magnipy-python", default=sys.executable, help="an interpreter that has magnipy"
    )
    parser.add_argument("--without", nargs="+", default=[], choices=[MAGNIPY, BARE])
    return parser.parse_args()


def chosen_questions(options: Namespace) -> list[Question]:
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
    terms = Options(options.rounds, options.threads, options.timeout, options.memory * 1e9, pythons)
    contests = (Contest(question, terms) for question in chosen_questions(options))
    return contest.hold(contests, describe, wrong, options.json)


if __name__ == "__main__":
    sys.exit(main())
