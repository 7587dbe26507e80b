"""Lines of other packages and ours that docs/howto/coming_from.md sets side by side."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agreements import (
    SINGLE,
    bars,
    by_degree,
    close,
    cocycles,
    covering,
    farthest,
    inputs,
    one_diagram,
    sparse,
    voxels,
    within,
)

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("peer_answers.py")


@dataclass(frozen=True)
class Line:
    """Code that asks another package, code that asks us, and how the answers are to agree."""

    theirs: str
    ours: str
    differs: str
    agree: Callable[[Any, Any], None]


@dataclass(frozen=True)
class Peer:
    """A package, what its lines need first, and where it is installed if not beside us."""

    name: str
    setup: str
    lines: tuple[Line, ...]
    environment: str = ""

    @property
    def python(self) -> Path:
        if not self.environment:
            return Path(sys.executable)
        return ROOT / self.environment / "bin" / "python"

    def answers(self) -> list[Any]:
        """Run the package's lines where it is installed."""
        asked = {"setup": self.setup, "lines": [line.theirs for line in self.lines]}
        arrays = {k: v for k, v in inputs().items() if isinstance(v, np.ndarray)}
        with tempfile.TemporaryDirectory() as folder:
            given, answered = Path(folder) / "inputs.npz", Path(folder) / "answers.json"
            np.savez(given, **arrays)
            run = subprocess.run(
                [str(self.python), str(PROGRAM), str(given), str(answered)],
                input=json.dumps(asked),
                capture_output=True,
                text=True,
                timeout=300,
            )
            assert run.returncode == 0, run.stderr[-3000:]
            return json.loads(answered.read_text(encoding="utf-8"))

    def table(self) -> str:
        """The lines as a table in Markdown, after what they need first."""
        rows = [(self.name, "topolens", "what differs"), ("---", "---", "---")]
        rows += [(f"`{line.theirs}`", f"`{line.ours}`", line.differs) for line in self.lines]
        table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
        return f"```text\n{self.setup}\n```\n\n{table}"


RIPSER = Peer(
    "ripser.py",
    "from ripser import Rips, lower_star_img, ripser\nfrom scipy.sparse import csr_matrix",
    (
        Line(
            "ripser(X)['dgms']",
            "tl.rips(X).dgms",
            "ripser.py computes in float32: seven digits, and bars shorter than that are lost",
            bars(SINGLE),
        ),
        Line(
            "ripser(X, maxdim=1, thresh=0.8, coeff=3)['dgms']",
            "tl.rips(X, maxdim=1, threshold=0.8, coeff=3).dgms",
            "names; `complete` says whether `inf` means for ever or only alive at the threshold",
            bars(SINGLE),
        ),
        Line(
            "ripser(D, distance_matrix=True)['dgms']",
            "tl.rips(D, metric='precomputed').dgms",
            "also condensed, as of scipy's `pdist`",
            bars(SINGLE),
        ),
        Line(
            "ripser(csr_matrix(D * (D < 1)), distance_matrix=True)['dgms']",
            "tl.rips(csr_matrix(D * (D < 1)), metric='precomputed').dgms",
            "only the digits",
            bars(SINGLE),
        ),
        Line(
            "ripser(X, metric='cityblock')['dgms']",
            "tl.rips(X, metric='cityblock').dgms",
            "scipy's names of metrics in both",
            bars(SINGLE),
        ),
        Line(
            "ripser(K, distance_matrix=True, do_cocycles=True)",
            "tl.rips(K, metric='precomputed', cocycles=True)",
            "rows have the same form; other cocycles of the same classes, and an order of bars of "
            "its own, so keep each beside its diagram",
            cocycles,
        ),
        Line(
            "ripser(X, n_perm=20)",
            "tl.rips(X, n_landmarks=20, rng=0)",
            "ripser.py starts at the first point, we at one drawn by `rng`; `r_cover` is "
            "`covering_radius`",
            covering,
        ),
        Line(
            "Rips(verbose=False).fit_transform(X)",
            "tl.sklearn.RipsPersistence().fit_transform([X])[0]",
            "our estimator takes a list of spaces, so that it can stand in a pipeline",
            bars(SINGLE),
        ),
        Line(
            "lower_star_img(image)",
            "tl.cubical(image, construction='T', maxdim=0)[0]",
            "pixels that share a corner are neighbours in construction T, not in V",
            one_diagram(SINGLE),
        ),
    ),
)

PERSIM = Peer(
    "persim",
    "import persim\n"
    "import persim.landscapes\n"
    "from persim.persistent_entropy import persistent_entropy",
    (
        Line(
            "persim.bottleneck(a, b)",
            "tl.bottleneck_distance(a, b)",
            "persim drops essential classes with a warning; we match them",
            close(),
        ),
        Line(
            "persim.wasserstein(a, b)",
            "tl.wasserstein_distance(a, b, p=1, q=2)",
            "persim's exponent is 1 and its norm Euclidean; ours are 2 and the maximum unless said",
            close(),
        ),
        Line(
            "persim.sliced_wasserstein(a, b, M=50)",
            "tl.diagrams.sliced_wasserstein_distance(a, b, n_directions=50)",
            "persim keeps the directions in float32",
            close(SINGLE),
        ),
        Line(
            "persistent_entropy([a])[0]",
            "tl.diagrams.persistence_entropy(a)",
            "natural logarithms in both; ours takes one diagram",
            close(),
        ),
        Line(
            "persistent_entropy([a], normalize=True)[0]",
            "tl.diagrams.persistence_entropy(a, normalized=True)",
            "one bar gives 0 here, NaN there",
            close(),
        ),
        Line(
            "persim.PersistenceImager(birth_range=(0, 1), pers_range=(0, 1), pixel_size=0.1, "
            "kernel_params={'sigma': [[0.01, 0], [0, 0.01]]}).transform(a)",
            "tl.diagrams.persistence_image(a, sigma=0.1, resolution=10, birth_range=(0, 1), "
            "persistence_range=(0, 1)).T",
            "ours has persistence along the rows, and a standard deviation for a covariance",
            close(),
        ),
        Line(
            "persim.PersLandscapeApprox(dgms=[a], hom_deg=0, start=0, stop=2, num_steps=21)"
            ".values[0]",
            "tl.diagrams.landscape(a, k=1, grid=grid)[0]",
            "persim rounds bars to its grid: here off by 4 % of the largest value",
            within(0.04),
        ),
        Line(
            "(persim.landscapes.PersLandscapeExact(dgms=[a], hom_deg=0) - "
            "persim.landscapes.PersLandscapeExact(dgms=[b], hom_deg=0)).sup_norm()",
            "tl.diagrams.landscape_distance(a, b, k=100, p=np.inf)",
            "all landscapes there, the first `k` here",
            close(),
        ),
    ),
)

TREE = "tree = gudhi.RipsComplex({}).create_simplex_tree(max_dimension=2); {}tree.{}"
INTERVALS = "persistence_intervals_in_dimension(1)"


def tree(of: str, then: str = INTERVALS, first: str = "tree.compute_persistence(); ") -> str:
    return TREE.format(of, first, then)


GUDHI = Peer(
    "GUDHI",
    "import gudhi\nimport gudhi.hera\nimport gudhi.wasserstein\n"
    "import gudhi.representations as gr\n"
    "from gudhi.point_cloud.dtm import DistanceToMeasure\n"
    "from gudhi.subsampling import choose_n_farthest_points",
    (
        Line(
            tree("points=X"),
            "tl.rips(X)[1]",
            "coefficients Z/11 there, Z/2 here unless said; a tree of dimension 2 has degree 1",
            one_diagram(),
        ),
        Line(
            tree("points=X", first="tree.compute_persistence(homology_coeff_field=3); "),
            "tl.rips(X, coeff=3)[1]",
            "names",
            one_diagram(),
        ),
        Line(
            tree("distance_matrix=D, max_edge_length=0.8"),
            "tl.rips(D, metric='precomputed', threshold=0.8)[1]",
            "names; a missing edge is `inf` in both",
            one_diagram(),
        ),
        Line(
            tree("points=X, sparse=0.3"),
            "tl.rips(X, epsilon=0.3)[1]",
            "approximations: within a factor of 1 / (1 - 0.3) there, of 1.3 here",
            sparse,
        ),
        Line(
            "cells = gudhi.CubicalComplex(top_dimensional_cells=image); "
            "cells.compute_persistence(); "
            "[cells.persistence_intervals_in_dimension(d) for d in (0, 1)]",
            "tl.cubical(image, construction='T').dgms",
            "V unless said here; bars of no length are left out",
            bars(),
        ),
        Line(
            "cells = gudhi.CubicalComplex(vertices=image); cells.compute_persistence(); "
            "[cells.persistence_intervals_in_dimension(d) for d in (0, 1)]",
            "tl.cubical(image, construction='V').dgms",
            "names",
            bars(),
        ),
        Line(
            "cells = gudhi.PeriodicCubicalComplex(vertices=image, "
            "periodic_dimensions=[True, True]); "
            "cells.compute_persistence(); "
            "[cells.persistence_intervals_in_dimension(d) for d in (0, 1, 2)]",
            "tl.cubical(image, periodic=True, maxdim=2).dgms",
            "the top degree only when asked for here",
            bars(degrees=3),
        ),
        Line(
            "cells = gudhi.CubicalComplex(top_dimensional_cells=image); "
            "cells.compute_persistence(); cells.cofaces_of_persistence_pairs()",
            "tl.cubical(image, construction='T', locations=True).locations",
            "places of voxels here, numbers of the array in Fortran's order there; -1 for no death",
            voxels,
        ),
        Line(
            "gudhi.bottleneck_distance(a, b)",
            "tl.bottleneck_distance(a, b)",
            "GUDHI's is too large for fewer than one in a hundred small diagrams of integers",
            close(),
        ),
        Line(
            "gudhi.wasserstein.wasserstein_distance(a, b)",
            "tl.wasserstein_distance(a, b, p=1)",
            "GUDHI's exponent is 1, ours 2 unless said; the maximum norm in both",
            close(),
        ),
        Line(
            "gudhi.hera.wasserstein_distance(a, b, order=2, internal_p=2, delta=0.01)",
            "tl.wasserstein_distance(a, b, p=2, q=2, delta=0.01)",
            "within a relative error of `delta` each; exact without it here",
            close(0.01),
        ),
        Line(
            "gr.SlicedWassersteinDistance(num_directions=5000)(a, b)",
            "tl.diagrams.sliced_wasserstein_distance(a, b, n_directions=5000)",
            "other directions: 1 % apart at 50 of them, below 0.1 % at 5 000",
            within(1e-3),
        ),
        Line(
            "gr.Landscape(num_landscapes=2, resolution=21, sample_range=[0, 2])(a)"
            ".reshape(2, 21) / np.sqrt(2)",
            "tl.diagrams.landscape(a, k=2, grid=grid)",
            "GUDHI's are √2 times as high, and flattened",
            close(),
        ),
        Line(
            "gr.Silhouette(resolution=21, sample_range=[0, 2], weight=lambda bar: bar[1] - bar[0])"
            "(a) / np.sqrt(2)",
            "tl.diagrams.silhouette(a, grid)",
            "√2 again; GUDHI weighs all bars alike unless told",
            close(),
        ),
        Line(
            "gr.BettiCurve(predefined_grid=grid)(a)",
            "tl.diagrams.betti_curve(a, grid)",
            "nothing",
            close(),
        ),
        Line(
            "gr.PersistenceImage(bandwidth=0.1, weight=lambda bar: bar[1], resolution=[10, 10], "
            "im_range=[0.05, 0.95, 0.05, 0.95])(a).reshape(10, 10)",
            "tl.diagrams.persistence_image(a, sigma=0.1, resolution=10, birth_range=(0, 1), "
            "persistence_range=(0, 1), pixels='density')",
            "`im_range` names centres of pixels, our ranges the edges; integrals unless said here",
            close(),
        ),
        Line(
            "gr.Entropy(mode='scalar')(a)[0]",
            "tl.diagrams.persistence_entropy(a)",
            "nothing",
            close(),
        ),
        Line(
            "choose_n_farthest_points(points=X, nb_points=10, starting_point=0)",
            "tl.landmarks(X, 10, rng=0)",
            "points there, `indices` and `covering_radius` here; the first is drawn by `rng`",
            farthest,
        ),
        Line(
            "DistanceToMeasure(6).fit_transform(X)",
            "tl.spaces.distance_to_measure(X, X, mass=6 / len(X))",
            "neighbours there, their share of all points here",
            close(),
        ),
    ),
)

GIOTTO = Peer(
    "giotto-tda",
    "from gtda.diagrams import Amplitude, BettiCurve, NumberOfPoints, PairwiseDistance\n"
    "from gtda.diagrams import PersistenceEntropy, PersistenceLandscape, Silhouette\n"
    "from gtda.homology import CubicalPersistence, VietorisRipsPersistence\n"
    "pair = VietorisRipsPersistence(homology_dimensions=(1,)).fit_transform([X, Y])",
    (
        Line(
            "VietorisRipsPersistence().fit_transform([X])",
            "tl.rips(X).dgms",
            "rows (birth, death, degree) there, filled up with bars of no length and without the "
            "endless class of degree 0; float32",
            by_degree,
        ),
        Line(
            "VietorisRipsPersistence(metric='precomputed', max_edge_length=0.8, coeff=3,"
            " infinity_values=np.inf).fit_transform([D])",
            "tl.rips(D, metric='precomputed', threshold=0.8, coeff=3).dgms",
            "giotto-tda ends what is alive at the threshold there, unless told",
            by_degree,
        ),
        Line(
            "CubicalPersistence().fit_transform(image[None])",
            "tl.cubical(image, construction='T').dgms",
            "as above; V unless said here",
            by_degree,
        ),
        Line(
            "PairwiseDistance('bottleneck', metric_params={'delta': 0}).fit_transform(pair)[0, 1]",
            "tl.bottleneck_distance(a, b)",
            "giotto-tda allows 1 % of error unless told: its matrix need not be symmetric",
            close(SINGLE),
        ),
        Line(
            "PairwiseDistance('wasserstein').fit_transform(pair)",
            "tl.distance_matrix([a, b], 'wasserstein')",
            "within 1 % there, exact here; exponent 2 and maximum norm in both",
            close(0.01),
        ),
        Line(
            "PersistenceEntropy().fit_transform(pair)[:, 0]",
            "[tl.diagrams.persistence_entropy(dgm) / np.log(2) for dgm in (a, b)]",
            "bits there, natural logarithms here",
            close(SINGLE),
        ),
        Line(
            "Amplitude('wasserstein', metric_params={'p': 2}).fit_transform(pair)[:, 0]",
            "[tl.diagrams.amplitude(dgm, 'wasserstein', p=2) for dgm in (a, b)]",
            "nothing but digits",
            close(SINGLE),
        ),
        Line(
            "NumberOfPoints().fit_transform(pair)[:, 0]",
            "[len(dgm) for dgm in (a, b)]",
            "nothing",
            close(),
        ),
        Line(
            "BettiCurve(n_bins=21).fit_transform(pair)[0, 0]",
            "tl.diagrams.betti_curve(a, span)",
            "giotto-tda takes its grid from all diagrams of a fit, we one from you",
            close(),
        ),
        Line(
            "PersistenceLandscape(n_layers=2, n_bins=21).fit_transform(pair)[0]",
            "tl.diagrams.landscape(a, k=2, grid=span)",
            "as above",
            close(SINGLE),
        ),
        Line(
            "Silhouette(n_bins=21).fit_transform(pair)[0, 0]",
            "tl.diagrams.silhouette(a, span)",
            "as above",
            close(SINGLE),
        ),
    ),
    environment=".venv-giotto",
)

MAGNIPY = Peer(
    "magnipy",
    "from magnipy import Magnipy\neven = np.linspace(0, 20, 401)",
    (
        Line(
            "Magnipy(X, ts=ts).get_magnitude()[0]",
            "tl.magnitude_function(X, ts).values",
            "names",
            close(1e-7),
        ),
        Line(
            "Magnipy(X, ts=[2.0]).get_magnitude_weights()[0][:, 0]",
            "tl.magnitudes.weighting(X, t=2.0)[np.lexsort(X.T[::-1])]",
            "magnipy's are of the distinct points in ascending order, ours of the rows of `X`",
            close(1e-7),
        ),
        Line(
            "Magnipy(X).get_t_conv()",
            "tl.magnitudes.convergence_scale(X)",
            "where the magnitude is 0.95 of the number of points, in both",
            close(1e-8),
        ),
        Line(
            "Magnipy(X, ts=ts).get_magnitude_dimension_profile()[0][1:]",
            "tl.magnitudes.magnitude_slopes(tl.magnitude_function(X, ts), ratio=ts[1] / ts[0], "
            "n_intervals=29).values",
            "chords there, lines of least squares here: 1 % apart; `dimension_profile` of the "
            "function is exact",
            within(0.01),
        ),
        Line(
            "Magnipy(X, ts=ts).get_magnitude_dimension()",
            "tl.magnitudes.magnitude_dimension(tl.magnitude_function(X, ts), 'profile_max').value",
            "the steepest chord there, the largest exact slope here",
            within(0.01),
        ),
        Line(
            "Magnipy(X, ts=even).MagArea()",
            "tl.magnitudes.magnitude_area(X, t_cut=20.0).value",
            "trapezoids over the given scales there, nodes of its own and an error here",
            within(1e-5),
        ),
        Line(
            "Magnipy(X, ts=even).MagDiff(Magnipy(Y, ts=even))",
            "tl.magnitudes.magnitude_difference(X, Y, t_cut=20.0).value",
            "as above",
            within(1e-4),
        ),
    ),
    environment=".venv-magnipy",
)

PEERS = (RIPSER, PERSIM, GUDHI, GIOTTO, MAGNIPY)
