"""Activations and labels from files."""

from __future__ import annotations

import csv
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

LABEL_HEADERS = ("label", "labels", "class", "classes", "target", "targets", "y")
ID_HEADERS = (
    *("", "unnamed: 0", "id", "ids", "index", "idx", "sample", "samples", "sample_id"),
    *("file", "files", "filename", "filenames", "path", "paths"),
)
MISSING = -1
LARGEST = 2**53 - 1  # up to which a float stands for one whole number


def read_layers(path: Path) -> dict[str, np.ndarray]:
    """Read named arrays from a .npz or .safetensors file.

    An .npz file keeps the order of its arrays; a .safetensors file does not, so its arrays are
    sorted by name with numbers in them compared as numbers.
    """
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if path.suffix != ".npz":
        raise ValueError(f"activations must be a .npz or .safetensors file; found {path}")
    with readable(path), zipfile.ZipFile(path), np.load(path, allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):  # what is no .npy file is handed on as bytes
            raise ValueError(f"{path} must hold arrays only; found {name!r}, which is none")
    return arrays


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Say of which file a parser complains, in whatever way it does."""
    try:
        yield
    except (FileNotFoundError, IsADirectoryError, PermissionError, MemoryError):
        raise
    except Exception as error:
        text = str(error) or type(error).__name__
        raise ValueError(f"{path} is not a readable {path.suffix} file: {text}") from error


def only_layers(arrays: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """Leave out labels and ids of samples, which are no layers, and say so."""
    apart = {name: what for name, array in arrays.items() if (what := column_of(name, array))}
    for name, what in apart.items():
        note(f"{path}: {name!r} holds {what} and is no layer; it is left out")
    layers = {name: array for name, array in arrays.items() if name not in apart}
    if not layers:
        found = ", ".join(map(repr, apart)) or "no arrays"
        raise ValueError(f"{path} has no layers; found {found}")
    return layers


def column_of(name: str, array: np.ndarray) -> str:
    """Say whether an array holds labels or ids of samples, by its name and shape."""
    if array.ndim > 2 or (array.ndim == 2 and array.shape[1] != 1):
        return ""
    if name.lower() in LABEL_HEADERS:
        return "labels"
    return "ids" if name.lower() in ID_HEADERS or array.dtype.kind in "US" else ""


def note(text: str) -> None:
    """Tell what was made of the files, beside what is printed."""
    print(f"topolens: note: {text}", file=sys.stderr)


def read_labels(path: Path) -> np.ndarray:
    """Read one label per sample from a .npy file, or one per line from .csv or .txt.

    A first line that says label, class, target or y, or their plural, is a header. In a .csv
    file with several columns, the header tells the column.
    """
    if path.suffix == ".npy":
        return read_array(path)
    if path.suffix not in (".csv", ".txt"):
        raise ValueError(f"labels must be a .npy, .csv or .txt file; found {path}")
    labels = _label_column(read_rows(path), path)
    whole = as_integers(labels)
    return np.array(labels) if whole is None else whole


def read_array(path: Path) -> np.ndarray:
    """Read a .npy file."""
    with readable(path):
        array = np.load(path, allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise ValueError(f"{path} must be one array; found an archive of several, as in .npz files")
    return array


def read_rows(path: Path) -> list[list[str]]:
    """Read the cells of a .csv file, or the lines of a text, without empty ones."""
    with readable(path), open(path, newline="", encoding="utf-8-sig") as file:
        lines = csv.reader(file) if path.suffix == ".csv" else ([line.strip()] for line in file)
        return [[cell.strip() for cell in row] for row in lines if any(row)]


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    try:
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ImportError(
            f"reading {path} needs the package safetensors: pip install safetensors"
        ) from error
    with readable(path):
        arrays = load_file(path)
    return {name: arrays[name] for name in sorted(arrays, key=_natural)}


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort key that puts layer2 before layer10."""
    parts = re.split(r"([0-9]+)", name)
    parts[1::2] = [number.lstrip("0") for number in parts[1::2]]
    return [(k % 2 * len(part), part) for k, part in enumerate(parts)]


def _label_column(rows: list[list[str]], path: Path) -> list[str]:
    if not rows:
        raise ValueError(f"{path} has no labels")
    header = [cell.lower() for cell in rows[0]]
    named = [position for position, cell in enumerate(header) if cell in LABEL_HEADERS]
    if len(header) > 1 and not named:
        raise ValueError(
            f"{path} has {len(header)} columns: name one of them {', '.join(LABEL_HEADERS)}"
        )
    column = named[0] if named else 0
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise ValueError(f"{path}: row {number} has {len(row)} columns, not {len(header)}")
    return [row[column] for row in rows[1 if named else 0 :]]


def as_integers(labels: list[str], missing: int | None = None) -> np.ndarray | None:
    """Return integers where all labels are, so that 2 comes before 10, else None.

    Those that were written as floats, such as 2.0, are whole numbers too; beyond 2**53 several are
    one float, so that they stay what is written. Empty cells and NaN are read as `missing`, if it
    is given.
    """
    numbers = [_as_float(label, missing) for label in labels]
    if any(x is None or not x.is_integer() or abs(x) > LARGEST for x in numbers):
        return None
    return np.array([int(number) for number in numbers], dtype=np.int64)


def are_floats(labels: list[str]) -> bool:
    """Whether all cells are numbers."""
    return all(_as_float(label, MISSING) is not None for label in labels)


def _as_float(label: str, missing: int | None) -> float | None:
    if missing is not None and label.lower() in ("", "nan"):
        return float(missing)
    try:
        return float(label)
    except ValueError:
        return None
