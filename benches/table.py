"""What the figures of a case amount to: topolens over the best peer, as text.

A row holds the figures of one case: `engines` has, by name and number of
threads, either the figures (`cpu`, `wall`, `peak_mb`), or `stopped_after` so
many seconds, or a `failure`; `disagree` names the engines that found something else.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engines import OURS

Row = dict[str, Any]
LEAST_MB = 1.0  # less than that is noise


@dataclass(frozen=True)
class Ratio:
    """topolens over the best peer; only a bound where one of the two was stopped."""

    value: float
    sign: str = ""

    def __str__(self) -> str:
        return f"{self.sign}{self.value:.2f}"


@dataclass(frozen=True)
class Best:
    """The best peer in one respect."""

    value: float
    name: str
    sign: str = ""


def figures(row: Row, key: str) -> Iterator[tuple[str, str, dict]]:
    """Yield the peers to be beaten, with threads and figures."""
    for name, by_threads in row["engines"].items():
        if name != OURS and name not in row["disagree"]:
            for threads, entry in by_threads.items():
                if key in entry:
                    yield name, threads, entry


def best_peer(row: Row, key: str, one_thread: bool) -> Best | None:
    found = [
        Best(entry[key], name if threads == "1" else f"{name} x{threads}")
        for name, threads, entry in figures(row, key)
        if threads == "1" or not one_thread
    ]
    if found:
        return min(found, key=lambda best: best.value)
    # All were stopped: the best peer needs more than the least of their limits.
    limits = [entry["stopped_after"] for _, _, entry in figures(row, "stopped_after")]
    return Best(min(limits), "every peer", ">") if limits and key != "peak_mb" else None


def ratio(row: Row, key: str, threads: str, one_thread: bool, least: float = 0.0) -> Ratio | None:
    """Compare our figure at some threads with the best peer's; None where one is missing."""
    ours = row["engines"].get(OURS, {}).get(threads, {})
    best = best_peer(row, key, one_thread)
    if best is None or OURS in row["disagree"]:
        return None
    if key in ours:
        return Ratio(max(ours[key], least) / max(best.value, least), "<" if best.sign else "")
    if "stopped_after" in ours and not best.sign and key != "peak_mb":
        return Ratio(ours["stopped_after"] / best.value, ">")
    return None


def ratios(row: Row) -> dict[str, Ratio | None]:
    return {
        "CPU, one thread": ratio(row, "cpu", "1", one_thread=True),
        "wall, two threads": ratio(row, "wall", "2", one_thread=False),
        "peak memory": ratio(row, "peak_mb", "1", one_thread=True, least=LEAST_MB),
    }


def short(value: float) -> str:
    """Three digits, or all in front of the point."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def text_of(entry: dict) -> str:
    if "cpu" in entry:
        return f"{short(entry['cpu'])} s {short(entry['peak_mb'])} MB"
    if "stopped_after" in entry:
        return f"> {entry['stopped_after']:.0f} s"
    return entry["failure"]


def describe(row: Row) -> str:
    """One line of ratios, and one with every engine, the fastest first."""
    cpu, wall, memory = (str(value or "-") for value in ratios(row).values())
    engines = row["engines"]
    ours = engines.get(OURS, {})
    alone, paired = ours.get("1", {}), ours.get("2", {})
    best_cpu = best_peer(row, "cpu", one_thread=True)
    best_wall = best_peer(row, "wall", one_thread=False)
    best_mb = best_peer(row, "peak_mb", one_thread=True)

    def cell(entry: dict, key: str) -> str:
        return short(entry[key]) if key in entry else text_of(entry) if entry else "-"

    def peer(best: Best | None) -> str:
        return f"{best.sign}{short(best.value)} {best.name}" if best else "-"

    first = (
        f"{row['case']:26} CPU {cpu:>6} = {cell(alone, 'cpu'):>7} / {peer(best_cpu):23}"
        f" wall x2 {wall:>6} = {cell(paired, 'wall'):>7} / {peer(best_wall):25}"
        f" MB {memory:>6} = {cell(alone, 'peak_mb'):>6} / {peer(best_mb)}"
    )
    order = sorted(engines, key=lambda name: engines[name].get("1", {}).get("cpu", 1e9))
    others = [
        f"{name} {text_of(engines[name]['1'])}" + " DISAGREES" * (name in row["disagree"])
        for name in order
        if "1" in engines[name]
    ]
    return first + "\n    " + " | ".join(others)


def summary(rows: list[Row]) -> str:
    """Geometric means over the cases, the cases not won, and who disagreed."""
    lines = []
    for name in ratios(rows[0]) if rows else ():
        found = {row["case"]: value for row in rows if (value := ratios(row)[name])}
        if not found:
            continue
        mean = statistics.geometric_mean(value.value for value in found.values())
        bounds = sum(1 for value in found.values() if value.sign)
        lost = [f"{case} {value}" for case, value in found.items() if value.value >= 1]
        lines.append(
            f"{name}: geometric mean {mean:.3f} over {len(found)} cases ({bounds} of them bounds);"
            f" not won: {', '.join(lost) or 'none'}"
        )
    wrong = [f"{name} on {row['case']}" for row in rows for name in row["disagree"]]
    lines.append(f"disagree: {', '.join(wrong) or 'none'}")
    failed = [row["case"] for row in rows if our_failure(row)]
    lines.append(f"{OURS} gave no answer: {', '.join(failed) or 'none'}")
    return "\n".join(lines)


def our_failure(row: Row) -> bool:
    return any("cpu" not in entry for entry in row["engines"].get(OURS, {}).values())
