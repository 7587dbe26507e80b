"""The settings of measures in tables: two of a kind in one analysis, told apart everywhere."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
import pytest

import topolens as tl
from topolens._vocabulary import MEASURES, words
from topolens.layers._html import heading_html
from topolens.layers._settings import settings_of
from topolens.measures import Value

CIRCLE = tl.datasets.circle(60, rng=0)
LAYERS = {"input": CIRCLE, "squashed": CIRCLE * [1.0, 0.1]}
BOTH = [tl.HopBetti(k=6), tl.HopBetti(k=20, maxdim=2)]


@dataclass
class Draw:
    """Yields a random number; it may have anything for settings."""

    shift: object = 0
    weights: object = None
    noted: dict = field(default_factory=dict)
    name: str = "draw"
    min_points: int = 2

    def measure(self, X, *, rng, n_threads):
        return [Value("draw", -1, 0.0, rng.random())]


class Plain:
    """A measure of the least kind."""

    name = "plain"

    def measure(self, X, *, rng, n_threads):
        return [Value("draw", -1, 0.0, rng.random())]


# --- the text -----------------------------------------------------------------------------------


def test_settings_are_what_differs_from_the_defaults():
    for default in (
        *(tl.HopBetti(), tl.Rips(), tl.Rips(scales=None), tl.PHDimension(), tl.Magnitude()),
        *(tl.MagnitudeDimension(), tl.Cubical(), tl.Cubical(thresholds=0.0), Draw(), Plain()),
    ):
        assert settings_of(default) == ""
    assert settings_of(tl.HopBetti(k=6, metric="cosine")) == "k=6, metric=cosine"
    assert settings_of(tl.Rips(threshold=2, scales=[0.5, 1])) == "threshold=2, scales=(0.5, 1.0)"
    assert settings_of(tl.Magnitude(unit=None)) == "unit=None"
    assert settings_of(Draw(name="other", min_points=5)) == ""


def hypotenuse(x, y):
    return np.hypot(x, y)


HOSTILE = [
    (np.array([1.0, 2.0]), "shift=[1.0, 2.0]"),
    (np.float64(0.1), "shift=0.1"),
    (hypotenuse, "shift=hypotenuse"),
    (np.hypot, "shift=hypot"),
    (tl.distances, "shift=distances"),
    ({"b", "a"}, "shift={a, b}"),
    ((), "shift=()"),
    ("größe, 名", "shift=größe, 名"),
    (None, "shift=None"),
    ([np.int64(3), "x"], "shift=(3, x)"),
]


@pytest.mark.parametrize(("value", "text"), HOSTILE)
def test_values_of_any_kind_are_written(value, text):
    assert settings_of(Draw(value)) == text


def test_long_values_are_told_apart_by_a_checksum():
    one, other = np.arange(5000.0), np.arange(5000.0)
    other[2500] += 1e-9
    texts = {settings_of(Draw(x)) for x in (one, other, one.reshape(50, 100), list(range(90)))}
    assert len(texts) == 4 and all(len(text) < 50 for text in texts)
    assert settings_of(Draw(one)) == settings_of(Draw(one.copy()))
    assert "ndarray(5000,)" in settings_of(Draw(one))


def test_addresses_are_left_out():
    assert "0x" not in settings_of(Draw(functools.partial(hypotenuse, 1)))
    assert settings_of(Draw(object())) == settings_of(Draw(object())) == "shift=<object object>"


def test_a_measure_may_say_its_settings():
    class Said(Plain):
        settings = "as I like"

    table = tl.analyse(LAYERS, [Plain(), Said()])
    assert set(table["settings"].tolist()) == {"", "as I like"}


# --- analyses -----------------------------------------------------------------------------------


def test_two_of_a_kind_stand_in_one_table():
    table = tl.analyse(LAYERS, BOTH, rng=0)
    for measure in BOTH:
        rows = table.select(settings=settings_of(measure))
        alone = tl.analyse(LAYERS, measure, rng=0)
        for name in set(table) - {"seconds"}:
            np.testing.assert_array_equal(rows[name], alone[name])
    assert set(table["settings"].tolist()) == {"k=6", "k=20, maxdim=2"}
    summary = table.summary()
    known = ~np.isnan(table["value"])
    assert summary["repeats"].tolist() == known.astype(int).tolist() and 0 < known.sum() < len(
        known
    )


def test_rows_of_other_settings_are_never_averaged():
    measures = [tl.Magnitude(), tl.Magnitude(unit="convergence"), tl.Magnitude(unit=None)]
    table = tl.analyse(LAYERS, measures, repeats=3, rng=0)
    for row in table.summary().rows():
        same = {k: row[k] for k in ("layer", "settings", "scale")}
        assert row["repeats"] == 3
        assert row["mean"] == pytest.approx(table.select(**same)["value"].mean())


@pytest.mark.parametrize(
    ("measures", "found"),
    [
        ([tl.HopBetti(k=6), tl.HopBetti(k=6)], r"'hop-betti\(2\) k=6' 2 times"),
        ([Plain(), Plain(), Plain()], "'plain' 3 times"),
        ([Draw(lambda x: x), Draw(lambda x: -x)], "'draw shift=<lambda>' 2 times"),
    ],
)
def test_equal_names_with_equal_settings_are_refused(measures, found):
    with pytest.raises(ValueError, match=f"must differ in name or settings.*found {found}"):
        tl.analyse(LAYERS, measures)


def test_random_numbers_are_those_of_before_and_independent():
    def draws(*measures):
        return tl.analyse(LAYERS, list(measures), repeats=2, rng=5)

    alone = draws(Draw(1))["value"]
    # from before there was a column of settings
    expected = [
        np.random.default_rng(np.random.SeedSequence(5, spawn_key=tl_key(r))).random()
        for r in (0, 1)
    ]
    assert alone.tolist() == expected * 2
    np.testing.assert_array_equal(draws(Draw(2))["value"], alone)
    table = draws(Plain(), Draw(1), Draw(2), Draw(3))
    np.testing.assert_array_equal(table.select(settings="shift=1")["value"], alone)
    later = [table.select(settings=f"shift={i}")["value"].tolist() for i in (1, 2, 3)]
    assert len({value for values in later for value in values}) == 6
    again = draws(Draw(1), Draw(3))
    assert again.select(settings="shift=3")["value"].tolist() == later[2]


def tl_key(repeat):
    import zlib

    return tuple(zlib.crc32(str(s).encode()) for s in ("measure", repeat, "all", "draw"))


def test_diagrams_of_both_are_kept_and_selected():
    measures = [tl.Rips(maxdim=0), tl.Rips(n_landmarks=20), tl.HopBetti(k=6)]
    table = tl.analyse(LAYERS, measures, rng=0)
    keys = [("input", "all", 0, "trained", s) for s in ("maxdim=0", "n_landmarks=20")]
    assert [len(table.diagrams[key].dgms) for key in keys] == [1, 2]
    assert list(table.select(layer="input", settings="maxdim=0").diagrams) == keys[:1]
    distances = tl.layer_distances(table, "wasserstein", p=1)
    rows = distances.select(measure="wasserstein_to_previous")
    assert rows["settings"].tolist() == ["p=1, maxdim=0", *["p=1, n_landmarks=20"] * 2]
    for row, (settings, degree) in zip(
        rows.rows(), [("maxdim=0", 0), *(("n_landmarks=20", d) for d in (0, 1))], strict=True
    ):
        a, b = (table.diagrams[layer, "all", 0, "trained", settings] for layer in LAYERS)
        a, b = (one.dgms[degree] / one.mean_distance for one in (a, b))
        assert row["value"] == tl.wasserstein_distance(b, a, p=1)
    assert distances.diagrams == table.diagrams
    both = tl.layer_distances(tl.layer_distances(table), unit=None)
    known = both.summary()
    assert (known["repeats"] == ~np.isnan(known["mean"])).all()  # loop_p of few bars
    with pytest.raises(
        ValueError, match="must not have these distances yet; found bottleneck_to_previous"
    ):
        tl.layer_distances(both, unit=None)


def test_one_measure_with_diagrams_has_keys_as_ever():
    table = tl.analyse(LAYERS, [tl.HopBetti(k=6), tl.Rips(maxdim=0)])
    assert ("input", "all", 0, "trained") in table.diagrams


# --- what is shown ------------------------------------------------------------------------------


def test_texts_and_pages_say_which():
    table = tl.analyse(LAYERS, [tl.HopBetti(), *BOTH], rng=0)
    said = repr(table)
    assert "betti 0 (defaults)" in said and "betti 0 (k=6)" in said
    page = table._repr_html_()
    for text in ("defaults", "k=6", "k=20, maxdim=2"):
        assert f"<th scope='row' class='text'>{text}</th>" in page
    one = table.select(settings="k=6")
    assert "(k=6)" not in repr(one) and "class='text'>k=6</th>" not in one._repr_html_()


def test_advice_is_about_the_settings_that_are_coarse():
    table = tl.analyse(LAYERS, [tl.HopBetti(k=6), tl.HopBetti(k=30)], rng=0)
    assert "No betti with k=30 of 2 of 2 clouds: too coarse" in repr(table)
    assert "with k=6 of" not in repr(table)
    assert "No betti of 2 of 2 clouds: too coarse" in repr(table.select(settings="k=30"))


@pytest.fixture
def plt():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    yield pyplot
    pyplot.close("all")


def test_plots_have_a_panel_for_each(plt):
    table = tl.analyse(LAYERS, BOTH, rng=0)
    axes = table.plot()
    assert axes.shape == (2, 3)
    for panels, measure in zip(axes, BOTH, strict=True):
        settings = settings_of(measure)
        for degree, ax in enumerate(panels[: measure.maxdim + 1]):
            assert ax.get_title(loc="left").endswith(f", {settings}")
            rows = table.select(measure="betti", settings=settings, degree=degree)
            np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), rows["value"])
    assert not axes[0, 2].axison and not axes[0, 2].get_lines()
    counts = table.plot("components")
    assert [ax.get_title(loc="left") for ax in counts[:, 0]] == ["k=6", "k=20, maxdim=2"]


def test_one_panel_can_be_chosen_and_says_nothing_new_alone(plt):
    table = tl.analyse(LAYERS, BOTH, rng=0)
    ax = table.plot(settings="k=6", degree=0)
    assert ax.get_title(loc="left").endswith("components, k=6")
    alone = tl.analyse(LAYERS, BOTH[0], rng=0).plot(degree=0)
    assert alone.get_title(loc="left").endswith("components")
    assert tl.analyse(LAYERS, BOTH[0]).plot("components").get_title(loc="left") == ""
    with pytest.raises(ValueError, match="`settings` must be one of 'k=20, maxdim=2', 'k=6'; fo"):
        table.plot(settings="k=7")
    with pytest.raises(ValueError, match="and `settings` among 'k=6', 'k=20, maxdim=2'"):
        table.plot(degree=0, ax=ax)
    default = tl.analyse(LAYERS, [tl.HopBetti(), BOTH[0]], rng=0).plot(degree=0)
    assert default[0, 0].get_title(loc="left").endswith(", defaults")


def test_reports_hold_both(tmp_path, plt):
    table = tl.analyse(LAYERS, BOTH, rng=0)
    page = tl.write_report(table, tmp_path).read_text(encoding="utf-8")
    assert "k=20, maxdim=2" in page
    assert (tmp_path / "table.csv").read_text().splitlines()[0] == ",".join(table)


# --- units --------------------------------------------------------------------------------------


def test_lengths_have_units_and_counts_none():
    lengths = {name for name, said in MEASURES.items() if said.unit}
    assert lengths >= {"total_persistence", "longest", "band_radius", "bottleneck_to_previous"}
    assert lengths >= {"longest_loop", "mean_distance"}
    assert not any(said.unit for said in MEASURES.values() if said.counts)
    assert words("entropy").unit == words("mine").unit == ""
    for name in ("bottleneck", "wasserstein", "sliced_wasserstein"):
        for other in ("previous", "trained"):
            unit = "mean distances unless settings tell another unit"
            assert words(f"{name}_to_{other}").unit == unit


def test_headings_say_the_unit():
    assert heading_html("longest") == "Longest bar <code>longest</code>, in mean distances"
    assert heading_html("betti") == "Betti number <code>betti</code>"
    assert heading_html("a<b") == "<code>a&lt;b</code>"
    shown = tl.analyse(LAYERS, tl.Rips())._repr_html_()
    assert "<code>total_persistence</code>, in mean distances" in shown
    assert "<code>mean_distance</code>, in units of the layer" in shown
