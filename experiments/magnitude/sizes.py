"""What is run at each size."""

from __future__ import annotations

from itertools import product

from experiments.harness import Job, Store
from experiments.magnitude.data import DIGITS, of_the_size_of_mnist
from experiments.magnitude.levy import levy
from experiments.magnitude.restarts import restart
from experiments.magnitude.walks import walk

ALPHAS = (1.0, 1.25, 1.5, 1.75, 1.95)
DEPTHS = (5, 7)
WIDTH = 100  # the paper does not say
RATE = 0.1
ITERATIONS = 10_000
SEEDS, FEW = 10, 5
RESTARTED = {"small": 4, "paper": SEEDS}
PROJECTION = 4096
IMAGES = 10_000  # to restart from a network that knows them


def jobs(size: str, _: Store | None = None) -> list[Job]:
    """Return the jobs: walks of networks, restarts of trained ones, paths of known dimension."""
    data = {"small": of_the_size_of_mnist(), "paper": "MNIST"}[size]
    others = {"small": [(DIGITS, DEPTHS[0])], "paper": []}[size]
    kinds = dict.fromkeys(product([data], DEPTHS), SEEDS)
    kinds |= {kind: FEW for kind in others if kind not in kinds}
    on_images = {"small": [], "paper": [on_cifar(seed) for seed in range(SEEDS)]}[size]
    return [
        *(fully_connected(*kind, seed) for kind, n in kinds.items() for seed in range(n)),
        *on_images,
        *(from_trained(data, seed) for seed in range(RESTARTED[size])),
        *paths(size),
    ]


def fully_connected(data: str, depth: int, seed: int) -> Job:
    """Return the job of one fully connected network."""
    parameters = {
        "data": data,
        "network": "fully connected",
        "width": WIDTH,
        "depth": depth,
        "rate": RATE,
        "seed": seed,
        "first": 1000,
        "iterations": ITERATIONS,
        "projection": PROJECTION,
    }
    return Job(walk, parameters, cost=14 + 2.6 * depth, group=f"fcn-{depth} on {data}")


def on_cifar(seed: int) -> Job:
    """Return the job of AlexNet on CIFAR-10."""
    parameters = {
        "data": "CIFAR10",
        "network": "AlexNet",
        "width": 0,
        "depth": 8,
        "rate": RATE,
        "seed": seed,
        "first": 10_000,
        "iterations": 19_000,
        "projection": PROJECTION,
    }
    return Job(walk, parameters, cost=19_000 * 0.5, group="AlexNet on CIFAR10")


def from_trained(data: str, seed: int) -> Job:
    """Return the job of all restarts from one trained network."""
    parameters = {
        "data": data,
        "images": IMAGES,
        "width": WIDTH,
        "depth": DEPTHS[0],
        "rate": RATE,
        "seed": seed,
        "iterations": ITERATIONS,
        "projection": PROJECTION,
    }
    return Job(restart, parameters, cost=36, group=f"restarts on {data}")


def paths(size: str) -> list[Job]:
    """Paths of stable Lévy processes in ten dimensions, longer and longer ones."""
    lengths, seeds = {"small": ((500, 1000, 2000), 8), "paper": ((500, 1000, 2000, 5000), 20)}[size]
    return [
        Job(levy, {"alpha": alpha, "n": n, "dimension": 10, "seed": seed}, 2e-7 * n**2, "Lévy")
        for alpha, n, seed in product(ALPHAS, lengths, range(seeds))
    ]
