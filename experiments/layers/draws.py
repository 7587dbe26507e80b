"""Which networks are drawn, at each size."""

from __future__ import annotations

from functools import partial

from experiments.harness import Job, Store, draws_until
from experiments.harness.fashion import fashion_folder
from experiments.harness.jobs import Row
from experiments.layers.network import network
from experiments.layers.table_1 import PAPER, REAL_ROWS, SECONDS, SMALL, kind

# Networks of a row that are trained well, and how many are tried for one of them.
ENOUGH, TEN, FEW, TRIES = 30, 10, 8, 3
SIX = 6  # draws of each of the other rows at small size


def jobs(size: str, store: Store) -> list[Job]:
    """Return a job for each draw, until there are enough networks in each row."""
    return [job for row in rows_of(size) for job in _draws(row, size, store)]


def rows_of(size: str) -> tuple[str, ...]:
    """Return the rows of a size; those of Fashion-MNIST only where it is installed."""
    if size == "small":
        return SMALL
    return (*PAPER, *REAL_ROWS) if fashion_folder() else PAPER


def _draws(row: str, size: str, store: Store) -> list[Job]:
    """Draw as many networks as in the paper, or fewer at small size and of real data."""
    if row in REAL_ROWS:
        enough, limit = TEN, TRIES * TEN
    elif size == "paper" or row.startswith("D-I 15x9"):
        enough, limit = ENOUGH, TRIES * ENOUGH
    elif row.startswith("D-I "):
        enough, limit = FEW, TRIES * FEW
    else:
        enough = limit = SIX
    return draws_until(partial(_job, row), store, well_trained, enough=enough, limit=limit)


def _job(row: str, seed: int) -> Job:
    of_row = kind(row)
    units = sum(of_row.widths) / (9 * 15)
    cost = SECONDS[of_row.data] * units
    return Job(network, {"row": row, "seed": seed}, cost=cost, group=row, draw=True)


def well_trained(rows: list[Row]) -> int:
    """Say whether the network of a draw was trained well: only then are there curves."""
    return int(len(rows) > 1)
