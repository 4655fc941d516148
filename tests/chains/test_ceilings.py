"""The ceiling meets every physical target, uses dated capacity, and stays within what the chain itself makes."""

import numpy as np
import pytest

from pingliang.chains.ceilings import ceiling_volumes, ceilings, target_volumes
from pingliang.chains.plan_rows import plan_targets
from pingliang.config.loader import load


@pytest.fixture(scope="module")
def tops(config, base):
    return ceilings(config, base)


def test_no_chain_is_above_its_ceiling_in_the_base_year(base, ledger, tops):
    for chain, top in tops.items():
        c = base.index.chains.index(chain)
        assert top["output"] > ledger.output[c], chain
        assert top["value_added"] > ledger.value_added[c], chain
    assert "rest" not in tops


def test_physical_targets_are_met(config, base):
    volume, targets = target_volumes(config, base), plan_targets(config)
    made = dict(zip(base.index.stages, base.output / base.price[base.index.product_of_stage], strict=True))
    assert volume["apple_orchard"] * made["apple_orchard"] == pytest.approx(targets["apple_output", ""])
    vegetables = sum(volume[key] * made[key] for key in ("open_vegetable", "greenhouse"))
    assert vegetables == pytest.approx(targets["vegetable_output", ""])
    raised = config.observed.series["cattle_raised"].values.amounts["2020"]
    assert volume["cattle_fattening"] * raised == pytest.approx(targets["cattle_raised", ""])
    herbs = sum(config.farming.area["herb"].amounts.values())
    assert volume["herb_growing"] * herbs == pytest.approx(targets["herb_area", ""])


def test_plants_handle_no_more_than_the_chain_makes(config, base):
    volume = ceiling_volumes(config, base, "cattle")
    carcass = base.index.product_code("carcass_beef")
    made = base.output[base.index.stage_code("cattle_slaughter")] * volume["cattle_slaughter"]
    used = sum(
        base.use[carcass, base.index.stage_code(key)] * volume[key] for key in ("beef_processing", "beef_cold_chain")
    )
    assert used <= made * (1 + 1e-12)


def test_capacity_counts_from_its_date(config, base, tops):
    before = ceilings(config, base, year=2020)
    after = ceilings(config, base, year=2035)
    assert before["coal"]["output"] < tops["coal"]["output"] < after["coal"]["output"]


def test_without_dated_capacity_the_ceiling_falls(config, base, folder, rewrite, tops):
    def drop_power_plant(data):
        data["policies"]["lingtai_power_plant"]["end"] = "2029-12"
        return data

    rewrite("policies.yaml", drop_power_plant)
    assert ceilings(load(folder), base)["coal"]["output"] < tops["coal"]["output"] - 20e8


def test_given_prices_move_the_ceiling(config, base, tops):
    doubled = ceilings(config, base, price=np.full(len(base.index.products), 2.0))
    assert doubled["materials"]["output"] == pytest.approx(2 * tops["materials"]["output"], rel=1e-9)
