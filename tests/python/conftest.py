"""Makes the examples, the experiments, the zoo and what the benchmarks share importable."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / part) for part in ("examples", "benches", "tests/zoo"))]
