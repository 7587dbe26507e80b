"""Which networks are trained, at each size."""

from __future__ import annotations

from experiments.harness import Job, Store
from experiments.layers.data import REAL, SIMULATED
from experiments.layers.population import population

ACTIVATIONS = ("relu", "leaky", "tanh")
SMALL_WIDTHS = {"D-I": 15, "D-II": 25, "D-III": 25, "digits": 15, "cancer": 15}
DEEP, SHALLOW = 9, 3
# CPU seconds of a network at small size, most of it for homology; tanh takes longer to train.
SECONDS = {"D-I": 5, "D-II": 7, "D-III": 9, "digits": 4, "cancer": 2}
# How many times longer a network takes at paper size, with more data and neighbours: a guess.
TIMES = {"D-I": 1, "D-II": 12, "D-III": 20, "digits": 1, "cancer": 1}


def jobs(size: str, _: Store | None = None) -> list[Job]:
    """Return a job for each kind of network."""
    return _paper() if size == "paper" else _small()


def _small() -> list[Job]:
    found = []
    for data in (*SIMULATED, *REAL):
        networks = 10 if data == "D-I" else 5
        found += [_job(data, act, SMALL_WIDTHS[data], networks) for act in ACTIVATIONS]
    for activation in ("relu", "tanh"):
        found += [_job("D-I", activation, 15, 8, hidden=SHALLOW)]
        found += [_job("D-I", activation, 15, 8, bottleneck=3)]
    return [*found, _job("D-I", "relu", 15, 10, weights="pytorch")]


def _paper() -> list[Job]:
    """Widths 15, 25 and 50; 3 to 9 hidden layers; bottlenecks; 30 networks each."""
    found = []
    for activation in ACTIVATIONS:
        for data in SIMULATED:
            for width in (15, 25, 50):
                found += [_job(data, activation, width, 30, size="paper")]
            for hidden in range(SHALLOW, DEEP):
                found += [_job(data, activation, 15, 30, hidden=hidden, size="paper")]
            found += [_job(data, activation, 15, 30, bottleneck=3, size="paper")]
        found += [_job(data, activation, 15, 30, size="paper") for data in REAL]
    return [*found, _job("D-I", "relu", 15, 30, weights="pytorch", size="paper")]


def _job(
    data: str,
    activation: str,
    width: int,
    networks: int,
    *,
    hidden: int = DEEP,
    bottleneck: int = 0,
    weights: str = "glorot",
    size: str = "small",
) -> Job:
    times = TIMES[data] if size == "paper" else 1
    slow = 2 if activation == "tanh" else 1
    parameters = {
        "data": data,
        "activation": activation,
        "width": width,
        "hidden": hidden,
        "bottleneck": bottleneck,
        "weights": weights,
        "networks": networks,
        "draws": 2 * networks if activation == "tanh" else networks + 2 + networks // 5,
        "size": size,
    }
    cost = SECONDS[data] * networks * times * slow * hidden / DEEP
    return Job(population, parameters, cost=cost)
