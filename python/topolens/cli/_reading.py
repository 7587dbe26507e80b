"""Activations and labels from files."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import numpy as np

LABEL_HEADERS = ("label", "labels", "class", "target", "y")


def read_layers(path: Path) -> dict[str, np.ndarray]:
    """Read named arrays from a .npz or .safetensors file.

    An .npz file keeps the order of its arrays; a .safetensors file does not, so its arrays are
    sorted by name with numbers in them compared as numbers.
    """
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    if path.suffix != ".npz":
        raise ValueError(f"activations must be a .npz or .safetensors file; found {path}")
    try:
        with zipfile.ZipFile(path), np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise ValueError(f"{path} is not a readable .npz file: {error}") from error


def read_labels(path: Path) -> np.ndarray:
    """Read one label per sample from a .npy file, or one per line from .csv or .txt.

    A first line that says label, labels, class, target or y is a header. In a .csv file with
    several columns, the header tells the column.
    """
    if path.suffix == ".npy":
        return read_array(path)
    if path.suffix not in (".csv", ".txt"):
        raise ValueError(f"labels must be a .npy, .csv or .txt file; found {path}")
    return as_integers(_label_column(read_rows(path), path))


def read_array(path: Path) -> np.ndarray:
    """Read a .npy file."""
    try:
        return np.load(path, allow_pickle=False)
    except (EOFError, ValueError) as error:
        raise ValueError(f"{path} is not a readable .npy file: {error}") from error


def read_rows(path: Path) -> list[list[str]]:
    """Read the cells of a .csv file, or the lines of a text, without empty ones."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = csv.reader(file) if path.suffix == ".csv" else ([line.strip()] for line in file)
        return [[cell.strip() for cell in row] for row in lines if any(row)]


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ImportError(
            f"reading {path} needs the package safetensors: pip install safetensors"
        ) from error
    try:
        arrays = load_file(path)
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"{path} is not a readable .safetensors file: {error}") from error
    return {name: arrays[name] for name in sorted(arrays, key=_natural)}


def _natural(name: str) -> list[tuple[bool, int, str]]:
    """Sort key that puts layer2 before layer10."""
    parts = re.split(r"(\d+)", name)
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]


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


def as_integers(labels: list[str]) -> np.ndarray:
    """Return integers where all labels are, so that 2 comes before 10."""
    try:
        return np.array([int(label) for label in labels])
    except ValueError:
        return np.array(labels)
