"""The command `topolens compare`: what it writes is compared with the package's own answers."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import topolens as tl
from topolens import cli

Y = np.random.default_rng(0).integers(4, size=60)


def predictions():
    """Three networks with some errors each; c is b again."""
    rng = np.random.default_rng(1)
    a, b = (np.where(rng.random(60) < share, rng.integers(4, size=60), Y) for share in (0.1, 0.4))
    return {"a": a, "b": b, "c": b.copy()}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, labels in predictions().items():
        np.save(f"{name}.npy", labels)
    np.save("y.npy", Y)
    return tmp_path


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def compare(*arguments):
    return cli.main(["compare", *arguments])


def test_distances_intervals_and_classes_are_those_of_the_space(folder, capsys):
    assert compare("a.npy", "b.npy", "c.npy", "--labels", "y.npy", "--confidence-level", "0.9") == 0
    space = tl.NetworkSpace.from_labels(predictions(), y=Y)
    D = space.distances()
    lower, upper = D.interval(0.9).interval
    rows = read("comparison/distances.csv")
    assert [(row["first"], row["second"]) for row in rows] == [("a", "b"), ("a", "c"), ("b", "c")]
    for row, i, j in zip(rows, *np.triu_indices(3, 1), strict=True):
        assert float(row["distance"]) == D.values[i, j]
        assert int(row["count"]) == (space.labels[i] != space.labels[j]).sum()
        assert float(row["lower"]) == lower[i, j]
        assert float(row["upper"]) == upper[i, j]
    networks = read("comparison/networks.csv")
    assert [row["class"] for row in networks] == ["1", "2", "2"]
    assert [float(row["accuracy"]) for row in networks] == space.accuracy().tolist()
    assert {path.name for path in (folder / "comparison").iterdir()} == {
        "index.html", "distances.csv", "networks.csv", "map.png", "matrix.png",
    }  # fmt: skip
    assert f"report: {Path('comparison', 'index.html')}\n" in capsys.readouterr().out


def test_one_table_with_a_column_a_network(folder):
    rows = np.column_stack([predictions()["a"], Y, predictions()["b"]])
    np.savetxt("all.csv", rows, "%d", delimiter=",", header="a,target,b", comments="")
    assert compare("all.csv", "c.npy", "--eps", "0.01") == 0
    assert compare("a.npy", "b.npy", "c.npy", "--labels", "y.npy", "--out", "again") == 0
    for name in ("distances.csv", "networks.csv"):
        assert read(f"comparison/{name}") == read(f"again/{name}")


def test_words_are_classes_and_an_empty_one_is_missing(folder):
    (folder / "words.csv").write_text(
        "p,q,label\ncat,cat,cat\ndog,cat,dog\n,dog,dog\ndog,dog,cat\n"
    )
    assert compare("words.csv") == 0
    assert read("comparison/distances.csv")[0]["count"] == "2"
    accuracy = [float(row["accuracy"]) for row in read("comparison/networks.csv")]
    assert accuracy == [0.5, 0.5]


@pytest.mark.parametrize("kind", ["probabilities", "scores"])
def test_scores_are_compared_by_their_probabilities(folder, kind):
    logits = np.random.default_rng(2).normal(size=(2, 60, 4))
    powers = np.exp(logits)
    probs = powers / powers.sum(axis=2, keepdims=True)
    rows = probs if kind == "probabilities" else logits
    np.savez("scores.npz", p=rows[0], q=rows[1])
    assert compare("scores.npz", "--as", "predictions", "--distance", "tv") == 0
    expected = 0.5 * np.abs(probs[0] - probs[1]).sum(axis=1).mean()
    (row,) = read("comparison/distances.csv")
    assert (row["first"], row["second"]) == ("scores: p", "scores: q")
    assert float(row["distance"]) == pytest.approx(expected, rel=1e-12)
    assert "hoeffding" in (folder / "comparison" / "index.html").read_text()


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("distance", ["tv", "hellinger", "js", "disagreement"])
def test_a_network_and_its_own_softmax_are_one(folder, capsys, distance):
    logits = 3 * np.random.default_rng(3).normal(size=(60, 4))
    given = {
        "raw": logits, "log": np.log(softmax(logits)), "soft": softmax(logits),
        "half": softmax(logits).astype(np.float16), "other": logits[::-1],
    }  # fmt: skip
    for name, scores in given.items():
        np.save(f"{name}.npy", scores)
    assert compare(*(f"{name}.npy" for name in given), "--distance", distance) == 0
    told = "probabilities of soft, half; logits of raw, log, other"
    assert f"predictions: {told}\n" in capsys.readouterr().out
    assert told in (folder / "comparison" / "index.html").read_text()
    for row in read("comparison/distances.csv"):
        far = 1e-3 if "half" in (row["first"], row["second"]) else 1e-9
        assert (float(row["distance"]) > 0.1) == ("other" in (row["first"], row["second"]))
        assert row["second"] == "other" or float(row["distance"]) < far


def test_what_is_nearly_probabilities_is_not_taken_for_logits(folder, capsys):
    probs = softmax(np.random.default_rng(3).normal(size=(60, 4)))
    np.save("p.npy", probs)
    np.save("q.npy", probs * 0.98)
    assert compare("p.npy", "q.npy", "--distance", "js") == 2
    assert "found a sum of 0.98 for q: divide each row by its sum" in capsys.readouterr().err


def test_columns_that_are_no_networks_are_left_out_and_named(folder, capsys):
    a, b = predictions()["a"], predictions()["b"]
    with open("all.csv", "w") as file:
        file.write("id,a,b,confidence,label,target\n")
        for k in range(60):
            # As pandas writes whole numbers beside missing ones.
            file.write(f"img{k},{a[k]}.0,{'' if k == 7 else b[k]},{k / 61},{Y[k]},0\n")
    assert compare("all.csv", "--out", "mixed") == 0
    told = capsys.readouterr().err.splitlines()
    assert told == [
        "topolens: note: all.csv: column 'id' holds ids and is left out",
        "topolens: note: all.csv: column 'confidence' holds numbers that are not whole and is "
        "left out",
        "topolens: note: all.csv: column 'target' is left out, since column 'label' holds the "
        "true labels",
    ]
    b[7] = -1
    space = tl.NetworkSpace.from_labels({"a": a, "b": b}, y=Y)
    (row,) = read("mixed/distances.csv")
    assert float(row["distance"]) == space.distances().condensed()[0]
    assert [float(r["accuracy"]) for r in read("mixed/networks.csv")] == space.accuracy().tolist()


def test_the_labels_of_an_archive_are_the_truth_and_no_network(folder, capsys):
    np.savez("all.npz", **predictions(), labels=Y, ids=np.arange(60))
    assert compare("all.npz", "--out", "one") == 0
    assert "all.npz: 'ids' holds ids and is left out" in capsys.readouterr().err
    accuracy = [float(row["accuracy"]) for row in read("one/networks.csv")]
    assert accuracy == tl.NetworkSpace.from_labels(predictions(), y=Y).accuracy().tolist()


def test_a_distance_without_intervals_has_none(folder):
    assert compare("a.npy", "b.npy", "--distance", "kappa") == 0
    assert set(read("comparison/distances.csv")[0]) == {"first", "second", "distance"}
    page = (folder / "comparison" / "index.html").read_text()
    assert "kappa, not a metric" in page and "<h2>Shape</h2>" not in page


# --- activations --------------------------------------------------------------------------------


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    circle = tl.datasets.circle(60, rng=0)
    found = {
        "keeps": {"input": circle, "relu1": 3 * circle, "output": circle * [1, 0.9]},
        "kills": {"input": circle, "tanh1": circle, "output": circle * [1, 0.05]},
    }
    for name, layers in found.items():
        np.savez(f"{name}.npz", **layers)
    return found


def test_layers_side_by_side_are_the_tables_of_the_models(models, capsys):
    options = ["--measure", "rips", "--measure", "hop-betti", "--k", "6"]
    assert compare("keeps.npz", "kills.npz", *options) == 0
    found = read("comparison/table.csv")
    for model, layers in models.items():
        table = tl.analyse(layers, [tl.Rips(), tl.HopBetti(k=6)], rng=0)
        expected = [
            {k: str(v) for k, v in row.items() if k != "seconds"}
            for row in tl.layer_distances(table).rows()
        ]
        mine = [
            {k: v for k, v in row.items() if k not in ("model", "seconds")}
            for row in found
            if row["model"] == model
        ]
        assert mine == expected
    printed = capsys.readouterr().out
    assert "relu1 | tanh1  keeps" in printed and "relu1 | tanh1  kills" in printed


def test_distances_between_layers_see_shape_and_not_size(models):
    assert compare("keeps.npz", "kills.npz", "--measure", "rips") == 0
    rows = read("comparison/layer_distances.csv")
    loops = {
        (row["model"], row["layer"], row["other model"], row["other layer"]): float(row["distance"])
        for row in rows
        if row["degree"] == "1"
    }
    assert len(loops) == 15
    assert loops["keeps", "input", "keeps", "relu1"] == pytest.approx(0, abs=1e-12)
    assert loops["keeps", "relu1", "kills", "tanh1"] == pytest.approx(0, abs=1e-12)
    assert loops["keeps", "output", "kills", "output"] > 0.3


def test_labels_in_archives_are_no_layers(models, capsys):
    for name, layers in models.items():
        np.savez(f"{name}.npz", **layers, labels=np.arange(60) % 2)
    assert compare("keeps.npz", "kills.npz", "--measure", "rips") == 0
    told = capsys.readouterr().err.splitlines()
    assert [line.rpartition(": ")[2] for line in told] == [
        "'labels' holds labels and is no layer; it is left out"
    ] * 2
    measured = {row["layer"] for row in read("comparison/table.csv")}
    assert measured == {layer for layers in models.values() for layer in layers}


def test_classes_stay_apart(models):
    np.save("halves.npy", np.arange(60) % 2)
    options = ["--labels", "halves.npy", "--measure", "rips", "--maxdim", "0"]
    assert compare("keeps.npz", "kills.npz", *options) == 0
    pictures = {path.name for path in Path("comparison").glob("distances*.png")}
    assert pictures == {"distances_components_of_0.png", "distances_components_of_1.png"}


# --- refusals -----------------------------------------------------------------------------------

BAD = [
    ("a.npy", "compare needs at least two networks; found a"),
    ("a.npy a.npy", "networks must differ in name; found a.npy again in a.npy"),
    ("a.npy nothing.npy", "No such file or directory: 'nothing.npy'"),
    ("a.npy junk.npy", "junk.npy is not a readable .npy file"),
    ("a.npy a.pdf", "must be .npy, .csv, .txt, .npz or .safetensors files; found a.pdf"),
    ("a.npy short.npy", "must be for the same samples; found 60 for 'a' and 2 for 'short'"),
    ("a.npy scores.npy", "found 1 axes for a, 2 axes for scores"),
    ("a.npy b.npy --distance tv", "tv"),
    ("a.npy b.npy --distance correctness", "`y` must be given for 'correctness'; found None"),
    ("a.npy b.npy --distance far", "argument --distance: invalid choice: 'far'"),
    ("a.npy b.npy --out a.npy", "--out must be a folder; found the file a.npy"),
    ("a.npy b.npy --eps -1", "`eps` must be"),
    ("a.npy b.npy --confidence-level 2", "`confidence_level` must be above 0 and below 1"),
    ("a.npy b.npy --networks a,z", "--networks must be among a, b; found z"),
    ("empty.csv b.npy", "empty.csv has no predictions"),
    ("bare.csv", "bare.csv has 2 columns: its first line must name a network for each; found 0, 1"),
    ("ragged.csv", "ragged.csv: row 3 has 1 columns, not 2"),
    ("sure.csv", "found p; sure.csv: column 'sure' holds numbers that are not whole and is left"),
    ("a.npy half.txt", "half.txt must hold labels; found numbers that are not whole"),
    ("one.npz", "compare needs at least two files of activations; found one"),
    ("one.npz two.npz", "activations must be of the same samples in all files; found 60 in one"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_exits_with_two_and_one_line(folder, capsys, arguments, message):
    (folder / "junk.npy").write_text("not what it says")
    np.save("short.npy", [0, 1])
    np.save("scores.npy", np.eye(4)[Y])
    np.savez("one.npz", layer=np.eye(60))
    np.savez("two.npz", layer=np.eye(50))
    (folder / "a.pdf").touch()
    (folder / "empty.csv").write_text("\n")
    (folder / "bare.csv").write_text("0,1\n1,1\n")
    (folder / "ragged.csv").write_text("p,q\n1,2\n1\n")
    (folder / "sure.csv").write_text("p,sure\n1,0.5\n1,0.25\n")
    (folder / "half.txt").write_text("0.5\n1\n")
    try:
        code = compare(*arguments.split())
    except SystemExit as stop:
        code = stop.code
    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.startswith("topolens: error: ")
    assert printed.err.count("\n") == 1
    assert message in printed.err
    assert not (folder / "comparison" / "index.html").exists()
