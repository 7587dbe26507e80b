"""The space of networks: exact references, and laws on random predictions."""

from __future__ import annotations

import inspect
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import floyd_warshall
from scipy.spatial import distance

import topolens as tl

EXACT = {"rtol": 0, "atol": 1e-12}
FEW = settings(max_examples=40, deadline=None)


def half_planes(count):
    """Networks whose boundaries are lines through the origin, at equal angles."""
    angles = 2 * np.pi * (np.arange(100 * count) + 0.5) / (100 * count)
    normals = 2 * np.pi * np.arange(count) / count
    return tl.NetworkSpace.from_labels(np.cos(angles - normals[:, None]) > 0)


def all_labelings(n, n_classes, weights=None):
    return tl.NetworkSpace.from_labels(
        list(itertools.product(range(n_classes), repeat=n)), weights=weights
    )


# --- exact references ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "diameter", "gap", "loop", "magnitudes"),
    [
        (12, 1, 1 / 6, (1 / 6, 2 / 3), (1.5783248674147123, 8.187513195382037)),
        (13, 12 / 13, 2 / 13, (2 / 13, 10 / 13), (1.5761566145700734, 8.404556246992028)),
    ],
)
def test_half_planes_are_a_circle(count, diameter, gap, loop, magnitudes):
    D = half_planes(count).distances()
    turns = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    np.testing.assert_allclose(D.values, 2 * np.minimum(turns, count - turns) / count, **EXACT)
    assert D.diameter == pytest.approx(diameter, abs=1e-12)
    diagrams = tl.rips(D)
    np.testing.assert_allclose(diagrams[0][:-1, 1], [gap] * (count - 1), **EXACT)
    np.testing.assert_allclose(diagrams[1], [loop], **EXACT)
    np.testing.assert_allclose(tl.magnitude_function(D, [1.0, 10.0]).values, magnitudes, **EXACT)


def test_thresholds_are_points_of_a_line():
    cuts = np.array([0.1, 0.25, 0.5, 0.55, 0.9])
    x = (np.arange(1000) + 0.5) / 1000
    D = tl.NetworkSpace.from_labels(x > cuts[:, None]).distances()
    np.testing.assert_allclose(D.values, np.abs(cuts[:, None] - cuts), **EXACT)
    expected = [1.397442643262176, 3.669726793245797]
    np.testing.assert_allclose(tl.magnitude_function(D, [1.0, 10.0]).values, expected, **EXACT)
    assert len(tl.rips(D)[1]) == 0
    embedding = D.embed(4)
    assert embedding.eigenvalues.min() > -1e-12
    np.testing.assert_allclose(
        distance.pdist(embedding.points, "sqeuclidean"), D.condensed(), **EXACT
    )


@pytest.mark.parametrize(
    ("n", "n_classes", "weights", "t", "magnitude"),
    [
        (3, 2, None, 1, 1.5817389097043428),
        (3, 3, None, 1, 1.8745796748190817),
        (3, 3, (0.5, 0.3, 0.2), 1, 1.864000519111887),
        (3, 3, (0.5, 0.3, 0.2), 5, 9.238713388410993),
        (1, 2, None, 1, 1.4621171572600098),
        (1, 10, None, 1, 2.319693166840739),
    ],
)
def test_all_labelings(n, n_classes, weights, t, magnitude):
    D = all_labelings(n, n_classes, weights).distances()
    assert tl.magnitude(D, t) == pytest.approx(magnitude, abs=1e-12)


P = np.array([(0.7, 0.2, 0.1), (0.5, 0.5, 0), (1, 0, 0)])
Q = np.array([(0.6, 0.3, 0.1), (0, 0.5, 0.5), (0, 1, 0)])


@pytest.mark.parametrize(
    ("measure", "p", "expected"),
    [
        ("tv", 1, 0.5333333),
        ("hellinger", 1, 0.59687832),
        ("hellinger", 2, 0.70874936),
        ("js", 1, 0.60243470),
        ("js", 2, 0.70946917),
    ],
)
def test_soft_distances(measure, p, expected):
    D = tl.NetworkSpace.from_probs({"p": P, "q": Q}).distances(measure, p=p)
    one = {
        "tv": np.abs(P - Q).sum(axis=1) / 2,
        "hellinger": np.sqrt(((np.sqrt(P) - np.sqrt(Q)) ** 2).sum(axis=1) / 2),
        "js": distance.jensenshannon(P, Q, base=2, axis=1),
    }[measure]
    assert D.values[0, 1] == pytest.approx((one**p).mean() ** (1 / p), abs=1e-12)
    assert D.values[0, 1] == pytest.approx(expected, abs=1e-7)


def test_chain_quotient():
    """Points 0, 1, 5, 6 of a line; the outer two are near along the class of the others."""
    x = np.arange(12) / 2
    D = tl.NetworkSpace.from_labels(x < np.array([0, 1, 5, 6])[:, None]).distances()
    np.testing.assert_allclose(6 * D.values[0], [0, 1, 5, 6], **EXACT)
    from topolens.networks._quotients import induced_metric

    classes, representatives = np.array([0, 1, 1, 2]), np.array([0, 1, 3])
    chain, hausdorff, plain = (
        6 * induced_metric(D.values, classes, representatives, induced)
        for induced in ("chain", "hausdorff", "representative")
    )
    np.testing.assert_allclose(chain, [[0, 1, 2], [1, 0, 1], [2, 1, 0]], **EXACT)
    np.testing.assert_allclose(hausdorff, [[0, 5, 6], [5, 0, 5], [6, 5, 0]], **EXACT)
    np.testing.assert_allclose(plain, [[0, 1, 6], [1, 0, 5], [6, 5, 0]], **EXACT)


# --- all kinds of predictions, against a computation sample by sample ---------------------------


@st.composite
def predictions(draw, most_classes=5, missing=False):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    M, n, K = draw(st.integers(1, 9)), draw(st.integers(1, 40)), draw(st.integers(1, most_classes))
    labels = rng.integers(-1 if missing else 0, K, size=(M, n))
    weights = draw(st.sampled_from([None, "random", "zeros"]))
    if weights is not None:
        weights = rng.random(n) * (1 if weights == "random" else rng.random(n) < 0.5)
        weights[rng.integers(n)] = 1.0
    return labels, rng.integers(K, size=n), weights, K


def shares(weights, n):
    return np.full(n, 1 / n) if weights is None else weights / weights.sum()


def differ(labels, weights):
    labels, v = np.asarray(labels), shares(weights, np.shape(labels)[1])
    return ((labels[:, None] != labels[None]) * v).sum(axis=-1)


@FEW
@given(predictions(missing=True))
def test_disagreement(data):
    labels, _, weights, K = data
    space = tl.NetworkSpace.from_labels(labels, weights=weights, n_classes=K)
    D = space.distances()
    np.testing.assert_allclose(D.values, differ(labels, weights), **EXACT)
    if space.weights is None:
        expected = (labels[:, None] != labels[None]).sum(axis=-1)
        np.testing.assert_array_equal(D.counts, expected)
        np.testing.assert_allclose(D.condensed(), distance.pdist(labels, "hamming"), **EXACT)
    else:
        assert D.counts is None
    assert D.is_metric and D.negative_type
    np.testing.assert_allclose(space.cross(space), D.values, **EXACT)


@pytest.mark.parametrize("n_classes", [2, 3, 10, 255, 256, 257, 4096, 5000, 65_535, 65_536, 10**6])
def test_any_number_of_classes(n_classes):
    rng = np.random.default_rng(n_classes)
    labels = rng.integers(n_classes, size=(7, 1100))
    labels[1] = np.where(rng.random(1100) < 0.5, labels[0], labels[0] ^ 1) % n_classes
    weights = rng.random(1100)
    for v in (None, weights):
        D = tl.NetworkSpace.from_labels(labels, n_classes=n_classes, weights=v).distances()
        np.testing.assert_allclose(D.values, differ(labels, v), **EXACT)


@FEW
@given(predictions())
def test_identities(data):
    """Of Wu et al. and of Fréchet and Nikodym, with the truth as a network."""
    labels, y, weights, K = data
    space = tl.NetworkSpace.from_labels(labels, y=y, weights=weights, n_classes=K)
    v = shares(weights, len(y))
    error = ((labels != y) * v).sum(axis=1)
    np.testing.assert_allclose(1 - space.accuracy(), error, **EXACT)
    disagreement, correctness = (space.distances(m).values for m in ("disagreement", "correctness"))
    np.testing.assert_allclose(correctness, differ(labels == y, weights), **EXACT)
    gap = np.abs(np.subtract.outer(error, error))
    assert (gap <= correctness + 1e-12).all() and (correctness <= disagreement + 1e-12).all()
    assert (disagreement <= np.add.outer(error, error) + 1e-12).all()
    wrong = (labels[:, None] != y) & (labels[None] != y) & (labels[:, None] != labels[None])
    np.testing.assert_allclose(disagreement, correctness + (wrong * v).sum(axis=-1), **EXACT)
    with_truth = space.with_truth().distances()
    np.testing.assert_allclose(with_truth.values[-1, :-1], error, **EXACT)
    assert with_truth.names[-1] == "truth"


@FEW
@given(predictions())
def test_classes(data):
    labels, y, weights, K = data
    if weights is not None:
        weights = weights + 0.01
    space = tl.NetworkSpace.from_labels(labels, y=y, weights=weights, n_classes=K)
    v = shares(weights, len(y))
    within = np.array(
        [
            ((labels[:, None] != labels[None]) * v * (y == c)).sum(axis=-1) / v[y == c].sum()
            for c in np.unique(y)
        ]
    )
    np.testing.assert_allclose(space.per_class(), within, **EXACT)
    balanced, worst = (space.distances(m) for m in ("balanced", "worst_class"))
    np.testing.assert_allclose(balanced.values, within.mean(axis=0), **EXACT)
    np.testing.assert_allclose(worst.values, within.max(axis=0), **EXACT)
    assert balanced.negative_type and not worst.negative_type and worst.is_metric


@st.composite
def probabilities(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    M, n, K = draw(st.integers(2, 6)), draw(st.integers(1, 20)), draw(st.integers(2, 5))
    probs = rng.gamma(draw(st.sampled_from([0.1, 1.0, 10.0])), size=(M, n, K)) + 1e-300
    probs[rng.random((M, n, K)) < 0.2] = 0
    probs[..., 0] += probs.sum(axis=-1) == 0
    return probs / probs.sum(axis=-1, keepdims=True), rng.random(n) + 0.01


@FEW
@given(probabilities(), st.sampled_from([1.0, 1.5, 2.0]))
def test_soft_laws(data, p):
    probs, weights = data
    v = shares(weights, probs.shape[1])
    space = tl.NetworkSpace.from_probs(probs, weights=weights)
    tv = np.abs(probs[:, None] - probs[None]).sum(axis=-1) / 2
    hellinger = np.sqrt(((np.sqrt(probs[:, None]) - np.sqrt(probs[None])) ** 2).sum(axis=-1) / 2)
    js = distance.jensenshannon(probs[:, None], probs[None], base=2, axis=-1)
    js = np.nan_to_num(js)  # scipy's roots of what rounding makes negative
    assert (js**2 <= tv + 1e-12).all()
    assert (hellinger**2 <= tv + 1e-12).all() and (tv <= np.sqrt(2) * hellinger + 1e-12).all()
    for name, one, power in [("tv", tv, 1), ("hellinger", hellinger, p), ("js", js, p)]:
        D = space.distances(name, p=power)
        expected = ((one**power) @ v) ** (1 / power)
        np.testing.assert_allclose(D.values, expected, rtol=0, atol=2e-8 if name == "js" else 1e-12)
        assert D.is_metric and D.negative_type
        assert D.embed().eigenvalues.min() > -1e-7
    D = tl.NetworkSpace.from_outputs(probs, weights=weights).distances("lp", p=p)
    length = np.sqrt(((probs[:, None] - probs[None]) ** 2).sum(axis=-1))
    np.testing.assert_allclose(D.values, ((length**p) @ v) ** (1 / p), **EXACT)
    # Where the margin is above twice the total variation, the labels agree.
    top = np.sort(probs, axis=-1)
    margin = top[..., -1] - top[..., -2]
    agree = probs.argmax(axis=-1)[:, None] == probs.argmax(axis=-1)[None]
    assert agree[tv < margin[:, None] / 2 - 1e-12].all()


@FEW
@given(predictions())
def test_soft_distances_of_one_hot_outputs_are_the_disagreement(data):
    labels, _, weights, K = data
    space = tl.NetworkSpace.from_probs(np.eye(K + 1)[labels], weights=weights)
    for measure in ("tv", "hellinger", "js"):
        found = space.distances(measure).values
        np.testing.assert_allclose(found, differ(labels, weights), **EXACT)
    np.testing.assert_allclose(space.distances().values, differ(labels, weights), **EXACT)


@FEW
@given(predictions(missing=True))
def test_negative_type(data):
    """Squared distances of the scaled points are the distances; similarities are definite."""
    labels, _, weights, K = data
    D = tl.NetworkSpace.from_labels(labels, weights=weights, n_classes=K).distances()
    embedding = D.embed(max(len(D), 1))
    assert embedding.eigenvalues.min() > -1e-12
    found = distance.squareform(distance.pdist(embedding.points, "sqeuclidean"), checks=False)
    np.testing.assert_allclose(found, D.values, rtol=0, atol=1e-9)
    assert np.linalg.eigvalsh(np.exp(-3 * D.values)).min() > -1e-12


# --- ties and missing predictions ---------------------------------------------------------------

LOGITS = {
    "a": [[1.0, 1.0, 0.0], [0.0, 2.0, 1.0], [3.0, 3.0, 3.0], [0.0, 0.0, 5.0]],
    "b": [[1.0, 1.0, 0.0], [0.0, 2.0, 2.0], [3.0, 2.0, 3.0], [0.0, 0.0, 5.0]],
    "c": [[1.0, 0.0, 0.0], [0.0, 2.0, 1.5], [0.0, 2.0, 3.0], [9.0, 0.0, 5.0]],
}


def test_ties():
    first, sets, uniform = (
        tl.NetworkSpace.from_logits(LOGITS, ties=ties) for ties in ("first", "set", "uniform")
    )
    np.testing.assert_array_equal(first.labels, [[0, 1, 0, 2], [0, 1, 0, 2], [0, 1, 2, 0]])
    for space in (first, sets, uniform):
        np.testing.assert_array_equal(space.tie_mass, [0.5, 0.75, 0.0])
    np.testing.assert_array_equal(first.distances().counts, [[0, 0, 2], [0, 0, 2], [2, 2, 0]])
    np.testing.assert_array_equal(sets.distances().counts, [[0, 2, 3], [2, 0, 4], [3, 4, 0]])
    assert {sets.tie_sets[code - 3] for code in sets.labels[0, [0, 2]]} == {(0, 1), (0, 1, 2)}
    half, third = 1 / 2, 1 / 3
    expected = [half + third, half + 2 * third + 1, half + half + half + 1]
    found = uniform.distances()
    np.testing.assert_allclose(4 * found.condensed(), expected, **EXACT)
    assert found.counts is None and found.is_metric
    near = tl.NetworkSpace.from_logits(LOGITS, ties="set", tie_margin=0.5)
    np.testing.assert_array_equal(near.tie_mass, [0.5, 0.75, 0.25])
    assert first.prune(0.5).names == ("a", "c") and first.prune(0).names == ("c",)


@FEW
@given(st.integers(0, 2**32), st.booleans())
def test_uniform_ties_are_total_variation(seed, weighted):
    rng = np.random.default_rng(seed)
    logits = rng.integers(3, size=(5, 12, 3)).astype(float)
    weights = rng.random(12) + 0.1 if weighted else None
    space = tl.NetworkSpace.from_logits(logits, ties="uniform", weights=weights)
    among = logits == logits.max(axis=-1, keepdims=True)
    probs = among / among.sum(axis=-1, keepdims=True)
    tv = np.abs(probs[:, None] - probs[None]).sum(axis=-1) / 2
    np.testing.assert_allclose(space.distances().values, tv @ shares(weights, 12), **EXACT)


def test_missing_predictions():
    labels = {"a": [0, 1, -1, 1], "b": [0, np.nan, -1, 0], "c": [1, 1, 0, 1]}
    own = tl.NetworkSpace.from_labels(labels).distances()
    np.testing.assert_array_equal(own.counts, [[0, 2, 2], [2, 0, 4], [2, 4, 0]])
    dropped = tl.NetworkSpace.from_labels(labels, missing="drop_samples")
    assert dropped.n_samples == 2
    np.testing.assert_array_equal(dropped.distances().counts, [[0, 1, 1], [1, 0, 2], [1, 2, 0]])
    pairwise = tl.NetworkSpace.from_labels(labels, missing="pairwise")
    with pytest.warns(UserWarning, match="no metric"):
        D = pairwise.distances()
    np.testing.assert_allclose(D.condensed(), [1 / 2, 1 / 3, 1], **EXACT)
    np.testing.assert_array_equal(D.sizes, [2, 3, 2])
    masked = np.ma.array([[0, 1, 5], [0, 1, 1]], mask=[[0, 0, 1], [0, 0, 0]])
    np.testing.assert_array_equal(
        tl.NetworkSpace.from_labels({"a": masked[0], "b": masked[1]}).distances().counts[0], [0, 1]
    )


@FEW
@pytest.mark.filterwarnings("ignore:leaving out missing")
@given(predictions(missing=True))
def test_pairwise_deletion(data):
    labels, y, weights, K = data
    labels[:, 0] = np.maximum(labels[:, 0], 0)
    if weights is not None:
        weights[0] = 1.0
    space = tl.NetworkSpace.from_labels(
        labels, y=y, weights=weights, n_classes=K, missing="pairwise"
    )
    v = shares(weights, labels.shape[1])
    both = ((labels >= 0)[:, None] & (labels >= 0)[None]) * v
    for measure, compared in [("disagreement", labels), ("correctness", labels == y)]:
        expected = ((compared[:, None] != compared[None]) * both).sum(axis=-1) / both.sum(axis=-1)
        np.fill_diagonal(expected, 0)
        D = space.distances(measure)
        np.testing.assert_allclose(D.values, expected, **EXACT)
        assert D.is_metric == (labels >= 0).all()
        sizes = both.sum(axis=-1) ** 2 / (both * v).sum(axis=-1)
        i, j = np.triu_indices(len(labels), 1)
        np.testing.assert_allclose(np.broadcast_to(D.sizes, i.shape), sizes[i, j], rtol=1e-9)


# --- what is no metric --------------------------------------------------------------------------


def nonmetrics():
    space = tl.NetworkSpace.from_labels([[0, 0, 1], [0, 1, 1], [0, 1, 0]])
    probs = tl.NetworkSpace.from_probs(np.random.default_rng(0).dirichlet(np.ones(3), size=(4, 5)))
    missing = tl.NetworkSpace.from_labels([[0, 1, 1], [0, -1, 1], [1, 0, 0]], missing="pairwise")
    yield "kappa", space.distances("kappa")
    yield "normalized", space.distances("normalized")
    yield "jsd", probs.distances("jsd")
    yield "bhattacharyya", probs.distances("bhattacharyya")
    with pytest.warns(UserWarning, match="no metric"):
        yield "disagreement", missing.distances()


def test_kappa_breaks_the_triangle_inequality():
    D = tl.NetworkSpace.from_labels([[0, 0, 1], [0, 1, 1], [0, 1, 0]]).distances("kappa")
    np.testing.assert_allclose(D.condensed(), [0.6, 1.5, 0.6], **EXACT)


def test_nonmetrics_are_values_of_their_formulas():
    D = dict(nonmetrics())
    probs = np.random.default_rng(0).dirichlet(np.ones(3), size=(4, 5))
    js = distance.jensenshannon(probs[:, None], probs[None], base=2, axis=-1)
    np.testing.assert_allclose(D["jsd"].values, (js**2).mean(axis=-1), **EXACT)
    overlap = np.sqrt(probs[:, None] * probs[None]).sum(axis=-1)
    np.testing.assert_allclose(D["bhattacharyya"].values, -np.log(overlap).mean(axis=-1), **EXACT)
    np.testing.assert_allclose(D["normalized"].condensed(), [0, 1, 0], **EXACT)


def test_what_is_infinitely_far():
    probs = [[[1, 0, 0], [0.5, 0.5, 0]], [[0, 0.3, 0.7], [0.5, 0.5, 0]]]
    D = tl.NetworkSpace.from_probs(probs).distances("bhattacharyya")
    assert D.condensed().tolist() == [np.inf]
    weighted = tl.NetworkSpace.from_probs(probs, weights=[0, 1])
    assert weighted.distances("bhattacharyya").condensed().tolist() == [0]


USES = {
    "rips": lambda D: tl.rips(D),
    "persistence": lambda D: D.persistence(),
    "magnitude": lambda D: tl.magnitude(D),
    "magnitude_function": lambda D: tl.magnitude_function(D, [1.0]),
    "weighting": lambda D: tl.magnitudes.weighting(D),
    "MetricSpace": lambda D: tl.MetricSpace(D),
    "quotient": lambda D: D.quotient(),
    "net": lambda D: D.quotient(0.1),
    "to_space": lambda D: D.to_space(),
}


@pytest.mark.parametrize("use", USES)
def test_nonmetrics_are_refused(use):
    for measure, D in nonmetrics():
        assert not D.is_metric
        with pytest.raises(ValueError, match=f"`distances` must be a metric; found '{measure}'"):
            USES[use](D)


def test_nonmetrics_are_taken_if_allowed():
    for _, D in nonmetrics():
        space = D.to_space(allow_nonmetric=True)
        assert tl.rips(space).n_points == len(D)
        if D.comparison != "normalized":  # it takes different networks for one
            assert tl.magnitude_function(space, [9.0]).n_points == len(D)
            assert tl.magnitude(space, 9.0) == pytest.approx(
                tl.magnitudes.weighting(space, 9.0).sum()
            )
        assert len(tl.networks.quotient(space, 0.1).labels) == len(D)


# --- quotients ----------------------------------------------------------------------------------


@FEW
@given(predictions(most_classes=2))
def test_exact_quotient(data):
    labels, _, weights, _ = data
    space = tl.NetworkSpace.from_labels(labels, weights=weights)
    for q in (space.quotient(), space.distances().quotient(method="exact")):
        together = q.labels[:, None] == q.labels
        np.testing.assert_array_equal(together, space.distances().values == 0)
        np.testing.assert_array_equal(q.sizes, np.bincount(q.labels))
        assert (np.diff([np.flatnonzero(q.labels == c)[0] for c in range(len(q))]) > 0).all()
        np.testing.assert_array_equal(q.labels[q.representatives], np.arange(len(q)))
        assert q.radius == q.chain_diameter == 0
        found = [space.distances().quotient(induced=i).distances for i in ("chain", "hausdorff")]
        for other in found:
            np.testing.assert_allclose(other, q.distances, rtol=0, atol=1e-15)


@FEW
@given(predictions(), st.sampled_from([0.0, 0.2, 0.5, 0.8]))
def test_quotients_at_a_radius(data, eps):
    labels, _, _, K = data
    D = tl.NetworkSpace.from_labels(labels, n_classes=K).distances()
    values = D.values
    single = D.quotient(eps, "single")
    if len(D) > 1:
        tree = linkage(D.condensed(), "single")
        flat = fcluster(tree, eps, "distance")
        np.testing.assert_array_equal(
            flat[:, None] == flat, single.labels[:, None] == single.labels
        )
    complete = D.quotient(eps, "complete")
    assert complete.chain_diameter <= eps + 1e-15
    net = D.quotient(eps, "net")
    assert net.radius <= eps
    apart = values[np.ix_(net.representatives, net.representatives)]
    assert (apart[np.triu_indices(len(net), 1)] > eps).all()
    for q in (single, complete, net):
        same = q.labels[:, None] == q.labels
        assert q.chain_diameter == values[same].max()
        own = values[np.arange(len(D)), q.representatives[q.labels]]
        assert q.radius == own.max()
        np.testing.assert_array_equal(q.sizes, np.bincount(q.labels))
        members = [np.flatnonzero(q.labels == c) for c in range(len(q))]
        if q is not net:
            for c, m in enumerate(members):
                sums = values[np.ix_(m, m)].sum(axis=1)
                assert sums[m == q.representatives[c]] == sums.min()
        gaps = np.array([[values[np.ix_(a, b)].min() for b in members] for a in members])
        chain = floyd_warshall(np.where(gaps == 0, 1e-300, gaps))
        found = D.quotient(eps, q.method, "chain").distances
        np.testing.assert_allclose(found, chain, **EXACT)
        hausdorff = [
            [
                max(values[np.ix_(a, b)].min(axis=1).max(), values[np.ix_(a, b)].min(axis=0).max())
                for b in members
            ]
            for a in members
        ]
        np.testing.assert_allclose(D.quotient(eps, q.method, "hausdorff").distances, hausdorff)
        assert len(tl.MetricSpace(q.to_space())) == len(q)


def test_exact_quotient_of_a_hundred_thousand_networks():
    rng = np.random.default_rng(0)
    distinct = rng.integers(10, size=(500, 200)).astype(np.uint8)
    which = rng.integers(500, size=100_000)
    q = tl.NetworkSpace.from_labels(distinct[which]).quotient()
    order = np.unique(which, return_index=True)[1]
    rank = np.argsort(np.argsort(order))
    np.testing.assert_array_equal(q.labels, rank[which])
    assert q.distances.shape == (500, 500)


@FEW
@given(predictions())
def test_covering_curve(data):
    D = tl.NetworkSpace.from_labels(data[0]).distances()
    curve, values = D.covering_curve(), D.values
    assert sorted(curve.order) == list(range(len(D))) and curve.order[0] == D.medoid()
    for k, radius in enumerate(curve.radii):
        assert radius == values[:, curve.order[: k + 1]].min(axis=1).max()
        chosen = curve.order[: k + 2]
        gaps = values[np.ix_(chosen, chosen)][np.triu_indices(len(chosen), 1)]
        assert (gaps >= radius).all()
        assert curve.number(radius) <= k + 1
    assert values.sum(axis=1)[D.medoid()] == values.sum(axis=1).min()


# --- votes, disputes, trajectories --------------------------------------------------------------


@FEW
@given(predictions())
def test_majority_is_the_frechet_mean(data):
    labels, _, _, K = data
    space = tl.NetworkSpace.from_labels(labels, n_classes=K)
    majority = space.majority()
    for i, column in enumerate(labels.T):
        votes = np.bincount(column, minlength=K)
        assert majority[i] == votes.argmax()
    disputed = space.disputed_samples(5)
    pairs = max(len(labels) * (len(labels) - 1), 1)
    expected = (labels[:, None] != labels[None]).sum(axis=(0, 1)) / pairs
    np.testing.assert_allclose(disputed.disputes, np.sort(expected)[::-1][:5], **EXACT)
    np.testing.assert_allclose(expected[disputed.indices], disputed.disputes, **EXACT)


def test_trajectories():
    x = np.arange(100) / 100
    cuts = {"a0": 0.1, "a1": 0.3, "a2": 0.4, "b0": 0.9, "b1": 0.7, "b2": 0.6}
    space = tl.NetworkSpace.from_labels({name: x >= cut for name, cut in cuts.items()})
    path = space.trajectory(["a0", "a1", "a2"], paired=["b0", "b1", "b2"])
    np.testing.assert_allclose(path.steps, [0.2, 0.1], **EXACT)
    np.testing.assert_allclose(path.to_end, [0.3, 0.1, 0], **EXACT)
    np.testing.assert_allclose(path.gaps, [0.8, 0.4, 0.2], **EXACT)
    assert path.length == pytest.approx(0.3) and path.contraction == pytest.approx(0.25)


# --- the package --------------------------------------------------------------------------------


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_threads_change_nothing(n_threads):
    rng = np.random.default_rng(0)
    labels, weights, y = (
        rng.integers(9, size=(70, 3000)),
        rng.random(3000),
        rng.integers(9, size=3000),
    )
    probs = rng.dirichlet(np.ones(4), size=(20, 50))

    def all_of_them(threads):
        space = tl.NetworkSpace.from_labels(labels, y=y, weights=weights)
        for measure in ("disagreement", "correctness", "balanced", "worst_class"):
            yield space.distances(measure, n_threads=threads).condensed()
        yield space.per_class(n_threads=threads)
        yield tl.NetworkSpace.from_probs(probs).distances("js", n_threads=threads).condensed()
        plain = tl.NetworkSpace.from_labels(labels).distances(n_threads=threads)
        yield plain.interval(method="multiplier", rng=0, n_threads=threads).upper

    for one, other in zip(all_of_them(1), all_of_them(n_threads), strict=True):
        np.testing.assert_array_equal(one, other)


def test_networks_in_another_order():
    rng = np.random.default_rng(1)
    labels, weights = rng.integers(4, size=(30, 700)), rng.random(700)
    order = rng.permutation(30)
    for v in (None, weights):
        D = tl.NetworkSpace.from_labels(labels, weights=v).distances().values
        again = tl.NetworkSpace.from_labels(labels[order], weights=v).distances().values
        np.testing.assert_array_equal(D[np.ix_(order, order)], again)


def test_batches_are_the_whole():
    rng = np.random.default_rng(2)
    logits, y, weights = (
        rng.integers(3, size=(5, 40, 4)) * 1.0,
        rng.integers(4, size=40),
        rng.random(40),
    )
    options = {"ties": "set", "soft": True}
    whole = tl.NetworkSpace.from_logits(logits, y=y, weights=weights, **options)
    acc = tl.NetworkSpace.builder(**options)
    for part in np.split(np.arange(40), [7, 8, 30]):
        acc.update(dict(enumerate(logits[:, part])), y[part], weights[part])
    found = acc.result()
    for measure in ("disagreement", "tv", "correctness", "balanced"):
        np.testing.assert_allclose(
            found.distances(measure).values, whole.distances(measure).values, **EXACT
        )
    np.testing.assert_array_equal(found.tie_mass, whole.tie_mass)


def test_results_can_be_inspected_and_compared():
    space = tl.NetworkSpace.from_labels([[0, 1], [1, 1], [0, 0]], y=[0, 1])
    D = space.distances()
    results = (space, D, space.quotient(), D.interval(), D.persistence(), D.covering_curve())
    results += (D.embed(), space.disputed_samples(), space.trajectory([0, 1]))
    results += (space.trajectory([0, 1], paired=[0, 1]), tl.NetworkSpace.builder())
    for result in results:
        assert inspect.getmembers(result) and hash(result) == hash(result)
        assert result == result and result != pickle.loads(pickle.dumps(result))
        assert type(result).__name__ in repr(result)
    # There is no tie to be told of labels, and no ratio of a run to itself.
    assert not hasattr(space, "tie_mass") and not hasattr(results[-2], "contraction")


def test_results_travel_and_show_themselves():
    space = tl.NetworkSpace.from_labels({"<a>": [0, 1], "b": [1, 1]}, y=[0, 1])
    D = space.distances()
    again = pickle.loads(pickle.dumps(D))
    np.testing.assert_array_equal(again.counts, D.counts)
    assert again.names == D.names and again.is_metric and again.comparison == "disagreement"
    assert "&lt;a&gt;" in D._repr_html_() and "<a>" not in D._repr_html_()
    assert repr(space) == "NetworkSpace(2 networks, 2 samples, 2 classes)"
    assert repr(D) == "NetworkDistances(2 networks, disagreement)"
    assert list(D.to_columns()) == ["first", "second", "distance", "count"]
    assert pickle.loads(pickle.dumps(space)).names == space.names
    space = D.to_space()
    assert isinstance(space.select([0]), tl.MetricSpace) and space.select([1, 0]).names == (
        "b",
        "<a>",
    )
    assert list(tl.MetricSpace(D).names) == ["<a>", "b"]
