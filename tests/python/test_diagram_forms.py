"""Every function of diagrams takes them in every form, and gives what it gives for arrays.

The walk finds the functions by the types of their parameters.
"""

from __future__ import annotations

import inspect
import warnings
from types import SimpleNamespace

import matplotlib.axes
import numpy as np
import pytest
from matplotlib import pyplot as plt

import topolens as tl
from test_signatures import WALKED, call, plain

torch = pytest.importorskip("torch")
jnp = pytest.importorskip("jax.numpy")
pd = pytest.importorskip("pandas")

INF = np.inf
# Of equal sizes, so that stacks can be made of them, and exact in every float.
DGMS = [
    np.array([[0.0, 0.5], [0.125, 0.875], [0.25, INF]]),
    np.array([[0.25, 0.75], [0.5, 0.625], [0.375, 1.0]]),
]
FINITE = [np.array([[0.0, 0.5], [0.125, 0.875], [0.25, 0.75]]), DGMS[1]]
GIVEN = {"birth_range": (0.0, 1.0), "persistence_range": (0.0, 1.0), "grid": np.linspace(0, 1, 5)}


def listed(dgms):
    return [(degree, tuple(bar)) for degree, dgm in enumerate(dgms) for bar in dgm.tolist()]


def rows(dgms):
    return np.concatenate([np.column_stack([d, np.full(len(d), i)]) for i, d in enumerate(dgms)])


def padded(dgms):
    """As giotto fills stacks up: with a bar of no length in each degree."""
    return np.concatenate([rows(dgms), [[0.25, 0.25, i] for i in range(len(dgms))]])


def boxed(things, shape=-1):
    box = np.empty(len(things), dtype=object)
    box[:] = things
    return box


def frame(dgms, name="degree"):
    births, deaths, degrees = rows(dgms).T
    return pd.DataFrame({name: degrees.astype(int), "birth": births, "death": deaths})


def rips_result(dgms):
    return tl.homology.PersistenceResult(dgms=dgms, n_points=9, threshold=INF, complete=True)


def cubical_result(dgms, sublevel=True):
    return tl.homology.CubicalResult(
        dgms=dgms if sublevel else [-dgm for dgm in dgms], shape=(9, 9), sublevel=sublevel
    )


OF_SEVERAL = {
    "list": list,
    "tuple": tuple,
    "lists in lists": lambda dgms: [dgm.tolist() for dgm in dgms],
    "stack": np.array,
    "array of objects": boxed,
    "array of objects of equal sizes": lambda dgms: np.array(dgms, dtype=object),
    "arrays of objects": lambda dgms: [dgm.astype(object) for dgm in dgms],
    "tensors": lambda dgms: [torch.tensor(dgm, requires_grad=True) for dgm in dgms],
    "tensor": lambda dgms: torch.tensor(np.array(dgms)),
    "arrays of jax": lambda dgms: [jnp.asarray(dgm) for dgm in dgms],
    "array of jax": lambda dgms: jnp.asarray(np.array(dgms)),
    "ripser": lambda dgms: {"dgms": dgms, "cocycles": [], "num_edges": 3},
    "ripser's tensors": lambda dgms: {"dgms": [torch.tensor(dgm) for dgm in dgms]},
    "gudhi": listed,
    "gudhi, in lists": lambda dgms: [[d, list(bar)] for d, bar in listed(dgms)],
    "gudhi, in arrays": lambda dgms: [(d, np.array(bar)) for d, bar in listed(dgms)],
    "gudhi, boxed": lambda dgms: boxed(listed(dgms)),
    "gudhi, from a file": lambda dgms: np.array(listed(dgms), dtype=object),
    "giotto": padded,
    "giotto, in lists": lambda dgms: padded(dgms).tolist(),
    "giotto, as tensor": lambda dgms: torch.tensor(padded(dgms)),
    "giotto, in rows": lambda dgms: list(padded(dgms)),
    "frame": frame,
    "frame of dimensions": lambda dgms: frame(dgms, "dimension"),
    "columns": lambda dgms: rips_result(dgms).to_columns(),
    "object": lambda dgms: SimpleNamespace(dgms=tuple(dgms)),
    "PersistenceResult": rips_result,
    "CubicalResult": cubical_result,
    "superlevel": lambda dgms: cubical_result(dgms, sublevel=False),
}
OF_ONE = {
    "lists": lambda dgm: dgm.tolist(),
    "tuples": lambda dgm: tuple(map(tuple, dgm.tolist())),
    "columns first": np.asfortranarray,
    "half as wide": lambda dgm: dgm.astype(np.float32),
    "objects": lambda dgm: dgm.astype(object),
    "boxed rows": lambda dgm: boxed(list(dgm)),
    "tensor": lambda dgm: torch.tensor(dgm, dtype=torch.bfloat16, requires_grad=True),
    "rows of tensors": lambda dgm: list(torch.tensor(dgm)),
    "jax": jnp.asarray,
    "frame": lambda dgm: pd.DataFrame(dgm, columns=["birth", "death"]),
    "frame without names": pd.DataFrame,
    "frame with more": lambda dgm: pd.DataFrame({"n": 1, "death": dgm[:, 1], "birth": dgm[:, 0]}),
    "columns": lambda dgm: {"birth": list(dgm[:, 0]), "death": list(dgm[:, 1])},
}
EMPTY = {
    "[]": [],
    "()": (),
    "[[]]": [[]],
    "(0,)": np.empty(0),
    "(0, 2)": np.empty((0, 2)),
    "(0, 3)": np.empty((0, 3)),
    "(0, 2) of objects": np.empty((0, 2), dtype=object),
    "[(0, 2)]": [np.empty((0, 2))],
    "[(0,)]": [np.empty(0)],
    "two degrees": [[], np.empty((0, 2))],
    "(2, 0, 2)": np.empty((2, 0, 2)),
    "(0, 4, 2)": np.empty((0, 4, 2)),
    "{}": {},
    "ripser without degrees": {"dgms": []},
    "ripser": {"dgms": [np.empty((0, 2)), []]},
    "tensor": torch.empty(0, 2),
    "tensors": [torch.empty(0), torch.empty(0, 2)],
    "jax": jnp.empty((0, 2)),
    "padding": [[0.25, 0.25, 0.0], [0.25, 0.25, 1.0]],
    "frame": pd.DataFrame({"degree": [], "birth": [], "death": []}),
    "frame of nothing": pd.DataFrame(),
    "object": SimpleNamespace(dgms=[]),
    "result": rips_result([np.empty((0, 2))]),
    "superlevel": cubical_result([np.empty((0, 2))], sublevel=False),
}
TWO_DEGREES = ("two degrees", "(2, 0, 2)", "ripser", "tensors")
BROKEN = {
    "must hold numbers": [[0.0, np.nan]],
    "must have birth <= death": [[0.0, 1.0], [2.0, 1.0]],
    "must be born before inf": [[INF, INF]],
    "must die after -inf": [[-INF, -INF]],
}


def takers():
    """Functions of diagrams, with the parameter that takes them and whether it takes many."""
    for name, function in WALKED.items():
        for parameter in inspect.signature(function).parameters.values():
            if "DiagramLike" in str(parameter.annotation):
                yield name, parameter.name, "Sequence[DiagramLike]" in parameter.annotation
    for estimator in ("BettiCurve", "PersistenceImage", "PersistenceLandscape"):
        for do in ("fit", "transform"):
            yield f"sklearn.{estimator}.{do}", "X", True


TAKERS = list(takers())
PLOTS = [name for name, *_ in TAKERS if name.startswith("plotting.")]
ALONE = [(name, parameter) for name, parameter, many in TAKERS if not many]
MANY = [(name, parameter) for name, parameter, many in TAKERS if many]


def result_of(name, parameter, value, degree=None):
    """What a function gives for diagrams, as plain values; of plots, what is drawn."""
    parameters = inspect.signature(WALKED[name]).parameters
    given = {parameter: value}
    if "degree" in parameters and degree is not None:
        given["degree"] = degree
    if "essential" in parameters:
        given["essential"] = "drop"
    given |= {key: value for key, value in GIVEN.items() if key in parameters}
    if "rng" in parameters:
        given["rng"] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if name.startswith("sklearn."):
            found = of_estimator(name, value, degree)
        else:
            found = call(name, **given)
    if not isinstance(found, matplotlib.axes.Axes):
        return found
    content = drawn(found)
    plt.close(found.figure)
    return content


def of_estimator(name, X, degree):
    _, estimator, do = name.split(".")
    kind = getattr(tl.sklearn, estimator)
    rule = {"essential": "drop"} if estimator != "BettiCurve" else {}
    made = kind(degree=degree, **rule, **({"sigma": 0.1} if "Image" in estimator else {}))
    made = made.fit([FINITE[0]] if do == "transform" else X)
    learned = {key: value for key, value in vars(made).items() if key.endswith("_")}
    return learned if do == "fit" else made.transform(X)


def drawn(ax):
    lines = [(line.get_xydata(), line.get_drawstyle()) for line in ax.get_lines()]
    paths = [[path.vertices for path in c.get_paths()] for c in ax.collections]
    dots = [np.asarray(c.get_offsets()) for c in ax.collections]
    texts = [text.get_text() for text in (*ax.texts, *ax.get_yticklabels())]
    images = [np.asarray(image.get_array()) for image in ax.images]
    return [lines, paths, dots, texts, images, ax.get_xlim(), ax.get_ylim()]


# --- the walk -----------------------------------------------------------------------------------


def test_the_walk_finds_functions_plots_and_estimators():
    names = {name.rpartition(".")[2] for name, *_ in TAKERS}
    assert len(TAKERS) >= 30
    assert names >= {"betti_curve", "persistence_image", "amplitude", "permutation_test"}
    assert names >= {"plot_diagram", "plot_barcode", "plot_landscape", "exceeds", "transform"}


# --- forms --------------------------------------------------------------------------------------


STACKS = {
    "array": np.array,
    "array of objects": lambda spaces: np.array(spaces, dtype=object),
    "tensor": lambda spaces: torch.tensor(np.array(spaces)),
    "jax": lambda spaces: jnp.asarray(np.array(spaces)),
    "lists": lambda spaces: np.array(spaces).tolist(),
}


def agree(expected, name, parameter, forms, degree=None):
    """Compare with what comes of each form; drawings have superlevel results at other values."""
    for form, value in forms.items():
        if not (name in PLOTS and form == "superlevel"):
            assert plain(result_of(name, parameter, value, degree)) == plain(expected), form


def takes_degree(name):
    return "degree" in inspect.signature(WALKED[name]).parameters


@pytest.mark.parametrize(("name", "parameter"), ALONE)
def test_diagrams_of_all_degrees_in_every_form(name, parameter):
    forms = {form: make(DGMS) for form, make in OF_SEVERAL.items()}
    if takes_degree(name):
        for degree in (0, 1):
            expected = result_of(name, parameter, DGMS[degree])
            agree(expected, name, parameter, forms, degree)
    else:
        agree(result_of(name, parameter, DGMS), name, parameter, forms)


@pytest.mark.parametrize(("name", "parameter"), ALONE)
def test_one_diagram_in_every_form(name, parameter):
    for dgm in DGMS:
        forms = {form: make(dgm) for form, make in OF_ONE.items()}
        agree(result_of(name, parameter, dgm), name, parameter, forms)


@pytest.mark.parametrize(("name", "parameter"), MANY)
def test_lists_of_diagrams_of_all_degrees_in_every_form(name, parameter):
    spaces = [FINITE, FINITE[::-1], [FINITE[1], FINITE[1]]]
    expected = result_of(name, parameter, spaces, 1)
    forms = {form: [make(dgms) for dgms in spaces] for form, make in OF_SEVERAL.items()}
    agree(expected, name, parameter, forms, 1)
    agree(expected, name, parameter, {form: boxed(given) for form, given in forms.items()}, 1)


@pytest.mark.parametrize(("name", "parameter"), MANY)
def test_lists_of_one_diagram_each_in_every_form(name, parameter):
    forms = {form: [make(dgm) for dgm in FINITE] for form, make in OF_ONE.items()}
    agree(result_of(name, parameter, FINITE), name, parameter, forms)


@pytest.mark.parametrize(("name", "parameter"), MANY)
def test_stacks_of_diagrams(name, parameter):
    stacks = {form: stack(FINITE) for form, stack in STACKS.items()}
    agree(result_of(name, parameter, FINITE), name, parameter, stacks)
    spaces = [FINITE, FINITE[::-1]]
    expected = result_of(name, parameter, spaces, 1)
    agree(expected, name, parameter, {form: stack(spaces) for form, stack in STACKS.items()}, 1)
    of_giotto = [padded(dgms) for dgms in spaces]
    agree(expected, name, parameter, {form: make(of_giotto) for form, make in STACKS.items()}, 1)


@pytest.mark.parametrize(("name", "parameter"), [*ALONE, *MANY])
def test_what_holds_one_diagram_is_not_taken_for_many_nor_the_reverse(name, parameter):
    many = (name, parameter) in MANY
    for form in ("gudhi", "giotto", "giotto, in lists") if many else ():
        with pytest.raises(ValueError, match=rf"`{parameter}` must be a list of diagrams; found"):
            result_of(name, parameter, OF_SEVERAL[form](DGMS), 0)
    for form in ("ripser", "frame", "columns", "PersistenceResult") if many else ():
        with pytest.raises(TypeError, match=rf"`{parameter}` must be a list of diagrams; found"):
            result_of(name, parameter, OF_SEVERAL[form](DGMS), 0)
    for form in () if many else ("gudhi", "giotto", "ripser", "frame", "PersistenceResult"):
        with pytest.raises(ValueError, match=rf"`{parameter}` must be the diagrams of one space"):
            result_of(name, parameter, [OF_SEVERAL[form](DGMS)] * 2, 0)


# --- nothing, and what is broken ----------------------------------------------------------------


def negative_zeros(value):
    """Whether a zero in any array or number has a sign."""
    if isinstance(value, (np.ndarray, float)):
        numbers = np.asarray(value)
        return numbers.dtype.kind == "f" and bool((np.signbit(numbers) & (numbers == 0)).any())
    if isinstance(value, dict):
        value = list(value.values())
    return isinstance(value, (list, tuple)) and any(map(negative_zeros, value))


@pytest.mark.parametrize(("name", "parameter"), ALONE)
def test_every_empty_form_is_an_empty_diagram(name, parameter):
    for told in {told_by(form, name) for form in EMPTY}:
        forms = {form: nothing for form, nothing in EMPTY.items() if told_by(form, name) == told}
        expected = result_of(name, parameter, [np.empty((0, 2))] * told, 0)
        agree(expected, name, parameter, forms, 0)
        assert not negative_zeros(vars(expected) if hasattr(expected, "__dict__") else expected)


def told_by(form, name):
    """How many degrees a form tells of, where none is chosen."""
    return 2 if form in TWO_DEGREES and not takes_degree(name) else 1


@pytest.mark.parametrize(("name", "parameter"), MANY)
def test_every_empty_form_is_one_in_lists(name, parameter):
    others = [DGMS[1], DGMS[1]]
    expected = result_of(name, parameter, [np.empty((0, 2)), *others], 0)
    forms = {form: [nothing, *others] for form, nothing in EMPTY.items()}
    agree(expected, name, parameter, forms, 0)


@pytest.mark.parametrize("rule", BROKEN)
@pytest.mark.parametrize(("name", "parameter"), [*ALONE, *MANY])
def test_broken_diagrams_are_refused(name, parameter, rule):
    broken = BROKEN[rule]
    many = (name, parameter) in MANY
    with pytest.raises(ValueError, match=rf"`{parameter}(\[\d\])*` {rule}"):
        result_of(name, parameter, [broken] * 2 if many else broken)
