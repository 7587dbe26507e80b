"""A recording takes little more memory than it has in the end."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc

import pytest
import torch
from torch import nn

from topolens.torch import record

PEAK = """
import resource, sys, torch
from torch import nn
from topolens.torch import record

UNIT = 1 if sys.platform == "darwin" else 1024

def largest():
    return UNIT * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

model = nn.Sequential(*(nn.ReLU() for _ in range(30)))
samples = torch.rand({n}, {width})
record(model, samples[:4])  # all is imported
before = largest()
recording = record(model, samples, reduce={reduce!r})
print(largest() - before, sum(array.nbytes for array in recording.values()))
"""


@pytest.mark.parametrize(("n", "width"), [(40, 50_000), (700, 3_000)])
def test_the_peak_is_little_above_the_recording(n, width):
    pytest.importorskip("resource")
    code = PEAK.format(n=n, width=width, reduce="auto")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    peak, kept = map(int, ran.stdout.split())
    assert kept == 4 * n * width * 31
    assert peak < 1.3 * kept


def test_a_layer_that_is_skipped_late_gives_its_memory_back():
    class WithTable(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear, self.table = nn.Linear(3, 4), nn.Flatten()

        def forward(self, x):
            self.table(torch.zeros(2, 50_000))
            return torch.tanh(self.linear(x))

    model, samples = WithTable(), torch.rand(300, 3)
    tracemalloc.start()
    recording = record(model, samples, "*")
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert list(recording.skipped) == ["table"]
    assert now < 10e6
    assert list(recording) == ["input", "linear", "output"]
