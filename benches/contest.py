"""Engines that take turns at questions, every call in a process of its own.

What a benchmark adds: who takes part in a contest, and what a row says beside medians.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from measure import Run, in_child
from record import processor

OURS = "topolens"
TIMES = ("cpu", "wall")

Figures = dict[str, Any]


@dataclass(frozen=True)
class Options:
    rounds: int
    threads: list[int]
    timeout: float
    memory: float


@dataclass
class Contest:
    """All runs on one question, by engine and threads, round after round."""

    question: Any
    options: Any
    runs: dict[tuple[str, int], list[Figures]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    PROGRAM: ClassVar[str]
    VARIABLES: ClassVar[tuple[str, ...]]

    def engines(self) -> Iterator[str]:
        """Name those that are still in the contest."""
        raise NotImplementedError

    def python(self, engine: str) -> str:
        return sys.executable

    def run(self) -> None:
        for _ in range(self.options.rounds):
            for threads in self.options.threads:
                for engine in self.engines():
                    self.take_turn(engine, threads)

    def of(self, engine: str) -> list[Figures]:
        return [
            figures for (name, _), runs in self.runs.items() if name == engine for figures in runs
        ]

    def take_turn(self, engine: str, threads: int) -> None:
        found = in_child(
            self.PROGRAM,
            {"engine": engine, "threads": threads, "question": asdict(self.question)},
            {f"{name}_NUM_THREADS": str(threads) for name in self.VARIABLES},
            self.options.timeout,
            self.options.memory,
            self.python(engine),
        )
        if isinstance(found, Run):
            stopped = f"> {found.stopped_after:.0f} s" if found.stopped_after else None
            self.failures[engine] = stopped or found.failure or "no answer"
        else:
            self.runs.setdefault((engine, threads), []).append(found)

    def row(self) -> dict[str, Any]:
        """Return medians, ratios to topolens, and why there are no others."""
        engines: dict[str, Any] = {}
        for (engine, threads), runs in self.runs.items():
            engines.setdefault(engine, {})[str(threads)] = {
                key: statistics.median(run[key] for run in runs) for key in (*TIMES, "peak_mb")
            }
        return {
            "case": self.question.name,
            "engines": engines,
            "versions": {name: self.of(name)[0]["version"] for name in engines},
            "faster": self.ratios(),
            "failures": self.failures,
        }

    def ratios(self) -> dict[str, Any]:
        """How many times longer the others take."""
        raise NotImplementedError

    def ratio(self, threads: int, takes_part: Callable[[str], bool]) -> Figures | None:
        """How many times longer the best of some others takes, each round by itself.

        Their best over as many threads or fewer counts: on a busy machine two threads of
        BLAS, which wait for each other by spinning, may be slower than one by far.
        """
        ours = self.runs.get((OURS, threads), [])
        rounds = [
            runs
            for (name, k), runs in self.runs.items()
            if name != OURS and takes_part(name) and k <= threads
        ]
        if not (ours and rounds):
            return None
        return {
            key: statistics.median(
                min(run[key] for run in theirs) / own[key]
                for own, *theirs in zip(ours, *rounds, strict=False)
            )
            for key in TIMES
        }


def parser(description: str | None, *, quick: str, timeout: float) -> argparse.ArgumentParser:
    """Read what all contests take from the command line."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--case", nargs="+", default=["*"], help="patterns of names of cases")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--timeout", type=float, default=timeout, help="seconds for one process")
    parser.add_argument("--memory", type=float, default=24, help="GB of address space a process")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    return parser


def hold(
    contests: Iterable[Contest],
    describe: Callable[[dict[str, Any]], str],
    wrong: Callable[[dict[str, Any]], list[str]],
    to: Path | None,
) -> int:
    """Run contests one by one; return 1 where answers differ or topolens has none."""
    rows: list[dict[str, Any]] = []
    for contest in contests:
        contest.run()
        rows.append(contest.row())
        print(describe(rows[-1]), flush=True)
        if to:
            record = {"machine": processor(), "python": platform.python_version(), "rows": rows}
            to.write_text(json.dumps(record, indent=1))
    differing = [f"{engine} on {row['case']}" for row in rows for engine in wrong(row)]
    failed = [row["case"] for row in rows if OURS in row["failures"]]
    print(f"disagree: {', '.join(differing) or 'none'}")
    print(f"{OURS} gave no answer: {', '.join(failed) or 'none'}")
    return int(bool(differing or failed))
