"""Compare topolens with its peers: same input, same answer, time and memory side by side.

Every call runs in a process of its own, on an input that is ready in the form that the
engine likes best. The engines take turns, and medians are compared: CPU time at one
thread; wall time at two, where a peer's best over one and two threads counts; the peak
of memory beyond imports and input. The best peer is the best of those that agree with
most others. Engines that are not installed are left out. The exit code is 1 where
diagrams differ or topolens fails.

    python benches/compare.py --quick
    python benches/compare.py --json peers.json              # hours
    python benches/compare.py --peers peers.json             # only topolens is run
    python benches/compare.py --peers peers.json --show      # nothing is run
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import numpy as np

from agreement import majority, same_diagrams
from engines import ENGINES, OURS, Engine, engines_for
from inputs import CASES, Case
from measure import Job, Run, measure, save_input
from record import Record
from table import Row, describe, our_failure, summary

LONG = 20.0  # seconds of CPU after which a call is not repeated
STARTING = 10.0  # seconds in which a process has imported everything and read its input
CONTENDER = 2.0  # peers slower than the best by more than that are measured once


@dataclass(frozen=True)
class Options:
    rounds: int
    timeout: float
    patience: float
    memory: float


@dataclass
class Duel:
    """All runs on one case, by engine and threads."""

    case: Case
    engines: dict[str, Engine]
    options: Options
    folder: Path
    known: Row = field(default_factory=lambda: {"engines": {}, "disagree": []})
    runs: dict[tuple[str, int], list[Run]] = field(default_factory=dict)

    def run(self) -> None:
        save_input(self.folder / "input.npz", self.case.input())
        self.take_turns([(name, 1) for name in self.engines])
        again = [(name, 1) for name in self.engines if self.repeated(name, 1)]
        for _ in range(self.options.rounds - 1):
            self.take_turns(again)
        threaded = [(name, 2) for name, engine in self.engines.items() if engine.threaded]
        self.take_turns([key for key in threaded if self.may_win_in_parallel(key[0])])
        again = [key for key in threaded if self.repeated(*key)]
        for _ in range(self.options.rounds - 1):
            self.take_turns(again)

    def take_turns(self, keys: Iterable[tuple[str, int]]) -> None:
        for name, threads in keys:
            job = Job(
                name,
                self.case.kind,
                self.case.maxdim,
                self.case.threshold,
                threads,
                str(self.folder / "input.npz"),
                str(self.folder / "output.npz"),
            )
            run = measure(job, self.limit(name), self.options.memory)
            self.runs.setdefault((name, threads), []).append(run)

    def limit(self, name: str) -> float:
        """Seconds for a call: peers far behind the best are not waited for."""
        if name == OURS:
            return self.options.timeout
        return min(self.options.timeout, STARTING + self.options.patience * self.best("wall"))

    def best(self, key: str) -> float:
        """Least time of a peer so far."""
        found = [
            getattr(run, key)
            for (name, _), runs in self.runs.items()
            for run in runs
            if name != OURS and run.finished
        ]
        known = [
            entry[key]
            for name, by_threads in self.known["engines"].items()
            for entry in by_threads.values()
            if name != OURS and key in entry and name not in self.known["disagree"]
        ]
        return min(found + known, default=float("inf"))

    def repeated(self, name: str, threads: int) -> bool:
        first = self.runs.get((name, threads), [Run()])[0]
        if not first.finished or first.cpu > LONG:
            return False
        return name == OURS or first.wall <= CONTENDER * self.best("wall")

    def may_win_in_parallel(self, name: str) -> bool:
        """Two threads halve the time at most, with some slack for noise."""
        first = self.runs[name, 1][0]
        return name == OURS or (first.finished and first.wall <= 2.5 * self.best("wall"))

    def row(self, reference: list[np.ndarray] | None) -> tuple[Row, list[np.ndarray] | None]:
        """Return medians and who disagrees, and the diagrams that most engines found."""
        known = {name: entry for name, entry in self.known["engines"].items() if name != OURS}
        engines: dict[str, dict] = {name: dict(entry) for name, entry in known.items()}
        for (name, threads), runs in self.runs.items():
            version = {"version": self.engines[name].version()}
            engines.setdefault(name, {})[str(threads)] = medians(runs) | version
        row = {"case": self.case.name, "engines": engines}

        absent = known.keys() - {name for name, _ in self.runs}
        wrong = absent & set(self.known["disagree"])
        found: dict[str, Sequence[np.ndarray]] = {}
        if reference is not None:
            found = {name: reference for name in absent - wrong if "cpu" in known[name]["1"]}
        first = {key: runs[0].diagrams for key, runs in self.runs.items() if runs[0].finished}
        found |= {name: diagrams for (name, threads), diagrams in first.items() if threads == 1}
        agreeing = majority(found)
        if not agreeing:
            return row | {"disagree": sorted(wrong)}, reference
        right = found[next((name for name in agreeing if name != OURS), OURS)]
        wrong |= found.keys() - set(agreeing)
        wrong |= {
            name for (name, _), diagrams in first.items() if not same_diagrams(right, diagrams)
        }
        return row | {"disagree": sorted(wrong)}, list(right)


def medians(runs: list[Run]) -> dict:
    finished = [run for run in runs if run.finished]
    if finished:
        figures = {
            key: statistics.median(getattr(run, key) for run in finished)
            for key in ("cpu", "wall", "peak_mb")
        }
        return figures | {"runs": len(finished)}
    if runs[0].failure:
        return {"failure": runs[0].failure}
    return {"stopped_after": runs[0].stopped_after}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = sorted({engine.name for engine in ENGINES})
    parser.add_argument("--quick", action="store_true", help="only cases of a few seconds")
    parser.add_argument("--case", nargs="+", default=["*"], help="patterns of names of cases")
    parser.add_argument("--engine", nargs="+", choices=names, help="only these engines")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=150, help="seconds for one call")
    parser.add_argument(
        "--patience",
        type=float,
        default=5,
        help="stop a peer 10 s after that many times the time of the best one",
    )
    parser.add_argument("--memory", type=float, default=12, help="GB of address space a process")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    parser.add_argument(
        "--peers", type=Path, help="take peers' figures from this file, run the engines named"
    )
    parser.add_argument("--show", action="store_true", help="print the table of --peers")
    options = parser.parse_args()
    if options.show and not options.peers:
        parser.error("--show needs --peers; found none")
    return options


def chosen_cases(options: argparse.Namespace) -> list[Case]:
    return [
        case
        for case in CASES
        if any(fnmatch(case.name, pattern) for pattern in options.case)
        and (case.quick or not options.quick)
    ]


def fight(case: Case, options: argparse.Namespace, record: Record) -> Row:
    """Run one case, and put into the record what came of it."""
    limits = Options(options.rounds, options.timeout, options.patience, options.memory * 1e9)
    chosen = options.engine or ([OURS] if options.peers else None)
    engines = {
        name: engine
        for name, engine in engines_for(case.kind, case.maxdim).items()
        if not chosen or name in chosen
    }
    with tempfile.TemporaryDirectory() as folder:
        duel = Duel(case, engines, limits, Path(folder))
        duel.known = record.rows.get(case.name, duel.known)
        duel.run()
        row, diagrams = duel.row(record.diagrams.get(case.name))
    record.rows[case.name] = row
    if diagrams is not None:
        record.diagrams[case.name] = diagrams
    return row


def main() -> int:
    options = parse()
    record = Record(options.peers)
    rows = []
    for case in chosen_cases(options):
        if options.show and case.name not in record.rows:
            continue
        row = record.rows[case.name] if options.show else fight(case, options, record)
        rows.append(row)
        print(describe(row), flush=True)
        if options.json:
            record.save(options.json)
    print(summary(rows))
    return int(any(row["disagree"] or our_failure(row) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
