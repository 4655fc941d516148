import json
import os
import signal
import subprocess
import time

import pytest

from pingliang.runs.digest import results_digest
from pingliang.runs.store import ResultsFolder

posix = pytest.mark.skipif(os.name != "posix", reason="signals to process groups")


@pytest.fixture
def toy(tmp_path):
    file = tmp_path / "toy.yaml"
    file.write_text("", encoding="utf-8")
    return file


def test_results_on_stdout_talk_on_stderr(call, toy):
    done = call("run", toy, "-j", 1, "--no-report")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("results/toy-")
    assert done.stdout.count("\n") == 1
    lines = done.stderr.splitlines()
    assert lines[0].endswith("6 of 6 runs to do")
    assert [line.split(" % ")[0] for line in lines[1:]] == [f"toy: {10 * tenth}" for tenth in range(1, 11)]


def test_json_for_machines_and_the_same_command_again_has_nothing_to_do(call, toy, tmp_path):
    words = ("run", toy, "-j", 1, "--no-report", "--json", "--out", tmp_path / "out")
    first, second = json.loads(call(*words).stdout), json.loads(call(*words).stdout)
    assert (first["kept"], first["finished"], first["planned"], first["failed"]) == (0, 6, 6, [])
    assert (second["kept"], second["finished"]) == (6, 6)


def test_changes_from_the_command_line_reach_the_runs(call, toy, tmp_path):
    words = ("--months", 3, "--scale", 0.05, "--seed", 7, "--replicates", 2)
    done = call("run", toy, "-j", 1, "--no-report", "--out", tmp_path / "out", *words)
    assert done.exit_code == 0, done.stderr
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["end"], manifest["scale"], manifest["seeds"]["root"], manifest["replicates"]) == (
        "2021-03", 0.05, 7, 2,
    )  # fmt: skip
    assert manifest["command"].startswith("pingliang run ")


def test_bad_changes_end_with_2_and_write_nothing(call, toy, tmp_path):
    done = call("run", toy, "--set", "growth=fast", "--set", "scale")
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 2
    assert done.stdout == ""
    assert not (tmp_path / "results").exists()


def test_an_experiment_that_is_not_there_ends_with_2(call):
    done = call("run", "plan-2027")
    assert done.exit_code == 2
    assert "did you mean 'plan-2026'?" in done.stderr


def test_other_results_are_refused_with_2(call, toy, tmp_path):
    out = ("-j", 1, "--no-report", "--out", tmp_path / "out")
    assert call("run", toy, *out).exit_code == 0
    before = results_digest(tmp_path / "out")
    done = call("run", toy, *out, "--seed", 1)
    assert done.exit_code == 2
    assert "Leave out --out to write to results/toy-" in done.stderr
    assert "Traceback" not in done.stderr
    assert results_digest(tmp_path / "out") == before


def test_some_failed_runs_end_with_3_and_none_finished_with_1(call, toy, tmp_path):
    toy.write_text("seeds: {root: 2020, crn: false}\nscenarios:\n" + SCENARIOS, encoding="utf-8")
    done = call("run", toy, "-j", 1, "--no-report", "--out", tmp_path / "out")
    assert done.exit_code == 3
    assert "run broken-0000 failed: ZeroDivisionError: the cows have escaped" in done.stderr
    toy.write_text("scenarios:\n" + SCENARIOS[SCENARIOS.index("- name: broken") :], encoding="utf-8")
    assert call("run", toy, "-j", 1, "--no-report", "--out", tmp_path / "none").exit_code == 1


SCENARIOS = """\
- name: baseline
  label: {zh: a, en: a}
- name: broken
  label: {zh: b, en: b}
  set: {fail_all: 1}
"""


def start(command, tmp_path, *words):
    return subprocess.Popen(
        command("run", tmp_path / "toy.yaml", "--no-report", "--out", tmp_path / "out", "--replicates", 4, *words),
        cwd=tmp_path,
        env={**os.environ, "STAND_IN_PAUSE": "0.05"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_first_run(process, tmp_path):
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out" / "runs").glob("part-*.parquet")):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def nobody_left(group):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


@posix
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(command, call, toy, tmp_path, jobs):
    process = start(command, tmp_path, "-j", jobs)
    wait_for_first_run(process, tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert stdout == ""
    assert "Traceback" not in stderr
    assert f"to go on: pingliang run {toy}" in stderr
    assert nobody_left(process.pid)
    kept = ResultsFolder(tmp_path / "out").committed()
    assert 1 <= len(kept) < 8
    assert {part.stem.removeprefix("part-") for part in (tmp_path / "out" / "series").iterdir()} == kept
    again_and_compare(call, toy, tmp_path, len(kept))


@posix
def test_after_a_kill_no_worker_is_left_and_the_same_command_goes_on(command, call, toy, tmp_path):
    process = start(command, tmp_path, "-j", 2)
    wait_for_first_run(process, tmp_path)
    process.kill()
    process.communicate(timeout=60)
    assert nobody_left(process.pid)
    again_and_compare(call, toy, tmp_path, len(ResultsFolder(tmp_path / "out").committed()))


def again_and_compare(call, toy, tmp_path, kept):
    """Finish what was begun; it must be bit for bit what an undisturbed run gives."""
    words = ("run", toy, "--no-report", "--json", "--replicates", 4, "-j", 1, "--out")
    resumed = json.loads(call(*words, tmp_path / "out").stdout)
    assert (resumed["kept"], resumed["finished"]) == (kept, 8)
    call(*words, tmp_path / "undisturbed")
    assert results_digest(tmp_path / "out") == results_digest(tmp_path / "undisturbed")
    assert not list((tmp_path / "out").rglob("*.tmp"))


def test_audit_prints_the_largest_residuals(call, toy):
    done = call("audit", "--experiment", toy, "--json", "--months", 5, "--scenario", "faster")
    assert done.exit_code == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["residuals"] == {"cash": 5e-12, "persons": 0.0}
    assert (printed["months"], printed["scenario"]) == (5, "faster")
    assert "cash" in call("audit", "--experiment", toy).stdout
    unknown = call("audit", "--experiment", toy, "--scenario", "fastr")
    assert unknown.exit_code == 2
    assert "did you mean 'faster'?" in unknown.stderr
