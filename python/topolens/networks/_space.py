"""The space of networks: which predict the same, and how far the others are apart."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from topolens._calls import Progress, caller_level, gate
from topolens.networks._builder import NetworkSpaceBuilder
from topolens.networks._comparisons import (
    ComparisonName,
    compare,
    compare_across,
    order_of_mean,
    shares_of_classes,
)
from topolens.networks._distances import NetworkDistances
from topolens.networks._predictions import Predictions, refuse_other_than_fields
from topolens.networks._quotients import Induced, Quotient, QuotientMethod, quotient_of_labels
from topolens.networks._reading import Kind, Missing, PerNetwork, Ties, by_name
from topolens.networks._trajectories import NetworkTrajectory, follow

if TYPE_CHECKING:
    import torch


class NetworkSpace(Predictions):
    """Networks as points, by what they predict for the same samples.

    Made by :meth:`from_labels`, :meth:`from_logits`, :meth:`from_probs`, :meth:`from_outputs`,
    :meth:`from_models` or :meth:`builder`.

    Attributes
    ----------
    names : tuple
        The networks.
    labels : ndarray of unsigned integers, shape (M, n), or None
        Predicted classes; then, from `n_classes` on, sets of tied classes and the missing label.
    n_classes : int or None
    y : ndarray of int64, shape (n,), or None
        True labels.
    weights : ndarray of float64, shape (n,), or None
        What each sample counts, of sum 1; None where all count alike.
    ties, missing : str
        The policies.
    tie_sets : tuple of tuple of int
        Which classes are tied in each of the sets.

    Notes
    -----
    Implements the disagreement distance and its metric quotient in the sense of [1]_, which is
    the classical pseudometric of classifier disagreement [2]_: the distance of two networks is
    the probability that their predicted labels differ. Networks at distance 0 are one point of
    the quotient, so permuting hidden units or rescaling the layers of a ReLU network moves
    nothing.

    References
    ----------
    .. [1] Wu, Huang, Li, Liu, "A Metric Topology of Deep Learning for Data Classification",
       arXiv 2501.11265 (2025).
    .. [2] Li, Long (2006).

    Examples
    --------
    >>> import topolens as tl
    >>> space = tl.NetworkSpace.from_labels(
    ...     {"a": [0, 1, 1, 0], "b": [0, 1, 1, 1], "c": [0, 1, 1, 0]}, y=[0, 1, 0, 0]
    ... )
    >>> space.distances().values
    array([[0.  , 0.25, 0.  ],
           [0.25, 0.  , 0.25],
           [0.  , 0.25, 0.  ]])
    >>> space.quotient().labels
    array([0, 1, 0])
    """

    # --- making one ---------------------------------------------------------------------------

    def __init__(self, *given: Any, **fields: Any) -> None:
        refuse_other_than_fields(self, given, fields)
        super().__init__(**fields)

    @classmethod
    def from_labels(
        cls,
        labels: PerNetwork,
        *,
        y: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        names: Iterable[Any] | None = None,
        n_classes: int | None = None,
        missing: Missing = "own_label",
    ) -> NetworkSpace:
        """Read predicted labels.

        Parameters
        ----------
        labels : mapping from name to array_like of shape (n,), or array_like of shape (M, n)
            Whole numbers from 0; -1, NaN or a masked entry where there is no prediction. Or a
            recording of each network, all of the same samples: their predictions.
        y : array_like, shape (n,), optional
            True labels.
        weights : array_like, shape (n,), optional
            Non-negative; what each sample counts.
        names : iterable, optional
            Of the networks, where `labels` is no mapping; 0, 1, ... by default.
        n_classes : int, optional
            Number of classes; by default one more than the largest label.
        missing : {"own_label", "drop_samples", "pairwise"}
            "own_label" counts a missing prediction as a class of its own, "drop_samples" leaves
            samples out that any network misses, "pairwise" leaves them out for each pair, which
            is no metric.

        Returns
        -------
        NetworkSpace

        Raises
        ------
        ValueError
            If shapes or values are wrong; the message names the network and the place.
        """
        return cls._read("labels", labels, y, weights, names, n_classes=n_classes, missing=missing)

    @classmethod
    def from_logits(
        cls,
        logits: PerNetwork,
        *,
        y: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        names: Iterable[Any] | None = None,
        ties: Ties = "first",
        tie_margin: float = 0.0,
        soft: bool = False,
    ) -> NetworkSpace:
        """Read scores, of which the largest is the prediction.

        Parameters
        ----------
        logits : mapping from name to array_like of shape (n, K), or array_like (M, n, K)
            Numbers, or -inf for classes that are ruled out. Or recordings: their outputs.
        y, weights, names
            As in :meth:`from_labels`.
        ties : {"first", "set", "uniform"}
            What is predicted where scores are tied: "first" the first of the classes, as
            `torch.argmax` does; "set" the set of them, as a label of its own; "uniform" each of
            them with the same probability, compared by total variation.
        tie_margin : float
            Scores that are at most this below the largest are tied with it.
        soft : bool
            Keep the probabilities, for "tv", "hellinger" and "js": 8 bytes a score.

        Returns
        -------
        NetworkSpace

        Raises
        ------
        ValueError
            If shapes or values are wrong; the message names the network and the place.
        """
        options = {"ties": ties, "tie_margin": tie_margin, "soft": soft}
        return cls._read("logits", logits, y, weights, names, **options)

    @classmethod
    def from_probs(
        cls,
        probs: PerNetwork,
        *,
        y: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        names: Iterable[Any] | None = None,
        ties: Ties = "first",
        tie_margin: float = 0.0,
    ) -> NetworkSpace:
        """Read probabilities, which are kept.

        Parameters
        ----------
        probs : mapping from name to array_like of shape (n, K), or array_like (M, n, K)
            Non-negative, of sum 1 for each sample but for the rounding of their type; rows of
            half or single precision are divided by their sums.
        y, weights, names, ties, tie_margin
            As in :meth:`from_logits`.

        Returns
        -------
        NetworkSpace

        Raises
        ------
        ValueError
            If shapes or values are wrong; the message names the network and the place.
        """
        options = {"ties": ties, "tie_margin": tie_margin, "soft": True}
        return cls._read("probs", probs, y, weights, names, **options)

    @classmethod
    def from_outputs(
        cls,
        outputs: PerNetwork,
        *,
        weights: ArrayLike | None = None,
        names: Iterable[Any] | None = None,
    ) -> NetworkSpace:
        """Read the outputs of networks that predict numbers, for the distance "lp".

        Parameters
        ----------
        outputs : mapping from name to array_like of shape (n,) or (n, K), or array_like (M, n, K)
            Finite numbers, at most 1e300 in size.
        weights, names
            As in :meth:`from_labels`.

        Returns
        -------
        NetworkSpace

        Raises
        ------
        ValueError
            If shapes or values are wrong; the message names the network and the place.
        """
        return cls._read("outputs", outputs, None, weights, names, soft=True)

    @classmethod
    def from_models(
        cls,
        models: Mapping[Any, torch.nn.Module] | Iterable[torch.nn.Module],
        loader: Any,
        *,
        names: Iterable[Any] | None = None,
        ties: Ties = "first",
        tie_margin: float = 0.0,
        soft: bool = False,
        device: torch.device | str | None = None,
        progress: Progress = False,
    ) -> NetworkSpace:
        """Run PyTorch networks over a loader, in evaluation mode, and read their logits.

        Parameters
        ----------
        models : mapping from name to torch.nn.Module, or iterable of modules
            They are left as they were.
        loader : iterable of batches, tensor, or tuple (X, y)
            As in :func:`topolens.record`; it is read once. Labels in it become `y`.
        names, ties, tie_margin, soft
            As in :meth:`from_logits`.
        device : torch.device or str, optional
            Where to run each model, which is moved there and back; where it is by default.
        progress : bool
            Show a bar.

        Returns
        -------
        NetworkSpace

        Raises
        ------
        ValueError
            If a model gives no logits, such as probabilities for ``soft=True``, or names do not
            fit.
        """
        from topolens.networks._models import batches_of_logits

        builder = cls.builder("logits", ties=ties, tie_margin=tie_margin, soft=soft)
        chosen = by_name(models, names, "models")
        for logits, y in batches_of_logits(chosen, loader, device, progress):
            builder.update(logits, y)
        return builder.result()

    @classmethod
    def builder(
        cls,
        kind: Kind | None = None,
        *,
        n_classes: int | None = None,
        ties: Ties = "first",
        tie_margin: float = 0.0,
        missing: Missing = "own_label",
        soft: bool = False,
    ) -> NetworkSpaceBuilder:
        """Return what takes predictions batch by batch.

        Parameters
        ----------
        kind : {"labels", "logits", "probs", "outputs"}, optional
            What the batches hold. By default labels if
            the arrays of the first batch have one axis, logits otherwise.
        n_classes, missing
            As in :meth:`from_labels`; `missing` for labels alone.
        ties, tie_margin, soft
            As in :meth:`from_logits`; not for labels.

        Returns
        -------
        NetworkSpaceBuilder
        """
        return NetworkSpaceBuilder(
            kind,
            make=cls,
            n_classes=n_classes,
            ties=ties,
            tie_margin=tie_margin,
            missing=missing,
            soft=soft,
        )

    @classmethod
    def _read(
        cls,
        kind: Kind,
        found: PerNetwork,
        y: ArrayLike | None,
        weights: ArrayLike | None,
        names: Iterable[Any] | None,
        **options: Any,
    ) -> NetworkSpace:
        builder = cls.builder(kind, **options)
        builder.update(by_name(found, names, kind), y, weights)
        return builder.result()

    # --- distances ----------------------------------------------------------------------------

    def distances(
        self,
        comparison: ComparisonName = "disagreement",
        *,
        p: float = 1.0,
        n_threads: int | None = None,
        progress: Progress = False,
        max_memory: int | None = None,
    ) -> NetworkDistances:
        """Compute the distances of all pairs of networks.

        Parameters
        ----------
        comparison : str
            "disagreement": share of the samples with different labels. With `y`, "correctness":
            share of the samples that one has right and the other not; "balanced" and
            "worst_class": mean and maximum over the true classes of the disagreement within.
            With probabilities, "tv", "hellinger" and "js": total variation, Hellinger distance
            and root of the Jensen-Shannon divergence in bits, as means over the samples of
            order `p`. With outputs, "lp": mean of order `p` of the Euclidean distances.
            These are metrics between predictions. "kappa" (1 - Cohen's kappa), "jsd" (without
            the root), "bhattacharyya" and "normalized" (disagreement from 0 for the nearest pair
            to 1 for the farthest) are none, and say so.
        p : float
            At least 1, for "hellinger", "js" and "lp"; 1 for all others.
        n_threads : int, optional
            Threads to use; all by default. The result does not depend on it.
        progress : bool or callable
            Show a bar, or call a function with (done, total).
        max_memory : int, optional
            Bytes that the job may take; what is available by default.

        Returns
        -------
        NetworkDistances

        Raises
        ------
        ValueError
            If the space has not what is to be compared.
        MemoryError
            If the job does not fit `max_memory`.

        Notes
        -----
        With ``p=1``, "tv", "hellinger" and "js" are the disagreement where one class has all the
        probability. Where the margin between the top two probabilities of one network is above
        twice the total variation, the labels agree.
        """
        order = order_of_mean(p, comparison)
        if self._samples_by_pair:
            warnings.warn(
                "leaving out missing labels pair by pair is no metric: the triangle inequality "
                "can fail",
                stacklevel=caller_level(),
            )
        with gate("networks", n_threads, progress, max_memory) as call:
            return NetworkDistances(comparison, compare(self, comparison, order, call), self)

    def per_class(
        self,
        *,
        n_threads: int | None = None,
        progress: Progress = False,
        max_memory: int | None = None,
    ) -> np.ndarray:
        """Compute the disagreement within each true class.

        Parameters
        ----------
        n_threads, progress, max_memory
            As in :meth:`distances`.

        Returns
        -------
        ndarray of float64, shape (classes, M, M)
            For the classes that occur in `y`, in ascending order.

        Raises
        ------
        ValueError
            If there is no `y`, or no label to compare.
        """
        with gate("networks", n_threads, progress, max_memory) as call:
            return shares_of_classes(self, call)

    def cross(
        self,
        other: NetworkSpace,
        *,
        n_threads: int | None = None,
        progress: Progress = False,
        max_memory: int | None = None,
    ) -> np.ndarray:
        """Compute the disagreement of these networks with others on the same samples.

        Parameters
        ----------
        other : NetworkSpace
            With as many samples, the same weights and the same policies.
        n_threads, progress, max_memory
            As in :meth:`distances`.

        Returns
        -------
        ndarray of float64, shape (M, number of the others)

        Raises
        ------
        ValueError
            If `other` has other samples or weights, or either has no labels.
        """
        with gate("networks", n_threads, progress, max_memory) as call:
            return compare_across(self, other, call)

    def quotient(
        self,
        eps: float = 0.0,
        method: QuotientMethod | None = None,
        induced: Induced = "representative",
    ) -> Quotient:
        """Gather networks into classes, as :func:`topolens.networks.quotient` does.

        Parameters
        ----------
        eps, method, induced
            As there. The exact quotient finds equal predictions by hashing, without a matrix, in
            time and memory linear in the number of networks; the distances of the classes are
            computed when they are asked for. Samples of weight 0 do not count.

        Returns
        -------
        Quotient

        Raises
        ------
        ValueError
            If an argument breaks its rule, or no metric compares the networks.
        """
        by_hashing = method in (None, "exact") and eps == 0
        if by_hashing and self.labels is not None and not self._samples_by_pair:
            return quotient_of_labels(self, induced, _values)
        return self.distances().quotient(eps, method, induced)

    def trajectory(
        self, names: Iterable[Any], paired: Iterable[Any] | None = None
    ) -> NetworkTrajectory:
        """Follow a network in training from checkpoint to checkpoint.

        Parameters
        ----------
        names : iterable
            Names of the checkpoints, in order.
        paired : iterable, optional
            Those of a second run, as many.

        Returns
        -------
        NetworkTrajectory

        Raises
        ------
        ValueError
            If a name is unknown, there are fewer than two, or the runs differ in length.
        """
        return follow(self, names, paired, NetworkSpace.cross)


def _values(space: NetworkSpace) -> np.ndarray:
    return space.distances().values
