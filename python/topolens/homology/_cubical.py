"""Persistent homology of images: arrays of one to four axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_image
from topolens._calls import Progress, as_choice, as_coeff, as_count, gate
from topolens.homology._results import CONSTRUCTIONS, Construction, CubicalResult


def cubical(
    image: ArrayLike,
    *,
    construction: Construction = "V",
    sublevel: bool = True,
    maxdim: int | None = None,
    coeff: int = 2,
    locations: bool = False,
    periodic: bool | Sequence[bool] | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> CubicalResult:
    """Compute the persistence diagrams of an image by its sublevel sets.

    Parameters
    ----------
    image : array_like, one to four axes
        Values of voxels. float32 and float64 are taken as they are, smaller types as
        float32, larger ones as float64; any strides will do. Voxels at ``inf`` never
        enter, those at ``-inf`` are there from the start.
    construction : {"V", "T"}
        Whether voxels are the vertices of the cubical complex, so that neighbours share
        a face (4 neighbours in the plane, 6 in space), or its top cells, so that
        neighbours share at least a corner (8 and 26).
    sublevel : bool
        Let voxels enter from the smallest value up; if False, from the largest down,
        and births are larger than deaths.
    maxdim : int, optional
        Highest degree of homology; by default that of the last class there can be: one
        less than the axes, or as many as the axes if all of them are periodic.
    coeff : int
        Coefficients are integers modulo this prime, below 65536. In three and more
        dimensions diagrams may depend on it.
    locations : bool
        Return the voxels with which classes are born and die.
    periodic : bool or sequence of bool, optional
        Whether the last voxel of an axis is next to its first one, for each axis.
    n_threads : int, optional
        Threads to use; all by default. The result does not depend on it.
    progress : bool or callable
        Show a bar, or call a function with (done, total). What the function
        raises stops the computation.
    max_memory : int, optional
        Bytes that the job may take; what is available by default.

    Returns
    -------
    CubicalResult

    Raises
    ------
    ValueError
        If a voxel is NaN, an axis is empty, there are more than four axes, or an
        argument breaks its rule.
    MemoryError
        If the job does not fit `max_memory`.
    OverflowError
        If voxels or cells cannot be numbered by 32 bits.

    See Also
    --------
    cubical_batch : Many images.
    cubical_betti : Betti numbers at thresholds alone, faster.
    rips : Of points.
    topolens.sklearn.CubicalPersistence : The estimator.

    Notes
    -----
    A cell of the complex enters with the largest value of its vertices (V), or with the
    least value of the voxels that it bounds (T) [1]_. Bars are half-open, [birth, death);
    those of length zero are left out. Of voxels with equal values the one with the smaller
    index (in C order) enters first, which makes `locations` unique: the value at the death
    less the value at the birth is the length of the bar.

    Lines and planes need no more than the joining of components. In boxes with three
    axes over Z/2 the cells that a voxel brings are paired with each other, which leaves
    few critical ones [2]_; components and cavities follow the gradient to extrema, and
    tunnels are reduced among critical edges and squares [3]_; the T-construction is the
    dual of a V-construction. All other grids and fields reduce the coboundaries of all
    cells, which takes longer and about 24 bytes a cell. The bars, and their voxels, do
    not depend on the way.

    References
    ----------
    .. [1] A. Garin, T. Heiss, K. Maggs, B. Bleile, V. Robins, "Duality in persistent
       homology of images", arXiv 2005.04597 (2020).
    .. [2] V. Robins, P. J. Wood, A. P. Sheppard, "Theory and algorithms for constructing
       discrete Morse complexes from grayscale digital images", IEEE Trans. Pattern Anal.
       Mach. Intell. 33 (2011).
    .. [3] P. Guillou, J. Vidal, J. Tierny, "Discrete Morse sandwich: fast computation of
       persistence diagrams for scalar data", IEEE Trans. Vis. Comput. Graph. 30 (2024).

    Examples
    --------
    >>> import topolens as tl
    >>> ring = [[0.0, 1.0, 0.0], [2.0, 9.0, 1.0], [0.0, 1.0, 0.0]]
    >>> r = tl.cubical(ring, locations=True)
    >>> r[1]
    array([[2., 9.]])
    >>> r.locations[1].tolist()
    [[[1, 0], [1, 1]]]
    >>> r.betti_numbers([0.0, 1.0, 2.0])
    array([[4, 0],
           [1, 0],
           [1, 1]])
    """
    array = as_image(image)
    with gate("cubical", n_threads, progress, max_memory) as call:
        computed = _core.cubical(
            array,
            **_options(construction, sublevel, maxdim, coeff),
            periodic=_as_periodic(periodic, array.ndim),
            locations=bool(locations),
            **call,
        )
    return _as_result(
        computed, array.shape, locations, construction=construction, sublevel=sublevel, coeff=coeff
    )


def cubical_batch(
    images: Iterable[ArrayLike],
    *,
    construction: Construction = "V",
    sublevel: bool = True,
    maxdim: int | None = None,
    coeff: int = 2,
    locations: bool = False,
    periodic: bool | Sequence[bool] | None = None,
    n_threads: int | None = None,
    progress: Progress = False,
    max_memory: int | None = None,
) -> list[CubicalResult]:
    """Compute the persistence diagrams of several images side by side.

    Parameters
    ----------
    images : iterable of array_like
        Images, each as in :func:`cubical`, with equally many axes; the first axis of an
        array counts images.
    construction, sublevel, maxdim, coeff, locations, periodic
        As in :func:`cubical`, the same for all.
    n_threads, progress
        As in :func:`cubical`.
    max_memory : int, optional
        Bytes that all of them may take together; what is available by default.

    Returns
    -------
    list of CubicalResult
        In the order of the images; equal to those of :func:`cubical`.

    Raises
    ------
    ValueError, MemoryError, OverflowError
        As in :func:`cubical`, for the first image that is refused.

    See Also
    --------
    cubical : One image.
    cubical_betti : Betti numbers at thresholds alone, faster.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> feature_maps = np.random.default_rng(0).normal(size=(3, 8, 8))
    >>> [len(r[0]) for r in tl.homology.cubical_batch(feature_maps)]
    [14, 15, 11]
    """
    arrays = [as_image(image, "images") for image in images]
    if len({array.ndim for array in arrays}) > 1:
        found = sorted({array.ndim for array in arrays})
        raise ValueError(f"`images` must have equally many axes; found {found}")
    if any(array.dtype != np.float32 for array in arrays):
        arrays = [array.astype(np.float64, copy=False) for array in arrays]
    ndim = arrays[0].ndim if arrays else 0
    with gate("cubical_batch", n_threads, progress, max_memory) as call:
        computed = _core.cubical_batch(
            arrays,
            **_options(construction, sublevel, maxdim, coeff),
            periodic=_as_periodic(periodic, ndim),
            locations=bool(locations),
            **call,
        )
    return [
        _as_result(
            one, array.shape, locations, construction=construction, sublevel=sublevel, coeff=coeff
        )
        for one, array in zip(computed, arrays, strict=True)
    ]


def _options(construction: Any, sublevel: Any, maxdim: Any, coeff: Any) -> dict[str, Any]:
    return {
        "construction": as_choice(construction, "construction", CONSTRUCTIONS),
        "superlevel": not sublevel,
        "maxdim": None if maxdim is None else as_count(maxdim, "maxdim"),
        "coeff": as_coeff(coeff),
    }


def _as_periodic(periodic: Any, ndim: int) -> list[bool]:
    if periodic is None:
        return []
    flags = np.asarray(periodic)
    if flags.dtype != np.bool_ or flags.ndim > 1:
        raise TypeError(f"`periodic` must be a bool, or one for each axis; found {periodic!r}")
    return [bool(flags)] * ndim if flags.ndim == 0 else flags.tolist()


def _as_result(
    computed: _core._Cubical,
    shape: tuple[int, ...],
    locations: bool,
    *,
    construction: Construction,
    sublevel: bool,
    coeff: int,
) -> CubicalResult:
    dgms, voxels = computed
    return CubicalResult(
        dgms=dgms,
        shape=shape,
        construction=construction,
        sublevel=bool(sublevel),
        coeff=int(coeff),
        locations=[_indices(flat, shape) for flat in voxels] if locations else None,
    )


def _indices(flat: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Give the indices of voxels, -1 along all axes where there is none."""
    indices = np.stack(np.unravel_index(np.maximum(flat, 0), shape), axis=-1)
    indices[flat < 0] = -1
    return indices
