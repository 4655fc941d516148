"""Fields go to crops that are expected to earn more, on the same farm, and only for a difference that is worth it."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.agents.crop_choice import crops_compete
from pingliang.agents.crop_choice_loops import MOST, Fields, turn_fields
from pingliang.agents.farms import TREES

from .built import build, run


def land_of_farms(model) -> np.ndarray:
    """Mu of each household's land, (N,)."""
    farms = model.farms
    land = farms.level * model.land.is_land[farms.gate_of // len(model.index.counties)]
    return np.bincount(farms.farm_of, land, minlength=len(farms.county))


def in_march(config, prices: dict[str, float], county: int | None = None):
    """Let fields be chosen where prices of some activities are expected to be so much of those of 2020."""
    model = build(config, start="2021-03")
    where = slice(None) if county is None else county
    for name, price in prices.items():
        model.crop_choice.price[model.farms.activity(name), where] = price
    before = model.farms.by_gate(model.farms.level)
    own = land_of_farms(model)
    crops_compete(model)
    return model, before, model.farms.by_gate(model.farms.level), own


def test_a_dearer_crop_takes_land_in_its_county_and_in_no_other(config):
    model, before, after, own = in_march(config, {"orchard": 1.6}, county=2)
    farms = model.farms
    change = after - before
    orchard, grain, herb, pigs = (farms.activity(name) for name in ("orchard", "grain", "herb", "pigs_sheep"))
    assert change[orchard, 2] > 0.005 * before[orchard, 2]
    assert change[grain, 2] < 0
    assert not np.delete(change, 2, axis=1).any()
    assert not change[herb].any()
    np.testing.assert_allclose(land_of_farms(model), own, rtol=1e-12)
    assert change[pigs, 2] < 0  # their margin stands worse to that of the crops
    np.testing.assert_allclose(np.delete(change, pigs, axis=0).sum(), 0.0, atol=1e-6)


def test_trees_cover_the_orchards_and_only_old_ones_are_grubbed(config):
    for price in (0.5, 1.6):
        model = build(config, start="2021-03")
        farms, orchard = model.farms, model.farms.part(model.farms.activity("orchard"))
        model.crop_choice.price[farms.activity("orchard")] = price
        before = {name: getattr(farms, name).copy() for name in TREES}
        crops_compete(model)
        trees = sum(getattr(farms, name) for name in TREES)
        np.testing.assert_allclose(trees[farms.farm_of[orchard]], farms.level[orchard], rtol=1e-9, atol=1e-9)
        grown = "trees_30" if price < 1 else "trees_0"
        change = getattr(farms, grown) - before[grown]
        assert np.sign(change.sum()) == np.sign(price - 1)
        for name in set(TREES) - {"trees_30", "trees_0", "dwarf_0"}:
            assert np.array_equal(getattr(farms, name), before[name])
        assert (farms.trees_30 >= 0).all()


def test_nothing_is_changed_for_a_small_difference(config):
    low = 1 - 0.5 * config.farming.crop_choice.threshold.amount * 0.5
    _, before, after, _ = in_march(config, {"orchard": low, "grain": 2 - low})
    assert np.array_equal(before, after)


def test_prices_that_all_rise_alike_change_no_crop(config):
    model = build(config, start="2021-03")
    model.crop_choice.price[:] = 1.3
    model.crop_choice.cost[:] = 1.3
    before = model.farms.level.copy()
    crops_compete(model)
    assert np.array_equal(model.farms.level, before)


def test_pigs_and_sheep_follow_their_margin(config):
    for price in (0.7, 1.5):
        model, before, after, _ = in_march(config, {"pigs_sheep": price})
        pigs = model.farms.activity("pigs_sheep")
        assert (np.sign(after[pigs] - before[pigs]) == np.sign(price - 1)).all()
        assert np.array_equal(np.delete(after, pigs, axis=0), np.delete(before, pigs, axis=0))


def test_land_stays_with_its_operator():
    branch = np.array([[0, 2], [1, 3]], dtype=np.int32)
    level, worked_by = np.array([10.0, 10.0, 5.0, 5.0]), np.array([0, 1, 0, 0], dtype=np.uint32)
    none = np.zeros(2)
    fields = Fields(branch, np.zeros(2, dtype=np.int32), level, worked_by, none, none.copy(), -1)
    turn_fields(fields, np.array([[-1.0], [1.0]]))
    assert level.tolist() == [9.0, 10.0, 6.0, 5.0]  # farm 1 lets its second field to farm 0: nothing to turn
    turn_fields(fields, np.array([[-100.0], [100.0]]))
    assert level.tolist() == pytest.approx([9.0 * (1 - MOST), 10.0, 6.0 + 9.0 * MOST, 5.0])


def test_expectations_follow_the_year_and_areas_follow_them(config):
    model = run(build(config), 12)
    choice = model.crop_choice
    assert (choice.price != 1).any()
    assert choice.months == 0
    before = model.farms.by_gate(model.farms.level)
    run(model, 3)
    assert not np.array_equal(model.farms.by_gate(model.farms.level), before)
    assert land_of_farms(model).sum() == pytest.approx(land_of_farms(build(config)).sum(), rel=1e-12)
