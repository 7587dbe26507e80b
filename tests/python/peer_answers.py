"""Evaluate lines of another package, where that is installed; needs nothing of topolens.

    python peer_answers.py inputs.npz answers.json < lines.json

The lines are ``{"setup": "import gudhi", "lines": ["gudhi.bottleneck_distance(a, b)"]}``. Each ends
in an expression, whose value goes into the answers with arrays as lists.
"""

from __future__ import annotations

import ast
import json
import sys
import warnings

import numpy as np


def value_of(line, names):
    """Run a line in a copy of the names, and return the value of its last expression."""
    *before, last = ast.parse(line).body
    own = dict(names)
    exec(compile(ast.Module(before, []), line, "exec"), own)
    return eval(compile(ast.Expression(last.value), line, "eval"), own)


def plain(value):
    """Turn what packages return into lists and dicts of numbers."""
    if isinstance(value, dict):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
        return value.tolist()
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(held) for held in value]
    return value


def main():
    warnings.simplefilter("ignore")
    inputs, answers = sys.argv[1:]
    with np.load(inputs) as arrays:
        names = {"np": np, **arrays}
    asked = json.load(sys.stdin)
    exec(asked["setup"], names)
    values = [plain(value_of(line, names)) for line in asked["lines"]]
    with open(answers, "w", encoding="utf-8") as file:
        json.dump(values, file)


if __name__ == "__main__":
    main()
