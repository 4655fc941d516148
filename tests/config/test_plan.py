"""The plan's figures and the policies that stand for its measures: complete, honest, and in the right units."""

import re

import pytest

from pingliang.agents.policies import LEVERS
from pingliang.analysis.words import INDICATORS
from pingliang.config.loader import ROOT, Config, load, load_experiment
from pingliang.config.schema import PlanItem, Policy, Quantity
from pingliang.config.units import same_dimension, unit_factor

OUTPUT = {
    "coal": 550, "cattle": 230, "apple": 290, "vegetable": 35, "medicine": 13, "materials": 80, "manufacturing": 80,
}  # fmt: skip
VALUE_ADDED = {
    "coal": 300, "cattle": 120, "apple": 150, "vegetable": 18, "medicine": 8, "materials": 30, "manufacturing": 30,
    "tourism": 80, "ecology": 70,
}  # fmt: skip
PHYSICAL = {
    "cattle_raised": 103e4, "apple_output": 280e4, "vegetable_area": 40e4, "facility_area": 5e4,
    "vegetable_output": 90e4, "herb_area": 10e4,
}  # fmt: skip
WORKS = {
    "village_roads": 2809, "township_roads": 500, "bridges": 41, "road_safety": 1594, "old_communities": 104,
    "back_streets": 70, "5g_stations": 3000, "villages_with_roads": 1965,
}  # fmt: skip
UNITS = {
    "guarantee": "share", "start_up": "share", "sent_work": "share",
    "orchard_renewal": "share", "breeding_cows": "head", "greenhouse_area": "mu", "herb_area": "mu", "demand": "share",
    "transport": "share", "premium": "share", "productivity": "share", "construction": "CNY/yr",
    "training": "person/yr", "housing": "flat", "services": "share", "permit": "share", "conversion": "share",
    "crop_insurance": "share", "price_insurance": "share", "land_transfer": "share",
}  # fmt: skip


@pytest.fixture(scope="module")
def config() -> Config:
    return load()


def targets(config: Config, indicator: str) -> dict[str, PlanItem]:
    found = [item for item in config.plan.items.values() if item.kind == "target" and item.indicator == indicator]
    return {item.chain or "": item for item in found}


def months(policy: Policy) -> int:
    start, end = ([int(part) for part in text.split("-")] for text in (policy.start, policy.end or policy.start))
    return 12 * (end[0] - start[0]) + end[1] - start[1] + 1


def amount(item: PlanItem) -> float:
    return float(item.value or 0.0) * unit_factor(item.unit or "count")


@pytest.mark.parametrize(("indicator", "wanted"), [("plan_output", OUTPUT), ("plan_value_added", VALUE_ADDED)])
def test_chain_targets_are_the_plans(config: Config, indicator: str, wanted: dict[str, float]) -> None:
    found = targets(config, indicator)
    assert {chain: item.value for chain, item in found.items()} == wanted
    assert {(item.unit, item.year) for item in found.values()} == {("1e8 CNY", 2026)}


def test_value_added_targets_add_up_to_806(config: Config) -> None:
    assert sum(item.value or 0 for item in targets(config, "plan_value_added").values()) == 806


def test_physical_targets(config: Config) -> None:
    for indicator, wanted in PHYSICAL.items():
        (item,) = targets(config, indicator).values()
        assert amount(item) == pytest.approx(wanted)
        assert item.year == 2026


def test_urbanisation_targets(config: Config) -> None:
    found = [item for item in config.plan.items.values() if item.indicator == "urbanisation_rate"]
    assert {(item.kind, item.year, item.value) for item in found} == {
        ("baseline", 2020, 44.77), ("target", 2025, 55), ("target", 2035, 70),
    }  # fmt: skip


def test_works_are_counted_as_written(config: Config) -> None:
    assert {key: config.plan.items[key].value for key in WORKS} == WORKS


def test_every_box_is_covered(config: Config) -> None:
    sections = " ".join(item.section for item in config.plan.items.values())
    for box in range(1, 12):
        assert f"专栏{box}." in sections, box


def test_status_only_where_there_is_something_to_do(config: Config) -> None:
    for key, item in config.plan.items.items():
        assert (item.status is not None) == (item.kind in {"project", "measure"}), key
        if item.status is None:
            assert item.policy is None, key


def test_status_says_what_the_policy_does(config: Config) -> None:
    policies = config.policies.policies
    for key, item in config.plan.items.items():
        if item.status == "not modelled":
            assert item.why, key
            assert item.policy is None, key
        elif item.status is not None:
            assert item.policy is not None, key
            works = policies[item.policy].lever == "construction"
            assert works == (item.status == "construction"), key


def test_every_policy_answers_to_the_text(config: Config) -> None:
    items = config.plan.items.values()
    told = " ".join(item.why or "" for item in items)
    named = {item.policy for item in items} | set(re.findall(r"policy (\w+)", told))
    assert set(config.policies.policies) <= named
    sections = {item.section for item in items}
    for key, policy in config.policies.policies.items():
        assert any(section.startswith(policy.section) for section in sections), key


def test_units_follow_the_lever(config: Config) -> None:
    products = {name: product for chain in config.chains.values() for name, product in chain.products.items()}
    stages = {name: stage for chain in config.chains.values() for name, stage in chain.stages.items()}
    for key, policy in config.policies.policies.items():
        assert policy.lever in LEVERS, key
        if policy.lever != "capacity":
            assert same_dimension(policy.intensity.unit, UNITS[policy.lever]), key
            continue
        assert policy.target.stages, key
        for name in policy.target.stages:
            assert stages[name].agent == "firm", (key, name)
            assert same_dimension(policy.intensity.unit, products[stages[name].product].unit + "/yr"), (key, name)


def test_stages_belong_to_the_chain_named(config: Config) -> None:
    for key, policy in config.policies.policies.items():
        # picking on orchards is rural tourism to visitors but belongs to the apple chain
        if policy.target.chain and key != "rural_tourism":
            assert set(policy.target.stages) <= set(config.chains[policy.target.chain].stages), key


def test_works_cost_what_they_build(config: Config) -> None:
    for key, policy in config.policies.policies.items():
        if policy.lever == "construction":
            assert policy.cost is not None
            assert policy.cost.amount == pytest.approx(policy.intensity.amount * months(policy) / 12, rel=0.02), key


def test_plants_have_a_cost_and_a_time(config: Config) -> None:
    for key, policy in config.policies.policies.items():
        assert "2021-01" <= policy.start <= (policy.end or policy.start) <= "2035-12", key
        assert policy.indicator in INDICATORS or policy.indicator == "exports", key
        if policy.lever == "capacity":
            assert policy.cost is not None, key
            assert policy.cost.amount > 0, key


def test_every_number_is_explained(config: Config) -> None:
    for key, policy in config.policies.policies.items():
        for number in (policy.intensity, policy.cost, policy.recurrent_cost):
            if isinstance(number, Quantity):
                assert number.note, key
                assert number.range is not None, key
                assert number.range[0] < number.range[1], key


def test_plan_as_written_uses_every_policy_and_the_baseline_none(config: Config) -> None:
    experiment = load_experiment(ROOT / "experiments" / "plan-2026.yaml", config)
    policies = {scenario.name: [use.policy for use in scenario.policies] for scenario in experiment.scenarios}
    assert policies["baseline"] == []
    assert sorted(policies["plan_as_written"]) == sorted(config.policies.policies)
