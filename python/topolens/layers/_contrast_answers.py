"""The rows of a contrast, and its answers for each class and number over all layers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from topolens.layers._columns import columns_of
from topolens.layers._contrast_cells import Cells
from topolens.layers._contrast_designs import Design, Part
from topolens.statistics._contrasted import ContrastResult

FINE = 2 / 2**10  # least p from which false discoveries among rows can be controlled
MEAN = "mean of classes"
NUMBER_COLUMNS: dict[str, type] = {
    "measure": np.str_,
    "settings": np.str_,
    "degree": np.int64,
    "scale": np.float64,
}
P_COLUMNS: dict[str, type] = {
    "p": np.float64,
    "p_adjusted": np.float64,
    "least_p": np.float64,
    "n": np.int64,
    "test": np.str_,
}
ROW_COLUMNS: dict[str, type] = {
    "contrast": np.str_,
    "layer_index": np.int64,
    "layer": np.str_,
    "class": np.str_,
    **NUMBER_COLUMNS,
    "value": np.float64,
    "control_value": np.float64,
    "difference": np.float64,
    "low": np.float64,
    "high": np.float64,
    **P_COLUMNS,
}
OVERALL_COLUMNS: dict[str, type] = {
    "contrast": np.str_,
    "class": np.str_,
    **NUMBER_COLUMNS,
    "layers": np.int64,
    "p_max": np.float64,
    **P_COLUMNS,
}


def row_columns(cells: Cells, design: Design, over: str) -> dict[str, np.ndarray]:
    """Return one row for each layer, class and number of which anything is known."""
    return _columns(_rows(cells, design, over), ROW_COLUMNS)


def overall_columns(cells: Cells, design: Design, over: str) -> dict[str, np.ndarray]:
    """Return one row for each class and number: whether there is a difference in any layer."""
    return _columns(_overall(cells, design, over), OVERALL_COLUMNS)


def fine_enough(found: ContrastResult, unit: str) -> bool:
    """Whether p-values are fine enough to control false discoveries among many."""
    known = found.least_p[np.isfinite(found.least_p)]
    return unit == "network" and bool(known.min(initial=1.0) <= FINE)


def _columns(rows: Iterator[dict[str, Any]], types: dict[str, type]) -> dict[str, np.ndarray]:
    return columns_of((tuple(row[name] for name in types) for row in rows), types)


def _rows(cells: Cells, design: Design, over: str) -> Iterator[dict[str, Any]]:
    for part in design.parts:
        adjusted = part.found.p_adjusted
        if over == "rows":
            adjusted = _among_rows(part.found, ~part.constant, design.unit)
        for i, row in enumerate(cells.rows):
            index, layer, name, measure, settings, degree, scale = row
            if np.isnan(part.found.difference[i]):
                continue
            yield {
                "contrast": part.name,
                "layer_index": index,
                "layer": layer,
                "class": name,
                "measure": measure,
                "settings": settings,
                "degree": degree,
                "scale": scale,
                "value": part.values[i],
                "control_value": part.controls[i],
                **{what: column[i] for what, column in part.found.to_columns().items()},
                "p_adjusted": adjusted[i],
                "test": part.found.test,
            }


def _overall(cells: Cells, design: Design, over: str) -> Iterator[dict[str, Any]]:
    if design.unit == "repeat":
        return
    for part in design.parts:
        answers = _answers(part.found, cells.families())
        if part.of_means is not None:
            rows, found = part.of_means
            means = _answers(found, [row[2:] for row in rows])
            answers |= {(MEAN, *number): answer for number, answer in means.items()}
        for key, answer in answers.items():
            beside = [answers[other] for other in answers if _asked_together(key, other, over)]
            adjusted = _discoveries(answer, beside, design.unit)
            yield _overall_row(part, key, answer, adjusted)


def _asked_together(key: tuple, other: tuple, over: str) -> bool:
    """Whether two answers share a count of false discoveries; a mean of classes is asked alone."""
    if over == "rows":
        return True
    return key[1:] == other[1:] and (key[0] == MEAN) == (other[0] == MEAN)


def _answers(found: ContrastResult, families: list[tuple]) -> dict[tuple, dict[str, Any]]:
    """Return what was found for each family of rows."""
    answers = {}
    for code, family in enumerate(found.families):
        rows = [i for i, other in enumerate(families) if other == family]
        known = [i for i in rows if np.isfinite(found.p[i])]
        square, largest = found.p_mean_square[code], found.p_family[code]
        answers[family] = {
            "layers": len(known),
            "p": largest if np.isnan(square) else square,
            "p_max": largest,
            "least_p": min((found.least_p[i] for i in known), default=np.nan),
            "n": max(found.n[i] for i in rows),
        }
    return answers


def _overall_row(part: Part, key: tuple, answer: dict[str, Any], adjusted: float) -> dict[str, Any]:
    name, measure, settings, degree, scale = key
    by = "largest t over layers" if np.isnan(part.found.p_mean_square[0]) else "mean z² over layers"
    return {
        "contrast": part.name,
        "class": name,
        "measure": measure,
        "settings": settings,
        "degree": degree,
        "scale": scale,
        **answer,
        "p_adjusted": adjusted,
        "test": f"{by}, {part.found.test}",
    }


def _among_rows(found: ContrastResult, counted: np.ndarray, unit: str) -> np.ndarray:
    """Return p after Benjamini and Hochberg; 1 of constant rows; nan where p is too coarse."""
    known = counted & np.isfinite(found.p)
    adjusted = np.where(counted, np.nan, 1.0)
    if fine_enough(found, unit) and known.any():
        adjusted[known] = _controlled(found.p[known])
    return np.where(np.isfinite(found.p), adjusted, np.nan)


def _discoveries(answer: dict[str, Any], beside: list[dict[str, Any]], unit: str) -> float:
    """Return p after Benjamini and Hochberg over what is asked beside; nan if too coarse."""
    known = [other for other in beside if np.isfinite(other["p"])]
    if len(beside) == 1 or answer not in known:
        return answer["p"]
    if unit != "network" or min(other["least_p"] for other in known) > FINE:
        return np.nan
    return float(_controlled(np.array([other["p"] for other in known]))[known.index(answer)])


def _controlled(p: np.ndarray) -> np.ndarray:
    from scipy import stats

    return stats.false_discovery_control(p)
