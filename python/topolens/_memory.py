"""How much memory there is: of the machine, of the process and of its control groups."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

__all__ = ["available_memory"]

# Version 2 of control groups first: limit, use, and the files that are given up for others.
GROUP_FILES = {
    "": ("memory.max", "memory.current", "inactive_file"),
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
NO_LIMIT = 2**62  # version 1 writes the largest number of pages


def available_memory(root: str | os.PathLike[str] = "/") -> int:
    """Return the bytes that may still be taken: the least of what is known.

    What the system can spare, what RLIMIT_AS leaves of addresses, and what each control group
    around the process leaves. Under `root` are ``proc`` and ``sys``.
    """
    at = os.fspath(root)
    return max(0, min([_of_machine(at), *_of_process(at), *_of_groups(at)]))


def _of_machine(root: str) -> int:
    found = _fields(os.path.join(root, "proc/meminfo")).get("MemAvailable:")
    if found is not None:
        return 1024 * found
    if sys.platform == "win32":
        return _of_windows()
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")  # all there is


def _of_windows() -> int:
    import ctypes

    # MEMORYSTATUSEX: its length and the load, then seven sizes; the second is what is available.
    status = (ctypes.c_uint64 * 8)(64)
    ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return status[2]


def _of_process(root: str) -> Iterator[int]:
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return
    if mapped := (_text(os.path.join(root, "proc/self/statm")) or "").split():
        yield limit - int(mapped[0]) * resource.getpagesize()


def _of_groups(root: str) -> Iterator[int]:
    for line in (_text(os.path.join(root, "proc/self/cgroup")) or "").splitlines():
        _, controllers, path = line.split(":", 2)
        kind = "memory" if "memory" in controllers.split(",") else controllers
        if kind not in GROUP_FILES:
            continue
        top = os.path.join(root, "sys/fs/cgroup", kind).rstrip("/")
        # In a container the path may be that of the host: then only the top is there.
        folder = f"{top}{path}".rstrip("/")
        while folder.startswith(top):
            yield from _of_group(folder, *GROUP_FILES[kind])
            folder = os.path.dirname(folder)


def _of_group(folder: str, limit_file: str, use_file: str, spare: str) -> Iterator[int]:
    limit = (_text(os.path.join(folder, limit_file)) or "max").strip()
    if limit == "max" or int(limit) >= NO_LIMIT:
        return
    if use := _text(os.path.join(folder, use_file)):
        yield int(limit) - int(use) + _fields(os.path.join(folder, "memory.stat")).get(spare, 0)


def _fields(path: str) -> dict[str, int]:
    """Read lines of a name and a whole number."""
    lines = (line.split() for line in (_text(path) or "").splitlines())
    return {line[0]: int(line[1]) for line in lines if len(line) > 1}


def _text(path: str) -> str | None:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return None
