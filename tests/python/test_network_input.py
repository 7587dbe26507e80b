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
            r"`probs` must add up to 1 for each sample; found 1.1 at \[0\] for 0",
        ),
        (lambda: read.from_probs([[[1.5, -0.5]]]), ValueError, "non-negative; found -0.5"),
        (lambda: read.from_probs([[[np.nan, 0.5]]]), ValueError, "must be finite; found nan"),
        (lambda: read.from_outputs([[1.0, np.inf]]), ValueError, "must be finite; found inf"),
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
