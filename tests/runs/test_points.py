import json

import numpy as np
import pandas as pd
import pytest
import stand_in

from pingliang.config.experiment_schema import Design, Factor
from pingliang.runs.design import make_design
from pingliang.runs.errors import ExperimentError
from pingliang.runs.experiment import _with_rows
from pingliang.runs.points import count_points, make_points, own_value

UNIFORM = {"kind": "uniform", "low": 1.0, "high": 3.0}
THREE = [
    {"name": "a", "path": "a", "distribution": UNIFORM},
    {"name": "b", "path": "b", "values": [10, 20, 30]},
    {"name": "luck", "role": "dummy"},
]


def asked(kind, **design):
    return stand_in.experiment(factors=THREE, design={"kind": kind, **design})


@pytest.mark.parametrize(
    ("kind", "design", "points"),
    [
        ("grid", {"levels": 2}, 2 * 3 * 2),
        ("oat", {}, 1 + 2 + 3 + 2),
        ("lhs", {"n": 7}, 7),
        ("sobol", {"n": 8}, 8),
        ("morris", {"n": 5}, 5 * 4),
        ("saltelli", {"n": 4}, 4 * 8),
    ],
)
def test_points_are_as_many_as_foretold_inside_their_ranges_and_the_same_again(kind, design, points):
    experiment = asked(kind, **design)
    frame = make_points(experiment)
    assert len(frame) == count_points(experiment) == points
    assert frame["x_a"].between(1.0, 3.0).all()
    assert set(frame["x_b"]) <= {10, 20, 30}
    assert "x_luck" not in frame
    assert frame.filter(like="u_").to_numpy().min() >= 0
    assert frame.equals(make_points(experiment))
    other = make_points(experiment.model_copy(update={"seeds": experiment.seeds.model_copy(update={"root": 1})}))
    assert frame.equals(other) == (kind in {"grid", "oat"})


def test_a_latin_hypercube_has_one_point_in_every_slice():
    unit = make_points(asked("lhs", n=10))[["u_a", "u_b", "u_luck"]].to_numpy()
    assert (np.sort(np.floor(unit * 10), axis=0) == np.arange(10)[:, None]).all()


def test_morris_changes_one_factor_at_a_time():
    unit = make_points(asked("morris", n=3)).filter(like="u_").to_numpy().reshape(3, 4, 3)
    assert ((np.diff(unit, axis=1) != 0).sum(axis=2) == 1).all()


@pytest.mark.parametrize(
    ("given", "quantiles"),
    [
        (UNIFORM, (1.0, 2.0, 3.0)),
        ({"kind": "loguniform", "low": 1.0, "high": 100.0}, (1.0, 10.0, 100.0)),
        ({"kind": "triangular", "low": 0.0, "mode": 1.0, "high": 2.0}, (0.0, 1.0, 2.0)),
        ({"kind": "normal", "mean": 5.0, "sd": 1.0, "low": 4.0, "high": 6.0}, (4.0, 5.0, 6.0)),
    ],
)
def test_units_become_quantiles(given, quantiles):
    factor = Factor.model_validate({"name": "a", "path": "a", "distribution": given})
    assert [own_value(factor, unit) for unit in (0.0, 0.5, 1.0)] == pytest.approx(quantiles)


def test_pairs_share_luck_across_scenarios_and_points_and_a_dummy_changes_it():
    design = make_design(asked("oat"))
    with_dummy = design[design["point"] >= 6]["seed"]
    assert design[(design["point"] < 6) & (design["replicate"] == 0)]["seed"].nunique() == 1
    assert design[design["replicate"] == 0]["seed"].nunique() == 3
    assert with_dummy.nunique() == 2 * 3
    assert (design.groupby("replicate")["seed"].agg(lambda seeds: (seeds % np.uint64(2**32)).nunique()) == 1).all()
    unpaired = stand_in.experiment(factors=THREE, design={"kind": "oat"}, seeds={"root": 1, "crn": False})
    loose = make_design(unpaired)
    assert loose["seed"].is_unique


def test_zip_runs_the_first_point_in_the_first_scenario():
    rows = [{"a": 1.5, "b": 10, "luck": 0.1}, {"a": 2.5, "b": 30, "luck": 0.9}]
    design = make_design(asked("table", rows=rows, combine="zip"))
    assert list(zip(design["scenario"], design["point"], strict=True))[:2] == [("baseline", 0), ("faster", 1)]
    with pytest.raises(ExperimentError, match="1 points cannot be paired with 2 scenarios"):
        make_design(asked("table", rows=rows[:1], combine="zip"))


def test_a_design_that_cannot_be_laid_out_is_refused_at_once():
    many = [{"name": f"f{k}", "path": "a", "distribution": UNIFORM} for k in range(60)]
    experiment = stand_in.experiment(factors=many, design={"kind": "grid", "levels": 10})
    with pytest.raises(ExperimentError, match="at most 10,000,000"):
        make_points(experiment)


def test_a_design_survives_writing_and_reading():
    design = asked("morris", n=3).design
    assert Design.model_validate(json.loads(design.model_dump_json())) == design


def posterior(folder, text, **design):
    path = folder / "draws.csv"
    path.write_text(text, encoding="utf-8")
    asked = stand_in.experiment(factors=THREE[:2], design={"kind": "posterior", "file": path.name, **design})
    return _with_rows(asked, folder / "experiment.yaml")


def test_draws_of_a_posterior_come_as_often_as_their_weight_says(tmp_path):
    design = posterior(tmp_path, "a,b,weight\n1,10,1\n2,20,0\n3,30,3\n", n=8)
    assert (design.file, design.n) == (None, None)
    assert [row["a"] for row in design.rows] == [1.0] * 2 + [3.0] * 6
    assert "weight" not in design.rows[0]
    frame = make_points(stand_in.experiment(factors=THREE[:2], design=design.model_dump()))
    assert frame["x_b"].tolist() == [10.0] * 2 + [30.0] * 6


def test_a_posterior_without_weights_is_taken_whole_and_in_parquet_as_well(tmp_path):
    whole = posterior(tmp_path, "a,b\n1,10\n2,20\n")
    assert whole.rows == [{"a": 1.0, "b": 10.0}, {"a": 2.0, "b": 20.0}]
    pd.DataFrame(whole.rows).to_parquet(tmp_path / "draws.parquet")
    asked = stand_in.experiment(factors=THREE[:2], design={"kind": "posterior", "file": "draws.parquet"})
    assert _with_rows(asked, tmp_path / "experiment.yaml").rows == whole.rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,c\n1,10\n", "unknown factor 'c'"),
        ("a,b,weight\n1,10,-1\n", "weight -1.0 is no number from 0 on"),
        ("a,b,weight\n1,10,0\n", "no draw has a weight above 0"),
        ("a,b\n", "holds no points"),
    ],
)
def test_a_posterior_that_cannot_be_drawn_from_is_refused(tmp_path, text, said):
    with pytest.raises(ExperimentError, match=said):
        posterior(tmp_path, text)
