"""Whole numbers that nothing is made for: each is refused by its name and in full, none is cut."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import topolens as tl
from signature_cases import CALLS, CLOUD, IMAGE, model
from test_signatures import HAND_A_GENERATOR, WALKED, call

# Where what is too large for 32 bits and 64 would be something else.
WRONG = (-1, 2**32 + 2, 2**63, 2**64, 2**64 + 5)
# Those of any size are taken: seeds, limits, and counts of what there may be less of.
LARGE = {"rng", "max_memory", "max_samples", "max_images"}
NEGATIVE = {"n_jobs"}  # as joblib has it: -1 is all
MADE_BY_HAND = {
    "torch.TrajectoryRecorder": lambda **given: tl.TrajectoryRecorder(
        model(), **{"window": 3, **given}
    )
}


def whole_numbers() -> list[tuple[str, str]]:
    """Every parameter that is a whole number, or several, by its default or its type."""
    found = []
    for name, function in WALKED.items():
        for parameter in inspect.signature(function).parameters.values():
            types = str(parameter.annotation).replace("[", " ").replace("]", " ").split()
            handed = parameter.name == "rng" and name in HAND_A_GENERATOR
            if (type(parameter.default) is int or "int" in types) and name in CALLS and not handed:
                found.append((name, parameter.name))
    return found


def refused(name: str, parameter: str, value: Any) -> None:
    function = MADE_BY_HAND.get(name, lambda **given: call(name, **given))
    with pytest.raises((TypeError, ValueError)) as caught:
        function(**{parameter: value})
    assert f"`{parameter}` must " in str(caught.value)
    assert f"found {value}" in str(caught.value)


def test_the_walk_finds_the_usual_ones():
    names = {parameter for _, parameter in whole_numbers()}
    usual = {"k", "hops", "degree", "maxdim", "coeff", "n_threads", "n_resamples", "n_landmarks"}
    assert usual | LARGE | NEGATIVE <= names


@pytest.mark.parametrize(("name", "parameter"), whole_numbers())
def test_every_value_is_refused_by_name_and_in_full(name, parameter):
    for value in WRONG:
        if parameter not in (LARGE if value > 0 else NEGATIVE):
            refused(name, parameter, value)


@pytest.mark.parametrize("parameter", sorted(LARGE))
def test_what_may_be_large_is_not_cut(parameter):
    for name in (name for name, other in whole_numbers() if other == parameter):
        for value in (2**32 + 2, 2**64 + 5):
            call(name, **{parameter: value})


@pytest.mark.parametrize("coeff", [0, 1, 4, 65536, 65537, 2**31, 2**32 + 2, 2**63, 2**64 + 2])
def test_orders_of_fields_are_primes_of_16_bits(coeff):
    for function in (
        lambda **given: tl.rips(CLOUD, **given),
        lambda **given: tl.homology.rips_batch([CLOUD], **given),
        lambda **given: tl.cubical(IMAGE, **given),
        lambda **given: tl.homology.cubical_batch([IMAGE], **given),
        lambda **given: tl.hop_betti(CLOUD, k=4, **given),
    ):
        with pytest.raises(ValueError) as caught:
            function(coeff=coeff)
        assert str(caught.value) == f"`coeff` must be a prime below 65536; found {coeff}"
