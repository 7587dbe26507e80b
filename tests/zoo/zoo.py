"""Record some 220 networks of three libraries, each beside a pass with hooks of the zoo's own.

    python tests/zoo/zoo.py [--only 'timm *' 'vgg*'] [--jobs 2] [--out zoo] [--page PAGE]

Weights are random and nothing is downloaded. Each network has a process, some minutes and some
memory; one that fails or hangs is noted, and the others go on. All figures go to a JSON file, the
table to a page of the documentation, if it is named.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

# Set before torch is imported: children that share two cores would wait for each other.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

import of_timm
import of_torchvision
import of_transformers
import page
from examine import examine
from kinds import Kind

CHILDREN = multiprocessing.get_context("fork")  # which have imported all already


def kinds() -> list[Kind]:
    """List the whole zoo."""
    return [*of_torchvision.kinds(), *of_timm.kinds(), *of_transformers.kinds()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=["*"], nargs="+", help="globs for names")
    parser.add_argument("--jobs", type=int, default=2, help="networks at once")
    parser.add_argument("--timeout", type=float, default=180, help="seconds for each")
    parser.add_argument("--memory", type=float, default=5, help="gigabytes for each")
    parser.add_argument("--out", type=Path, default=Path("zoo"), help="folder of the figures")
    parser.add_argument("--page", type=Path, help="page whose table is written anew")
    options = parser.parse_args()
    chosen = [k for k in kinds() if any(fnmatchcase(k.name, glob) for glob in options.only)]
    found = []
    for figures in examined(chosen, options):
        found.append(figures)
        print(f"{len(found):3}/{len(chosen)} {page.in_a_line(figures)}", flush=True)
    options.out.mkdir(exist_ok=True)
    (options.out / "figures.json").write_text(json.dumps(found, indent=1))
    table = page.table(found)
    print(table)
    if options.page:
        page.write(options.page, table)


def examined(chosen: list[Kind], options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Examine a few at once, and yield what was found in the order of the zoo."""
    with ThreadPoolExecutor(options.jobs) as pool:
        yield from pool.map(lambda kind: in_child(kind, options), chosen)


def in_child(kind: Kind, options: argparse.Namespace) -> dict[str, Any]:
    """Examine one kind in a process of its own, within its time and memory."""
    ours, theirs = CHILDREN.Pipe(duplex=False)
    child = CHILDREN.Process(target=_child, args=(kind, options.memory, theirs))
    start = time.perf_counter()
    child.start()
    theirs.close()
    try:
        found = ours.recv() if ours.poll(options.timeout) else f"took over {options.timeout:.0f} s"
    except EOFError:
        child.join()
        found = f"ended with code {child.exitcode}"
    if child.is_alive() and isinstance(found, str):
        child.kill()
    child.join()
    if isinstance(found, str):
        found = {"name": kind.name, "family": kind.family, "problems": {"process": found}}
    return found | {"seconds": round(time.perf_counter() - start, 1)}


def _child(kind: Kind, gigabytes: float, answer: Any) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (int(gigabytes * 1e9),) * 2)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        found = examine(kind)  # libraries talk while they build
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    answer.send(found | {"cpu_seconds": round(cpu, 1), "peak_mb": round(used.ru_maxrss / 1e3)})


if __name__ == "__main__":
    main()
