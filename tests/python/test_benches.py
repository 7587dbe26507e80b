"""The comparison with other packages tells equal diagrams from different ones."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torchvision

import agreement
import cubical as cubical_bench
import diagrams as diagrams_bench
import magnitude as magnitude_bench
import networks as networks_bench
import recording as recording_bench
import wide as wide_bench
import wide_cases
from cubical_cases import by_cripser, by_gudhi
from cubical_engines import CRIPSER, ENGINES, GUDHI, KINDS, THRESHOLD, alive, digest
from cubical_engines import OURS as OUR_IMAGES
from cubical_engines import Question as ImageQuestion
from magnitude_engines import BARE, CLOUDS, GRIDS, MAGNIPY, OURS, Question, Similarities

H0 = np.array([[0.0, 0.3], [0.0, 0.7], [0.0, np.inf]])
H1 = np.array([[0.5, 0.9], [0.6, 0.8], [0.6, 0.8]])


def test_rounding_and_order_do_not_matter():
    rounded = [H0[::-1].astype(np.float32), H1[[2, 0, 1]].astype(np.float32)]
    assert agreement.same_diagrams([H0, H1], rounded)


def test_bars_too_short_for_float32_do_not_matter():
    more = np.vstack([H1, [[0.7, 0.7 + 1e-7]]])
    assert agreement.same_diagrams([H0, H1], [H0, more])
    assert agreement.same_diagrams([H0, more], [H0, H1])


@pytest.mark.parametrize(
    "other",
    [
        H1[:2],  # a bar less, which has a double
        np.vstack([H1, [[0.1, 0.2]]]),  # a bar more
        H1 + 1e-5,  # all moved
        np.array([[0.5, 0.8], [0.6, 0.9], [0.6, 0.8]]),  # the same ends, paired otherwise
        np.array([[0.5, np.inf], [0.6, 0.8], [0.6, 0.8]]),  # one lives on
    ],
)
def test_other_diagrams_differ(other):
    assert not agreement.same_diagrams([H0, H1], [H0, other])
    assert not agreement.same_diagrams([H0, other], [H0, H1])


def test_a_missing_degree_differs():
    assert not agreement.same_diagrams([H0, H1], [H0])


def test_bars_are_matched_one_to_one():
    """Both bars of one side are near the same bar of the other, which serves once."""
    ours = np.array([[0.0, 1.0], [0.0, 1.0 + 1e-7], [0.0, 0.5]])
    theirs = np.array([[0.0, 1.0 + 5e-7], [0.0, 0.5], [0.0, 0.5 + 5e-7]])
    assert not agreement.same_diagrams([ours], [theirs])


def test_the_odd_one_out_is_named():
    found = {"a": [H1[:1]], "b": [H1], "c": [H1 + 1e-9]}
    assert agreement.majority(found) == ["b", "c"]


# --- the comparison of magnitude functions ------------------------------------------------------


def contest(answers, grid="even"):
    """Two rounds of made-up figures: topolens takes 1 s and 2 s, the others 3 s and 4 s."""
    options = magnitude_bench.Options(2, [1], 1.0, 1e9, {})
    found = magnitude_bench.Contest(Question("gaussian-R3", 10, grid, len(answers[OURS])), options)
    for engine, values in answers.items():
        seconds = (1.0, 2.0) if engine == OURS else (3.0, 4.0)
        found.runs[engine, 1] = [
            {"cpu": s, "wall": s, "peak_mb": 1.0, "answers": values, "version": "1"}
            for s in seconds
        ]
    return found.row()


def test_ratios_are_paired_and_errors_relative():
    row = contest({OURS: [1.0, 2.0], MAGNIPY: [1.0, 2.0 + 2e-9], BARE: [1.0, 2.0]})
    assert row["faster"] == {name: {"1": {"cpu": 2.5, "wall": 2.5}} for name in (MAGNIPY, BARE)}
    assert row["errors"] == {OURS: 0, MAGNIPY: pytest.approx(1e-9, rel=1e-6)}
    assert magnitude_bench.wrong(row) == []
    assert "x2.5 wall" in magnitude_bench.describe(row)


def test_the_others_may_use_fewer_threads():
    """Made-up figures: two threads of a peer that wait for each other are slower than one."""
    found = magnitude_bench.Contest(
        Question("gaussian-R3", 10), magnitude_bench.Options(1, [1, 2], 1.0, 1e9, {})
    )
    for key, s in [((OURS, 1), 2.0), ((BARE, 1), 4.0), ((OURS, 2), 1.0), ((BARE, 2), 100.0)]:
        found.runs[key] = [{"cpu": s, "wall": s}]
    assert found.ratios()[BARE] == {
        "1": {"cpu": 2.0, "wall": 2.0},
        "2": {"cpu": 4.0, "wall": 4.0},
    }


def test_wrong_magnitudes_are_named():
    assert magnitude_bench.wrong(contest({OURS: [1.0, 2.1], BARE: [1.0, 2.0]})) == [OURS]
    # Areas differ by the rules of integration: their errors are shown, not judged.
    assert magnitude_bench.wrong(contest({OURS: [2.1], BARE: [2.0]}, grid=None)) == []


def test_grids():
    for grid in GRIDS:
        ts = Question("gaussian-R3", 10, grid).scales()
        assert len(ts) == 20 and ts[-1] == pytest.approx(CLOUDS["gaussian-R3"].largest)
        assert (np.diff(ts) > 0).all() and ts[0] > 0


def test_reference_of_the_area():
    """Two points: the integral of 1 + tanh(t/2) is t + 2 log cosh(t/2)."""
    two = Similarities(np.array([[0.0], [1.0]]))
    end = 2 * np.arctanh(0.9)
    assert two.area() == pytest.approx(end + 2 * np.log(np.cosh(end / 2)), rel=1e-12)


def test_one_hot_products_are_distances_of_networks():
    labels = networks_bench.predictions(6, 500)
    expected = (labels[:, None] != labels).mean(axis=-1)
    np.testing.assert_allclose(networks_bench.one_hot_product(labels), expected, atol=1e-6)


# --- the comparison of persistence of images ----------------------------------------------------


def image_contest(digests):
    """Two rounds of made-up figures at one thread and at two."""
    options = cubical_bench.Options(2, [1, 2], 1.0, 1e9, [])
    found = cubical_bench.Contest(ImageQuestion((4, 4), "noise"), options)
    for engine, answer in digests.items():
        for threads in (1, 2):
            # The peers gain nothing from a second thread, and cripser even loses.
            seconds = {OUR_IMAGES: 2 / threads, GUDHI: 6.0, CRIPSER: 4.0 * threads}[engine]
            found.runs[engine, threads] = [
                {
                    "cpu": seconds * noise,
                    "wall": seconds * noise,
                    "peak_mb": 1.0,
                    "digest": answer,
                    "size": [1, 0],
                    "version": "1",
                }
                for noise in (1.0, 1.5)
            ]
    return found.row()


def test_the_best_peer_may_use_fewer_threads():
    row = image_contest({OUR_IMAGES: "a", GUDHI: "a", CRIPSER: "a"})
    assert row["faster"] == {"1": {"cpu": 2.0, "wall": 2.0}, "2": {"cpu": 4.0, "wall": 4.0}}
    assert row["disagree"] == []
    assert "x2.0 CPU" in cubical_bench.describe(row) and "65536 B/voxel" in cubical_bench.describe(
        row
    )


def test_other_diagrams_of_images_are_named():
    row = image_contest({OUR_IMAGES: "a", GUDHI: "a", CRIPSER: "b"})
    assert row["disagree"] == [CRIPSER] and "disagree: cripser" in cubical_bench.describe(row)


def test_digests_tell_diagrams_apart():
    bars = np.array([[0.0, 1.0], [2.0, np.inf], [3.0, 3.0], [np.inf, np.inf]])
    same = np.array([[2.0, np.inf], [-0.0, 1.0]])
    assert digest([bars, bars[:0]]) == digest([same, bars[:0]])
    for other in ([same], [bars[:0], same], [same + 1e-15, bars[:0]], [same, same]):
        assert digest(other) != digest([same, bars[:0]])
    assert digest([np.array([[1, 2]])]) != digest([np.array([[1, 3]])])


def smallest(question):
    """The question for images of a few voxels."""
    shape = tuple(min(n, 5) for n in question.shape)
    return ImageQuestion(**vars(question) | {"shape": shape})


@pytest.mark.parametrize("question", cubical_bench.QUESTIONS, ids=lambda question: question.name)
def test_engines_answer_alike(question):
    pytest.importorskip("cripser")
    question = smallest(question)
    data = question.data().astype(np.float64)
    found = {name: digest(ENGINES[name](question, data, 1)) for name in question.engines()}
    assert len(set(found.values())) == 1, found
    assert question.periodic or not question.peers or len(found) > 1
    quick = cubical_bench.quick(question)
    assert len(quick.shape) == len(question.shape) and min(quick.shape) >= 1


def test_what_the_engines_compute():
    """Not only alike: as the tests read the peers themselves."""
    question = ImageQuestion((5, 6, 7), "relu", "T")
    image = question.data().astype(np.float64)
    assert digest(ENGINES[GUDHI](question, image, 1)) == digest(by_gudhi(image, "T")[:3])
    betti = ImageQuestion((2, 5, 6, 7), "smooth", stacked=True, betti=True)
    stack = betti.data().astype(np.float64)
    counts = [[int(alive(dgm).sum()) for dgm in by_cripser(one)[:3]] for one in stack]
    assert digest(ENGINES[CRIPSER](betti, stack, 1)) == digest([np.array([counts])[0]])
    assert (stack < THRESHOLD).any() and (stack > THRESHOLD).any()


def test_kinds_of_images():
    for kind in KINDS:
        image = ImageQuestion((40, 40), kind).data()
        assert image.dtype == np.float32 and np.isfinite(image).all()
    zeros = (ImageQuestion((20, 20, 20), "relu").data() == 0).mean()
    assert zeros > 0.5
    stack = ImageQuestion((3, 30, 30), "smooth", stacked=True).data()
    assert abs(np.corrcoef(stack[0].ravel(), stack[1].ravel())[0, 1]) < 0.5


def test_distances_of_diagrams_are_compared():
    """Peers that find something else are named, and do not count as the best."""
    for shape in diagrams_bench.SHAPES:
        for row in (
            diagrams_bench.bottleneck(shape, 30, 1),
            *(diagrams_bench.wasserstein(shape, 30, p, 1) for p in (1, 2)),
            diagrams_bench.sliced(shape, 30, 1),
        ):
            assert row.disagree() == [], row
            assert row.best() in row.seconds and row.ratio() > 0
    row = diagrams_bench.Row(
        "made up",
        {"topolens": 1.0, "wrong": 1.5, "rough": 2.0, "slow": 3.0},
        {"topolens": 1.0, "wrong": 1.1, "rough": 1.005, "slow": 1.0},
        {"rough": 0.01},
    )
    assert row.disagree() == ["wrong"] and row.best() == "rough" and row.ratio() == 2.0
    assert "wrong 1500 ms DISAGREES" in diagrams_bench.describe(row)


# --- the comparison of recordings ---------------------------------------------------------------


def test_recordings_are_compared():
    model = torchvision.models.resnet18(weights=None).eval()
    seconds, off = recording_bench.compared(model, torch.rand(4, 3, 32, 32), 1)
    assert {recording_bench.PLAIN, "hooks by hand", "topolens"} <= set(seconds)
    assert set(off.values()) == {0.0} and min(seconds.values()) > 0


def test_other_activations_are_named():
    rows = {"layer": np.ones((2, 3))}
    assert recording_bench.furthest(rows, rows, ["layer"]) == 0
    assert recording_bench.furthest({"layer": 1.5 * rows["layer"]}, rows, ["layer"]) == 0.5
    assert recording_bench.furthest({"output": np.ones(2)}, rows, ["layer"]) == np.inf


# --- wide layers --------------------------------------------------------------------------------


def few_points(d=40):
    """Rectified noise, with points in pairs that are near each other."""
    rng = np.random.default_rng(0)
    rows = np.maximum(rng.normal(size=(20, d)), 0).repeat(2, axis=0)
    return rows + rng.normal(0, 0.01, rows.shape)


class FewLayers(dict):
    """What a recording is to the benchmark: layers, and labels."""

    labels = np.repeat(["a", "b"], 20)

    def __init__(self):
        super().__init__(input=few_points().astype(np.float32), flat=few_points(3))


QUESTIONS = {
    "distances": lambda: wide_cases.distances(few_points),
    "graph": lambda: wide_cases.graph(few_points),
    "graph in the plane": lambda: wide_cases.graph(lambda: few_points(2)),
    "hops": lambda: wide_cases.hops(few_points),
    "rips": lambda: wide_cases.rips(few_points),
    "near": lambda: wide_cases.near(lambda: few_points(3), 0.3),
    "table": lambda: wide_cases.table(FewLayers, by_class=False),
    "table by class": lambda: wide_cases.table(FewLayers, by_class=True),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_wide_layers_are_compared(name):
    row = wide_bench.compare(wide_bench.Case(name, QUESTIONS[name]), rounds=2)
    assert row.skipped == "" and row.disagree == []
    assert row.ratios.keys() == row.seconds.keys() - {wide_bench.OURS} and row.ratios
    assert (row.best() == "") == (name == "hops")  # a graph is no Betti number
    assert name in wide_bench.describe(row) and "[x" in wide_bench.describe(row)


WRONG = {
    "distances": lambda d: d * (1 + 1e-9),
    "graph": lambda graph: (graph > 1.0).multiply(graph).tocsr(),
    "graph in the plane": lambda graph: graph * (1 + 1e-9),
    "hops": lambda found: SimpleNamespace(n_components=found.n_components + 1, betti=found.betti),
    "rips": lambda dgms: [dgms[0], dgms[1][1:]],
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_about_wide_layers_are_named(name):
    right = QUESTIONS[name]()
    wrong = {wide_bench.OURS: lambda: WRONG[name](right.calls[wide_bench.OURS]())}
    question = replace(right, calls=right.calls | wrong)
    row = wide_bench.compare(wide_bench.Case(name, lambda: question), rounds=1)
    assert row.disagree and "DISAGREE" in wide_bench.describe(row)


@pytest.mark.parametrize(
    ("seconds", "said"), [(1e-9, " MISJUDGED"), (1e9, " MISJUDGED"), (None, "")]
)
def test_wrong_estimates_are_told(seconds, said):
    right = QUESTIONS["rips"]()
    told = None if seconds is None else lambda: seconds
    row = wide_bench.compare(wide_bench.Case("rips", lambda: replace(right, told=told)), rounds=1)
    assert row.misjudged() == bool(said) and ("MISJUDGED" in wide_bench.describe(row)) == bool(said)
    row.told = 1.5
    assert not row.misjudged() and "estimate x1.50" in wide_bench.describe(row)


def test_what_is_refused_is_skipped():
    def refused():
        raise MemoryError("too many points")

    row = wide_bench.compare(wide_bench.Case("large", refused), rounds=1)
    assert "too many points" in wide_bench.describe(row) and not row.disagree


def test_wide_cases():
    names = [case.name for case in wide_cases.CASES]
    assert len(set(names)) == len(names)
    quick = [case.name for case in wide_bench.chosen(["*"], quick=True)]
    assert quick and set(quick) < set(names)
    assert wide_bench.chosen(["graph-*"], quick=False)
