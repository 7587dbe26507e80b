"""Untrained copies beside one network, and measures that compare its classes."""

import numpy as np
import pytest

import topolens as tl
from topolens.measures import Value

N, COPIES = 60, 4
LABELS = np.repeat(["a", "b", "c"], [20, 25, 15])


class Model(dict):
    """A recording in miniature; its untrained copies are noise behind the sample's number."""

    def __init__(self, labels=LABELS, n=N, width=2):
        rows = np.column_stack([np.arange(float(n)), np.zeros((n, width - 1))])
        super().__init__({"input": rows, "output": rows})
        self.labels, self.made = labels, 0

    def untrained(self, rng):
        self.made += 1
        copy = Model(self.labels, *self["input"].shape)
        for name, rows in copy.items():
            noise = rng.normal(size=(len(rows), rows.shape[1] - 1))
            copy[name] = np.column_stack([rows[:, 0], noise])
        return copy


class First:
    """Mean of the noise of a cloud, and the samples that it was shown."""

    name = "first"

    def __init__(self):
        self.seen = []

    def measure(self, X, *, rng, n_threads):
        self.seen.append(X)
        return [Value("noise", -1, np.inf, X[:, 1].mean())]


class Share:
    """Share of each class among the points of all."""

    name, needs_labels = "share", True

    def __init__(self, **more):
        self.seen = []
        self.__dict__.update(more)

    def measure(self, X, *, labels, rng, n_threads):
        self.seen.append((X, labels, rng.random()))
        return {
            name: [Value("share", -1, np.inf, float((labels == name).mean()))]
            for name in np.unique(labels)
        }


# --- copies ---------------------------------------------------------------------------------------


def test_every_copy_is_measured_on_the_samples_of_every_repeat():
    model, spy = Model(), First()
    table = tl.analyse(model, spy, control="untrained", controls=COPIES, repeats=3, rng=0)
    assert model.made == COPIES
    rows = table.select(control="untrained")
    groups = {(r["copy"], r["repeat"], r["layer"], r["class"]): r["value"] for r in rows.rows()}
    assert len(groups) == len(rows) == COPIES * 3 * 2 * 3
    assert (table.select(control="trained")["copy"] == 0).all()
    # the same samples of every class in all copies and layers, in each repeat
    samples = {}
    for X, row in zip(spy.seen, table.rows(), strict=True):
        samples.setdefault((row["repeat"], row["class"]), set()).add(tuple(X[:, 0]))
    assert len(samples) == 9 and all(len(found) == 1 for found in samples.values())
    # other copies are other networks
    of_copies = [rows.select(copy=copy, repeat=0)["value"] for copy in range(COPIES)]
    assert len({tuple(values) for values in of_copies}) == COPIES
    assert "4 untrained copies" in repr(table)


def test_a_copy_does_not_depend_on_how_many_there_are():
    def copies(**options):
        table = tl.analyse(Model(), First(), control="untrained", rng=3, **options)
        return table.select(control="untrained")

    two, five = copies(controls=2), copies(controls=5)
    np.testing.assert_array_equal(five.select(copy=[0, 1])["value"], two["value"])
    each = copies(repeats=2, subsample=1.0)  # a copy a repeat
    assert each["copy"].tolist() == each["repeat"].tolist() == [0] * 6 + [1] * 6
    np.testing.assert_array_equal(each["value"], two["value"])


def test_summaries_are_over_copies():
    table = tl.analyse(Model(), First(), control="untrained", controls=COPIES, rng=0)
    of_copies = table.summary().select(control="untrained", layer="output", class_="a")
    values = table.select(control="untrained", layer="output", class_="a")["value"]
    assert of_copies["repeats"].tolist() == [COPIES]
    np.testing.assert_allclose(of_copies["mean"], values.mean())
    np.testing.assert_allclose(of_copies["sd"], values.std(ddof=1))


def test_diagrams_are_those_of_the_first_copy():
    table = tl.analyse(Model(), tl.Rips(), control="untrained", controls=3, rng=0)
    kept = {key for key in table.diagrams if key[3] == "untrained"}
    assert len(kept) == 2 * 3
    longest = table.select(control="untrained", copy=0, measure="longest", degree=0)
    for row in longest.rows():
        bars = table.diagrams[row["layer"], row["class"], 0, "untrained"][0]
        assert np.isfinite(bars[:, 1]).any()
    far = tl.layer_distances(table)
    assert set(far.select(measure="bottleneck_to_trained")["copy"].tolist()) == {0}


@pytest.mark.parametrize("control", [None, "shuffled"])
def test_controls_without_an_untrained_network_are_refused(control):
    with pytest.raises(ValueError, match='`controls` must be left out without control="untrained"'):
        tl.analyse(Model(), First(), control=control, controls=5)


def test_a_model_that_cannot_be_untrained_is_found_out_before_anything_is_measured():
    model, spy = Model(), First()
    model.untrained = lambda rng: {"input": model["input"]}
    with pytest.raises(ValueError, match="must have the same layers"):
        tl.analyse(model, spy, control="untrained", controls=3)
    assert not spy.seen


def test_estimates_count_copies():
    def seconds(**options):
        layers = Model(np.repeat([0, 1], 200), 400, 50)
        return tl.layers.estimate(layers, tl.Rips(), rng=0, **options).seconds

    assert seconds(control="untrained", controls=9) > 4 * seconds()


# --- classes --------------------------------------------------------------------------------------


def test_labels_of_a_recording_split_it():
    assert set(tl.analyse(Model(), First())["class"].tolist()) == {"a", "b", "c"}
    assert set(tl.analyse(Model(), First(), by="all")["class"].tolist()) == {"all"}
    targets = Model(np.random.default_rng(0).normal(size=N))
    assert set(tl.analyse(targets, First())["class"].tolist()) == {"all"}
    pairs = Model(np.zeros((N, 2)))
    assert set(tl.analyse(pairs, First())["class"].tolist()) == {"all"}
    assert set(tl.analyse(dict(Model()), First())["class"].tolist()) == {"all"}


def test_labels_with_all_points_at_once_are_refused():
    with pytest.raises(ValueError, match='`labels` must be left out with by="all"'):
        tl.analyse(Model(), First(), labels=LABELS, by="all")


def test_a_measure_that_compares_classes_sees_them_at_once():
    share, first = Share(), First()
    table = tl.analyse(Model(), [share, first], repeats=2, rng=0)
    assert len(share.seen) == 2 * 2
    for X, labels, _ in share.seen:
        np.testing.assert_array_equal(labels, LABELS[X[:, 0].astype(int)])
        assert len(X) == 16 + 20 + 12
    alone = {tuple(X[:, 0]) for X in first.seen}
    assert {tuple(X[labels == "b", 0]) for X, labels, _ in share.seen} <= alone
    rows = table.select(measure="share", class_="b")
    assert rows["value"].tolist() == [20 / 48] * 4 and rows["n"].tolist() == [20] * 4
    assert len({drawn for *_, drawn in share.seen}) == 2  # one a repeat


def test_classes_are_compared_within_shuffled_labels_too():
    share = Share()
    tl.analyse(Model(), share, control="shuffled", rng=0)
    X, labels, _ = share.seen[-1]
    assert sorted(labels) == sorted(LABELS)
    assert (labels != LABELS[X[:, 0].astype(int)]).any()


def test_chosen_classes_are_compared_among_themselves():
    share = Share()
    table = tl.analyse(Model(), share, classes=["c", "a"])
    X, labels, _ = share.seen[0]
    assert set(labels) == {"a", "c"} and len(X) == 35
    assert table["class"].tolist() == ["c", "a"] * 2


def test_nothing_to_compare_is_refused():
    for options in ({"by": "all"}, {"classes": ["a"]}):
        with pytest.raises(ValueError, match="share compares classes and needs two or more"):
            tl.analyse(Model(), Share(), **options)


def test_what_cannot_be_compared_is_noted_in_every_class():
    class Picky(Share):
        def measure(self, X, *, labels, rng, n_threads):
            if not X[:, 1].any():
                raise ValueError("nothing but zeros")
            return super().measure(X, labels=labels, rng=rng, n_threads=n_threads)

    table = tl.analyse(Model(), Picky(), control="untrained", rng=0)
    trained, untrained = (table.select(control=c) for c in ("trained", "untrained"))
    assert np.isnan(trained["value"]).all() and trained["class"].tolist() == ["a", "b", "c"] * 2
    assert set(trained["note"].tolist()) == {"nothing but zeros"}
    assert (untrained["note"] == "").all()
    assert "No share of 6 of 12 clouds: nothing but zeros." in repr(table)


@pytest.mark.parametrize("repeats", [1, 3])
@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_distances_are_shared_with_measures_that_compare(metric, repeats):
    """The whole layer's distances are taken once, and change no number."""

    class Spaces(Share):
        def __init__(self, metric):
            super().__init__(metric=metric, distance_passes=2.0)

        def measure(self, X, *, labels, rng, n_threads):
            self.seen.append(X)
            D = tl.distances(X, metric="precomputed" if hasattr(X, "select") else self.metric)
            return {
                name: [Value("mean", -1, np.inf, D[labels == name][:, labels == name].mean())]
                for name in np.unique(labels)
            }

    rng = np.random.default_rng(0)
    layers = {"one": rng.normal(size=(N, 40)), "two": rng.normal(size=(N, 40))}
    spaces = Spaces(metric)
    table = tl.analyse(
        layers, [spaces, tl.HopBetti(k=4, metric=metric)], labels=LABELS, repeats=repeats, rng=0
    )
    assert all(isinstance(X, tl.MetricSpace) for X in spaces.seen)
    alone = tl.analyse(
        layers, tl.HopBetti(k=4, metric=metric), labels=LABELS, repeats=repeats, rng=0
    )
    shared = table.select(measure=["betti", "components", "max_degree"])
    np.testing.assert_array_equal(shared["value"], alone["value"])


def test_a_note_may_come_with_a_value():
    class Silent(First):
        def measure(self, X, *, rng, n_threads):
            return [Value("one", -1, np.inf, np.nan, "too few"), Value("other", -1, np.inf, 1.0)]

    table = tl.analyse(Model(), Silent(), by="all")
    assert table["note"].tolist() == ["too few", ""] * 2
