"""Insurers pay what they lose and farms get what they are owed; nets keep hail off where they hang."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pingliang.agents import farm_weather
from pingliang.agents.accounts import Accounts
from pingliang.config.schema import Policy

from .built import build, run, series, worst


@pytest.fixture
def hailed(monkeypatch):
    """Set the share of a crop lost to a hazard by (hazard, year), for all counties or for one."""

    def strike(losses):
        def drawn(name, hazard, counties, year, streams):
            return np.broadcast_to(losses.get((name, year), 0.0), len(counties)).astype(float)

        monkeypatch.setattr(farm_weather, "hazard_losses", drawn)

    return strike


def changed(config, key: str, **update) -> Policy:
    policy = config.interventions[key]
    intensity = policy.intensity.model_copy(update={"value": update.pop("value"), "range": None})
    dates = {"start": "2021-01", "end": "2021-01"}
    return policy.model_copy(update=dates | {"intensity": intensity} | update)


def flows(model, months: int) -> dict[str, np.ndarray]:
    """Run a model; sum what insurers took and paid by county, and what outside, farms and counties booked."""
    names = ("collected", "paid", "farm premiums", "indemnities", "outside premiums", "outside indemnities", "counties")
    total = dict.fromkeys(names, 0.0)
    for _ in range(months):
        model.step()
        assert worst(model) <= 1e-9
        outside, farms, book = model.outside.account.flows, model.farms, model.insurance
        counties = -sum(g.account.flows["premiums"] for g in model.governments)
        found = (
            book.collected.copy(), book.paid.copy(), farms.premiums.sum(), farms.indemnities.sum(),
            outside["premiums"], outside["indemnities"], counties,
        )  # fmt: skip
        total = {name: total[name] + value for name, value in zip(names, found, strict=True)}
    return total


def test_what_leaves_the_insurer_is_what_farms_get(config, hailed):
    struck = np.zeros(7)
    struck[2] = 0.4
    hailed({("frost", 2021): struck})
    model = build(config)
    Accounts(model)
    total = flows(model, 12)
    assert model.accounts.largest_error() <= 1e-9
    assert total["indemnities"] > 0
    assert -total["outside indemnities"] == pytest.approx(total["indemnities"], rel=1e-12)
    assert total["paid"].sum() == pytest.approx(total["indemnities"], rel=1e-12)
    assert np.flatnonzero(total["paid"]).tolist() == [2]
    rules = config.farming.insurance
    area = model.level_base[model.farms.activity("orchard")][2]
    insured = total["paid"][2] / (0.4 * rules.sum_insured.amount)  # mu
    assert insured == pytest.approx(rules.insured_share.amount * area, rel=0.35)  # a row a thousand farms


def test_premiums_are_shared_by_farms_county_and_above(config, hailed):
    hailed({})
    total, rules = flows(build(config), 12), config.farming.insurance
    whole = total["collected"].sum()
    assert total["indemnities"] == 0
    assert total["farm premiums"] == pytest.approx(rules.crop.farmer_share.amount * whole)
    assert total["counties"] == pytest.approx(rules.crop.county_share.amount * whole)
    assert total["outside premiums"] == pytest.approx(total["farm premiums"] + total["counties"])
    risk = rules.premium.amount * (1 - rules.service_share.amount)
    assert whole == pytest.approx(risk * rules.insured_share.amount * 147e4, rel=0.15)


def test_a_small_loss_is_not_paid(config, hailed):
    hailed({("frost", 2021): 0.9 * config.farming.insurance.threshold.amount})
    assert flows(build(config), 12)["indemnities"] == 0


def test_more_cover_pays_more_farms_and_orders_more_handling(config, hailed):
    hailed({("frost", 2021): 0.4})
    plain, covered = build(config), build(config, {"cover": changed(config, "apple_crop_insurance", value=0.3)})
    few, many = flows(plain, 12), flows(covered, 12)
    share = config.farming.insurance.insured_share.amount
    assert many["indemnities"] == pytest.approx((share + 0.3) / share * few["indemnities"], rel=0.25)
    assert many["counties"] > few["counties"]
    few_handled, handled = (
        series(model).query("variable == 'output' and stage == 'apple_insuring'").value.sum()
        for model in (plain, covered)
    )
    assert handled > 1.1 * few_handled
    rows = series(covered)
    borne = rows[rows.variable.isin(["cost_county", "cost_upper"])].value.sum()
    added = 0.8 * (many["collected"].sum() - few["collected"].sum())
    assert borne == pytest.approx(added, rel=0.1)  # shares of rows are not shares of area


def test_a_price_that_falls_is_paid_by_futures_and_one_that_rises_is_not(config, hailed):
    hailed({})
    cover = changed(config, "apple_price_insurance", value=0.5)
    fall = config.shocks.policies["beef_price_falls"].model_copy(
        update={
            "target": config.shocks.policies["beef_price_falls"].target.model_copy(
                update={"chain": "apple", "stages": ["apple_orchard"]}
            ),
            "start": "2021-08", "end": "2021-08", "cost": None,
        }
    )  # fmt: skip
    plain, none = flows(build(config), 12), flows(build(config, {"cover": cover}), 12)
    some = flows(build(config, {"cover": cover, "fall": fall}), 12)
    assert none["indemnities"] == 0
    rules, premium = config.farming.insurance, (none["collected"] - plain["collected"]).sum()
    assert none["outside premiums"] - plain["outside premiums"] == pytest.approx(
        (rules.price.farmer_share.amount + rules.price.county_share.amount) * premium
    )
    insured = premium / rules.price_premium.amount  # CNY, at the price of June
    assert some["indemnities"] == pytest.approx(fall.intensity.amount * insured, rel=1e-9)
    assert insured == pytest.approx(0.5 * 162e4 * 4500 * 1.262, rel=0.4)  # a row a thousand farms


def test_nets_keep_hail_off_where_they_hang_and_owners_pay_for_them(config, hailed):
    hailed({("hail", 2021): 0.3})
    orchards = 64.64e4
    policy = changed(config, "apple_hail_nets", value=0.5 * orchards, start="2021-02", end="2021-02")
    target = policy.target.model_copy(update={"counties": ["jingning"]})
    plain, netted = build(config), build(config, {"nets": policy.model_copy(update={"target": target})})
    a, c = plain.farms.activity("orchard"), list(plain.index.counties).index("jingning")
    grants = 0.0
    for _ in range(10):
        for model in (plain, netted):
            model.step()
            assert worst(model) <= 1e-9
        grants += netted.farms.subsidy.sum()
    rules = config.farming.hail_net
    assert netted.nets.area[c] == pytest.approx(0.5 * orchards)
    assert netted.nets.area.sum() == pytest.approx(netted.nets.area[c])
    assert plain.weather[a, c] == pytest.approx(0.7)
    assert netted.weather[a, c] == pytest.approx(1 - 0.3 * (1 - 0.5 * rules.protection.amount), rel=0.01)
    np.testing.assert_allclose(np.delete(netted.weather[a], c), 0.7)
    assert grants == pytest.approx(rules.subsidy_share.amount * rules.cost.amount * 0.5 * orchards)


def test_worn_nets_are_renewed_only_where_the_fruit_they_save_is_worth_it(another):
    model = another()
    nets = model.nets
    nets.area[:] = 1000.0
    poor = model.nets.worth(model) < nets.rules.cost.amount / nets.rules.life.amount
    assert poor.all()  # hail takes 1.2 % of a county's crop in a mean year
    nets.wear(model)
    np.testing.assert_allclose(nets.area, 1000.0 * (1 - 1 / nets.rules.life.amount))
    model.gate_price = model.gate_price * 100
    before = model.farms.planned_investment.sum()
    nets.wear(model)
    np.testing.assert_allclose(nets.area, 1000.0 * (1 - 1 / nets.rules.life.amount))
    bill = model.farms.planned_investment.sum() - before
    assert bill == pytest.approx(nets.area.sum() / nets.rules.life.amount * nets.rules.cost.amount, rel=1e-9)


def test_premiums_and_payouts_stand_in_the_record(config, hailed):
    hailed({("frost", 2021): 0.5})
    rows = series(run(build(config), 12))
    premiums, payouts = (rows[rows.variable == name] for name in ("premiums", "indemnities"))
    assert set(premiums.month) == {202103}
    assert set(payouts.month) == {202111}
    assert payouts.value.sum() > premiums.value.sum() > 0


def test_counties_without_money_insure_no_more_than_usual_and_put_up_no_nets(config, hailed):
    hailed({})
    reserve = config.parameters.government.programme_reserve.model_copy(update={"value": 1e6, "range": None})
    quota = config.parameters.government.bond_quota.model_copy(update={"value": 0.0, "range": None})
    government = config.parameters.government.model_copy(update={"programme_reserve": reserve, "bond_quota": quota})
    poor = replace(config, parameters=config.parameters.model_copy(update={"government": government}))
    cover = changed(config, "apple_crop_insurance", value=0.4)
    nets = changed(config, "apple_hail_nets", value=10000.0, start="2021-02", end="2021-02", payer="county")
    rich, without = (build(of, {"cover": cover, "nets": nets}) for of in (config, poor))
    for model in (rich, without):
        for _ in range(6):
            model.step()
            assert worst(model) <= 1e-9
    np.testing.assert_allclose(without.insurance.crop.share, without.insurance.crop.usual)
    assert (rich.insurance.crop.share > 1.5 * without.insurance.crop.share).all()
    assert rich.nets.area.sum() == pytest.approx(10000.0)
    assert without.nets.area.sum() == 0
    cut = series(without)
    assert {"cut_cover", "cut_nets"} <= set(cut.variable)
    assert not {"cut_cover", "cut_nets"} & set(series(rich).variable)
