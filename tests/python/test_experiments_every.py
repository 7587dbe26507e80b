"""What holds of every experiment: its page can be built from the table that is kept."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("skimage")

from experiment_tables import cubical_table, few_resamples, layers_table, magnitude_table
from experiments import EXPERIMENTS, cubical, layers, magnitude
from experiments.__main__ import TABLES
from experiments.harness import Store
from experiments.harness.page import build
from experiments.harness.tables import DIGITS, SIZES, read_table, read_tables, write_table

MADE_UP = {
    "cubical": (cubical, lambda: cubical_table(-3), 3),
    "layers": (layers, layers_table, 7),
    "magnitude": (magnitude, lambda: magnitude_table(1), 5),
}


@pytest.fixture(scope="module", autouse=True)
def rough():
    with few_resamples():
        yield


@pytest.mark.parametrize("name", MADE_UP)
def test_the_page_of_the_table_that_is_kept(name, tmp_path):
    experiment, table, n_figures = MADE_UP[name]
    write_table(table().drop(columns="size"), tmp_path / "small" / f"{name}.csv")
    kept = read_tables(tmp_path, [name])
    page = build({name: experiment}, kept, tmp_path / "results.md")
    text = page.read_text("utf-8")
    assert not re.search(r"\b(nan|inf|None)\b", text)
    pictures = re.findall(r"\]\((.*\.png)\)", text)
    assert len(pictures) == n_figures
    for path in pictures:
        assert (tmp_path / path).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", MADE_UP)
def test_words_know_both_sizes(name):
    experiment, table, _ = MADE_UP[name]
    for size in SIZES:
        of_size = table().assign(size=size)
        assert experiment.about(of_size)
        assert "nan" not in experiment.remarks(of_size)


@pytest.mark.parametrize("path", sorted(TABLES.glob("*/*.csv")), ids=lambda path: path.stem)
def test_tables_that_are_kept_are_small_and_those_of_the_jobs(path, tmp_path):
    """A job that is asked for now, in a row that the table has, is in the table.

    Of draws the table may have the first, and none behind one that is missing.
    """
    assert path.stat().st_size < 4_000_000
    table = read_table(path)
    groups = set(table["group"]) if "group" in table else {""}
    rows, ended, begun = {}, set(), set()
    for job in import_module(f"experiments.{path.stem}").jobs(path.parent.name, Store(tmp_path)):
        names = tuple(job.parameters)
        if names not in rows:
            columns = table[list(names)].drop_duplicates().itertuples(index=False)
            rows[names] = {tuple(map(written, row)) for row in columns}
        if job.group not in groups:
            continue
        is_there = tuple(map(written, job.parameters.values())) in rows[names]
        assert is_there or (job.draw and job.group in begun), str(job)
        assert not (is_there and job.group in ended), str(job)
        (begun if is_there else ended).add(job.group)


def written(value):
    """Write a value as tables do, whole numbers that have become floats too."""
    return value if isinstance(value, str) else DIGITS % value


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("size", SIZES)
def test_jobs_are_different(name, size, tmp_path):
    jobs = import_module(f"experiments.{name}").jobs(size, Store(tmp_path))
    assert len({job.key for job in jobs}) == len(jobs)
