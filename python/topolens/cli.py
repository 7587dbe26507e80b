"""The command `topolens`: from a file of activations to a report."""

from __future__ import annotations

import argparse
import csv
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np

from topolens.layers import analyse
from topolens.measures import HopBetti, Measure, Rips
from topolens.report import write_report
from topolens.table import LayerTable

BAD_INPUT = 2
INTERRUPTED = 130
LABEL_HEADERS = ("label", "labels", "class", "target", "y")

EXAMPLE = """\
example:
  Save the activations of a network, one array per layer with samples along the first axis, and
  the labels of the samples:

    np.savez("activations.npz", input=x, relu1=a, relu2=b, logits=z)
    np.save("labels.npy", y)

  Then ask how many components and loops each class has after every layer, five times with
  random subsamples, and compare with shuffled labels:

    topolens analyse activations.npz --labels labels.npy --repeats 5 --control shuffled --out report

  Open report/index.html. The same numbers are in report/table.csv.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process when not given.

    Returns
    -------
    int
        0 on success, 2 on bad input (one line says why), 130 when interrupted.
    """
    options = _parser().parse_args(argv)
    try:
        return options.run(options)
    except KeyboardInterrupt as stop:
        return _stopped(stop, options, INTERRUPTED, "interrupted")
    except (ValueError, TypeError, ArithmeticError, MemoryError, OSError, ImportError) as error:
        return _stopped(error, options, BAD_INPUT, _one_line(error))


def run_analyse(options: argparse.Namespace) -> int:
    """Read the files, analyse, write the report and print the summary."""
    layers = _choose_layers(read_layers(options.activations), options.layers)
    labels = None if options.labels is None else read_labels(options.labels)
    by = options.by or ("none" if labels is None else "class")
    if by == "class" and labels is None:
        raise ValueError("--by class needs --labels")
    options.out.mkdir(parents=True, exist_ok=True)
    table = analyse(
        layers,
        _measures(options),
        labels=labels,
        by=None if by == "none" else by,
        classes=options.classes,
        repeats=options.repeats,
        subsample=options.subsample,
        control=options.control,
        rng=options.seed,
        n_threads=options.threads,
        progress=sys.stderr.isatty(),
    )
    page = write_report(table, options.out, title=f"Topology of {options.activations.name}")
    print(table)
    print(f"report: {page}")
    return 0


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
        try:
            return np.load(path, allow_pickle=False)
        except (EOFError, ValueError) as error:
            raise ValueError(f"{path} is not a readable .npy file: {error}") from error
    if path.suffix not in (".csv", ".txt"):
        raise ValueError(f"labels must be a .npy, .csv or .txt file; found {path}")
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = csv.reader(file) if path.suffix == ".csv" else ([line.strip()] for line in file)
        rows = [[cell.strip() for cell in row] for row in lines if any(row)]
    return _as_integers(_label_column(rows, path))


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


def _as_integers(labels: list[str]) -> np.ndarray:
    """Return integers where all labels are, so that 2 comes before 10."""
    try:
        return np.array([int(label) for label in labels])
    except ValueError:
        return np.array(labels)


def _choose_layers(layers: dict[str, np.ndarray], names: list[str] | None) -> dict[str, np.ndarray]:
    if names is None:
        return layers
    for name in names:
        if name not in layers:
            raise ValueError(f"--layers must be among {', '.join(layers)}; found {name}")
    return {name: layers[name] for name in names}


def _measures(options: argparse.Namespace) -> list[Measure]:
    makers: dict[str, Callable[[], Measure]] = {
        "hop-betti": lambda: HopBetti(k=options.k, hops=options.hops, maxdim=options.maxdim),
        "rips": lambda: Rips(maxdim=options.maxdim),
    }
    return [makers[name]() for name in dict.fromkeys(options.measure or ["hop-betti"])]


def _stopped(error: BaseException, options: argparse.Namespace, code: int, reason: str) -> int:
    """Say in one line why, and save what was computed."""
    table: LayerTable | None = getattr(error, "partial_table", None)
    if table is not None and len(table):
        page = write_report(table, options.out, title=f"{options.activations.name}, incomplete")
        reason += f"; the layers so far are in {page}"
    print(f"topolens: error: {reason}", file=sys.stderr)
    return code


def _one_line(error: BaseException) -> str:
    place = [note for note in getattr(error, "__notes__", []) if note.startswith("at ")]
    text = str(error) or type(error).__name__
    return " ".join(" ".join([text, *(f"({note})" for note in place)]).split())


class _Parser(argparse.ArgumentParser):
    """Reports a bad argument in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"topolens: error: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="topolens",
        description="Show how a network changes the topology of its data, layer by layer.",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(required=True, metavar="command", title="commands")
    command = commands.add_parser(
        "analyse",
        help="measure saved activations and write a report",
        description="Measure every layer of saved activations and write a report.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run_analyse)
    add = command.add_argument
    add("activations", type=Path, help=".npz or .safetensors file, one array per layer")
    add("--out", type=Path, default=Path("report"), help="folder of the report (default: report)")
    add("--labels", type=Path, help="class of every sample: .npy, .csv or .txt")
    add(
        "--by",
        choices=("class", "none"),
        help="measure each class alone, or all points at once (default: class, given labels)",
    )
    add("--classes", type=_names, metavar="A,B", help="only these classes")
    add("--layers", type=_names, metavar="A,B", help="only these layers, in this order")
    add(
        "--measure",
        action="append",
        choices=("hop-betti", "rips"),
        help="hop-betti: Betti numbers of the neighbourhood graph, comparable between layers "
        "(default); rips: persistence over all scales. Give it twice for both",
    )
    add("--k", type=int, default=14, help="neighbours, the point itself included (default: 14)")
    add("--hops", type=int, default=2, help="join points so many hops apart (default: 2)")
    add(
        "--maxdim",
        type=int,
        default=1,
        help="largest dimension: 0 components, 1 loops, 2 voids (default: 1)",
    )
    add("--repeats", type=int, default=1, help="repeat with other random subsamples (default: 1)")
    add(
        "--subsample",
        type=_number,
        metavar="N",
        help="points drawn from each class: a number, or a share such as 0.5 "
        "(default: all, or 0.8 with --repeats)",
    )
    add("--control", choices=("shuffled",), help="compare with shuffled labels")
    add("--seed", type=int, default=0, help="seed of the random numbers (default: 0)")
    add("--threads", type=int, help="threads to use (default: all)")
    return parser


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _number(text: str) -> int | float:
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number; found {text!r}") from None


def _version() -> str:
    import topolens

    return f"topolens {topolens.__version__}"
