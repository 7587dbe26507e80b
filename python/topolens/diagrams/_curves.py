"""Persistence diagrams as curves, landscapes and images."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from topolens import _core
from topolens._arrays import as_values
from topolens._calls import as_choice, as_count, as_number, as_threads, memory_limit
from topolens.diagrams._essential import Essential, as_finite_diagram
from topolens.diagrams._grids import as_grid, as_resolution, check_reach, image_ranges
from topolens.diagrams._reading import DiagramLike, as_diagram, as_diagrams

Pixels = Literal["integral", "density"]
Weight = Literal["linear"] | float | Callable[[np.ndarray, np.ndarray], ArrayLike]

PIXELS: tuple[str, ...] = get_args(Pixels)


def betti_curve(dgm: DiagramLike, grid: ArrayLike, *, degree: int | None = None) -> np.ndarray:
    """Count the classes alive at each point of a grid.

    Parameters
    ----------
    dgm : array_like, shape (k, 2), or diagrams of several degrees
        Rows (birth, death) from anywhere: an array or tensor, a result of :func:`rips` or
        :func:`cubical`, a list of arrays by degree as ripser and persim use, gudhi's list of
        (degree, (birth, death)), giotto's rows (birth, death, degree), or a table with columns
        birth, death and perhaps degree. Superlevel results are read as sublevel sets of the
        negated image, and `grid` with them.
    grid : array_like, shape (g,)
        Ascending filtration values.
    degree : int, optional
        The degree to take; needed where `dgm` has several.

    Returns
    -------
    ndarray of int64, shape (g,)
        The number of bars with ``birth <= t < death`` at each t of the grid. Essential classes
        are alive from their birth on.

    Raises
    ------
    ValueError
        If `dgm` is no diagram, or `grid` is empty, not finite, not ascending, or goes beyond
        the threshold that cut off the filtration of a result.

    See Also
    --------
    euler_curve : All degrees with alternating signs.
    landscape, silhouette : Curves that are stable.
    topolens.sklearn.BettiCurve : The estimator.

    Examples
    --------
    >>> import topolens as tl
    >>> tl.diagrams.betti_curve([[0.0, 2.0], [1.0, float("inf")]], [0.0, 1.0, 2.0, 3.0])
    array([1, 2, 1, 1])
    """
    bars, points = as_diagram(dgm, degree=degree), as_grid(grid)
    check_reach(dgm, points, "dgm")
    return _core.betti_curves([bars], points, n_threads=1)[0]


def euler_curve(dgms: DiagramLike, grid: ArrayLike) -> np.ndarray:
    """Sum the Betti curves of all degrees with alternating signs.

    Parameters
    ----------
    dgms : result or list of array_like, shape (k, 2)
        Diagrams of degrees 0, 1, 2, ..., as in :func:`betti_curve`; one array is degree 0.
    grid : array_like, shape (g,)
        Ascending filtration values.

    Returns
    -------
    ndarray of int64, shape (g,)
        β₀(t) - β₁(t) + β₂(t) - ...

    Raises
    ------
    ValueError
        As in :func:`betti_curve`.

    See Also
    --------
    betti_curve : One degree.
    topolens.homology.cubical_betti : Of images, without diagrams.

    Notes
    -----
    This is the Euler characteristic of the complex at t, provided that `dgms` has all degrees in
    which the complex has homology. Diagrams up to degree `maxdim` give the sum up to there.

    Examples
    --------
    >>> import topolens as tl
    >>> square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    >>> tl.diagrams.euler_curve(tl.rips(square), [0.5, 1.0, 1.5])
    array([4, 0, 1])
    """
    read, points = as_diagrams(dgms), as_grid(grid)
    check_reach(dgms, points, "dgms")
    curves = _core.betti_curves(read, points, n_threads=1)
    signs = np.where(np.arange(len(curves)) % 2, -1, 1)
    return signs @ curves


def landscape(
    dgm: DiagramLike,
    k: int = 5,
    *,
    grid: ArrayLike,
    degree: int | None = None,
    essential: Essential = None,
    max_memory: int | None = None,
) -> np.ndarray:
    """Evaluate the first persistence landscapes, exactly, at the points of a grid.

    Parameters
    ----------
    dgm, degree
        As in :func:`betti_curve`.
    k : int
        Number of landscapes, at least 1.
    grid : array_like, shape (g,)
        Ascending filtration values.
    essential : {None, "drop"} or float
        What becomes of essential classes (and of classes born at -inf): None refuses them,
        "drop" leaves them out, a number ends them there. ``inf`` keeps them as they are: their
        tents rise for ever.
    max_memory : int, optional
        Bytes that the result may take; what is available by default.

    Returns
    -------
    ndarray of float64, shape (k, g)
        λ₁, ..., λ_k; 0 beyond the number of bars.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or there are essential classes and no rule for them.
    MemoryError
        If the result does not fit `max_memory`.

    See Also
    --------
    silhouette, betti_curve : Other curves.
    landscape_distance : Of two diagrams, without a grid.
    landscape_band : Around the mean of many.
    topolens.sklearn.PersistenceLandscape : The estimator.

    Notes
    -----
    λ_k(t) is the k-th largest of the tents max(0, min(t - birth, death - t)) [1]_. Landscapes
    move by at most the bottleneck distance of the diagrams, at every t. Other packages scale
    them by √2 (gudhi), or round them to their grid.

    References
    ----------
    .. [1] P. Bubenik, "Statistical topological data analysis using persistence landscapes",
       JMLR 16 (2015).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.diagrams.landscape([[0.0, 4.0], [1.0, 3.0]], k=2, grid=[0.0, 1.0, 2.0, 3.0])
    array([[0., 1., 2., 1.],
           [0., 0., 1., 0.]])
    """
    points = as_grid(grid)
    bars = as_tents(dgm, essential, points, degree=degree)
    return landscapes([bars], k, points, 1, memory_limit(max_memory))[0]


def as_tents(
    dgm: DiagramLike,
    essential: Essential,
    grid: np.ndarray | None,
    name: str = "dgm",
    *,
    degree: int | None = None,
) -> np.ndarray:
    """Read one diagram for landscapes on a grid, in which essential classes may rise for ever."""
    if isinstance(essential, str) or essential != math.inf:
        return as_finite_diagram(dgm, essential, name, degree=degree)
    if grid is not None:
        check_reach(dgm, grid, name)
    return as_diagram(dgm, name, degree=degree)


def landscapes(
    diagrams: list[np.ndarray], k: Any, grid: np.ndarray, n_threads: Any, limit: int
) -> np.ndarray:
    """Landscapes of many diagrams that have been read, shape (diagrams, k, grid)."""
    count = as_count(k, "k", least=1)
    threads = as_threads(n_threads)
    return _core.landscapes(diagrams, grid, k=count, max_memory=limit, n_threads=threads)


def silhouette(
    dgm: DiagramLike,
    grid: ArrayLike,
    power: float = 1.0,
    *,
    degree: int | None = None,
    essential: Essential = None,
) -> np.ndarray:
    """Evaluate the power-weighted silhouette at the points of a grid.

    Parameters
    ----------
    dgm, degree
        As in :func:`betti_curve`.
    grid : array_like, shape (g,)
        Ascending filtration values.
    power : float
        Exponent of the lengths in the weights, 0 or more. 0 weighs all bars alike; the larger,
        the more the longest bars count.
    essential : {None, "drop"} or float
        What becomes of essential classes: None refuses them, "drop" leaves them out, a number
        ends them there.

    Returns
    -------
    ndarray of float64, shape (g,)
        Σ ℓ^power Λ(t) / Σ ℓ^power over the bars, with lengths ℓ and the tents Λ of
        :func:`landscape`; 0 where no bar has any length.

    Raises
    ------
    ValueError
        If an argument breaks its rule, or there are essential classes and no rule for them.
    OverflowError
        If a length or the result is more than the largest number.

    See Also
    --------
    landscape, betti_curve : Other curves.

    References
    ----------
    .. [1] F. Chazal, B. T. Fasy, F. Lecci, A. Rinaldo, L. Wasserman, "Stochastic convergence of
       persistence landscapes and silhouettes", SoCG (2014).

    Examples
    --------
    >>> import topolens as tl
    >>> tl.diagrams.silhouette([[0.0, 4.0], [1.0, 3.0]], [1.0, 2.0, 3.0], power=0)
    array([0.5, 1.5, 0.5])
    """
    bars = as_finite_diagram(dgm, essential, degree=degree)
    return _core.silhouettes([bars], as_grid(grid), power=as_exponent(power), n_threads=1)[0]


def as_exponent(power: Any) -> float:
    """Read an exponent of lengths, 0 or more and finite."""
    exponent = as_number(power, "power")
    if not 0 <= exponent < math.inf:
        raise ValueError(f"`power` must be non-negative and finite; found {power}")
    return exponent


def persistence_image(
    dgm: DiagramLike,
    sigma: float,
    resolution: int | tuple[int, int] = 20,
    weight: Weight = "linear",
    *,
    birth_range: tuple[float, float] | None = None,
    persistence_range: tuple[float, float] | None = None,
    pixels: Pixels = "integral",
    degree: int | None = None,
    essential: Essential = None,
    max_memory: int | None = None,
) -> np.ndarray:
    """Blur a diagram into an image of birth and persistence.

    Parameters
    ----------
    dgm, degree
        As in :func:`betti_curve`.
    sigma : float
        Standard deviation of the Gaussian around each bar, in filtration values.
    resolution : int or (int, int)
        Pixels along the births and along the persistences.
    weight : "linear", float, or callable
        Weight of each bar: its persistence, that to a power, or what a function of two arrays,
        births and persistences, returns. The image is stable in the diagram if the weight is
        continuous and 0 for bars of no length [1]_; power 0 is not.
    birth_range, persistence_range : (float, float), optional
        The rectangle that the pixels divide. By default it holds the bars and 3 `sigma` around
        them, persistences from 0. Images can be compared only if both are the same.
    pixels : {"integral", "density"}
        What a pixel holds: the exact integral of the weighted Gaussians over it, as defined in
        [1]_, or their density at its centre.
    essential : {None, "drop"} or float
        What becomes of essential classes: None refuses them, "drop" leaves them out, a number
        ends them there.
    max_memory : int, optional
        Bytes that the image may take; what is available by default.

    Returns
    -------
    ndarray of float64, shape (persistences, births)
        Both ascending: ``imshow(image, origin="lower")`` shows it upright. In a rectangle that
        is wide enough, "integral" sums to the weights.

    Raises
    ------
    ValueError
        If an argument breaks its rule, there are essential classes and no rule for them, or no
        bars and no ranges.
    OverflowError
        If a length or the result is more than the largest number.
    MemoryError
        If the image does not fit `max_memory`.

    See Also
    --------
    landscape : Curves in place of an image.
    topolens.plotting.plot_persistence_image : The drawing.
    topolens.sklearn.PersistenceImage : The estimator.

    Notes
    -----
    persim integrates as "integral" does and returns the transpose. gudhi returns "density",
    flattened, at ``resolution`` points from end to end of its ranges: the centres of pixels in
    ranges that are half a step wider at either end. giotto-tda blurs a histogram of the bars.

    References
    ----------
    .. [1] H. Adams, T. Emerson, M. Kirby, R. Neville, C. Peterson, P. Shipman,
       S. Chepushtanova, E. Hanson, F. Motta, L. Ziegelmeier, "Persistence images: a stable
       vector representation of persistent homology", JMLR 18 (2017).

    Examples
    --------
    >>> import topolens as tl
    >>> image = tl.diagrams.persistence_image([[0.0, 2.0]], sigma=0.1, resolution=(1, 4),
    ...                              birth_range=(-1, 1), persistence_range=(0, 4))
    >>> image.ravel().round(6)
    array([0., 1., 1., 0.])
    """
    bars = as_finite_diagram(dgm, essential, degree=degree)
    spread = as_sigma(sigma)
    return images(
        [bars],
        spread,
        resolution=as_resolution(resolution),
        weight=weight,
        ranges=image_ranges([bars], spread, birth_range, persistence_range),
        pixels=pixels,
        n_threads=1,
        limit=memory_limit(max_memory),
    )[0]


def as_sigma(sigma: Any) -> float:
    """Read a standard deviation."""
    spread = as_number(sigma, "sigma")
    if not 0 < spread < math.inf:
        raise ValueError(f"`sigma` must be a positive number; found {sigma}")
    return spread


def images(
    diagrams: Sequence[np.ndarray],
    sigma: float,
    *,
    resolution: tuple[int, int],
    weight: Weight,
    ranges: tuple[tuple[float, float], tuple[float, float]],
    pixels: Pixels,
    n_threads: Any,
    limit: int,
) -> np.ndarray:
    """Images of many diagrams that have been read, shape (diagrams, persistences, births)."""
    return _core.persistence_images(
        list(diagrams),
        [_weights(bars, weight) for bars in diagrams],
        sigma=sigma,
        resolution=resolution,
        births=ranges[0],
        lengths=ranges[1],
        pixels=as_choice(pixels, "pixels", PIXELS),
        max_memory=limit,
        n_threads=as_threads(n_threads),
    )


@np.errstate(over="ignore")  # what is no number then, the kernel refuses
def _weights(bars: np.ndarray, weight: Weight) -> np.ndarray:
    births, lengths = bars[:, 0], bars[:, 1] - bars[:, 0]
    if callable(weight):
        weights = as_values(weight(births, lengths), "weight")
        if weights.shape != lengths.shape:
            raise ValueError(
                f"`weight` must return one number a bar, shape {lengths.shape}; "
                f"found shape {weights.shape}"
            )
        return weights
    if isinstance(weight, str):
        if weight != "linear":
            raise ValueError(f'`weight` must be "linear", a power or callable; found {weight!r}')
        return lengths
    power = as_number(weight, "weight")
    if not 0 <= power < math.inf:
        raise ValueError(f"`weight` must be non-negative and finite as a power; found {weight}")
    with np.errstate(over="ignore"):  # what is infinite is refused
        return lengths**power
