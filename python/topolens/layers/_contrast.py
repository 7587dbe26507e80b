"""Whether trained networks differ from their controls, or one kind of networks from another."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np

from topolens._arrays import as_rng
from topolens._bootstrap import as_confidence, as_resamples
from topolens._calls import as_choice, refuse_unused
from topolens.layers._contrast_answers import fine_enough, overall_columns, row_columns
from topolens.layers._contrast_cells import COPY, NETWORK, ONE, REPEAT, TRAINED, Cells
from topolens.layers._contrast_designs import (
    Design,
    among_copies,
    between_kinds,
    of_repeats,
    paired,
)
from topolens.layers._contrast_result import Contrast
from topolens.layers._job import CONTROLS, Control
from topolens.layers._protocol import AnyTable
from topolens.layers._sampling import DEFAULT_SHARE

Over = Literal["layers", "rows"]

OVERS: tuple[str, ...] = get_args(Over)

NULLS = {
    "untrained": "trained and untrained networks are alike, so that each could have been the other "
    "(not merely: equal means)",
    "shuffled": "labels make no difference, so that shuffled ones could have been those found",
    "group": "it makes no difference which network is of which {between} (not merely: equal means)",
    "copy": "the trained network is one more of its re-initialised copies",
    "repeat": "nothing is tested: intervals are over other samples for this network",
}


def contrast(
    table: AnyTable,
    control: Control = "untrained",
    *,
    between: str | None = None,
    over: Over = "layers",
    share: float = DEFAULT_SHARE,
    confidence_level: float = 0.95,
    n_resamples: int = 9999,
    rng: int | np.random.Generator | None = None,
) -> Contrast:
    """Compare trained networks with their controls, by what was drawn independently.

    Parameters
    ----------
    table : LayerTable
        Of several networks, made by :func:`pool`; or of one, with copies or repeats.
    control : {"untrained", "shuffled"}, default "untrained"
        The control to compare with.
    between : str, optional
        A column that divides the networks in two, such as ``"group"``: also compare one part with
        the other, in what was trained, in the controls, and in the differences of both.
    over : {"layers", "rows"}, default "layers"
        What ``p_adjusted`` is adjusted for: the layers of the same class and number, or, by
        Benjamini and Hochberg, all rows of the table (in ``overall``: the classes of the same
        number, or all classes and numbers). False discoveries need about 10 networks.
    share : float
        Share of the points in each repeat, where all there is are repeats of one network.
    confidence_level : float
        Level of the intervals, between 0 and 1.
    n_resamples : int
        Random flips or permutations where all are too many.
    rng : int, Generator or None, default None
        Draws these.

    Returns
    -------
    Contrast
        A table with one row per layer, class and number, and, in ``overall``, one per class and
        number.

    Raises
    ------
    ValueError
        If `table` has no such control, or `between` does not divide the networks in two. What so
        few networks cannot decide is no error, and is said in the result.
    TypeError
        If `table` is not a LayerTable.

    See Also
    --------
    pool : Joins the tables of several networks.
    topolens.statistics.paired_contrast, topolens.statistics.copy_contrast : The tests.

    Notes
    -----
    Several networks, each with a control: sign flips of the differences of each network and its
    control, after repeats were averaged; where a network has several controls, exchanges with any
    of them, since their mean spreads less than a network does. Where each repeat has drawn its own
    controls, the network is that of its first repeat, for the same reason. One network with several
    untrained copies: its rank among them. One network with repeats: intervals over samples, no
    p-value. Two kinds of networks: permutations of whole networks. The input, in which trained and
    untrained networks agree by construction, is left out, and so is what is nan.

    Answers are in ``overall``, and hold for each class and number by itself: which rows differ is
    to be asked where they say that some do. A number that was chosen after looking is not tested.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> labels = np.repeat([0, 1], 80)
    >>> def measured(seed):
    ...     X = np.random.default_rng(seed).normal(size=(160, 2))
    ...     layers = {"input": X, "hidden": X + 9 * labels[:, None]}
    ...     return tl.analyse(layers, tl.HopBetti(k=8), labels=labels, control="shuffled", rng=seed)
    >>> pooled = tl.pool({seed: measured(seed) for seed in range(6)})
    >>> found = tl.layers.contrast(pooled.select(measure="betti", degree=0), "shuffled")
    >>> found.select(class_=0)["difference"], found.select(class_=0)["p"]
    (array([-1.]), array([0.03125]))
    """
    if REPEAT not in getattr(table, "columns", ()):
        raise TypeError(f"`table` must be a LayerTable; found {type(table).__name__}")
    as_choice(control, "control", CONTROLS)
    as_choice(over, "over", OVERS)
    settings = {
        "confidence_level": as_confidence(confidence_level),
        "n_resamples": as_resamples(n_resamples),
        "rng": as_rng(rng),
    }
    part = as_confidence(share, "share")
    cells = Cells.of(table, control)
    networks = cells.units(TRAINED, NETWORK)
    _refuse_nothing(table, cells, control, between)
    if between is not None:
        design = between_kinds(cells, control, _kinds(table, between), settings)
    elif len(networks) > 1:
        design = paired(cells, control, settings)
    elif control == "untrained" and _has_copies(cells):
        design = among_copies(cells, settings["confidence_level"])
    else:
        design = of_repeats(cells, control, part, settings["confidence_level"])
    if design.unit != "repeat":
        refuse_unused("where more is compared than repeats", share=(share, DEFAULT_SHARE))
    return Contrast(
        row_columns(cells, design, over),
        overall=overall_columns(cells, design, over),
        unit=design.unit,
        null=NULLS[design.null].format(between=between),
        decidable=design.decidable,
        notes=_notes(cells, design, over),
    )


def _notes(cells: Cells, design: Design, over: str) -> list[str]:
    said = list(design.notes)
    if cells.left_out:
        said.append(f"Layer {cells.left_out!r} is left out: no training changes the input.")
    if cells.withheld:
        said.append(f"Left out as nan: {cells.withheld} values.")
    nothing = int(np.isnan(design.parts[-1].found.difference).sum())
    if nothing:
        said.append(f"Left out, as nothing is known on one side: {nothing} rows.")
    coarse = not fine_enough(design.parts[0].found, design.unit)
    if design.unit != "repeat" and coarse and len({row[2] for row in cells.rows}) > 1:
        said.append(
            "Of several classes p cannot be adjusted: ask one that was chosen before, or their "
            "mean."
        )
    if over == "rows" and coarse:
        said.append(
            "Rows cannot be adjusted one by one (p_adjusted is nan): that takes 10 networks with a "
            'control each. Ask over="layers".'
        )
    return said


def _has_copies(cells: Cells) -> bool:
    """Whether there are copies to stand among, or one and nothing else."""
    copies, repeats = cells.units("untrained", COPY), cells.units(TRAINED, REPEAT)
    return len(copies) > 1 or (len(copies) == 1 and len(repeats) == 1)


def _refuse_nothing(table: AnyTable, cells: Cells, control: str, between: str | None) -> None:
    if TRAINED not in cells or not cells.rows:
        raise ValueError("`table` must have rows of trained networks, beyond the input; found none")
    several = cells.units(TRAINED, NETWORK) != [ONE]
    if control not in cells and between is None and several:
        known = sorted(set(table["control"].tolist()) - {TRAINED})
        raise ValueError(
            f"`control` must be in the table, which has {', '.join(known) or 'no controls'}; found "
            f"{control!r}: analyse each network with control={control!r}"
        )


def _kinds(table: AnyTable, between: Any) -> dict[Any, str]:
    """Return the kind of each network, of two."""
    if NETWORK not in table:
        raise ValueError(
            "`between` needs a table of several networks, made by `pool`; found one network"
        )
    if not isinstance(between, str) or between not in table or between == NETWORK:
        raise ValueError(
            "`between` must be a column that divides the networks, such as 'group', which "
            f"`pool` makes of `groups`; found {between!r}"
        )
    kinds: dict[Any, str] = {}
    for network, kind in zip(table[NETWORK].tolist(), table[between].tolist(), strict=True):
        if kinds.setdefault(network, str(kind)) != str(kind):
            raise ValueError(
                f"`between` must divide the networks; found {kinds[network]!r} and {kind!r} in "
                f"column {between!r} for network {network!r}"
            )
    found = list(dict.fromkeys(kinds.values()))
    if len(found) != 2:
        raise ValueError(
            f"`between` must divide the networks in two; found {', '.join(map(repr, found))} in "
            f"column {between!r}" + (": select two of them" if len(found) > 2 else "")
        )
    return kinds
