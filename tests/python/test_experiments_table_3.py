"""Fashion-MNIST is read, learned and measured as the paper's Table 3 was, as far as is known."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import topolens as tl
from experiment_tables import layers_table
from experiments.harness import OURS, Finding, Store
from experiments.harness import fashion as harness
from experiments.layers import draws
from experiments.layers.data import Points, cloud, without_outliers
from experiments.layers.network import as_told
from experiments.layers.prose import about
from experiments.layers.quantities import Networks, area
from experiments.layers.questions import questions
from experiments.layers.table_1 import ACTIVATIONS, PAPER, REAL_ROWS, Kind
from experiments.layers.table_3 import PUBLISHED, drawn_table_3, table_3
from experiments.layers.training import LOOK, MOST, Exam, share_wrong, trained

installed = pytest.mark.skipif(
    harness.fashion_folder() is None, reason="needs Fashion-MNIST, dataset-fashion-mnist in Debian"
)


def packed(path, sizes):
    """Write the bytes 0, 1, 2, ... in the format of MNIST."""
    content = np.arange(np.prod(sizes), dtype=np.uint8)
    head = bytes([0, 0, 8, len(sizes)]) + b"".join(size.to_bytes(4, "big") for size in sizes)
    path.write_bytes(gzip.compress(head + content.tobytes()))
    return content.reshape(sizes)


def test_files_are_read_with_their_axes(tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "FOLDERS", (tmp_path / "nowhere", tmp_path))
    with pytest.raises(FileNotFoundError, match="must hold Fashion-MNIST"):
        harness.fashion("train")
    expected = packed(tmp_path / "train-images-idx3-ubyte.gz", (3, 4, 5))
    labels = packed(tmp_path / "train-labels-idx1-ubyte.gz", (3,))
    assert harness.fashion_folder() == tmp_path
    found = harness.fashion("train")
    np.testing.assert_array_equal(found[0], expected)
    np.testing.assert_array_equal(found[1], labels)


@installed
def test_the_data_set_is_whole():
    for part, n in (("train", 6000), ("t10k", 1000)):
        pictures, labels = harness.fashion(part)
        assert pictures.shape == (10 * n, 28, 28) and pictures.max() == 255
        assert np.bincount(labels).tolist() == [n] * 10


@installed
def test_t_shirts_are_measured_at_the_smallest_k_that_shows_what_the_paper_has():
    points = cloud("fashion")
    assert len(points.training.y) == 56_000 and len(points.unseen.y) == 14_000
    assert max(abs(X).max() for X, _ in (points.training, points.unseen)) == 1
    assert 0 < len(points.unseen.y) - len(points.homology.y) < 500
    shirts = points.homology.X[points.homology.y == 0]

    def omega(k, hops):
        return int(tl.hop_betti(shirts, k=k, hops=hops, maxdim=1).betti.sum())

    assert tl.hop_betti(shirts, k=3, hops=1, maxdim=0).betti[0] > 1
    assert tl.hop_betti(shirts, k=4, hops=1, maxdim=0).betti[0] == 1
    (_, at_two, at_three) = (published[0] for published in PUBLISHED["relu"])
    assert omega(points.k, 2) <= at_two < omega(points.k - 1, 2)
    assert omega(points.k, 3) == at_three


def with_mistakes(n=400, share=0.05):
    """Two halves of a square, a few points of which have the label of the other half."""
    rng = np.random.default_rng(1)
    X = rng.uniform(-1, 1, (n, 2)).astype(np.float32)
    y = (X[:, 0] > 0).astype(np.int64)
    false = rng.random(n) < share
    return Points(X, np.where(false, 1 - y, y)), Points(X, y)


def test_an_exam_decides_when_training_ends():
    noisy, clean = with_mistakes()
    of_kind = Kind("halves", (2,), "tanh")
    passed = trained(noisy, of_kind, 0, Exam(clean, 0.05))
    assert passed.well and passed.wrong > 0 and passed.steps == LOOK
    assert share_wrong(passed.model, clean) <= 0.05
    without = trained(noisy, of_kind, 0)
    assert not without.well and without.steps > LOOK


def test_an_exam_is_failed_even_where_every_point_of_training_is_right():
    _, clean = with_mistakes()
    other_way_round = Points(clean.X, 1 - clean.y)
    outcome = trained(clean, Kind("halves", (6,), "relu"), 0, Exam(other_way_round, 0.05))
    assert outcome.wrong == 0 and not outcome.well
    assert outcome.steps < MOST


def test_outliers_are_left_out_with_their_labels():
    X = np.random.default_rng(0).normal(size=(200, 3))
    X[17] = 30
    y = np.arange(200)
    kept = without_outliers(Points(X, y))
    assert 17 not in kept.y and len(kept.y) > 180
    np.testing.assert_array_equal(kept.X, X[kept.y])


def test_points_are_split_by_what_the_network_says():
    model = nn.Sequential(nn.Linear(1, 2))
    with torch.no_grad():
        model[0].weight[:] = torch.tensor([[-1.0], [1.0]])
        model[0].bias.zero_()
    X = np.linspace(-1, 4, 500)[:, None]
    found = as_told(model, Points(X, np.zeros(500, dtype=np.int64)))
    a, b = (found.X[found.y == label, 0] for label in (0, 1))
    np.testing.assert_array_equal(a, X[X < 0])
    assert (b > 0).all() and len(b) == len(a) == 100
    assert b.max() > 3.9  # from all of class b


def test_rows_are_asked_for_where_the_data_are(tmp_path, monkeypatch):
    store = Store(tmp_path)
    for folder, rows in ((tmp_path, {*PAPER, *REAL_ROWS}), (None, {*PAPER})):
        monkeypatch.setattr(draws, "fashion_folder", lambda folder=folder: folder)
        groups = [job.group for job in draws.jobs("paper", store)]
        assert {*groups} == rows
        assert {groups.count(row) for row in rows & {*REAL_ROWS}} <= {10}
    assert not {job.group for job in draws.jobs("small", store)} & {*REAL_ROWS}


def made_up(late):
    """Six networks an activation, whose ω falls to one as late as is said."""
    rng = np.random.default_rng(0)
    layers = np.arange(11)
    for row in REAL_ROWS:
        activation = row.rsplit(" ", 1)[1]
        for seed in range(6):
            place = {"group": row, "row": row, "seed": seed}
            yield {**place, "measure": "training", "steps": 1000, "wrong": 9, "unseen": 0.03}
            for control in ("trained", "untrained"):
                start = late[activation] + rng.uniform(-0.2, 0.2) + 3 * (control == "untrained")
                holes = np.round(900 / (1 + np.exp(2 * (layers - start))))
                for name in ("T-shirts", "other clothes"):
                    for hops in (1.0, 2.0, 3.0):
                        for degree, values in enumerate((1 + 0 * layers, holes // hops**4)):
                            text = " ".join(f"{value:g}" for value in values)
                            yield {
                                **place,
                                "measure": "betti",
                                "scale": hops,
                                "control": control,
                                "class": name,
                                "degree": degree,
                                "layers": text,
                            }


def networks(relu=2, leaky=4, tanh=9):
    late = {"relu": relu, "leaky": leaky, "tanh": tanh}
    return Networks(pd.DataFrame(made_up(late)).assign(size="paper"))


def test_claims_find_what_was_planted():
    found = [*table_3(networks()), *questions(networks())]
    verdicts = {claim.statement: claim for claim in found if not isinstance(claim, Finding)}

    def of(*words):
        (claim,) = (c for s, c in verdicts.items() if all(word in s for word in words))
        return claim.verdict

    assert of("faster with ReLU than") == "reproduced"
    assert of("faster with leaky ReLU than") == "reproduced"
    assert of("vast", ", ReLU") == "reproduced"
    assert of("vast", "tanh") == "not reproduced at this size"
    assert of("untrained", "leaky") == "holds"
    assert [c.paper for c in verdicts.values()].count(OURS) == 3
    (of_relu,) = (c for c in found if isinstance(c, Finding) and ", ReLU" in c.statement)
    assert of_relu.estimate.startswith("885 → 885")
    assert "525 → 525 → 1; 6 → 6 → 1" in of_relu.estimate
    (swapped,) = (c for c in table_3(networks(relu=6)) if "faster with ReLU than" in c.statement)
    assert swapped.verdict == "not reproduced at this size"


def test_networks_that_pass_count_though_points_are_wrong():
    assert networks().well_trained(REAL_ROWS[0]) == (6, 6)


def test_the_published_numbers_fall_in_the_order_of_the_paper():
    assert all(len(line) == 11 for lines in PUBLISHED.values() for line in lines)
    areas = [area(pd.DataFrame([PUBLISHED[name][0]])).item() for name in ACTIVATIONS]
    assert areas == sorted(areas) and areas[2] == pytest.approx(2236 / 11 / 525)


def test_the_picture_is_drawn_where_there_are_networks(tmp_path):
    (figure,) = drawn_table_3(networks(), tmp_path / "table_3.png")
    assert figure.path.read_bytes().startswith(b"\x89PNG")
    without = layers_table()
    assert not [*drawn_table_3(Networks(without), tmp_path / "none.png")]
    assert "Fashion" not in about(without)
    assert "Fashion" in about(
        pd.DataFrame(made_up(dict.fromkeys(ACTIVATIONS, 3))).assign(size="paper")
    )
