"""The space of networks: which predict the same, and how far the others are apart."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from topolens import _core
from topolens._calls import (
    Progress,
    as_choice,
    as_count,
    as_non_negative,
    as_number,
    as_threads,
    memory_limit,
    reporting,
)
from topolens._networks import reading as read
from topolens._networks.measures import MEASURES, measure_networks
from topolens._networks.quotients import Quotient, quotient_of_labels
from topolens.network_distances import NetworkDistances

if TYPE_CHECKING:
    import torch

__all__ = ["DisputedSamples", "NetworkSpace", "NetworkSpaceBuilder", "NetworkTrajectory"]


class NetworkSpace:
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

    def __init__(
        self,
        *,
        names: tuple[Any, ...],
        labels: np.ndarray | None,
        n_classes: int | None,
        tie_sets: tuple[tuple[int, ...], ...] = (),
        tied: np.ndarray | None = None,
        soft: np.ndarray | None = None,
        y: np.ndarray | None = None,
        weights: np.ndarray | None = None,
        ties: read.Ties = "first",
        missing: read.Missing = "own_label",
        kind: read.Kind = "labels",
    ) -> None:
        self.names = names
        self.labels = labels
        self.n_classes = n_classes
        self.tie_sets = tie_sets
        self.y = y
        self.weights = weights
        self.ties = ties
        self.missing = missing
        self._tied = tied
        self._soft = soft
        self._kind = kind

    # --- making one ---------------------------------------------------------------------------

    @classmethod
    def from_labels(
        cls,
        labels: Any,
        *,
        y: Any = None,
        weights: Any = None,
        names: Iterable[Any] | None = None,
        n_classes: int | None = None,
        missing: read.Missing = "own_label",
    ) -> NetworkSpace:
        """Read predicted labels.

        Parameters
        ----------
        labels : mapping from name to array_like of shape (n,), or array_like of shape (M, n)
            Whole numbers from 0; -1, NaN or a masked entry where there is no prediction.
        y : array_like, shape (n,), optional
            True labels.
        weights : array_like, shape (n,), optional
            Non-negative; what each sample counts.
        names : iterable, optional
            Of the networks, where `labels` is no mapping; 0, 1, ... by default.
        n_classes : int, optional
            Number of classes; by default one more than the largest label.
        missing : str
            "own_label" counts a missing prediction as a class of its own, "drop_samples" leaves
            samples out that any network misses, "pairwise" leaves them out for each pair, which
            is no metric.

        Returns
        -------
        NetworkSpace
        """
        return cls._read("labels", labels, y, weights, names, n_classes=n_classes, missing=missing)

    @classmethod
    def from_logits(
        cls,
        logits: Any,
        *,
        y: Any = None,
        weights: Any = None,
        names: Iterable[Any] | None = None,
        ties: read.Ties = "first",
        tie_margin: float = 0.0,
        soft: bool = False,
    ) -> NetworkSpace:
        """Read scores, of which the largest is the prediction.

        Parameters
        ----------
        logits : mapping from name to array_like of shape (n, K), or array_like (M, n, K)
            Numbers, or -inf for classes that are ruled out.
        y, weights, names
            As in :meth:`from_labels`.
        ties : str
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
        """
        options = {"ties": ties, "tie_margin": tie_margin, "soft": soft}
        return cls._read("logits", logits, y, weights, names, **options)

    @classmethod
    def from_probs(
        cls,
        probs: Any,
        *,
        y: Any = None,
        weights: Any = None,
        names: Iterable[Any] | None = None,
        ties: read.Ties = "first",
        tie_margin: float = 0.0,
    ) -> NetworkSpace:
        """Read probabilities, which are kept.

        Parameters
        ----------
        probs : mapping from name to array_like of shape (n, K), or array_like (M, n, K)
            Non-negative, of sum 1 for each sample.
        y, weights, names, ties, tie_margin
            As in :meth:`from_logits`.

        Returns
        -------
        NetworkSpace
        """
        options = {"ties": ties, "tie_margin": tie_margin, "soft": True}
        return cls._read("probs", probs, y, weights, names, **options)

    @classmethod
    def from_outputs(
        cls, outputs: Any, *, weights: Any = None, names: Iterable[Any] | None = None
    ) -> NetworkSpace:
        """Read the outputs of networks that predict numbers, for the distance "lp".

        Parameters
        ----------
        outputs : mapping from name to array_like of shape (n,) or (n, K), or array_like (M, n, K)
            Finite numbers.
        weights, names
            As in :meth:`from_labels`.

        Returns
        -------
        NetworkSpace
        """
        return cls._read("outputs", outputs, None, weights, names, soft=True)

    @classmethod
    def from_models(
        cls,
        models: Mapping[Any, torch.nn.Module] | Iterable[torch.nn.Module],
        loader: Any,
        *,
        names: Iterable[Any] | None = None,
        ties: read.Ties = "first",
        tie_margin: float = 0.0,
        soft: bool = False,
        device: Any = None,
        progress: bool = False,
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
        """
        from topolens._networks.models import batches_of_logits

        builder = cls.builder("logits", ties=ties, tie_margin=tie_margin, soft=soft)
        chosen = read.by_name(models, names, "models")
        for logits, y in batches_of_logits(chosen, loader, device, progress):
            builder.update(logits, y)
        return builder.result()

    @classmethod
    def builder(
        cls,
        kind: read.Kind | None = None,
        *,
        n_classes: int | None = None,
        ties: read.Ties = "first",
        tie_margin: float = 0.0,
        missing: read.Missing = "own_label",
        soft: bool = False,
    ) -> NetworkSpaceBuilder:
        """Return what takes predictions batch by batch.

        Parameters
        ----------
        kind : str, optional
            What the batches hold: "labels", "logits", "probs" or "outputs". By default labels if
            the arrays of the first batch have one axis, logits otherwise.
        n_classes, missing
            As in :meth:`from_labels`.
        ties, tie_margin, soft
            As in :meth:`from_logits`.

        Returns
        -------
        NetworkSpaceBuilder
        """
        return NetworkSpaceBuilder(
            kind,
            n_classes=n_classes,
            ties=ties,
            tie_margin=tie_margin,
            missing=missing,
            soft=soft,
        )

    @classmethod
    def _read(
        cls,
        kind: read.Kind,
        found: Any,
        y: Any,
        weights: Any,
        names: Iterable[Any] | None,
        **options: Any,
    ) -> NetworkSpace:
        builder = cls.builder(kind, **options)
        builder.update(read.by_name(found, names, kind), y, weights)
        return builder.result()

    # --- looking at it ------------------------------------------------------------------------

    def __len__(self) -> int:
        """Count the networks."""
        return len(self.names)

    def __repr__(self) -> str:
        """Say how many."""
        classes = "" if self.n_classes is None else f", {self.n_classes} classes"
        return f"NetworkSpace({len(self)} networks, {self.n_samples} samples{classes})"

    @property
    def n_samples(self) -> int:
        """Samples that are compared."""
        array = self.labels if self.labels is not None else self._soft
        assert array is not None
        return array.shape[1]

    @property
    def effective_samples(self) -> float:
        """Effective number of samples, (Σv)² / Σv² for weights v."""
        return self.n_samples if self.weights is None else float(1 / (self.weights**2).sum())

    @property
    def tie_mass(self) -> np.ndarray:
        """Share of the samples on which each network has tied classes, shape (M,)."""
        if self._tied is None:
            raise ValueError(
                "`tie_mass` must be asked of networks with logits or probabilities; found labels"
            )
        return self._tied.mean(axis=1) if self.weights is None else self._tied @ self.weights

    def accuracy(self) -> np.ndarray:
        """Return the share of the samples that each network has right, shape (M,)."""
        right = self._correct()
        return right.mean(axis=1) if self.weights is None else right @ self.weights

    def majority(self) -> np.ndarray:
        """Return the most frequent prediction for each sample, the lowest class of several.

        It has the smallest sum of disagreements with all networks.
        """
        votes = self._votes()
        return votes[: self.n_classes].argmax(axis=0)

    def disputed_samples(self, k: int = 20) -> DisputedSamples:
        """Return the samples on which most pairs of networks disagree.

        Parameters
        ----------
        k : int
            How many.

        Returns
        -------
        DisputedSamples
        """
        votes = self._votes().astype(np.float64)
        pairs = max(len(self) * (len(self) - 1), 1)
        disputes = (len(self) ** 2 - (votes**2).sum(axis=0)) / pairs
        order = np.argsort(-disputes, kind="stable")[: as_count(k, "k")]
        return DisputedSamples(order, disputes[order])

    def _votes(self) -> np.ndarray:
        labels = self._need_labels("votes")
        kinds = int(self.n_classes or 0) + len(self.tie_sets) + 1
        return np.stack([(labels == one).sum(axis=0) for one in range(kinds)])

    def _need_labels(self, what: str) -> np.ndarray:
        if self.labels is None:
            raise ValueError(f"`{what}` must be asked of networks with labels; found outputs")
        return self.labels

    def _need_truth(self, what: str) -> np.ndarray:
        if self.y is None:
            raise ValueError(f"`y` must be given for {what!r}; found None")
        return self.y

    def _correct(self) -> np.ndarray:
        labels = self._need_labels("correctness")
        return labels == self._need_truth("correctness").astype(labels.dtype)

    @property
    def _missing_code(self) -> int:
        return int(self.n_classes or 0) + len(self.tie_sets)

    def _compared(self, measure: str) -> tuple[np.ndarray, int]:
        """Return what is compared label by label, and the bits that it takes."""
        if measure == "correctness":
            return self._correct().astype(np.uint8), 1
        return self._need_labels(measure), max(self._missing_code.bit_length(), 1)

    # --- parts of it --------------------------------------------------------------------------

    def select(self, networks: Iterable[int]) -> NetworkSpace:
        """Return the space of some of the networks, by position, in the given order."""
        chosen = [as_count(i, "networks") for i in networks]
        for i in chosen:
            if i >= len(self):
                raise ValueError(f"`networks` must be below {len(self)}; found {i}")
        if not chosen:
            raise ValueError("`networks` must hold at least one network; found none")

        def some(array: np.ndarray | None) -> np.ndarray | None:
            return None if array is None else array[chosen]

        return self._changed(
            names=tuple(self.names[i] for i in chosen),
            labels=some(self.labels),
            tied=some(self._tied),
            soft=some(self._soft),
        )

    def prune(self, eps: float) -> NetworkSpace:
        """Leave out the networks whose tie mass is above `eps`."""
        kept = np.flatnonzero(self.tie_mass <= as_non_negative(eps, "eps"))
        if not len(kept):
            raise ValueError(
                f"`eps` must leave a network; found {eps}, below the least tie mass "
                f"{self.tie_mass.min():.4g}"
            )
        return self.select(kept)

    def with_truth(self, name: Any = "truth") -> NetworkSpace:
        """Return the space with the true labels as one more network."""
        y, labels = self._need_truth("truth"), self._need_labels("truth")
        if name in self.names:
            raise ValueError(f"`name` must be new; found {name!r}")
        soft = None
        if self._soft is not None:
            one_hot = np.eye(int(self.n_classes or 0))[y]
            soft = np.concatenate([self._soft, one_hot[None]])
        tied = self._tied
        if tied is not None:
            tied = np.concatenate([tied, np.zeros((1, len(y)), bool)])
        return self._changed(
            names=(*self.names, name),
            labels=np.concatenate([labels, y[None].astype(labels.dtype)]),
            tied=tied,
            soft=soft,
        )

    def _changed(self, **changes: Any) -> NetworkSpace:
        facts: dict[str, Any] = {
            "names": self.names,
            "labels": self.labels,
            "n_classes": self.n_classes,
            "tie_sets": self.tie_sets,
            "tied": self._tied,
            "soft": self._soft,
            "y": self.y,
            "weights": self.weights,
            "ties": self.ties,
            "missing": self.missing,
            "kind": self._kind,
        }
        return NetworkSpace(**{**facts, **changes})

    # --- distances ----------------------------------------------------------------------------

    def distances(
        self,
        measure: str = "disagreement",
        *,
        p: float = 1.0,
        n_threads: int | None = None,
        progress: Progress = False,
        max_memory: int | None = None,
    ) -> NetworkDistances:
        """Compute the distances of all pairs of networks.

        Parameters
        ----------
        measure : str
            "disagreement": share of the samples with different labels. With `y`, "correctness":
            share of the samples that one has right and the other not; "balanced" and
            "worst_class": mean and maximum over the true classes of the disagreement within.
            With probabilities, "tv", "hellinger" and "js": total variation, Hellinger distance
            and root of the Jensen-Shannon divergence in bits, as means over the samples of
            order `p`. With outputs, "lp": mean of order `p` of the Euclidean distances.
            These are metrics between predictions. "kappa" (1 - Cohen's kappa), "jsd" (without
            the root), "bhattacharyya" and "normalised" (disagreement from 0 for the nearest pair
            to 1 for the farthest) are none, and say so.
        p : float
            From 1 to infinity, for "hellinger", "js" and "lp".
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
            If the space has not what the measure compares.
        MemoryError
            If the job does not fit `max_memory`.

        Notes
        -----
        With ``p=1``, "tv", "hellinger" and "js" are the disagreement where one class has all the
        probability. Where the margin between the top two probabilities of one network is above
        twice the total variation, the labels agree.
        """
        as_choice(measure, "measure", tuple(MEASURES))
        order = as_number(p, "p")
        if not 1 <= order < np.inf:
            raise ValueError(f"`p` must be at least 1 and finite; found {p}")
        if order != 1 and not MEASURES[measure].takes_p:
            raise ValueError(f"`p` must be 1 for {measure!r}; found {p}")
        if self.missing == "pairwise" and self._missing_anywhere:
            warnings.warn(
                "leaving out missing labels pair by pair is no metric: the triangle inequality "
                "can fail",
                stacklevel=2,
            )
        with reporting(progress, "networks") as report:
            return measure_networks(
                self,
                measure,
                order,
                {
                    "max_memory": memory_limit(max_memory),
                    "n_threads": as_threads(n_threads),
                    "progress": report,
                },
            )

    @property
    def _missing_anywhere(self) -> bool:
        return self.labels is not None and bool((self.labels == self._missing_code).any())

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
        """
        from topolens._networks.measures import shares_of_classes

        with reporting(progress, "networks") as report:
            return shares_of_classes(
                self,
                {
                    "max_memory": memory_limit(max_memory),
                    "n_threads": as_threads(n_threads),
                    "progress": report,
                },
            )

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
        """
        from topolens._networks.measures import across

        with reporting(progress, "networks") as report:
            return across(
                self,
                other,
                {
                    "max_memory": memory_limit(max_memory),
                    "n_threads": as_threads(n_threads),
                    "progress": report,
                },
            )

    def quotient(
        self, eps: float = 0.0, method: str | None = None, induced: str = "representative"
    ) -> Quotient:
        """Gather networks into classes, as :meth:`NetworkDistances.quotient` does.

        Parameters
        ----------
        eps, method, induced
            As there. The exact quotient finds equal predictions by hashing, without a matrix, in
            time and memory linear in the number of networks; the distances of the classes are
            computed when they are asked for. Samples of weight 0 do not count.

        Returns
        -------
        Quotient
        """
        exact = method == "exact" or (method is None and eps == 0)
        pairwise = self.missing == "pairwise" and self._missing_anywhere
        if not exact or eps != 0 or pairwise or self.labels is None:
            return self.distances().quotient(eps, method, induced)
        return quotient_of_labels(self, induced)

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
        """
        place = {name: i for i, name in enumerate(self.names)}

        def found(run: Iterable[Any], argument: str) -> list[int]:
            chosen = list(run)
            for name in chosen:
                if name not in place:
                    raise ValueError(f"`{argument}` must be names of networks; found {name!r}")
            return [place[name] for name in chosen]

        run = found(names, "names")
        if len(run) < 2:
            raise ValueError(f"`names` must hold at least two networks; found {len(run)}")
        path = self.select(run)
        matrix = path.cross(path)
        gaps = None
        if paired is not None:
            second = found(paired, "paired")
            if len(second) != len(run):
                raise ValueError(
                    f"`paired` must have as many names as `names`, {len(run)}; found {len(second)}"
                )
            gaps = path.cross(self.select(second)).diagonal().copy()
        return NetworkTrajectory(
            names=path.names,
            steps=matrix.diagonal(1).copy(),
            to_end=matrix[:, -1].copy(),
            gaps=gaps,
        )


class NetworkSpaceBuilder:
    """Takes predictions batch by batch, as :meth:`NetworkSpace.builder` says.

    Examples
    --------
    >>> import topolens as tl
    >>> acc = tl.NetworkSpace.builder()
    >>> acc.update({"a": [[0.1, 0.9]], "b": [[0.7, 0.3]]}, y=[1])
    >>> acc.update({"a": [[2.0, 1.0]], "b": [[3.0, 0.0]]}, y=[0])
    >>> acc.result().distances().counts
    array([[0, 1],
           [1, 0]])
    """

    def __init__(
        self,
        kind: read.Kind | None,
        *,
        n_classes: int | None,
        ties: read.Ties,
        tie_margin: float,
        missing: read.Missing,
        soft: bool,
    ) -> None:
        if kind is not None:
            as_choice(kind, "kind", read.KINDS)
        margin = as_number(tie_margin, "tie_margin")
        if not 0 <= margin < np.inf:
            raise ValueError(f"`tie_margin` must be non-negative and finite; found {tie_margin}")
        if n_classes is not None:
            n_classes = as_count(n_classes, "n_classes", least=1)
        self._kind = kind
        self._given_classes = n_classes
        self._ties: read.Ties = as_choice(ties, "ties", read.TIES)
        self._margin = margin
        self._missing: read.Missing = as_choice(missing, "missing", read.MISSING)
        self._soft = bool(soft)
        self._reader: read.Reader | None = None
        self._names: tuple[Any, ...] = ()
        self._parts: dict[str, list[np.ndarray]] = {
            part: [] for part in ("labels", "tied", "soft", "y", "weights")
        }
        self._batches = 0

    def update(self, predictions: Any, y: Any = None, weights: Any = None) -> None:
        """Add the predictions for some more samples.

        Parameters
        ----------
        predictions : mapping from name to array_like, or array_like with one entry per network
            The same networks in each batch.
        y, weights : array_like, shape (n,), optional
            True labels and weights of the samples: with every batch or with none.
        """
        batch = read.by_name(predictions, None, "predictions")
        if not batch:
            raise ValueError("`predictions` must hold at least one network; found none")
        if self._reader is None:
            self._reader = self._new_reader(next(iter(batch.values())))
            self._names = tuple(batch)
        if set(batch) != set(self._names) or len(batch) != len(self._names):
            raise ValueError(
                f"`predictions` must be of the same networks in all batches; "
                f"found {list(batch)!r} after {list(self._names)!r}"
            )
        found = [self._reader.read(batch[name], repr(name)) for name in self._names]
        new: dict[str, np.ndarray] = {}
        for part, arrays in zip(("labels", "tied", "soft"), zip(*found, strict=True), strict=True):
            if arrays[0] is not None:
                lengths = [len(array) for array in arrays]
                if len(set(lengths)) > 1:
                    other = next(i for i, n in enumerate(lengths) if n != lengths[0])
                    raise ValueError(
                        f"`{self._reader.kind}` must be for the same samples; found "
                        f"{lengths[0]} for {self._names[0]!r} and {lengths[other]} for "
                        f"{self._names[other]!r}"
                    )
                new[part] = np.stack(arrays)
        n = next(iter(new.values())).shape[1]
        for part, values in (("y", y), ("weights", weights)):
            if values is not None:
                new[part] = read.one_per_sample(values, n, part)
            given = bool(self._parts[part])
            if self._batches and given != (values is not None):
                raise ValueError(f"`{part}` must be given with every batch or with none")
        for part, array in new.items():
            self._parts[part].append(array)
        self._batches += 1

    def _new_reader(self, first: Any) -> read.Reader:
        kind = self._kind or ("labels" if np.ndim(first) == 1 else "logits")
        soft = self._soft or kind in ("probs", "outputs")
        return read.Reader(kind, self._given_classes, self._ties, self._margin, soft)

    def result(self) -> NetworkSpace:
        """Return the space of what has been added."""
        reader = self._reader
        if reader is None:
            raise ValueError("`update` must have been called before `result`")

        def joined(part: str, axis: int = 0) -> np.ndarray | None:
            arrays = self._parts[part]
            return np.concatenate(arrays, axis=axis) if arrays else None

        labels, tied, soft = joined("labels", 1), joined("tied", 1), joined("soft", 1)
        y, weights = joined("y"), joined("weights")
        keep = slice(None)
        if labels is not None and self._missing == "drop_samples":
            keep = ~(labels == read.ABSENT).any(axis=0)
            labels = labels[:, keep]
            y, weights = (None if x is None else x[keep] for x in (y, weights))
        if (labels if labels is not None else soft).shape[1] == 0:
            dropped = " without a missing label" if self._missing == "drop_samples" else ""
            raise ValueError(f"`{reader.kind}` must have at least one sample{dropped}; found none")
        n_classes = None if reader.kind == "outputs" else reader.n_classes
        if labels is not None and n_classes is None:
            n_classes = int(max(labels.max(), 0 if y is None else y.max(), 0)) + 1
        truth = None if y is None else read.as_truth(y, n_classes)
        if labels is not None:
            labels = read.in_small_integers(labels, int(n_classes or 0), len(reader.sets))
        return NetworkSpace(
            names=self._names,
            labels=labels,
            n_classes=n_classes,
            tie_sets=tuple(reader.sets),
            tied=tied,
            soft=soft,
            y=truth,
            weights=None if weights is None else read.as_weights(weights),
            ties=reader.ties,
            missing=self._missing,
            kind=reader.kind,
        )


class DisputedSamples(NamedTuple):
    """Samples on which networks disagree.

    Attributes
    ----------
    indices : ndarray of int64, shape (k,)
        The samples, the most disputed first.
    disputes : ndarray of float64, shape (k,)
        Share of the pairs of networks that disagree on each.
    """

    indices: np.ndarray
    disputes: np.ndarray


@dataclass(frozen=True, eq=False)
class NetworkTrajectory:
    """A path of networks.

    Attributes
    ----------
    names : tuple
        The checkpoints.
    steps : ndarray of float64, shape (m - 1,)
        Disagreement of each with the next.
    to_end : ndarray of float64, shape (m,)
        Disagreement of each with the last.
    gaps : ndarray of float64, shape (m,), or None
        Disagreement with the paired run at each checkpoint.
    """

    names: tuple[Any, ...]
    steps: np.ndarray
    to_end: np.ndarray
    gaps: np.ndarray | None = field(default=None)

    @property
    def length(self) -> float:
        """Sum of the steps."""
        return float(self.steps.sum())

    @property
    def contraction(self) -> float:
        """Disagreement of paired runs at the end, as a ratio to that at the start."""
        if self.gaps is None:
            raise ValueError("`paired` must be given for the contraction ratio; found None")
        if not self.gaps[0] > 0:
            raise _core.NumericalError("the paired runs agree at the start: no ratio is defined")
        return float(self.gaps[-1] / self.gaps[0])
