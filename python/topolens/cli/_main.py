"""The command `topolens`: activations or predictions in, a report out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from topolens.cli import _analyse as analyse
from topolens.cli import _compare as compare
from topolens.cli import _demo as demo
from topolens.cli._options import BAD_INPUT, Parser

INTERRUPTED = 130
SAVED = "the layers so far"

FIRST_STEPS = """\
first steps:
  topolens demo                                    train a small network and look at its layers
  topolens analyse activations.npz --labels y.npy  look at the layers of yours
  topolens compare a.npy b.npy c.npy --labels y.npy
                                                   see which networks predict alike
  topolens COMMAND --help                          files, numbers and examples of a command
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

    Raises
    ------
    SystemExit
        If the arguments are none of the command, or ask for help.

    See Also
    --------
    topolens.layers.analyse, topolens.networks.NetworkSpace : What the commands call.

    Examples
    --------
    >>> from topolens.cli import main
    >>> main(["analyse", "no_such_file.npz", "--out", "report"])
    2
    """
    options = _parser().parse_args(argv)
    try:
        return options.run(options)
    except KeyboardInterrupt as stop:
        return _stopped(stop, "interrupted", INTERRUPTED)
    except (ValueError, TypeError, ArithmeticError, MemoryError, OSError, ImportError) as error:
        return _stopped(error, _one_line(error), BAD_INPUT)


def _stopped(error: BaseException, reason: str, code: int) -> int:
    """Say in one line why, and where what was computed is."""
    saved = [note for note in getattr(error, "__notes__", []) if note.startswith(SAVED)]
    print(f"topolens: error: {'; '.join([reason, *saved])}", file=sys.stderr)
    return code


def _one_line(error: BaseException) -> str:
    place = [note for note in getattr(error, "__notes__", []) if note.startswith("at ")]
    text = str(error) or type(error).__name__
    return " ".join(" ".join([text, *(f"({note})" for note in place)]).split())


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="topolens",
        description="Show how a network changes the topology of its data, layer by layer.",
        epilog=FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(required=True, metavar="command", title="commands")
    for command in (analyse, compare, demo):
        command.add(commands)
    return parser


def _version() -> str:
    import topolens

    return f"topolens {topolens.__version__}"
