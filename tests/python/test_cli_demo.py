"""The command `topolens demo`, and what its files are good for."""

from __future__ import annotations

import csv
import sys

import numpy as np
import pytest

from topolens import cli
from topolens.cli._demo import disks_in_a_rectangle

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "new"
    assert cli.main(["demo", "--out", str(out), "--repeats", "1"]) == 0
    return out


def betti(folder, control="trained"):
    """Betti numbers (0, 1) of each class in each layer."""
    with open(folder / "table.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["measure"] == "betti"]
    found = {}
    for row in rows:
        if row["control"] == control:
            found.setdefault((row["class"], row["layer"]), []).append(float(row["value"]))
    return found


def test_input_has_three_disks_in_a_plane_with_three_holes(demo):
    for control in ("trained", "untrained"):
        found = betti(demo, control)
        assert found["disks", "input"] == [3, 0]
        assert found["plane", "input"] == [1, 3]


def test_training_brings_the_disks_together(demo):
    assert betti(demo)["disks", "output"][0] < 3
    page = (demo / "index.html").read_text(encoding="utf-8")
    pieces, loops = betti(demo)["disks", "output"][0], betti(demo)["plane", "output"][1]
    assert f"3 and 3 at the input, {pieces:g} and {loops:g} at the output" in page


def test_its_files_are_taken_by_the_other_commands(demo, tmp_path):
    files = [str(demo / "activations.npz"), "--labels", str(demo / "labels.npy")]
    assert cli.main(["analyse", *files, "--k", "14", "--out", str(tmp_path / "a")]) == 0
    again = betti(tmp_path / "a")
    for (name, layer), numbers in betti(demo).items():
        assert again[{"disks": "0", "plane": "1"}[name], layer] == numbers
    assert cli.main(["compare", str(demo / "predictions.csv"), "--out", str(tmp_path / "c")]) == 0
    with open(tmp_path / "c" / "networks.csv", newline="") as file:
        accuracy = {row["network"]: float(row["accuracy"]) for row in csv.DictReader(file)}
    assert accuracy["start"] < accuracy["end"] == 1


def test_points_keep_away_from_the_border():
    points, labels = disks_in_a_rectangle(np.random.default_rng(3))
    of_disks, of_plane = points[labels == 0], points[labels == 1]
    gaps = np.linalg.norm(of_disks[:, None] - of_plane[None], axis=2)
    assert gaps.min() > 0.19
    assert 380 < len(of_disks) < 430 and 1080 < len(of_plane) < 1160


def test_the_random_state_and_threads_of_torch_are_left_alone(demo, tmp_path):
    import torch

    torch.manual_seed(5)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    assert cli.main(["demo", "--out", str(tmp_path / "d"), "--repeats", "1"]) == 0
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert betti(tmp_path / "d") == betti(demo)


def test_without_torch_it_says_what_to_install(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert cli.main(["demo", "--out", str(tmp_path / "d")]) == 2
    assert capsys.readouterr().err == (
        "topolens: error: topolens demo needs PyTorch: pip install torch\n"
    )
