"""Run experiments, and write their tables, pictures, claims and the results page.

What is finished is kept in the output folder: the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from experiments import EXPERIMENTS
from experiments.harness import Job, JobsFailed, Store, run
from experiments.harness.cluster import workers_of
from experiments.harness.page import build, leave

SIZES = ("small", "paper")


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what it will cost, run, write; return 1 if a job failed."""
    options = parse(arguments)
    out = options.out or Path("results") / options.size
    modules = {name: import_module(f"experiments.{name}") for name in options.only}
    jobs = {name: module.jobs(options.size) for name, module in modules.items()}
    store = Store(out / "jobs")
    print(estimate(jobs, store, options.workers), flush=True)
    if options.estimate:
        return 0

    failed = False
    with workers_of(options.backend, options.workers, options.scheduler):
        for name, module in modules.items():
            try:
                table = run(
                    jobs[name],
                    store,
                    backend=options.backend,
                    workers=options.workers,
                    verbose=options.verbose,
                )
            except JobsFailed as error:
                print(f"{name}: {error}\nNo claims of {name}.", file=sys.stderr)
                failed = True
                continue
            summary = leave(module, table, options.size, out / name)
            for claim in summary["claims"]:
                print(f"{name}: {claim['verdict']:9} {claim['statement']}")
    small = options.size == "small" and options.out is None
    page = options.page or (Path("docs/results.md") if small else out / "results.md")
    print(f"page: {build(out, EXPERIMENTS, page)}")
    return int(failed)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small", help="paper: the full size")
    parser.add_argument("--only", nargs="+", choices=EXPERIMENTS, default=EXPERIMENTS)
    parser.add_argument("--backend", choices=("loky", "dask"), default="loky")
    parser.add_argument("--scheduler", help="address of a running Dask cluster")
    parser.add_argument("--workers", type=int, default=2, help="processes on this machine")
    parser.add_argument("--out", type=Path, help="folder to fill (results/SIZE)")
    parser.add_argument("--page", type=Path, help="where the results page goes")
    parser.add_argument("--estimate", action="store_true", help="print the cost and stop")
    parser.add_argument("--verbose", type=int, default=1, help="how much joblib says")
    options = parser.parse_args(arguments)
    if options.workers < 1:
        parser.error(f"--workers must be at least 1; found {options.workers}")
    if options.scheduler and options.backend != "dask":
        parser.error("--scheduler needs --backend dask")
    return options


def estimate(jobs: dict[str, list[Job]], store: Store, workers: int) -> str:
    """Say how many jobs are left, and about how long they take."""
    lines = []
    for name, of_experiment in jobs.items():
        left = [job for job in of_experiment if job not in store]
        minutes = sum(job.cost for job in left) / 60
        lines.append(
            f"{name}: {len(left)} of {len(of_experiment)} jobs to do, about {minutes:.0f} CPU "
            f"minutes, {minutes / workers:.0f} on {workers} workers"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
