"""An estimate counts what an analysis does, at the cost that trials have shown."""

import inspect

import numpy as np
import pytest

import topolens as tl
from topolens.layers import _estimate as estimates
from topolens.layers import _sharing as sharing
from topolens.layers import _trials as trials
from topolens.measures import Value

RNG = np.random.default_rng(0)
LAYERS = {"wide": RNG.normal(size=(120, 80)), "narrow": RNG.normal(size=(120, 4))}
LABELS = np.repeat(["a", "b"], [40, 80])
MEASURES = [tl.Rips(), tl.HopBetti(k=4), tl.Magnitude(metric="cosine"), tl.PHDimension()]


class Slow:
    """A measure of points that takes a known number of seconds by a clock of its own."""

    name = "slow"
    clock = 0.0

    def __init__(self, seconds, **attributes):
        self.seconds = seconds
        vars(self).update(attributes)

    def measure(self, X, *, rng, n_threads):
        Slow.clock += self.seconds(len(X), X[0].size if isinstance(X, np.ndarray) else 0)
        return [Value("slow", -1, 0.0, 1.0)]


@pytest.fixture(autouse=True)
def only_what_trials_show(monkeypatch):
    monkeypatch.setattr(estimates, "MORE", 1.0)


@pytest.fixture
def clock(monkeypatch):
    """Time passes in slow measures alone."""
    monkeypatch.setattr(trials, "perf_counter", lambda: Slow.clock)
    monkeypatch.setattr(trials, "process_time", lambda: 2 * Slow.clock)  # of two threads


def told(measure, layers=LAYERS, **options):
    return tl.layers.estimate(layers, measure, rng=0, **options).by_measure[measure.name]


def test_takes_the_arguments_of_analyse():
    ours, theirs = (inspect.signature(f).parameters for f in (tl.layers.estimate, tl.analyse))
    assert list(ours) == [name for name in theirs if name != "progress"]
    for name in ours:
        assert ours[name] == theirs[name]


def test_seconds_grow_with_points_and_coordinates(clock):
    """Half a second for each call; nothing for 16 points beyond it, as is assumed of few."""
    one = {"one": LAYERS["wide"]}
    slow = Slow(lambda n, dim: 0.5 + 1e-6 * (n * n - 16 * 16) * dim)
    at_120 = 0.5 + 1e-6 * (96 * 96 - 16 * 16) * 80 * (120 / 96) ** 2
    assert told(slow, one) == pytest.approx(at_120)
    assert told(slow, one, repeats=3, subsample=120) == pytest.approx(3 * at_120)
    few = Slow(lambda n, dim: 1e-3 * n * n)
    assert told(few, one, subsample=60) == pytest.approx(3.6)  # as tried
    cubic = Slow(lambda n, dim: 1.0 * (n == 96), maxdim=2)
    assert told(cubic, one) == pytest.approx((120 / 96) ** 3)
    landmarks = Slow(lambda n, dim: 1.0 * (n == 96), n_landmarks=5)
    assert told(landmarks, one) == pytest.approx(120 / 96)


def test_what_trials_leave_out_is_added_to_each_measure(clock, monkeypatch):
    slow = Slow(lambda n, dim: 0.5)
    alone = told(slow)
    monkeypatch.setattr(estimates, "MORE", 1.5)
    assert told(slow) == pytest.approx(1.5 * alone)


def test_others_on_the_machine_do_not_count(monkeypatch):
    """While others run, only half of the seconds are the measure's."""
    monkeypatch.setattr(trials, "perf_counter", lambda: 2 * Slow.clock)
    monkeypatch.setattr(trials, "process_time", lambda: Slow.clock)
    assert told(Slow(lambda n, dim: 1.0), {"one": LAYERS["wide"]}) == pytest.approx(1.0)


def test_few_coordinates_stand_for_many(clock):
    one = {"one": RNG.normal(size=(96, 5000))}
    assert told(Slow(lambda n, dim: dim * (n == 96)), one) == pytest.approx(5000)


def test_spaces_have_no_coordinates(clock):
    slow = Slow(lambda n, dim: 2.0, metric="precomputed", distance_passes=1.0)
    assert told(slow, {"one": tl.distances(LAYERS["wide"])}) == pytest.approx(2.0)


def test_maps_are_tried_as_maps(clock):
    maps = {"rows": LAYERS["narrow"], "maps": RNG.normal(size=(30, 3, 4, 5)).repeat(4, axis=0)}
    slow = Slow(lambda n, dim: n * dim, feature_maps=True)
    found = tl.layers.estimate(maps, slow, rng=0)
    # Both layers are taken for as slow as the one that has maps, for each coordinate.
    of_maps = 60 * (2 + (8 - 2) * 120 / 8)
    assert found.by_measure["slow"] == pytest.approx(of_maps + 60 * (2 + (8 - 2) * 15 * 4 / 60))


def test_layers_that_cannot_be_measured_are_passed_over(clock):
    dead = LAYERS["wide"] * np.nan
    slow = Slow(lambda n, dim: 1.0)
    found = told(slow, {"dead": dead, "alive": LAYERS["wide"], "dead too": dead})
    assert found == pytest.approx(3.0)


# --- what is counted ----------------------------------------------------------------------------


def unit_costs(monkeypatch):
    """A second a call, and one for each pair and coordinate."""
    monkeypatch.setattr(
        trials.Trials, "cost", lambda self, measure: trials.Cost(1.0, 1.0, 1, 2, 0.0)
    )
    monkeypatch.setattr(trials.Trials, "pace", lambda self, metric: trials.Pace(0.0, 1.0))


class Counted:
    """A measure that counts its calls, and the pairs of coordinates that it would compare."""

    def __init__(self, name, passes, metric="euclidean"):
        self.name, self.distance_passes, self.metric = name, passes, metric
        self.calls, self.compared = 0, 0.0

    def measure(self, X, *, rng, n_threads):
        self.calls += 1
        if isinstance(X, np.ndarray):
            self.compared += self.distance_passes * sharing.pairs(len(X)) * X.shape[1]
        return [Value(self.name, -1, 0.0, 1.0)]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"repeats": 4},
        {"labels": LABELS},
        {"labels": LABELS, "repeats": 3, "control": "shuffled"},
        {"labels": LABELS, "repeats": 9, "control": "shuffled", "classes": ["a"]},
        {"repeats": 2, "subsample": 30},
        {"labels": LABELS, "classes": ["b"], "repeats": 5, "subsample": 50},
    ],
)
@pytest.mark.parametrize("chosen", ["abc", "a", "bc", "c"])
def test_counts_what_an_analysis_does(chosen, options, monkeypatch):
    every = {"a": Counted("a", 1.0), "b": Counted("b", 0.25), "c": Counted("c", 2.0, "cosine")}
    measures = [every[name] for name in chosen]
    computed = []
    distances_of = sharing.distances_of

    def counted(rows, metric, n_threads):
        computed.append(sharing.pairs(len(rows)) * rows.shape[1])
        return distances_of(rows, metric, n_threads)

    with monkeypatch.context() as patch:
        patch.setattr(sharing, "distances_of", counted)
        tl.analyse(LAYERS, measures, rng=0, **options)
    unit_costs(monkeypatch)
    found = tl.layers.estimate(LAYERS, measures, rng=0, **options)
    assert found.by_measure.pop("distances") == sum(computed)
    assert found.seconds == sum(found.by_measure.values()) + sum(computed)
    for measure in measures:
        assert found.by_measure[measure.name] == measure.calls + measure.compared


def test_pace_of_distances_is_that_of_two_trials(monkeypatch):
    law = trials.Pace(3e-3, 2e-5)
    monkeypatch.setattr(
        trials.Trials, "_pace", lambda self, metric, layer, n: law.of(n, 1, sharing.pairs(n))
    )
    job = tl.layers._job.Job.of(
        LAYERS,
        MEASURES[:1],
        labels=None,
        by=None,
        repeats=1,
        subsample=None,
        control=None,
        controls=None,
        classes=None,
    )
    found = trials.Trials(job, np.random.default_rng(0), 1).pace("euclidean")
    assert found == pytest.approx(law)


def test_no_model_runs_and_no_number_changes(capsys):
    """The bar tells the estimate; the table is the one without a bar."""

    class Recorded(dict):
        def untrained(self, rng):
            raise AssertionError("a model ran")

    assert tl.layers.estimate(Recorded(LAYERS), tl.Rips(), control="untrained", rng=0).seconds > 0
    shown = tl.analyse(LAYERS, MEASURES, rng=0, progress=True)
    assert "layers, about" in capsys.readouterr().err
    for name, column in tl.analyse(LAYERS, MEASURES, rng=0).columns.items():
        if name != "seconds":
            np.testing.assert_array_equal(shown.columns[name], column)


def test_memory_is_that_of_the_classes_and_the_largest_cloud():
    found = tl.layers.estimate({"wide": LAYERS["wide"]}, tl.Rips(), repeats=2, rng=0)
    whole, part = 8 * sharing.pairs(120), 8 * sharing.pairs(96)
    assert found.bytes == whole + 16 * 120 * 80 + estimates.MATRICES * part


def test_measures_of_one_name_are_told_apart():
    found = tl.layers.estimate(LAYERS, [tl.HopBetti(k=4), tl.HopBetti(k=5)], rng=0)
    assert list(found.by_measure) == ["hop-betti(2) k=4", "hop-betti(2) k=5", "distances"]
    columns = found.to_columns()
    assert columns["measure"].tolist() == list(found.by_measure)
    np.testing.assert_array_equal(columns["seconds"], list(found.by_measure.values()))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0123, "0.012 s"), (99, "99 s"), (150, "2.5 min"), (6900, "115 min"), (9000, "2.5 h")],
)
def test_times_are_written_in_their_units(seconds, text):
    assert str(tl.layers.Estimate(seconds, 2_000_000, {})) == f"about {text} and 2 MB"


def test_refuses_what_analyse_refuses():
    for bad in ({"measures": []}, {"repeats": 0}, {"control": "x"}, {"n_threads": 0}):
        arguments = {"layers": LAYERS, "measures": tl.Rips(), **bad}
        with pytest.raises(ValueError) as ours:
            tl.layers.estimate(**arguments)
        with pytest.raises(ValueError) as theirs:
            tl.analyse(**arguments)
        assert str(ours.value) == str(theirs.value)
