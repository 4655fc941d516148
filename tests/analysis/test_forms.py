"""The forms of what a missing input stops stand side by side, each against itself without the shock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pingliang.agents import limits
from pingliang.analysis.forms import FORMS, form_pairs, form_section, form_table
from pingliang.analysis.page import Figures
from pingliang.analysis.results import Results

LOSS = {"leontief": 40.0, "critical": 30.0, "half_critical": 20.0, "linear": 10.0}


def scenario(name: str, form: str, policies: list[str]) -> dict[str, object]:
    return {"name": name, "policies": policies, "forms": {"criticality": form}}


class FormsRun:
    """Eight scenarios, two replicates: every chain makes 100 without the shock and LOSS less with it."""

    years = (2021, 2022)

    def __init__(self, config) -> None:
        self.config = config
        self.manifest = {"scenarios": [scenario(f, f, []) for f in LOSS] + [scenario(f"{f}_x", f, ["x"]) for f in LOSS]}

    def totals(self, variable: str, scenarios: list[str]) -> pd.DataFrame:
        return pd.DataFrame(
            [
                {"scenario": name, "replicate": r, "chain": chain, "value": (100 + r - self.lost(name)) * 1e8}
                for name in scenarios for r in (0, 1) for chain in ("coal", "rest")
            ]
        )  # fmt: skip

    @staticmethod
    def lost(name: str) -> float:
        return LOSS[name[:-2]] if name.endswith("_x") else 0.0


@pytest.fixture
def compared(config):
    return FormsRun(config)


def test_every_form_of_the_model_has_a_name_here():
    assert set(FORMS) == set(limits.FORMS)


def test_each_form_is_compared_with_itself_without_the_shock(compared):
    assert form_pairs(compared) == [(form, form, f"{form}_x") for form in FORMS]
    found = form_table(compared).set_index(["measure", "chain", "form"])["mean"] / 1e8
    for form, loss in LOSS.items():
        assert found["value_added", "coal", form] == pytest.approx(-loss)
        assert found["output_2020", "", form] == pytest.approx(-2 * loss)


def test_all_forms_stand_in_one_table(compared, tmp_path):
    text = form_section(compared, Figures(tmp_path))
    for words in FORMS.values():
        assert words.zh in text
        assert words.en in text
    assert all(f"{-loss:+.2f} (" in text for loss in LOSS.values())
    assert (tmp_path / "forms.csv").exists()


def test_an_experiment_without_forms_has_no_such_section(run: Results, tmp_path: Path):
    assert form_section(run, Figures(tmp_path)) == ""


def test_totals_count_full_years_of_every_scenario_named(run: Results):
    found = run.totals("value_added", ["baseline"]).groupby("replicate")["value"].sum()
    yearly = run.annual("value_added", "sum", where={"scenario": "baseline"}).groupby("replicate")["value"].sum()
    np.testing.assert_allclose(found, yearly)
