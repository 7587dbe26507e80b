"""Claims of papers, the rule by which an interval decides on them, and what has no verdict."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from experiments.harness.intervals import Interval
from experiments.harness.reach import can_decide
from experiments.harness.wanted import Wanted, judge

OURS = "our question"
Verdict = Literal[
    "reproduced",
    "not reproduced",
    "not reproduced at this size",
    "holds",
    "fails",
    "undecided",
    "undecided (this n could not have decided)",
]


@dataclass(frozen=True)
class Claim:
    """What a paper says, as a number that would be in `wanted`, and where it was found to be.

    Parameters
    ----------
    paper : str
        Who claims it; `OURS` for a question that no paper answers.
    place : str
        Section and figure, "" where there is none.
    statement : str
        One sentence, as near to the paper's words as a number allows.
    wanted : Wanted
        Where the number lies if the claim is true.
    interval : Interval
        Where it was found to lie.
    unit : str
        What the number counts.
    method : str
        One sentence: what was computed.
    bound : {"ours", "the paper's"}
        Who set the number in `wanted`.
    at_paper_settings : bool
        Whether data, networks, training and measurement are the authors'. Only then can the
        claim count as not reproduced, rather than as not reproduced at this size.
    theirs : str
        The figure that the paper prints, in words and numbers.
    remark : str
        What a reader should not overlook.
    """

    paper: str
    place: str
    statement: str
    wanted: Wanted
    interval: Interval
    unit: str
    method: str
    _: KW_ONLY
    bound: Literal["ours", "the paper's"] = "ours"
    at_paper_settings: bool = False
    theirs: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        if self.bound not in ("ours", "the paper's"):
            raise ValueError(f'`bound` must be "ours" or "the paper\'s"; found {self.bound!r}')

    @property
    def verdict(self) -> Verdict:
        """What the interval decides; nothing where no outcome at this n could lie inside."""
        if not can_decide(self.wanted, self.interval):
            return "undecided (this n could not have decided)"
        side = judge(self.interval.low, self.interval.high, self.wanted)
        if side == "across":
            return "undecided"
        if self.paper == OURS:
            return "holds" if side == "inside" else "fails"
        if side == "inside":
            return "reproduced"
        return "not reproduced" if self.at_paper_settings else "not reproduced at this size"


@dataclass(frozen=True)
class Finding:
    """An estimate beside what a paper says, where no sample can have a verdict.

    Parameters
    ----------
    paper, place, statement : str
        As in `Claim`.
    estimate : str
        What was found, with its interval, in words and numbers.
    remark : str
        What a reader should not overlook.
    """

    paper: str
    place: str
    statement: str
    estimate: str
    remark: str = ""
