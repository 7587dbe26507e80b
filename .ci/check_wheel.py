"""Install a wheel where there is no Rust, look at what it holds, and run tests against it.

    python .ci/check_wheel.py dist/topolens-*.whl

The tests are those that need no PyTorch and no other package for homology, so that they run on
every platform that has wheels of NumPy, SciPy and scikit-learn. Where there are none, as on Alpine,
--system-packages takes those of the operating system.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 8_000_000  # bytes; with the names of all functions it would be above
NEEDED = ("hypothesis", "mpmath", "pandas", "pytest", "safetensors", "scikit-learn")
TESTS = (
    "cli",
    "cli_compare",
    "cubical",
    "layers",
    "magnitude_closed_forms",
    "magnitude_oracle",
    "metric_space",
    "networks",
    "oracle",
    "report",
    "spaces",
)


def main() -> int:
    """Check the wheel that is named; return the exit code of the tests."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--system-packages", action="store_true")
    options = parser.parse_args()
    wheel = options.wheel.resolve()
    check_contents(wheel)
    with tempfile.TemporaryDirectory() as folder:
        python = install(wheel, Path(folder), options.system_packages)
        run = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        paths = [str(ROOT / "tests" / "python" / f"test_{name}.py") for name in TESTS]
        # Run from elsewhere, so that the package is not found in the source tree.
        return subprocess.run([*run, *paths], cwd=folder, env=without_rust()).returncode


def check_contents(wheel: Path) -> None:
    """Refuse a wheel for one version of Python, a large one, or one with parts missing."""
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    parts = ("/licenses/LICENSE", "topolens/py.typed", "topolens/_core.pyi", "/entry_points.txt")
    missing = [part for part in parts if not any(name.endswith(part) for name in names)]
    if missing:
        raise SystemExit(
            f"the wheel must hold {', '.join(missing)}; found {len(names)} other files"
        )
    if "-abi3-" not in wheel.name:
        raise SystemExit(f"the wheel must be for abi3; found {wheel.name}")
    if wheel.stat().st_size > LARGEST:
        raise SystemExit(f"the wheel must be below {LARGEST} bytes; found {wheel.stat().st_size}")


def install(wheel: Path, folder: Path, system_packages: bool) -> Path:
    """Make an environment with the wheel, and return its Python."""
    venv.create(folder / "env", with_pip=True, system_site_packages=system_packages)
    scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    python = scripts / ("python.exe" if os.name == "nt" else "python")
    command = [str(python), "-m", "pip", "install", "--quiet", "--only-binary=:all:"]
    subprocess.run([*command, str(wheel), *NEEDED], check=True, env=without_rust())
    subprocess.run([str(scripts / "topolens"), "--version"], check=True, env=without_rust())
    return python


def without_rust() -> dict[str, str]:
    """Return the environment with a PATH on which there is no Rust."""
    folders = os.environ["PATH"].split(os.pathsep)
    clean = [f for f in folders if not any(shutil.which(t, path=f) for t in ("cargo", "rustc"))]
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return kept | {"PATH": os.pathsep.join(clean)}


if __name__ == "__main__":
    sys.exit(main())
