"""What the experiments share: jobs, their store, how they are run, claims and the page."""

from experiments.harness.claims import OURS, Claim, Finding
from experiments.harness.draws import draws_until
from experiments.harness.intervals import (
    Interval,
    bootstrap_interval,
    difference_interval,
    mean_interval,
    share_interval,
)
from experiments.harness.jobs import Job
from experiments.harness.page import Figure
from experiments.harness.reach import can_decide, power
from experiments.harness.runner import JobsFailed, run
from experiments.harness.store import Store
from experiments.harness.tables import fullest, fullest_rows
from experiments.harness.wanted import above, at_least, at_most, below, between, judge
from experiments.harness.words import in_words

__all__ = [
    "OURS",
    "Claim",
    "Figure",
    "Finding",
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
    "can_decide",
    "difference_interval",
    "draws_until",
    "fullest",
    "fullest_rows",
    "in_words",
    "judge",
    "mean_interval",
    "power",
    "run",
    "share_interval",
]
