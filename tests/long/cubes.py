"""What magnitude dimensions uniform cubes are given: the tables of magnitudes/_cubes.py.

    python tests/long/cubes.py [--sizes 10 30 100] [--repeats 20]

Prints one row a size with the means over the samples, as they stand in that file.
"""

from __future__ import annotations

import argparse

import numpy as np

import topolens as tl
from topolens.magnitudes._cubes import DIMENSIONS, FITS, SIZES


def estimates(n: int, d: int, repeats: int) -> dict[str, float]:
    """Return the mean estimate of each method over samples of n points in a cube."""
    found: dict[str, list[float]] = {method: [] for method in FITS}
    for seed in range(repeats):
        X = np.random.default_rng([n, d, seed]).uniform(size=(n, d))
        f = tl.magnitude_function(X)
        for method in FITS:
            found[method].append(
                float(tl.magnitudes.magnitude_dimension(f, method, bootstrap=None))
            )
    return {method: float(np.mean(values)) for method, values in found.items()}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--repeats", type=int, help="by default 1 to 100, fewer of larger cubes")
    options = parser.parse_args()
    for n in options.sizes:
        repeats = options.repeats or int(np.clip(10_000 // n, 1, 100))
        rows = [estimates(n, d, repeats) for d in DIMENSIONS]
        for method in FITS:
            numbers = ", ".join(f"{row[method]:.3f}" for row in rows)
            print(f"{method} n={n}: ({numbers}),", flush=True)


if __name__ == "__main__":
    main()
