"""What recording a trajectory adds to the time and memory of training.

    python benches/trajectory.py [--exact] [--steps 1000] [--threads 1]

A fully connected network with a million parameters is trained on random data by SGD with batches
of 100, and recorded at every step. Printed are medians and totals of wall and CPU time of the
training steps and of ``traj.step()``, their ratio, and the peak of memory beside the model.
"""

from __future__ import annotations

import argparse
import resource
import time
from itertools import pairwise

import numpy as np
import torch
from torch import nn

import topolens as tl


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def network() -> nn.Module:
    widths = (784, 650, 500, 300, 10)
    layers = [
        layer
        for before, after in pairwise(widths)
        for layer in (nn.Linear(before, after), nn.ReLU())
    ]
    return nn.Sequential(*layers[:-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--exact", action="store_true", help="no projection")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    model, loss_fn = network(), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    X, y = torch.randn(6000, 784), torch.randint(10, (6000,))

    def train() -> None:
        batch = torch.randint(6000, (100,))
        optimizer.zero_grad()
        loss_fn(model(X[batch]), y[batch]).backward()
        optimizer.step()

    for _ in range(20):
        train()
    before = peak_mb()
    projection = None if options.exact else 4096
    traj = tl.TrajectoryRecorder(model, window=1000, projection=projection, rng=0)
    seconds = np.empty((options.steps, 2, 2))
    for row in seconds:
        marks = [(time.perf_counter(), time.process_time())]
        for call in (train, traj.step):
            call()
            marks.append((time.perf_counter(), time.process_time()))
        row[:] = np.diff(marks, axis=0)
    start = time.process_time()
    traj.space(n_threads=options.threads)
    space_seconds = time.process_time() - start

    n_weights = sum(p.numel() for p in model.parameters())
    print(f"{n_weights} weights, {options.steps} steps, {options.threads} threads, {projection=}")
    for name, (training, step) in (
        ("medians", np.median(seconds, axis=0)),
        ("totals", seconds.sum(axis=0)),
    ):
        for clock, a, b in zip(("wall", "CPU"), training * 1e3, step * 1e3, strict=True):
            print(f"{name:8}{clock:5} training {a:9.2f} ms, recording {b:8.2f} ms: {b / a:6.1%}")
    print(f"space: {space_seconds:.1f} s CPU; peak {peak_mb() - before:.0f} MB beside the model")


if __name__ == "__main__":
    main()
