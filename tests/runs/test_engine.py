import multiprocessing

import pandas as pd
import pyarrow.parquet as pq
import pytest
import stand_in

from pingliang.runs.chunk import SERIES
from pingliang.runs.design import make_design
from pingliang.runs.digest import results_digest
from pingliang.runs.engine import run_experiment
from pingliang.runs.store import ResultsFolder


def go(asked, path, jobs=1, **more):
    return run_experiment(stand_in.with_engine(asked, workers=jobs), out=path, factory=stand_in.build, **more)


def seed_of(asked, replicate):
    design = make_design(asked.experiment)
    return int(design.loc[design["replicate"] == replicate, "seed"].iloc[0])


def test_same_bits_and_all_months_with_one_worker_and_with_two(tmp_path):
    digests = []
    for jobs in (1, 2):
        seen = []
        outcome = go(
            stand_in.resolved(), tmp_path / str(jobs), jobs, on_progress=lambda *step, seen=seen: seen.append(step)
        )
        assert outcome.finished == 6
        assert seen[-1] == (72, 72)
        assert seen == sorted(seen)
        digests.append(results_digest(outcome.path))
    assert digests[0] == digests[1]
    assert multiprocessing.active_children() == []


def test_another_seed_gives_another_digest(tmp_path):
    one = go(stand_in.resolved(), tmp_path / "one")
    two = go(stand_in.resolved(seeds={"root": 1}), tmp_path / "two")
    assert results_digest(one.path) != results_digest(two.path)


def test_layout_and_columns(tmp_path):
    path = go(stand_in.resolved(), tmp_path / "out").path
    assert {item.name for item in path.iterdir()} == {
        "manifest.json", "experiment.resolved.yaml", "design.parquet", "status.json", "series", "runs",
    }  # fmt: skip
    series = pq.read_table(path / "series")
    assert series.schema.remove_metadata().equals(SERIES)
    assert series.num_rows == 6 * 12
    runs = pq.read_table(path / "runs").to_pandas()
    assert {"run_id", "scenario", "replicate", "seed", "status", "seconds", "message", "traceback"} <= set(runs)
    assert {"kpi_gdp", "kpi_plan_output_apple"} <= set(runs)
    assert (runs["status"] == "ok").all()
    assert (
        runs.set_index("run_id")["seed"].to_dict()
        == pd.read_parquet(path / "design.parquet").set_index("run_id")["seed"].to_dict()
    )


def test_a_run_that_fails_leaves_its_traceback_and_the_others_go_on(tmp_path):
    asked = stand_in.resolved()
    asked = stand_in.resolved(fail=[seed_of(asked, 1)])
    outcome = go(asked, tmp_path / "out")
    assert outcome.finished == 4
    assert [row["run_id"] for row in outcome.failed] == ["baseline-0001", "faster-0001"]
    assert outcome.failed[0]["message"] == "ZeroDivisionError: the cows have escaped"
    assert "in step" in outcome.failed[0]["traceback"]
    assert not (outcome.path / "series" / "part-baseline-0001.parquet").exists()


def test_failed_runs_are_tried_again_and_never_twice_there(tmp_path):
    asked = stand_in.resolved(fail=[seed_of(stand_in.resolved(), 1)])
    go(asked, tmp_path / "out")
    again = go(asked, tmp_path / "out")
    assert (again.kept, again.finished, len(again.failed)) == (4, 4, 2)
    assert len(ResultsFolder(again.path).run_rows()) == 6


@pytest.mark.slow
def test_a_run_that_kills_its_worker_is_marked_and_the_others_go_on(tmp_path):
    asked = stand_in.resolved(die=[seed_of(stand_in.resolved(), 0)])
    outcome = go(asked, tmp_path / "out", 2)
    assert outcome.finished == 4
    assert {(row["run_id"], row["status"]) for row in outcome.failed} == {
        ("baseline-0000", "crashed"),
        ("faster-0000", "crashed"),
    }


def test_resume_runs_what_is_missing_only(tmp_path):
    whole = go(stand_in.resolved(), tmp_path / "whole").path
    path = go(stand_in.resolved(), tmp_path / "out").path
    (path / "runs" / "part-faster-0001.parquet").unlink()
    before = {part.name: part.stat().st_mtime_ns for part in (path / "series").iterdir()}
    outcome = go(stand_in.resolved(), path)
    assert (outcome.kept, outcome.finished) == (5, 6)
    changed = [part.name for part in (path / "series").iterdir() if part.stat().st_mtime_ns != before[part.name]]
    assert changed == ["part-faster-0001.parquet"]
    assert results_digest(path) == results_digest(whole)


def test_an_ensemble_can_be_extended_and_never_shrinks(tmp_path):
    go(stand_in.resolved(), tmp_path / "out")
    more = go(stand_in.resolved(replicates={"n": 5}), tmp_path / "out")
    assert (more.planned, more.kept, more.finished) == (10, 6, 10)
    fewer = go(stand_in.resolved(replicates={"n": 2}), tmp_path / "out")
    assert (fewer.planned, fewer.kept, fewer.finished) == (4, 4, 4)
    assert len(pd.read_parquet(tmp_path / "out" / "design.parquet")) == 10
    five = go(stand_in.resolved(replicates={"n": 5}), tmp_path / "five")
    assert results_digest(five.path) == results_digest(more.path)


def test_ctrl_c_in_a_plain_loop_keeps_what_is_finished(tmp_path):
    def press(done, total):
        if done == 30:
            raise KeyboardInterrupt

    outcome = go(stand_in.resolved(), tmp_path / "out", on_progress=press)
    assert outcome.interrupted
    assert outcome.finished == 2
    assert len(list((outcome.path / "series").iterdir())) == 2
    assert go(stand_in.resolved(), tmp_path / "out").kept == 2


def test_default_folder_bears_name_and_hash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = run_experiment(stand_in.resolved(replicates={"n": 1}), factory=stand_in.build)
    assert outcome.path.parent.name == "results"
    assert outcome.path.name.startswith("toy-")
    assert len(outcome.path.name) == len("toy-") + 8
