"""Trajectories of real training runs against scipy's distances of stored weights."""

from __future__ import annotations

import copy
import sys
from itertools import count

import numpy as np
import pytest
from scipy.spatial.distance import pdist

import topolens as tl

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from topolens.torch._sketch import RolledSketch, prime_at_most  # noqa: E402

PER_SAMPLE = nn.CrossEntropyLoss(reduction="none")
X = torch.from_numpy(np.random.default_rng(0).normal(size=(120, 6)).astype(np.float32))
Y = (X[:, 0] > 0).long() + (X[:, 1] > 0).long()


def network(dtype=torch.float32, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers = nn.Linear(6, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Dropout(0.2), nn.Linear(20, 3)
        return nn.Sequential(*layers).to(dtype)


def train(model, n_steps, on_step=lambda: None, lr=0.05):
    """Plain SGD with mini-batches and dropout drawn from PyTorch's own random state."""
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=lr, momentum=0.9)
    dtype = next(model.parameters()).dtype
    for _ in range(n_steps):
        batch = torch.randint(len(X), (30,))
        optimizer.zero_grad()
        PER_SAMPLE(model(X[batch].to(dtype)), Y[batch]).mean().backward()
        optimizer.step()
        on_step()


def weights(model):
    parts = [p.detach().double().flatten() for p in model.parameters() if p.requires_grad]
    return torch.cat(parts).numpy().copy()


def recorded(model, n_steps, lr=0.05, **options):
    """A recorder after some steps, and the weights after each."""
    torch.manual_seed(1)
    traj, stored = tl.TrajectoryRecorder(model, **options), []

    def on_step():
        traj.step()
        stored.append(weights(model))

    train(model, n_steps, on_step, lr)
    return traj, np.array(stored)


# --- weights ------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_memory", [1e9, 5000])  # in memory, in a file
@pytest.mark.parametrize(
    ("n_steps", "window", "every", "kept"),
    [(20, 50, 1, range(1, 21)), (40, 15, 1, range(26, 41)), (41, 6, 4, range(20, 41, 4))],
)
def test_exact_distances(n_steps, window, every, kept, max_memory):
    traj, stored = recorded(network(), n_steps, window=window, every=every, max_memory=max_memory)
    space = traj.space()
    expected = pdist(stored[np.array(kept) - 1])
    np.testing.assert_allclose(space.distances, expected, rtol=1e-12, atol=0)
    assert space.names == tuple(kept) and traj.steps.tolist() == list(kept)
    assert len(traj) == len(kept)
    assert repr(traj) == f"TrajectoryRecorder({len(kept)} of {window} after {n_steps} steps)"


def test_near_iterates_keep_their_distances():
    """A tiny learning rate: the dot-product formula would leave nothing of the distances."""
    model = network(torch.float64)
    traj, stored = recorded(model, 20, lr=1e-12)
    expected = pdist(stored)
    assert 0 < expected.max() < 1e-9
    np.testing.assert_allclose(traj.space().distances, expected, rtol=1e-12, atol=0)
    projected, stored = recorded(network(), 20, lr=1e-5, projection=4000, rng=0)
    np.testing.assert_allclose(projected.space().distances, pdist(stored), rtol=0.02)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("projection", [None, 5000])
def test_types_of_weights(dtype, projection):
    """More coordinates than weights: then the projection only moves them about."""
    traj, stored = recorded(network(dtype), 12, projection=projection, rng=0)
    np.testing.assert_allclose(traj.space().distances, pdist(stored), rtol=2e-5, atol=1e-9)


def test_projection_is_near():
    traj, stored = recorded(network(), 60, window=40, projection=64, rng=0)
    found, expected = traj.space().distances, pdist(stored[-40:])
    ratio = (found / expected) ** 2
    assert abs(ratio - 1).max() < 6 * np.sqrt(2 / 61) and np.std(ratio) > 1e-3
    again, _ = recorded(network(), 60, window=40, projection=64, rng=0)
    np.testing.assert_array_equal(again.space().distances, found)
    other, _ = recorded(network(), 60, window=40, projection=64, rng=1)
    assert (other.space().distances != found).all()


@pytest.mark.parametrize("projection", [None, 7])
def test_equal_weights_have_no_distance(projection):
    model = network()
    traj = tl.TrajectoryRecorder(model, projection=projection, rng=0)
    first = copy.deepcopy(model.state_dict())
    for _ in range(2):
        train(model, 3, traj.step)
        model.load_state_dict(first)
        traj.step()
    D = traj.space().to_square()
    assert D[3, 7] == 0 and (D + np.eye(8) > 0).sum() == 62


def test_takes_part_in_everything():
    traj, stored = recorded(network(), 60)
    space = traj.space()
    np.testing.assert_allclose(tl.rips(space)[1], tl.rips(stored)[1], rtol=1e-9)
    expected = tl.ph_dimension(stored, rng=0).value
    assert tl.ph_dimension(space, rng=0).value == pytest.approx(expected, rel=1e-9)
    np.testing.assert_array_equal(
        traj.space(n_threads=1).distances, traj.space(n_threads=2).distances
    )


def test_frozen_parameters_and_buffers_stay_out():
    model = network()
    model[0].requires_grad_(False)
    traj, stored = recorded(model, 10)
    assert stored.shape[1] == 20 + 20 + 60 + 3
    np.testing.assert_allclose(traj.space().distances, pdist(stored), rtol=1e-12)
    model[4].bias.requires_grad_(False)  # freezing later is fine
    traj.step()
    model[0].requires_grad_(True)
    with pytest.raises(ValueError, match=r"at step 12 found '0.weight' in addition"):
        traj.step()


def test_changes_of_the_model_are_refused():
    model = network()
    traj, _ = recorded(model, 3)
    model[4] = nn.Linear(20, 4)
    with pytest.raises(
        ValueError, match=r"step 4 found \(4, 20\) in the place of \(3, 20\) for '4"
    ):
        traj.step()
    model[4] = nn.Identity()
    with pytest.raises(ValueError, match=r"at step 4 missed '4\.weight'"):
        traj.step()
    assert len(traj.space()) == 3
    model[4] = nn.Linear(20, 3)  # another layer of the same shape takes its place
    traj.step()
    assert len(traj.space()) == 4


@pytest.mark.parametrize("options", [{}, {"max_memory": 5000}, {"projection": 50}])
def test_weights_that_are_not_finite_are_named(options):
    model = network()
    traj = tl.TrajectoryRecorder(model, window=8, rng=0, **options)
    train(model, 5, traj.step)
    model[4].bias.data[1] = float("nan")
    traj.step()
    with pytest.raises(
        ValueError, match="must have finite weights; found NaN or infinity at step 6"
    ):
        traj.space()


def test_wrapped_models_and_shared_parameters():
    model = network()
    model.add_module("again", model[4])  # shared: recorded once
    model.forward = lambda x: nn.Sequential(*list(model)[:5])(x)
    traj = tl.TrajectoryRecorder(nn.DataParallel(model))
    compiled = tl.TrajectoryRecorder(torch.compile(model))
    stored = []
    for _ in range(5):
        model[4].weight.data += 0.1 * torch.randn(3, 20)
        traj.step(), compiled.step()
        stored.append(weights(model))
    assert len(stored[0]) == 140 + 40 + 63
    for one in (traj, compiled):
        np.testing.assert_allclose(one.space().distances, pdist(stored), rtol=1e-12)


# --- losses -------------------------------------------------------------------------------------


def at_rest(model):
    frozen = copy.deepcopy(model).eval()
    with torch.no_grad():
        outputs = frozen(X)
        return PER_SAMPLE(outputs, Y).double().numpy(), (outputs.argmax(1) == Y).numpy()


@pytest.mark.parametrize("kind", ["tuple", "function"])
def test_losses_and_correctness(kind):
    model = network()

    def function(model):
        assert not model.training and not torch.is_grad_enabled()
        outputs = model(X)
        return PER_SAMPLE(outputs, Y), outputs.argmax(1) == Y

    losses = (X, Y, PER_SAMPLE) if kind == "tuple" else function
    traj = tl.TrajectoryRecorder(model, window=10, losses=losses, weights=False)
    stored = []
    train(model, 15, lambda: (traj.step(), stored.append(at_rest(model))))
    values = np.array([row for row, _ in stored[-10:]])
    right = np.array([row for _, row in stored[-10:]])
    found = traj.space("losses")
    np.testing.assert_allclose(found.distances, pdist(values, "cityblock") / 120, rtol=1e-6)
    np.testing.assert_allclose(
        traj.space("zero-one").distances, pdist(right, "hamming"), rtol=1e-12, atol=1e-15
    )
    assert found.names == tuple(range(6, 16))
    with pytest.raises(ValueError, match="'euclidean' needs `weights=True`"):
        traj.space()


def test_targets_that_are_no_classes_have_no_zero_one():
    model = network()
    losses = (X, torch.rand(120, 3), lambda outputs, y: ((outputs - y) ** 2).sum(1))
    traj = tl.TrajectoryRecorder(model, losses=losses)
    train(model, 3, traj.step)
    assert len(traj.space("losses")) == 3 == len(traj.space())
    with pytest.raises(
        ValueError, match='`losses` must tell which samples are right for "zero-one"'
    ):
        traj.space("zero-one")


# --- what stays as it was -----------------------------------------------------------------------


@pytest.mark.parametrize("projection", [None, 32])
def test_training_is_not_changed(projection):
    def run(observed):
        model = network()
        model[1].eval()  # a mixture of flags, to be put back
        torch.manual_seed(7)
        on_step = lambda: None  # noqa: E731
        if observed:
            traj = tl.TrajectoryRecorder(
                model, projection=projection, losses=(X, Y, PER_SAMPLE), rng=0
            )
            on_step = traj.step
        train(model, 12, on_step)
        return model, torch.get_rng_state()

    (alone, state), (watched, state_after) = run(False), run(True)
    assert torch.equal(state, state_after)
    for name, value in alone.state_dict().items():
        assert torch.equal(value, watched.state_dict()[name]), name
    assert [m.training for m in watched.modules()] == [m.training for m in alone.modules()]
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in watched.modules())
    assert all(p.grad is not None for p in watched[0].parameters())


# --- the projection -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sizes", "k"), [([5], 7), ([60, 3], 7), ([7, 14, 30], 7), ([11] * 40, 11), ([40], 2)]
)
@pytest.mark.parametrize("concentrated", [False, True])
def test_mean_and_variance_of_the_projection(sizes, k, concentrated):
    """Over many draws the squared length is right on average, with the stated variance at most."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=sum(sizes))
    if concentrated:  # the worst: two coordinates with all the weight
        x[:] = 0
        x[[0, -1]] = 1
    parts = list(torch.from_numpy(x).split(sizes))
    zeros = [torch.zeros_like(part) for part in parts]
    squares = []
    for _ in range(1500):
        sketch = RolledSketch(sizes, k, rng, torch.float64, torch.device("cpu"))
        assert not sketch(zeros, is_first=True).any()
        squares.append(float((sketch(parts, is_first=False) ** 2).sum() / (x @ x)))
    spread = np.std(squares)
    assert np.mean(squares) == pytest.approx(1, abs=5 * max(spread, 1e-12) / np.sqrt(1500) + 1e-12)
    assert spread**2 <= (2 / k) * 1.25


def test_projection_is_linear_and_has_its_size():
    sizes, k = [50, 8, 121], 13
    sketch = RolledSketch(sizes, k, np.random.default_rng(0), torch.float64, torch.device("cpu"))
    x, y, z = (list(torch.randn(179, dtype=torch.float64).split(sizes)) for _ in range(3))
    assert not sketch(x, is_first=True).any()
    sums = [a + 2 * (b - a) for a, b in zip(x, y, strict=True)]
    torch.testing.assert_close(sketch(sums, is_first=False), 2 * sketch(y, is_first=False))
    assert sketch(z, is_first=False).shape == (13,)


def test_primes():
    assert [prime_at_most(k) for k in (2, 3, 4, 9, 4096, 4093)] == [2, 3, 3, 7, 4093, 4093]


# --- steps that do not come to their end ----------------------------------------------------------

KEPT = {
    "exact": {},
    "in a file": {"max_memory": 10_000},
    "projected": {"projection": 11, "rng": 0},
    "with losses": {"losses": (X, Y, PER_SAMPLE)},
    "losses alone": {"losses": (X, Y, PER_SAMPLE), "weights": False},
    "every second": {"projection": 11, "rng": 0, "losses": (X, Y, PER_SAMPLE), "every": 2},
}


def interrupted(step, after):
    """Call `step` and press Ctrl-C at so many lines of it; tell whether it came to its end."""
    left = after

    def at_line(frame, event, argument):
        nonlocal left
        if event == "line":
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
        return at_line

    def at_call(frame, event, argument):
        ours = frame.f_globals.get("__name__", "").startswith("topolens")
        return at_line if ours else None

    before = sys.gettrace()
    sys.settrace(at_call)
    try:
        step()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False


def held(traj):
    metrics = [m for m in ("euclidean", "losses", "zero-one") if m in traj._kept]
    spaces = [traj.space(metric) for metric in metrics] if len(traj) else []
    return [traj.steps.tolist(), len(traj), *(space.distances.tolist() for space in spaces)]


@pytest.mark.parametrize("options", KEPT.values(), ids=KEPT)
@pytest.mark.parametrize("n_steps", [0, 4, 8])
def test_an_interrupted_step_leaves_no_trace(options, n_steps):
    model, other = network(), network(seed=3)
    trajs = [tl.TrajectoryRecorder(model, 3, **options) for _ in range(2)]
    for step in range(n_steps):
        with torch.no_grad():
            model[0].bias.fill_(step)
        for traj in trajs:
            traj.step()
    disturbed, calm = trajs
    before = held(disturbed)
    own = copy.deepcopy(model.state_dict())
    for lines in count(n_steps % 3, 3):
        # an interrupted step has other weights, which must not be seen afterwards
        model.load_state_dict(other.state_dict())
        if not interrupted(disturbed.step, lines):
            break
        model.load_state_dict(own)
        assert held(disturbed) == before
    model.load_state_dict(other.state_dict())
    calm.step()
    assert lines > 2
    assert held(disturbed) == held(calm)


def test_losses_that_fail_leave_no_trace():
    failing = False

    def losses(model):
        if failing:
            raise OSError("no data")
        outputs = model(X)
        return PER_SAMPLE(outputs, Y), outputs.argmax(1) == Y

    model = network()
    traj = tl.TrajectoryRecorder(model, 3, losses=losses)
    for _ in range(5):
        traj.step()
    before, failing = held(traj), True
    with torch.no_grad():
        model[0].bias.fill_(9.0)
    with pytest.raises(OSError, match="no data"):
        traj.step()
    assert held(traj) == before
    failing = False
    traj.step()
    assert traj.steps.tolist() == [4, 5, 6]


def test_weights_that_changed_leave_no_trace():
    """The losses come first, and were kept of a step whose weights were refused."""
    model = network()
    traj = tl.TrajectoryRecorder(model, 3, losses=(X, Y, PER_SAMPLE))
    for _ in range(4):
        traj.step()
    before = held(traj)
    kept, model[0].bias = model[0].bias, None
    with pytest.raises(ValueError, match=r"at step 5 missed '0.bias'"):
        traj.step()
    model[0].bias = kept
    assert held(traj) == before


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: tl.TrajectoryRecorder("model"), TypeError, "`model` must be a torch.nn.Module"),
        (lambda: tl.TrajectoryRecorder(nn.ReLU()), ValueError, "must have trainable parameters"),
        (
            lambda: tl.TrajectoryRecorder(nn.LazyLinear(3)),
            ValueError,
            "`model` must have been run once; 'weight' is not initialised",
        ),
        (
            lambda: tl.TrajectoryRecorder(nn.Linear(2, 2, dtype=torch.complex64)),
            TypeError,
            "`model` must have real parameters; 'weight' is complex",
        ),
        (lambda: tl.TrajectoryRecorder(network(), 0), ValueError, "`window` must be at least 1"),
        (lambda: tl.TrajectoryRecorder(network(), every=0), ValueError, "`every` must be at least"),
        (
            lambda: tl.TrajectoryRecorder(network(), projection=1),
            ValueError,
            "`projection` must be at least 2; found 1",
        ),
        (
            lambda: tl.TrajectoryRecorder(network(), projection=4096, max_memory=1e6),
            MemoryError,
            "the projection of 243 weights and a window of 1000 take 16.6 MB",
        ),
        (
            lambda: tl.TrajectoryRecorder(network(), 10**9),
            MemoryError,
            "more than .max_memory. and",
        ),
        (
            lambda: tl.TrajectoryRecorder(network(), weights=False),
            ValueError,
            "`weights` must be True where there are no `losses`",
        ),
        (
            lambda: tl.TrajectoryRecorder(network(), losses=3),
            TypeError,
            "`losses` must be a function of the model or a tuple",
        ),
        (
            lambda: tl.TrajectoryRecorder(network(), losses=(X, Y[:3], PER_SAMPLE)),
            ValueError,
            "`losses` must have one target per input, and some; found 3 targets for 120 inputs",
        ),
    ],
)
def test_refused_recorders(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("losses", "message"),
    [
        ((X, Y, nn.CrossEntropyLoss()), r"returns one number per sample.* found shape \(\)"),
        (lambda model: torch.tensor(1.0), r"the losses as one number per sample; found shape"),
        (lambda model: (torch.rand(4), torch.rand(4)), "correctness as 4 bools; found float32"),
        (lambda model: torch.rand(int(torch.randint(2, 9000, ()))), "those of the same"),
    ],
)
def test_refused_losses(losses, message):
    traj = tl.TrajectoryRecorder(network(), losses=losses)
    with pytest.raises(ValueError, match=message):
        for _ in range(20):
            torch.rand(1)
            traj.step()


def test_refused_questions():
    traj = tl.TrajectoryRecorder(network())
    with pytest.raises(ValueError, match="`step` must have been called before `space`"):
        traj.space()
    traj.step()
    with pytest.raises(ValueError, match="`metric` must be one of euclidean, losses, zero-one"):
        traj.space("cosine")
    with pytest.raises(ValueError, match="'losses' needs `losses`"):
        traj.space("losses")
    assert len(traj.space()) == 1


def test_losses_that_are_not_finite_are_named():
    model = network()
    found = iter([1.0, 2.0, float("inf")])
    traj = tl.TrajectoryRecorder(model, losses=lambda _: torch.full((5,), next(found)))
    for _ in range(3):
        traj.step()
    with pytest.raises(
        ValueError, match="must have finite losses; found NaN or infinity at step 3"
    ):
        traj.space("losses")
