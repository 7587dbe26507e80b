"""Compare diagrams with GUDHI and spaces of networks with brute force, on random cases.

    python tests/long/rim.py [--rips 10000] [--images 2000] [--networks 1000] [--seed 0] [--first 0]

Each case is run once, and is made by its number and the seed alone. Prints the cases that differ
and their number; the exit code is 1 if there are any.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import floyd_warshall
from scipy.spatial.distance import cdist, squareform
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))
from ties import FAR, SPACES

import cubical_cases
import topolens as tl
from cases import INF, as_sparse, by_gudhi

ROUNDING = {"rtol": 0, "atol": 1e-12}
MOST = (60, 30, 16, 10)  # points, by the largest degree
FORMS = ("points", "square", "condensed", "sparse")

# --- Vietoris-Rips ------------------------------------------------------------------------------


def clouds(rng, n):
    """Points in general position, or on a line, a circle, a lattice, or all the same."""
    d = int(rng.integers(1, 5))
    X = rng.normal(size=(n, d)) * 10.0 ** rng.integers(-3, 4)
    kind = rng.integers(5)
    if kind == 1:
        X = X[:, :1] * rng.normal(size=d)
    elif kind == 2:
        X = np.column_stack([np.cos(X[:, 0]), np.sin(X[:, 0])])
    elif kind == 3:
        X = rng.integers(0, 4, (n, d)).astype(float)
    elif kind == 4:
        X = np.repeat(X[:1], n, axis=0)
    return X


def rips_case(rng):
    """One space in one form; what it was."""
    maxdim = int(rng.integers(4))
    n = int(rng.integers(1, MOST[maxdim] + 1))
    form = FORMS[rng.integers(len(FORMS))]
    general = form == "points" or rng.integers(2)
    if general:
        X = clouds(rng, n)
        D = tl.distances(X)
        np.testing.assert_allclose(D, cdist(X, X), rtol=1e-12, atol=1e-12 * np.abs(X).max())
    else:
        D = SPACES[rng.integers(len(SPACES))](rng, n)
    p = int(rng.choice([2, 3, 5, 7, 11]))
    entries = D[np.isfinite(D)]
    threshold = float(rng.choice([INF, rng.choice(entries), np.quantile(entries, rng.random())]))
    given = {"square": D, "condensed": squareform(D, checks=False), "sparse": as_sparse(D)}
    options = {"maxdim": maxdim, "threshold": threshold, "coeff": p}
    if form == "points":
        found = tl.rips(X, **options)
    else:
        found = tl.rips(given[form], metric="precomputed", **options)
    far = max(FAR, 4 * entries.max())
    expected = by_gudhi(np.minimum(D, far), maxdim, p, min(threshold, far / 2))
    for got, want in zip(found.dgms, expected, strict=True):
        np.testing.assert_array_equal(got, want)
    return f"rips {form}, degree {maxdim}"


# --- images -------------------------------------------------------------------------------------


def image_case(rng):
    """One array of any kind, type and layout; what it was."""
    d = int(rng.integers(1, 5))
    shape = cubical_cases.random_shape(rng, d)
    kinds, layouts = cubical_cases.KINDS, cubical_cases.LAYOUTS
    image = kinds[rng.choice(sorted(kinds))](rng, shape)
    dtype = np.dtype(rng.choice(cubical_cases.FLOATS + cubical_cases.INTEGERS))
    if dtype.kind in "iu" and image.dtype.kind == "f":
        image = np.round(9 * image) + (0 if dtype.kind == "i" else 64)
    image = image.astype(dtype)
    if dtype.kind == "f" and rng.integers(3) == 0:
        image[rng.random(shape) < 0.15] = INF
        image[rng.random(shape) < 0.15] = -INF
    construction, p = "VT"[rng.integers(2)], int(rng.choice([2, 3, 5, 11]))
    periodic = rng.integers(2, size=d).astype(bool).tolist() if rng.integers(3) == 0 else None
    result = tl.cubical(
        layouts[rng.choice(sorted(layouts))](image),
        construction=construction,
        periodic=periodic,
        coeff=p,
        locations=True,
    )
    cubical_cases.assert_same(result, cubical_cases.by_gudhi(image, construction, periodic, p))
    cubical_cases.assert_located(image, result)
    return f"images {d} axes, {construction}"


# --- networks -----------------------------------------------------------------------------------


def one_pair(a, b, y, v, compare, missing):
    """The distance of two networks, sample by sample."""
    total, apart = 0.0, 0.0
    by_class = {}
    for one, other, truth, weight in zip(a, b, y, v, strict=True):
        if missing == "pairwise" and (one < 0 or other < 0):
            continue
        right = (one == truth, other == truth)
        differ = right[0] != right[1] if compare == "correctness" else one != other
        total += weight
        apart += weight * differ
        counted = by_class.setdefault(truth, [0.0, 0.0])
        counted[0] += weight * differ
        counted[1] += weight
    shares = [differ / weight for differ, weight in by_class.values()]
    return {"balanced": np.mean(shares), "worst_class": max(shares)}.get(compare, apart / total)


def check_quotients(D, rng):
    """Classes of networks near each other, and their induced distances, from the matrix alone."""
    values = D.values
    eps = float(rng.choice([0.0, rng.choice(values.ravel()), rng.random()]))
    method = rng.choice(["single", "complete", "net"])
    found = D.quotient(eps, str(method))
    members = [np.flatnonzero(found.labels == c) for c in range(len(found))]
    assert sorted(np.concatenate(members).tolist()) == list(range(len(values)))
    chosen = found.representatives
    if method == "single" and len(values) > 1:
        flat = fcluster(linkage(D.condensed(), "single"), eps, "distance")
        np.testing.assert_array_equal(flat[:, None] == flat, found.labels[:, None] == found.labels)
    elif method == "complete":
        assert max(values[np.ix_(m, m)].max() for m in members) <= eps + 1e-15
    elif method == "net":
        apart = values[np.ix_(chosen, chosen)][np.triu_indices(len(chosen), 1)]
        assert (apart > eps).all()
        assert (values[np.arange(len(values)), chosen[found.labels]] <= eps).all()
    blocks = [[values[np.ix_(a, b)] for b in members] for a in members]
    gaps = np.array([[block.min() for block in row] for row in blocks])
    expected = {
        "representative": values[np.ix_(chosen, chosen)],
        "chain": floyd_warshall(np.where(gaps == 0, 1e-300, gaps)),
        "hausdorff": [[max(b.min(0).max(), b.min(1).max()) for b in row] for row in blocks],
    }
    for induced, want in expected.items():
        got = D.quotient(eps, str(method), induced).distances
        np.testing.assert_allclose(got, want, **ROUNDING)


def networks_case(rng):
    """One set of networks with one policy for missing predictions; what it was."""
    M, n, K = (int(rng.integers(*ends)) for ends in ((2, 10), (1, 40), (1, 6)))
    missing = str(rng.choice(["own_label", "drop_samples", "pairwise"]))
    compare = str(rng.choice(["disagreement", "correctness", "balanced", "worst_class"]))
    if missing == "pairwise" and compare not in ("disagreement", "correctness"):
        compare = "disagreement"  # classes of other samples for each pair are refused
    y = rng.integers(K, size=n)
    # A few networks in many copies, so that there is something to gather.
    labels = rng.integers(K, size=(M, n))[rng.integers(M, size=M)]
    labels[rng.random((M, n)) < rng.choice([0.0, 0.1])] = -1
    labels[:, 0] = np.maximum(labels[:, 0], 0)
    weights = rng.random(n) + 0.1 if rng.integers(2) else None
    v = np.ones(n) if weights is None else weights
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pairwise deletion is no metric, and says so
        space = tl.NetworkSpace.from_labels(
            labels, y=y, weights=weights, n_classes=K, missing=missing
        )
        D = space.distances(compare)
    if missing == "drop_samples":
        kept = (labels >= 0).all(axis=0)
        labels, y, v = labels[:, kept], y[kept], v[kept]
    expected = [[one_pair(a, b, y, v, compare, missing) for b in labels] for a in labels]
    if missing == "pairwise":
        np.fill_diagonal(expected := np.array(expected), 0)
    np.testing.assert_allclose(D.values, expected, **ROUNDING)
    if D.is_metric:
        check_quotients(D, rng)
    return f"networks {compare}, {missing}"


KINDS = {"rips": rips_case, "images": image_case, "networks": networks_case}


def differences(kind, cases, seed, counts):
    """Run cases of a kind; name those whose answers differ."""
    found = []
    for case in cases:
        try:
            counts[KINDS[kind](np.random.default_rng([seed, case]))] += 1
        except Exception as error:
            found.append(f"{kind} case {case} of seed {seed}: {error!r}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for kind, count in (("rips", 10_000), ("images", 2_000), ("networks", 1_000)):
        parser.add_argument(f"--{kind}", type=int, default=count, metavar="CASES")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first case")
    options = parser.parse_args()
    counts, found = Counter(), []
    for kind in KINDS:
        cases = range(options.first, options.first + getattr(options, kind))
        found += differences(kind, tqdm(cases, desc=kind), options.seed, counts)
    for what, count in sorted(counts.items()):
        print(f"{count:8} {what}")
    print(*found, f"{len(found)} differences in {counts.total() + len(found)} cases", sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
