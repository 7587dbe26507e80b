"""Count the instructions of five small cases and compare them with those on record.

Instructions, unlike seconds, hardly change from run to run, so this sees a change of one
percent on a busy machine. Valgrind counts them; it knows no AVX-512, so the kernels run
as on a machine without it. The exit code is 1 where a case has another answer than on record.

    python benches/instructions.py             # change since the record
    python benches/instructions.py --record    # write the record
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
RECORD = HERE / "instructions.json"
CASES = ["h1-dense", "h2-dense", "h1-sparse", "h3-threshold", "magnitude"]


def build() -> str:
    """Build the program that runs a case, and return its path."""
    command = ["cargo", "build", "--release", "--locked", "--bench", "instructions"]
    done = subprocess.run(
        [*command, "--message-format=json"], cwd=HERE.parent, stdout=subprocess.PIPE, check=True
    )
    messages = map(json.loads, done.stdout.splitlines())
    return next(path for message in messages if (path := message.get("executable")))


def count(program: str, *arguments: str) -> tuple[int, list[int]]:
    """Return the instructions of a run and the numbers that it prints."""
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no"]
    command += ["--cachegrind-out-file=/dev/null", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    total = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode or total is None:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")
    return int(total[1].replace(",", "")), [int(word) for word in done.stdout.split()]


def instructions_of(program: str, case: str) -> dict:
    """Count what a case takes beyond the making of its input."""
    total, answer = count(program, case)
    return {"instructions": total - count(program, case, "input")[0], "answer": answer}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--case", nargs="+", choices=CASES, default=CASES)
    parser.add_argument("--record", action="store_true", help="write the counts to the record")
    options = parser.parse_args()
    for needed in ("valgrind", "cargo"):
        if shutil.which(needed) is None:
            print(f"{needed} must be installed and on the PATH; found none", file=sys.stderr)
            return 2
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    program = build()
    changed = False
    for case in options.case:
        found, old = instructions_of(program, case), record.get(case)
        line = f"{case:14} {found['instructions'] / 1e6:10.1f} million instructions"
        if old:
            line += f" {100 * (found['instructions'] / old['instructions'] - 1):+7.2f} %"
            if found["answer"] != old["answer"]:
                line += f"; answer {found['answer']}, on record {old['answer']}"
                changed = True
        print(line, flush=True)
        record[case] = found
    if options.record:
        RECORD.write_text(json.dumps(record, indent=1) + "\n")
        return 0
    return int(changed)


if __name__ == "__main__":
    sys.exit(main())
