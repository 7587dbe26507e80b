"""A sample of tests/long/rim.py, and that it would notice a wrong answer."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

import topolens as tl

sys.path.insert(0, str(Path(__file__).parents[1] / "long"))
import rim

OURS = {
    "rips": (tl, "rips"),
    "images": (tl, "cubical"),
    "networks": (tl.NetworkSpace, "distances"),
}


@pytest.mark.parametrize(("kind", "count"), [("rips", 150), ("images", 100), ("networks", 60)])
def test_random_cases_agree(kind, count):
    counts = Counter()
    assert rim.differences(kind, range(count), 0, counts) == []
    assert counts.total() == count and len(counts) > 7


@pytest.mark.parametrize("kind", rim.KINDS)
def test_a_wrong_answer_is_found(kind, monkeypatch):
    place, name = OURS[kind]
    right = getattr(place, name)

    def wrong(*args, **kwargs):
        if kind == "networks":
            return right(args[0], "disagreement")
        found = right(*args, **kwargs)
        found.dgms[0] = found.dgms[0][1:]
        return found

    monkeypatch.setattr(place, name, wrong)
    assert rim.differences(kind, range(20), 0, Counter())
