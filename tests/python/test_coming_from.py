"""Every line of the page for people who come from other packages, run there and here."""

from __future__ import annotations

import pytest

from agreements import PAGE, inputs
from peer_answers import value_of
from peer_lines import PEERS

PLACES = [(peer, line) for peer in PEERS for line in peer.lines]


@pytest.fixture(scope="module")
def answers():
    """What other packages answer, asked once for all lines of one."""
    found = {}

    def ask(peer):
        if not peer.python.exists():
            pytest.skip(f"needs {peer.name} in {peer.environment}: make peers")
        if peer.name not in found:
            found[peer.name] = dict(zip(peer.lines, peer.answers(), strict=True))
        return found[peer.name]

    return ask


@pytest.mark.parametrize(
    ("peer", "line"), PLACES, ids=[f"{peer.name}: {line.theirs}" for peer, line in PLACES]
)
def test_both_lines_answer_as_the_page_says(answers, peer, line):
    theirs = answers(peer)[line]
    line.agree(theirs, value_of(line.ours, inputs()))


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_the_page_holds_the_lines(peer):
    assert PAGE.read_text(encoding="utf-8").count(peer.table()) == 1
