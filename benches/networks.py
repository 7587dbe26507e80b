"""Distances of all pairs of networks, beside scipy and a product of one-hot matrices.

    python benches/networks.py            M=500, n=10 000, K=10 on one thread
    python benches/networks.py --large    M=2 000, n=50 000, K=10 too, and its memory

CPU seconds, medians; that of the peers once where they take seconds.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable

import numpy as np
from scipy.spatial.distance import pdist

import topolens as tl

K = 10


def predictions(networks: int, samples: int) -> np.ndarray:
    """Labels of networks that are right on four samples of five or so."""
    rng = np.random.default_rng(0)
    y = rng.integers(K, size=samples, dtype=np.uint8)
    labels = np.empty((networks, samples), np.uint8)
    for row in labels:
        wrong = rng.random(samples) < rng.uniform(0.05, 0.4)
        row[:] = np.where(wrong, rng.integers(K, size=samples, dtype=np.uint8), y)
    return labels


def one_hot_product(labels: np.ndarray) -> np.ndarray:
    """Agreements as a matrix product in single precision, exact below 2**24 samples."""
    agree = np.zeros((len(labels), len(labels)), np.float32)
    for k in range(K):  # class by class, or the matrix would be ten times as large
        hot = (labels == k).astype(np.float32)
        agree += hot @ hot.T
    return 1 - agree / labels.shape[1]


def seconds(call: Callable[[], object], repeats: int) -> float:
    """CPU seconds, the median of some calls."""
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def compare(networks: int, samples: int, repeats: int, peers: bool, threads: int) -> None:
    """Print a table of one size."""
    labels = predictions(networks, samples)
    weights = np.random.default_rng(1).random(samples)
    space = tl.NetworkSpace.from_labels(labels)
    weighted = tl.NetworkSpace.from_labels(labels, weights=weights)
    print(f"M={networks}, n={samples}, K={K}, {threads} thread(s)")
    reading = seconds(lambda: tl.NetworkSpace.from_labels(labels), repeats)
    ours = seconds(lambda: space.distances(n_threads=threads), repeats)
    ours_weighted = seconds(lambda: weighted.distances(n_threads=threads), repeats)
    print(f"  topolens, reading the labels  {reading:9.4f} s")
    print(f"  topolens                      {ours:9.4f} s")
    print(f"  topolens, weighted            {ours_weighted:9.4f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"  peak memory of the process    {peak:9.2f} GB")
    if peers:
        few = labels[:40]
        expected = pdist(few, "hamming")
        found = tl.NetworkSpace.from_labels(few).distances().condensed()
        assert np.abs(found - expected).max() < 1e-12
        theirs = seconds(lambda: pdist(labels, "hamming"), 1)
        product = seconds(lambda: one_hot_product(labels), 1)
        print(f"  scipy pdist                   {theirs:9.4f} s  {theirs / ours:6.1f} times")
        if networks * samples <= 10**7:  # minutes otherwise
            theirs = seconds(lambda: pdist(labels, "hamming", w=weights), 1)
            ratio = theirs / ours_weighted
            print(f"  scipy pdist, weighted         {theirs:9.4f} s  {ratio:6.1f} times")
        print(f"  one-hot product               {product:9.4f} s  {product / ours:6.1f} times")


def main() -> None:
    """Run the sizes that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=500)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--large", action="store_true", help="M=2000, n=50 000 and its memory")
    chosen = parser.parse_args()
    if chosen.large:  # first, since the peak of the memory is that of the whole process
        compare(2000, 50_000, 1, not chosen.no_peers, chosen.threads)
    compare(chosen.networks, chosen.samples, chosen.repeats, not chosen.no_peers, chosen.threads)


if __name__ == "__main__":
    main()
