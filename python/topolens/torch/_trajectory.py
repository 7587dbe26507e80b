"""Training trajectories: the last weight vectors of a network as a metric space."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from topolens._arrays import as_rng
from topolens._calls import Progress, as_count, gate, memory_limit, refuse_unused
from topolens.spaces._spaces import MetricSpace

if TYPE_CHECKING:
    import torch

    from topolens.torch._stores import Store


TrajectoryMetric = Literal["euclidean", "losses", "zero-one"]

METRICS: tuple[str, ...] = get_args(TrajectoryMetric)
GIGABYTE = 1e9


class TrajectoryRecorder:
    """Record the last weight vectors of a network while it is trained.

    Call :meth:`step` after each step of the optimiser, and :meth:`space` at the end, or at any
    time, for the metric space of the weight vectors. Training is not changed by it: neither the
    model and its training flags nor PyTorch's random state, and no hook is left behind.

    Parameters
    ----------
    model : torch.nn.Module
        The network. Its trainable parameters are recorded, without buffers and without those
        that are frozen when the recorder is made, on any devices and in any types.
    window : int
        Number of weight vectors that are kept; older ones are forgotten.
    every : int
        Record at every so many steps.
    projection : int, optional
        Keep a random projection to so many coordinates (rounded down to a prime) instead of the
        weights. Squared distances are right on average, with a relative standard deviation of at
        most sqrt(2 / projection), 2.2 % for 4096, and distances with about half of it. None:
        exact, in memory or, if need be, in a temporary file.
    losses : callable or tuple (inputs, targets, loss_fn), optional
        Also record the losses of the same samples at every recorded step, for the metrics
        "losses" and "zero-one". Tuple: the inputs, as a tensor or a dictionary of the model's
        keyword arguments; the targets; and a function of outputs and targets with one number
        per sample, such as ``torch.nn.CrossEntropyLoss(reduction="none")``. It is given the
        tensor that :func:`topolens.record` calls the output. Callable: takes the model, returns
        the losses of shape (m,), or also bools of which samples are right. The model is in
        evaluation mode then, and without gradients.
    weights : bool
        Record the weights; without them there is no "euclidean", and little to keep.
    rng : int or Generator, optional
        Draws the projection. PyTorch's random state is not used.
    max_memory : float
        Bytes to take beside the model. Where a window of exact weights needs more than half of
        this, it goes to a temporary file, which is gone with the recorder.

    Raises
    ------
    TypeError, ValueError
        If the model has no trainable parameters, or an argument breaks its rule.
    MemoryError
        If the projection does not fit `max_memory`, or the weights fit neither it nor the disk.

    Notes
    -----
    The projection is a count sketch [1]_ of the whole vector whose blocks are rolled by random
    shifts: one pass over the weights on their own device, memory for two more vectors of
    weights. All vectors of a run go through the same one, so that equal weights stay equal.

    The three metrics are those of [2]_: Euclidean between weights w; the mean over samples i of
    abs(loss_i(w) - loss_i(w')); and the share of samples that one of the two gets right and the
    other wrong. The latter two are pseudometrics, where different weights may coincide.

    References
    ----------
    .. [1] M. Charikar, K. Chen, M. Farach-Colton, "Finding frequent items in data streams",
       ICALP (2002).
    .. [2] R. Andreeva, B. Dupuis, R. Sarkar, T. Birdal, U. Şimşekli, "Topological generalization
       bounds for discrete-time stochastic optimization algorithms", NeurIPS (2024).

    Examples
    --------
    >>> import torch, topolens as tl
    >>> X, y = torch.rand(100, 5), torch.arange(100) % 3
    >>> model = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> loss_fn = torch.nn.CrossEntropyLoss(reduction="none")
    >>> traj = tl.TrajectoryRecorder(model, window=50, losses=(X, y, loss_fn))
    >>> for _ in range(60):
    ...     optimizer.zero_grad()
    ...     loss_fn(model(X), y).mean().backward()
    ...     optimizer.step()
    ...     traj.step()
    >>> space = traj.space()
    >>> space, space.names[0]
    (MetricSpace(50 points), 11)
    >>> len(tl.rips(traj.space("losses"), maxdim=0)[0])
    50
    """

    def __init__(
        self,
        model: torch.nn.Module,
        window: int = 1000,
        every: int = 1,
        *,
        projection: int | None = None,
        losses: Callable[[Any], Any] | tuple[Any, Any, Callable[..., Any]] | None = None,
        weights: bool = True,
        rng: int | np.random.Generator | None = None,
        max_memory: float = GIGABYTE,
    ) -> None:
        self.window = as_count(window, "window", least=1)
        self.every = as_count(every, "every", least=1)
        if projection is not None:
            projection = as_count(projection, "projection", least=2)
        if not weights and losses is None:
            raise ValueError("`weights` must be True where there are no `losses`")
        if not weights:
            unused = {"projection": (projection, None), "max_memory": (max_memory, GIGABYTE)}
            refuse_unused("with weights=False", **unused)
        self._taken = 0
        self._kept = self._stores(
            model, projection, losses, weights=weights, rng=rng, max_memory=max_memory
        )

    def _stores(
        self,
        model: Any,
        projection: int | None,
        losses: Any,
        *,
        weights: bool,
        rng: Any,
        max_memory: float,
    ) -> dict[str, Store]:
        from topolens.torch._stores import ExactWeights, Losses, SketchedWeights

        limit, generator, stores = memory_limit(max_memory), as_rng(rng), {}
        if losses is not None:
            stores["losses"] = stores["zero-one"] = Losses(model, losses, self.window)
        if weights and projection is None:
            stores["euclidean"] = ExactWeights(model, self.window, limit)
        elif weights:
            stores["euclidean"] = SketchedWeights(model, self.window, projection, generator, limit)
        return stores

    def step(self) -> None:
        """Record the model of now, if it is the turn of this step.

        After an error or an interrupt the recorder is as it was before the step.

        Raises
        ------
        ValueError
            If trainable parameters have appeared, vanished or changed their shape, or `losses`
            returned something else; the message names the step.
        """
        now = self._taken + 1
        if now % self.every == 0:
            for store in dict.fromkeys(self._kept.values()):
                store.record(now // self.every - 1, now)
        self._taken = now  # all that counts what is kept, so that a step is kept or not

    @property
    def steps(self) -> np.ndarray:
        """Numbers of the steps in the window, from 1, shape (len(self),)."""
        last = self._taken // self.every
        return self.every * np.arange(max(last - self.window, 0) + 1, last + 1)

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        return f"TrajectoryRecorder({len(self)} of {self.window} after {self._taken} steps)"

    def space(
        self,
        metric: TrajectoryMetric = "euclidean",
        *,
        n_threads: int | None = None,
        progress: Progress = False,
    ) -> MetricSpace:
        """Return the metric space of the window, named by the numbers of the steps.

        Parameters
        ----------
        metric : {"euclidean", "losses", "zero-one"}
            As in the notes of the class. Weights without projection are exact: differences of
            all coordinates, squared and summed in float64.
        n_threads : int, optional
            Threads to use; all by default. The result does not depend on it.
        progress : bool or callable
            Show a bar over the coordinates, or call a function with (done, total).

        Returns
        -------
        MetricSpace

        Raises
        ------
        ValueError
            If the metric was not recorded, no step was, or a weight or loss is NaN or infinite
            at a step, which the message names.
        """
        if metric not in METRICS:
            raise ValueError(f"`metric` must be one of {', '.join(METRICS)}; found {metric!r}")
        if not len(self):
            raise ValueError("`step` must have been called before `space`")
        if metric not in self._kept:
            needed = "weights=True" if metric == "euclidean" else "losses"
            raise ValueError(f"`metric` must have been recorded; {metric!r} needs `{needed}`")
        with gate("trajectory", n_threads, progress) as call:
            turns = self._taken // self.every
            values = self._kept[metric].distances(metric, self.steps, turns=turns, **call)
        return MetricSpace(values, names=self.steps.tolist())
