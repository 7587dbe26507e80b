"""What is compared with what, by what was drawn independently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from topolens.layers._contrast_cells import NETWORK, REPEAT, TRAINED, Cells
from topolens.statistics._contrasted import ContrastResult
from topolens.statistics._copies import copy_contrast
from topolens.statistics._families import known_mean
from topolens.statistics._groups import group_contrast
from topolens.statistics._paired import paired_contrast
from topolens.statistics._reach import decidable
from topolens.statistics._subsamples import subsample_intervals


@dataclass(frozen=True, eq=False)
class Part:
    """One comparison, with the means of its two sides."""

    name: str
    values: np.ndarray
    controls: np.ndarray
    found: ContrastResult
    constant: np.ndarray
    of_means: tuple[list[tuple], ContrastResult] | None = None


@dataclass(frozen=True, eq=False)
class Design:
    """What was compared, and by what unit."""

    unit: str
    null: str
    decidable: str
    parts: list[Part]
    notes: tuple[str, ...] = ()


def paired(cells: Cells, control: str, settings: dict[str, Any]) -> Design:
    """Each network with its own controls, all of which could change places with it."""
    networks = cells.units(TRAINED, NETWORK)
    drawn = [cells.draws(control, network) for network in networks]
    most = max(len(copies) for _, copies in drawn)
    none = [np.full(len(cells.rows), np.nan)]
    copies = np.array([others + none * (most - len(others)) for _, others in drawn]).swapaxes(0, 1)
    one, mean = np.array([value for value, _ in drawn]), known_mean(copies)
    part = _part(cells, f"trained - {control}", one, copies, partial(paired_contrast, **settings))
    known = np.isfinite(one - mean)  # both sides are of the same networks
    sides = (known_mean(np.where(known, side, np.nan)) for side in (one, mean))
    part = replace(part, **dict(zip(("values", "controls"), sides, strict=True)))
    apart = cells.are_apart(control)
    note = f"Each repeat has drawn {control} controls anew: networks are those of the first."
    said = decidable("network", len(networks))
    return Design("network", control, said, [part], (note,) if apart else ())


def among_copies(cells: Cells, confidence_level: float) -> Design:
    """One network among its copies."""
    (network,) = cells.units(TRAINED, NETWORK)
    value, copies = cells.draws("untrained", network)

    def test(one: np.ndarray, other: np.ndarray, families: list[tuple]) -> ContrastResult:
        return copy_contrast(one[0], other, families=families, confidence_level=confidence_level)

    part = _part(cells, "trained - untrained", value[None], np.array(copies), test)
    apart = cells.are_apart("untrained")
    note = "Each repeat has drawn another copy: the network is that of the first repeat."
    said = decidable("copy", len(copies))
    return Design("copy", "copy", said, [part], (note,) if apart else ())


def of_repeats(cells: Cells, control: str, share: float, confidence_level: float) -> Design:
    """One network and its subsamples: intervals of its numbers, and of differences, no p."""
    repeats = cells.units(TRAINED, REPEAT)
    values = cells.mean_over(TRAINED, each=REPEAT, of=repeats)
    intervals = partial(subsample_intervals, share=share, confidence_level=confidence_level)
    parts = [_interval_part(TRAINED, values, None, intervals)]
    if control in cells:
        controls = cells.mean_over(control, each=REPEAT, of=repeats)
        parts.append(_interval_part(f"trained - {control}", values, controls, intervals))
    note = f"Each repeat is taken to hold {share:.3g} of the points (`share`)."
    said = decidable("repeat", len(repeats))
    return Design("repeat", "repeat", said, parts, (note,) if len(repeats) > 1 else ())


def between_kinds(
    cells: Cells, control: str, kinds: dict[Any, str], settings: dict[str, Any]
) -> Design:
    """Two kinds of networks: what was trained, beside the controls and the differences."""
    names = list(dict.fromkeys(kinds.values()))
    members = [[network for network in kinds if kinds[network] == kind] for kind in names]
    sides = {TRAINED: [cells.mean_over(TRAINED, each=NETWORK, of=some) for some in members]}
    if control in cells:
        sides[control] = [cells.mean_over(control, each=NETWORK, of=some) for some in members]
        sides[f"trained - {control}"] = [
            one - other for one, other in zip(sides[TRAINED], sides[control], strict=True)
        ]
    test = partial(group_contrast, **settings)
    parts = [
        _part(cells, f"{' - '.join(names)}: {what}", *both, test) for what, both in sides.items()
    ]
    return Design("network", "group", decidable("group", *map(len, members)), parts)


def _part(
    cells: Cells,
    name: str,
    values: np.ndarray,
    controls: np.ndarray,
    test: Callable[..., ContrastResult],
) -> Part:
    """Compare row by row, and the means of the classes, which are one question of each number."""
    found = test(values, controls, families=cells.families())
    everything = np.vstack([values, controls.reshape(-1, values.shape[1])])
    constant = (everything == everything[0]).all(axis=0)
    sides = known_mean(values), known_mean(everything[len(values) :])
    part = Part(name, *sides, found, constant)
    if len({row[2] for row in cells.rows}) == 1:
        return part
    rows, one = cells.over_classes(values)
    _, other = cells.over_classes(controls)
    return replace(part, of_means=(rows, test(one, other, families=[row[2:] for row in rows])))


def _interval_part(
    name: str,
    values: np.ndarray,
    controls: np.ndarray | None,
    intervals: Callable[[np.ndarray], ContrastResult],
) -> Part:
    differences = values if controls is None else values - controls
    none = np.full(differences.shape[1], np.nan)
    if len(differences) > 1:
        found = intervals(differences)
    else:
        found = ContrastResult(
            difference=differences[0],
            low=none,
            high=none,
            p=none,
            p_adjusted=none,
            p_family=none[:1],
            p_mean_square=none[:1],
            least_p=none,
            n=np.isfinite(differences).sum(axis=0),
            families=(0,),
            test="none: one repeat of one network",
        )
    other = none if controls is None else known_mean(controls)
    return Part(name, known_mean(values), other, found, np.zeros(len(none), dtype=bool))
