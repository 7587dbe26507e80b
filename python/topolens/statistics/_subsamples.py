"""How far other samples would move the numbers of one network, from its subsamples."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from topolens._bootstrap import as_confidence
from topolens.statistics._contrasted import ContrastResult
from topolens.statistics._families import as_row, as_rows
from topolens.statistics._paired import mean_intervals

LEAST_REPEATS = 2


def subsample_intervals(
    repeats: ArrayLike,
    *,
    share: float = 0.8,
    whole: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> ContrastResult:
    """Give numbers of one network the intervals that its subsamples tell, and no p-value.

    Parameters
    ----------
    repeats : array_like, shape (n_repeats, rows) or (n_repeats,)
        Rows, such as layers, in each subsample, drawn without replacement; 20 repeats are enough.
    share : float
        Share m/n of the points that each subsample holds.
    whole : array_like, shape (rows,), optional
        The same rows of all points, which the intervals are to stand around; the means of the
        subsamples when not given.
    confidence_level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    ContrastResult
        Its ``difference`` is what the intervals stand around; p-values are nan.

    Raises
    ------
    ValueError
        If there are fewer than 2 repeats, or `share` is not between 0 and 1.

    See Also
    --------
    paired_contrast, copy_contrast : For p-values.

    Notes
    -----
    Subsamples of m of n points, drawn without replacement, overlap: their standard deviation
    shows less than the sampling error of all n points by a factor c = sqrt(m/(n - m)), 2 at the
    usual share of 0.8 [1]_. The interval is ± t c sd, with t for repeats - 1 degrees of freedom.
    It is about other samples for this very network, nothing else.

    References
    ----------
    .. [1] D. N. Politis, J. P. Romano and M. Wolf, "Subsampling", Springer (1999); the factor is
       that of the delete-d jackknife, J. Shao and C. F. J. Wu, Annals of Statistics 17 (1989).

    Examples
    --------
    >>> import numpy as np
    >>> from topolens.statistics import subsample_intervals
    >>> X = np.random.default_rng(0).normal(size=100)
    >>> means = [np.random.default_rng(i).choice(X, 80, replace=False).mean() for i in range(20)]
    >>> found = subsample_intervals(means, whole=[X.mean()])
    >>> bool(found.low[0] < 0 < found.high[0])
    True
    """
    rows = as_rows(repeats, "repeats")
    if len(rows) < LEAST_REPEATS:
        raise ValueError(f"`repeats` must be of at least 2 repeats; found {len(rows)}")
    confidence, part = as_confidence(confidence_level), as_confidence(share, "share")
    mean, low, _ = mean_intervals(rows, confidence)
    n = np.isfinite(rows).sum(axis=0)
    centre = mean if whole is None else as_row(whole, "whole", len(mean))[0]
    half = (mean - low) * np.sqrt(n * part / (1 - part))  # of one repeat, not of their mean
    none = np.full(len(mean), np.nan)
    return ContrastResult(
        difference=centre,
        low=centre - half,
        high=centre + half,
        p=none,
        p_adjusted=none,
        p_family=none[:1],
        p_mean_square=none[:1],
        least_p=none,
        n=n,
        families=(0,),
        test="none: intervals over samples, from subsamples",
    )
