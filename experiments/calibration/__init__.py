"""Whether p-values and intervals keep what they promise, seen by simulation.

A part is a module with ``TITLE`` and the functions

- ``jobs(size)``: the jobs of size "small" or "full", each with its cost;
- ``report(table)``: what was promised and what was found, as Markdown.

``python -m experiments.calibration --size small --only flips`` runs one part and writes the page.
"""

PARTS = (
    *("flips", "tables", "copies", "subsamples", "groups", "planted"),
    *("loops", "known_shapes", "pieces"),
)
SIZES = ("small", "full")
