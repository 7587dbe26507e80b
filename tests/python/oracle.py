"""Slow, explicit persistence by boundary matrices; shares no code with topolens.

A space is a dense symmetric matrix ``D`` of distances, ``np.inf`` marking a missing edge.
A chain or cochain is a dict from simplex (increasing tuple of vertices) to coefficient mod p.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

# --- complexes ----------------------------------------------------------------------------------


def diameter(D, simplex):
    """Largest distance between vertices of the simplex."""
    return max((float(D[i, j]) for i, j in combinations(simplex, 2)), default=0.0)


def simplices(D, dim, threshold=np.inf):
    """All simplices of one dimension with diameter at most `threshold`, with their diameters."""
    faces = ((s, diameter(D, s)) for s in combinations(range(len(D)), dim + 1))
    return {s: d for s, d in faces if d <= threshold and d < np.inf}


def boundary(simplex, p):
    """The boundary of a simplex as a chain."""
    if len(simplex) == 1:
        return {}
    return {simplex[:i] + simplex[i + 1 :]: (-1) ** i % p for i in range(len(simplex))}


# --- spaces with torsion ------------------------------------------------------------------------

PROJECTIVE_PLANE = [
    (0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 5), (0, 5, 1),
    (1, 2, 4), (2, 3, 5), (3, 4, 1), (4, 5, 2), (5, 1, 3),
]  # fmt: skip

# A disk whose rim, a nonagon, goes three times round the triangle 0, 1, 2.
MOORE_SPACE = [
    triangle
    for i, j in zip(range(9), [*range(1, 9), 0], strict=True)
    for triangle in ((i % 3, j % 3, 3 + i), (j % 3, 3 + i, 3 + j), (3 + i, 3 + j, 12))
]


def subdivision(triangles):
    """Distances whose complex at scale 1 is the barycentric subdivision of a triangulation."""
    faces = {frozenset(f) for t in triangles for d in (1, 2, 3) for f in combinations(t, d)}
    faces = sorted(faces, key=lambda f: (len(f), sorted(f)))
    nested = np.array([[a <= b or b <= a for a in faces] for b in faces])
    return np.where(np.eye(len(faces)), 0.0, np.where(nested, 1.0, np.inf))


# --- linear algebra over F_p --------------------------------------------------------------------


def add(vector, other, factor, p):
    """Add `factor` times `other` to `vector`, in place."""
    for key, value in other.items():
        total = (vector.get(key, 0) + factor * value) % p
        if total:
            vector[key] = total
        else:
            vector.pop(key, None)


def eliminate(vector, basis, p):
    """Reduce `vector` against `basis` (pivot -> vector), in place; return its pivot or None."""
    while vector:
        pivot = max(vector)
        if pivot not in basis:
            return pivot
        add(vector, basis[pivot], -vector[pivot] * pow(basis[pivot][pivot], -1, p), p)
    return None


def span(vectors, p):
    """A basis, pivot -> vector, of the span of sparse vectors."""
    basis = {}
    for vector in vectors:
        vector = dict(vector)
        pivot = eliminate(vector, basis, p)
        if pivot is not None:
            basis[pivot] = vector
    return basis


# --- homology -----------------------------------------------------------------------------------


def persistence(D, maxdim=1, threshold=np.inf, p=2):
    """Persistence diagrams by the standard column reduction.

    Returns one (k, 2) array for each dimension, sorted by (birth, death), without bars of length
    zero.
    """
    found = {s: d for dim in range(maxdim + 2) for s, d in simplices(D, dim, threshold).items()}
    order = sorted(found, key=lambda s: (found[s], len(s), s))
    position = {s: i for i, s in enumerate(order)}

    reduced, unpaired = {}, set()
    bars = [[] for _ in range(maxdim + 1)]
    for simplex in order:
        column = {position[face]: c for face, c in boundary(simplex, p).items()}
        pivot = eliminate(column, reduced, p)
        if pivot is None:
            unpaired.add(simplex)
            continue
        reduced[pivot] = column
        born = order[pivot]
        unpaired.remove(born)
        bars[len(born) - 1].append((found[born], found[simplex]))
    for simplex in unpaired:
        if len(simplex) <= maxdim + 1:
            bars[len(simplex) - 1].append((found[simplex], np.inf))
    return [
        np.array(sorted(bar for bar in dim if bar[0] < bar[1]), dtype=float).reshape(-1, 2)
        for dim in bars
    ]


def betti_by_rank(D, scale, maxdim=1, p=2):
    """Betti numbers of the complex at one scale, from the ranks of its boundary matrices."""
    layers = [simplices(D, dim, scale) for dim in range(maxdim + 2)]
    ranks = [len(span((boundary(s, p) for s in layer), p)) for layer in layers]
    return [len(layers[d]) - ranks[d] - ranks[d + 1] for d in range(maxdim + 1)]


# --- cocycles -----------------------------------------------------------------------------------


def as_cochain(cocycle, p):
    """Turn rows ``[vertices..., value]`` into a cochain on increasing simplices."""
    cochain = {}
    for *vertices, value in np.asarray(cocycle).astype(int).tolist():
        inversions = sum(a > b for a, b in combinations(vertices, 2))
        simplex = tuple(sorted(vertices))
        assert len(set(simplex)) == len(simplex), f"{vertices} repeats a vertex"
        assert simplex not in cochain, f"{vertices} is listed twice"
        assert value % p, f"{vertices} has value {value}, which is 0 mod {p}"
        cochain[simplex] = (-1) ** inversions * value % p
    return cochain


def coboundary(cochain, cofaces, p):
    """The values of the coboundary on each of `cofaces`, zeros left out."""
    values = {s: sum(c * cochain.get(f, 0) for f, c in boundary(s, p).items()) for s in cofaces}
    return {s: value % p for s, value in values.items() if value % p}


def coboundaries(D, dim, scale, p):
    """A basis of the coboundaries among the cochains of dimension `dim` at one scale."""
    cofaces = simplices(D, dim, scale)
    return span((coboundary({s: 1}, cofaces, p) for s in simplices(D, dim - 1, scale)), p)


def restrict(cochain, D, scale):
    """The cochain on the simplices of diameter at most `scale`."""
    return {s: c for s, c in cochain.items() if diameter(D, s) <= scale}


def check_cocycle(D, cocycle, birth, death, p):
    """Assert that a cocycle represents the bar [birth, death).

    On the simplices of diameter below `death` it must be a cocycle (hence at every scale before
    `death`); its class must be zero before `birth` and not zero at `birth`; and no choice of
    values on the simplices of diameter `death` may extend it to a cocycle at `death`.
    """
    dim = np.asarray(cocycle).shape[1] - 2
    cochain = as_cochain(cocycle, p)
    assert all(diameter(D, s) < np.inf for s in cochain), "lives on a missing edge"
    assert all(diameter(D, s) < death for s in cochain), "has simplices born at death or later"

    alive = [s for s, d in simplices(D, dim + 1).items() if d < death]
    assert not coboundary(cochain, alive, p), "is not a cocycle"

    at_birth = restrict(cochain, D, birth)
    assert eliminate(at_birth, coboundaries(D, dim, birth, p), p) is not None, "trivial at birth"
    before = np.nextafter(birth, -np.inf)
    earlier = restrict(cochain, D, before)
    assert eliminate(earlier, coboundaries(D, dim, before, p), p) is None, "alive before birth"

    if death < np.inf:
        cofaces = simplices(D, dim + 1, death)
        new = [s for s, d in simplices(D, dim, death).items() if d == death]
        corrections = span((coboundary({s: 1}, cofaces, p) for s in new), p)
        defect = coboundary(cochain, cofaces, p)
        assert eliminate(defect, corrections, p) is not None, "extends beyond death"


def check_cocycles(D, diagram, cocycles, p):
    """Check every cocycle of a diagram, and that those alive together are independent."""
    assert len(cocycles) == len(diagram), "not one cocycle for each bar"
    for cocycle, (birth, death) in zip(cocycles, diagram, strict=True):
        check_cocycle(D, cocycle, birth, death, p)
    for scale in {birth for birth, _ in diagram}:
        alive = [
            restrict(as_cochain(cocycle, p), D, scale)
            for cocycle, (birth, death) in zip(cocycles, diagram, strict=True)
            if birth <= scale < death
        ]
        basis = coboundaries(D, np.asarray(cocycles[0]).shape[1] - 2, scale, p)
        for cochain in alive:
            pivot = eliminate(cochain, basis, p)
            assert pivot is not None, f"cocycles alive at {scale} depend on each other"
            basis[pivot] = cochain


def joined_neighbors(D, k):
    """Who is joined: every point chose itself, then the nearest others, ties by index."""
    own = D.copy()
    np.fill_diagonal(own, -1)
    nearest = np.argsort(own, axis=1, kind="stable")[:, :k]
    joined = np.zeros(D.shape, dtype=bool)
    np.put_along_axis(joined, nearest, True, axis=1)
    joined |= joined.T
    np.fill_diagonal(joined, False)
    return joined
