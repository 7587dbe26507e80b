"""What is left of memory, from made-up trees of files and under a real limit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from topolens import _calls, _memory
from topolens._memory import available_memory

MACHINE = 8_000_000 * 1024
INFINITE_V1 = 2**63 - 4096


@pytest.fixture
def tree(tmp_path):
    """Write files below a root that has a machine with 8 GB to spare."""

    def write(**files):
        everywhere = {"proc/meminfo": "MemTotal: 16000000 kB\nMemAvailable:  8000000 kB\n", **files}
        for name, text in everywhere.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(text))
        return tmp_path

    return write


def v2(path, limit, use, stat="anon 5\nfile 7\n"):
    folder = f"sys/fs/cgroup/{path}".rstrip("/")
    return {
        f"{folder}/memory.max": f"{limit}\n",
        f"{folder}/memory.current": f"{use}\n",
        f"{folder}/memory.stat": stat,
    }


def v1(path, limit, use):
    folder = f"sys/fs/cgroup/memory/{path}".rstrip("/")
    return {
        f"{folder}/memory.limit_in_bytes": f"{limit}\n",
        f"{folder}/memory.usage_in_bytes": f"{use}\n",
        f"{folder}/memory.stat": "cache 9\ninactive_file 1\ntotal_inactive_file 300\n",
    }


def test_the_machine_alone(tree):
    assert available_memory(tree()) == MACHINE


def test_groups_of_version_2(tree):
    root = tree(**{"proc/self/cgroup": "0::/job\n"}, **v2("job", 10_000, 4000))
    assert available_memory(root) == 6000


def test_files_that_can_be_given_up_are_available(tree):
    files = v2("job", 10_000, 9999, stat="file 9000\ninactive_file 8000\nactive_file 1000\n")
    assert available_memory(tree(**{"proc/self/cgroup": "0::/job\n"}, **files)) == 8001


def test_the_narrowest_of_nested_groups_counts(tree):
    inner = {"proc/self/cgroup": "0::/a/b/c\n"}
    root = tree(**inner, **v2("a", 9000, 8500), **v2("a/b", "max", 700), **v2("a/b/c", 5000, 600))
    assert available_memory(root) == 500
    assert available_memory(tree(**v2("a", "max", 8500))) == 4400
    assert available_memory(tree(**v2("a/b/c", "max", 600))) == MACHINE
    assert available_memory(tree(**v2("", 1000, 990))) == 10


def test_groups_of_version_1(tree):
    cgroup = "9:name=systemd:/x\n7:cpu,memory:/docker/1:2\n0::/\n"
    root = tree(**{"proc/self/cgroup": cgroup}, **v1("docker/1:2", 10_000, 4000))
    assert available_memory(root) == 6300
    assert available_memory(tree(**v1("docker", 5000, 4900), **v1("", INFINITE_V1, 6000))) == 400


def test_a_container_may_see_only_the_top_of_its_groups(tree):
    root = tree(**{"proc/self/cgroup": "7:memory:/docker/12\n"}, **v1("", 10_000, 4000))
    assert available_memory(root) == 6300
    root = tree(**{"proc/self/cgroup": "0::/../outside\n"}, **v2("", 3000, 1000))
    assert available_memory(root) == 2000


def test_missing_files_say_nothing(tree, tmp_path):
    assert available_memory(tree(**{"proc/self/cgroup": "0::/gone\n"})) == MACHINE
    files = v2("job", 10_000, 4000)
    del files["sys/fs/cgroup/job/memory.stat"]
    assert available_memory(tree(**{"proc/self/cgroup": "0::/job\n"}, **files)) == 6000
    (tmp_path / "sys/fs/cgroup/job/memory.current").unlink()
    assert available_memory(tmp_path) == MACHINE


def test_nothing_is_left_where_more_is_used_than_allowed(tree):
    root = tree(**{"proc/self/cgroup": "0::/job\n"}, **v2("job", 1000, 4000))
    assert available_memory(root) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="asks the C library")
def test_systems_without_meminfo_count_all_their_memory(tmp_path):
    assert available_memory(tmp_path) > 2**27


def test_this_machine_has_some():
    assert 2**20 < available_memory() < 2**60


def test_it_is_read_once_in_a_tenth_of_a_second(monkeypatch):
    calls = []
    monkeypatch.setattr(_memory, "available_memory", lambda: calls.append(0) or 12345)
    monkeypatch.setattr(_calls.time, "monotonic", lambda: 1e6)
    assert [_calls.memory_limit(None) for _ in range(3)] == [12345] * 3
    assert len(calls) == 1
    monkeypatch.setattr(_calls.time, "monotonic", lambda: 1e6 + 0.1)
    assert _calls.memory_limit(None) == 12345 and len(calls) == 2


UNDER_A_LIMIT = """
import resource
import numpy as np
import topolens as tl
from topolens._memory import available_memory

mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (mapped + 2**28, resource.RLIM_INFINITY))
assert available_memory() <= 2**28
X = np.zeros((20_000, 2))
try:
    tl.distances(X, n_threads=1)
except MemoryError as refusal:
    assert "would fit" in str(refusal), refusal
else:
    raise AssertionError("3 GB were taken")
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads what is mapped")
def test_a_limit_of_addresses_refuses_what_is_beyond_it():
    done = subprocess.run(
        [sys.executable, "-c", UNDER_A_LIMIT], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
