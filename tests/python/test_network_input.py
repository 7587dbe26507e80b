"""Predictions that are not what they should be, and spaces of the smallest size."""

from __future__ import annotations

import numpy as np
import pytest

import topolens as tl

L = [[0, 1, 1], [0, 1, 2]]
LOGITS = np.array([[[1.0, 2.0], [0.0, 3.0]], [[2.0, 1.0], [1.0, 3.0]]])
read = tl.NetworkSpace


def spoilt(array, place, value):
    array = np.array(array, dtype=float)
    array[place] = value
    return array


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: read.from_labels({"a": [0, 1], "b": [0, 1, 2]}),
            ValueError,
            "same samples; found 2 for 'a' and 3 for 'b'",
        ),
        (
            lambda: read.from_labels(L, n_classes=2),
            ValueError,
            r"`labels` must be -1 .* between 0 and 1; found 2 at \[2\] for 1",
        ),
        (lambda: read.from_labels([[0, -2]]), ValueError, r"found -2 at \[1\] for 0"),
        (lambda: read.from_labels([[0, 2**31]]), ValueError, r"found 2147483648 at \[1\]"),
        (lambda: read.from_labels([[0.5, 1]]), ValueError, r"whole numbers; found 0.5 at \[0\]"),
        (lambda: read.from_labels([[0, np.inf]]), ValueError, r"found inf at \[1\]"),
        (lambda: read.from_labels([["cat", "dog"]]), TypeError, "must hold whole numbers"),
        (lambda: read.from_labels([[[0, 1], [1, 0]]]), ValueError, r"must have shape \(n,\)"),
        (lambda: read.from_labels([]), ValueError, "at least one network; found none"),
        (lambda: read.from_labels([[]]), ValueError, "at least one sample; found none"),
        (
            lambda: read.from_labels([[-1, 0], [0, -1]], missing="drop_samples"),
            ValueError,
            "at least one sample without a missing label; found none",
        ),
        (lambda: read.from_labels(L, missing="zero"), ValueError, "`missing` must be one of own"),
        (lambda: read.from_labels(L, names=["a"]), ValueError, "each of 2 networks; found 1"),
        (lambda: read.from_labels(L, names=["a", "a"]), ValueError, "must differ; found 'a' twice"),
        (
            lambda: read.from_labels(dict(a=[1]), names=["b"]),
            ValueError,
            "`names` must be left out",
        ),
        (lambda: read.from_labels(L, y=[0, 1]), ValueError, r"`y` must have shape \(3,\)"),
        (lambda: read.from_labels(L, y=[0, 1, -1]), ValueError, r"`y` must .* found -1 at \[2\]"),
        (lambda: read.from_labels(L, y=[0, 1, 3], n_classes=3), ValueError, "from 0 to 2; found 3"),
        (lambda: read.from_labels(L, y=[0, 1, np.nan]), ValueError, r"found nan at \[2\]"),
        (lambda: read.from_labels(L, y=[0, 1, np.inf]), ValueError, r"found inf at \[2\]"),
        (lambda: read.from_labels(L, weights=[1, 2]), ValueError, r"`weights` must have shape"),
        (lambda: read.from_labels(L, weights=[0, 0, 0]), ValueError, "positive sum; found zeros"),
        (lambda: read.from_labels(L, weights=[1, -1, 1]), ValueError, r"found -1.0 at \[1\]"),
        (lambda: read.from_labels(L, weights=[1, np.nan, 1]), ValueError, r"found nan at \[1\]"),
        (
            lambda: read.from_logits(spoilt(LOGITS, (1, 0, 1), np.nan)),
            ValueError,
            r"`logits` must be numbers below infinity; found nan at \[0, 1\] for 1",
        ),
        (
            lambda: read.from_logits(spoilt(LOGITS, (0, 0, 1), np.inf)),
            ValueError,
            r"found inf at \[0, 1\] for 0",
        ),
        (
            lambda: read.from_logits(spoilt(LOGITS, (0, 0), -np.inf)),
            ValueError,
            r"must have a finite logit for each sample; found -inf at \[0\] for 0",
        ),
        (lambda: read.from_logits(LOGITS[..., :1]), ValueError, "with K at least 2"),
        (lambda: read.from_logits({"a": LOGITS[0], "b": L}), ValueError, "must have 2 columns"),
        (lambda: read.from_logits(LOGITS, ties="last"), ValueError, "`ties` must be one of first"),
        (lambda: read.from_logits(LOGITS, tie_margin=-1), ValueError, "`tie_margin` must be non"),
        (
            lambda: read.from_probs([[[0.5, 0.6]]]),
            ValueError,
            r"`probs` must add up to 1 .* within 1e-06; found 1.1 at \[0\] for 0: divide each row",
        ),
        (lambda: read.from_probs([[[1.5, -0.5]]]), ValueError, "non-negative; found -0.5"),
        (lambda: read.from_probs([[[np.nan, 0.5]]]), ValueError, "must be finite; found nan"),
        (lambda: read.from_outputs([[1.0, np.inf]]), ValueError, "must be finite; found inf"),
        (
            lambda: read.from_outputs([[-2e300]]),
            ValueError,
            r"most 1e\+300 in size; found -2e\+300",
        ),
        (lambda: read.from_labels(L, n_classes=2**31), ValueError, "between 1 and 2147483647"),
        (lambda: read.builder("logit"), ValueError, "`kind` must be one of labels, logits"),
        (lambda: read.builder().result(), ValueError, "`update` must have been called"),
        (lambda: read.from_labels(L).tie_mass, ValueError, "`tie_mass` must .* found labels"),
        (lambda: read.from_outputs([[1.0]]).tie_mass, ValueError, "`tie_mass` .* found outputs"),
        (
            lambda: read.from_labels(L).distances("tv"),
            ValueError,
            "'tv', which needs probabilities",
        ),
        (lambda: read.from_logits(LOGITS).distances("js"), ValueError, "`soft=True`"),
        (
            lambda: read.from_labels(L).distances("lp"),
            ValueError,
            "was read, labels; found 'lp', which needs outputs",
        ),
        (lambda: read.from_labels(L).distances("l1"), ValueError, "`comparison` must be one of"),
        (lambda: read.from_labels(L).distances("balanced"), ValueError, "`y` must be given"),
        (lambda: read.from_labels(L).distances("correctness"), ValueError, "`y` must be given"),
        (lambda: read.from_labels(L).distances(p=2), ValueError, "`p` must be 1 for 'disagree"),
        (lambda: read.from_labels(L).with_truth(), ValueError, "`y` must be given for 'truth'"),
        (
            lambda: read.from_labels(L, y=[0, 1, 1], weights=[0, 1, 1]).distances("balanced"),
            ValueError,
            "positive somewhere in each class; found zeros only in class 0",
        ),
        (
            lambda: read.from_labels([[0, -1], [-1, 0]], missing="pairwise").distances(),
            ValueError,
            "share a sample for each pair of networks; found none for 0 and 1",
        ),
        (lambda: read.from_labels(L).select([2]), ValueError, "must be below 2; found 2"),
        (lambda: read.from_labels(L).select([]), ValueError, "at least one network"),
        (lambda: read.from_logits(LOGITS).prune(-1), ValueError, "`eps` must be non-negative"),
        (lambda: read.from_logits(LOGITS * 0).prune(0.5), ValueError, "`eps` must leave a network"),
        (
            lambda: read.from_labels(L).cross(read.from_labels([[0, 1]])),
            ValueError,
            "same samples and weights; found 2 samples for 3",
        ),
        (lambda: read.from_labels(L).trajectory([0]), ValueError, "at least two networks"),
        (lambda: read.from_labels(L).trajectory([0, 7]), ValueError, "names of networks; found 7"),
        (
            lambda: read.from_labels(L).trajectory([0, 1], paired=[1]),
            ValueError,
            "as many names as `names`, 2; found 1",
        ),
        (lambda: read.from_labels(L).trajectory([0, 1]).contraction, ValueError, "`paired` must"),
        (
            lambda: read.from_labels(L).trajectory([0, 1], paired=[0, 1]).contraction,
            tl.NumericalError,
            "agree at the start",
        ),
        (lambda: read.from_labels([[0], [0]]).distances("kappa"), tl.NumericalError, "not defined"),
        (
            lambda: read.from_labels([[0], [0]]).distances("normalized"),
            tl.NumericalError,
            "disagree equally",
        ),
        (lambda: read.from_labels(L).distances().quotient(-1), ValueError, "`eps` must be non-neg"),
        (
            lambda: read.from_labels(L).distances().quotient(0.5, "exact"),
            ValueError,
            "`eps` must be 0 for the exact quotient; found 0.5",
        ),
        (lambda: read.from_labels(L).distances().quotient(0, "k"), ValueError, "`method` must be"),
        (
            lambda: read.from_labels(L).quotient(induced="mean"),
            ValueError,
            "`induced` must be one of",
        ),
        (
            lambda: read.from_labels(L).distances().interval(1.5),
            ValueError,
            "`confidence_level` must be",
        ),
        (lambda: read.from_labels(L).distances().interval(method="z"), ValueError, "`method` must"),
        (
            lambda: read.from_labels(L).distances().decide(0.1, method="bootstrap"),
            ValueError,
            "found 'bootstrap'",
        ),
        (
            lambda: read.from_labels(L, y=[0, 1, 0]).distances("balanced").interval(),
            ValueError,
            "must be a mean over samples; found 'balanced'",
        ),
        (
            lambda: (
                read.from_labels(L, weights=[1, 2, 3]).distances().interval(method="multiplier")
            ),
            ValueError,
            "must have `counts`",
        ),
        (
            lambda: read.from_probs([[[0.5, 0.5]], [[1, 0]]]).distances("tv").interval(),
            ValueError,
            "`method` must be 'hoeffding' for 'tv'",
        ),
        (
            lambda: read.from_labels(np.zeros((3000, 2))).distances(max_memory=10**6),
            MemoryError,
            "the distances of 3000 networks needs about",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:leaving out missing")
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_batches_must_be_alike():
    acc = read.builder()
    acc.update({"a": [0, 1]}, y=[0, 1])
    with pytest.raises(ValueError, match=r"same networks in all batches; found \['b'\]"):
        acc.update({"b": [0]}, y=[0])
    with pytest.raises(ValueError, match=r"`y` must .*; found it first left out in batch 2"):
        acc.update({"a": [0]})
    with pytest.raises(ValueError, match=r"`weights` must .*; found it first given in batch 2"):
        acc.update({"a": [0]}, y=[0], weights=[1])
    assert acc.result().n_samples == 2


def test_a_refused_batch_leaves_nothing():
    acc = read.builder()
    with pytest.raises(ValueError, match="same samples; found 2 for 'a' and 1 for 'b'"):
        acc.update({"a": [0, 1], "b": [0]})
    with pytest.raises(ValueError, match=r"`update` must .*; found no batch"):
        acc.result()


def test_zero_weights_do_not_count():
    space = read.from_labels([[0, 1, 1], [0, 1, 2]], weights=[1, 1, 0])
    assert space.distances().diameter == 0 and len(space.quotient()) == 1
    assert len(space.distances().quotient()) == 1
    assert space.effective_samples == pytest.approx(2)


def test_logits_may_rule_classes_out():
    space = read.from_logits([[[0, -np.inf, 1]], [[-np.inf, 0, -np.inf]]], soft=True)
    assert space.labels.tolist() == [[2], [1]]
    assert space.distances("tv").diameter == 1


def test_one_network():
    D = read.from_labels([[0, 1]], y=[0, 1]).distances()
    assert D.values.tolist() == [[0]] and D.condensed().size == 0 and D.diameter == 0
    assert tl.magnitude(D) == 1 and len(tl.rips(D)[0]) == 1
    for method in ("clopper-pearson", "wilson", "hoeffding", "bootstrap", "multiplier"):
        lower, upper = D.interval(method=method).interval
        assert lower.tolist() == upper.tolist() == [[0]]
    assert D.decide(0.1).tolist() == [[1]]
    for eps, method in [(0, "exact"), (0.1, "net"), (0.1, "single"), (0.1, "complete")]:
        q = D.quotient(eps, method)
        assert q.labels.tolist() == [0] and q.distances.tolist() == [[0]]
    assert D.covering_curve().number(0) == 1 and D.medoid() == 0
    assert D.embed(2).points.tolist() == [[0, 0]]
    assert D._repr_html_().startswith("<table>")


def test_one_sample():
    D = read.from_labels([[0], [1], [0]], y=[1]).distances()
    assert D.counts.tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    lower, upper = D.interval().interval
    assert (lower[0, 1] < 0.05) and upper[0, 1] == 1 and upper[0, 2] > 0.95
    assert len(read.from_labels([[0], [1], [0]]).quotient()) == 2


def test_the_predictions_are_copied():
    labels = np.array([[0, 1], [1, 1]], np.uint8)
    space = read.from_labels(labels)
    labels[:] = 0
    assert space.distances().counts[0, 1] == 1


def test_tensors_of_any_type():
    torch = pytest.importorskip("torch")
    logits = torch.tensor(LOGITS, requires_grad=True)
    for dtype in (torch.float64, torch.float32, torch.bfloat16, torch.float16):
        space = read.from_logits({"a": logits[0].to(dtype), "b": logits[1].to(dtype)})
        assert space.labels.tolist() == [[1, 1], [0, 1]]
    labels = torch.tensor([[0, 1], [1, 1]])
    assert read.from_labels(labels).distances().counts[0, 1] == 1


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def in_half(kind, logits):
    """Probabilities as a library computes them in a type."""
    library, dtype = kind.split(".")
    if library == "numpy":
        return softmax(logits.astype(dtype))
    if library == "jax":
        jax = pytest.importorskip("jax")
        return jax.nn.softmax(jax.numpy.asarray(logits, dtype))
    torch = pytest.importorskip("torch")
    return torch.softmax(torch.tensor(logits).to(getattr(torch, dtype)), dim=-1)


KINDS_OF_FLOATS = {
    "numpy.float16": 2**-10, "torch.float16": 2**-10, "torch.bfloat16": 2**-7,
    "jax.float16": 2**-10, "numpy.float32": 2**-23, "torch.float32": 2**-23,
    "jax.float32": 2**-23, "numpy.float64": 2**-52, "torch.float64": 2**-52,
}  # fmt: skip


@pytest.mark.parametrize("K", [2, 10, 1000])
@pytest.mark.parametrize("kind", KINDS_OF_FLOATS)
def test_probabilities_of_every_precision_are_taken(kind, K):
    logits = 3 * np.random.default_rng(K).normal(size=(2, 50, K))
    exact, step = softmax(logits), KINDS_OF_FLOATS[kind]
    parts = [in_half(kind, part) for part in logits]
    for given in (in_half(kind, logits), parts, dict(enumerate(parts))):
        space = read.from_probs(given)
        np.testing.assert_allclose(space._soft.sum(axis=-1), 1, rtol=0, atol=1e-12)
        tv = np.abs(exact[0] - exact[1]).sum(axis=-1).mean() / 2
        assert space.distances("tv").condensed()[0] == pytest.approx(tv, abs=20 * step + 1e-14)


@pytest.mark.parametrize("kind", ["numpy.float16", "torch.float16", "torch.bfloat16"])
def test_the_slack_is_that_of_the_type(kind):
    step = KINDS_OF_FLOATS[kind]
    probs = in_half(kind, np.zeros((1, 2, 4)))
    read.from_probs(probs * (1 + 2 * step))
    with pytest.raises(ValueError, match=r"add up to 1 .*: divide each row by its sum"):
        read.from_probs(probs * (1 + 8 * step))
    # In double precision the same numbers are no probabilities.
    with pytest.raises(ValueError, match="within 1e-06"):
        read.from_probs(np.full((1, 2, 4), 0.25) * (1 + 2 * step))


def test_probabilities_in_double_precision_stay_as_they_are():
    probs = np.random.default_rng(0).dirichlet(np.ones(5), size=(3, 40))
    np.testing.assert_array_equal(read.from_probs(probs)._soft, probs)
    halves = np.float16([[[0.1, 0.9], [0.3, 0.7]]])
    read.from_probs(halves)
    np.testing.assert_array_equal(halves, np.float16([[[0.1, 0.9], [0.3, 0.7]]]))


def test_probabilities_are_not_taken_for_logits():
    """A softmax of probabilities would be a network that is never sure."""
    probs = softmax(3 * np.random.default_rng(0).normal(size=(2, 30, 4)))
    mixed = {"raw": np.log(probs[0]), "sure": probs[1]}
    way = "found probabilities for 'sure': leave the softmax out, or hand them to `from_probs`"
    with pytest.raises(ValueError, match=way):
        read.from_logits(mixed, soft=True)
    acc = read.builder("logits", soft=True)
    for rows in (slice(0, 1), slice(1, 30)):
        acc.update({name: scores[rows] for name, scores in mixed.items()})
    with pytest.raises(ValueError, match=way):
        acc.result()
    # One sample that is no probability tells that all are scores.
    acc.update({"raw": np.log(probs[0]), "sure": 2 * probs[1]})
    assert acc.result().n_samples == 60
    assert read.from_logits(mixed).labels[1].tolist() == probs[1].argmax(axis=1).tolist()
