"""Whatever is written into an experiment file: it is refused with a place and a way out, or it is a valid experiment."""

# ruff: noqa: E501 - one case a line reads better

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pingliang.config.errors import ConfigError
from pingliang.config.experiment_schema import Experiment
from pingliang.config.factors import all_factors
from pingliang.config.loader import ROOT, Config, load, load_experiment
from pingliang.runs.design import make_design
from pingliang.runs.errors import ExperimentError
from pingliang.runs.experiment import resolve
from pingliang.runs.points import MOST_RUNS

TEXT = """\
name: wide
title: {zh: 试验, en: wide}
question: {zh: 什么？, en: "what?"}
start: 2021-01
end: 2021-12
scale: 0.01
replicates: {n: 3, until: {kpi: gdp_year, half_width: 0.01, most: 9}}
seeds: {root: 1, crn: true}
scenarios:
  - name: baseline
    label: {zh: 基线, en: baseline}
    set: {parameters.labour.quit_rate: 0.015}
    chiefs: {budget: 3, rule: judged, start: 2021-01, end: 2021-12}
    policies: [{policy: apple_brand, times: 0.5, source: [airport-2024]}]
factors:
  - {name: elasticity, path: parameters.outside.export_elasticity, distribution: {kind: uniform, low: -4, high: -2}}
  - {name: overtime, path: parameters.firms.overtime}
  - {name: form, path: forms.criticality, values: [critical, linear]}
  - {name: luck, role: dummy}
ranges: [parameters.labour]
design: {kind: morris, n: 2, levels: 4}
outputs:
  series: {variables: [gdp], start: 2021-06, months: [12]}
  kpis: [{name: jobs, variable: employed, over: mean}]
  snapshots: [{agents: firms, months: [2021-12]}]
analysis: {sensitivity: [gdp_year]}
engine: {workers: 1, chunk: 7, timeout: 60}
"""
CASES = {
    "an unknown design": ("kind: morris", "kind: moris", 21, "did you mean 'morris'?"),
    "an unknown key of the engine": ("chunk: 7", "chunks: 7", 27, "did you mean 'chunk'?"),
    "no power of two": ("kind: morris, n: 2, levels: 4", "kind: sobol, n: 100", 21, "n = 100 is no power of two"),
    "a sampled design without n": ("kind: morris, n: 2", "kind: lhs", 21, "a lhs design needs n"),
    "a grid with n": ("kind: morris", "kind: grid", 21, "a design of kind grid takes no n"),
    "odd levels": ("levels: 4", "levels: 5", 21, "needs an even number"),
    "factors without a design": ("{kind: morris, n: 2, levels: 4}", "{kind: none}", 15, "there are factors, but no design"),
    "an unknown path": ("firms.overtime", "firms.overtme", 17, "did you mean 'overtime'?"),
    "no number": ("path: parameters.firms.overtime", "path: parameters.firms", 17, "is no number"),
    "limits the wrong way": ("low: -4, high: -2", "low: -2, high: -4", 16, "low -2 is not below high -4"),
    "a value outside the range of its number": ("low: -4", "low: -400", 16, "lies outside its range"),
    "an unknown form": ("[critical, linear]", "[critical, liner]", 18, "did you mean 'linear'?"),
    "text for a number": ("path: parameters.firms.overtime", "path: parameters.firms.overtime, values: [much]", 17, "takes numbers"),
    "a dummy with a path": ("role: dummy", "role: dummy, path: parameters.firms.overtime", 19, "a dummy changes nothing"),
    "a factor twice": ("name: overtime", "name: elasticity", 17, "stands twice"),
    "a factor a scenario sets": ("parameters.firms.overtime}", "parameters.labour.quit_rate}", 17, "scenario 'baseline' sets"),
    "ranges of nothing": ("[parameters.labour]", "[parameters.labor]", 20, "did you mean 'labour'?"),
    "a snapshot outside the experiment": ("months: [2021-12]", "months: [2022-01]", 25, "lies outside 2021-01 to 2021-12"),
    "an indicator twice": ("over: mean}", "over: mean}, {name: jobs, variable: gdp}", 24, "indicator 'jobs' stands twice"),
    "too few for an interval": ("{n: 3, until", "{n: 2, until", 7, "at least 3 replicates"),
    "an address that is none": ("workers: 1", "address: here", 27, "address"),
    "no thirteenth month": ("2021-06", "2021-13", 23, "start"),
    "chiefs who end before they start": ("start: 2021-01, end: 2021-12}", "start: 2021-06, end: 2021-03}", 13, "put it after"),
    "chiefs with another rule": ("rule: judged", "rule: judge", 13, "did you mean 'judged'?"),
    "a source nobody knows": ("[airport-2024]", "[airport-2042]", 14, "did you mean 'airport-2024'?"),
    "a size the lever cannot tell": ("times: 0.5", "size: small", 14, "size belongs to lever capacity or"),
    "a size nobody has": ("times: 0.5", "size: smal", 14, "did you mean 'small'?"),
    "counties of a lever that has none": ("times: 0.5", "counties: [kongtong]", 14, "acts on the whole city and cannot choose counties"),
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Config:
    return load()


def test_the_whole_file_is_valid_and_its_factors_are_written_out(tmp_path: Path, shipped: Config) -> None:
    path = tmp_path / "wide.yaml"
    path.write_text(TEXT, encoding="utf-8")
    factors = {factor.name: factor for factor in all_factors(load_experiment(path, shipped), shipped)}
    overtime = factors["overtime"].distribution
    assert overtime is not None
    assert (overtime.low, overtime.high) == shipped.parameters.firms.overtime.range
    assert "parameters_labour_unemployment_share" in factors
    assert "parameters_labour_quit_rate" not in factors  # the scenario sets it


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_wrong_line_is_shown_with_the_way_out(
    tmp_path: Path, shipped: Config, case: tuple[str, str, int, str]
) -> None:
    old, new, line, said = case
    path = tmp_path / "wide.yaml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_experiment(path, shipped)
    problems = refused.value.problems
    assert any(said in problem.message for problem in problems), [str(problem) for problem in problems]
    assert line in {problem.line for problem in problems}


DATA: dict[str, Any] = yaml.safe_load(TEXT)
NASTY = st.sampled_from(
    [None, True, 0, -1, 3, 7.5, 1e308, 10**30, "", "no", "甲", [], {}, [1, 2], [[]], {"a": 1}, "all", "none", "2021-12",
     "lhs", "sobol", "saltelli", "oat", "grid", "table", "local", "parameters", "forms.criticality", ["linear"], {"n": 4}]
)  # fmt: skip


def ways(data: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [way, *(found for key, value in inner for found in ways(value, (*way, key)))]


WAYS = [way for way in ways(DATA) if way]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(WAYS), NASTY | st.just("drop") | st.just("rename")), min_size=1, max_size=2))
def test_any_change_is_refused_at_its_place_or_gives_a_design(
    tmp_path: Path, shipped: Config, changes: list[tuple[tuple[Any, ...], Any]]
) -> None:
    data = copy.deepcopy(DATA)
    for way, change in changes:
        _change(data, way, change)
    text = yaml.safe_dump(data, allow_unicode=True)
    path = tmp_path / "wide.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        resolved = resolve(path)
        runs = len(make_design(resolved.experiment))
    except ConfigError as error:
        for problem in error.problems:
            assert 1 <= problem.line <= len(text.splitlines()) + 1, str(problem)
    except ExperimentError:  # said without a place: what only shows when the design is laid out
        return
    else:
        assert 1 <= runs <= MOST_RUNS
        assert Experiment.model_validate(resolved.experiment.model_dump(mode="json")) == resolved.experiment


def _change(data: Any, way: tuple[Any, ...], change: Any) -> None:
    for part in way[:-1]:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return  # an earlier change took it away
    try:
        if change == "drop":
            del data[way[-1]]
        elif change == "rename" and isinstance(data, dict):
            data[f"{way[-1]}x"] = data.pop(way[-1])
        elif change != "rename":
            data[way[-1]] = copy.deepcopy(change)
    except (KeyError, IndexError, TypeError):
        return


@pytest.mark.parametrize("path", sorted((ROOT / "experiments").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_experiments_are_valid(path: Path, shipped: Config) -> None:
    assert load_experiment(path, shipped).name == path.stem
