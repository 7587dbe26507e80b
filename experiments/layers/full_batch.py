"""Adam on all points at once, a block of points at a time while it is in cache.

A layer of fifteen units is far smaller than its points are many: an operation of its own for each
layer writes all points to memory and reads them again. Here a block goes forward and backward
through all layers before the next one comes. Points are the long axis, so that the products with
the weights of a layer, three in all, are those of whole matrices.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit

ACTIVATIONS = {"relu": 0, "leaky": 1, "tanh": 2}
SLOPE = np.float32(0.2)  # of leaky ReLU
BLOCK = 256

BETA1, BETA2, EPSILON = np.float32(0.9), np.float32(0.999), np.float32(1e-8)


class Rate(NamedTuple):
    """How far Adam goes: a rate that is halved, continuously, in so many steps."""

    first: float
    halved: int


class Part(NamedTuple):
    """Weights and biases of all layers, as views of one vector."""

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]


def parts(vector: np.ndarray, sizes: tuple[int, ...]) -> Part:
    """Cut a vector into the weights (units, inputs) and biases of layers of so many units."""
    weights, biases, start = [], [], 0
    for inputs, units in pairwise(sizes):
        end = start + units * inputs
        weights.append(vector[start:end].reshape(units, inputs))
        biases.append(vector[end : end + units])
        start = end + units
    if start != len(vector):
        raise ValueError(f"`vector` must have {start} entries; found {len(vector)}")
    return Part(tuple(weights), tuple(biases))


class Descent:
    """Full-batch Adam for one network, whose rate is halved again and again.

    Parameters
    ----------
    X : ndarray of float32, shape (n, d)
    y : ndarray of int64, shape (n,)
        0 or 1.
    sizes : tuple of int
        Units of all layers, from the coordinates to the two logits.
    activation : {"relu", "leaky", "tanh"}
    start : ndarray of float32
        Weights and biases, layer by layer.
    rate : Rate
    """

    def __init__(
        self,
        X: np.ndarray,
        y: np.ndarray,
        sizes: tuple[int, ...],
        activation: str,
        *,
        start: np.ndarray,
        rate: Rate,
    ) -> None:
        self.points = np.ascontiguousarray(X.T, dtype=np.float32)
        self.signs = np.where(y == 1, 1, -1).astype(np.float32)
        self.kind, self.rate = ACTIVATIONS[activation], rate
        self.vector = np.array(start, dtype=np.float32)
        self.gradient, self.mean, self.square = (np.zeros_like(self.vector) for _ in range(3))
        self.layers, self.slopes = parts(self.vector, sizes), parts(self.gradient, sizes)
        # One room for all layers of a block, and one for their gradients
        self.room = tuple(np.empty((units, BLOCK), np.float32) for units in sizes)
        self.back = tuple(np.empty((units, BLOCK), np.float32) for units in sizes)
        self.step = 0

    def differentiate(self) -> tuple[float, int]:
        """Return loss and number of wrong points, and leave the gradient in `gradient`."""
        return _differentiate(
            self.points, self.signs, self.kind, self.layers, self.slopes, self.room, self.back
        )

    def go(self, steps: int) -> tuple[float, int]:
        """Take so many steps; return loss and number of wrong points behind them."""
        _descend(
            (self.points, self.signs, self.kind),
            (self.layers, self.slopes, self.room, self.back),
            (self.vector, self.gradient, self.mean, self.square),
            self.rate,
            self.step,
            steps,
        )
        self.step += steps
        return self.differentiate()


@njit(cache=True)
def _descend(data, layers, state, rate, done, steps):
    first, halved = rate
    vector, gradient, mean, square = state
    for step in range(done + 1, done + steps + 1):
        _differentiate(*data, *layers)
        scale = np.float32(first * 0.5 ** ((step - 1) / halved) / (1 - BETA1**step))
        unbias = np.float32(1 / np.sqrt(1 - BETA2**step))
        for k in range(vector.size):
            mean[k] += (1 - BETA1) * (gradient[k] - mean[k])
            square[k] += (1 - BETA2) * (gradient[k] * gradient[k] - square[k])
            vector[k] -= scale * mean[k] / (np.sqrt(square[k]) * unbias + EPSILON)


@njit(cache=True, fastmath=True, error_model="numpy")
def _differentiate(points, signs, kind, layers, slopes, room, back):
    """Gradient of the mean cross-entropy of two logits."""
    (weights, biases), (by_weights, by_biases) = layers, slopes
    for k in range(len(weights)):
        by_weights[k][:] = 0
        by_biases[k][:] = 0
    last, n = len(weights), signs.size
    loss, wrong = 0.0, 0
    for start in range(0, n, BLOCK):
        count = min(BLOCK, n - start)
        x, d = room, back
        x[0][:, :count] = points[:, start : start + count]
        x[0][:, count:] = 0
        for k in range(last):
            np.dot(weights[k], x[k], x[k + 1])
            _activate(x[k + 1], biases[k], kind if k + 1 < last else -1)

        above, below = d[last][1], d[last][0]
        for p in range(count):
            margin = signs[start + p] * (x[last][1, p] - x[last][0, p])
            wrong += margin <= 0
            away = np.exp(-abs(margin))
            loss += np.log1p(away) + max(-margin, np.float32(0))
            share = (away if margin > 0 else np.float32(1)) / (1 + away)
            above[p] = -signs[start + p] * share / np.float32(n)
            below[p] = -above[p]
        d[last][:, count:] = 0

        for k in range(last - 1, -1, -1):
            by_weights[k][:] += np.dot(d[k + 1], x[k].T)
            _add_rows(by_biases[k], d[k + 1])
            if k:
                np.dot(weights[k].T, d[k + 1], d[k])
                _times_slope(d[k], x[k], kind)
    return loss / n, wrong


@njit(cache=True, fastmath=True, error_model="numpy")
def _activate(z, bias, kind):
    for o in range(z.shape[0]):
        row, b = z[o], bias[o]
        if kind == 0:
            for p in range(row.size):
                row[p] = max(row[p] + b, np.float32(0))
        elif kind == 1:
            for p in range(row.size):
                row[p] = max(row[p] + b, SLOPE * (row[p] + b))
        elif kind == 2:
            for p in range(row.size):
                row[p] = _tanh(row[p] + b)
        else:
            for p in range(row.size):
                row[p] += b


@njit(cache=True, fastmath=True, error_model="numpy")
def _times_slope(d, x, kind):
    for o in range(d.shape[0]):
        slope, value = d[o], x[o]
        if kind == 2:
            for p in range(slope.size):
                slope[p] *= 1 - value[p] * value[p]
        else:
            flat = SLOPE if kind == 1 else np.float32(0)
            for p in range(slope.size):
                slope[p] *= np.float32(1) if value[p] > 0 else flat


@njit(cache=True, fastmath=True, error_model="numpy")
def _add_rows(sums, rows):
    for o in range(rows.shape[0]):
        total = np.float32(0)
        for p in range(rows.shape[1]):
            total += rows[o, p]
        sums[o] += total


@njit(cache=True, fastmath=True, error_model="numpy")
def _tanh(x):
    """Lambert's continued fraction at a quarter of the number, doubled twice.

    Unlike the function of the mathematical library it runs on many numbers at once; doubling
    makes no relative error larger.
    """
    a = np.float32(0.25) * min(max(x, np.float32(-9)), np.float32(9))
    s = a * a
    above = a * (1 + s * (F1 + s * (F2 + s * F3)))
    below = 1 + s * (F4 + s * (F5 + s * F6))
    above, below = 2 * above * below, below * below + above * above
    return 2 * above * below / (below * below + above * above)


F1, F2, F3 = (np.float32(c / 135135) for c in (17325, 378, 1))
F4, F5, F6 = (np.float32(c / 135135) for c in (62370, 3150, 28))
