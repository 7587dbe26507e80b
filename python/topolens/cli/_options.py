"""Arguments that commands share, and what is made of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from topolens.layers._analyse import analyse
from topolens.layers._table import LayerTable
from topolens.measures._dimensions import MagnitudeDimension, PHDimension
from topolens.measures._hops import HopBetti
from topolens.measures._loops import Loops
from topolens.measures._magnitude import Magnitude
from topolens.measures._pieces import Pieces
from topolens.measures._protocol import Measure
from topolens.measures._rips import Rips
from topolens.measures._spread import Spread
from topolens.profiles._measure import Cubical
from topolens.report._layers import write_report

BAD_INPUT = 2

MEASURES = """\
measures:
  loops                the longest loop over the mean distance, and whether it is beyond chance
  spread               size of a class over its distance to the others
  pieces               pieces of a class among the others
  hop-betti            pieces and loops of the graph of nearest neighbours, at one scale; the same
                       when a layer stretches its output, so layers can be compared; the measure
                       if --k or --hops are given
  rips                 persistent homology over all scales: how many features there are, how long
                       they live; lengths are in mean distances of the points
  ph-dimension         dimension of the points, from minimum spanning trees
  magnitude            effective number of points at a few scales
  magnitude-dimension  dimension of the points, from the growth of magnitude
  cubical              pieces and holes within feature maps (n, channels, height, width)
"""


class Parser(argparse.ArgumentParser):
    """Reports a bad argument in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where to read more."""
        self.exit(BAD_INPUT, f"topolens: error: {message} (see {self.prog} --help)\n")


def add_command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], int], help: str, epilog: str
) -> argparse.ArgumentParser:
    """Add a command whose help ends with an explanation."""
    command = commands.add_parser(
        name,
        help=help,
        description=f"{help[0].upper()}{help[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def add_measuring(command: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is measured in the layers, and how."""
    add = command.add_argument_group("what is measured in layers").add_argument
    add(
        "--measure",
        action="append",
        choices=tuple(MAKERS),
        metavar="NAME",
        help="one of the measures below; several times for several",
    )
    add(
        "--k",
        type=neighbors,
        help="neighbours, the point itself included (default: 3 log n of n points)",
    )
    add("--hops", type=int, help="join points so many hops apart (default: 2)")
    add(
        "--maxdim",
        type=int,
        default=1,
        help="largest degree: 0 components, 1 loops, 2 voids (default: 1)",
    )
    add("--metric", default="euclidean", help="distance of points (default: euclidean)")
    add(
        "--landmarks",
        type=int,
        metavar="N",
        help="rips, loops: so many points that are far apart, in place of all of a large cloud",
    )
    add(
        "--thresholds",
        type=numbers,
        default=(0.0,),
        metavar="A,B",
        help="cubical: values at which maps are cut (default: 0)",
    )
    add("--layers", type=names, metavar="A,B", help="only these layers, in this order")
    add = command.add_argument_group("classes, samples and controls").add_argument
    add(
        "--by",
        choices=("class", "none"),
        help="measure each class alone, or all points at once (default: class, given labels)",
    )
    add("--classes", type=names, metavar="A,B", help="only these classes")
    add("--repeats", type=int, default=1, help="repeat with other random subsamples (default: 1)")
    add(
        "--subsample",
        type=number,
        metavar="N",
        help="points drawn from each class: a number, or a share such as 0.5 "
        "(default: all, or 0.8 with --repeats)",
    )
    add("--control", choices=("shuffled",), help="compare with shuffled labels")
    add("--seed", type=int, default=0, help="seed of the random numbers (default: 0)")
    add("--threads", type=int, help="threads to use (default: all)")


MAKERS: dict[str, Callable[[argparse.Namespace], Measure]] = {
    "hop-betti": lambda o: HopBetti(
        k="auto" if o.k is None else o.k,
        hops=2 if o.hops is None else o.hops,
        maxdim=o.maxdim,
        metric=o.metric,
    ),
    "loops": lambda o: Loops(metric=o.metric, n_landmarks=o.landmarks),
    "spread": lambda o: Spread(metric=o.metric),
    "pieces": lambda o: Pieces(metric=o.metric),
    "rips": lambda o: Rips(maxdim=o.maxdim, metric=o.metric, n_landmarks=o.landmarks),
    "ph-dimension": lambda o: PHDimension(metric=o.metric),
    "magnitude": lambda o: Magnitude(metric=o.metric),
    "magnitude-dimension": lambda o: MagnitudeDimension(metric=o.metric),
    "cubical": lambda o: Cubical(thresholds=o.thresholds),
}


def measure_layers(
    layers: dict[str, Any], labels: Any, options: argparse.Namespace, default: tuple[str, ...] = ()
) -> LayerTable:
    """Analyse the chosen layers as the arguments say; without any, by what has no scale."""
    scaled = options.k is not None or options.hops is not None
    names = options.measure or default or (("hop-betti",) if scaled else ())
    by: Any = options.by or ("none" if labels is None else "class")
    if by == "class" and labels is None:
        raise ValueError("--by class needs --labels")
    return analyse(
        _chosen(layers, options.layers),
        [MAKERS[name](options) for name in dict.fromkeys(names)] or None,
        labels=None if by == "none" else labels,
        by="all" if by == "none" else "class",
        classes=options.classes,
        repeats=options.repeats,
        subsample=options.subsample,
        control=options.control,
        rng=options.seed,
        n_threads=options.threads,
        progress=sys.stderr.isatty(),
    )


@contextmanager
def keeping_layers_so_far(out: Path, title: str) -> Iterator[None]:
    """Write a report of what was measured before an error or Ctrl-C, which goes on."""
    try:
        yield
    except BaseException as error:
        table: LayerTable | None = getattr(error, "partial_table", None)
        if table is not None and len(table):
            page = write_report(table, out, title=f"{title}, incomplete")
            error.add_note(f"the layers so far are in {page}")
        raise


def make_folder(out: Path) -> None:
    """Make the folder of a report before anything is computed."""
    if out.exists() and not out.is_dir():
        raise ValueError(f"--out must be a folder; found the file {out}")
    out.mkdir(parents=True, exist_ok=True)


def neighbors(text: str) -> int | str:
    """Read a number of neighbours, or leave it to the rule."""
    return text if text == "auto" else int(text)


def names(text: str) -> list[str]:
    """Read names with commas between them."""
    return [name.strip() for name in text.split(",")]


def number(text: str) -> int | float:
    """Read a whole number, or any."""
    try:
        return int(text) if text.lstrip("+-").isdigit() else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number; found {text!r}") from None


def numbers(text: str) -> tuple[float, ...]:
    """Read numbers with commas between them."""
    return tuple(float(number(part)) for part in names(text))


def _chosen(layers: dict[str, Any], wanted: list[str] | None) -> dict[str, Any]:
    if wanted is None:
        return layers
    for name in wanted:
        if name not in layers:
            raise ValueError(f"--layers must be among {', '.join(layers)}; found {name}")
    return {name: layers[name] for name in wanted}
