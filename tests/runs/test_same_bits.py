"""However an experiment is carried out, interrupted or stored, it gives the same bits."""

import json

import pytest
import stand_in

from pingliang.runs import fingerprint
from pingliang.runs.compact import compact
from pingliang.runs.design import make_design
from pingliang.runs.digest import results_digest
from pingliang.runs.engine import fair_memory_gib, run_experiment
from pingliang.runs.errors import ExperimentError
from pingliang.runs.store import ResultsFolder
from pingliang.runs.until import relative_half_width

WIDE = {
    "replicates": {"n": 2},
    "factors": [
        {"name": "growth", "path": "growth", "distribution": {"kind": "uniform", "low": 0.0, "high": 0.02}},
        {"name": "luck", "role": "dummy"},
    ],
    "scenarios": [{"name": "baseline", "label": {"zh": "a", "en": "a"}}],
    "design": {"kind": "lhs", "n": 7},
}


def go(asked, path, **engine):
    return run_experiment(stand_in.with_engine(asked, **engine), out=path, factory=stand_in.build)


def digest_of(path, *, asked=None, **engine):
    outcome = go(asked or stand_in.resolved(**WIDE), path, **engine)
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


SIX = {"seeds": {"root": 2020, "crn": False}}


def seeds(asked):
    return make_design(asked.experiment)["seed"].tolist()


@pytest.mark.parametrize("chunk", [1, 6])
def test_a_worker_killed_once_costs_nothing(tmp_path, monkeypatch, chunk):
    monkeypatch.setenv("STAND_IN_MARKS", str(tmp_path))
    undisturbed = digest_of(tmp_path / "plain", asked=stand_in.resolved(**SIX), workers=1)
    asked = stand_in.resolved(die_once=[seeds(stand_in.resolved(**SIX))[2]], **SIX)
    assert digest_of(tmp_path / "out", asked=asked, workers=2, chunk=chunk) == undisturbed


def test_a_run_that_always_kills_its_worker_is_set_aside_and_the_others_finish(tmp_path):
    asked = stand_in.resolved(die=[seeds(stand_in.resolved(**SIX))[2]], **SIX)
    outcome = run_experiment(
        stand_in.with_engine(asked, workers=2, chunk=6), out=tmp_path / "out", factory=stand_in.build
    )
    assert [(row["run_id"], row["status"]) for row in outcome.failed] == [("baseline-0001", "crashed")]
    assert outcome.finished == 5


def test_a_run_that_takes_too_long_fails_and_the_others_finish(tmp_path):
    asked = stand_in.resolved(slow=[seeds(stand_in.resolved(**SIX))[0]], **SIX)
    asked = stand_in.with_engine(asked, workers=1, chunk=3, timeout=1.0)
    outcome = run_experiment(asked, out=tmp_path / "out", factory=stand_in.build)
    assert [row["run_id"] for row in outcome.failed] == ["baseline-0000"]
    assert "not finished after 1 s" in outcome.failed[0]["message"]
    assert outcome.finished == 5


def test_a_worker_too_large_fails_its_run(tmp_path):
    asked = stand_in.with_engine(stand_in.resolved(**SIX), workers=1, memory_gib=0.001)
    outcome = run_experiment(asked, out=tmp_path / "out", factory=stand_in.build)
    assert len(outcome.failed) == 6
    assert "engine.memory_gib" in outcome.failed[0]["message"]


def test_workers_share_the_memory_of_the_machine_where_no_limit_is_set(tmp_path, monkeypatch):
    assert fair_memory_gib(1) == pytest.approx(2 * fair_memory_gib(2))
    monkeypatch.setattr("pingliang.runs.engine.fair_memory_gib", lambda jobs: 0.001 / jobs)
    asked = stand_in.with_engine(stand_in.resolved(**SIX), workers=1)
    outcome = run_experiment(asked, out=tmp_path / "out", factory=stand_in.build)
    assert len(outcome.failed) == 6


def test_compacting_changes_no_bit_and_an_interrupted_one_is_cleared_up(tmp_path):
    path = tmp_path / "out"
    before = digest_of(path, asked=stand_in.resolved(**SIX), workers=1)
    small = {
        folder: [(part, part.read_bytes()) for part in ResultsFolder(path).parts(folder)]
        for folder in ("runs", "series")
    }
    assert compact(path) == (6, 1)
    assert results_digest(path) == before
    for part, content in [*small["series"][:3], *small["runs"][:2]]:  # as if it had been killed while removing
        part.write_bytes(content)
    assert len(ResultsFolder(path).run_rows()) == 8
    assert digest_of(path, asked=stand_in.resolved(**SIX), workers=1) == before
    assert len(ResultsFolder(path).run_rows()) == 6


@pytest.mark.parametrize("folder", ["runs", "series"])
def test_a_truncated_part_is_run_again(tmp_path, folder):
    path = tmp_path / "out"
    before = digest_of(path, asked=stand_in.resolved(**SIX), workers=1)
    part = ResultsFolder(path).parts(folder)[3]
    part.write_bytes(part.read_bytes()[:-7])
    outcome = run_experiment(
        stand_in.with_engine(stand_in.resolved(**SIX), workers=1), out=path, factory=stand_in.build
    )
    assert (outcome.kept, outcome.finished) == (5, 6)
    assert results_digest(path) == before


def test_changed_code_is_refused_unless_told(tmp_path, monkeypatch):
    path = tmp_path / "out"
    asked = stand_in.with_engine(stand_in.resolved(), workers=1)
    run_experiment(asked, out=path, factory=stand_in.build)
    monkeypatch.setattr(fingerprint, "_hash_code", lambda package: "other code")
    more = stand_in.with_engine(stand_in.resolved(replicates={"n": 4}), workers=1)
    with pytest.raises(ExperimentError, match=r"code has changed since.*\n.*--accept-changes"):
        run_experiment(more, out=path, factory=stand_in.build)
    outcome = run_experiment(more, out=path, factory=stand_in.build, accept_changes=True)
    assert (outcome.kept, outcome.finished) == (6, 8)
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["continued"]) == 1
    assert run_experiment(more, out=path, factory=stand_in.build).kept == 8  # what was told once is not asked again


def test_replicates_go_on_until_the_mean_is_known(tmp_path):
    until = {"kpi": "gdp", "half_width": 0.02, "most": 40}
    asked = stand_in.with_engine(stand_in.resolved(replicates={"n": 3, "until": until}), workers=1)
    outcome = run_experiment(asked, out=tmp_path / "out", factory=stand_in.build)
    rows = ResultsFolder(outcome.path).run_rows()
    count = rows["replicate"].max() + 1
    assert 3 < count <= 40
    assert outcome.finished == outcome.planned == len(rows) == 2 * count
    assert json.loads((outcome.path / "manifest.json").read_text(encoding="utf-8"))["replicates"] == count
    assert rows.groupby("scenario")["kpi_gdp"].apply(relative_half_width).max() <= 0.02
    two = stand_in.with_engine(asked, workers=2, chunk=4)
    assert digest_of(tmp_path / "two", asked=two) == results_digest(outcome.path)


def test_a_run_can_be_taken_up_from_its_checkpoint(tmp_path):
    asked = stand_in.with_engine(stand_in.resolved(), workers=1, checkpoint=5)

    def interrupt(done, total):
        if done == 19:  # the second run, after its checkpoint of month 5
            raise KeyboardInterrupt

    outcome = run_experiment(asked, out=tmp_path / "out", factory=stand_in.build, on_progress=interrupt)
    assert outcome.interrupted
    assert [file.name for file in (tmp_path / "out" / "checkpoints").iterdir()] == ["faster-0000.pickle"]
    steps = []
    outcome = run_experiment(
        asked, out=tmp_path / "out", factory=stand_in.build, on_progress=lambda done, total: steps.append(done)
    )
    assert steps[0] == 6
    assert results_digest(outcome.path) == digest_of(tmp_path / "plain", asked=stand_in.resolved(), workers=1)
    assert not list((tmp_path / "out" / "checkpoints").iterdir())
