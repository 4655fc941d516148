"""A failure reaches those who trade with who failed, and stops less where inputs can stand in for each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.agents.model import IndustryChainModel
from pingliang.agents.structure import close_failed_firms
from pingliang.agents.supply import FIRM
from pingliang.config.schema import Forms, Name, Policies, Policy, PolicyTarget, Quantity, Scenario

from .built import base_of, total


def linked_sellers(model, row: int) -> set[int]:
    """Seller codes that a firm buys from, itself, and who its customers could turn to: the makers of its product.

    Who buys a small input in a county market buys from all its makers.
    """
    supply = model.supply
    links, slots = supply.trade.links, supply.trade.slots
    buys = (slots.kind == FIRM) & (slots.buyer == row)
    by_name = links.seller[buys[links.slot]]
    makers = np.flatnonzero(np.isin(supply.seller_product, slots.product[buys & (links.pooled > 0)]))
    rivals = np.flatnonzero(supply.seller_product == model.firms.product[row])
    return {*by_name.tolist(), *makers.tolist(), *rivals.tolist(), supply.gates + row}


def customers(model, row: int) -> np.ndarray:
    links = model.supply.trade.links
    mine = (links.seller == model.supply.gates + row) & (links.share > 0)
    return np.unique(links.slot[mine & (model.supply.trade.slots.kind[links.slot] == FIRM)])


def busiest_without_hands(model) -> int:
    """Row of the firm with most customers among those nobody works for, so that no one is laid off into the market."""
    stage = model.index.stage_code("repair_service") if "repair_service" in model.index.stages else -1
    rows = np.flatnonzero((model.firms.rows == 0) & (model.firms.rows_wanted == 0) & (model.firms.stage != stage))
    return int(max(rows, key=lambda row: len(customers(model, row))))


@pytest.fixture
def failure(another):
    """Step the same month without and with the failure of a firm; give both models and its row."""
    plain, struck = another(), another()
    row = busiest_without_hands(plain)
    failed = np.zeros(len(plain.firms.price), dtype=bool)
    failed[row] = True
    close_failed_firms(struck, failed)
    plain.step()
    struck.step()
    return plain, struck, row


def test_in_its_month_a_failure_touches_only_who_trades_with_the_firm_or_its_rivals(failure, six_months):
    plain, struck, row = failure
    asked = np.flatnonzero(plain.trade.ordered != struck.trade.ordered[: len(plain.trade.ordered)])
    assert set(asked.tolist()) <= linked_sellers(six_months, row)
    assert len(asked) > 1
    # a buyer gets something else only where one of its sellers, before or after, served another part of its orders
    near = np.zeros(len(plain.trade.orders), dtype=bool)
    served = [np.where(asked > 0, got / np.maximum(asked, 1e-300), 1.0)[: len(plain.trade.ordered)]
              for asked, got in ((model.trade.ordered, model.trade.sold) for model in (plain, struck))]  # fmt: skip
    other = np.flatnonzero(served[0] != served[1])
    for model in (plain, struck):
        supply = model.supply
        links = supply.trade.links
        near[links.slot[np.isin(links.seller, [*other, supply.gates + row])]] = True
        near |= (links.pooled > 0) & np.isin(links.product, supply.seller_product[[*other, supply.gates + row]])
    slots = plain.supply.trade.slots
    near |= np.isin(slots.product, slots.product[near & (plain.trade.unmet + plain.trade.late > 0)])
    near |= (slots.kind == FIRM) & (slots.buyer == row)
    changed = ~np.isclose(plain.trade.quantity, struck.trade.quantity, rtol=1e-12, atol=0.0)
    assert changed.any()
    assert not (changed & ~near).any()
    assert near.mean() < 0.5


def test_customers_of_a_failed_firm_have_other_suppliers_and_it_has_none_left(failure, six_months):
    _, struck, row = failure
    left = customers(six_months, row)
    assert len(left) > 0
    links = struck.supply.trade.links
    assert links.share[links.seller == struck.supply.gates + row].sum() == 0
    assert struck.supply.local.pull[struck.supply.gates + row] == 0
    served = np.bincount(links.slot, links.share, minlength=len(links.outside)) + links.pooled + links.outside
    np.testing.assert_allclose(served[left], 1.0, atol=1e-9)


def no_cement(config, form: str) -> list[float]:
    """City output at prices of 2020 by month, without and with cement withheld from construction in June-August."""
    shock = Policy(
        name=Name(zh="试验", en="probe"), section="shock", lever="denial", factor="input",
        target=PolicyTarget(stages=["construction_work"], product="cement"), start="2021-06", end="2021-08",
        intensity=Quantity(value=1.0, unit="share", source="assumption", kind="assumed", range=(0, 1), note="a probe"),
        indicator="plan_output", direction="down",
    )  # fmt: skip
    world = replace(config, policies=Policies(policies={"no_cement": shock}))
    paths = []
    for names in ([], ["no_cement"]):
        scenario = Scenario(name="x", label=Name(zh="x", en="x"), policies=names, forms=Forms(criticality=form))
        model = IndustryChainModel(world, scenario, seed=1, scale=0.001, base=base_of(config))
        for _ in range(8):
            model.step()
        paths.append(total(model, "output_2020"))
    return ((paths[0] - paths[1]) / paths[0]).tolist()


def test_a_missing_input_costs_less_where_inputs_stand_in_for_each_other(config):
    leontief, linear = no_cement(config, "leontief"), no_cement(config, "linear")
    assert leontief[:5] == linear[:5] == [0.0] * 5
    assert leontief[7] > 0.05
    assert linear[7] < 0.2 * leontief[7]
