import json

import pytest
import stand_in
import yaml

from pingliang.config.experiment_schema import Experiment
from pingliang.runs.engine import run_experiment
from pingliang.runs.errors import ExperimentError
from pingliang.runs.fingerprint import _hash_code, fingerprint
from pingliang.runs.store import ResultsFolder, write_file


def go(asked, path):
    asked = stand_in.with_engine(asked, workers=1)
    return run_experiment(asked, out=path, factory=stand_in.build, command="pingliang run toy")


def everything(path):
    return {item: item.stat().st_mtime_ns for item in path.rglob("*")}


def test_manifest_says_what_is_needed_to_repeat(tmp_path):
    path = go(stand_in.resolved(), tmp_path / "out").path
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    assert {"name", "title", "question", "hash", "created", "git", "packages", "seeds", "command"} <= set(manifest)
    assert {"scale", "start", "end", "scenarios", "replicates", "data", "platform"} <= set(manifest)
    assert manifest["packages"]["numpy"]
    assert manifest["command"] == "pingliang run toy"
    assert manifest["scenarios"][1]["label"] == {"zh": "faster", "en": "faster"}
    assert isinstance(manifest["data"], dict)
    assert all(len(digest) == 64 for digest in manifest["data"].values())


def test_resolved_experiment_can_be_run_again_as_it_stands(tmp_path):
    asked = stand_in.with_engine(stand_in.resolved(), workers=1)
    path = go(asked, tmp_path / "out").path
    text = (path / "experiment.resolved.yaml").read_text(encoding="utf-8")
    assert Experiment.model_validate(yaml.safe_load(text)) == asked.experiment


def test_manifest_is_there_before_the_first_run(tmp_path):
    def look(config, scenario, **more):
        assert (tmp_path / "out" / "manifest.json").is_file()
        assert (tmp_path / "out" / "design.parquet").is_file()
        return stand_in.build(config, scenario, **more)

    asked = stand_in.with_engine(stand_in.resolved(), workers=1)
    assert run_experiment(asked, out=tmp_path / "out", factory=look).finished == 6


def test_other_results_are_refused_with_the_way_out_and_left_alone(tmp_path):
    path = go(stand_in.resolved(), tmp_path / "out").path
    before = everything(path)
    with pytest.raises(ExperimentError, match="holds other results") as refused:
        go(stand_in.resolved(scale=0.02), path)
    assert "the experiment (months, scale, seeds, scenarios, design or outputs) differs" in str(refused.value)
    assert "Leave out --out to write to results/toy-" in str(refused.value)
    assert everything(path) == before


def test_a_folder_of_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(ExperimentError, match="new or empty"):
        go(stand_in.resolved(), tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == ["thesis.docx"]
    with pytest.raises(ExperimentError, match="is a file"):
        go(stand_in.resolved(), tmp_path / "thesis.docx")


def test_two_processes_cannot_write_to_one_folder(tmp_path):
    pytest.importorskip("fcntl")
    path = go(stand_in.resolved(), tmp_path / "out").path
    first = ResultsFolder(path)
    first.lock()
    with pytest.raises(ExperimentError, match="another process"):
        go(stand_in.resolved(), path)
    first.release()
    assert go(stand_in.resolved(), path).kept == 6


def test_stale_files_are_cleaned(tmp_path):
    path = go(stand_in.resolved(), tmp_path / "out").path
    stale = path / "series" / ".part-baseline-0000.parquet.1.tmp"
    stale.write_bytes(b"half")
    orphan = path / "series" / "part-baseline-0000.parquet"
    (path / "runs" / "part-baseline-0000.parquet").unlink()
    ResultsFolder(path).sweep()
    assert not stale.exists()
    assert not orphan.exists()


def test_a_file_is_whole_or_not_there(tmp_path):
    def half(file):
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_file(tmp_path / "file", half)
    assert list(tmp_path.iterdir()) == []


def test_hash_leaves_out_the_number_of_replicates_and_nothing_else(tmp_path):
    before = fingerprint(stand_in.resolved())["hash"]
    assert fingerprint(stand_in.resolved(replicates={"n": 99}))["hash"] == before
    for change in ({"scale": 0.02}, {"end": "2022-12"}, {"seeds": {"root": 1}}):
        assert fingerprint(stand_in.resolved(**change))["hash"] != before
    other = stand_in.resolved()
    other.configs["baseline"].growth = 0.011
    assert fingerprint(other)["hash"] != before


def test_code_that_computes_counts_and_code_that_draws_does_not(tmp_path):
    for folder in ("agents", "analysis"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file.py").write_text("a = 1", encoding="utf-8")
    before = _hash_code(tmp_path)
    (tmp_path / "analysis" / "file.py").write_text("a = 2", encoding="utf-8")
    assert _hash_code(tmp_path) == before
    (tmp_path / "agents" / "file.py").write_text("a = 2", encoding="utf-8")
    assert _hash_code(tmp_path) != before
