"""Wide layers: distances, graphs, homology and tables of them, beside the packages for each.

    python benches/wide.py                  all cases, minutes
    python benches/wide.py --quick          small ones, without EfficientNet
    python benches/wide.py --only 'graph*'  by name
    python benches/wide.py --json wide.json

CPU seconds of one thread. The engines take turns, and a ratio is the median over the rounds of
what the other took over what topolens took in the same round, so that a busy machine weighs on
both; what takes seconds is done once. Every answer is compared: with that of topolens as far as
the other rounds, and that of topolens with brute force where a case has it. The exit code is 1
where topolens is wrong. What is not installed is left out, and so is what topolens refuses.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from contest import OURS
from record import processor
from wide_cases import CASES, Case, Question

FACTOR = 2.0  # between an estimate and the time that it is of
LONG = 2.0  # CPU seconds after which a call is not repeated


@dataclass
class Row:
    """Figures of one case, by engine."""

    case: str
    seconds: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    errors: dict[str, float] = field(default_factory=dict)
    disagree: list[str] = field(default_factory=list)
    skipped: str = ""
    notes: str = ""
    told: float | None = None

    def misjudged(self) -> bool:
        """Whether topolens told a time beforehand that was wrong by more than a factor of 2."""
        return self.told is not None and not 1 / FACTOR <= self.told <= FACTOR

    def best(self) -> str:
        """The fastest of those that answered the same question, rightly."""
        peers = self.errors.keys() - {OURS, *self.disagree}
        return min(peers, key=lambda name: self.seconds[name], default="")


def compare(case: Case, rounds: int) -> Row:
    """Let all engines answer one question, in turns."""
    row = Row(case.name)
    try:
        question = case.question()
        answers, taken = take_turns(question, rounds)
    except (ImportError, MemoryError) as error:
        row.skipped = f"{type(error).__name__}: {error}"
        return row
    row.seconds = {name: statistics.median(times) for name, times in taken.items()}
    for name in taken.keys() - {OURS}:
        pairs = zip(taken[name], taken[OURS], strict=False)
        row.ratios[name] = statistics.median(theirs / ours for theirs, ours in pairs)
    for name, answer in answers.items():
        if name in question.yardsticks:
            continue
        row.errors[name], allowed = question.error(name, answer, answers[OURS])
        if not row.errors[name] <= allowed:
            row.disagree.append(name)
    row.notes = question.notes(answers[OURS])
    if question.told is not None:
        row.told = question.told() / row.seconds[OURS]
    return row


def take_turns(question: Question, rounds: int) -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Return the answers, and the CPU seconds of every round."""
    answers: dict[str, Any] = {}
    taken: dict[str, list[float]] = {name: [] for name in question.calls}
    for _ in range(rounds):
        for name, call in question.calls.items():
            if sum(taken[name]) < LONG:
                start = time.process_time()
                answers[name] = call()
                taken[name].append(time.process_time() - start)
    return answers, taken


def short(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def describe(row: Row) -> str:
    """One line: topolens, then the others with their ratios, the fastest first."""
    if row.skipped:
        return f"{row.case:28} skipped: {row.skipped}"
    cells = [f"{OURS} {short(row.seconds[OURS])}"]
    for name in sorted(row.ratios, key=lambda name: row.seconds[name]):
        error = f", off by {row.errors[name]:.0e}" if row.errors.get(name) else ""
        cells.append(f"{name} {short(row.seconds[name])} [x{row.ratios[name]:.2g}{error}]")
    wrong = f" | DISAGREE: {', '.join(row.disagree)}" if row.disagree else ""
    if row.told is not None:
        cells.append(f"estimate x{row.told:.2f}" + " MISJUDGED" * row.misjudged())
    return f"{row.case:28} " + " | ".join(cells) + wrong + f" | {row.notes}" * bool(row.notes)


def chosen(only: Iterable[str], quick: bool) -> list[Case]:
    return [
        case
        for case in CASES
        if any(fnmatch(case.name, pattern) for pattern in only) and (case.quick or not quick)
    ]


def main() -> int:
    """Run the cases that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small cases only")
    parser.add_argument("--only", nargs="+", default=["*"], help="patterns of names of cases")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "The input point cloud has more columns than rows")
    rows = []
    with threadpool_limits(1):
        for case in chosen(options.only, options.quick):
            rows.append(compare(case, options.rounds))
            print(describe(rows[-1]), flush=True)
            if options.json:
                figures = {"machine": processor(), "python": platform.python_version()}
                figures["rows"] = [asdict(row) | {"best": row.best()} for row in rows]
                options.json.write_text(json.dumps(figures, indent=1))
    wrong = [f"{name} on {row.case}" for row in rows for name in row.disagree]
    misjudged = [row.case for row in rows if row.misjudged()]
    print(f"disagree: {', '.join(wrong) or 'none'}")
    print(f"estimates beyond a factor of {FACTOR:g}: {', '.join(misjudged) or 'none'}")
    return int(bool(wrong or misjudged))


if __name__ == "__main__":
    sys.exit(main())
