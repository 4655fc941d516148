"""A policy that acted and moved nothing is named at the end of a run; one of no strength, or not paid for, is not."""

from __future__ import annotations

import pytest

from pingliang.agents import policies
from pingliang.agents.policies import LEVERS
from pingliang.agents.policy_effects import MOVES

from .built import build, run
from .test_public_finance import quantity, with_rules, works


def of(config, key: str, **update):
    return config.interventions[key].model_copy(update={"start": "2021-01", "end": "2021-12", "opens": None} | update)


def test_what_every_lever_moves_is_known():
    assert set(MOVES) == set(LEVERS)


def test_every_policy_of_the_catalogue_moves_something(config):
    book = {key: of(config, key) for key in config.policies.policies}
    model = run(build(config, book), 3)
    assert not model.policies.idle.unseen
    model.refuse_idle_policies()


def test_every_shock_moves_something(config):
    for key, shock in config.shocks.policies.items():
        model = run(build(config, {key: shock.model_copy(update={"start": "2021-02", "end": "2021-06"})}), 4)
        assert not model.policies.idle.unseen, key


def test_a_policy_that_moves_nothing_is_named_at_the_end(config, monkeypatch):
    monkeypatch.setitem(policies.LEVERS, "premium", lambda model, policy, share: None)
    model = run(build(config, {"brand": of(config, "apple_brand"), "market": of(config, "apple_market_access")}), 2)
    with pytest.raises(ValueError, match=r"changed nothing in this run: policies brand$"):
        model.refuse_idle_policies()


def test_no_strength_and_no_money_are_no_faults(config):
    weak = of(config, "apple_brand", intensity=quantity(0.0, "share"))
    poor = with_rules(config, bond_quota=0.0, programme_reserve=1e6)
    model = run(build(poor, {"weak": weak, "works": works("city", 1e8)}), 2)
    model.refuse_idle_policies()


def test_a_course_of_fewer_seats_than_a_row_has_persons_is_not_idle(config):
    """Whether one of the rows is drawn is luck of the scale, no fault of the policy."""
    few = of(config, "skill_training", intensity=quantity(12.0, config.interventions["skill_training"].intensity.unit))
    model = build(config, {"few": few})
    run(model, 2)
    assert 0 < model.policies.taught < 0.01 * model.row_weight
    model.refuse_idle_policies()
