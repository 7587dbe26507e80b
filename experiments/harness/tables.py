"""Tables of finished runs: small files that are kept with the sources, one a size and experiment.

The page is built from these files alone, also directly after a run: so the numbers on it are those
that anybody has who has the files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path

import pandas as pd

from experiments.harness.jobs import Job
from experiments.harness.runner import table_of
from experiments.harness.store import Store

SIZES = ("small", "paper")
DIGITS = "%.7g"


def keep(jobs: Sequence[Job], store: Store, path: Path) -> bool:
    """Write the rows of all groups of jobs that are finished, or of all jobs if they have none.

    Groups that are not finished keep the rows that the file has of them, so that a table may be
    computed row by row, on several machines; of draws, those at hand if they are more. Say whether
    there was anything to write.
    """
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.group, []).append(job)
    before = read_table(path) if path.exists() else pd.DataFrame({"group": []})
    before["group"] = before["group"].fillna("") if "group" in before else ""
    parts, anything = [], False
    for group, of_group in groups.items():
        done = list(takewhile(store.__contains__, of_group))
        old = before[before["group"] == group]
        new = table_of(done, store) if done == of_group or (done and done[0].draw) else old[:0]
        kept = new if done == of_group or len(new) > len(old) else old
        anything |= kept is new
        parts.append(kept)
    if anything:
        write_table(pd.concat([part for part in parts if len(part)], ignore_index=True), path)
    return anything


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
