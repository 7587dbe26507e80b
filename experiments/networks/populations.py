"""Which networks are trained, at each size."""

from __future__ import annotations

from experiments.harness import Job, Store
from experiments.networks.training import train_and_predict

SEEDS_A_JOB = 8
WIDTHS = {
    "small": (("mlp", 16), ("mlp", 64), ("cnn", 8)),
    "paper": (("mlp", 16), ("mlp", 64), ("mlp", 256), ("mlp", 1024), ("cnn", 8), ("cnn", 32)),
}
SEEDS = {"small": 32, "paper": 64}
# CPU seconds of a network
SECONDS = {
    ("mlp", 16): 0.5,
    ("mlp", 64): 0.5,
    ("mlp", 256): 2.5,
    ("mlp", 1024): 15.0,
    ("cnn", 8): 1.5,
    ("cnn", 32): 15.0,
}


def jobs(size: str, _: Store | None = None) -> list[Job]:
    """Return a job for every few seeds of a kind of network."""
    found = []
    for kind, width in WIDTHS[size]:
        for activation in ("relu", "tanh"):
            for first in range(0, SEEDS[size], SEEDS_A_JOB):
                parameters = {
                    "kind": kind,
                    "activation": activation,
                    "width": width,
                    "first_seed": first,
                    "seeds": SEEDS_A_JOB,
                }
                cost = SEEDS_A_JOB * SECONDS[kind, width]
                found.append(Job(train_and_predict, parameters, cost=cost))
    return found
