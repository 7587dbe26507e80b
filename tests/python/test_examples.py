"""The examples run from a shell and write what they promise; so does the code in the README."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n"


def run(script, *arguments):
    command = [sys.executable, str(ROOT / "examples" / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_betti(path):
    with open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if row["measure"] == "betti"]


def test_pretrained_cnn(tmp_path):
    pytest.importorskip("facenet_pytorch")
    text = run("pretrained_cnn.py", "--out", tmp_path / "demo")
    assert "200 of 200 images" in text
    for name in ("input", "prelu1", "prelu2", "prelu3", "prelu4", "dense5_1", "betti 0"):
        assert name in text

    betti = read_betti(tmp_path / "demo" / "table.csv")
    assert len(betti) == 6 * 2 * 2 * 2 * 10  # layers, classes, controls, dimensions, repeats
    assert {row["class"] for row in betti} == {"face", "no face"}
    assert {row["control"] for row in betti} == {"trained", "untrained"}
    assert all(float(row["value"]) >= int(row["degree"] == "0") for row in betti)
    assert (tmp_path / "demo" / "betti.png").read_bytes().startswith(PNG)
    assert "RNet" in (tmp_path / "demo" / "index.html").read_text(encoding="utf-8")


def test_layers_of_a_network(tmp_path):
    text = run("layers_of_a_network.py", "--out", tmp_path, "--networks", 1)
    assert "relu9" in text and "tanh9" in text
    assert (tmp_path / "layers_of_a_network.png").read_bytes().startswith(PNG)


def test_readme_code_runs_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {})
    assert (tmp_path / "report" / "index.html").exists()


def test_readme_shows_files_that_exist():
    readme = (ROOT / "README.md").read_text("utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", readme)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
