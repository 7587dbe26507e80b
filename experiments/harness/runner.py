"""Jobs side by side on any backend of joblib; what is finished stays finished.

Every worker writes its result into the store itself. So nothing is lost when the main process ends
early, and it does not matter that joblib's Dask backend returns results only at the very end (it
offers no generators). Results also come back to the main process, which writes those that its
store lacks: workers on other machines need not share its disk.

Workers may be killed, for want of memory for example. joblib's own processes then all stop: the
jobs that had begun are run again one at a time, which shows whose fault it was. Dask starts the
job again elsewhere, but joblib waits for ever once Dask gives a job up, after four workers. So a
job refuses to be started a fourth time.
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import NamedTuple

import pandas as pd
import torch
from joblib import Parallel, delayed, parallel_config
from threadpoolctl import threadpool_limits

from experiments.harness.jobs import Job, Row
from experiments.harness.store import Store

MOST_STARTS = 3


class JobsFailed(Exception):
    """Some jobs failed; all others are finished and stored.

    Attributes
    ----------
    failures : dict from Job key to str
        What went wrong.
    """

    def __init__(self, failures: dict[str, str], jobs: Sequence[Job]) -> None:
        self.failures = failures
        failed = [f"{job}\n{failures[job.key]}" for job in jobs if job.key in failures]
        super().__init__(f"{len(failed)} of {len(jobs)} jobs failed:\n\n" + "\n\n".join(failed))


class Outcome(NamedTuple):
    """What a worker sends back: rows, or what went wrong."""

    rows: list[Row]
    seconds: float
    error: str


def run(
    jobs: Sequence[Job],
    store: Store,
    *,
    backend: str = "loky",
    workers: int = 1,
    verbose: int = 0,
    until: float = math.inf,
) -> pd.DataFrame:
    """Finish all jobs and return the rows of those that are finished, in the order of the jobs.

    Parameters
    ----------
    jobs : sequence of Job
        All different.
    store : Store
        Jobs in it are not run again.
    backend : str
        Any backend of joblib: "loky" for processes of this machine, or "dask", which needs a
        `dask.distributed.Client`.
    workers : int
        Processes; with Dask, as many as the cluster has.
    verbose : int
        As in `joblib.Parallel`.
    until : float
        No job is begun at or after this time, in seconds as of `time.time`.

    Returns
    -------
    pandas.DataFrame
        The same for every backend, number of workers and interruption.

    Raises
    ------
    JobsFailed
        When all others are finished.
    """
    if len({job.key for job in jobs}) < len(jobs):
        raise ValueError("`jobs` must be different")
    missing = [job for job in jobs if job not in store]
    for job in missing:
        store.forget_starts(job)
    costliest_first = sorted(missing, key=lambda job: -job.cost)
    with parallel_config(backend=backend):
        failures = _finish(costliest_first, store, workers, verbose, until)
    if failures:
        raise JobsFailed(failures, jobs)
    return table_of([job for job in jobs if job in store], store)


def table_of(jobs: Sequence[Job], store: Store) -> pd.DataFrame:
    """Return the rows of finished jobs, in the order of the jobs."""
    return pd.DataFrame(
        [
            {"group": job.group, **row} if job.group else row
            for job in jobs
            for row in store.read(job)
        ]
    )


def _finish(
    jobs: list[Job], store: Store, workers: int, verbose: int, until: float
) -> dict[str, str]:
    """Run until every job is stored or has failed, or time is over."""
    failures: dict[str, str] = {}
    while left := [job for job in jobs if job not in store and job.key not in failures]:
        if time.time() >= until:
            break
        begun = [job for job in left if store.starts(job)]
        batch = begun[:1] or left  # one that was running when a worker was killed, alone
        # one worker would be the main process itself, which must survive
        processes = max(workers, 2) if begun else workers
        try:
            attempts = (delayed(attempt)(job, store, until) for job in batch)
            parallel = Parallel(n_jobs=processes, batch_size=1, verbose=verbose)
            outcomes = parallel(attempts)
        except BrokenProcessPool:
            continue
        for job, outcome in zip(batch, outcomes, strict=True):
            if outcome is None:
                continue
            if outcome.error:
                failures[job.key] = outcome.error
            elif job not in store:
                store.write(job, outcome.rows, outcome.seconds)
    return failures


def attempt(job: Job, store: Store, until: float) -> Outcome | None:
    """Run a job in this process and store its rows; do nothing if time is over."""
    if job in store:
        return Outcome(store.read(job), store.seconds(job), "")
    if time.time() >= until:
        return None
    if (starts := store.count_start(job)) > MOST_STARTS:
        store.forget_starts(job)
        return Outcome([], 0.0, f"its worker was killed {starts - 1} times")
    started = time.process_time()
    try:
        with one_thread():
            rows = job()
        store.write(job, rows, time.process_time() - started)
    except Exception:
        store.forget_starts(job)
        return Outcome([], 0.0, traceback.format_exc())
    return Outcome(store.read(job), store.seconds(job), "")


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread: sums of several depend in their last digits on how many."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)
