"""Every method under every policy of ties and missing predictions, against plain Python.

The oracle knows one thing: what a network predicts for a sample is None or a law, a dict of
probabilities, and two of them differ by their total variation.
"""

from __future__ import annotations

import warnings
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import topolens as tl
from topolens.networks._reading import MISSING, TIES

MANY = settings(max_examples=60, deadline=None)


class Oracle:
    """Laws of M networks for n samples, true classes and weights, all exact."""

    def __init__(self, laws, y, weights, missing):
        keep = range(len(y))
        if missing == "drop_samples":
            keep = [k for k in keep if all(row[k] is not None for row in laws)]
        self.pairwise = missing == "pairwise"
        self.kept = list(keep)
        self.laws = [[self._law(row[k]) for k in keep] for row in laws]
        self.y = [y[k] for k in keep]
        self.weights = [Fraction(weights[k]) for k in keep]

    def _law(self, found):
        if found is not None or self.pairwise:
            return found
        return {"missing": Fraction(1)}

    def shared(self, *rows):
        return [k for k in range(len(self.y)) if all(row[k] is not None for row in rows)]

    def mean(self, term, *rows):
        """Over the samples that all the rows predict; None where these have no weight."""
        shared = self.shared(*rows)
        total = sum(self.weights[k] for k in shared)
        return sum(self.weights[k] * term(k) for k in shared) / total if total else None

    def disagreement(self, p, q):
        return self.mean(lambda k: tv(p[k], q[k]), p, q)

    def correctness(self, p, q):
        right = [[law == {c: 1} for law, c in zip(row, self.y, strict=True)] for row in (p, q)]
        return self.mean(lambda k: Fraction(right[0][k] != right[1][k]), p, q)

    def kappa(self, p, q):
        """By draws of a sample for each of the two networks."""
        chance = self.mean(lambda k: self.mean(lambda m: tv(p[k], q[m]), p, q), p, q)
        return self.disagreement(p, q) / chance if chance else None

    def truth(self):
        return [{c: Fraction(1)} for c in self.y]

    def accuracy(self, p):
        apart = self.disagreement(p, self.truth())
        return None if apart is None else 1 - apart

    def disputes(self):
        found = []
        for k in range(len(self.y)):
            laws = [row[k] for row in self.laws if row[k] is not None]
            apart = [tv(p, q) for p, q in combinations(laws, 2)]
            found.append(sum(apart) / len(apart) if apart else Fraction(0))
        return found

    def cost(self, k, label):
        """What a label adds to the sum of distances from all networks."""
        laws = [row[k] for row in self.laws if row[k] is not None]
        return sum(tv(law, label) for law in laws)


def tv(p, q):
    return sum(abs(p.get(c, Fraction(0)) - q.get(c, Fraction(0))) for c in p.keys() | q.keys()) / 2


def certain(label):
    return {label: Fraction(1)}


@st.composite
def labelled(draw):
    """Labels, of which some are missing, with a policy."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    M, n, K = draw(st.integers(1, 6)), draw(st.integers(1, 12)), draw(st.integers(1, 4))
    labels = rng.integers(K, size=(M, n))
    labels[rng.random((M, n)) < draw(st.sampled_from([0.0, 0.1, 0.6]))] = -1
    y, weights = rng.integers(K, size=n), numbers(draw, rng, n)
    policy = draw(st.sampled_from(MISSING))
    laws = [[None if c < 0 else certain(c) for c in row] for row in labels.tolist()]
    oracle = Oracle(laws, y.tolist(), [1] * n if weights is None else weights.tolist(), policy)
    if not any(oracle.weights):
        return None
    space = tl.NetworkSpace.from_labels(labels, y=y, weights=weights, n_classes=K, missing=policy)
    return space, oracle


@st.composite
def scored(draw):
    """Scores with many ties, with a policy."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    M, n, K = draw(st.integers(1, 6)), draw(st.integers(1, 10)), draw(st.integers(2, 4))
    scores = rng.integers(draw(st.sampled_from([2, 3, 9])), size=(M, n, K))
    y, weights = rng.integers(K, size=n), numbers(draw, rng, n)
    policy = draw(st.sampled_from(TIES))
    laws = [[law_of(row, policy) for row in rows] for rows in scores.tolist()]
    oracle = Oracle(laws, y.tolist(), [1] * n if weights is None else weights.tolist(), "own_label")
    space = tl.NetworkSpace.from_logits(scores, y=y, weights=weights, ties=policy)
    return space, oracle


def law_of(scores, policy):
    top = [c for c, score in enumerate(scores) if score == max(scores)]
    if policy == "first" or len(top) == 1:
        return certain(top[0])
    if policy == "set":
        return certain(tuple(top))
    return {c: Fraction(1, len(top)) for c in top}


def numbers(draw, rng, n):
    """Weights: none, or whole numbers some of which may be zero."""
    if draw(st.booleans()):
        return None
    weights = rng.integers(draw(st.sampled_from([0, 1])), 9, size=n).astype(float)
    weights[rng.integers(n)] = 3.0
    return weights


EVERY = st.one_of(labelled(), scored()).filter(lambda found: found is not None)


def shares_a_sample(oracle, *rows):
    return any(oracle.weights[k] for k in oracle.shared(*rows))


def all_pairs_share(oracle):
    return all(shares_a_sample(oracle, p, q) for p, q in combinations(oracle.laws, 2))


def quietly(call, *arguments):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "leaving out missing")
        return call(*arguments)


@MANY
@given(EVERY, st.sampled_from(["disagreement", "correctness", "kappa"]))
def test_distances(found, comparison):
    space, oracle = found
    if comparison != "disagreement" and space._shared_ties:
        with pytest.raises(ValueError, match="`ties` must be 'first' or 'set'"):
            space.distances(comparison)
        return
    if not all_pairs_share(oracle):
        with pytest.raises(ValueError, match="share a sample for each pair"):
            quietly(space.distances, comparison)
        return
    pairs = list(combinations(oracle.laws, 2))
    expected = [getattr(oracle, comparison)(p, q) for p, q in pairs]
    if None in expected:
        with pytest.raises(tl.NumericalError, match="kappa is not defined"):
            quietly(space.distances, comparison)
        return
    D = quietly(space.distances, comparison)
    np.testing.assert_allclose(D.condensed(), np.array(expected, float), rtol=1e-14)
    if D.sizes is not None:
        of_pair = [[oracle.weights[k] for k in oracle.shared(p, q)] for p, q in pairs]
        sizes = [float(sum(v) ** 2 / sum(x * x for x in v)) for v in of_pair]
        np.testing.assert_allclose(np.broadcast_to(D.sizes, len(pairs)), sizes, rtol=1e-13)


@MANY
@given(scored())
def test_only_uniform_ties_that_occur_are_no_shares(found):
    """Exact intervals are for counts of samples, which there are without such ties."""
    space, _ = found
    D = space.distances()
    if space._shared_ties:
        with pytest.raises(ValueError, match="`method` must be 'hoeffding'"):
            D.interval()
    else:
        assert (D.interval().lower <= D.values).all()


@MANY
@given(EVERY)
def test_accuracy_is_the_distance_from_the_truth(found):
    space, oracle = found
    expected = [oracle.accuracy(row) for row in oracle.laws]
    if None in expected:
        name = space.names[expected.index(None)]
        with pytest.raises(ValueError, match=f"prediction .* found none for {name!r}"):
            space.accuracy()
        return
    np.testing.assert_allclose(space.accuracy(), np.array(expected, float), rtol=1e-14, atol=0)
    with_truth = space.with_truth()
    truth = len(space)
    if all_pairs_share(oracle):
        D = quietly(with_truth.distances).values
        np.testing.assert_allclose(1 - space.accuracy(), D[truth, :truth], atol=1e-14)


@MANY
@given(EVERY)
def test_the_majority_has_the_least_sum_of_disagreements(found):
    space, oracle = found
    majority = space.majority()
    assert majority.dtype == np.int64 and majority.shape == (len(oracle.y),)
    sets = {space.n_classes + k: certain(s) for k, s in enumerate(space.tie_sets)}
    choices = {c: certain(c) for c in range(space.n_classes)}
    if space.ties == "set":
        choices |= sets
    if space.missing == "own_label":
        choices |= {-1: certain("missing")}
    for k, winner in enumerate(majority.tolist()):
        if all(row[k] is None for row in oracle.laws):
            assert winner == -1
            continue
        costs = {label: oracle.cost(k, law) for label, law in choices.items()}
        best = [label for label, cost in costs.items() if cost == min(costs.values())]
        assert winner == next((c for c in sorted(best) if c >= 0), -1)


@MANY
@given(EVERY, st.integers(1, 12))
def test_disputes_are_shares_of_the_pairs_that_disagree(found, k):
    space, oracle = found
    disputed = space.disputed_samples(k)
    expected = [float(d) for d in oracle.disputes()]
    counting = [i for i in range(len(expected)) if oracle.weights[i]]
    np.testing.assert_allclose(
        disputed.disputes, sorted((expected[i] for i in counting), reverse=True)[:k], rtol=1e-14
    )
    np.testing.assert_allclose(
        [expected[i] for i in disputed.indices], disputed.disputes, rtol=1e-14
    )
    assert set(disputed.indices.tolist()) <= set(counting)


@MANY
@given(EVERY)
def test_what_else_is_asked_of_the_samples(found):
    """Their number, classes at distance 0, disagreements within classes and across spaces."""
    space, oracle = found
    assert space.n_samples == len(oracle.y) and space.y.tolist() == oracle.y
    total = sum(oracle.weights)
    effective = total**2 / sum(v * v for v in oracle.weights)
    assert space.effective_samples == pytest.approx(float(effective), rel=1e-13)
    if space._samples_by_pair:
        for use in (
            space.per_class,
            lambda: space.cross(space),
            lambda: space.distances("balanced"),
        ):
            with pytest.raises(ValueError, match="`missing` must be 'own_label' or 'drop_samples'"):
                quietly(use)
        return
    rows = oracle.laws
    apart = np.array([[oracle.disagreement(p, q) for q in rows] for p in rows], float)
    together = space.quotient().labels
    np.testing.assert_array_equal(together[:, None] == together, apart == 0)
    if space._shared_ties:
        with pytest.raises(ValueError, match="`ties` must be 'first' or 'set'"):
            space.cross(space)
        return
    np.testing.assert_allclose(space.cross(space), apart, rtol=1e-14)
    groups = {
        c: [k for k in range(len(oracle.y)) if oracle.y[k] == c] for c in sorted(set(oracle.y))
    }
    if not all(sum(oracle.weights[k] for k in group) for group in groups.values()):
        with pytest.raises(ValueError, match="positive somewhere in each class"):
            space.per_class()
        return
    within = [
        [
            [
                sum(oracle.weights[k] * tv(p[k], q[k]) for k in group)
                / sum(oracle.weights[k] for k in group)
                for q in rows
            ]
            for p in rows
        ]
        for group in groups.values()
    ]
    within = np.array(within, float)
    np.testing.assert_allclose(space.per_class(), within, rtol=1e-14)
    np.testing.assert_allclose(space.distances("balanced").values, within.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(
        space.distances("worst_class").values, within.max(axis=0), rtol=1e-14
    )
