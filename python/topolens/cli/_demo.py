"""`topolens demo`: a network trained on the spot, looked at layer by layer."""

from __future__ import annotations

import argparse
import csv
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from topolens.cli._options import add_command, make_folder
from topolens.layers._analyse import analyse
from topolens.measures._hops import HopBetti
from topolens.report._layers import write_report
from topolens.torch._record import record

if TYPE_CHECKING:
    import torch
    from torch import nn

    from topolens.layers._recording import Recording
    from topolens.layers._table import LayerTable

HELP = """\
what it does:
  Draws 1500 points in a rectangle: three disks, and the plane around them, which has three
  holes. Trains networks of six hidden layers on them until one has every point right. Counts
  pieces (degree 0) and loops (degree 1) of both classes after every layer, beside an
  untrained copy of the same network.

what to look for:
  The input has 3 pieces and 0 loops of disks, 1 piece and 3 loops of the plane. A line could
  not part them. Layer by layer the trained network brings the disks together and, with most
  seeds, closes the holes; untrained copies mostly leave both as they are.

what it writes:
  index.html, table.csv and pictures, as `topolens analyse` does, and the files to start from:

    topolens analyse demo/activations.npz --labels demo/labels.npy --k 10 --out other
    topolens compare demo/predictions.csv --out alike

It needs PyTorch, but no file and no network.
"""
TITLE = "Three disks in a plane with three holes"
LEAD = (
    "A network with six hidden layers of twelve ReLU units has learnt to tell points of three "
    "disks from points of the plane around them. Pieces of the disks and loops of the plane: "
    "{input} at the input, {output} at the output, {untrained} at the outputs of untrained copies "
    "on average."
)
DEPTH, WIDTH, EPOCHS, DRAWS = 6, 12, 200, 8
N_DISKS, RADIUS, GAP, STEP = 3, 0.62, 0.1, 0.08


def add(commands: Any) -> None:
    """Add the command."""
    command = add_command(
        commands, "demo", run, "train a small network and report on its layers; needs no file", HELP
    )
    command.add_argument(
        "--out", type=Path, default=Path("demo"), help="folder to fill (default: demo)"
    )
    command.add_argument("--repeats", type=int, default=3, help="untrained copies (default: 3)")
    command.add_argument("--seed", type=int, default=0, help="seed of the networks (default: 0)")


def run(options: argparse.Namespace) -> int:
    """Train, record, analyse beside untrained copies, and write everything down."""
    try:
        import torch
    except ImportError as error:
        raise ImportError("topolens demo needs PyTorch: pip install torch") from error
    make_folder(options.out)
    points, labels = disks_in_a_rectangle(np.random.default_rng(options.seed))
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # in networks as small as these, threads wait for one another
    try:
        model, predictions = _trained(points, labels, options.seed)
        recording = record(model, (points, labels), max_samples=len(points))
        table = _measure(recording, options)
    finally:
        torch.set_num_threads(threads)
    _write_files(options.out, recording, labels, predictions)
    page = write_report(table, options.out, title=TITLE, lead=_lead(table))
    print(table.select(measure="betti"))
    print(f"report: {page}")
    return 0


def disks_in_a_rectangle(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points on a jittered grid, float32, and 0 in a disk, 1 around them."""
    axes = np.arange(STEP / 2, 2 * N_DISKS, STEP), np.arange(STEP / 2, 2, STEP)
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    grid += rng.uniform(-STEP / 5, STEP / 5, grid.shape)
    to_nearest = np.hypot((grid[:, 0] % 2) - 1, grid[:, 1] - 1)
    apart = np.abs(to_nearest - RADIUS) > GAP
    centered = grid[apart] - [N_DISKS, 1]
    return centered.astype(np.float32), (to_nearest[apart] > RADIUS).astype(np.int64)


def _network() -> nn.Module:
    """Build 2-12x6-2 with ReLU."""
    from torch import nn

    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for i in range(1, DEPTH + 1):
        parts[f"linear{i}"] = nn.Linear(WIDTH if i > 1 else 2, WIDTH)
        parts[f"relu{i}"] = nn.ReLU()
    parts["logits"] = nn.Linear(WIDTH, 2)
    return nn.Sequential(parts)


def _trained(
    points: np.ndarray, labels: np.ndarray, seed: int
) -> tuple[nn.Module, dict[str, np.ndarray]]:
    """Train networks until one has every point right; return it, and what it said on the way."""
    import torch

    X, y = torch.tensor(points), torch.tensor(labels)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for _ in range(DRAWS):
            model = _network()
            predictions = _fit(model, X, y)
            if (predictions["end"] == labels).all():
                return model, predictions
    raise ArithmeticError(f"none of {DRAWS} networks has every point right; try another --seed")


def _fit(model: nn.Module, X: torch.Tensor, y: torch.Tensor) -> dict[str, np.ndarray]:
    """Train until every point is right or time is up; keep predictions on the way."""
    import torch

    adam = torch.optim.Adam(model.parameters(), lr=0.01)
    predicted = {"start": _predict(model, X)}
    for epoch in range(1, EPOCHS + 1):
        for batch in torch.randperm(len(X)).split(256):
            adam.zero_grad()
            torch.nn.functional.cross_entropy(model(X[batch]), y[batch]).backward()
            adam.step()
        predicted["end"] = _predict(model, X)
        if epoch & (epoch - 1) == 0:
            predicted[f"epoch {epoch}"] = predicted["end"]
        if (predicted["end"] == y.numpy()).all():
            break
    return predicted | {"end": predicted.pop("end")}


def _predict(model: nn.Module, X: torch.Tensor) -> np.ndarray:
    import torch

    with torch.no_grad():
        return model(X).argmax(1).numpy()


def _measure(recording: Recording, options: argparse.Namespace) -> LayerTable:
    """Analyse the network and its untrained copies."""
    return analyse(
        recording,
        HopBetti(k=14, hops=2),
        labels=np.array(["disks", "plane"])[recording.labels],
        by="class",
        repeats=options.repeats,
        subsample=1.0,
        control="untrained",
        rng=options.seed,
    )


def _lead(table: LayerTable) -> str:
    """Say in numbers what became of the disks and of the holes."""
    betti = table.select(measure="betti")

    def found(layer: str, control: str) -> str:
        rows = betti.select(layer=layer, control=control)
        pieces = rows.select(class_="disks", degree=0).columns["value"].mean()
        loops = rows.select(class_="plane", degree=1).columns["value"].mean()
        return f"{pieces:.3g} and {loops:.3g}"

    return LEAD.format(
        input=found("input", "trained"),
        output=found("output", "trained"),
        untrained=found("output", "untrained"),
    )


def _write_files(
    out: Path, recording: Recording, labels: np.ndarray, predictions: dict[str, np.ndarray]
) -> None:
    """Write what the other commands take: activations, labels, predictions over the training."""
    np.savez(out / "activations.npz", **recording)
    np.save(out / "labels.npy", labels)
    with open(out / "predictions.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["label", *predictions])
        writer.writerows(zip(labels, *predictions.values(), strict=True))
