"""The books close, and one wrong cell anywhere opens them."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from pingliang.agents import months
from pingliang.agents.audit import changed, relative
from pingliang.agents.model import IndustryChainModel
from pingliang.agents.workers import OUTSIDE, TOWN
from pingliang.config.loader import load_experiment

from .built import build, run, tripped

CARRIED = " carried over"


@pytest.fixture(scope="module")
def scenarios(config, root):
    experiment = load_experiment(root / "config/experiments/plan-2026.yaml", config)
    return {scenario.name: list(scenario.policies) for scenario in experiment.scenarios}


@pytest.mark.parametrize("name", ["baseline", "plan_as_written"])
def test_books_close_for_six_months(config, scenarios, name):
    run(build(config, scenarios[name]), 6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["baseline", "plan_as_written"])
def test_books_close_for_72_months(config, scenarios, name):
    run(build(config, scenarios[name], scale=0.01), 72)


def test_every_identity_is_checked_every_month(six_months):
    names = set(six_months.audit())
    for kind in ("firms", "farms", "households", "governments"):
        assert f"cash of {kind}" in names
    assert {"goods by product", "animals", "persons by county", "head counts", "bank balance sheet"} <= names
    assert {"production and expenditure", "production and income of firms", "sales and purchases"} <= names
    assert {name for name in names if name.endswith(CARRIED)}


def middle(column: np.ndarray) -> int:
    return int(np.argsort(column)[len(column) // 2])


def largest(column: np.ndarray) -> int:
    return int(np.argmax(column))


def firm_cash(model):
    model.firms.cash[middle(model.firms.cash)] += 1.0


def farm_cash(model):
    model.farms.cash[middle(model.farms.cash)] += 1.0


def worker_cash(model):
    model.workers.cash[0] += 1.0


def government_cash(model):
    model.governments[3].account.cash += 1000.0


def firm_debt(model):
    model.firms.debt[middle(model.firms.debt)] -= 1.0


def farm_debt(model):
    model.farms.debt[0] += 1.0


def worker_debt(model):
    model.workers.debt[resident(model)] += 1.0


def bank_position(model):
    model.bank.outside_position += 10_000.0


def one_cow(model):
    model.farms.cows[largest(model.farms.cows)] += 1.0


def one_calf_from_one_farm_to_another(model):
    first, second = np.argsort(model.farms.calves)[-2:]
    model.farms.calves[first] -= 1.0
    model.farms.calves[second] += 1.0


def tonne_of_coal(model):
    coal = model.index.product_code("raw_coal")
    model.firms.stock[np.flatnonzero(model.firms.product == coal)[0]] += 1.0


def tonne_of_apples(model):
    orchards = model.farms.part(model.farms.activity("orchard"))
    model.farms.stored[orchards][largest(model.farms.level[orchards])] += 1.0


def tonne_of_coal_at_a_power_plant(model):
    slots, coal = model.supply.trade.slots, model.index.product_code("raw_coal")
    model.supply.stock[np.flatnonzero((slots.product == coal) & model.supply.critical)[0]] += 1.0


def resident(model) -> int:
    return int(np.flatnonzero(model.workers.alive & (model.workers.place == TOWN))[0])


def person_gone(model):
    model.workers.at_rows(np.array([resident(model)])).leave_model()


def person_in_another_county(model):
    row = resident(model)
    model.workers.county[row] = (model.workers.county[row] + 1) % 7


def person_moved_out(model):
    model.workers.place[resident(model)] = OUTSIDE


def employer_changed(model):
    row = np.flatnonzero(model.workers.employer > 0)[0]
    model.workers.employer[row] -= 1


def job_lost(model):
    model.workers.employer[np.flatnonzero(model.workers.employer > 0)[0]] = -1


def orchard_grown(model):
    model.farms.level[model.farms.part(model.farms.activity("orchard"))][0] += 0.1


def machine_gone(model):
    model.firms.capital[0] *= 0.999


BETWEEN_MONTHS = [
    (firm_cash, "firm cash"),
    (farm_cash, "farm cash"),
    (worker_cash, "worker cash"),
    (government_cash, "government cash"),
    (firm_debt, "firm debt"),
    (farm_debt, "farm debt"),
    (worker_debt, "worker debt"),
    (bank_position, "bank"),
    (one_cow, "herd"),
    (one_calf_from_one_farm_to_another, "herd"),
    (tonne_of_coal, "firm stock"),
    (tonne_of_apples, "farm stock"),
    (tonne_of_coal_at_a_power_plant, "input stock"),
    (person_gone, "persons"),
    (person_gone, "worker place by row"),
    (person_in_another_county, "persons"),
    (person_moved_out, "persons"),
    (employer_changed, "worker employer by row"),
    (job_lost, "worker employer by row"),
    (orchard_grown, "land"),
    (machine_gone, "firm capital"),
]


@pytest.mark.parametrize(("corrupt", "balance"), BETWEEN_MONTHS)
def test_a_cell_changed_between_months_trips_at_the_next_close(another, corrupt, balance):
    model = another()
    assert not tripped(model)
    corrupt(model)
    model.step()
    assert balance + CARRIED in tripped(model)
    model.step()
    # what was put right by hand stays in the bank's sheet, but the month itself carried everything over
    assert not {name for name in tripped(model) if name.endswith(CARRIED)}


# What is changed, after which sentence of the month, and what notices.  Money as large as one CNY a person would be.
INSIDE_A_MONTH = [
    (lambda m: m.firms.cash.__setitem__(0, m.firms.cash[0] + 1e4), "money_is_paid", "cash of firms"),
    (lambda m: m.farms.cash.__setitem__(0, m.farms.cash[0] + 1e4), "money_is_paid", "cash of farms"),
    (lambda m: m.workers.cash.__setitem__(0, m.workers.cash[0] + 10), "money_is_paid", "cash of households"),
    (government_cash, "money_is_paid", "cash of governments"),
    (lambda m: m.firms.debt.__setitem__(0, m.firms.debt[0] + 1e4), "money_is_paid", "debt of firms"),
    (lambda m: m.farms.debt.__setitem__(0, m.farms.debt[0] + 1e4), "money_is_paid", "debt of farms"),
    (lambda m: m.workers.debt.__setitem__(0, m.workers.debt[0] + 1e4), "money_is_paid", "debt of households"),
    (lambda m: m.workers.debt.__setitem__(0, m.workers.debt[0] + 1e4), "money_is_paid", "bank balance sheet"),
    (bank_position, "money_is_paid", "position outside"),
    (lambda m: setattr(m.bank, "equity", m.bank.equity + 1e4), "money_is_paid", "bank equity"),
    (one_cow, "farms_grow", "animals"),
    (one_calf_from_one_farm_to_another, "farms_grow", "animals"),
    (tonne_of_coal, "goods_are_sold", "goods by product"),
    (tonne_of_apples, "goods_are_sold", "goods by product"),
    (tonne_of_coal_at_a_power_plant, "goods_are_sold", "goods by product"),
    (person_gone, "people_live_and_move", "persons by county"),
    (person_in_another_county, "people_live_and_move", "persons by county"),
    (person_moved_out, "people_live_and_move", "persons by county"),
    (employer_changed, "people_live_and_move", "head counts"),
    (job_lost, "people_live_and_move", "head counts"),
    (lambda m: m.firms.revenue.__setitem__(0, m.firms.revenue[0] + 1e5), "goods_are_sold", "sales and purchases"),
    (lambda m: m.workers.wage_income.__setitem__(0, 100.0), "money_is_paid", "labour and property income"),
    (lambda m: m.firms.output_value.__setitem__(0, 0.0), "goods_are_sold", "production and expenditure"),
]


def stepped_with(model: IndustryChainModel, corrupt, sentence: str) -> None:
    """Run a month sentence by sentence and change something after one of them."""
    spoken = [line.strip() for line in inspect.getsource(IndustryChainModel.step).splitlines()]
    sentences = [line[len("months.") : line.index("(")] for line in spoken if line.startswith("months.")]
    assert sentence in sentences
    for name in sentences:
        getattr(months, name)(model)
        if name == sentence:
            corrupt(model)
    model.month += 1


def test_a_month_run_sentence_by_sentence_closes(another):
    model = another()
    stepped_with(model, lambda model: None, "books_open")
    assert not tripped(model)


@pytest.mark.parametrize(("corrupt", "sentence", "identity"), INSIDE_A_MONTH)
def test_a_cell_changed_inside_a_month_trips_its_identity(another, corrupt, sentence, identity):
    model = another()
    stepped_with(model, corrupt, sentence)
    assert identity in tripped(model)


def test_the_audit_itself_changes_nothing(another):
    looked_at, left_alone = another(), another()
    looked_at.audit()
    looked_at.audit_book.close()
    run(looked_at, 1)
    run(left_alone, 1)
    assert looked_at.recorder.table().equals(left_alone.recorder.table())


def test_residuals_are_shares_of_gross_turnover():
    assert relative(np.array([1.0, -1.0]), np.array([50.0, -150.0])) == 0.01
    assert relative(2.0, 0.0) == 2.0


def test_what_moved_between_months_is_judged_cell_by_cell():
    before = np.array([1e12, 10.0, 0.0])
    assert changed(before, before) == 0.0
    assert changed(before + np.array([0.0, 1.0, 0.0]), before) == 0.1
    assert changed(before + np.array([0.0, 0.0, 2.0]), before) == 2.0
    assert changed(before[:2], before) == 1.0
