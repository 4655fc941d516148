from pathlib import Path

import pytest

from pingliang.config.checks_experiment import resolved
from pingliang.config.errors import ConfigError
from pingliang.config.loader import load, load_experiment

UTILISATION = "chains.coal.stages.coal_mining.utilisation"


def test_an_override_replaces_the_value_and_nothing_else(whole: Path) -> None:
    base, changed = load(whole), load(whole, {UTILISATION: 0.9})
    assert changed.chains["coal"].stages["coal_mining"].utilisation.value == 0.9  # type: ignore[union-attr]
    assert base.chains["coal"].stages["coal_mining"].utilisation.value == 0.8  # type: ignore[union-attr]
    assert changed.chains["coal"].products == base.chains["coal"].products
    assert changed.technology == base.technology
    assert load(whole, {UTILISATION: 0.8}) == base


def test_several_overrides_meet_in_one_file(whole: Path) -> None:
    recipe = "chains.coal.stages.power_generation.recipe.raw_coal"
    config = load(whole, {UTILISATION: 0.9, recipe: 0.45, "drivers.drivers.coal_price.index.2022": 1.5})
    assert config.chains["coal"].stages["coal_mining"].utilisation.value == 0.9  # type: ignore[union-attr]
    assert config.chains["coal"].stages["power_generation"].recipe["raw_coal"].value == 0.45
    assert config.drivers.drivers["coal_price"].index.values["2022"] == 1.5


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (UTILISATION, 0.5, "lies outside its range"),
        (UTILISATION, 1.4, "is above 1"),
        ("drivers.drivers.coal_price.index.2022", 9.0, "lies outside the spread of its table, 1.44 to 1.76"),
        ("chains.cola.stages.coal_mining.utilisation", 0.9, "there is no chain 'cola'; did you mean 'coal'?"),
        ("chains.coal.stages.coal_minig.utilisation", 0.9, "did you mean 'coal_mining'?"),
        ("chains.coal.stages.coal_mining.utilization", 0.9, "did you mean 'utilisation'?"),
        ("chains.coal.stages.coal_mining.lag", 0.9, "'lag' is not given in chains.coal.stages.coal_mining"),
        ("chains.coal.stages", 1.0, "is no number; go on with one of coal_mining, power_generation"),
        ("chains.coal.name.zh", 1.0, "only numbers can be changed"),
        ("parametres.labour.quit_rate", 1.0, "did you mean 'parameters'?"),
        ("", 1.0, "there is no ''"),
        ("chains", 1.0, "chains is no number"),
    ],
)  # fmt: skip
def test_a_bad_override_says_what_is_wrong(whole: Path, path: str, value: float, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(whole, {path: value})
    assert message in str(caught.value)
    assert "override" in str(caught.value)


def test_overrides_are_checked_together(whole: Path) -> None:
    stage = "chains.coal.stages.power_generation"
    with pytest.raises(ConfigError, match="it must stay within 1"):
        load(whole, {f"{stage}.value_added_share": 0.5, f"{stage}.recipe.raw_coal": 0.55})


def test_a_scenario_inherits_forms_and_may_change_them(folder: Path) -> None:
    path = folder / "experiment.yaml"
    text = (
        path.read_text(encoding="utf-8")
        .rstrip("\n")
        .replace("    extends: baseline", "    extends: baseline\n    forms: {criticality: linear}")
    )
    text += "\n  - name: third\n    label: {zh: 三, en: third}\n    extends: subsidy\n"
    text += "  - name: fourth\n    label: {zh: 四, en: fourth}\n    extends: third\n"
    text += "    forms: {criticality: half_critical}\n"
    path.write_text(text, encoding="utf-8")
    experiment = load_experiment(path, load(folder))
    forms = [resolved(experiment, scenario.name).forms.criticality for scenario in experiment.scenarios]
    assert forms == [None, "linear", "linear", "half_critical"]
