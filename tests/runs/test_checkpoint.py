"""The real model: half a run, its state kept and taken up in another process, and the other half are the whole run."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from pingliang.config import loader
from pingliang.runs.checkpoint import Checkpoints
from pingliang.runs.design import make_design
from pingliang.runs.engine import missing_runs
from pingliang.runs.experiment import ResolvedExperiment, resolve
from pingliang.runs.points import make_points
from pingliang.runs.single import Run, industry_chain_model, run_one

SOURCE = Path(__file__).parents[2] / ".src"
GO_ON = """
import pickle, sys
sys.path.insert(0, {source!r})
from pathlib import Path
from pingliang.runs.single import industry_chain_model, run_one
run, resolved, checkpoints = pickle.loads(Path({asked!r}).read_bytes())
months = []
ended = run_one(run, resolved, industry_chain_model, on_month=months.append, checkpoints=checkpoints)
print(months[0], ended.row["digest"], len(ended.agents))
"""


def asked(months: int) -> tuple[Run, ResolvedExperiment]:
    file = loader.ROOT / "experiments" / "plan-2026.yaml"
    resolved = resolve(file, scale=0.001, months=months, replicates=1)
    snapshot = {"agents": "firms", "months": ["2021-02"]}
    outputs = resolved.experiment.outputs.model_validate({"snapshots": [snapshot]})
    experiment = resolved.experiment.model_copy(update={"outputs": outputs})
    resolved = ResolvedExperiment(experiment, resolved.configs)
    points = make_points(experiment)
    return missing_runs(make_design(experiment, points), points, resolved, set())[1], resolved


@pytest.mark.parametrize("months", [8, pytest.param(72, marks=pytest.mark.slow)])
def test_half_a_run_and_the_other_half_are_the_whole_run(tmp_path: Path, months: int) -> None:
    run, resolved = asked(months)
    whole = run_one(run, resolved, industry_chain_model)
    checkpoints = Checkpoints(tmp_path / "checkpoints", months // 2, months, "key")

    def stop(done: int) -> None:
        if done == months // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_one(run, resolved, industry_chain_model, on_month=stop, checkpoints=checkpoints)
    request = tmp_path / "asked.pickle"
    request.write_bytes(pickle.dumps((run, resolved, checkpoints)))
    script = GO_ON.format(source=str(SOURCE), asked=str(request))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=600, check=True)
    assert done.stdout.split() == [str(months // 2 + 1), whole.row["digest"], "1"]
    (firms,) = whole.agents.values()
    assert firms.num_rows > 100
    assert {"capacity", "stage", "key"} <= set(firms.column_names)


def test_a_state_of_another_experiment_or_a_broken_one_is_not_taken_up(tmp_path: Path) -> None:
    run = Run("baseline-0000", "baseline", 0, 7)
    kept = Checkpoints(tmp_path / "checkpoints", 2, 10, "key")
    kept.keep(run, {"a": "model"}, {}, 4)
    assert kept.restore(run) == ({"a": "model"}, {}, 4)
    assert Checkpoints(kept.folder, 2, 10, "other").restore(run) == (None, {}, 0)
    assert kept.restore(Run("baseline-0000", "baseline", 0, 8)) == (None, {}, 0)
    (kept.folder / "baseline-0000.pickle").write_bytes(b"half a st")
    assert kept.restore(run) == (None, {}, 0)
    assert not (kept.folder / "baseline-0000.pickle").exists()
