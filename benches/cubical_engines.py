"""topolens, GUDHI and cripser on one image or a stack of them, in a process of its own.

The parent is `cubical.py`; this file is also what the child runs. Coefficients are integers
modulo 2 everywhere. Values are of single precision; the peers, which want double, are handed
them converted, outside of the time.
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version

import numpy as np
from scipy import ndimage

from measure import MOST_CALLS, SHORT, forget_peak, resident_mb

OURS, GUDHI, GUDHI_FAST, CRIPSER, CRIPSER_BINARY = (
    "topolens",
    "gudhi",
    "gudhi.sklearn",
    "cripser",
    "cripser-binary",
)
THRESHOLD = 0.2  # of the Betti numbers; the images have standard deviation one or so

Arrays = list[np.ndarray]


def smoothed(noise: np.ndarray, axes: int, sigma: float) -> np.ndarray:
    """Noise without its short waves along the last axes, of variance one again."""
    smooth = ndimage.gaussian_filter(noise, sigma, axes=range(noise.ndim)[-axes:])
    return smooth / smooth.std()


KINDS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "noise": lambda noise, _: noise,
    "smooth": lambda noise, axes: smoothed(noise, axes, 4.0),
    "relu": lambda noise, axes: np.maximum(smoothed(noise, axes, 1.0) - 0.1, 0),
}


@dataclass(frozen=True)
class Question:
    """Diagrams of an image or of each of a stack, or the Betti numbers at one threshold."""

    shape: tuple[int, ...]
    kind: str
    construction: str = "V"
    stacked: bool = False
    betti: bool = False
    periodic: bool = False
    peers: bool = True

    @property
    def name(self) -> str:
        shape = "x".join(map(str, self.shape))
        if len(set(self.shape)) == 1 < len(self.shape):
            shape = f"{self.shape[0]}^{len(self.shape)}"
        task = "-betti" * self.betti + "-periodic" * self.periodic + "-alone" * (not self.peers)
        return f"{shape}-{self.kind}-{self.construction}{task}"

    @property
    def axes(self) -> int:
        """Axes of one image."""
        return len(self.shape) - self.stacked

    def engines(self) -> list[str]:
        """Those that can answer."""
        found = [OURS, GUDHI]
        if self.betti:
            found = [OURS, CRIPSER, CRIPSER_BINARY]
        elif not self.periodic:
            found.append(CRIPSER)
            if self.axes == 1 or (self.axes == 2 and self.construction == "T"):
                found.append(GUDHI_FAST)
        return found if self.peers else [OURS]

    def data(self, smallest: bool = False) -> np.ndarray:
        """The image or the stack; a small one of the same kind on demand."""
        shape = tuple(min(n, 5) for n in self.shape) if smallest else self.shape
        noise = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
        return KINDS[self.kind](noise, self.axes).astype(np.float32)


# --- the engines --------------------------------------------------------------------------------
# Each gives arrays: the diagrams of every image, degree after degree, or all Betti numbers.


def topolens(question: Question, data: np.ndarray, threads: int) -> Arrays:
    import topolens as tl

    kwargs = {"construction": question.construction, "n_threads": threads}
    if question.betti:
        return [tl.cubical_betti(data, THRESHOLD, batch=True, **kwargs).betti_numbers]
    if question.periodic:
        kwargs["periodic"] = [True] * question.axes
    if question.stacked:
        return [dgm for result in tl.homology.cubical_batch(data, **kwargs) for dgm in result.dgms]
    return tl.cubical(data, **kwargs).dgms


def gudhi(question: Question, data: np.ndarray, threads: int) -> Arrays:
    import gudhi

    name = {"V": "vertices", "T": "top_dimensional_cells"}[question.construction]
    kwargs = {"periodic_dimensions": [True] * question.axes} if question.periodic else {}
    build = gudhi.PeriodicCubicalComplex if question.periodic else gudhi.CubicalComplex
    found = []
    for image in data if question.stacked else [data]:
        cells = build(**{name: image}, **kwargs)
        cells.compute_persistence(homology_coeff_field=2, min_persistence=0)
        degrees = range(question.axes + question.periodic)
        found += [cells.persistence_intervals_in_dimension(d) for d in degrees]
    return found


def gudhi_sklearn(question: Question, data: np.ndarray, threads: int) -> Arrays:
    """GUDHI's own way for lines and pictures, which needs no complex."""
    from gudhi.sklearn.cubical_persistence import CubicalPersistence

    way = CubicalPersistence(
        list(range(question.axes)), homology_coeff_field=2, n_jobs=threads if threads > 1 else None
    )
    images = list(data) if question.stacked else [data]
    return [dgm for dgms in way.fit_transform(images) for dgm in dgms]


def cripser(question: Question, data: np.ndarray, threads: int) -> Arrays:
    images = data if question.stacked else [data]
    found = [by_cripser(question, image, threads) for image in images]
    if question.betti:
        return [np.array([[alive(dgm).sum() for dgm in dgms] for dgms in found])]
    return [dgm for dgms in found for dgm in dgms]


def cripser_binary(question: Question, data: np.ndarray, threads: int) -> Arrays:
    """Fewer bars: all that is up to the threshold enters at once, and nothing else."""
    return cripser(question, np.where(data <= THRESHOLD, 0.0, np.inf), threads)


def by_cripser(question: Question, image: np.ndarray, threads: int) -> Arrays:
    import cripser

    bars = cripser.compute_ph(
        image,
        filtration=question.construction,
        maxdim=question.axes - 1,
        location="none",
        n_threads=threads,
    )
    return [bars[bars[:, 0] == degree, 1:3] for degree in range(question.axes)]


def alive(dgm: np.ndarray) -> np.ndarray:
    return (dgm[:, 0] <= THRESHOLD) & (dgm[:, 1] > THRESHOLD)


ENGINES = {
    OURS: topolens,
    GUDHI: gudhi,
    GUDHI_FAST: gudhi_sklearn,
    CRIPSER: cripser,
    CRIPSER_BINARY: cripser_binary,
}


# --- the child ----------------------------------------------------------------------------------


def digest(arrays: Arrays) -> str:
    """A short name of answers: bars that have a length, in order, compared to the last bit."""
    state = blake2b(digest_size=16)
    for array in arrays:
        if array.dtype.kind == "f":
            array = array.reshape(-1, 2)
            array = array[array[:, 0] < array[:, 1]] + 0.0  # there is but one zero
            array = array[np.lexsort((array[:, 1], array[:, 0]))]
        state.update(f"{array.shape}".encode())
        state.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
    return state.hexdigest()


def main() -> None:
    job = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
    name, threads = job["engine"], job["threads"]
    call = ENGINES[name]
    question = Question(**job["question"] | {"shape": tuple(job["question"]["shape"])})
    dtype = np.float32 if name == OURS else np.float64
    # A first call on a small image imports what the engine needs and starts its threads.
    call(question, question.data(smallest=True).astype(dtype), threads)
    data = question.data().astype(dtype)
    before = forget_peak()
    cpu, wall = [], []
    while sum(wall) < SHORT and len(wall) < MOST_CALLS:
        start = time.process_time(), time.perf_counter()
        arrays = call(question, data, threads)
        cpu.append(time.process_time() - start[0])
        wall.append(time.perf_counter() - start[1])
    peak = resident_mb("VmHWM") - before
    found = {
        "cpu": statistics.median(cpu),
        "wall": statistics.median(wall),
        "peak_mb": peak,
        "digest": digest(arrays),
        "size": [len(array) for array in arrays[: question.axes]],
        "version": version(name.split(".")[0].split("-")[0]),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
