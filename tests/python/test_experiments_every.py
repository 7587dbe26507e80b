"""What holds of every experiment: words and claims are plain, figures are drawn, jobs differ."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("skimage")

from experiment_tables import cubical_table, magnitude_table
from experiments import EXPERIMENTS, cubical, magnitude

MADE_UP = {
    "cubical": (cubical, lambda: cubical_table(-3), 3),
    "magnitude": (magnitude, lambda: magnitude_table(1), 4),
}


@pytest.fixture(scope="module", params=MADE_UP)
def made_up(request):
    experiment, table, n_figures = MADE_UP[request.param]
    return experiment, table(), n_figures


def test_claims_and_words_can_be_printed(made_up):
    experiment, table, _ = made_up
    claims = [claim.to_dict() for claim in experiment.claims(table, "small")]
    assert "Infinity" not in json.dumps(claims, allow_nan=False)
    for size in ("small", "paper"):
        assert experiment.about(size)
        assert "nan" not in experiment.remarks(table, size)


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
