"""The hand check of 2022 by the one rule, and the scaled stage system under it."""

import numpy as np
import pytest

from pingliang.chains.ledger_check import CHECKS, change_of, check_plan_ledger
from pingliang.chains.scaling import Change, ScaledChain


@pytest.fixture(scope="module")
def checks(config, base):
    return {check["chain"]: check for check in check_plan_ledger(config, base)}


@pytest.mark.parametrize("chain", CHECKS)
def test_sourced_figures_alone_come_within_fifteen_percent(config, checks, chain):
    check = checks[chain]
    reported = config.observed.series[CHECKS[chain].reported].values.amounts["2022"]
    assert check["reported"] == reported
    assert check["within"], f"{chain}: {check['central'] / 1e8:.1f}e8 against {reported / 1e8:.1f}e8 CNY"
    assert check["low"] < check["central"] < check["high"]


@pytest.mark.parametrize("chain", CHECKS)
def test_the_declared_figure_stays_inside_its_range_and_comes_nearer(checks, chain):
    check, calibrated = checks[chain], checks[chain]["calibrated"]
    low, high = calibrated["range"]
    assert low <= calibrated["multiple"] <= high
    assert abs(calibrated["output"] - check["reported"]) <= abs(check["central"] - check["reported"])


@pytest.mark.parametrize("chain", CHECKS)
def test_the_farm_gate_of_2022_is_met(config, base, checks, chain):
    check = CHECKS[chain]
    system = ScaledChain(base, chain, change_of(config, base, chain))
    turnover = dict(zip(base.index.stages, system.ledger().turnover, strict=True))
    assert sum(turnover[farm] for farm in check.farms) == pytest.approx(checks[chain]["farm_gate"], rel=1e-9)


def test_dealers_take_what_is_left(config, base):
    system = ScaledChain(base, "cattle", change_of(config, base, "cattle"))
    finished = base.output[base.index.stage_code("cattle_fattening")] * system.volume("cattle_fattening")
    bought = sum(sold * system.volume(key) for key, sold in system.sales("finished_cattle"))
    assert bought <= finished
    assert system.volume("cattle_slaughter") > system.volume("cattle_fattening") > system.volume("cattle_dealing")


@pytest.mark.parametrize("chain", ["apple", "cattle", "coal", "tourism"])
def test_no_change_gives_the_base_ledger(base, ledger, chain):
    c = base.index.chains.index(chain)
    same = ScaledChain(base, chain, Change()).ledger()
    assert same.output[c] == pytest.approx(ledger.output[c], rel=1e-9)
    assert same.value_added[c] == pytest.approx(ledger.value_added[c], rel=1e-9)


def test_doubled_prices_double_everything(base, ledger):
    change = Change(price=dict.fromkeys(base.index.products, 2.0), margins=2.0)
    doubled = ScaledChain(base, "apple", change).ledger()
    np.testing.assert_allclose(doubled.output, 2 * ledger.output, rtol=1e-9)
    np.testing.assert_allclose(doubled.value_added, 2 * ledger.value_added, rtol=1e-9)
