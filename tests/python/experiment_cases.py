"""Small jobs for the tests of the experiments; workers import this file."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import torch

VERSION = 1


def sums(seed, n):
    """Two rows of sums that depend on the order of addition in their last digits."""
    time.sleep(0.02)
    x = np.random.default_rng(seed).normal(size=n).astype(np.float32)
    by_torch = torch.from_numpy(x).sum().item()
    return [{"what": "numpy", "sum": x.sum()}, {"what": "torch", "sum": by_torch}]


def note_call(folder, seed):
    """Leave a file, so that calls can be counted."""
    (Path(folder) / f"{seed}-{time.time_ns()}").touch()
    return [{"double": 2 * seed}]


def fails_if_odd(seed):
    if seed % 2:
        raise RuntimeError(f"{seed} is odd")
    return [{"value": seed}]


def kills_its_worker_once(folder, seed):
    """Take the worker down in the middle, the first time."""
    mark = Path(folder) / f"killed-{seed}"
    time.sleep(0.05)
    if seed == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return [{"value": seed**2}]


def kills_its_worker_always(seed):
    time.sleep(0.05)
    if seed == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return [{"value": seed**2}]


def repeats_a_parameter(seed):
    return [{"seed": seed}]


def coin(p, draw):
    """A draw that succeeds with probability p."""
    rng = np.random.default_rng([draw, int(100 * p)])
    return [{"good": bool(rng.random() < p), "curve": "9 8 1", "value": 1 / (draw + 3)}]
