"""What holds of every experiment: words and claims are plain, figures are drawn, jobs differ."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("skimage")

from experiment_tables import cubical_table, few_resamples, magnitude_table
from experiments import EXPERIMENTS, cubical, magnitude

MADE_UP = {
    "cubical": (cubical, lambda: cubical_table(-3), 3),
    "magnitude": (magnitude, lambda: magnitude_table(1), 4),
}


@pytest.fixture(scope="module", params=MADE_UP)
def made_up(request):
    experiment, table, n_figures = MADE_UP[request.param]
    with few_resamples():
        yield experiment, table(), n_figures


def test_claims_and_words_can_be_printed(made_up):
    experiment, table, _ = made_up
    for claim in experiment.claims(table):
        numbers = [claim.interval.low, claim.interval.estimate, claim.interval.high]
        assert np.isfinite(numbers).all() and claim.verdict
    for size in ("small", "paper"):
        of_size = table.assign(size=size)
        assert experiment.about(of_size)
        assert "nan" not in experiment.remarks(of_size)


def test_figures(made_up, tmp_path):
    experiment, table, n_figures = made_up
    figures = experiment.figures(table, tmp_path)
    assert len(figures) == n_figures
    for path, caption in figures:
        assert path.read_bytes().startswith(b"\x89PNG")
        assert caption.endswith(".")


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("size", ["small", "paper"])
def test_jobs_are_different(name, size):
    jobs = import_module(f"experiments.{name}").jobs(size)
    assert len({job.key for job in jobs}) == len(jobs)
