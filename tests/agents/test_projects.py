"""Projects: each named plant gets what it really adds, opens on its date, and sells where its product sells."""

from __future__ import annotations

import numpy as np
import pytest

from .built import build, run


def plants(model, stage: str, project: str) -> dict[str, int]:
    """Rows of the named firms a project builds in a stage, by English name."""
    s = model.index.stage_code(stage)
    anchors = model.index.stage[stage].anchors
    rows = np.flatnonzero((model.firms.stage == s) & (model.firms.anchor >= 0))
    named = {anchors[model.firms.anchor[row]].name.en: int(row) for row in rows}
    return {name: row for name, row in named.items() if anchors[model.firms.anchor[row]].project == project}


def at_once(policy, **changes):
    return policy.model_copy(update={"start": "2021-01", "end": "2021-01", "opens": None, **changes})


def test_each_plant_gets_its_share_of_the_project(config):
    key = "existing_mines_expansion"
    policy = config.interventions[key]
    model = build(config, {key: at_once(policy)})
    before = model.firms.capacity.copy()
    model.policies.apply()
    mines = plants(model, "coal_mining", key)
    added = (model.firms.capacity - before) * 12
    assert added[mines["Shaozhai mine"]] == pytest.approx(0.82 * policy.intensity.amount)
    assert added[mines["Huangzhuang mine"]] == pytest.approx(0.18 * policy.intensity.amount)
    assert added.sum() == pytest.approx(policy.intensity.amount)


def test_a_plant_costs_money_while_it_is_built_and_makes_nothing_before_it_opens(config):
    key = "lingtai_power_plant"
    policy = config.interventions[key].model_copy(update={"start": "2021-01", "opens": "2021-03", "end": "2021-04"})
    model = build(config, {key: policy})
    (row,) = plants(model, "thermal_power", key).values()
    small, capital = model.firms.capacity[row], model.firms.capital[row]
    grown, brought = [], []
    for _ in range(4):
        model.step()
        grown.append(12 * (model.firms.capacity[row] - small) / policy.intensity.amount)
        brought.append(model.firms.equity[row] > 0)
    assert grown[:2] == pytest.approx([0, 0], abs=0.01)
    assert grown[2:] == pytest.approx([0.5, 1.0], rel=0.05)
    assert all(brought)
    assert model.firms.capital[row] > capital + 0.9 * policy.cost.amount


@pytest.mark.parametrize(("key", "stage"), [
    ("beef_slaughter_lines", "cattle_slaughter"),
    ("organic_fertiliser_lines", "organic_fertiliser_making"),
])  # fmt: skip
def test_a_plant_at_a_new_site_sells_here_and_outside_as_its_product_does(config, key, stage):
    model = run(build(config, {key: at_once(config.interventions[key])}), 1)
    (row,) = plants(model, stage, key).values()
    ratio = float(model.export_ratio[model.firms.product[row]])
    assert model.firms.capacity_base[row] == 0
    outside = model.supply.export_base[model.supply.gates + row]
    normal = model.normal_use[model.firms.stage[row]]
    assert outside == pytest.approx(config.interventions[key].intensity.amount / 12 * normal * ratio)
    links = model.supply.trade.links
    mine = (links.seller == model.supply.gates + row) & (links.share > 0)
    pulls = model.supply.local.pull[model.supply.gates + row] > 0
    assert (mine.any() or pulls) == (ratio < 1)
    assert model.firms.smoothed[row] > 0
    run(model, 3)
    here = model.trade.sold[model.supply.gates + row] + model.sales.sold[model.supply.gates + row] - outside
    assert here > 0


def test_power_for_shandong_is_sold_outside_and_nowhere_else(config):
    key = "lingtai_power_plant"
    model = run(build(config, {key: at_once(config.interventions[key])}), 1)
    (row,) = plants(model, "thermal_power", key).values()
    added = config.interventions[key].intensity.amount / 12
    outside = model.supply.export_base[model.supply.gates + row]
    assert outside == pytest.approx(added * model.normal_use[model.firms.stage[row]], rel=0.01)


def test_a_plant_that_opens_changes_no_bit_before(config):
    key = "beef_slaughter_lines"
    quiet = config.interventions[key].cost.model_copy(update={"value": 0.0})
    later = config.interventions[key].model_copy(
        update={"start": "2021-01", "opens": "2021-04", "end": "2021-04", "cost": quiet}
    )
    model, plain = (run(build(config, policies), 3) for policies in ({key: later}, []))
    assert model.recorder.table().equals(plain.recorder.table())
    model.step()
    plain.step()
    assert not model.recorder.table().equals(plain.recorder.table())
