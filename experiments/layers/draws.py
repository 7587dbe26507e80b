"""Which networks are drawn, at each size."""

from __future__ import annotations

from functools import partial

from experiments.harness import Job, Store, draws_until
from experiments.harness.fashion import fashion_folder
from experiments.harness.jobs import Row
from experiments.layers.network import network
from experiments.layers.table_1 import PAPER, REAL_ROWS, SECONDS, SMALL, kind

# Networks of a row that are trained well, and how many are tried for one of them.
ENOUGH, TRIES = 30, 3
TEN, FEW, FEWER = 10, 8, 6


def jobs(size: str, store: Store) -> list[Job]:
    """Return a job for each draw, until there are enough networks in each row."""
    rows = rows_of(size)
    return [job for row in rows for job in _draws(row, wanted(row, size), store)]


def rows_of(size: str) -> tuple[str, ...]:
    """Return the rows of a size; those of Fashion-MNIST only where it is installed."""
    if size == "small":
        return SMALL
    return (*PAPER, *REAL_ROWS) if fashion_folder() else PAPER


def wanted(row: str, size: str) -> int:
    """Return how many networks a row should have: as in the paper, or fewer at small size."""
    if row in REAL_ROWS:
        return TEN
    if size == "paper" or row.startswith("D-I 15x9"):
        return ENOUGH
    return FEW if row.startswith("D-I ") else FEWER


def _draws(row: str, enough: int, store: Store) -> list[Job]:
    return draws_until(partial(_job, row), store, well_trained, enough=enough, limit=TRIES * enough)


def _job(row: str, seed: int) -> Job:
    of_row = kind(row)
    units = sum(of_row.widths) / (9 * 15)
    return Job(network, {"row": row, "seed": seed}, cost=SECONDS[of_row.data] * units, group=row)


def well_trained(rows: list[Row]) -> int:
    """Say whether the network of a draw was trained well: only then are there curves."""
    return int(len(rows) > 1)
