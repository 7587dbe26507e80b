"""The command `topolens`, with files and arguments that a fuzzer makes of bytes.

    python fuzz/command.py [-max_total_time=60] [corpus]

It returns 0 or 2, or leaves by SystemExit with one of them; an exception that gets out is a bug.
Needs the package atheris.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["topolens.cli", "topolens._arrays"]):
    from topolens.cli import _analyse, _compare, _layers_side_by_side, main

WORDS = (
    *("0", "1", "2", "3", "-1", "10", "1.0", "2.5", "1e300", "nan", "inf", "", "cat", "dog", " "),
    *("label", "labels", "y", "id", "net", "x", "y y", '"', '"a,b"', "9007199254740993", "\ufeff"),
    *("\x00", "é", "²", "٣", "1_000", "0x1", "-", "--", "a", "b", "layer10", "layer2"),
)
ARGUMENTS = (
    *("analyse", "compare", "--labels", "--as", "predictions", "activations", "--eps", "--k"),
    *("--distance", "disagreement", "kappa", "tv", "correctness", "balanced", "--networks"),
    *("--layers", "--classes", "--measure", "hop-betti", "rips", "ph-dimension", "magnitude"),
    *("--by", "class", "none", "--control", "shuffled", "--subsample", "0.5", "--repeats"),
    *("--maxdim", "--hops", "--metric", "cosine", "--landmarks", "--thresholds", "0,1"),
    *("--confidence-level", "--threads", "--seed", "--help", "--version", "no_such.npz", "."),
)
TYPES = ("f8", "f4", "i8", "i1", "u8", "?", "U3", "S2", "c16", "M8[s]", "f8,i4", "f2", ">i4")
SUFFIXES = (".npz", ".npy", ".csv", ".txt", ".safetensors", ".npz", ".csv")


class Bytes(atheris.FuzzedDataProvider):
    """Files and arguments from bytes."""

    def choice(self, options):
        return options[self.ConsumeIntInRange(0, len(options) - 1)]

    def array(self):
        shape = self.choice(((6,), (6, 2), (6, 3), (6, 1), (5,), (), (0,), (0, 2), (6, 1, 4, 4)))
        values = np.arange(np.prod(shape, dtype=int)) * self.ConsumeIntInRange(0, 9) % 7
        if self.ConsumeBool():
            values = values / 3
            values[: self.ConsumeIntInRange(0, 2)] = self.choice((np.nan, np.inf, -1e308, 0.5))
        with np.errstate(all="ignore"):
            return values.astype(self.choice(TYPES)).reshape(shape)

    def text(self):
        rows = self.ConsumeIntInRange(0, 7)
        width = self.ConsumeIntInRange(1, 3)
        lines = [",".join(self.choice(WORDS) for _ in range(width)) for _ in range(rows)]
        return "\n".join(lines).encode("utf-8")

    def content(self, suffix):
        """What belongs into a file of this kind, most often."""
        buffer = io.BytesIO()
        if suffix == ".npy":
            np.save(buffer, self.array())
        elif suffix == ".npz":
            names = {self.choice(WORDS): self.array() for _ in range(self.ConsumeIntInRange(0, 4))}
            packing = self.choice((0, 8, 12, 14))
            with zipfile.ZipFile(buffer, "w", compression=packing) as archive:
                for name, array in names.items():
                    part = io.BytesIO()
                    np.save(part, array)
                    ending = self.choice((".npy", ".npy", ".npy", ".npy", ".txt"))
                    member = (name or "arr_0").replace("\x00", "_") + ending
                    archive.writestr(member, part.getvalue())
        elif suffix == ".safetensors":
            head = self.choice(HEADS)
            buffer.write(len(head).to_bytes(8, "little") + head + bytes(16))
        else:
            buffer.write(self.text())
        content = bytearray(buffer.getvalue())
        for _ in range(self.ConsumeIntInRange(0, 6) % 4):
            if content:
                place = self.ConsumeIntInRange(0, len(content) - 1)
                content[place] = self.ConsumeIntInRange(0, 255)
        return bytes(content)[: self.ConsumeIntInRange(0, 4000) or None]


HEADS = (
    b'{"a1":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}',
    b'{"a":{"dtype":"BF16","shape":[8],"data_offsets":[0,16]}}',
    b'{"a":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"b":{}}',
    b"{}",
    b"[]",
)


def _without_pictures() -> None:
    """Leave out what is written after the table is made, which takes most of the time."""
    page = Path("index.html")
    _analyse.write_report = lambda *args, **kwargs: page
    _compare.write_network_report = lambda *args, **kwargs: page
    _layers_side_by_side._write = lambda *args, **kwargs: page


def test_one_input(data: bytes) -> None:
    """Write some files, and run the command on them."""
    source = Bytes(data)
    files = []
    for number in range(source.ConsumeIntInRange(1, 3)):
        suffix = source.choice(SUFFIXES)
        path = Path(f"{number}{suffix}")
        raw = source.ConsumeIntInRange(0, 7) == 0
        path.write_bytes(source.ConsumeBytes(60) if raw else source.content(suffix))
        files.append(str(path))
    words = [source.choice(("analyse", "compare")), *files[: source.ConsumeIntInRange(1, 3)]]
    if source.ConsumeBool():
        words += ["--labels", source.choice(files)]
    for _ in range(source.ConsumeIntInRange(0, 4)):
        words.append(source.choice(ARGUMENTS if source.ConsumeBool() else (*WORDS, *files)))
    words += ["--threads", "1", "--out", "out"]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = main(words)
        except SystemExit as stop:
            code = stop.code
    if code not in (0, 2):
        raise AssertionError(f"code {code} of {words}: {said.getvalue()}")
    if code == 2 and "error: " not in said.getvalue():
        raise AssertionError(f"no reason is given for {words}: {said.getvalue()}")
    for path in files:
        Path(path).unlink()


if __name__ == "__main__":
    _without_pictures()
    # Relative paths of corpora and artifacts are those of where it was called.
    words = [os.path.abspath(word) if os.path.exists(word) else word for word in sys.argv]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        atheris.Setup(words, test_one_input)
        atheris.Fuzz()
