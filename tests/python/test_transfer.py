"""Transferability scores against their formulas, written out as sums, integrals and searches."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
import torch
from scipy import integrate, optimize, stats
from sklearn.covariance import ledoit_wolf_shrinkage

import topolens as tl
from topolens import transfer

OF_FEATURES = ["knn", "hscore", "logme", "transrate", "gbc", "parc"]


def task(seed, n=30, d=4, n_classes=3, apart=1.0):
    """Noisy features whose means depend on the class; every class occurs at least twice."""
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % n_classes)
    return rng.normal(size=(n, d)) + apart * rng.normal(size=(n_classes, d))[y], y


def probabilities(seed, n=30, n_source=5):
    logits = 2 * np.random.default_rng(seed).normal(size=(n, n_source))
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


SHAPES = [(0, 30, 4, 3), (1, 12, 20, 2), (2, 60, 1, 4), (3, 25, 24, 5)]


# --- k nearest neighbours -----------------------------------------------------------------------


def vote(X, y, i, k):
    others = sorted((math.dist(X[i], X[j]), j) for j in range(len(X)) if j != i)[:k]
    classes = [y[j] for _, j in others]
    return max(classes, key=lambda c: (classes.count(c), -classes.index(c)))


@pytest.mark.parametrize("k", [1, 2, 3, 7])
@pytest.mark.parametrize("shape", SHAPES)
def test_knn_is_a_vote_of_the_nearest(shape, k):
    X, y = task(*shape)
    X = np.round(X, 1)
    X[1] = X[0]
    expected = np.mean([vote(X, y, i, k) == y[i] for i in range(len(X))])
    assert transfer.knn(X, y, k=k) == pytest.approx(expected, abs=1e-12)


def test_knn_needs_as_many_others():
    with pytest.raises(ValueError, match="`k` must be below the number of samples, 4; found 4"):
        transfer.knn([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1], k=4)


# --- H-score ------------------------------------------------------------------------------------


def hscore_by_matrices(X, y, alpha):
    d = X.shape[1]
    S = np.cov(X.T, ddof=0).reshape(d, d)
    means = np.array([X[y == label].mean(axis=0) for label in y])
    M = np.cov(means.T, ddof=0).reshape(d, d)
    S_alpha = (1 - alpha) * S + alpha * np.trace(S) / d * np.eye(d)
    return np.trace(np.linalg.pinv(S_alpha, rcond=1e-12) @ ((1 - alpha) * M))


@pytest.mark.parametrize("alpha", [0, 0.1, 0.9])
@pytest.mark.parametrize("shape", SHAPES)
def test_hscore_is_the_trace_of_a_product(shape, alpha):
    X, y = task(*shape)
    expected = hscore_by_matrices(X, y, alpha)
    assert transfer.hscore(X, y, shrinkage=alpha) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_hscore_shrinks_as_ledoit_and_wolf(shape):
    X, y = task(*shape)
    expected = hscore_by_matrices(X, y, ledoit_wolf_shrinkage(X))
    assert transfer.hscore(X, y) == pytest.approx(expected, rel=1e-9)


def test_hscore_of_more_features_than_samples_says_nothing_without_shrinkage():
    X, y = task(0, n=12, d=30, n_classes=3, apart=0)
    assert transfer.hscore(X, y, shrinkage=0) == pytest.approx(2, rel=1e-9)
    assert transfer.hscore(X, y) < 1.5


def test_hscore_does_not_depend_on_units():
    X, y = task(0)
    assert transfer.hscore(1e6 * X - 3e6, y) == pytest.approx(transfer.hscore(X, y), rel=1e-6)


@pytest.mark.parametrize("shrinkage", [-0.1, 1.1, np.nan])
def test_hscore_checks_its_shrinkage(shrinkage):
    with pytest.raises(ValueError, match="`shrinkage` must be between 0 and 1"):
        transfer.hscore(*task(0), shrinkage=shrinkage)


# --- LogME --------------------------------------------------------------------------------------


def largest_evidence(F, target):
    """Search both precisions of the density of the labels, from many starts."""

    def negative(logs):
        alpha, beta = np.exp(logs)
        covariance = np.eye(len(F)) / beta + F @ F.T / alpha
        return -stats.multivariate_normal.logpdf(target, cov=covariance, allow_singular=False)

    starts = [(a, b) for a in (-4, 0, 4, 10) for b in (-2, 2, 5)]
    found = [
        optimize.minimize(negative, start, method="Nelder-Mead", options={"xatol": 1e-6}).fun
        for start in starts
    ]
    return -min(found)


@pytest.mark.parametrize("shape", [(0, 20, 3, 2), (4, 14, 2, 3), (5, 24, 6, 2)])
def test_logme_is_the_largest_evidence(shape):
    X, y = task(*shape)
    expected = np.mean([largest_evidence(X, (y == c).astype(float)) for c in set(y)]) / len(y)
    assert transfer.logme(X, y) == pytest.approx(expected, abs=1e-6)


def test_logme_of_more_features_than_samples_is_finite():
    X, y = task(1, n=10, d=40, n_classes=2)
    weightless = -0.5 * (math.log(2 * math.pi * np.mean(y == 0)) + 1)
    assert weightless <= transfer.logme(X, y) < 10


def test_logme_of_useless_features_is_that_of_no_weights():
    X = np.array([[1.0], [-1.0], [1.0], [-1.0]])
    expected = -0.5 * (math.log(2 * math.pi * 0.5) + 1)
    assert transfer.logme(X, [0, 0, 1, 1]) == pytest.approx(expected, abs=1e-9)


def test_logme_without_noise_is_refused():
    X = np.eye(3)[[0, 0, 1, 1, 2, 2]]
    with pytest.raises(tl.NumericalError, match="class 0 is a linear function"):
        transfer.logme(X, [0, 0, 1, 1, 2, 2])


# --- TransRate ----------------------------------------------------------------------------------


@pytest.mark.parametrize("eps", [1e-4, 0.5])
@pytest.mark.parametrize("shape", SHAPES)
def test_transrate_is_a_difference_of_determinants(shape, eps):
    X, y = task(*shape)
    Z = X - X.mean(axis=0)

    def rate(rows):
        gram = np.eye(Z.shape[1]) + rows.T @ rows / (len(rows) * eps)
        return np.linalg.slogdet(gram)[1] / 2

    within = sum(np.mean(y == c) * rate(Z[y == c]) for c in set(y))
    assert transfer.transrate(X, y, eps=eps) == pytest.approx(rate(Z) - within, rel=1e-9)


@pytest.mark.parametrize("eps", [0, -1, np.inf, np.nan])
def test_transrate_checks_its_distortion(eps):
    with pytest.raises(ValueError, match="`eps` must be positive"):
        transfer.transrate(*task(0), eps=eps)


# --- GBC ----------------------------------------------------------------------------------------


def overlap(mean, variance, other_mean, other_variance):
    """Bhattacharyya coefficient of two normal densities on a line, as the integral that it is."""
    one, other = stats.norm(mean, variance**0.5), stats.norm(other_mean, other_variance**0.5)
    return integrate.quad(lambda x: math.sqrt(one.pdf(x) * other.pdf(x)), -30, 30, limit=200)[0]


@pytest.mark.parametrize("covariance", ["spherical", "diagonal"])
def test_gbc_is_a_sum_of_integrals(covariance):
    X, y = task(0, n=24, d=3)
    groups = [X[y == c] for c in range(3)]
    means = [g.mean(axis=0) for g in groups]
    variances = [g.var(axis=0) for g in groups]
    if covariance == "spherical":
        variances = [np.full(3, v.mean()) for v in variances]
    expected = -sum(
        math.prod(map(overlap, means[a], variances[a], means[b], variances[b]))
        for a, b in permutations(range(3), 2)
    )
    found = transfer.gbc(X, y, covariance=covariance, n_components=None)
    assert found == pytest.approx(expected, rel=1e-6)


def test_gbc_projects_to_principal_components():
    X, y = task(2, n=40, d=9)
    centered = X - X.mean(axis=0)
    _, axes = np.linalg.eigh(centered.T @ centered)
    expected = transfer.gbc(centered @ axes[:, :-5:-1], y, n_components=None)
    assert transfer.gbc(X, y, n_components=4) == pytest.approx(expected, rel=1e-9)
    assert transfer.gbc(X, y) == transfer.gbc(X, y, n_components=None)


def test_gbc_of_coordinates_without_variance():
    X, y = task(0, n=20, d=2, n_classes=2)
    same, apart = np.column_stack([X, np.ones(20)]), np.column_stack([X, y])
    options = {"covariance": "diagonal"}
    assert transfer.gbc(same, y, **options) == pytest.approx(transfer.gbc(X, y, **options))
    assert transfer.gbc(apart, y, **options) == 0


def test_gbc_needs_two_of_each_class():
    with pytest.raises(ValueError, match="at least 2 samples of every class for GBC; found 1 of"):
        transfer.gbc([[0.0], [1.0], [2.0]], ["a", "a", "b"])


# --- PARC ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(0, 30, 4, 3), (1, 12, 20, 2), (2, 300, 5, 4)])
def test_parc_is_spearmans_correlation(shape):
    X, y = task(*shape)
    rows, columns = np.tril_indices(len(X), -1)
    by_features = (1 - np.corrcoef(X))[rows, columns]
    by_labels = (1 - np.corrcoef(np.eye(y.max() + 1)[y]))[rows, columns]
    expected = stats.spearmanr(by_features, by_labels.round(9)).statistic
    assert transfer.parc(X, y) == pytest.approx(expected, abs=1e-9)


def test_parc_of_two_features_is_free_of_rounding():
    """Correlations of two numbers are 1 or -1, but for rounding."""
    X, y = task(0, n=40, d=2)
    up = (X[:, 0] > X[:, 1]).astype(float)
    assert transfer.parc(X, y) == transfer.parc(np.column_stack([up, 1 - up]), y)


def test_parc_names_a_constant_row():
    X, y = task(0)
    X[7] = 0.1
    with pytest.raises(tl.NumericalError, match="row 7 is"):
        transfer.parc(X, y)


def test_parc_says_what_would_fit():
    X, y = task(0, n=200)
    with pytest.raises(MemoryError, match="samples would fit") as error:
        transfer.parc(X, y, max_memory=1e5)
    fits = int(str(error.value).split("; ")[1].split()[0])
    assert transfer.parc(X[:fits], y[:fits], max_memory=1e5)


# --- LEEP and NCE -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_leep_is_a_mean_of_logarithms(seed):
    probs, y = probabilities(seed), task(seed)[1]
    n, n_source = probs.shape
    joint = {
        (c, z): sum(probs[i, z] for i in range(n) if y[i] == c) / n
        for c in set(y)
        for z in range(n_source)
    }
    total = 0.0
    for i in range(n):
        likelihood = 0.0
        for z in range(n_source):
            mass = sum(joint[c, z] for c in set(y))
            likelihood += joint[y[i], z] / mass * probs[i, z]
        total += math.log(likelihood)
    assert transfer.leep(probs, y) == pytest.approx(total / n, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_nce_is_a_negative_entropy(seed):
    probs, y = probabilities(seed), task(seed)[1]
    z = [max(range(len(row)), key=lambda j: row[j]) for row in probs.tolist()]
    n = len(y)
    total = 0.0
    for i in range(n):
        alike = [j for j in range(n) if z[j] == z[i]]
        total += math.log(sum(y[j] == y[i] for j in alike) / len(alike))
    assert transfer.nce(probs, y) == pytest.approx(total / n, rel=1e-12)


def test_leep_is_at_most_nce_of_certain_predictions():
    y = task(0)[1]
    certain = np.eye(4)[np.random.default_rng(0).integers(3, size=len(y))]
    assert transfer.leep(certain, y) == pytest.approx(transfer.nce(certain, y), rel=1e-12)


@pytest.mark.parametrize(
    ("probs", "message"),
    [
        ([[0.5, 0.6], [0.5, 0.5]], "must sum to 1; found 1.1 in row 0"),
        ([[1.5, -0.5], [0.5, 0.5]], r"non-negative; found -0.5 at \[0, 1\]"),
        ([[np.nan, 1.0], [0.5, 0.5]], "must be finite"),
        ([0.5, 0.5], r"must have shape \(n, d\)"),
        (np.zeros((2, 0)), "must not be empty"),
    ],
)
@pytest.mark.parametrize("score", [transfer.leep, transfer.nce])
def test_rows_must_be_probabilities(score, probs, message):
    with pytest.raises(ValueError, match=message):
        score(probs, [0, 1])


@pytest.mark.parametrize("score", [transfer.leep, transfer.nce])
def test_probabilities_in_half_precision_are_some(score):
    torch = pytest.importorskip("torch")
    X, y = task(0)
    probs = torch.softmax(torch.as_tensor(X[:, :3]), dim=1)
    for dtype in (torch.float16, torch.bfloat16):
        assert score(probs.to(dtype), y) == pytest.approx(score(probs, y), abs=0.01)


# --- all of them --------------------------------------------------------------------------------


def test_scores_are_those_of_the_functions():
    (X, y), probs = task(0, n=40), probabilities(0, n=40)
    found = tl.transfer.transfer_scores(X, y, probs, k=3)
    assert found.knn == transfer.knn(X, y, k=3)
    for name in OF_FEATURES[1:]:
        assert getattr(found, name) == getattr(transfer, name)(X, y), name
    assert (found.leep, found.nce) == (transfer.leep(probs, y), transfer.nce(probs, y))
    assert (found.n_samples, found.n_features, found.n_classes) == (40, 4, 3)
    assert found.to_columns()["score"] == [*OF_FEATURES, "leep", "nce"]
    assert "40 samples, 4 features, 3 classes" in repr(found)


def test_scores_of_probabilities_need_them():
    found = tl.transfer.transfer_scores(*task(0))
    assert found.leep is None and found.nce is None
    assert list(found.to_dict()) == OF_FEATURES
    with pytest.raises(ValueError, match="'leep', which needs `source_probs`"):
        tl.transfer.transfer_scores(*task(0), scores=["leep"])
    with pytest.raises(ValueError, match=r"`scores` must be among knn, .*; found 'best'"):
        tl.transfer.transfer_scores(*task(0), scores=["best"])


@pytest.mark.parametrize("name", OF_FEATURES)
def test_features_that_tell_classes_apart_score_higher(name):
    score = getattr(transfer, name)
    assert score(*task(0, n=60, d=8, apart=5)) > score(*task(0, n=60, d=8, apart=0))


@pytest.mark.parametrize("name", OF_FEATURES)
def test_names_order_and_origin_of_samples_do_not_matter(name):
    X, y = task(0)
    score, order = getattr(transfer, name), np.random.default_rng(1).permutation(len(y))
    expected = pytest.approx(score(X, y), rel=1e-9)
    assert score(X[order], np.array(["c", "a", "b"])[y[order]]) == expected
    assert score(torch.tensor(X, requires_grad=True), torch.tensor(y)[:, None]) == expected


@pytest.mark.parametrize("name", OF_FEATURES)
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda X, y: (X, np.zeros_like(y)), "at least two classes; found 1"),
        (lambda X, y: (X, y[:-1]), r"`y` must have shape \(30,\)"),
        (lambda X, y: (np.where(X > 0, np.nan, X), y), "`features` must be finite"),
        (lambda X, y: (np.full_like(X, 0.1), y), "must not be the same for all samples"),
        (lambda X, y: (X[:, :0], y), "at least one column"),
        (lambda X, y: (X[None], y), r"must have shape \(n, d\)"),
        (lambda X, y: (X, np.where(y > 0, np.nan, y)), "`y` must not be missing"),
    ],
)
def test_what_cannot_be_scored_is_refused(name, spoil, message):
    with pytest.raises(ValueError, match=message):
        getattr(transfer, name)(*spoil(*task(0)))
    with pytest.raises(ValueError, match=message):
        tl.transfer.transfer_scores(*spoil(*task(0)))


@pytest.mark.parametrize("name", OF_FEATURES)
def test_constant_columns_do_not_matter_much(name):
    """Nor do they break anything: dead units are common."""
    X, y = task(0, d=8)
    dead = np.column_stack([X, np.zeros((len(X), 3))])
    assert np.isfinite(getattr(transfer, name)(dead, y))
