"""However an experiment is carried out, interrupted or stored, it gives the same bits."""

import pytest
import stand_in

from pingliang.runs.digest import results_digest
from pingliang.runs.engine import run_experiment
from pingliang.runs.store import ResultsFolder

WIDE = {
    "replicates": {"n": 2},
    "factors": [
        {"name": "growth", "path": "growth", "distribution": {"kind": "uniform", "low": 0.0, "high": 0.02}},
        {"name": "luck", "role": "dummy"},
    ],
    "scenarios": [{"name": "baseline", "label": {"zh": "a", "en": "a"}}],
    "design": {"kind": "lhs", "n": 7},
}


def digest_of(path, *, asked=None, **engine):
    asked = stand_in.with_engine(asked or stand_in.resolved(**WIDE), **engine)
    outcome = run_experiment(asked, out=path, factory=stand_in.build)
    assert outcome.failed == []
    assert outcome.finished == outcome.planned
    return results_digest(outcome.path)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return digest_of(tmp_path_factory.mktemp("plain") / "out", workers=1, chunk=1)


@pytest.mark.parametrize("engine", [{"workers": 1, "chunk": 7}, {"workers": 2, "chunk": 1}, {"workers": 2, "chunk": 7}])
def test_workers_and_chunks_change_no_bit(tmp_path, plain, engine):
    assert digest_of(tmp_path / "out", **engine) == plain


def test_a_design_is_the_same_points_and_pairs(tmp_path):
    asked = stand_in.resolved(**WIDE)
    path = run_experiment(stand_in.with_engine(asked, workers=1), out=tmp_path / "out", factory=stand_in.build).path
    rows = ResultsFolder(path).run_rows()
    assert len(rows) == 14
    assert rows["seed"].nunique() == 14  # the dummy gives every point luck of its own
    assert rows.groupby("point")["kpi_gdp"].nunique().eq(2).all()


@pytest.mark.slow
def test_a_local_cluster_gives_the_same_bits(tmp_path, plain, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.undo()  # the workers look at the real code
    assert digest_of(tmp_path / "out", address="local", workers=2, chunk=3) == plain
