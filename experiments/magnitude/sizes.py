"""What is run at each size."""

from __future__ import annotations

from itertools import product

from experiments.harness import Job, Store
from experiments.magnitude.levy import levy
from experiments.magnitude.walks import walk

INPUTS = {"digits": 64, "MNIST": 784}
ALPHAS = (1.0, 1.25, 1.5, 1.75, 1.95)


def jobs(size: str, _: Store | None = None) -> list[Job]:
    """Return the jobs: walks of networks, then paths of known dimension."""
    return [*WALKS[size](), *paths(size)]


def small_walks() -> list[Job]:
    """Forty-eight networks on the digits of scikit-learn, 4000 iterations each."""
    grid = product((0.04, 0.08, 0.16), (32, 128), (5, 7), range(4))
    return [
        fully_connected("digits", width, depth, rate, seed, 4000, projection=2048)
        for rate, width, depth, seed in grid
    ]


def paper_walks() -> list[Job]:
    """Five and seven layers on MNIST, AlexNet on CIFAR-10: the paper's, and other rates."""
    grid = product((0.05, 0.1, 0.2), (128, 256), (5, 7), range(5))
    on_mnist = [
        fully_connected("MNIST", width, depth, rate, seed, 10_000, projection=4096)
        for rate, width, depth, seed in grid
    ]
    on_cifar = [
        Job(
            walk,
            {
                "data": "CIFAR10",
                "network": "AlexNet",
                "width": 0,
                "depth": 8,
                "rate": rate,
                "seed": seed,
                "iterations": 19_000,
                "projection": 4096,
            },
            cost=19_000 * 0.5,
        )
        for rate, seed in product((0.05, 0.1), range(5))
    ]
    return [*on_mnist, *on_cifar]


WALKS = {"small": small_walks, "paper": paper_walks}


def fully_connected(
    data: str, width: int, depth: int, rate: float, seed: int, iterations: int, projection: int
) -> Job:
    """Return the job of one fully connected network."""
    weights = INPUTS[data] * width + (depth - 1) * width**2
    a_step = 2.5e-4 + 1.2e-4 * depth + 1e-8 * weights
    a_window = 0.7
    return Job(
        walk,
        {
            "data": data,
            "network": "fully connected",
            "width": width,
            "depth": depth,
            "rate": rate,
            "seed": seed,
            "iterations": iterations,
            "projection": projection,
        },
        cost=iterations * a_step + iterations / 1000 * a_window,
    )


def paths(size: str) -> list[Job]:
    """Paths of stable Lévy processes in ten dimensions, longer and longer ones."""
    lengths, seeds = {"small": ((500, 1000, 2000), 8), "paper": ((500, 1000, 2000, 5000), 20)}[size]
    return [
        Job(levy, {"alpha": alpha, "n": n, "dimension": 10, "seed": seed}, cost=2e-7 * n**2)
        for alpha, n, seed in product(ALPHAS, lengths, range(seeds))
    ]
