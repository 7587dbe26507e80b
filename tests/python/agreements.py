"""How the answers of two packages are to agree, as docs/howto/coming_from.md says that they do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gudhi
import numpy as np

import topolens as tl
from oracle import check_cocycles

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "coming_from.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)
SINGLE = 1e-6  # relative; numbers that went through float32
ROUNDING = 1e-11

_INPUTS: dict[str, Any] = {}


def inputs() -> dict[str, Any]:
    """What the first block of the page defines."""
    if not _INPUTS:
        exec(BLOCK.search(PAGE.read_text(encoding="utf-8"))[1], _INPUTS)
    return _INPUTS


def close(rtol: float = ROUNDING) -> Callable[[Any, Any], None]:
    """The same numbers in the same order."""

    def check(theirs: Any, ours: Any) -> None:
        theirs, ours = np.asarray(theirs, float), np.asarray(ours, float)
        assert theirs.shape == ours.shape
        assert np.isfinite(theirs).all()
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())

    return check


def bars(rtol: float = ROUNDING, degrees: int = 2) -> Callable[[Any, Any], None]:
    """The same bars in every degree, in any order, without those of no length."""

    def check(theirs: Any, ours: Any) -> None:
        assert len(theirs) == len(ours) == degrees
        for one, other in zip(theirs, ours, strict=True):
            first, second = tidy(one, rtol), tidy(other, rtol)
            assert len(first) == len(second) > 0
            np.testing.assert_allclose(second, first, rtol=rtol, atol=rtol)

    return check


def tidy(dgm: Any, shortest: float) -> np.ndarray:
    dgm = np.asarray(dgm, float).reshape(-1, 2)
    dgm = dgm[dgm[:, 1] - dgm[:, 0] > shortest]
    return dgm[np.lexsort((dgm[:, 0], dgm[:, 1]))]


def one_diagram(rtol: float = ROUNDING) -> Callable[[Any, Any], None]:
    same = bars(rtol, degrees=1)
    return lambda theirs, ours: same([theirs], [ours])


def by_degree(theirs: Any, ours: Any) -> None:
    """Giotto's rows (birth, death, degree), with one class fewer in degree 0 and fillers."""
    [rows] = np.asarray(theirs, float)
    ours = [ours[0][np.isfinite(ours[0][:, 1])], *ours[1:]]
    bars(SINGLE, len(ours))([rows[rows[:, 2] == d, :2] for d in range(len(ours))], ours)


def cocycles(theirs: Any, ours: Any) -> None:
    """Both lists represent the bars that they stand beside."""
    K = inputs()["K"]
    check_cocycles(K, theirs["dgms"][1], theirs["cocycles"][1], 2)
    check_cocycles(K, ours[1], ours.cocycles[1], 2)


def covering(theirs: Any, ours: Any) -> None:
    """Either is within twice its covering radius of the diagram of all points."""
    whole = tl.rips(inputs()["X"])[1]
    for dgm, radius in ((theirs["dgms"][1], theirs["r_cover"]), (ours[1], ours.covering_radius)):
        assert 0 < tl.bottleneck_distance(np.asarray(dgm), whole) <= 2 * radius


def sparse(theirs: Any, ours: Any) -> None:
    """GUDHI promises a factor of 1 / (1 - 0.3), we one of 1.3; deaths come late, not early."""
    whole = np.log(tl.rips(inputs()["X"])[1])
    for dgm, factor in ((theirs, 1 / 0.7), (ours, 1.3)):
        assert gudhi.bottleneck_distance(np.log(dgm), whole) <= np.log(factor)
    assert gudhi.bottleneck_distance(np.log(ours), whole) > 0


def farthest(theirs: Any, ours: Any) -> None:
    """Both are spread out: any two of them are at least as far apart as any point is from them."""
    X = inputs()["X"]
    for chosen in (np.asarray(theirs), X[ours.indices]):
        apart = tl.distances(chosen)[np.triu_indices(len(chosen), 1)].min()
        gaps = np.linalg.norm(X[:, None] - chosen[None], axis=2).min(axis=1)
        assert len(chosen) == 10 and apart >= gaps.max() > 0


def within(share: float) -> Callable[[Any, Any], None]:
    """Numbers that differ, by less than a share of the largest."""

    def check(theirs: Any, ours: Any) -> None:
        theirs, ours = np.asarray(theirs, float), np.asarray(ours, float)
        assert theirs.shape == ours.shape
        error = np.abs(theirs - ours).max()
        assert 0 < error <= share * np.abs(ours).max(), error / np.abs(ours).max()

    return check


def voxels(theirs: Any, ours: Any) -> None:
    """The same pairs of voxels in degree 1, and the same voxel without a partner."""
    shape = inputs()["image"].shape
    pairs, alone = np.asarray(theirs[0][1]), np.asarray(theirs[1][0])
    flat = [
        np.ravel_multi_index(tuple(place.T), shape, order="F") for place in ours[1].reshape(-1, 2)
    ]
    found = np.array(flat).reshape(-1, 2)
    assert sorted(map(tuple, pairs)) == sorted(map(tuple, found.tolist())) and len(found) > 3
    [essential] = [place[0] for place in ours[0] if (place[1] == -1).all()]
    assert alone.tolist() == [np.ravel_multi_index(tuple(essential), shape, order="F")]
