"""The commands around experiments: a template, a forecast, a run again, and what is stored."""

from __future__ import annotations

import errno
import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from pingliang.app.cli import cli
from pingliang.config import loader
from pingliang.runs import store
from pingliang.runs.digest import results_digest
from pingliang.runs.store import ResultsFolder

PAGE = Path(__file__).parents[2] / "docs" / "experiments.md"


@pytest.fixture
def toy(tmp_path):
    file = tmp_path / "toy.yaml"
    file.write_text("engine: {chunk: 1, workers: 1}\n", encoding="utf-8")
    return file


@pytest.fixture
def done(call, toy, tmp_path):
    assert call("run", toy, "--no-report", "--out", tmp_path / "results" / "toy").exit_code == 0
    return tmp_path / "results" / "toy"


def test_the_template_is_a_valid_experiment_and_is_not_written_over(tmp_path):
    file = tmp_path / "My study.yaml"
    assert CliRunner().invoke(cli, ["init", str(file)]).exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert re.match(r"# yaml-language-server: \$schema=file:///.*experiment\.json\n", text)
    experiment = loader.load_experiment(file)
    assert experiment.name == "my-study"
    assert [one.name for one in experiment.scenarios] == ["baseline", "more_greenhouses"]
    again = CliRunner().invoke(cli, ["init", str(file)])
    assert again.exit_code == 2
    assert "is there already" in again.stderr


def test_every_line_of_the_template_that_is_commented_out_is_valid(tmp_path):
    file = tmp_path / "all.yaml"
    CliRunner().invoke(cli, ["init", str(file)])
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"^# ((?:factors|ranges|design|outputs|analysis|engine):.*)$", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r"^# ( +(?:- \{|series|kpis|snapshots).*)$", r"\1", text, flags=re.MULTILINE)
    text = re.sub(r"^#(   extends:.*|   set:.*)$", r" \1", text, flags=re.MULTILINE)
    text = text.replace("replicates: {n: 2} ", "replicates: {n: 3} ")
    file.write_text(text, encoding="utf-8")
    experiment = loader.load_experiment(file)
    assert experiment.design.kind == "morris"
    assert len(experiment.factors) == 4
    assert experiment.outputs.snapshots
    assert experiment.engine.timeout == 600


def test_plan_says_runs_time_and_disk_and_writes_nothing(call, toy, tmp_path):
    told = json.loads(call("plan", toy, "--json", "--replicates", 50).stdout)
    assert (told["runs"], told["points"], told["scenarios"], told["replicates"]) == (100, 1, 2, 50)
    assert told["bytes_per_run"] > 500
    assert "runs        100" in call("plan", toy, "--replicates", 50).stdout
    assert [item.name for item in tmp_path.iterdir()] == ["toy.yaml"]


def test_a_run_is_had_again_bit_for_bit(call, done, tmp_path):
    again = call("rerun", "faster-0001", "--out", tmp_path / "one.parquet")
    assert again.exit_code == 0, again.stderr
    assert "the same bits" in again.stdout
    stored = pd.read_parquet(done / "series" / "part-faster-0001.parquet")
    assert pd.read_parquet(tmp_path / "one.parquet")["value"].equals(stored["value"])
    unknown = call("rerun", "fastr-0001")
    assert unknown.exit_code == 2
    assert "did you mean 'faster-0001'?" in unknown.stderr


def test_a_run_that_differs_is_told(call, done, monkeypatch):
    import stand_in

    monkeypatch.setattr(stand_in.Config, "growth", 0.5)
    monkeypatch.setattr(stand_in, "build_config", lambda root=None, overrides=None: stand_in.Config(growth=0.5))
    monkeypatch.setattr(loader, "load", stand_in.build_config)
    differs = call("rerun", "baseline-0000")
    assert differs.exit_code == 1
    assert "differs" in differs.stdout
    assert "the configuration's numbers differ" in differs.stderr


def test_results_are_listed_shown_and_tailed(call, done):
    assert re.search(r"results/toy +done +6 +0 +6 ", call("results", "list").stdout)
    shown = json.loads(call("results", "show", done, "--json").stdout)
    assert (shown["finished"], shown["planned"], shown["state"]) == (6, 6, "done")
    assert shown["digest"] == results_digest(done) == call("results", "digest", done).stdout.strip()
    assert set(shown["means"]) == {"baseline", "faster"}
    assert "faster-0002  ok" in call("results", "tail", done).stdout
    assert call("results", "show", done.parent).exit_code == 2


def test_failed_runs_are_shown_with_their_traceback_and_cleaned(call, toy, tmp_path):
    toy.write_text("scenarios:\n- {name: broken, label: {zh: b, en: b}, set: {fail_all: 1}}\n", encoding="utf-8")
    call("run", toy, "-j", 1, "--no-report", "--out", tmp_path / "out")
    told = call("results", "tail", tmp_path / "out").stdout
    assert "broken-0000  failed" in told
    assert "ZeroDivisionError: the cows have escaped" in told
    assert "3 failed rows" in call("results", "clean", tmp_path / "out").stdout
    assert len(ResultsFolder(tmp_path / "out").run_rows()) == 0


def test_compact_keeps_the_bits(call, done):
    before = results_digest(done)
    assert "6 parts are now 1" in call("results", "compact", done).stdout
    assert results_digest(done) == before


def test_status_says_how_far_it_is(done):
    status = json.loads((done / "status.json").read_text(encoding="utf-8"))
    assert (status["state"], status["planned"], status["finished"], status["failed"]) == ("done", 6, 6, 0)
    assert status["months_done"] == status["months_to_do"] == 72


def test_a_full_disk_is_said_and_nothing_finished_is_lost(call, toy, tmp_path, monkeypatch):
    write, written = store.write_file, []

    def fill_up(path, content):
        if len(written) >= 9:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path)
        write(path, content)

    words = ("run", toy, "--no-report", "--out", tmp_path / "out")
    with monkeypatch.context() as full:
        full.setattr(store, "write_file", fill_up)
        stopped = call(*words)
    assert stopped.exit_code == 1
    assert "No space left on device; what is finished is kept" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    kept = len(ResultsFolder(tmp_path / "out").committed())
    assert 1 <= kept < 6
    on = json.loads(call(*words, "--json").stdout)
    assert (on["kept"], on["finished"]) == (kept, 6)


def test_a_folder_that_cannot_be_written_to_is_said(call, toy):
    refused = call("run", toy, "--no-report", "--out", "/proc/results")
    assert refused.exit_code == 1
    assert "/proc/results: cannot be written" in refused.stderr


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S))
def test_the_lines_of_the_page_read_the_results(done, tmp_path, code):
    code = code.replace("RESULTS", str(done)).replace("kpi_gdp_year", "kpi_gdp")
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert "baseline" in said.stdout
    assert "faster" in said.stdout
