"""Where finished jobs are kept: a small file for each, complete or absent."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from experiments.harness.jobs import Job, Row


class Store:
    """A folder of finished jobs, shared by all processes.

    Parameters
    ----------
    folder : path
        Made when it is first written to.

    Notes
    -----
    A file is written beside its place and then moved there, so that whoever reads it finds all of
    it. Starts are counted beside it until the job is finished: a job that takes its process down
    cannot say so itself.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).resolve()

    def __contains__(self, job: Job) -> bool:
        return self._path(job).exists()

    def read(self, job: Job) -> list[Row]:
        """Return the rows of a finished job."""
        return json.loads(self._path(job).read_text("utf-8"))["rows"]

    def seconds(self, job: Job) -> float:
        """Return the CPU seconds that a finished job took."""
        return json.loads(self._path(job).read_text("utf-8"))["seconds"]

    def write(self, job: Job, rows: list[Row], seconds: float) -> None:
        """Keep the rows of a job; numpy's numbers become Python's."""
        content = {
            "function": job.name,
            "version": job.version,
            "parameters": dict(job.parameters),
            "seconds": seconds,
            "rows": rows,
        }
        text = json.dumps(content, default=_plain)
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f".{job.key}.{os.getpid()}"
        beside.write_text(text, "utf-8")
        beside.replace(self._path(job))
        self.forget_starts(job)

    def count_start(self, job: Job) -> int:
        """Note that a process begins with a job, and return how many have by now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._starts(job).open("ab") as file:
            file.write(b".")
        return self.starts(job)

    def starts(self, job: Job) -> int:
        """Return how often an unfinished job was started."""
        path = self._starts(job)
        return path.stat().st_size if path.exists() else 0

    def forget_starts(self, job: Job) -> None:
        """Begin to count anew."""
        self._starts(job).unlink(missing_ok=True)

    def _path(self, job: Job) -> Path:
        return self.folder / f"{job.key}.json"

    def _starts(self, job: Job) -> Path:
        return self.folder / f"{job.key}.starts"


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"rows must hold str, int, float or bool; found {value!r}")
