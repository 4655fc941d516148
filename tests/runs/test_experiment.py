import pytest
import stand_in

from pingliang.config import loader
from pingliang.runs.errors import ExperimentError
from pingliang.runs.experiment import resolve


@pytest.fixture
def toy(tmp_path, monkeypatch):
    monkeypatch.setattr(loader, "load", stand_in.build_config)
    monkeypatch.setattr(loader, "load_experiment", stand_in.read_experiment)
    file = tmp_path / "toy.yaml"
    file.write_text("", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("scale", "give a path and a value"),
        ("=3", "give a path and a value"),
        ("growth=fast", "'fast' is not a number"),
        ("replicates.m=3", "did you mean 'replicates.n'?"),
        ("replicates=3", "no single value there"),
        ("scenarios.baseline.policies=3", "no single value there"),
        ("scale=7", "scale = 7: Input should be less than or equal to 1"),
        ("seeds.root=lucky", "seeds.root = 'lucky'"),
        ("end=2020-01", "before it starts"),
        ("end=2021-13", "no such month"),
        ("growth=0.03", "scenario 'faster' sets this itself (to 0.02)"),
    ],
)
def test_a_bad_change_says_what_is_wrong(toy, setting, text):
    with pytest.raises(ExperimentError) as refused:
        resolve(toy, settings=[setting])
    assert text in str(refused.value)


def test_all_bad_changes_are_named_at_once(toy):
    with pytest.raises(ExperimentError) as refused:
        resolve(toy, settings=["growth=fast", "scale", "pace=slow"])
    assert len(str(refused.value).splitlines()) == 3


def test_changes_go_where_they_belong(toy):
    settings = ["scale=0.02", "replicates.n=5", "end=2022-06", "seeds.crn=false", "name=other", "fail_all=1e3"]
    asked = resolve(toy, settings=settings)
    experiment = asked.experiment
    assert (experiment.scale, experiment.replicates.n, experiment.end) == (0.02, 5, "2022-06")
    assert (experiment.seeds.crn, experiment.name) == (False, "other")
    assert [one.set for one in experiment.scenarios] == [{"fail_all": 1000.0}, {"growth": 0.02, "fail_all": 1000.0}]
    assert [config.fail_all for config in asked.configs.values()] == [1000.0, 1000.0]
    assert asked.months == 18


def test_shorthands_are_the_same_as_settings(toy):
    short = resolve(toy, seed=7, replicates=2, scale=0.05, months=3)
    assert short == resolve(toy, settings=["seeds.root=7", "replicates.n=2", "scale=0.05", "end=2021-03"])


def test_scenarios_with_the_same_settings_share_a_configuration(toy):
    toy.write_text(
        "scenarios:\n"
        "- {name: a, label: {zh: a, en: a}}\n"
        "- {name: b, label: {zh: b, en: b}, set: {growth: 0.02}}\n"
        "- {name: c, label: {zh: c, en: c}, extends: b, policies: [herd]}\n",
        encoding="utf-8",
    )
    asked = resolve(toy)
    assert asked.configs["b"] is asked.configs["c"]
    assert asked.configs["a"] is not asked.configs["b"]
    last = asked.experiment.scenarios[2]
    assert (last.set, [use.policy for use in last.policies], last.extends) == ({"growth": 0.02}, ["herd"], None)


def test_the_shipped_experiment_compares_the_plan_with_what_happens_without_it(config):
    experiment = loader.load_experiment(loader.ROOT / "experiments" / "plan-2026.yaml", config)
    assert [one.name for one in experiment.scenarios] == ["baseline", "plan_as_written", "as_it_happened"]
    assert experiment.scenarios[0].policies == []
    assert (experiment.start, experiment.end, experiment.scale) == ("2021-01", "2026-12", 0.01)
    assert experiment.replicates.n == 10
    assert experiment.seeds.crn
