"""The public names of a package belong to the package, not to the file that holds them.

And so do the names of their arguments: what other packages call them is answered with ours.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

__all__ = ["hinted", "publish"]

P = ParamSpec("P")
R = TypeVar("R")

# Arguments of ours, each with what ripser, persim, GUDHI, giotto-tda, cripser, magnipy and
# scikit-learn call it, and some slips. Of several the first that a function has is meant.
THEIRS = {
    # filtrations
    "X": "points point_cloud cloud data samples activations",
    "image": "img arr array data",
    "images": "imgs arrays X",
    "threshold": "thresh max_edge_length max_edge max_filtration max_filtration_value max_scale",
    "thresholds": "threshold levels",
    "maxdim": "max_dim max_dimension maxdimension max_degree homology_dimensions dimensions",
    "degree": "dim dimension hom_deg hom_dim homology_dimension homology_dimensions",
    "coeff": "coeffs coefficient coefficients field homology_coeff_field prime",
    "cocycles": "do_cocycles",
    "locations": "location",
    "n_landmarks": "n_perm num_landmarks",
    "epsilon": "sparse",
    'metric="precomputed"': "distance_matrix distances dist_matrix precomputed input_type",
    'construction="T"': "top_dimensional_cells",
    'construction="V"': "vertices",
    "sublevel=False": "superlevel",
    "periodic": "periodic_dimensions",
    # diagrams
    "a": "dgm1 PD1 diagram1 diagram_1 X",
    "b": "dgm2 PD2 diagram2 diagram_2 Y",
    "dgm": "dgms diagram diagrams persistence",
    "dgms": "dgm diagram diagrams persistence",
    "diagrams": "dgm dgms diagram persistence",
    "p": "order wasserstein_p",
    "q": "internal_p",
    "delta": "e",
    "n_directions": "M num_directions n_projections",
    "grid": "predefined_grid sample_range",
    "sigma": "bandwidth",
    "weight": "weight_function",
    "birth_range": "im_range",
    "persistence_range": "pers_range",
    "resolution": "n_bins num_steps",
    "normalized": "normalize normalised",
    "k": "n_neighbors num_landscapes n_landscapes n_layers",
    # magnitude
    "ts": "scales t",
    "t": "ts scale scales",
    "share": "target_prop",
    "positive": "positive_magnitude",
    "order": "q",
    # ways of comparing
    "metric": "distance dist distance_metric affinity",
    "comparison": "metric measure distance",
    "distance": "metric",
    "eps": "epsilon threshold radius",
    # networks and their data
    "model": "net network module",
    "models": "nets networks",
    "loader": "dataloader data_loader dataset data",
    "layers": "layer_names modules return_nodes",
    "features": "X embeddings",
    "y": "labels target targets",
    "labels": "y target targets",
    "names": "labels",
    # resampling and sampling
    "n_resamples": "n_bootstrap n_boot n_permutations n_iterations num_permutations",
    "confidence_level": "confidence level",
    "n": "n_samples n_points num_samples num_points",
    "max_samples": "n_samples",
    "rng": "seed random_state random_seed generator",
    "random_state": "rng seed random_seed",
    # machines
    "n_threads": "n_jobs num_threads n_cores n_workers num_workers threads",
    "n_jobs": "n_threads num_threads n_cores threads",
    "progress": "verbose progress_bar show_progress pbar",
    "max_memory": "memory memory_limit",
    "tol": "tolerance rtol",
    "ax": "axes axis",
}
OURS: dict[str, list[str]] = {}
for _ours, _theirs in THEIRS.items():
    for _name in _theirs.split():
        OURS.setdefault(_name, []).append(_ours)
_ANSWERING: set[type] = set()


def publish(package: str) -> None:
    """Let public names say where users find them: in repr, docs and pickles; and complete these.

    What is called by an argument's name from another package says how it is called here.
    """
    module = sys.modules[package]
    vars(module)["__dir__"] = lambda: list(module.__all__)
    for name in module.__all__:
        thing = getattr(module, name)
        if not getattr(thing, "__module__", "").startswith("topolens."):
            continue
        thing.__module__ = package
        if inspect.isfunction(thing):
            setattr(module, name, hinted(thing))
        elif inspect.isclass(thing) and not getattr(thing, "_is_protocol", False):
            _hint_methods(thing)


def hinted(function: Callable[P, R]) -> Callable[P, R]:
    """Answer what other packages call an argument with the name that it has here."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if hint := _hint(function, kwargs, str(error)):
                raise TypeError(hint) from None
            raise

    return call


def _hint_methods(thing: type) -> None:
    """Do so for what makes an object, and for its public methods, also those of a base."""
    for owner in thing.__mro__:
        if not owner.__module__.startswith("topolens.") or owner in _ANSWERING:
            continue
        _ANSWERING.add(owner)
        for name, member in list(vars(owner).items()):
            if name.startswith("_") and name != "__init__":
                continue
            if inspect.isfunction(member):
                setattr(owner, name, hinted(member))
            elif isinstance(member, (classmethod, staticmethod)):
                setattr(owner, name, type(member)(hinted(member.__func__)))


def _hint(function: Callable[..., Any], given: Mapping[str, Any], error: str) -> str:
    """Say what is meant by arguments that a function does not have."""
    parameters = inspect.signature(function).parameters
    unknown = [name for name in given if name not in parameters]
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        unknown = [n for n in unknown if f"argument {n!r}" in error or f"`{n}` must" in error]
    hints = [
        f"`{name}` is `{ours}` here"
        for name in unknown
        for ours in [o for o in OURS.get(name, []) if o.partition("=")[0] in parameters][:1]
    ]
    if not hints:
        return ""
    caller = function.__qualname__.removesuffix(".__init__")
    found = "an unexpected keyword argument" if len(unknown) == 1 else "unexpected arguments"
    return f"{caller}() got {found} {', '.join(map(repr, unknown))}: {', '.join(hints)}"
