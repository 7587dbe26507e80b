"""Count how often confidence bands hold what they should.

    python tests/long/coverage.py [--samples 300] [--seed 0]

The truth is known on the unit circle with uniform points: its Vietoris-Rips diagrams are one
essential component and one loop that lasts from 0 to √3 (M. Adamaszek, H. Adams, "The
Vietoris-Rips complexes of a circle", Pacific J. Math. 290, 2017); the distance to its measure is
taken from 5000 even points; the mean landscape from many samples. The third column is the share of
bands that hold the truth, the last one what the radius would have to be for the level exactly.
"""

from __future__ import annotations

import argparse
import math

import numpy as np
from tqdm import tqdm

import topolens as tl

LEVELS = (0.8, 0.95)


def circle(n, rng):
    angle = rng.uniform(0, 2 * math.pi, n)
    return np.column_stack([np.cos(angle), np.sin(angle)])


def rips_error(X):
    """Bottleneck distance to the diagrams of the circle, the larger one of degrees 0 and 1."""
    components, loops = tl.rips(X).dgms
    noise = components[:-1, 1].max() / 2
    lengths = loops[:, 1] - loops[:, 0]
    longest = int(np.argmax(lengths))
    birth, death = loops[longest]
    others = np.delete(lengths, longest).max(initial=0) / 2
    return max(noise, birth, abs(death - math.sqrt(3)), others)


def subsampling(n, samples, rng):
    for _ in range(samples):
        X = circle(n, rng)
        seed = int(rng.integers(2**31))
        bands = [
            tl.confidence_band(X, confidence_level=a, n_resamples=200, rng=seed) for a in LEVELS
        ]
        yield [band.radius for band in bands], rips_error(X)


def bootstrap(n, samples, rng):
    even = np.linspace(0, 2 * math.pi, 5000, endpoint=False)
    truth = np.column_stack([np.cos(even), np.sin(even)])
    options = {"method": "bootstrap", "mass": 0.1, "resolution": 20, "n_resamples": 200}
    for _ in range(samples):
        X = circle(n, rng)
        seed = int(rng.integers(2**31))
        bands = [tl.confidence_band(X, confidence_level=a, rng=seed, **options) for a in LEVELS]
        grid = np.stack(np.meshgrid(*bands[0].axes, indexing="ij"), axis=-1).reshape(-1, 2)
        true = tl.spaces.distance_to_measure(truth, grid, 0.1).reshape(bands[0].values.shape)
        dgms = tl.cubical(true).dgms
        between = [tl.bottleneck_distance(a, b) for a, b in zip(bands[0].dgms, dgms, strict=True)]
        error = np.abs(true - bands[0].values).max()
        assert max(between) <= error + 1e-12
        yield [band.radius for band in bands], error, max(between)


def mean_landscapes(n_diagrams, samples, rng, *, n=30, many=20_000):
    grid = np.linspace(0, 2, 101)

    def diagrams(count):
        return [r[1] for r in tl.rips_batch(circle(n, rng) for _ in range(count))]

    truth = np.mean([tl.diagrams.landscape(dgm, 1, grid=grid) for dgm in diagrams(many)], axis=0)
    for _ in range(samples):
        dgms = diagrams(n_diagrams)
        seed = int(rng.integers(2**31))
        bands = [tl.diagrams.landscape_band(dgms, 1, a, grid=grid, rng=seed) for a in LEVELS]
        error = np.abs(bands[0].mean - truth).max()
        yield [band.half_width for band in bands], error


def report(name, trials, samples):
    rows = list(tqdm(trials, total=samples, desc=name, leave=False))
    radii = np.array([row[0] for row in rows])
    for which, kind in enumerate(("", " (bottleneck)")[: len(rows[0]) - 1], start=1):
        errors = np.array([row[which] for row in rows])
        for i, level in enumerate(LEVELS):
            covered = (errors <= radii[:, i]).mean()
            exact = np.quantile(errors, level)
            print(
                f"{name + kind:<44} {level:>5.0%} {covered:>7.1%}"
                f" {radii[:, i].mean():>10.4f} {exact:>10.4f}",
                flush=True,
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    print(f"{'band':<44} {'level':>5} {'holds':>7} {'radius':>10} {'exact':>10}")
    for n in (100, 300, 1000):
        report(f"subsample, {n} points", subsampling(n, asked.samples, rng), asked.samples)
    for n in (100, 300, 1000):
        report(f"bootstrap, {n} points", bootstrap(n, asked.samples, rng), asked.samples)
    for n in (10, 30, 100):
        trials = mean_landscapes(n, asked.samples, rng)
        report(f"mean landscape, {n} diagrams", trials, asked.samples)


if __name__ == "__main__":
    main()
