"""The pages of all commands, opened in a browser where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess

import matplotlib.image
import numpy as np
import pytest

import topolens as tl
from topolens import cli

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), "")
needs_browser = pytest.mark.skipif(not CHROMIUM, reason="needs chromium")
DARK = "--blink-settings=preferredColorScheme=0"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    circle = tl.datasets.circle(60, rng=0)
    np.savez(folder / "a.npz", input=circle, relu1=circle * [1, 0.1])
    np.savez(folder / "b.npz", input=circle, relu1=circle)
    for seed in range(4):
        labels = np.random.default_rng(seed).integers(2, size=60)
        np.save(folder / f"net{seed}.npy", labels)
    files = {
        "analyse": ["a.npz"],
        "compare layers": ["a.npz", "b.npz"],
        "compare predictions": [f"net{seed}.npy" for seed in range(4)],
    }
    made = {}
    for name, inputs in files.items():
        out, paths = folder / name, [str(folder / file) for file in inputs]
        assert cli.main([name.split()[0], *paths, "--out", str(out)]) == 0
        made[name] = out / "index.html"
    return made


NAMES = ["analyse", "compare layers", "compare predictions"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_asks_nothing_of_the_network_or_of_other_files(pages, name):
    text = pages[name].read_text(encoding="utf-8")
    assert text.count("<img ") >= 2
    asked = re.findall(r"(?:src|href|srcset|action)\s*=\s*['\"]?([^'\" >]*)", text)
    assert asked and all(source.startswith("data:image/png;base64,") for source in asked)
    without_data = re.sub(r"data:image/png;base64,[^'\"]*", "", text)
    assert not re.search(r"https?:|//|url\(|@import|<script|<link|<iframe", without_data)


@needs_browser
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_readable_in_light_and_dark(pages, name, tmp_path):
    light = screenshot(pages[name], tmp_path / "light.png")
    dark = screenshot(pages[name], tmp_path / "dark.png", DARK)
    for picture in (light, dark):
        # A blank page has no contrast; a page without pictures has no colours.
        assert picture.std() > 0.04
        assert (np.ptp(picture, axis=2) > 0.25).sum() > 200
    assert np.median(light) > 0.9
    assert np.median(dark) < 0.25


@needs_browser
@pytest.mark.parametrize("name", NAMES)
def test_a_page_alone_in_a_folder_looks_the_same(pages, name, tmp_path):
    alone = tmp_path / "mailed.html"
    alone.write_bytes(pages[name].read_bytes())
    here = screenshot(pages[name], tmp_path / "here.png")
    np.testing.assert_array_equal(screenshot(alone, tmp_path / "there.png"), here)


def screenshot(page, path, *arguments):
    """Open a page in a browser of its own, and return what is seen as (height, width, 3)."""
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={path.parent / 'profile'}", "--window-size=1200,2400"]
    command += [f"--screenshot={path}", *arguments, page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    return matplotlib.image.imread(path)[..., :3]
