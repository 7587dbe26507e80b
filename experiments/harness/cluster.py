"""Where jobs are run: processes of this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def workers_of(backend: str, workers: int, scheduler: str | None) -> Iterator[None]:
    """Connect to the cluster at `scheduler`, or start one on this machine, where Dask is asked."""
    if backend != "dask":
        yield
        return
    from dask.distributed import Client, LocalCluster

    if scheduler is not None:
        with Client(scheduler):
            yield
        return
    local = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    with local, Client(local):
        yield
