"""What the experiments share: jobs, their store, how they are run, claims and the page."""

from experiments.harness.claims import Claim, above, at_least, at_most, below, between, judge
from experiments.harness.intervals import (
    Interval,
    bootstrap_interval,
    difference_interval,
    mean_interval,
    share_interval,
)
from experiments.harness.jobs import Job
from experiments.harness.page import Figure
from experiments.harness.runner import JobsFailed, run
from experiments.harness.store import Store

__all__ = [
    "Claim",
    "Figure",
    "Interval",
    "Job",
    "JobsFailed",
    "Store",
    "above",
    "at_least",
    "at_most",
    "below",
    "between",
    "bootstrap_interval",
    "difference_interval",
    "judge",
    "mean_interval",
    "run",
    "share_interval",
]
