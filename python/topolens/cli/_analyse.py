"""`topolens analyse`: from a file of activations to a report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from topolens.cli._options import (
    MEASURES,
    add_command,
    add_measuring,
    keeping_layers_so_far,
    make_folder,
    measure_layers,
)
from topolens.cli._reading import only_layers, read_labels, read_layers
from topolens.report._layers import write_report

HELP = f"""\
{MEASURES}
files:
  activations  .npz or .safetensors, one array per layer, samples along the first axis, the same
               samples in all of them; arrays of labels or ids, such as `labels`, are left out
  labels       .npy, or .csv or .txt with one label a line; in a .csv with several columns, the
               one that is headed label, class, target or y
  report       index.html holds tables, pictures and what the numbers mean, and needs no other
               file; table.csv has every number; a .png for each measure

example:
  Save the activations of a network, one array per layer with samples along the first axis, and
  the labels of the samples:

    np.savez("activations.npz", input=x, relu1=a, relu2=b, logits=z)
    np.save("labels.npy", y)

  Then ask for the longest loop, the size and the pieces of each class after every layer, twenty
  times with random subsamples, or for Betti numbers at one scale beside shuffled labels:

    topolens analyse activations.npz --labels labels.npy --repeats 20 --out report
    topolens analyse activations.npz --labels labels.npy --measure hop-betti --control shuffled

what to make of it:
  "betti 0" of a class that falls from 9 to 1 says that the network brings nine pieces together;
  "betti 1" counts loops around holes. Whether a change is the work of training only untrained
  copies of the network tell (topolens.record and topolens.analyse in Python).
"""


def add(commands: Any) -> None:
    """Add the command."""
    command = add_command(
        commands, "analyse", run, "measure every layer of saved activations; write a report", HELP
    )
    command.add_argument(
        "activations", type=Path, help=".npz or .safetensors file, one array per layer"
    )
    command.add_argument(
        "--out", type=Path, default=Path("report"), help="folder of the report (default: report)"
    )
    command.add_argument("--labels", type=Path, help="class of every sample: .npy, .csv or .txt")
    add_measuring(command)


def run(options: argparse.Namespace) -> int:
    """Read the files, analyse, write the report and print the summary."""
    layers = only_layers(read_layers(options.activations), options.activations)
    labels = None if options.labels is None else read_labels(options.labels)
    make_folder(options.out)
    with keeping_layers_so_far(options.out, options.activations.name):
        table = measure_layers(layers, labels, options)
    page = write_report(table, options.out, title=f"Topology of {options.activations.name}")
    print(table)
    print(table.findings("shuffled" if options.control else "untrained", rng=0))
    print(f"report: {page}")
    return 0
