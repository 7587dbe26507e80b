"""The claims of four papers, each tested by an experiment that is run job by job.

An experiment is a module with ``TITLE``, ``SOURCE`` and the functions

- ``jobs(size, store)``: the jobs of size "small" or "paper", each with its cost. They are asked for
  again when they are finished, as there may be more of them, depending on what is in the store;
- ``about(table)``: what was run, as Markdown;
- ``claims(table)``: what the paper claims, with intervals or as estimates without a verdict;
- ``figures(table, folder)``: pictures with captions, drawn into a folder;
- ``remarks(table)``: what the numbers mean, as Markdown;
- ``summary(table)``, which may be missing: what became of the paper, in one sentence.

A table holds the rows of all finished jobs, of both sizes, with the size in the column ``size``.
"""

EXPERIMENTS = ("layers", "cubical", "magnitude", "networks")
