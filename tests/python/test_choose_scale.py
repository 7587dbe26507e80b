"""What each number of neighbours shows, and the one that the rule takes."""

import math

import numpy as np
import pytest

import topolens as tl

POINTS, LABELS = tl.datasets.naitzat("D-I", rng=0)
NAMES = np.array(["disks", "plane"])[LABELS]


@pytest.mark.parametrize(
    ("name", "step", "known"),
    [
        ("D-I", 3, ([9, 0], [1, 9])),
        ("D-II", 4, ([9, 9], [9, 9])),
        ("D-III", 4, ([9, 0], [18, 0])),
    ],
)
def test_the_rule_is_right_on_the_sets_of_naitzat(name, step, known):
    """With the share of the points on which the authors measure."""
    points, labels = tl.datasets.naitzat(name, rng=0)
    for label, betti in enumerate(known):
        cloud = points[::step][labels[::step] == label]
        found = tl.hop_betti(cloud)
        assert found.k == math.ceil(3 * math.log(len(cloud)))
        assert found.betti.tolist() == betti
        assert found.reach < 0.5


def test_every_k_is_that_of_the_kernel():
    found = tl.choose_scale({"input": POINTS[:2600]}, labels=NAMES[:2600], ks=[6, 14])
    assert len(found) == 2 * 3  # both, and that of the rule
    for row in found.rows():
        cloud = POINTS[:2600][NAMES[:2600] == row["class"]]
        kernel = tl.hop_betti(cloud, k=row["k"])
        assert [row["components"], row["loops"]] == kernel.betti.tolist()
        assert row["reach"] == kernel.max_degree / kernel.n_distinct
        assert row["n"] == len(cloud) and row["by_rule"] == (row["k"] not in (6, 14))
    n = {name: int((NAMES[:2600] == name).sum()) for name in ("disks", "plane")}
    assert found.recommended == {name: math.ceil(3 * math.log(n[name])) for name in n}


def test_noise_of_few_points_is_too_coarse_for_any_rule():
    noise = np.random.default_rng(0).normal(size=(60, 64))
    found = tl.choose_scale({"input": noise})
    assert found.recommended == {"all": None}
    assert "None of all: too few points" in repr(found) and "too few" in found._repr_html_()
    betti = tl.analyse({"input": noise}, tl.HopBetti()).select(measure="betti")
    assert np.isnan(betti["value"]).all()
    assert all(note.startswith("too coarse") for note in betti["note"].tolist())


def test_a_layer_can_be_asked_for():
    layers = {"input": POINTS[:300], "next": POINTS[300:600] * [1, 0]}
    assert set(tl.choose_scale(layers, labels=NAMES[:300])["layer"].tolist()) == {"input"}
    other = tl.choose_scale(layers, labels=NAMES[:300], layer="next", ks=[5])
    assert set(other["layer"].tolist()) == {"next"}
    with pytest.raises(ValueError, match="`layer` must be one of input, next; found 'last'"):
        tl.choose_scale(layers, layer="last")


def test_spaces_and_points_give_the_same():
    of_points = tl.choose_scale({"input": POINTS[:200]}, by="all")
    of_space = tl.choose_scale({"input": tl.MetricSpace(tl.distances(POINTS[:200]))}, by="all")
    np.testing.assert_array_equal(of_points["loops"], of_space["loops"])


@pytest.mark.parametrize("n", [1, 2, 3, 5, 6, 7])
def test_few_points_have_few_neighbours(n):
    cloud = np.arange(float(n))[:, None] ** 2
    found = tl.choose_scale({"input": cloud})
    assert (found["k"] < n).all()
    assert tl.hop_betti(cloud).betti.tolist()[0] >= 1 if n > 2 else True


@pytest.mark.parametrize("k", ["all", 1.5, None])
def test_other_numbers_of_neighbours_are_refused(k):
    with pytest.raises((TypeError, ValueError), match="`k` must be a whole number"):
        tl.hop_betti(POINTS[:50], k=k)


# --- what is measured when nothing is asked for --------------------------------------------------


def test_without_measures_what_has_no_scale_is_measured():
    layers = {"input": POINTS[:200], "next": np.abs(POINTS[:200])}
    table = tl.analyse(layers, labels=NAMES[:200])
    names = {"longest_loop", "supported_loops", "loop_p", "within_to_others"}
    names |= {"pieces", "pieces_of_three", "pieces_of_chance"}
    assert set(table["measure"].tolist()) == names
    alone = tl.analyse(layers)
    assert set(alone["measure"].tolist()) == {"longest_loop", "supported_loops", "loop_p"}
    same = tl.analyse(layers, [tl.Loops(), tl.Spread(), tl.Pieces()], labels=NAMES[:200])
    np.testing.assert_array_equal(table["value"], same["value"])
    assert len(tl.layers.estimate(layers, labels=NAMES[:200]).by_measure) >= 3


def test_without_measures_39_copies_are_taken():
    class Made(dict):
        labels = LABELS[:40]

        def untrained(self, rng):
            return Made({name: rng.normal(size=array.shape) for name, array in self.items()})

    layers = Made({"input": POINTS[:40], "next": POINTS[:40]})
    table = tl.analyse(layers, control="untrained", rng=0, by="all")
    assert len(set(table.select(control="untrained")["copy"].tolist())) == 39
    few = tl.analyse(layers, control="untrained", controls=2, rng=0, by="all")
    assert len(set(few.select(control="untrained")["copy"].tolist())) == 2


def test_a_number_of_two_measures_stands_in_one_row():
    table = tl.analyse({"input": POINTS[:80]}, [tl.Loops(), tl.Rips()])
    assert len(table.select(measure="longest_loop")) == 1
    assert (table.summary()["repeats"] == 1).all()


def test_nothing_is_withheld_if_a_point_may_reach_all():
    noise = {"input": np.random.default_rng(0).normal(size=(60, 64))}
    betti = tl.analyse(noise, tl.HopBetti(max_reach=1)).select(measure="betti")
    assert betti["value"].tolist() == [1, 0] and set(betti["settings"].tolist()) == {"max_reach=1"}
    half = tl.analyse(noise, tl.HopBetti(max_reach=0.5))["note"][0]
    assert half.startswith("too coarse: one point reaches more than 50% of the points")
    for wrong in (0, -1, 1.5, float("nan")):
        with pytest.raises(ValueError, match=r"`max_reach` must be in \(0, 1\]; found"):
            tl.HopBetti(max_reach=wrong)
