"""`topolens compare`: networks side by side, by what they predict or by their layers."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from topolens.cli._layers_side_by_side import compare_layers
from topolens.cli._options import MEASURES, add_command, add_measuring, make_folder, names
from topolens.cli._predictions import hold_predictions, read_predictions, space_of
from topolens.cli._reading import read_labels
from topolens.report._networks import network_facts, write_network_report

DISTANCES = (
    *("disagreement", "correctness", "balanced", "worst_class"),
    *("tv", "hellinger", "js", "kappa"),
)
HELP = f"""\
Files with one network each, or with labels only, are taken as predictions; .npz and .safetensors
files with layers as activations of one model each. --as decides where that is wrong.

predictions:
  .npy          labels (n,) or scores (n, classes) of one network, named by the file
  .csv          one column of labels for each network, named in the first line; a column headed
                label, class, target or y holds the true labels; ids and other numbers than
                whole ones are left out
  .txt          one label a line
  .npz          one array a network (with --as predictions if they are scores); one that is
                called labels, class, target or y holds the true labels

  Scores of a network are probabilities if they are not negative and add up to 1 for each
  sample, and logits otherwise; the report says which.

  The networks become points of a metric space. The distance of two is the share of samples for
  which they predict different classes, with an interval that holds for all pairs at once under
  the law of the samples: 0.12 [0.09, 0.16] says that they differ on 9 to 16 % of samples like
  these. Other distances:
    correctness            share that one has right and the other not (--labels)
    balanced, worst_class  mean and largest disagreement within true classes (--labels)
    tv, hellinger, js      mean distances of the probabilities (scores)
    kappa                  1 - Cohen's kappa, which is no metric
  Networks within --eps of a centre form a class; with 0, those that predict the same.

  topolens compare seed0.npy seed1.npy seed2.npy --labels y.npy --eps 0.02 --out alike
  topolens compare predictions.csv --out alike

activations:
  One file a model, as for `topolens analyse`, with the same samples in all. Layers are shown side
  by side; persistence diagrams of all layers of all models are compared by their bottleneck
  distance, each in mean distances of its points, so that 0.2 is a fifth of these.

  topolens compare relu.npz tanh.npz --labels y.npy --out side_by_side

{MEASURES}"""


def add(commands: Any) -> None:
    """Add the command."""
    command = add_command(
        commands, "compare", run, "compare networks by their predictions or their layers", HELP
    )
    arg = command.add_argument
    arg("files", type=Path, nargs="+", help="predictions or activations, see below")
    arg("--out", type=Path, default=Path("comparison"), help="folder (default: comparison)")
    arg("--labels", type=Path, help="true class of every sample: .npy, .csv or .txt")
    arg("--as", dest="kind", choices=("predictions", "activations"), help="what the files hold")
    arg = command.add_argument_group("networks by their predictions").add_argument
    arg(
        "--distance",
        choices=DISTANCES,
        default="disagreement",
        metavar="NAME",
        help="what the distance counts (default: disagreement)",
    )
    arg("--eps", type=float, default=0.0, help="radius of classes of networks (default: 0)")
    arg("--confidence-level", type=float, default=0.95, help="of the intervals (default: 0.95)")
    arg("--networks", type=names, metavar="A,B", help="only these networks")
    add_measuring(command)


def run(options: argparse.Namespace) -> int:
    """Find out what the files hold, and compare it."""
    kind = options.kind or ("predictions" if hold_predictions(options.files) else "activations")
    labels = None if options.labels is None else read_labels(options.labels)
    if kind == "activations":
        return compare_layers(options, labels)
    predictions, told = read_predictions(options.files)
    for name in options.networks or ():
        if name not in predictions:
            raise ValueError(f"--networks must be among {', '.join(predictions)}; found {name}")
    chosen = {name: predictions[name] for name in options.networks or predictions}
    space, given = space_of(chosen, told if labels is None else labels, options.distance)
    distances = space.distances(options.distance, n_threads=options.threads)
    make_folder(options.out)
    facts = network_facts(space, distances, options.eps, options.confidence_level)
    facts = replace(facts, settings={**facts.settings, "predictions": given})
    page = write_network_report(facts, options.out, title=f"Comparison of {len(space)} networks")
    print(f"predictions: {given}")
    print(facts.pairs)
    print(facts.networks)
    print(f"report: {page}")
    return 0
