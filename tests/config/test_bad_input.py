"""Every bad input the loader must refuse: with its place, what is wrong, and the nearest right thing."""

# ruff: noqa: E501 - one case a line reads better

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pingliang.config.errors import ConfigError, Problem
from pingliang.config.loader import Config, load, load_chain

Broken = Callable[..., list[Problem]]
COAL = "chains/coal.yaml"


def test_the_small_configuration_is_valid(small: Config) -> None:
    assert list(small.chains) == ["coal", "rest"]
    assert small.chains["coal"].products["electricity"].storable is False
    assert small.chains["coal"].products["raw_coal"].price.amount == pytest.approx(400.0)
    assert small.chains["coal"].stages["power_generation"].counties.amounts["huating"] == pytest.approx(0.1)


OWN_POWER = (
    "      electricity: {value: 0.01, unit: CNY/CNY, source: assumption, kind: assumed, range: [0, 0.02], note: start-up}\n"
    "    critical: [raw_coal, electricity]\n"
)
CASES = {
    "unknown key": (COAL, "census: mining", "cenus: mining", "cenus", "unknown key 'cenus'; did you mean 'census'?"),
    "missing key": (COAL, "    census: mining\n", "", "coal_mining", "'census' is missing; add it"),
    "unknown unit": (COAL, "unit: CNY/kg", "unit: CNY/kgs", "CNY/kgs", "did you mean 'CNY/kg'?"),
    "unit of another dimension": (COAL, "unit: CNY/kWh", "unit: kWh", "kWh,", "price in 'kWh' does not fit"),
    "price per another unit": (COAL, "unit: CNY/kg", "unit: CNY/head", "CNY/head", "write CNY/t"),
    "scaled product unit": (COAL, "unit: t\n", "unit: 1e4 t\n", "1e4 t", "products are counted in unscaled units"),
    "volume in another unit": (COAL, "unit: 1e4 t/yr", "unit: 1e4 t", "1e4 t,", "does not fit 'raw_coal'"),
    "share above one": (COAL, "{value: 0.8,", "{value: 1.4,", "1.4", "= 1.4 share is above 1; give a share between 0 and 1"),
    "range beyond bounds": (COAL, "range: [0.6, 1.0]", "range: [0.6, 1.2]", "1.2", "= 1.2 share is above 1"),
    "value outside its range": (COAL, "{value: 0.8,", "{value: 0.5,", "utilisation:", "lies outside its range"),
    "text for a number": (COAL, "{value: 0.8,", "{value: '0.8',", "'0.8'", "write a number without quotes"),
    "percentage for a number": (COAL, "{value: 0.8,", "{value: 80%,", "80%", "put '%' into unit"),
    "number for a quantity": (COAL, "utilisation: {", "lag: 3\n    utilisation: {", "lag", "write a mapping with the keys unit"),
    "number for text": (COAL, "en: coal}", "en: 5}", "5}", "write text in quotes: '5'"),
    "unknown literal": (COAL, "industry: secondary", "industry: secundary", "secundary", "did you mean 'secondary'?"),
    "no range": (COAL, ", range: [0.3, 0.6], note: pit-head", ", note: pit-head", "price", "needs a range"),
    "no note": (COAL, ", note: pit-head price", "", "price", "needs a note"),
    "a comma in a note": (COAL, "note: pit-head price", "note: price, at the pit", "at the pit", "put the text before it"),
    "unknown county": (COAL, "{kongtong: 0.4", "{kongtnog: 0.4", "kongtnog", "unknown county 'kongtnog'"),
    "unknown anchor county": (COAL, "county: huating", "county: huatign", "huatign", "did you mean 'huating'?"),
    "an anchor of share 0 that nothing builds": (COAL, "{value: 0.5, unit: share, source: assumption, kind: assumed, range: [0.3, 0.6]", "{value: 0, unit: share, source: assumption, kind: assumed, range: [0, 0.6]", "0", "name the project that builds it"),
    "unknown project of an anchor": (COAL, "        county: huating", "        county: huating\n        project: power_subsidi", "power_subsidi", "unknown policy 'power_subsidi'; did you mean 'power_subsidy'?"),
    "missing source of a named firm": (COAL, "share: {value: 0.5, unit: share, source: assumption", "share: {value: 0.5, unit: share, source: asumption", "asumption", "did you mean 'assumption'?"),
    "shares that do not add up": (COAL, "{kongtong: 0.4", "{kongtong: 0.3", "values", "add up to 0.9; they must add up to 1"),
    "missing source": (COAL, "source: assumption", "source: asumption", "asumption", "did you mean 'assumption'?"),
    "a product nobody makes": (COAL, "product: raw_coal", "product: electricity", "raw_coal:", "a product nobody makes"),
    "unknown product in a recipe": (COAL, "raw_coal: {value: 0.5", "raw_cola: {value: 0.5", "raw_cola", "did you mean 'raw_coal'?"),
    "critical input not in the recipe": (COAL, "critical: [raw_coal]", "critical: [public_service]", "public_service", "not in the recipe"),
    "unknown sector": (COAL, "sector: G12", "sector: G13", "G13", "unknown sector 'G13'"),
    "unknown census industry": (COAL, "census: utilities", "census: utility", "utility", "did you mean 'utilities'?"),
    "unknown driver": (COAL, "outside_price: coal_price", "outside_price: coalprice", "coalprice", "did you mean 'coal_price'?"),
    "recipe and value added above one": (COAL, "raw_coal: {value: 0.5,", "raw_coal: {value: 0.61,", "recipe", "it must stay within 1"),
    "important input not in the recipe": (COAL, "critical: [raw_coal]", "important: [public_service]", "public_service", "important input 'public_service' is not in the recipe"),
    "an input critical and important": (COAL, "critical: [raw_coal]", "critical: [raw_coal]\n    important: [raw_coal]", "raw_coal]", "critical as well as important"),
    "unknown important input": (COAL, "critical: [raw_coal]", "important: [raw_cola]", "raw_cola", "did you mean 'raw_coal'?"),
    "a recipe without value added": (COAL, "electricity: {value: 5, unit: \"%\", source: assumption, kind: assumed, range: [3, 8]", "electricity: {value: 55, unit: \"%\", source: assumption, kind: assumed, range: [3, 80]", "recipe", "recipe 0.55 + value added of sector G02 0.5 = 1.05 of output at base prices"),
    "a recipe of more than output": (COAL, "raw_coal: {value: 0.5, unit: CNY/CNY, source: assumption, kind: assumed, range: [0.4, 0.62]", "electricity: {value: 0.4, unit: CNY/CNY, source: assumption, kind: measured}\n      raw_coal: {value: 0.65, unit: CNY/CNY, source: assumption, kind: assumed, range: [0.4, 0.7]", "recipe", "leaves -0.05 of value added at base prices"),
    "a distance of nothing": ("counties.yaml", "      jingning: 50\n", "      jingning: 0\n", "jingning: 0", "it must be above 0 km"),
    "a shock of a measure's name": ("shocks.yaml", "  mine_closes:", "  power_subsidy:", "power_subsidy", "is a measure in policies.yaml"),
    "a hazard of another lever": ("shocks.yaml", "    section: shock", "    section: shock\n    hazard: frost", "frost", "hazard belongs to lever weather"),
    "an unknown hazard": ("shocks.yaml", "    lever: closure", "    lever: weather\n    hazard: frist", "frist", "unknown hazard 'frist'; known:"),
    "unknown firm in a shock": ("shocks.yaml", "anchor: Huating Coal}", "anchor: Huating Cola}", "Huating Cola", "did you mean 'Huating Coal'?"),
    "unknown firm in a policy": ("policies.yaml", "target: {chain: coal", "target: {anchor: Huating Coals, chain: coal", "Huating Coals", "did you mean 'Huating Coal'?"),
    "unknown product in a policy": ("policies.yaml", "target: {chain: coal", "target: {product: raw_cola, chain: coal", "raw_cola", "did you mean 'raw_coal'?"),
    "a plant that opens before it is begun": ("policies.yaml", "    start: 2022-01", "    start: 2022-01\n    opens: 2021-06", "2021-06", "must lie between start 2022-01 and end 2024-12"),
    "opening of what is no plant": ("policies.yaml", "    start: 2022-01", "    start: 2022-01\n    opens: 2022-06", "2022-06", "belongs to lever capacity, not to investment_subsidy"),
    "a way to nowhere": ("policies.yaml", "counties: [huating]}", "counties: [huating], to: [xiann]}", "xiann", "unknown place 'xiann'; did you mean 'xian'?"),
    "a way of another lever": ("policies.yaml", "counties: [huating]}", "counties: [huating], to: [xian]}", "to", "'to' belongs to lever transport"),
    "a gate without distances": ("counties.yaml", "    xian: 1\n", "    baoji: 1\n", "baoji", "no distance to 'baoji' in every row of distances"),
    "a share of no project": (COAL, "        county: huating", "        county: huating\n        project_share: {value: 1, unit: share, source: assumption, kind: measured}", "project_share", "project_share needs a project"),
    "shares of a project that do not add up": (COAL, "        county: huating", "        county: huating\n        project: power_subsidy\n        project_share: {value: 0.7, unit: share, source: assumption, kind: measured}", "project_share", "add up to 0.7; they must add up to 1"),
    "freight in another unit": (COAL, "    storable: no", "    storable: no\n    freight: {value: 0.5, unit: CNY/t/km, source: assumption, kind: measured}", "CNY/t/km", "write CNY/kWh/km, or give the product its mass"),
    "a cycle without lag": (COAL, "    critical: [raw_coal]\n", OWN_POWER, "critical", "a cycle without lag: power_generation needs power_generation"),
    "a name used twice": ("chains/rest.yaml", "  public_services:", "  coal_mining:", "coal_mining", "also stands in chains/coal.yaml"),
    "remainders that do not add up": ("chains/rest.yaml", "remainder_share: 1.0", "remainder_share: 0.7", "0.7", "adds up to 0.7"),
    "a chain in the wrong file": ("chains/rest.yaml", "chain: rest", "chain: rset", "rset", "name the file after the chain"),
    "duplicate key": (COAL, "census: mining", "census: mining\n    census: mining", "census", "duplicate key 'census'"),
    "tag": (COAL, "colour: \"", "colour: !!str \"", "!!str", "the tag !!str is refused"),
    "sector nobody serves": (COAL, "sectors: [G02]", "sectors: []", "G02", "no product serves sector G02"),
    "unknown sector in a table": ("technology.yaml", "values: {G02", "values: {G03", "G03", "unknown sector 'G03'"),
    "unknown chain in a policy": ("policies.yaml", "chain: coal", "chain: cola", "cola", "did you mean 'coal'?"),
    "unknown stage in a policy": ("policies.yaml", "[power_generation]", "[power]", "power]", "unknown stage 'power'"),
    "policy that ends before it starts": ("policies.yaml", "end: 2024-12", "end: 2020-12", "2020-12", "lies before start"),
    "unknown policy in the plan": ("plan.yaml", "policy: power_subsidy", "policy: power_subsidies", "power_subsidies", "did you mean"),
    "an index that is not 1 in 2020": ("drivers.yaml", "2020: 1.0", "2020: 1.1", "values", "the mean of 2020 is 1.1"),
    "a trend without growth": ("drivers.yaml", "after: hold", "after: trend", "trend", "after: trend needs trend"),
    "unknown census industry in a table": ("population.yaml", "    utilities: 50000", "    utility: 50000", "utility", "did you mean 'utilities'?"),
    "an unknown county in the census": ("population.yaml", "    huating:", "    huatign:", "huatign", "unknown county 'huatign'"),
    "month that is none": ("policies.yaml", "start: 2022-01", "start: 2022", "2022", "write text in quotes: '2022'"),
    "unknown policy in an experiment": ("experiment.yaml", "[power_subsidy]", "[power_subsidi]", "power_subsidi", "did you mean"),
    "unknown path in an experiment": ("experiment.yaml", "mining.utilisation", "mining.utilization", "chains.coal", "did you mean 'utilisation'?"),
    "value out of range in an experiment": ("experiment.yaml", "utilisation: 0.9", "utilisation: 0.5", "chains.coal", "lies outside its range"),
    "unknown form": ("experiment.yaml", "extends: baseline", "extends: baseline\n    forms: {criticality: half_crit}", "half_crit", "did you mean 'half_critical'?"),
    "unknown kind of form": ("experiment.yaml", "extends: baseline", "extends: baseline\n    forms: {critical: linear}", "critical", "did you mean 'criticality'?"),
    "unknown form in the parameters": ("parameters.yaml", "criticality: leontief", "criticality: leontieff", "leontieff", "did you mean 'leontief'?"),
    "unknown parent": ("experiment.yaml", "extends: baseline", "extends: base", "base", "extends unknown scenario"),
    "an experiment that ends first": ("experiment.yaml", "end: 2022-12", "end: 2020-12", "2020-12", "is not after start"),
    "no thirteenth month": ("experiment.yaml", "end: 2022-12", "end: 2022-13", "2022-13", "has no month 13"),
    "a scale too small": ("experiment.yaml", "scale: 0.01", "scale: 0", "0", "it must be at least 0.001"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_located_and_mended(case: str, broken: Broken, folder: Path) -> None:
    file, old, new, under, message = CASES[case]
    problems = broken(file, old, new)
    found = [problem for problem in problems if message in problem.message]
    assert found, "\n".join(map(str, problems))
    problem = found[0]
    home = folder / ("technology.yaml" if case == "sector nobody serves" else file)
    assert problem.path == home.as_posix()
    line = home.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith(under.split(",")[0].rstrip(":}]"))
    assert "^" in str(problem)


def test_all_errors_of_all_files_show_at_once_and_in_order(folder: Path) -> None:
    changes = {
        COAL: [
            ("census: mining", "cenus: mining"),
            ("unit: CNY/kWh", "unit: CNY/kw"),
            ("{value: 0.8,", "{value: 1.4,"),
        ],
        "policies.yaml": [("chain: coal", "chain: cola")],
        "drivers.yaml": [("after: hold", "after: stay")],
    }
    for file, edits in changes.items():
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in edits:
            text = text.replace(old, new, 1)
        (folder / file).write_text(text, encoding="utf-8")
    (folder / "plan.yaml").unlink()
    with pytest.raises(ConfigError) as caught:
        load(folder)
    problems = caught.value.problems
    assert len({problem.path for problem in problems}) == 4
    assert [(p.path, p.line, p.column) for p in problems] == sorted((p.path, p.line, p.column) for p in problems)
    text = str(caught.value)
    for piece in ("cenus", "CNY/kw", "= 1.4 share is above 1", "'cola'", "'stay'", "plan.yaml: is missing"):
        assert piece in text
    assert text.endswith("errors in 4 files")


def test_a_unit_error_does_not_hide_an_unknown_key_beside_it(broken: Broken) -> None:
    problems = broken(COAL, "{value: 0.8, unit: share,", "{value: 1.8, unit: share, sauce: x,")
    assert any("unknown key 'sauce'; did you mean 'source'?" in problem.message for problem in problems)
    assert any("= 1.8 share is above 1" in problem.message for problem in problems)


def test_all_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    missing = [Path(problem.path).name for problem in caught.value.problems]
    assert {"chains", "sources", "technology.yaml", "plan.yaml", "parameters.yaml"} <= set(missing)


def test_capacity_that_comes_from_itself_is_refused(broken: Broken) -> None:
    ratio = "{value: 1, unit: t/t, source: assumption, kind: assumed, range: [1, 1], note: for the tests}"
    problems = broken(
        COAL, "    utilisation: {", f"    capacity_from: {{stage: coal_mining, ratio: {ratio}}}\n    utilisation: {{"
    )
    assert any("capacity_from runs in a circle" in problem.message for problem in problems)


def test_a_lag_breaks_a_cycle(folder: Path) -> None:
    path = folder / COAL
    lag = "lag: {value: 1, unit: month, source: assumption, kind: assumed, range: [1, 2], note: for the tests}"
    text = path.read_text(encoding="utf-8").replace("    critical: [raw_coal]\n", f"{OWN_POWER}    {lag}\n")
    path.write_text(text, encoding="utf-8")
    assert load(folder).chains["coal"].stages["power_generation"].lag is not None


SOURCELESS = [
    (
        "    storable: no\n",
        "    storable: no\n    import_share: {value: 0, unit: share, source: assumption, kind: measured}\n",
    ),
    (
        "{value: 120, unit: 1e8 kWh/yr, source: assumption, kind: assumed, range: [90, 150]",
        "{value: 0, unit: 1e8 kWh/yr, source: assumption, kind: assumed, range: [0, 150]",
    ),
]


def test_an_input_nobody_makes_and_nobody_can_buy_is_refused(folder: Path) -> None:
    path = folder / COAL
    text = path.read_text(encoding="utf-8")
    for old, new in SOURCELESS:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(folder)
    (problem,) = caught.value.problems
    assert "no stage made 'electricity' in 2020 and it cannot come from outside" in problem.message
    assert text.splitlines()[problem.line - 1][problem.column - 1 :].startswith("electricity: {value: 5")


def test_one_direction_of_a_distance_is_enough_and_both_must_agree(folder: Path) -> None:
    path = folder / "counties.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = data["distances"]["values"]
    del rows["kongtong"]["jingning"]
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    assert load(folder).counties.distances.values["jingning"]["kongtong"] == 50
    del rows["jingning"]["kongtong"]
    rows["huating"]["lingtai"] = 80
    rows["chongxin"]["zhuanglang"] = 0
    rows["kongtong"]["lanzhou"] = 262.6
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(folder)
    said = [problem.message for problem in caught.value.problems]
    assert len(said) == 3 + 6
    for piece in (
        "no distance between kongtong and jingning",
        "lingtai to huating is 50 km and back 80",
        "from chongxin to zhuanglang is 0",
        "no distance from huating to lanzhou",
    ):
        assert any(piece in message for message in said), piece


def test_all_problems_of_supply_show_at_once(folder: Path) -> None:
    path = folder / COAL
    text = path.read_text(encoding="utf-8")
    for old, new in [*SOURCELESS, ("range: [3, 8]", "range: [3, 80]"), ("{value: 5,", "{value: 55,")]:
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    counties = folder / "counties.yaml"
    counties.write_text(
        counties.read_text(encoding="utf-8").replace("jingning: 50", "jingning: 0", 1), encoding="utf-8"
    )
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert len(caught.value.problems) == 3
    assert {Path(problem.path).name for problem in caught.value.problems} == {"coal.yaml", "counties.yaml"}


def test_a_stock_breaks_a_cycle(broken: Broken) -> None:
    assert broken(COAL, "    utilisation: {", "    critical: [electricity]\n    utilisation: {") == []


def test_one_source_key_may_not_mean_two_things(folder: Path) -> None:
    (folder / "sources" / "other.yaml").write_text("sources:\n  assumption: {title: another}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="also stands in sources/common"):
        load(folder)


def test_scenarios_may_not_extend_each_other(broken: Broken) -> None:
    third = "extends: third\n  - name: third\n    label: {zh: 三, en: third}\n    extends: subsidy"
    problems = broken("experiment.yaml", "extends: baseline", third)
    assert any("extends runs in a circle: subsidy, third" in problem.message for problem in problems)


def test_a_chain_file_loads_by_itself(folder: Path) -> None:
    assert load_chain(folder / COAL).chain == "coal"
    (folder / COAL).write_text("chain: coal\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="'stages' is missing"):
        load_chain(folder / COAL)


def test_loading_twice_gives_the_same_object_until_a_file_changes(folder: Path) -> None:
    first = load(folder)
    assert load(folder) is first
    path = folder / COAL
    path.write_text(path.read_text(encoding="utf-8").replace("{value: 0.8,", "{value: 0.75,"), encoding="utf-8")
    assert load(folder).chains["coal"].stages["coal_mining"].utilisation.value == 0.75  # type: ignore[union-attr]


def test_settings_of_a_scenario_are_checked_together(broken: Broken) -> None:
    stage = "chains.coal.stages.power_generation"
    both = f"set: {{{stage}.value_added_share: 0.5, {stage}.recipe.raw_coal: 0.58, chains.coal"
    problems = broken("experiment.yaml", "set: {chains.coal", both)
    assert any("these values do not go together" in problem.message for problem in problems)
