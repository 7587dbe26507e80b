"""Everything that takes diagrams, on whatever a fuzzer makes of bytes.

    python fuzz/diagram_forms.py [-max_total_time=60] [corpus]

A call returns, or raises what it documents in words of its own. Needs the package atheris.
"""

from __future__ import annotations

import sys
import warnings
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import atheris
import numpy as np

with atheris.instrument_imports(include=["topolens"]):
    import topolens as tl
    from topolens import diagrams
    from topolens.diagrams._reading import as_diagram, as_diagrams, as_list_of_diagrams

KINDS = (ValueError, TypeError, MemoryError, OverflowError, tl.NumericalError)
NUMBERS = (
    *(0, 1, 2, 3, 0.0, -0.0, 0.5, 1.5, -1, -2.5, 1e-300, 5e-324, 1e300, -1e300, 1.7e308, 2**53),
    *(2**53 + 1, -(2**63), 2**64, 10**400, float("inf"), -float("inf"), float("nan"), True, False),
    *(None, "", "drop", "1", b"0", 1j, Decimal("0.25"), Decimal("nan"), Fraction(1, 3), object),
    *(np.float32(0.1), np.float16(2), np.int8(-3), np.uint64(2**63), np.datetime64("nat"), [], {}),
)
TYPES = ("f8", "f4", "f2", "i8", "u8", "i1", "?", "U2", "O", "c16", "M8[s]", "f8,f8", ">f8", "g")
ENDS = (0.0, 1.0, 1.0, 2.0, 3.0, 0.5, np.inf, -np.inf, np.nan, 1e300, -1e308, 1e-320)
NEEDED = ("grid", "sigma", "mean_distance")
FLAGS = ("complete", "sublevel")
LETTERS = ("birth", "death", "degree", "dimension", "dgms", *FLAGS)


class Bytes(atheris.FuzzedDataProvider):
    """Values of all kinds from bytes."""

    def choice(self, options):
        return options[self.ConsumeIntInRange(0, len(options) - 1)]

    def number(self):
        if self.ConsumeIntInRange(0, 3):
            return self.choice(NUMBERS)
        return self.ConsumeFloat() if self.ConsumeBool() else self.ConsumeInt(8)

    def shape(self):
        return tuple(self.ConsumeIntInRange(0, 3) for _ in range(self.ConsumeIntInRange(0, 4)))

    def array(self):
        shape = self.choice(((3, 2), (2, 2), (1, 2), (0, 2), (2, 3), (1, 3, 3), self.shape()))
        values = [self.choice(ENDS) for _ in range(int(np.prod(shape)))]
        with np.errstate(all="ignore"):
            array = np.array(values).astype(self.choice(TYPES), casting="unsafe").reshape(shape)
        how = self.ConsumeIntInRange(0, 9)
        if how == 0:
            return np.ma.masked_array(array, mask=array == array)
        return array[::-1] if how == 1 and array.ndim else array

    def bars(self):
        """Rows that are most often a diagram."""
        rows = []
        for _ in range(self.ConsumeIntInRange(0, 4)):
            birth, death = sorted((self.choice(ENDS[:7]), self.choice(ENDS[:7])))
            rows.append([birth, death] if birth < np.inf else [0.0, birth])
        return np.array(rows).reshape(-1, 2) if self.ConsumeBool() else rows

    def thing(self, depth=0):
        kind = self.ConsumeIntInRange(0, 11)
        if kind <= 2 or depth > 5:
            return self.bars()
        if kind == 3:
            return self.array()
        if kind == 4:
            return self.number()
        parts = [self.thing(depth + 1) for _ in range(self.ConsumeIntInRange(0, 3))]
        if kind == 5:
            return tuple(parts)
        if kind == 6:
            return {self.choice(LETTERS): part for part in parts}
        if kind == 7:
            names = {self.choice(LETTERS): part for part in parts}
            names |= {flag: self.ConsumeBool() for flag in FLAGS if flag in names}
            return SimpleNamespace(**names, threshold=self.choice(ENDS[:6]))
        if kind == 8:
            boxed = np.empty(len(parts), dtype=object)
            boxed[:] = parts
            return boxed
        if kind == 9:
            return [(self.number(), self.bars()[:1]) for _ in parts]
        return iter(parts) if kind == 10 else parts

    def options(self, **known):
        """Some of the arguments, most often as they should be."""
        given = {}
        for name, usual in known.items():
            how = self.ConsumeIntInRange(0, 7)
            if how or name in NEEDED:
                given[name] = self.number() if how == 1 else self.choice(usual)
        return given


GRIDS = ([0.0, 1.0, 2.0], [1.0], np.linspace(-1, 4, 7), [], [2.0, 1.0], [np.nan])
ENDINGS = (None, "drop", 5.0, float("inf"))
COMMON = {"degree": (None, 0, 1)}
CALLS = {
    as_diagram: COMMON,
    as_diagrams: {},
    as_list_of_diagrams: COMMON,
    diagrams.betti_curve: {"grid": GRIDS, **COMMON},
    diagrams.euler_curve: {"grid": GRIDS},
    diagrams.landscape: {"grid": GRIDS, "k": (1, 3), "essential": ENDINGS, **COMMON},
    diagrams.silhouette: {"grid": GRIDS, "power": (0, 1.0, 2), "essential": ENDINGS, **COMMON},
    diagrams.persistence_image: {
        **{"sigma": (0.1, 1.0, 1e-300, 1e300), "resolution": (1, 3, (2, 4))},
        **{"weight": ("linear", 0, 2.0, lambda b, p: p), "pixels": ("integral", "density")},
        **{"birth_range": (None, (0, 1)), "persistence_range": (None, (0, 3))},
        **{"essential": ENDINGS, **COMMON},
    },
    diagrams.persistence_entropy: {"normalize": (True, False), "essential": ENDINGS, **COMMON},
    diagrams.total_persistence: {"p": (1.0, 2.0), "essential": ENDINGS, **COMMON},
    diagrams.persistence_statistics: {"essential": ENDINGS, **COMMON},
    diagrams.universal_null_test: {"mean_distance": (1.0, 0.0, 1e-300, np.inf), **COMMON},
    diagrams.amplitude: {"metric": ("bottleneck", "wasserstein", "betti", "landscape"), **COMMON},
    diagrams.distance_matrix: {
        **{"metric": ("bottleneck", "wasserstein", "sliced_wasserstein", "landscape")},
        **{"p": (1.0, 2.0, 3.5), "q": (1.0, 2.0, np.inf), "k": (1, 5), **COMMON},
    },
    diagrams.landscape_band: {"grid": GRIDS, "n_resamples": (10,), "rng": (0,), **COMMON},
}
PAIRS = {
    diagrams.bottleneck_distance: {"delta": (0.0, 0.1), "matching": (True, False), **COMMON},
    diagrams.wasserstein_distance: {
        **{"p": (1.0, 2.0, 5.0), "q": (1.0, 2.0, np.inf), "delta": (0.0, 0.1)},
        **{"matching": (True, False), **COMMON},
    },
    diagrams.sliced_wasserstein_distance: {"n_directions": (1, 7), **COMMON},
    diagrams.landscape_distance: {"k": (1, 3), "p": (1.0, 2.0, np.inf), **COMMON},
    diagrams.permutation_test: {"n_resamples": (9,), "rng": (0,), **COMMON},
}
TABLE = [(call, 1, known) for call, known in CALLS.items()]
TABLE += [(call, 2, known) for call, known in PAIRS.items()]


def test_one_input(data: bytes) -> None:
    """Call one function."""
    source = Bytes(data)
    call, count, known = source.choice(TABLE)
    things = [source.thing() for _ in range(count)]
    given = source.options(**known)
    try:
        call(*things, **given)
    except KINDS as error:
        if "`" not in str(error):
            raise AssertionError(f"no argument is named: {error!r}") from error


if __name__ == "__main__":
    warnings.simplefilter("error")
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
