"""Tables of finished runs: small files that are kept with the sources, one a size and experiment.

The page is built from these files alone, also directly after a run: so the numbers on it are those
that anybody has who has the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.harness.jobs import Job
from experiments.harness.runner import table_of
from experiments.harness.store import Store

SIZES = ("small", "paper")
DIGITS = "%.7g"


def keep(jobs: Sequence[Job], store: Store, path: Path) -> bool:
    """Write the rows of all groups of jobs that are finished, or of all jobs if they have none.

    Groups that are not finished keep the rows that the file has of them, so that a table may be
    computed row by row, on several machines. Say whether there was anything to write.
    """
    done = {job.group for job in jobs} - {job.group for job in jobs if job not in store}
    if not done:
        return False
    table = table_of([job for job in jobs if job.group in done], store)
    groups = list(dict.fromkeys(job.group for job in jobs))
    if groups != [""]:
        before = read_table(path) if path.exists() else pd.DataFrame({"group": []})
        others = before[before["group"].fillna("").isin(set(groups) - done)]
        table = pd.concat([table, others], ignore_index=True) if len(others) else table
        place = table["group"].fillna("").map(groups.index)
        table = table.loc[np.argsort(place.to_numpy(), kind="stable")]
    write_table(table, path)
    return True


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table with seven digits."""
    for name in table.columns:
        texts = pd.Series([cell for cell in table[name] if isinstance(cell, str)], dtype=object)
        if len(texts) and pd.to_numeric(texts, errors="coerce").notna().all():
            raise ValueError(f"texts in column {name!r} would be read back as numbers")
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, float_format=DIGITS, lineterminator="\n")


def read_table(path: Path) -> pd.DataFrame:
    """Read a table; only empty cells are missing."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""], low_memory=False)


def read_tables(folder: Path, names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return a table for each experiment that has one, of both sizes, with a column ``size``."""
    tables = {}
    for name in names:
        paths = {size: folder / size / f"{name}.csv" for size in SIZES}
        found = [
            read_table(path).assign(size=size) for size, path in paths.items() if path.exists()
        ]
        if found:
            tables[name] = pd.concat(found, ignore_index=True)
    return tables


def fullest(table: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the rows of the largest size that was run, and which it is."""
    size = "paper" if (table["size"] == "paper").any() else "small"
    return table[table["size"] == size].reset_index(drop=True), size


def fullest_rows(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return all rows, those of the larger size where a value of column `name` has both."""
    in_paper = set(table.loc[table["size"] == "paper", name])
    kept = (table["size"] == "paper") | ~table[name].isin(in_paper)
    return table[kept].reset_index(drop=True)
