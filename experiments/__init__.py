"""The claims of four papers, each tested by an experiment that is run job by job.

An experiment is a module with ``TITLE``, ``SOURCE`` and the functions

- ``jobs(size)``: the jobs of size "small" or "paper", each with its cost,
- ``claims(table, size)``: what the paper claims, with intervals,
- ``figures(table, folder)``: pictures with captions, drawn into a folder,
- ``about(size)``: what is run, and ``remarks(table, size)``: what the numbers mean, as Markdown.
"""

EXPERIMENTS = ("layers", "cubical", "magnitude", "networks")
