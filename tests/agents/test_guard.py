"""A price or stock that cannot be stops its run, says where it came up, and leaves the other runs alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pingliang.agents.guard import ImpossibleNumberError
from pingliang.config import loader
from pingliang.runs import single
from pingliang.runs.engine import run_experiment
from pingliang.runs.experiment import resolve

SHIPPED = Path(loader.__file__).parent / "experiments" / "plan-2026.yaml"


def named_plant(model) -> int:
    """Row of Pingliang power station."""
    stage = model.index.stage_code("thermal_power")
    names = [anchor.name.en for anchor in model.index.stage["thermal_power"].anchors]
    named = (model.firms.stage == stage) & (model.firms.anchor == names.index("Pingliang power station"))
    return int(np.flatnonzero(named)[0])


def price_is_no_number(model):
    model.firms.premium[named_plant(model)] = np.nan  # a power station takes the outside price times its premium
    return "stage thermal_power, county kongtong, firm Pingliang power station", "price is nan"


def price_below_nothing(model):
    own = ~model.follows_outside[model.firms.product] & ~model.margin_stage[model.firms.stage]
    makers = own & (model.firms.anchor < 0)  # dealers ask a fee on what goods cost, whatever they asked before
    row = int(np.flatnonzero(makers)[0])
    model.firms.price[row] = -1.0
    return model.index.stages[model.firms.stage[row]], f"firm {model.firms.key[row]:016x}", "price is -"


def stock_below_nothing(model):
    row = int(np.flatnonzero(model.firms.product == model.index.product_code("raw_coal"))[0])
    model.firms.stock[row] = -5.0
    return "stage coal_mining", "stock is -5"


def plant_without_end(model):
    model.firms.capital[named_plant(model)] = np.inf
    return "Pingliang power station", "capital is inf"


def input_below_nothing(model):
    slots = model.supply.trade.slots
    coal = (slots.product == model.index.product_code("raw_coal")) & (slots.buyer == named_plant(model))
    model.supply.stock[np.flatnonzero(coal & (slots.kind == 0))[0]] = -1.0
    return "thermal_power", "Pingliang power station", "stock of raw_coal is -1"


def gate_price_is_no_number(model):
    model.gate_premium[3] = np.nan
    return f"stage {model.index.stages[model.gate_stage[3]]}", "price at the farm gate is nan"


def store_below_nothing(model):
    branch = int(model.farms.part(model.farms.activity("orchard")).start) + 2
    model.farms.stored[branch] = -1.0
    gate = model.farms.gate_of[branch]
    county = model.index.counties[model.gate_county[gate]]
    return "stage apple_orchard", f"county {county}", f"farm {model.farms.key[model.farms.farm_of[branch]]:016x}", "-1"


CELLS = [
    price_is_no_number, price_below_nothing, stock_below_nothing, plant_without_end, input_below_nothing,
    gate_price_is_no_number, store_below_nothing,
]  # fmt: skip


@pytest.mark.parametrize("corrupt", CELLS, ids=lambda corrupt: corrupt.__name__)
def test_a_number_that_cannot_be_stops_the_month_and_names_its_place(another, corrupt):
    model = another()
    expected = corrupt(model)
    with pytest.raises(ImpossibleNumberError) as raised:
        model.step()
    for part in ("2021-07", *expected):
        assert part in str(raised.value)


def test_the_run_is_recorded_as_failed_and_the_other_is_finished(tmp_path):
    resolved = resolve(SHIPPED, scale=0.001, months=2, replicates=1)

    def factory(config, scenario, **given):
        model = single.industry_chain_model(config, scenario, **given)
        if scenario.name == "baseline":
            price_is_no_number(model)
        return model

    outcome = run_experiment(resolved, out=tmp_path / "out", jobs=1, factory=factory)
    assert (outcome.planned, outcome.finished) == (3, 2)
    assert [row["status"] for row in outcome.failed] == ["failed"]
    assert "2021-01, stage thermal_power, county kongtong, firm Pingliang power station" in outcome.failed[0]["message"]
