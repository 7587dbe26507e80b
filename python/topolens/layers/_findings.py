"""What a table says in sentences, each with the rule that lets it be said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape

import numpy as np

from topolens._arrays import as_rng
from topolens._calls import as_choice
from topolens._html import notebook_html
from topolens.layers._columns import check_layer_table, matching
from topolens.layers._evidence import ALPHA, CONTROL_NAMES, Answer, Evidence, number
from topolens.layers._job import CONTROLS, Control
from topolens.layers._protocol import AnyTable
from topolens.measures._hops import MOST_REACH, TOO_COARSE

# The smallest differences that are worth a sentence, however certain they are.
SIZES = {"pieces": 1.0, "within_to_others": 0.05, "longest_loop": 0.05}
NAMES = {
    "pieces": "pieces among others",
    "within_to_others": "size within over distance to others",
    "longest_loop": "the longest loop",
}
NUMBERS = (("pieces", -1), ("within_to_others", -1), ("longest_loop", 1))
MOST, HALF = 0.9, 0.5  # of networks or copies
ENOUGH_REPEATS = 20
FEWEST_FOR_LOOPS = 50
LOOPS_SEEN = (
    "a circle in 16 dimensions with noise of half its radius is found 9 times in 10 from 50 points"
)


class Findings(Sequence[str]):
    """Sentences about a layer table, each with its figures; made by `LayerTable.findings`."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self._sentences = tuple(sentences)

    def __len__(self) -> int:
        return len(self._sentences)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        return self._sentences[place]

    def __repr__(self) -> str:
        return "\n".join(f"- {sentence}" for sentence in self)

    def _repr_html_(self) -> str:
        return notebook_html(findings_html(self))


def findings_html(found: Findings) -> str:
    """Return the sentences as a list."""
    return f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in found)}</ul>"


def findings(
    table: AnyTable,
    control: Control = "untrained",
    *,
    rng: int | np.random.Generator | None = None,
) -> Findings:
    """Say in sentences what a table shows, where that is more than chance, and where it is not.

    Parameters
    ----------
    table : LayerTable
        Of one network, with untrained copies or repeats; or of several, made by :func:`pool`.
    control : {"untrained", "shuffled"}, default "untrained"
        What the network is compared with, if the table has it.
    rng : int, Generator or None, default None
        Draws sign flips of more than 11 networks.

    Returns
    -------
    Findings
        A sequence of sentences. There is always one: at least what could not be found, and why.

    Raises
    ------
    TypeError
        If `table` is not a LayerTable.

    See Also
    --------
    contrast : The differences, intervals and p-values behind the sentences.

    Notes
    -----
    Each number is one question, asked of the mean of all classes over all layers; layers are
    named where it has an answer. A difference below 1 piece, 0.05 of a ratio or of the mean
    distance is not worth a sentence, however certain it is. Loops of single
    classes are asked about where the input has one that its points can show, with p multiplied by
    the number of such classes.

    Examples
    --------
    >>> import numpy as np, topolens as tl
    >>> labels, noise = np.repeat([0, 1], 40), np.random.default_rng(0).normal(size=(80, 2))
    >>> layers = {"input": noise, "hidden": noise + 4 * labels[:, None]}
    >>> table = tl.analyse(layers, tl.Pieces(), labels=labels, rng=0)
    >>> found = tl.layers.findings(table)
    >>> found[0][:40]
    'The classes join up by layer hidden: in '
    """
    check_layer_table(table)
    as_choice(control, "control", CONTROLS)
    evidence = Evidence(table, control, as_rng(rng))
    sentences = [sentence for rule in RULES for sentence in rule(evidence)]
    return Findings(sentences or [_nothing(evidence)])


def _undecidable(evidence: Evidence) -> Iterator[str]:
    """Say that so few networks or copies can decide nothing."""
    if evidence.controlled and not evidence.least_p <= ALPHA:
        yield evidence.decidable


def _too_coarse(evidence: Evidence) -> Iterator[str]:
    """Say that most Betti numbers were withheld, in place of showing them."""
    betti = matching(evidence.table, measure="betti")
    if not len(betti) or "note" not in betti:
        return
    coarse = np.char.startswith(betti["note"], TOO_COARSE)
    if coarse.mean() > HALF:
        yield (
            f"The hop scale is too coarse to see anything: in {coarse.mean():.0%} of the clouds "
            f"one point reaches more than {MOST_REACH:.0%} of its class. Take more points, a "
            "smaller k, or measures without a scale (Loops, Pieces, Spread)."
        )


def _pieces(evidence: Evidence) -> Iterator[str]:
    """Say whether classes hold together, or fall apart, more than in the control."""
    answer = evidence.answer("pieces")
    layers = _named(answer, SIZES["pieces"])
    if answer is None or not layers:
        return
    last = max(evidence.layers)
    layer = last if last in layers else max(layers, key=lambda i: abs(answer.by_layer[i].value))
    trained, other = (_at(evidence, "pieces", layer, c) for c in ("trained", evidence.control))
    together = answer.by_layer[layer].value < 0
    if len(evidence.classes) > 1:
        what = f"The classes {'hold together' if together else 'fall apart'}"
        pieces = f"{_counted(trained)} a class"
    else:
        what = f"Class {evidence.classes[0]} {'holds together' if together else 'falls apart'}"
        pieces = _counted(trained)
    yield (
        f"{what}: {pieces} among the others in layer "
        f"{evidence.layers[layer]}, {number(other)} in {CONTROL_NAMES[evidence.control]} "
        f"({evidence.said(answer, layer)})."
    )


def _joined(evidence: Evidence) -> Iterator[str]:
    """Say by which layer every class is in one piece, and was not before."""
    known = list(evidence.values("pieces_of_three"))
    whole = [len(values) > 0 and (values == 1).mean() >= MOST for values in known]
    first = next((i for i in range(len(whole)) if all(whole[i:])), None)
    if first is None or first == 0:
        return
    before, control = float(known[first - 1].mean()), ""
    if evidence.controlled:
        other = evidence.course("pieces_of_three", evidence.control)[first]
        if not other > 1:
            return
        control = f"; {number(other)} in {CONTROL_NAMES[evidence.control]} there"
    if before > 1:
        several = len(evidence.classes) > 1
        what = "The classes join up" if several else f"Class {evidence.classes[0]} joins up"
        yield (
            f"{what} by layer {list(evidence.layers.values())[first]}: in one piece there and "
            f"after, apart from strays, and in {number(before)} before{control} "
            f"({evidence.of_whom()})."
        )


def _pulled(evidence: Evidence) -> Iterator[str]:
    """Say from which layer on training pulls classes together, or apart."""
    answer = evidence.answer("within_to_others")
    layers = _named(answer, SIZES["within_to_others"])
    if answer is None or not layers:
        return
    known = sorted(answer.by_layer)
    tail = [i for i in known if all(j in layers for j in known if j >= i)]
    layer = min(tail) if tail else max(layers, key=lambda i: abs(answer.by_layer[i].value))
    where = (
        f"from layer {evidence.layers[layer]} on" if tail else f"in layer {evidence.layers[layer]}"
    )
    end = max(known) if tail else layer
    course = evidence.course("within_to_others")
    places = list(evidence.layers)
    other = _at(evidence, "within_to_others", end, evidence.control)
    verb = "together" if answer.by_layer[end].value < 0 else "apart"
    whom = "the classes" if len(evidence.classes) > 1 else f"class {evidence.classes[0]}"
    work = "Training pulls" if evidence.control == "untrained" else "More than chance holds"
    yield (
        f"{work} {whom} {verb} {where}: size within over distance to others goes from "
        f"{number(course[0])} in layer {evidence.layers[places[0]]} to "
        f"{number(course[places.index(end)])} in layer {evidence.layers[end]}, "
        f"{number(other)} there in {CONTROL_NAMES[evidence.control]} "
        f"({evidence.said(answer, end)})."
    )


def _loops(evidence: Evidence) -> Iterator[str]:
    """Say where loops of the input go, or that there is none."""
    if "supported_loops" not in evidence.measures:
        return
    shares = {name: _supported(evidence, name, "trained") for name in evidence.classes}
    looped = [name for name in evidence.classes if shares[name][0] >= MOST]
    known = [share for by_layer in shares.values() for share in by_layer if share == share]
    if known and np.mean(known) <= ALPHA:
        fewest = int(evidence.table["n"].min())
        few = f"; of {fewest} points few loops would be" if fewest < FEWEST_FOR_LOOPS else ""
        yield (
            "No loop that these points can show, in any layer "
            f"({evidence.of_whom()}; {LOOPS_SEEN}{few})."
        )
    for name in looped:
        yield from _fate(evidence, name, shares[name], len(looped))


def _fate(evidence: Evidence, name: str, shares: np.ndarray, asked: int) -> Iterator[str]:
    """Say whether a class loses its loop where controls keep it, or keeps it where they do not."""
    answer = evidence.answer("longest_loop", name, degree=1)
    if answer is None or answer.p * asked > ALPHA:
        return
    answer = answer._replace(p=min(1.0, answer.p * asked))
    named = _named(answer, SIZES["longest_loop"])
    others = _supported(evidence, name, evidence.control)
    places = list(evidence.layers)
    of_class = "" if len(evidence.classes) == 1 else f" of class {name}"
    whom = CONTROL_NAMES[evidence.control]
    gone = next((i for i in range(1, len(shares)) if (shares[i:] <= 1 - MOST).all()), None)
    kept = max(i for i in range(len(shares)) if (shares[: i + 1] >= MOST).all())
    length, other = (
        evidence.course("longest_loop", control, name, degree=1)
        for control in ("trained", evidence.control)
    )
    if gone is not None and places[gone] in named and others[gone] >= MOST:
        yield (
            f"The loop{of_class} at the input is gone from layer {evidence.layers[places[gone]]} "
            f"on, and not in {whom}: longest over mean distance {number(length[0])} to "
            f"{number(length[gone])}, {number(other[gone])} there "
            f"({evidence.said(answer, places[gone])})."
        )
    elif places[kept] in named and others[kept] < HALF and length[kept] > other[kept]:
        yield (
            f"The loop{of_class} is kept up to layer {evidence.layers[places[kept]]}, where {whom} "
            f"lose it: longest over mean distance {number(length[kept])}, {number(other[kept])} "
            f"there, supported in {others[kept]:.0%} of them "
            f"({evidence.said(answer, places[kept])})."
        )


def _alike(evidence: Evidence) -> Iterator[str]:
    """Say of which numbers nothing distinguishes the trained networks, or that it is undecided."""
    for measure, degree in NUMBERS:
        answer = evidence.answer(measure, degree=degree)
        if answer is None or answer.least_p > ALPHA:
            continue
        size = SIZES[measure]
        largest = max(abs(d.value) for d in answer.by_layer.values())
        if answer.clear:
            if largest < size:
                yield (
                    f"Certain but small: {NAMES[measure]} differs by {number(largest)} from "
                    f"{CONTROL_NAMES[evidence.control]} at most; {number(size)} would be worth a "
                    f"word ({evidence.said(answer)})."
                )
            continue
        bounds = [(d.low, d.high) for d in answer.by_layer.values()]
        within = all(-size <= low and high <= size for low, high in bounds)
        ends = f"{number(min(low for low, _ in bounds))} to {number(max(h for _, h in bounds))}"
        if within:
            yield (
                f"Nothing distinguishes trained networks from {CONTROL_NAMES[evidence.control]} in "
                f"{NAMES[measure]}: the difference is within {ends} in every layer "
                f"({evidence.said(answer)})."
            )
        else:
            yield (
                f"Undecided: {NAMES[measure]}, trained less {CONTROL_NAMES[evidence.control]}, may "
                f"differ by {ends} ({evidence.said(answer)})."
            )


def _stable(evidence: Evidence) -> Iterator[str]:
    """Say how far other samples would move the numbers of one network, from its repeats."""
    if evidence.unit != "repeat" or evidence.repeats < ENOUGH_REPEATS:
        return
    for measure, degree in NUMBERS:
        widths = evidence.half_widths(measure, degree)
        if len(widths):
            yield (
                f"Other samples of this kind would move {NAMES[measure]} by about "
                f"{number(widths.max())} in any layer ({evidence.of_whom()}; 95 % interval of "
                "subsamples)."
            )


RULES: tuple[Callable[[Evidence], Iterator[str]], ...] = (
    _undecidable,
    _pulled,
    _pieces,
    _joined,
    _loops,
    _alike,
    _stable,
    _too_coarse,
)


def _named(answer: Answer | None, size: float) -> list[int]:
    """Return the layers that may be named: where all together differ, and each by some size."""
    if answer is None or not answer.clear:
        return []
    return [i for i, d in answer.by_layer.items() if d.p <= ALPHA and abs(d.value) >= size]


def _counted(pieces: float) -> str:
    return f"{number(pieces)} {'piece' if pieces == 1 else 'pieces'}"


def _at(evidence: Evidence, measure: str, layer: int, control: str) -> float:
    return float(evidence.course(measure, control)[list(evidence.layers).index(layer)])


def _supported(evidence: Evidence, name: str, control: str) -> np.ndarray:
    """Return the share of networks, copies and repeats with a supported loop, by layer."""
    known = evidence.values("supported_loops", control, name, degree=1)
    return np.array([(values > 0).mean() if len(values) else np.nan for values in known])


def _nothing(evidence: Evidence) -> str:
    why = "" if evidence.controlled else ' Compare with untrained copies: control="untrained".'
    return f"Nothing to say of {', '.join(evidence.measures)} by these rules.{why}"
