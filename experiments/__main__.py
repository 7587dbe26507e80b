"""Run experiments, keep their tables, and build the results page from them.

What is finished is kept in the output folder: the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from types import ModuleType

from experiments import EXPERIMENTS
from experiments.harness import Job, JobsFailed, Store, run
from experiments.harness.cluster import workers_of
from experiments.harness.page import build
from experiments.harness.tables import SIZES, keep, read_tables

TABLES = Path(__file__).parent / "tables"


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what it will cost, run, write; return 1 if a job failed."""
    options = parse(arguments)
    modules = {name: import_module(f"experiments.{name}") for name in EXPERIMENTS}
    well = True
    if not options.from_tables:
        store = Store(options.out / "jobs")
        chosen = {name: modules[name] for name in options.only}
        for name, module in chosen.items():
            print(estimate(name, jobs_of(module, store, options), store, options.workers))
        if options.estimate:
            return 0
        well = compute_all(chosen, store, options)
    found = read_tables(options.tables, EXPERIMENTS)
    for name in [name for name in EXPERIMENTS if name not in found]:
        print(f"{name}: there is no table, and nothing about it on the page", file=sys.stderr)
    print(f"page: {build(modules, found, options.page)}")
    return 0 if well else 1


def compute_all(
    modules: Mapping[str, ModuleType], store: Store, options: argparse.Namespace
) -> bool:
    """Run experiments, and say how long it took in all; return whether no job failed."""
    started = time.time()
    with workers_of(options.backend, options.workers, options.scheduler):
        well = [compute(name, module, store, options) for name, module in modules.items()]
    minutes = sum(
        cpu_minutes(module.jobs(options.size, store), store) for module in modules.values()
    )
    print(f"in all: {minutes:.1f} CPU minutes")
    print(f"this run: {(time.time() - started) / 60:.1f} minutes on {options.workers} workers")
    return all(well)


def compute(name: str, module: ModuleType, store: Store, options: argparse.Namespace) -> bool:
    """Run an experiment, as far as time allows, and keep its table; say whether no job failed."""
    failure = None
    try:
        while left := [job for job in jobs_of(module, store, options) if job not in store]:
            run(
                left,
                store,
                backend=options.backend,
                workers=options.workers,
                verbose=options.verbose,
                until=options.until,
            )
            if time.time() >= options.until:
                break
    except JobsFailed as error:
        failure = error
        print(f"{name}: {error}", file=sys.stderr)
    jobs = module.jobs(options.size, store)
    done = sum(job in store for job in jobs)
    print(f"{name}: {done} of {len(jobs)} jobs done, {cpu_minutes(jobs, store):.1f} CPU minutes")
    if not keep(jobs, store, options.tables / options.size / f"{name}.csv"):
        print(f"{name}: too little is done to write a table", file=sys.stderr)
    return failure is None


def cpu_minutes(jobs: list[Job], store: Store) -> float:
    """Return what finished jobs have taken, whenever it was."""
    return sum(store.seconds(job) for job in jobs if job in store) / 60


def jobs_of(module: ModuleType, store: Store, options: argparse.Namespace) -> list[Job]:
    """Return the jobs that an experiment asks for by now, of the rows that are chosen."""
    return [
        job
        for job in module.jobs(options.size, store)
        if not options.rows or any(fnmatch(job.group, row) for row in options.rows)
    ]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small", help="paper: the full size")
    parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=EXPERIMENTS)
    parser.add_argument("--rows", nargs="+", metavar="GLOB", help="rows, as --estimate names them")
    parser.add_argument("--hours", type=float, default=math.inf, help="begin no job after so many")
    parser.add_argument("--backend", choices=("loky", "dask"), default="loky")
    parser.add_argument("--scheduler", help="address of a running Dask cluster")
    parser.add_argument("--workers", type=int, default=2, help="processes on this machine")
    parser.add_argument("--out", type=Path, help="folder for all that is written (results)")
    parser.add_argument("--page", type=Path, help="where the results page goes")
    parser.add_argument("--estimate", action="store_true", help="print the cost and stop")
    parser.add_argument("--from-tables", action="store_true", help="run nothing, build the page")
    parser.add_argument("--verbose", type=int, default=1, help="how much joblib says")
    options = parser.parse_args(arguments)
    if options.workers < 1:
        parser.error(f"--workers must be at least 1; found {options.workers}")
    if options.scheduler and options.backend != "dask":
        parser.error("--scheduler needs --backend dask")
    options.tables = options.out / "tables" if options.out else TABLES
    options.page = options.page or (options.out or Path("docs")) / "results.md"
    options.out = options.out or Path("results")
    options.until = time.time() + 3600 * options.hours
    return options


def estimate(name: str, jobs: list[Job], store: Store, workers: int) -> str:
    """Say how many jobs are left, and about how long they take, row by row where there are rows."""
    groups: dict[str, list[Job]] = {"": jobs}
    for job in jobs:
        if job.group:
            groups.setdefault(job.group, []).append(job)
    lines = []
    for group, of_group in groups.items():
        left = [job for job in of_group if job not in store]
        hours = sum(job.cost for job in left) / 3600
        lines.append(
            f"{f'  {group}' if group else name}: {len(left)} of {len(of_group)} jobs to do, about "
            f"{hours:.2f} CPU hours, {hours / workers:.2f} on {workers} workers"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
