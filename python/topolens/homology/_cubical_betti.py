"""Betti numbers of images at thresholds, without persistence diagrams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_image, as_values
from topolens._calls import Progress, as_choice, gate
from topolens._html import table_html
from topolens.homology._results import CONSTRUCTIONS, Construction


def cubical_betti(
    X: ArrayLike,
    thresholds: ArrayLike,
    *,
    construction: Construction = "V",
    sublevel: bool = True,
    batch: bool = False,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> CubicalBetti:
    """Count the Betti numbers of the sublevel sets of an image at thresholds.

    Parameters
    ----------
    X : array_like, one to four axes, or one more with ``batch=True``
        Values of voxels, as in :func:`cubical`.
    thresholds : float or array_like, shape (t,)
        Values up to which voxels are taken, in the unit of `X`; infinite ones too. At
        ``inf`` that is all voxels that ever enter, those at ``inf`` never do.
    construction : {"V", "T"}
        Whether voxels are vertices of the cubical complex or its top cells, as in
        :func:`cubical`.
    sublevel : bool
        Take voxels up to the thresholds; if False, from the thresholds on.
    batch : bool
        The first axis of `X` counts images.
    n_threads : int, optional
        Threads to use; all by default. The result does not depend on it. Each takes an
        image at a threshold at a time.
    progress : bool or callable
        Show a bar, or call a function with (done, total). What the function
        raises stops the computation.
    max_memory : int, optional
        Bytes that the job may take; what is available by default.

    Returns
    -------
    CubicalBetti

    Raises
    ------
    ValueError
        If a voxel or a threshold is NaN, an axis is empty, or there are too few or too
        many axes.
    MemoryError
        If the job does not fit `max_memory`.

    See Also
    --------
    cubical : All thresholds at once.
    hop_betti : Of points, at one scale.
    topolens.profiles.cubical_profile : Of every layer of a network.

    Notes
    -----
    The numbers equal those of the bars of :func:`cubical` with birth <= threshold < death.
    With up to three axes nothing is reduced: β0 counts components, β2 the components of
    the rest from which no path leads outside (Alexander duality), and the Euler
    characteristic χ gives β1 = β0 + β2 - χ. They are those over any field. With four axes,
    the bars over Z/2 are counted, which takes much longer.

    References
    ----------
    .. [1] S. Suresh, B. Das, V. Abrol, S. Dutta Roy, "On characterizing the evolution of
       embedding space of neural networks using algebraic topology", Pattern Recognition
       Letters 179 (2024), where networks are followed by these numbers.
    .. [2] T. Y. Kong, A. Rosenfeld, "Digital topology: introduction and survey", Computer
       Vision, Graphics, and Image Processing 48 (1989): 6 neighbours within, 26 around.

    Examples
    --------
    >>> import topolens as tl
    >>> ring = [[0.0, 1.0, 0.0], [2.0, 9.0, 1.0], [0.0, 1.0, 0.0]]
    >>> b = tl.cubical_betti(ring, [0.0, 1.0, 2.0, 9.0])
    >>> b.betti_numbers
    array([[4, 0],
           [1, 0],
           [1, 1],
           [1, 0]])
    >>> b.euler_characteristic
    array([4, 1, 0, 1])

    A batch of feature maps, channel by channel:

    >>> import numpy as np
    >>> maps = np.random.default_rng(0).normal(size=(3, 8, 8))
    >>> tl.cubical_betti(maps, 0.0, batch=True).total
    array([6, 7, 4])
    """
    images = as_image(X, "X")
    if batch and images.ndim == 0:
        raise ValueError("`X` must have an axis that counts images; found none")
    levels = as_values(thresholds, "thresholds")
    if levels.ndim > 1 or levels.size == 0:
        raise ValueError(
            f"`thresholds` must be a number or have shape (t,), t > 0; found {levels.shape}"
        )
    with gate("cubical_betti", n_threads, progress, max_memory) as call:
        betti, euler = _core.cubical_betti(
            images,
            levels.reshape(-1),
            construction=as_choice(construction, "construction", CONSTRUCTIONS),
            superlevel=not sublevel,
            batch=bool(batch),
            **call,
        )
    shape = (images.shape[:1] if batch else ()) + levels.shape
    return CubicalBetti(
        thresholds=levels,
        betti_numbers=betti.reshape(*shape, betti.shape[-1]),
        euler_characteristic=euler.reshape(shape),
        construction=construction,
        sublevel=bool(sublevel),
    )


@dataclass(frozen=True, eq=False)
class CubicalBetti:
    """Betti numbers of sublevel sets of an image, or of several.

    Attributes
    ----------
    thresholds : ndarray of float64, shape (t,) or ()
        Values up to which voxels were taken.
    betti_numbers : ndarray of int64, shape (..., t, ndim) or (..., ndim)
        By image, if there are several, threshold and degree, as many as axes.
    euler_characteristic : ndarray of int64, shape (..., t) or (...)
        Alternating sum of the Betti numbers.
    construction : str
        "V" if voxels are vertices, "T" if they are top cells.
    sublevel : bool
        Whether voxels up to the thresholds were taken, or from them on.
    """

    thresholds: np.ndarray
    betti_numbers: np.ndarray
    euler_characteristic: np.ndarray
    construction: Construction = "V"
    sublevel: bool = True

    @property
    def total(self) -> np.ndarray:
        """Sum of the Betti numbers over all degrees, shape (..., t) or (...)."""
        return self.betti_numbers.sum(axis=-1)

    def to_columns(self) -> dict[str, np.ndarray]:
        """All numbers as columns, for pandas.DataFrame or polars.DataFrame."""
        table = self.betti_numbers.reshape(-1, self.thresholds.size, self.betti_numbers.shape[-1])
        image, threshold, degree = np.indices(table.shape).reshape(3, -1)
        return {
            "image": image,
            "threshold": self.thresholds.reshape(-1)[threshold],
            "degree": degree,
            "betti_number": table.reshape(-1).copy(),
        }

    def __repr__(self) -> str:
        """One line with the shape of the numbers."""
        images = self.betti_numbers.shape[: -1 - self.thresholds.ndim]
        batch = f", images={images[0]}" if images else ""
        return (
            f"CubicalBetti(thresholds={self.thresholds.size}, "
            f"degrees={self.betti_numbers.shape[-1]}{batch}, construction={self.construction!r})"
        )

    def _repr_html_(self) -> str:
        table = self.betti_numbers.reshape(-1, self.thresholds.size, self.betti_numbers.shape[-1])
        names = [f"&beta;<sub>{degree}</sub>" for degree in range(table.shape[-1])]
        levels = zip(self.thresholds.reshape(-1), table.mean(axis=0), strict=True)
        rows = [[f"{level:.6g}", *(f"{x:.6g}" for x in means)] for level, means in levels]
        sets = "sublevel" if self.sublevel else "superlevel"
        of = f", means of {len(table)} images" if len(table) != 1 else ""
        caption = f"{sets} sets, {self.construction}-construction{of}"
        return table_html(["threshold", *names], rows, caption=caption)
