"""What binds a firm, what that costs, and what one more unit of it would be worth."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pingliang.agents.factors import CAPITAL, DEMAND, FACTORS, FINANCE, INPUT, LABOUR, SEASON
from pingliang.agents.limits import FORMS, Restraints, _input_limits, lost_output
from pingliang.config.schema import Forms, Name, Policy, PolicyTarget, Quantity

from .built import build, run, scenario_of, series

START, HIT = "2021-01", 202106


def denial(factor: str, stage: str, product: str | None = None, share: float = 0.9) -> Policy:
    """Withhold a factor from a stage from June to November 2021."""
    return Policy(
        name=Name(zh="试验", en="probe"), section="shock", lever="denial", factor=factor,
        target=PolicyTarget(stages=[stage], product=product), start="2021-06", end="2021-11",
        intensity=Quantity(value=share, unit="share", source="assumption", kind="assumed", range=(0.1, 1.0),
                           note="a probe"),
        indicator="plan_output", direction="down",
    )  # fmt: skip


@pytest.fixture(scope="module")
def year(config):
    """Give the recorded series of a year with the given shock, once for each."""

    @cache
    def recorded(factor: str = "", stage: str = "", product: str | None = None):
        shocks = {"probe": denial(factor, stage, product)} if factor else []
        return series(run(build(config, shocks, scale=0.002), 14))

    return recorded


def by_month(rows, variable, stage):
    rows = rows[(rows.variable == variable) & (rows.stage == stage)]
    return rows.groupby("month").value.sum()


@pytest.mark.parametrize("form", range(len(FORMS)))
def test_forms_stop_what_they_say(form):
    # a firm has 4 of a critical, 2 of an important and 1 of another input, and needs one of each for a unit
    limit, scarce = _input_limits(
        np.zeros(3, dtype=np.int64), np.ones(3), np.ones(3), np.array([4.0, 2.0, 1.0]),
        np.array([True, False, False]), np.array([False, True, False]), np.ones(3, dtype=bool),
        np.array([10.0]), True, form, 0.5,
    )  # fmt: skip
    expected = {"leontief": (1.0, 2), "critical": (4.0, 0), "half_critical": (4.0, 0), "linear": (7 / 3, -1)}[
        FORMS[form]
    ]
    assert (limit[0], scarce[0]) == pytest.approx(expected)


def test_half_critical_halves_at_most():
    limit, scarce = _input_limits(
        np.zeros(1, dtype=np.int64), np.ones(1), np.ones(1), np.zeros(1),
        np.array([False]), np.array([True]), np.ones(1, dtype=bool), np.array([10.0]), True,
        FORMS.index("half_critical"), 0.5,
    )  # fmt: skip
    assert limit[0] == pytest.approx(5.0)
    assert scarce[0] == 0


def test_a_scenario_chooses_the_form(config):
    from pingliang.agents.model import IndustryChainModel

    scenario = scenario_of().model_copy(update={"forms": Forms(criticality="leontief")})
    model = IndustryChainModel(config, scenario, seed=1, scale=0.001)
    assert model.forms.criticality == "leontief"
    assert build(config).forms.criticality == config.parameters.forms.criticality


def test_restraints_deny_relax_and_nudge():
    limits = np.full((len(FACTORS), 2), np.inf)
    limits[DEMAND], limits[LABOUR], limits[CAPITAL], limits[FINANCE] = 10.0, 8.0, 6.0, 5.0
    restraints = Restraints(denied={(LABOUR, 1): 0.5}, relaxed=frozenset({FINANCE, CAPITAL}), nudge=(0, DEMAND, 2.0))
    restraints.apply(limits, np.array([0, 1]))
    assert limits[LABOUR].tolist() == [8.0, 3.0]
    assert np.isinf(limits[FINANCE]).all()
    assert limits[CAPITAL].tolist() == [6.0, 6.0]  # plant is given where firms plan, not lifted as a limit
    assert limits[DEMAND].tolist() == [12.0, 10.0]


@pytest.mark.parametrize("factor", ["labour", "finance", "water", "energy", "permit"])
@pytest.mark.parametrize("stage", ["cement_making", "beef_processing"])
def test_what_is_denied_is_named_first_and_at_once(year, factor, stage):
    with_it = by_month(year(factor, stage), f"lost_{factor}", stage)
    without = by_month(year(), f"lost_{factor}", stage)
    assert with_it.get(HIT, 0.0) > 1e5
    assert with_it.get(HIT, 0.0) > 10 * without.get(HIT, 0.0)
    output = by_month(year(factor, stage), "quantity", stage) / by_month(year(), "quantity", stage)
    assert output[HIT] < 0.6
    assert output[output.index < HIT].to_numpy() == pytest.approx(1.0)
    others = [f for f in FACTORS if f not in (factor, "demand", "season")]
    rows = year(factor, stage)
    lost = {f: by_month(rows, f"lost_{f}", stage).get(HIT, 0.0) for f in others}
    assert with_it[HIT] > 2 * max(lost.values())


def test_a_missing_input_is_named_once_stocks_are_used_up(year, config):
    stage, product = "thermal_power", "raw_coal"
    rows = year("input", stage, product)
    output = by_month(rows, "quantity", stage) / by_month(year(), "quantity", stage)
    fallen = output.index[output < 0.8]
    cover = round(config.parameters.firms.input_target.amount)
    assert HIT + cover - 1 <= fallen.min() <= HIT + cover + 1
    assert by_month(rows, f"short_{product}", stage)[fallen.min()] > 0
    # who buys power goes short too, in the month power does or the next
    other = by_month(rows, "output_2020", "parts_making") / by_month(year(), "output_2020", "parts_making")
    assert fallen.min() <= other.index[other < 0.99].min() <= fallen.min() + 2


def test_loss_is_what_capacity_or_orders_would_have_made(year, config):
    model = run(build(config, scale=0.002), 3)
    firms, lost = model.firms, lost_output(model)
    assert (lost >= 0).all()
    wanted = np.where(np.isfinite(model.limits[DEMAND]), model.limits[DEMAND], firms.made)
    potential = np.maximum(np.maximum(firms.capacity, wanted), firms.made)
    np.testing.assert_allclose(lost.sum(axis=0) + firms.made, potential, rtol=1e-6)
    assert (lost[:, firms.bound == DEMAND][INPUT] == 0).all()


def test_the_slack_season_is_told_from_want_of_demand(year, config):
    stage = "tourist_attraction"
    season = config.chains["tourism"].stages[stage].season.amounts
    lost = by_month(year(), "lost_season", stage)
    assert len(lost)
    for month in lost.index:
        assert season[str(month % 100)] < 0.95
    assert SEASON not in (DEMAND, INPUT)
