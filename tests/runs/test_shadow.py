"""What the record says one more unit of a binding factor is worth is what running the month again gives."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pingliang.agents.model import IndustryChainModel
from pingliang.chains.base import build_base
from pingliang.config.schema import Name, Policies, Policy, PolicyTarget, Quantity, Scenario
from pingliang.runs.shadow import check_shadow_values

STAGES = {
    "labour": ["cement_making", "beef_processing", "wholesale_retail_trade"],
    "finance": ["cement_making", "coal_mining", "beef_processing"],
    "water": ["thermal_power", "cement_making", "beef_processing"],
    "energy": ["thermal_power", "cement_making", "parts_making"],
    "permit": ["coal_mining", "parts_making", "beef_processing"],
    "capital": ["coal_mining", "parts_making", "beef_processing"],
}


@pytest.fixture(scope="module")
def base(config):
    return build_base(config)


def denial(factor: str) -> Policy:
    share = Quantity(value=0.5, unit="share", source="assumption", kind="assumed", range=(0.1, 1.0), note="a probe")
    return Policy(
        name=Name(zh="试验", en="probe"), section="shock", lever="denial", factor=factor,
        target=PolicyTarget(stages=STAGES[factor]), start="2021-01", end="2021-12", intensity=share,
        indicator="plan_output", direction="down",
    )  # fmt: skip


def checked(config, base, shocks, months):
    world = replace(config, policies=Policies(policies=shocks))
    scenario = Scenario(name="x", label=Name(zh="x", en="x"), policies=list(shocks))
    model = IndustryChainModel(world, scenario, seed=1, scale=0.001, base=base)
    for _ in range(months):
        model.step()
    return check_shadow_values(model)


@pytest.mark.parametrize("months", [pytest.param(2, marks=pytest.mark.slow), 5])
def test_top_causes_of_the_baseline_are_worth_what_is_recorded(config, base, months):
    found = checked(config, base, {}, months)
    assert len(found) >= 3
    for check in found:
        assert check.error < 0.05, check


QUICK = ("labour", "capital")


@pytest.mark.parametrize("factor", [pytest.param(f, marks=() if f in QUICK else pytest.mark.slow) for f in STAGES])
def test_a_factor_denied_is_worth_what_is_recorded(config, base, factor):
    found = checked(config, base, {"probe": denial(factor)}, 2)
    assert factor in {check.factor for check in found}
    for check in found:
        assert check.error < 0.05, check
        assert check.factor != factor or check.rerun > 0
