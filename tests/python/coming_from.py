"""Write the tables of docs/howto/coming_from.md anew, from the lines that the tests run.

python tests/python/coming_from.py
"""

from __future__ import annotations

import re

from agreements import PAGE
from peer_lines import PEERS


def write_tables() -> None:
    """Put the tables in the places of those that stand in the page."""
    text = PAGE.read_text(encoding="utf-8")
    for peer in PEERS:
        name = re.escape(peer.name)
        old = re.compile(rf"^```text\n(?:[^`].*\n)*```\n\n\| {name} \|.*\n(?:\|.*\n)*", re.M)
        text, count = old.subn(lambda _, peer=peer: peer.table(), text)
        if count != 1:
            raise SystemExit(f"{PAGE} must hold one table of {peer.name}; found {count}")
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_tables()
