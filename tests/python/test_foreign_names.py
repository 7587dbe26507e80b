"""What other packages call an argument is answered with the name that it has here."""

from __future__ import annotations

import inspect
import pickle
import traceback
import warnings

import numpy as np
import pytest

import topolens as tl
from signature_cases import table
from test_house import PACKAGES
from test_signatures import WALKED
from topolens._faces import OURS, THEIRS, hinted

CLOUD = np.random.default_rng(0).random((6, 2))
PARAMETERS = {name: inspect.signature(function).parameters for name, function in WALKED.items()}
OPEN = {
    name
    for name, parameters in PARAMETERS.items()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
}


def meant(name, foreign):
    """What is answered: the first of ours that the function has."""
    known = [ours for ours in OURS[foreign] if ours.partition("=")[0] in PARAMETERS[name]]
    return known[0] if known and foreign not in PARAMETERS[name] and name not in OPEN else None


@pytest.mark.parametrize("name", sorted(WALKED))
def test_every_public_callable_answers_with_its_own_names(name):
    for foreign in OURS:
        if foreign in PARAMETERS[name] or name in OPEN:
            continue
        with pytest.raises(TypeError) as caught:
            # scikit-learn's wrapper of `transform` wants these first.
            WALKED[name](*[None] * (2 * name.endswith(".transform")), **{foreign: None})
        message, ours = str(caught.value), meant(name, foreign)
        assert f"keyword argument '{foreign}'" in message
        assert message.endswith(f": `{foreign}` is `{ours}` here" if ours else f"'{foreign}'")


def test_the_table_names_arguments_that_there_are():
    answered = {(meant(name, foreign), foreign) for name in WALKED for foreign in OURS}
    listed = {(ours, foreign) for ours, theirs in THEIRS.items() for foreign in theirs.split()}
    assert listed - answered == {("distance", "metric")}  # of functions that take more options


def peers():
    """Functions of other packages, ours, and the arguments that have no counterpart."""
    ripser, persim = pytest.importorskip("ripser"), pytest.importorskip("persim")
    gudhi, representations = (
        pytest.importorskip(module) for module in ("gudhi", "gudhi.representations")
    )
    wasserstein = pytest.importorskip("gudhi.wasserstein").wasserstein_distance
    matched = {"enable_autodiff", "keep_essential_parts"}
    ends = {"keep_endpoints"}
    shown = {"persistence_file", "alpha", "max_intervals", "inf_delta", "legend", "colormap"}
    shown |= {"fontsize", "greyblock"}
    return [
        (ripser.ripser, tl.rips, set()),
        (gudhi.RipsComplex.__init__, tl.rips, set()),
        (persim.bottleneck, tl.bottleneck_distance, set()),
        (persim.wasserstein, tl.wasserstein_distance, set()),
        (persim.sliced_wasserstein, tl.diagrams.sliced_wasserstein_distance, set()),
        (wasserstein, tl.wasserstein_distance, matched),
        (representations.Landscape.__init__, tl.sklearn.PersistenceLandscape, ends),
        (representations.BettiCurve.__init__, tl.sklearn.BettiCurve, ends),
        (representations.PersistenceImage.__init__, tl.diagrams.persistence_image, set()),
        (gudhi.plot_persistence_diagram, tl.plot_diagram, shown),
        (gudhi.plot_persistence_barcode, tl.plotting.plot_barcode, shown),
    ]


def test_all_arguments_of_the_peers_have_a_name_here():
    pytest.importorskip("sklearn")
    for theirs, ours, without in peers():
        wanted = set(inspect.signature(theirs).parameters) - {"self"} - without
        known = inspect.signature(ours).parameters
        for name in wanted - set(known):
            with pytest.raises(TypeError, match=f"`{name}` is `.*` here"):
                ours(**{name: None})


def test_the_answer_names_all_that_is_known():
    with pytest.raises(TypeError) as caught:
        tl.rips(CLOUD, thresh=1, nonsense=2, do_cocycles=True)
    assert str(caught.value) == (
        "rips() got unexpected arguments 'thresh', 'nonsense', 'do_cocycles': "
        "`thresh` is `threshold` here, `do_cocycles` is `cocycles` here"
    )
    with pytest.raises(
        TypeError, match=r"^rips.* 'distance_matrix': .* is `metric=\"precomputed\"`"
    ):
        tl.rips(CLOUD, distance_matrix=True)
    with pytest.raises(
        TypeError, match=r"^Rips\(\) got .* 'n_perm': `n_perm` is `n_landmarks` here"
    ):
        tl.Rips(n_perm=4)
    groups = [[]] * 2, [[]] * 2
    with pytest.raises(TypeError, match="'order': `order` is `p` here"):
        tl.diagrams.permutation_test(*groups, "wasserstein", order=1)
    with pytest.raises(TypeError, match=r"^permutation_test\(\) .* `metric` is `distance` here"):
        tl.diagrams.permutation_test(*groups, metric="wasserstein")
    with pytest.raises(TypeError, match=r"^layer_distances\(\) .* `metric` is `distance` here"):
        tl.layer_distances(table(), metric="wasserstein")


def test_other_type_errors_are_left_as_they_are():
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'nonsense'$"):
        tl.rips(CLOUD, nonsense=1)
    with pytest.raises(TypeError, match=r"^`maxdim` must be a whole number; found 'a'$"):
        tl.rips(CLOUD, maxdim="a")
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        tl.rips()

    def fails(*, threshold=None):
        raise TypeError("unexpected keyword argument 'thresh'")

    with pytest.raises(TypeError, match=r"^unexpected keyword argument 'thresh'$"):
        hinted(fails)(threshold=1)


def test_an_error_shows_one_line_more():
    def frames(function):
        with pytest.raises(TypeError) as caught:
            function()
        return [frame.name for frame in traceback.extract_tb(caught.tb)][1:]

    assert frames(lambda: tl.rips(CLOUD, thresh=1)) == ["<lambda>", "call"]
    assert frames(lambda: tl.rips(CLOUD, maxdim="a")) == ["<lambda>", "call", "rips", "as_count"]
    with pytest.raises(TypeError) as caught:
        tl.rips(CLOUD, thresh=1)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


@pytest.mark.parametrize("name", sorted(WALKED))
def test_callables_keep_their_faces(name):
    function = WALKED[name]
    bare = getattr(function, "__func__", function)
    written = inspect.unwrap(bare)
    assert inspect.signature(bare) == inspect.signature(written)
    assert (function.__doc__, function.__name__) == (written.__doc__, written.__name__)
    if name.count(".") == 1:
        assert pickle.loads(pickle.dumps(function)) is function
        assert function.__module__ == f"topolens.{name.partition('.')[0]}"
        assert name.partition(".")[0] in PACKAGES


def test_warnings_point_to_the_caller():
    labels = tl.NetworkSpace.from_labels([[0, -1], [0, 1]], missing="pairwise")
    for warns in (
        labels.distances,
        lambda: tl.statistics.rank_correlation([1.0, 2.0, 3.0], [1.0, 3.0, 2.0], n_resamples=100),
    ):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warns()
        assert caught and {one.filename for one in caught} == {__file__}
