"""The command, run as its users run it; what it writes is read back."""

from __future__ import annotations

import csv
import os
import subprocess
import sys

import numpy as np
import pytest

import topolens as tl
from topolens import cli
from topolens.cli import _reading as reading

K = 6


@pytest.fixture
def layers():
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 60)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    return {"input": circle, "relu1": np.maximum(circle @ rng.normal(size=(2, 4)), 0)}


@pytest.fixture
def labels():
    return np.tile([10, 2], 30)


@pytest.fixture
def folder(tmp_path, layers, labels):
    np.savez(tmp_path / "acts.npz", **layers)
    np.save(tmp_path / "y.npy", labels)
    return tmp_path


def run(folder, *arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "topolens", *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, timeout=120, **options,
    )  # fmt: skip


def read_table(path):
    """Return the rows of a table.csv without the time they took."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def as_text(table):
    return [{k: str(v) for k, v in row.items() if k != "seconds"} for row in table.rows()]


def test_report_holds_what_analyse_returns(folder, layers, labels):
    done = run(
        folder, "analyse", "acts.npz", "--labels", "y.npy", "--out", "out/report", "--k", K,
        "--repeats", 2, "--subsample", "0.9", "--control", "shuffled", "--seed", 7,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    table = tl.analyse(
        layers, tl.HopBetti(k=K), labels=labels, by="class", repeats=2, subsample=0.9,
        control="shuffled", rng=7,
    )  # fmt: skip
    report = folder / "out" / "report"
    assert read_table(report / "table.csv") == as_text(table)
    assert {path.name for path in report.iterdir()} == {
        "index.html", "table.csv", "betti.png", "components.png", "max_degree.png",
    }  # fmt: skip
    assert "Topology of acts.npz" in (report / "index.html").read_text()
    found = table.findings("shuffled", rng=0)
    page = report.relative_to(folder) / "index.html"
    assert done.stdout == f"{table}\n{found}\nreport: {page}\n"


def test_options_reach_the_measures(folder, layers, labels):
    options = (
        "--measure rips --measure hop-betti --k 5 --hops 1 --maxdim 0 --classes 10 "
        "--layers relu1,input --threads 1"
    )
    files = [
        str(folder / "acts.npz"),
        "--labels",
        str(folder / "y.npy"),
        "--out",
        str(folder / "r"),
    ]
    assert cli.main(["analyse", *files, *options.split()]) == 0
    table = tl.analyse(
        {name: layers[name] for name in ("relu1", "input")},
        [tl.Rips(maxdim=0), tl.HopBetti(k=5, hops=1, maxdim=0)],
        labels=labels, by="class", classes=[10], rng=0,
    )  # fmt: skip
    assert read_table(folder / "r" / "table.csv") == as_text(table)


@pytest.mark.parametrize(
    ("name", "array", "what"),
    [
        ("labels", np.arange(60) % 2, "labels"), ("Y", np.ones((60, 1)), "labels"),
        ("ids", np.arange(60), "ids"), ("names", np.array(["a"] * 60), "ids"),
    ],
)  # fmt: skip
def test_labels_and_ids_in_an_archive_are_no_layers(folder, layers, capsys, name, array, what):
    np.savez(folder / "more.npz", **layers, **{name: array})
    assert cli.main(["analyse", str(folder / "more.npz"), "--out", str(folder / "r")]) == 0
    assert capsys.readouterr().err == (
        f"topolens: note: {folder / 'more.npz'}: {name!r} holds {what} and is no layer; "
        "it is left out\n"
    )
    table = tl.analyse(layers, rng=0)
    assert read_table(folder / "r" / "table.csv") == as_text(table)


@pytest.mark.parametrize(
    ("options", "measures"),
    [
        ("", None), ("--k 6", [tl.HopBetti(k=6)]), ("--hops 1", [tl.HopBetti(hops=1)]),
        ("--measure hop-betti", [tl.HopBetti()]),
        ("--measure spread --measure pieces", [tl.Spread(), tl.Pieces()]),
    ],
)  # fmt: skip
def test_what_is_measured_when_little_is_said(folder, layers, labels, options, measures):
    files = [str(folder / "acts.npz"), "--labels", str(folder / "y.npy")]
    assert cli.main(["analyse", *files, "--out", str(folder / "r"), *options.split()]) == 0
    table = tl.analyse(layers, measures, labels=labels, rng=0)
    assert read_table(folder / "r" / "table.csv") == as_text(table)


def test_without_labels_all_points_are_one_cloud(folder, layers):
    assert cli.main(["analyse", str(folder / "acts.npz"), "--out", str(folder / "r")]) == 0
    table = tl.analyse(layers, rng=0)
    assert read_table(folder / "r" / "table.csv") == as_text(table)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("y.txt", "10\n2\n2\n10\n"),
        ("y.csv", "10\n2\n2\n10\n"),
        ("y.csv", "Label\r\n10\r\n2\r\n2\r\n10\r\n"),
        ("y.csv", '\ufeffid,class\n"a,b",10\nc,2\nd,2\ne, 10\n\n'),
        ("y.csv", "10.0\n2.0\n2.0\n10.0\n"),
    ],
)
def test_labels_are_read_as_integers_where_they_are(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    read = reading.read_labels(tmp_path / name)
    assert read.dtype.kind == "i"
    assert read.tolist() == [10, 2, 2, 10]


def test_labels_may_be_words(tmp_path):
    (tmp_path / "y.txt").write_text("guinea pig\ncat\n", encoding="utf-8")
    assert reading.read_labels(tmp_path / "y.txt").tolist() == ["guinea pig", "cat"]


def test_safetensors_come_in_natural_order(tmp_path, layers):
    numpy = pytest.importorskip("safetensors.numpy")
    arrays = {f"layer{i}": layers["input"] * i for i in (10, 9, 1, 2)}
    numpy.save_file(arrays, tmp_path / "acts.safetensors")
    read = reading.read_layers(tmp_path / "acts.safetensors")
    assert list(read) == ["layer1", "layer2", "layer9", "layer10"]
    np.testing.assert_array_equal(read["layer9"], arrays["layer9"])


def test_safetensors_without_the_package_says_what_to_install(folder):
    (folder / "safetensors.py").write_text("raise ImportError('no such package')")
    (folder / "acts.safetensors").write_bytes(b"")
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = run(folder, "analyse", "acts.safetensors", env=environment)
    assert done.returncode == 2
    assert done.stderr == (
        "topolens: error: reading acts.safetensors needs the package safetensors: "
        "pip install safetensors\n"
    )


BAD = [
    ("nothing.npz", "No such file or directory: 'nothing.npz'"),
    ("acts.txt", "activations must be a .npz or .safetensors file; found acts.txt"),
    ("junk.npz", "junk.npz is not a readable .npz file"),
    ("objects.npz", "objects.npz is not a readable .npz file"),
    ("junk.safetensors", "junk.safetensors is not a readable .safetensors file"),
    ("nan.npz", "`layers['a']` must be finite"),
    ("acts.npz --by class", "--by class needs --labels"),
    ("acts.npz --labels acts.npz", "labels must be a .npy, .csv or .txt file; found acts.npz"),
    ("acts.npz --labels junk.npy", "junk.npy is not a readable .npy file"),
    ("acts.npz --labels short.txt", "`labels`"),
    ("acts.npz --labels empty.txt", "empty.txt has no labels"),
    ("acts.npz --labels wide.csv", "wide.csv has 2 columns: name one of them label, "),
    ("acts.npz --labels ragged.csv", "ragged.csv: row 2 has 1 columns, not 2"),
    ("acts.npz --labels y.npy --k 30", "class '2' of layer 'input' has 30"),
    ("acts.npz --labels y.npy --classes 3", "`classes` must be among 2, 10; found ['3']"),
    ("acts.npz --layers relu9", "--layers must be among input, relu1; found relu9"),
    ("acts.npz --subsample few", "argument --subsample: must be a number; found 'few'"),
    ("acts.npz --subsample 1.5", "`subsample` as a share must be in (0, 1]; found 1.5"),
    ("acts.npz --k", "argument --k: expected one argument"),
    ("acts.npz --k 1", "`k` must be at least 2; found 1"),
    ("acts.npz --measure magic", "argument --measure: invalid choice: 'magic'"),
    ("acts.npz --control shuffled", '`control="shuffled"` needs `by="class"`'),
    ("acts.npz --out acts.npz", "--out must be a folder; found the file acts.npz"),
    ("", "the following arguments are required: activations"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_exits_with_two_and_one_line(
    folder, layers, arguments, message, monkeypatch, capsys
):
    monkeypatch.chdir(folder)
    for name in ("junk.npz", "junk.npy", "junk.safetensors"):
        (folder / name).write_text("not what it says")
    np.savez("objects.npz", a=np.array([{}, {}], dtype=object))
    np.savez("nan.npz", a=layers["input"] * np.nan, b=layers["input"] * np.inf)
    (folder / "short.txt").write_text("1\n2\n")
    (folder / "empty.txt").write_text("\n")
    (folder / "wide.csv").write_text("a,b\n1,2\n")
    (folder / "ragged.csv").write_text("id,label\n1\n")
    try:
        code = cli.main(["analyse", *arguments.split()])
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("topolens: error: ")
    assert printed.err.count("\n") == 1
    assert message in printed.err
    assert not (folder / "report" / "table.csv").exists()


def test_the_exit_code_reaches_the_shell(folder):
    done = run(folder, "analyse", "nothing.npz")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert run(folder).returncode == 2


def test_help_teaches_with_an_example(folder):
    done = run(folder, "analyse", "--help")
    assert done.returncode == 0
    assert "topolens analyse activations.npz --labels labels.npy" in done.stdout
    assert all(len(line) <= 100 for line in done.stdout.splitlines())
    assert run(folder, "--version").stdout == f"topolens {tl.__version__}\n"


STOPPED = [
    (MemoryError("needs 90 GB"), 2, "needs 90 GB (at hop-betti(2) of layer 'relu1', class 'all' "
     "(trained))"),
    (KeyboardInterrupt(), 130, "interrupted"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "code", "reason"), STOPPED)
def test_a_stop_in_the_middle_keeps_the_layers_so_far(
    folder, monkeypatch, capsys, error, code, reason
):
    clouds = []

    def stops_at_the_second(X, **options):
        clouds.append(X)
        if len(clouds) == 2:
            raise error
        return tl.hop_betti(X, **options)

    monkeypatch.setattr("topolens.measures._hops.hop_betti", stops_at_the_second)
    out = folder / "r"
    files = [str(folder / "acts.npz"), "--measure", "hop-betti"]
    assert cli.main(["analyse", *files, "--out", str(out)]) == code
    page = out / "index.html"
    assert capsys.readouterr().err == (
        f"topolens: error: {reason}; the layers so far are in {page}\n"
    )
    assert {row["layer"] for row in read_table(out / "table.csv")} == {"input"}
    assert "acts.npz, incomplete" in page.read_text()
