"""What was measured, in files: figures as JSON, and the diagrams next to it."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import numpy as np

from table import Row


class Record:
    """Rows of all cases in a JSON file, and next to it the diagrams that were found."""

    def __init__(self, file: Path | None) -> None:
        self.rows: dict[str, Row] = {}
        self.diagrams: dict[str, list[np.ndarray]] = {}
        if file is None:
            return
        record = json.loads(file.read_text())
        self.rows = {row["case"]: row for row in record["rows"]}
        with np.load(file.with_suffix(".npz")) as arrays:
            for key in arrays.files:
                self.diagrams.setdefault(key.rsplit("/", 1)[0], []).append(arrays[key])

    def save(self, file: Path) -> None:
        record = {
            "machine": processor(),
            "python": platform.python_version(),
            "rows": list(self.rows.values()),
        }
        file.write_text(json.dumps(record, indent=1))
        arrays = {
            f"{case}/{degree}": diagram
            for case, diagrams in self.diagrams.items()
            for degree, diagram in enumerate(diagrams)
        }
        np.savez_compressed(file.with_suffix(".npz"), **arrays)


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "unknown")
