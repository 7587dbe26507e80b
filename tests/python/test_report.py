"""The report: its page is parsed back and compared with the table."""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser

import matplotlib.image
import numpy as np
import pytest

import topolens as tl
from topolens.layers import LayerTable
from topolens.layers._columns import LAYER_COLUMNS, columns_of

VOID = {"meta", "img"}


class Page(HTMLParser):
    """Collects tables and pictures, and checks that tags close in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tables, self.pictures, self.links = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.links += [attributes[k] for k in ("href", "src") if k in attributes]
        if tag == "img":
            self.pictures.append(attributes["src"])
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    layers = {"input": rng.normal(size=(60, 3)), "<b>&": rng.normal(size=(60, 4))}
    return tl.analyse(
        layers, [tl.HopBetti(k=5), tl.Rips()], labels=np.repeat([0, 1], 30), by="class",
        repeats=2, control="shuffled", rng=0,
    )  # fmt: skip


def test_report_has_a_page_a_table_and_a_picture_per_measure(tmp_path, table):
    page = tl.write_report(table, tmp_path / "new" / "report", title="A <title>")
    assert page == tmp_path / "new" / "report" / "index.html"
    measures = set(table.columns["measure"].tolist())
    names = {path.name for path in page.parent.iterdir()}
    assert names == {"index.html", "table.csv", *(f"{measure}.png" for measure in measures)}
    text = page.read_text(encoding="utf-8")
    assert "<h1>A &lt;title&gt;</h1>" in text
    assert "HopBetti(k=5" in text


def test_page_needs_no_other_file_and_shows_the_same_pictures(tmp_path, table):
    folder = tl.write_report(table, tmp_path).parent
    page = Page((folder / "index.html").read_text(encoding="utf-8"))
    assert len(page.pictures) == 11
    assert page.links == page.pictures
    files = {path.read_bytes() for path in folder.glob("*.png")}
    for source in page.pictures:
        kind, data = source.split(",")
        assert kind == "data:image/png;base64"
        png = base64.b64decode(data, validate=True)
        assert png in files
        pixels = matplotlib.image.imread(io.BytesIO(png))
        assert min(pixels.shape[:2]) > 300
        assert pixels[..., :3].std() > 0.02


def test_page_shows_means_on_top_and_every_row_below(tmp_path, table):
    page = Page(tl.write_report(table, tmp_path).read_text(encoding="utf-8"))
    betti, whole = page.tables[0], page.tables[-1]
    assert betti[0] == ["control", "class", "degree", "input", "<b>&"]
    assert len(betti) == 1 + 2 * 2 * 2
    for control, name, dimension, *cells in betti[1:]:
        rows = table.select(
            measure="betti", control=control, class_=name, degree=int(dimension)
        ).summary()
        for cell, mean, sd in zip(cells, rows.columns["mean"], rows.columns["sd"], strict=True):
            shown = [float(number or "nan") for number in cell.split("±")]
            assert shown[0] == pytest.approx(mean, abs=max(np.nan_to_num(sd), 1e-9), nan_ok=True)
            assert (len(shown) == 2) == (sd > 0)
    assert whole[0] == list(table)
    assert len(whole) == 1 + len(table)
    position = whole[0].index("value")
    for line, value in zip(whole[1:], table.columns["value"], strict=True):
        assert float(line[position] or "nan") == pytest.approx(value, rel=1e-3, nan_ok=True)


def test_scales_beyond_counting_and_odd_names_make_no_trouble(tmp_path):
    rows = [
        (0, "x", "all", "trained", "my/measure", "", 0, scale, scale, 0, 0, 9, 9, 0.1, "")
        for scale in np.arange(30.0)
    ]
    page = tl.write_report(LayerTable(columns_of(rows, LAYER_COLUMNS)), tmp_path)
    assert "Too many scales to draw." in page.read_text(encoding="utf-8")
    ten = LayerTable(columns_of(rows[:10], LAYER_COLUMNS))
    tl.write_report(ten, tmp_path)
    (picture,) = tmp_path.glob("my_measure-*.png")
    assert picture.stat().st_size > 1000


def test_every_measure_has_a_file_of_its_own(tmp_path):
    names = ["a/b", "a b", "a_b", "a:b", "a//b", "../b", "é", "x" * 300, "x" * 301, "a\nb"]
    rows = [
        (index, "x", "all", "trained", name, "", 0, 1.0, 1.0, 0, 0, 9, 9, 0.1, "")
        for name in names
        for index in (0, 1)
    ]
    tl.write_report(LayerTable(columns_of(rows, LAYER_COLUMNS)), tmp_path / "report")
    pictures = [path.name for path in (tmp_path / "report").glob("*.png")]
    assert len(pictures) == len(names) and {"a_b.png", "é.png"} <= {*pictures}
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_table_without_rows_is_refused(tmp_path, table):
    with pytest.raises(ValueError, match="`table` must have rows"):
        tl.write_report(tl.layers.LayerTable(columns_of([], LAYER_COLUMNS)), tmp_path / "report")
    assert not (tmp_path / "report").exists()


def test_no_figure_is_left_open(tmp_path, table):
    plt = pytest.importorskip("matplotlib.pyplot")
    before = plt.get_fignums()
    tl.write_report(table, tmp_path)
    assert plt.get_fignums() == before
