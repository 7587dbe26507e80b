"""Networks that are drawn until enough of them succeed."""

from __future__ import annotations

from collections.abc import Callable

from experiments.harness.jobs import Job, Row
from experiments.harness.store import Store


def draws_until(
    job_of: Callable[[int], Job],
    store: Store,
    successes: Callable[[list[Row]], int],
    *,
    enough: int,
    limit: int,
) -> list[Job]:
    """Return the jobs of the first draws, as many as are known to be needed.

    More are needed only when all of these are finished, and never more than could be missing. So
    the last draw is the one that makes it enough, whatever was interrupted or run side by side.

    Parameters
    ----------
    job_of : callable
        The job of draw 0, 1, 2, ..., of one network each.
    store : Store
        What is finished.
    successes : callable
        How many successes the rows of a finished draw hold: 0 or 1.
    enough : int
        How many are wanted.
    limit : int
        How many are drawn at most.
    """
    n = min(enough, limit)
    while True:
        jobs = [job_of(draw) for draw in range(n)]
        if any(job not in store for job in jobs):
            return jobs
        missing = enough - sum(successes(store.read(job)) for job in jobs)
        if missing <= 0 or n == limit:
            return jobs
        n = min(n + missing, limit)
