"""The simulations of loops: a few of their jobs, and what is reported of them."""

import numpy as np
import pandas as pd
import pytest

from experiments.calibration import known_shapes, loops
from experiments.calibration.clouds import LOOPS, NOISE, SHAPES, rotated


def few(module, wanted):
    """Run some jobs of the small size."""
    jobs = [job for job in module.jobs("small") if wanted(job.parameters)]
    return pd.DataFrame([row for job in jobs for row in job()])


def test_noise_has_no_supported_loop_and_circles_have():
    kinds = ("Gauss, d = 10", "ReLU of Gauss, d = 64", None)
    table = few(loops, lambda p: p["n"] == 100 and p.get("kind") in kinds and p.get("dim") != 2)
    noise = table[table["kind"].notna()]
    assert noise["clouds"].sum() == 80 and noise["supported"].sum() <= 2
    circle = table[(table["dim"] == 16) & (table["noise"] == 0.5)]
    assert circle["supported"].sum() >= 38
    text = loops.report(table)
    assert (
        "n = 100: 0.0% [0.0%, 4.5%], kept" in text and "| ReLU of Gauss, d = 64 | 0 (0) |" in text
    )
    noise = table.assign(supported=table["supported"].where(table["kind"].isna(), 6))
    assert "broken" in loops.report(noise)


def test_rules_find_the_loops_of_known_shapes():
    table = few(known_shapes, lambda p: p.get("shape") in ("circle", "Gauss"))
    assert len(table) == 4 * len(known_shapes.PLACES)
    assert (table["supported"] == table["loops"]).mean() >= 0.8
    clouds = few(
        known_shapes,
        lambda p: (
            p.get("kind") in ("circle, d = 16", "figure eight, d = 3", "square", "Gauss, d = 3")
        ),
    )
    text = known_shapes.report(pd.concat([table, clouds]))
    assert "| **supported**: the law, and longer than 0.2 |" in text
    line = next(row for row in text.splitlines() if row.startswith("| longest / mean distance"))
    assert float(line.split("|")[2]) > 0.9
    bars = next(row for row in text.splitlines() if row.startswith("| number of bars"))
    assert float(bars.split("|")[2]) < float(line.split("|")[2])


def test_separation_is_the_area_under_the_curve():
    noise, loop = pd.Series(np.arange(100.0)), pd.Series([200.0, 50.0, -1.0])
    area, power = known_shapes.separation(loop, noise)
    assert area == pytest.approx((100 + 50.5 + 0) / 300)
    assert power == pytest.approx(1 / 3)


def test_clouds_are_what_they_are_called():
    rng = np.random.default_rng(0)
    for make in (*LOOPS.values(), *NOISE.values()):
        X = make(rng, 40)
        assert len(X) == 40 and np.isfinite(X).all()
    points = SHAPES["figure eight"][1](rng, 500)
    to_centres = [np.hypot(points[:, 0] - x, points[:, 1]) for x in (-1, 1)]
    np.testing.assert_allclose(np.minimum(*np.abs(np.array(to_centres) - 1)), 0, atol=1e-12)
    flat = rotated(points, 16, 0.0, rng)
    assert np.linalg.matrix_rank(flat - flat.mean(axis=0), tol=1e-8) == 2
    noisy = rotated(np.zeros((2000, 1)), 16, 0.42, rng)
    assert np.sqrt((noisy**2).sum(axis=1).mean()) == pytest.approx(0.42, rel=0.05)


def test_small_sizes_are_small():
    for module in (loops, known_shapes):
        jobs = module.jobs("small")
        assert len({job.key for job in jobs}) == len(jobs)
        assert sum(job.cost for job in jobs) < 180 and len(module.jobs("full")) > len(jobs)
