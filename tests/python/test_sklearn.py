"""The estimators: scikit-learn's own checks, and what they do not reach."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

import topolens as tl
from topolens.sklearn import (
    BettiCurve,
    CubicalPersistence,
    MagnitudeFunction,
    PersistenceImage,
    PersistenceLandscape,
    RipsPersistence,
)

NOT_NUMBERS = "the output is a list of results, which the check compares as an array of numbers"
COMPARE_OUTPUT = (
    "check_estimators_pickle",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_pipeline_consistency",
    "check_transformer_data_not_an_array",
    "check_transformer_general",
)
OF_PIPELINES = ("check_dont_overwrite_parameters", "check_estimators_overwrite_params")


class OfTables:
    """Takes part in checks that are for tables, of which the estimators take rows."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags


class RipsOfTables(OfTables, RipsPersistence):
    pass


class CubicalOfTables(OfTables, CubicalPersistence):
    pass


def expected_failures(estimator):
    if isinstance(estimator, RipsOfTables):
        return dict.fromkeys((*COMPARE_OUTPUT, "check_fit_idempotent"), NOT_NUMBERS)
    if isinstance(estimator, CubicalOfTables):
        return dict.fromkeys(COMPARE_OUTPUT, NOT_NUMBERS)
    if isinstance(estimator, Pipeline):
        # As in scikit-learn's own tests.
        return dict.fromkeys(OF_PIPELINES, "a Pipeline fits its steps, which are parameters")
    return {}


@pytest.mark.filterwarnings("ignore:`X` is read as a table")
@parametrize_with_checks(
    [
        # The first five are skipped but for the checks of any object: their tags say that
        # they take no tables. Those after them stand in.
        RipsPersistence(),
        CubicalPersistence(),
        BettiCurve(),
        PersistenceLandscape(),
        PersistenceImage(),
        MagnitudeFunction(),
        RipsOfTables(),
        CubicalOfTables(),
        make_pipeline(CubicalOfTables(), BettiCurve(degree=0)),
        make_pipeline(CubicalOfTables(), PersistenceLandscape(degree=0, essential="drop")),
        make_pipeline(
            CubicalOfTables(), PersistenceImage(sigma=0.1, degree=0, essential=1e6, resolution=4)
        ),
        make_pipeline(RipsOfTables(maxdim=0), BettiCurve()),
    ],
    expected_failed_checks=expected_failures,
)
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


def clouds_and_labels(count=12, n=30):
    """Circles, and line segments."""
    clouds, labels = [], []
    for seed in range(count):
        circle = tl.datasets.circle(n + seed, rng=seed)
        loop = seed % 2
        clouds.append(circle if loop else circle * [1.0, 0.02])
        labels.append(loop)
    return clouds, np.array(labels)


CLOUDS, LABELS = clouds_and_labels()
IMAGES = np.random.default_rng(0).random((6, 9, 9))
RESULTS = tl.rips_batch(CLOUDS)

OF_SPACES = [
    (RipsPersistence(), CLOUDS),
    (RipsPersistence(n_landmarks=10, random_state=0), CLOUDS),
    (CubicalPersistence(sublevel=False), IMAGES),
    (MagnitudeFunction(ts=[0.5, 1.0]), CLOUDS),
]
OF_DIAGRAMS = [
    (BettiCurve(degree=1), RESULTS),
    (BettiCurve(grid=[0.5, 1.0], degree=0), RESULTS),
    (PersistenceLandscape(k=2, degree=1, resolution=20), RESULTS),
    (PersistenceImage(degree=1, resolution=(4, 5)), RESULTS),
]


def plain(output):
    """Results as nested lists, to compare."""
    if isinstance(output, np.ndarray):
        return output.tolist()
    return [[dgm.tolist() for dgm in result.dgms] for result in output]


@pytest.mark.parametrize(("estimator", "X"), OF_SPACES + OF_DIAGRAMS)
def test_clones_pickles_and_threads_give_the_same(estimator, X):
    expected = plain(estimator.fit_transform(X))
    assert plain(clone(estimator).fit_transform(X)) == expected
    assert plain(pickle.loads(pickle.dumps(estimator)).transform(X)) == expected
    assert plain(clone(estimator).set_params(n_jobs=2).fit_transform(X)) == expected
    assert clone(estimator).fit(X) is not None
    with pytest.raises(NotFittedError):
        clone(estimator).transform(X)


def test_estimators_are_shells_over_the_functions():
    for result, expected in zip(RipsPersistence().fit_transform(CLOUDS), RESULTS, strict=True):
        np.testing.assert_array_equal(result[1], expected[1])
    for result, image in zip(CubicalPersistence().fit_transform(IMAGES), IMAGES, strict=True):
        np.testing.assert_array_equal(result[0], tl.cubical(image)[0])
    grid = np.linspace(0, 2, 17)
    np.testing.assert_array_equal(
        BettiCurve(grid=grid, degree=1).fit_transform(RESULTS),
        [tl.diagrams.betti_curve(r, grid, degree=1) for r in RESULTS],
    )
    np.testing.assert_array_equal(
        PersistenceLandscape(k=3, grid=grid, degree=1).fit_transform(RESULTS),
        [tl.diagrams.landscape(r, 3, grid=grid, degree=1).ravel() for r in RESULTS],
    )
    options = {"resolution": (6, 4), "birth_range": (0, 1), "persistence_range": (0, 2)}
    np.testing.assert_array_equal(
        PersistenceImage(sigma=0.1, degree=1, **options).fit_transform(RESULTS),
        [tl.diagrams.persistence_image(r, 0.1, degree=1, **options).ravel() for r in RESULTS],
    )
    np.testing.assert_array_equal(
        MagnitudeFunction(ts=[0.5, 2.0]).fit_transform(CLOUDS),
        [tl.magnitude_function(cloud, [0.5, 2.0]).values for cloud in CLOUDS],
    )


def test_distances_go_through_pipelines():
    distances = [tl.distances(cloud) for cloud in CLOUDS]
    found = RipsPersistence(metric="precomputed").fit_transform(distances)
    for result, expected in zip(found, RESULTS, strict=True):
        np.testing.assert_array_equal(result[1], expected[1])


def test_rows_of_a_table_are_points_on_a_line():
    table = np.random.default_rng(0).random((3, 8))
    with pytest.warns(UserWarning, match="read as a table of 3 samples of 8 points on a line"):
        results = RipsPersistence(maxdim=0).fit_transform(table)
    for result, row in zip(results, table, strict=True):
        gaps = np.sort(np.diff(np.sort(row)))
        np.testing.assert_allclose(result[0][:-1, 1], gaps)


CLOUD, OTHER = CLOUDS[0], CLOUDS[1][:20]
SPACES = [tl.MetricSpace(tl.distances(cloud, condensed=True)) for cloud in (CLOUD, OTHER)]
SIGNALS = [CLOUD[:, 0], OTHER[:, 1]]
FORMS_OF_CLOUDS = {
    "lists": [CLOUD.tolist(), OTHER.tolist()],
    "tuple": (CLOUD, OTHER),
    "spaces": SPACES,
    "a space among clouds": [CLOUD, SPACES[1]],
    "tensors": "tensors",
    "objects": np.array([CLOUD, OTHER], dtype=object),
}


@pytest.mark.parametrize("estimator", [RipsPersistence(), MagnitudeFunction(ts=[0.5, 2.0])])
@pytest.mark.parametrize("form", FORMS_OF_CLOUDS)
def test_spaces_come_in_all_forms_that_functions_take(estimator, form):
    given = FORMS_OF_CLOUDS[form]
    if form == "tensors":
        torch = pytest.importorskip("torch")
        given = [torch.tensor(cloud, requires_grad=True) for cloud in (CLOUD, OTHER)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = plain(estimator.fit_transform(given))
    assert found == plain(estimator.fit_transform([CLOUD, OTHER]))


@pytest.mark.parametrize("estimator", [RipsPersistence(), MagnitudeFunction(ts=[0.5, 2.0])])
def test_distances_come_square_condensed_and_sparse(estimator):
    expected = plain(estimator.fit_transform([CLOUD, OTHER]))
    precomputed = clone(estimator).set_params(metric="precomputed")
    square = [tl.distances(cloud) for cloud in (CLOUD, OTHER)]
    condensed = [tl.distances(cloud, condensed=True) for cloud in (CLOUD, OTHER)]
    for given in (square, condensed, [square[0], condensed[1]], SPACES):
        assert plain(precomputed.fit_transform(given)) == expected
    rows = np.array([condensed[0], 2 * condensed[0]])
    assert plain(precomputed.fit_transform(rows)) == plain(precomputed.fit_transform(list(rows)))


@pytest.mark.parametrize("signals", [SIGNALS, [list(signal) for signal in SIGNALS]])
def test_signals_may_differ_in_length(signals):
    found = CubicalPersistence().fit_transform(signals)
    assert plain(found) == [[tl.cubical(signal)[0].tolist()] for signal in SIGNALS]
    on_a_line = RipsPersistence().fit_transform(signals)
    assert plain(on_a_line) == plain(tl.rips_batch([signal[:, None] for signal in SIGNALS]))


def test_images_of_equal_sizes_in_an_array_of_objects():
    boxed = np.array(list(IMAGES), dtype=object)
    assert boxed.ndim == 3
    found = CubicalPersistence().fit_transform(boxed)
    assert plain(found) == plain(CubicalPersistence().fit_transform(IMAGES))


WHOLE = [
    (RipsPersistence(), "points on a line; pass \\[X\\] for one cloud"),
    (MagnitudeFunction(ts=[1.0]), "points on a line; pass \\[X\\] for one cloud"),
    (CubicalPersistence(), "values of a signal; pass \\[X\\] for one image"),
]


@pytest.mark.parametrize(("estimator", "message"), WHOLE)
def test_one_cloud_or_image_warns_that_it_is_read_as_a_table(estimator, message):
    torch = pytest.importorskip("torch")
    for one in (CLOUD, CLOUD.tolist(), torch.tensor(CLOUD)):
        with pytest.warns(UserWarning, match=f"table of {len(CLOUD)} samples of 2 {message}"):
            found = clone(estimator).fit(one)
        with pytest.warns(UserWarning, match=message):
            found.transform(one)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(clone(estimator).fit_transform([CLOUD])) == 1
        assert len(clone(estimator).fit_transform(list(CLOUD))) == len(CLOUD)


@pytest.mark.parametrize("estimator", [RipsPersistence(), MagnitudeFunction(ts=[1.0])])
def test_one_space_is_refused_with_the_way_out(estimator):
    precomputed = clone(estimator).set_params(metric="precomputed")
    graph = tl.spaces.neighbor_graph(CLOUD, k=4)
    for one in (tl.distances(CLOUD), tl.distances(CLOUD).tolist(), graph):
        with pytest.raises(ValueError, match=r"distances of one, shape \(30, 30\): .*\[X\]"):
            clone(precomputed).fit(one)
    for wrong, name in ((SPACES[0], "MetricSpace"), (iter(CLOUDS), "list_iterator"), ({}, "dict")):
        with pytest.raises(TypeError, match=rf"list of samples, such as \[X\]; found one {name}"):
            clone(estimator).fit(wrong)
    with pytest.raises(ValueError, match="`X` must have at least one sample; found none"):
        clone(estimator).fit([])


@pytest.mark.parametrize(("estimator", "X"), [*OF_DIAGRAMS, OF_SPACES[3]])
def test_output_has_names(estimator, X):
    pandas = pytest.importorskip("pandas")
    values = clone(estimator).fit_transform(X)
    frame = clone(estimator).set_output(transform="pandas").fit_transform(X)
    assert isinstance(frame, pandas.DataFrame)
    np.testing.assert_array_equal(frame.to_numpy(), values)
    fitted = clone(estimator).fit(X)
    assert frame.columns.tolist() == fitted.get_feature_names_out().tolist()
    assert len(set(frame.columns)) == values.shape[1]


def test_pipelines_name_their_output():
    pandas = pytest.importorskip("pandas")
    pipeline = make_pipeline(RipsPersistence(), BettiCurve(degree=1, resolution=3))
    frame = pipeline.set_output(transform="pandas").fit_transform(CLOUDS)
    assert isinstance(frame, pandas.DataFrame)
    assert frame.columns.tolist() == ["betti_0", "betti_1", "betti_2"]


def test_learned_grids_and_ranges_are_those_of_the_training_diagrams():
    train, test = [[[0.0, 2.0], [0.5, np.inf]]], [[[0.0, 9.0]]]
    curve = BettiCurve(resolution=3).fit(train)
    np.testing.assert_array_equal(curve.grid_, [0.0, 1.0, 2.0])
    np.testing.assert_array_equal(curve.transform(test), [[1.0, 1.0, 1.0]])
    image = PersistenceImage(essential="drop").fit(train)
    assert image.sigma_ == 0.1
    np.testing.assert_allclose(image.birth_range_, (-0.3, 0.3))
    np.testing.assert_allclose(image.persistence_range_, (0.0, 2.3))


def test_pipelines_and_grid_search_tell_circles_from_segments():
    features = FeatureUnion(
        [
            ("curve", BettiCurve(degree=1, resolution=10)),
            ("landscape", PersistenceLandscape(k=1, degree=1, resolution=10)),
        ]
    )
    pipeline = make_pipeline(RipsPersistence(), features, LogisticRegression())
    assert cross_val_score(pipeline, CLOUDS, LABELS, cv=3).min() == 1.0
    pipeline = make_pipeline(RipsPersistence(), PersistenceImage(degree=1), LogisticRegression())
    choices = {"persistenceimage__resolution": [2, 6], "persistenceimage__sigma": [0.05, 0.2]}
    search = GridSearchCV(pipeline, choices, cv=2, n_jobs=2).fit(CLOUDS, LABELS)
    assert search.best_score_ > 0.9
    assert search.predict(CLOUDS[:2]).tolist() == LABELS[:2].tolist()


def test_hostile_input():
    for estimator in (BettiCurve(), PersistenceLandscape(), PersistenceImage()):
        for wrong in ("bars", None, 3, RESULTS[0], iter(RESULTS)):
            with pytest.raises(TypeError, match="`X` must be a list of diagrams; found"):
                clone(estimator).fit(wrong)
        with pytest.raises(ValueError, match="`X` must be a list of diagrams; found one diagram"):
            clone(estimator).fit(np.zeros((2, 2)))
        with pytest.raises(ValueError, match="at least one sample"):
            clone(estimator).fit([])
        with pytest.raises(ValueError, match=r"`X\[1\]` must have birth <= death"):
            clone(estimator).fit([[[0.0, 1.0]], [[2.0, 1.0]]])
        with pytest.raises(ValueError, match=r"`X\[0\]` must be the diagram of one degree"):
            clone(estimator).fit(RESULTS)
    with pytest.raises(ValueError, match="found 1 essential class"):
        PersistenceImage(degree=0).fit(RESULTS)
    with pytest.raises(ValueError, match="`grid` must be given"):
        BettiCurve().fit([[], []])
    with pytest.raises(ValueError, match="`sigma` must be given"):
        PersistenceImage().fit([[], []])
    with pytest.raises(ValueError, match="`X` must be finite"):
        RipsPersistence().fit_transform([np.full((3, 2), np.nan)])
    with pytest.raises(ValueError, match="positive"):
        MagnitudeFunction(ts=[-1.0]).fit(CLOUDS)


def test_scikit_learn_is_needed_for_estimators_only():
    code = (
        "import sys; sys.modules['sklearn'] = None; import topolens\n"
        "try:\n    import topolens.sklearn\n"
        "except ImportError as error:\n    print(error)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'topolens[sklearn]'" in shown.stdout
