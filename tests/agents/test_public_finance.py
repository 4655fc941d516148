"""Programmes are paid as far as there is money, bonds are owed and served, and what is cut is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.config.schema import Policy, PolicyTarget, Quantity

from .built import build, run, series

NAME = {"zh": "试验", "en": "probe"}


def quantity(value: float, unit: str) -> Quantity:
    top = max(value, 1.0) * 10
    return Quantity(value=value, unit=unit, source="assumption", kind="assumed", range=(0, top), note="a probe")


def works(payer: str, yearly: float, **more) -> Policy:
    return Policy(
        name=NAME, section="probe", lever="construction", target=PolicyTarget(**more.pop("target", {})),
        start="2021-01", end="2022-12", intensity=quantity(yearly, "CNY/yr"), payer=payer, indicator="output",
        direction="up", **more,
    )  # fmt: skip


def with_rules(config, **rules):
    """The configuration with other numbers for governments."""
    government = config.parameters.government
    changed = {name: getattr(government, name).model_copy(update={"value": value}) for name, value in rules.items()}
    parameters = config.parameters.model_copy(update={"government": government.model_copy(update=changed)})
    return replace(config, parameters=parameters)


def spent(model, payer: str) -> float:
    rows = series(model)
    return float(rows[rows.variable == f"cost_{payer}"].value.sum())


def test_works_are_paid_by_bonds_up_to_the_quota_and_debt_is_served(config):
    yearly = 12e8
    model = run(build(config, {"probe": works("city", yearly)}), 12)
    rules = config.parameters.government
    assert rules.bond_quota.amount > yearly
    assert spent(model, "city") == pytest.approx(yearly)
    assert not any(name.startswith("cut_") for name in series(model).variable.unique())
    month, months = yearly / 12, 12 * rules.bond_years.amount
    # every month's bond is paid back evenly from the month it is issued on
    assert model.city.debt == pytest.approx(12 * month - sum(range(1, 13)) * month / months, rel=1e-9)
    flows = model.city.account.flows
    before = model.city.debt - flows["bond repayment"]
    assert flows["bond interest"] == pytest.approx(-rules.bond_rate.amount / 12 * before)


def test_what_cannot_be_paid_is_cut_in_proportion_and_said(config):
    poor = with_rules(config, bond_quota=0.0)
    first, second = works("city", 60e8), works("city", 30e8)
    model = run(build(poor, {"first": first, "second": second}), 12)
    rows = series(model)
    cut = {name: float(rows[rows.variable == f"cut_{name}"].value.sum()) for name in ("first", "second")}
    assert cut["first"] == pytest.approx(2 * cut["second"])
    assert cut["first"] > 0
    assert spent(model, "city") + sum(cut.values()) == pytest.approx(90e8)
    assert model.city.account.cash >= -1e-3
    assert model.city.debt == 0


def test_a_county_keeps_its_reserve_and_pays_for_no_other(config):
    poor = with_rules(config, bond_quota=0.0, programme_reserve=3.0)
    asked = works("county", 40e8, target={"counties": ["jingning"]})
    plain, model = run(build(poor), 6), run(build(poor, {"probe": asked}), 6)
    code = model.index.county_code("jingning")
    rows = series(model)
    paid = rows[rows.variable == "cost_county"].groupby("county").value.sum()
    assert paid["jingning"] < 20e8
    assert (paid.drop("jingning") == 0).all()
    usual = (plain.base_government + plain.base_works)[code]
    assert model.governments[code].account.cash < plain.governments[code].account.cash
    assert model.governments[code].account.cash > usual
    assert rows[rows.variable == "cut_probe"].value.sum() > 0


def test_half_the_money_brings_half_the_effect(config):
    """A programme with a cost does as much as is paid of it."""
    herbs = Policy(
        name=NAME, section="probe", lever="herb_area", start="2021-01", end="2021-06",
        intensity=quantity(6000, "mu"), cost=quantity(300e8, "CNY"), payer="city", indicator="herb_area",
        direction="up",
    )  # fmt: skip
    rich = with_rules(config, bond_quota=50.0)
    models = [run(build(rich, policies), 6) for policies in (None, {"probe": herbs})]
    part = spent(models[1], "city") / 300e8
    assert 0 < part < 0.5
    area = [float(model.farms.level[model.farms.part(model.farms.activity("herb"))].sum()) for model in models]
    assert area[1] - area[0] == pytest.approx(6000 * part, rel=0.05)


def test_what_higher_levels_pay_is_never_cut(config):
    model = run(build(with_rules(config, bond_quota=0.0), {"probe": works("upper", 200e8)}), 3)
    assert spent(model, "upper") == pytest.approx(200e8 / 4)
    assert not model.policies.finance.cut
    assert all(government.debt == 0 for government in model.all_governments)


def test_a_bond_nobody_owes_trips_the_audit(config):
    model = run(build(config, {"probe": works("city", 12e8)}), 2)
    model.city.debt += 1e6
    model.step()
    assert max(model.audit().values()) > 1e-9
    assert np.isfinite(model.city.debt)


@pytest.mark.parametrize(("key", "payer"), [("breeding_cow_support", "county"), ("apple_hail_nets", "county")])
def test_a_county_without_money_gets_nothing_and_the_others_all(config, key, payer):
    policy = config.interventions[key].model_copy(update={"start": "2021-01", "end": "2021-01", "payer": payer})
    model = build(with_rules(config, bond_quota=0.0), {"probe": policy})
    poor = list(model.index.counties).index("jingning")
    model.governments[poor].account.cash = 0.0  # the books of this month are not looked at
    farms, before = model.farms, model.farms.cows.copy()
    model.policies.apply()
    gained = (
        model.nets.area if key == "apple_hail_nets" else np.bincount(farms.county, farms.cows - before, minlength=7)
    )
    assert gained[poor] == 0
    assert (np.delete(gained, poor) > 0).sum() >= 4
    assert model.policies.finance.cut["probe"] > 0
