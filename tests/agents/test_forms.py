"""Every form of a rule changes what it is about, closes the books, and leaves alone what it is not about."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from pingliang.agents.model import IndustryChainModel
from pingliang.agents.supply import asked_of_sellers
from pingliang.config.factors import FORMS
from pingliang.config.schema import Forms, LedgerForm

from .built import base_of, run, scenario_of, series


def in_form(config, months: int, **forms) -> IndustryChainModel:
    scenario = scenario_of().model_copy(update={"forms": Forms(**forms)})
    return run(IndustryChainModel(config, scenario, seed=1, scale=0.001, base=base_of(config)), months)


def test_the_usual_forms_named_are_the_usual_model(config):
    usual = config.parameters.forms.model_dump()
    named, plain = in_form(config, 2, **usual), in_form(config, 2)
    assert named.recorder.table().equals(plain.recorder.table())
    assert {f"forms.{name}" for name in usual} == set(FORMS)


@pytest.mark.parametrize("path", sorted(set(FORMS) - {"forms.ledger", "forms.criticality"}))
def test_every_form_changes_what_is_made_and_the_books_close(config, path):
    name = path.partition(".")[2]
    usual = getattr(config.parameters.forms, name)
    (other,) = set(FORMS[path]) - {usual}
    first, second = (series(in_form(config, 6, **{name: form})) for form in (usual, other))
    made = [rows[rows.variable == "output_2020"].groupby("month").value.sum() for rows in (first, second)]
    assert not np.allclose(made[0], made[1], rtol=1e-6)


def test_by_size_alone_a_supplier_far_away_is_as_good_as_one_near(config):
    models = [in_form(config, 0, network=rule) for rule in ("gravity", "size")]
    hauls = []
    for model in models:
        supply = model.supply
        links = supply.trade.links
        flow = supply.trade.slots.base[links.slot] * links.share * model.base.price[links.product[links.slot]]
        legs = model.distance[links.county[links.slot], supply.seller_county[links.seller]]
        hauls.append(float((flow * legs).sum() / flow.sum()))
        asked = sum(asked_of_sellers(supply, market, market.slots.base) for market in (supply.trade, supply.final))
        np.testing.assert_allclose(asked, np.r_[model.gate_base, model.firms.smoothed], rtol=1e-6, atol=1e-9)
    assert hauls[1] > 1.1 * hauls[0]
    assert (models[1].supply.local.near == 1.0).all()


def test_who_knows_the_last_month_alone_follows_it_wholly(config):
    smoothed, latest = (in_form(config, 3, expectations=rule) for rule in ("smoothed", "latest"))
    for model, follows in ((smoothed, False), (latest, True)):
        firms = model.firms
        season = model.rules.orders[firms.stage, 2]
        usual = (season > 0.99) & (season < 1.01) & (firms.closing == 0) & (firms.opening == 0)
        assert np.allclose(firms.smoothed[usual], firms.ordered[usual], rtol=0.02) == follows


def test_the_rule_of_the_plan_ledger_changes_the_ledger_and_nothing_else(config):
    margin, turnover = (series(in_form(config, 12, ledger=rule)) for rule in get_args(LedgerForm))
    ledgers = ["plan_output", "ceiling_output"]
    for name in ledgers:
        counted = [rows[rows.variable == name].set_index("chain").value for rows in (margin, turnover)]
        assert counted[1]["apple"] > 1.2 * counted[0]["apple"]
        assert (counted[1] >= counted[0] * (1 - 1e-12)).all()
    others = [rows[~rows.variable.isin(ledgers)].reset_index(drop=True) for rows in (margin, turnover)]
    assert others[0].equals(others[1])
