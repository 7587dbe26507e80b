"""Jobs give one table whatever runs them, and lose nothing where something breaks."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from dask.distributed import Client, LocalCluster

import experiment_cases as cases
from experiments.__main__ import main
from experiments.harness import Job, JobsFailed, Store, run
from experiments.networks.training import train_and_predict


@pytest.fixture(scope="module")
def cluster():
    """Two processes under Dask."""
    local = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with local, Client(local) as client:
        yield client


def jobs_of(function, seeds=range(6), **parameters):
    return [Job(function, {"seed": seed, **parameters}, cost=1 + seed) for seed in seeds]


def calls(folder):
    return len(list(folder.iterdir()))


def test_table_is_in_the_order_of_the_jobs_with_their_parameters(tmp_path):
    table = run(jobs_of(cases.sums, n=3), Store(tmp_path))
    assert list(table.columns) == ["seed", "n", "what", "sum"]
    assert table["seed"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    x = cases.sums(4, 3)
    assert table["sum"][8] == float(x[0]["sum"])


def test_every_backend_and_number_of_workers_gives_the_same_table(tmp_path, cluster):
    jobs = jobs_of(cases.sums, n=100_003)
    alone = run(jobs, Store(tmp_path / "1"), workers=1)
    both = run(jobs, Store(tmp_path / "2"), workers=2)
    dask = run(jobs, Store(tmp_path / "dask"), backend="dask")
    pd.testing.assert_frame_equal(alone, both, check_exact=True)
    pd.testing.assert_frame_equal(alone, dask, check_exact=True)


def test_networks_are_trained_alike_on_a_cluster(tmp_path, cluster):
    parameters = {"kind": "mlp", "activation": "tanh", "width": 16, "seeds": 1}
    jobs = [Job(train_and_predict, {**parameters, "first_seed": seed}, cost=1) for seed in (0, 1)]
    alone = run(jobs, Store(tmp_path / "1"))
    dask = run(jobs, Store(tmp_path / "dask"), backend="dask")
    pd.testing.assert_frame_equal(alone, dask, check_exact=True)


def test_finished_jobs_are_not_run_again(tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    store = Store(tmp_path / "store")
    run(jobs_of(cases.note_call, range(3), folder=str(marks)), store)
    assert calls(marks) == 3
    table = run(jobs_of(cases.note_call, range(5), folder=str(marks)), store)
    assert calls(marks) == 5
    assert table["double"].tolist() == [0, 2, 4, 6, 8]


def test_a_failed_job_is_reported_and_loses_no_other(tmp_path):
    jobs = jobs_of(cases.fails_if_odd, range(4))
    store = Store(tmp_path)
    with pytest.raises(JobsFailed, match=r"2 of 4 jobs failed") as caught:
        run(jobs, store, workers=2)
    message = str(caught.value)
    assert "fails_if_odd(seed=1)" in message and "RuntimeError: 1 is odd" in message
    assert set(caught.value.failures) == {jobs[1].key, jobs[3].key}
    assert [job in store for job in jobs] == [True, False, True, False]


@pytest.mark.parametrize("backend", ["loky", "dask"])
def test_a_killed_worker_loses_nothing(tmp_path, cluster, backend):
    jobs = jobs_of(cases.kills_its_worker_once, folder=str(tmp_path))
    table = run(jobs, Store(tmp_path / "store"), backend=backend, workers=2)
    assert (tmp_path / "killed-2").exists()
    assert table["value"].tolist() == [0, 1, 4, 9, 16, 25]


@pytest.mark.parametrize("backend", ["loky", "dask"])
def test_a_job_that_always_kills_its_worker_is_the_only_one_to_fail(tmp_path, cluster, backend):
    jobs = jobs_of(cases.kills_its_worker_always)
    store = Store(tmp_path)
    with pytest.raises(JobsFailed, match="killed 3 times") as caught:
        run(jobs, store, backend=backend, workers=2)
    assert list(caught.value.failures) == [jobs[2].key]
    assert [job in store for job in jobs] == [True, True, False, True, True, True]


def test_rows_come_back_where_workers_do_not_share_the_disk(tmp_path, monkeypatch):
    from experiments.harness.runner import Outcome

    def elsewhere(job, store, until):
        return Outcome(job(), 1.0, "")

    monkeypatch.setattr("experiments.harness.runner.attempt", elsewhere)
    table = run(jobs_of(cases.fails_if_odd, [0, 2]), Store(tmp_path))
    assert table["value"].tolist() == [0, 2]


def test_key_depends_on_function_version_and_parameters(monkeypatch):
    def key(function=cases.sums, **parameters):
        return Job(function, {"seed": 1, **parameters}, cost=1).key

    assert key(n=3) == Job(cases.sums, {"n": 3, "seed": 1}, cost=9).key
    assert len({key(n=3), key(n=4), key(cases.note_call, n=3)}) == 3
    before = key(n=3)
    monkeypatch.setattr(cases, "VERSION", 2)
    assert key(n=3) != before


def test_jobs_refuse_what_other_processes_could_not_run():
    with pytest.raises(ValueError, match="by name"):
        Job(lambda: [], {}, cost=1)
    with pytest.raises(TypeError, match="seed=None"):
        Job(cases.sums, {"seed": None}, cost=1)
    with pytest.raises(ValueError, match="VERSION"):
        Job(json.dumps, {}, cost=1)
    with pytest.raises(ValueError, match="cost"):
        Job(cases.sums, {}, cost=0)


def test_run_refuses_copies_and_rows_that_repeat_parameters(tmp_path):
    with pytest.raises(ValueError, match="different"):
        run(jobs_of(cases.sums, [1, 1], n=2), Store(tmp_path))
    with pytest.raises(JobsFailed, match=r"repeat parameters: \['seed'\]"):
        run(jobs_of(cases.repeats_a_parameter, [1]), Store(tmp_path))


def test_the_command_says_what_it_costs_before_it_runs(tmp_path, capsys):
    out = ["--out", str(tmp_path)]
    assert main(["--only", "layers", "networks", "--size", "paper", "--estimate", *out]) == 0
    text = capsys.readouterr().out
    assert "networks: 96 of 96 jobs to do, about" in text and "layers: " in text
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_settings_that_contradict(capsys):
    with pytest.raises(SystemExit):
        main(["--scheduler", "tcp://127.0.0.1:1", "--estimate"])
    assert "--backend dask" in capsys.readouterr().err
