"""Run the simulations, keep their tables, and write the page from them.

What is finished is kept in the output folder: the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from experiments.calibration import PARTS, SIZES
from experiments.calibration.page import write_page
from experiments.harness import JobsFailed, Store, run
from experiments.harness.tables import write_table

TABLES = Path(__file__).parents[1] / "tables" / "calibration"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for, write tables and page; return 1 if a job failed."""
    options = parse(arguments)
    store = Store(options.out / "jobs")
    well = True
    if not options.from_tables:
        for name in options.only:
            well &= compute(name, import_module(f"experiments.calibration.{name}"), store, options)
    page = write_page(options.tables, options.page)
    print(f"page: {page}")
    return 0 if well else 1


def compute(name: str, module: ModuleType, store: Store, options: argparse.Namespace) -> bool:
    """Run the jobs of a part and keep its table; say whether none failed."""
    jobs = module.jobs(options.size)
    cost = sum(job.cost for job in jobs if job not in store)
    print(f"{name}: {len(jobs)} jobs, about {cost / 60:.1f} CPU minutes to do")
    if options.estimate:
        return True
    try:
        table = run(jobs, store, workers=options.workers)
    except JobsFailed as error:
        print(f"{name}: {error}", file=sys.stderr)
        return False
    minutes = sum(store.seconds(job) for job in jobs) / 60
    print(f"{name}: {minutes:.1f} CPU minutes")
    write_table(table, options.tables / options.size / f"{name}.csv")
    return True


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m experiments.calibration", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--workers", type=int, default=1, help="processes on this machine")
    parser.add_argument("--out", type=Path, help="folder for all that is written (results)")
    parser.add_argument("--page", type=Path, help="where the page goes")
    parser.add_argument("--estimate", action="store_true", help="print the cost and stop")
    parser.add_argument("--from-tables", action="store_true", help="run nothing, write the page")
    options = parser.parse_args(arguments)
    options.tables = options.out / "tables" if options.out else TABLES
    options.page = options.page or (options.out or Path("docs")) / "calibration.md"
    options.out = options.out or Path("results") / "calibration"
    return options


if __name__ == "__main__":
    sys.exit(main())
