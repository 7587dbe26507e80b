"""The simulation of pieces: a few of its jobs, and what is reported of them."""

import pandas as pd

from experiments.calibration import pieces


def test_labels_that_mean_nothing_have_as_many_pieces_as_chance():
    wanted = ("Gauss, d = 2", "integers", "one-hot")
    chosen = [
        job.parameters | {"clouds": 60}
        for job in pieces.jobs("small")
        if job.parameters["kind"] in wanted and job.parameters["n"] == 60
    ]
    table = pd.DataFrame([made | row for made in chosen for row in pieces.simulate(**made)])
    assert len(table) == 6
    assert ((table["of_chance"] - 1).abs() < 4 * table["of_chance_error"]).all()
    assert (table["level"] < 0.05 + 4 * table["level_error"]).all()
    half = table[table["share"] == 0.5].set_index("kind")["power"]
    assert half["Gauss, d = 2"] > 0.8 and half["one-hot"] > 0.8
    text = pieces.report(table)
    assert text.count("\n| ") == 2 + 6 and "is off" not in text
    assert "is off" in pieces.report(table.assign(of_chance=1.5))
