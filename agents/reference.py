"""Reference values of the base year that monthly rules compare with: baskets, normal use, herds at rest, budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .crop_choice import CropChoice
from .day_labour import DayLabour
from .factors import FACTORS, PERMIT
from .farm_biology import orchard_crop, planted_shares, store_cycle
from .farm_insurance import Insurance
from .farm_limits import FarmCare
from .farm_stores import Stores
from .farm_weather import mean_weather
from .greenhouses import Greenhouses
from .hail_nets import HailNets
from .herbs import HerbPlanting
from .housing_loops import RENTS
from .labour import working_on_farm
from .land_market import farm_costs
from .limits import Restraints
from .quotas import Quotas
from .randomness import name_key
from .relaxation import demand_growth, relaxed_factors
from .resizing import find_resold_inputs
from .workers import OUTSIDE, RURAL, TOWN

if TYPE_CHECKING:
    from .model import IndustryChainModel

YEARS_OF_SCHOOLING = np.array([6.0, 9.0, 12.0, 15.5])  # to the end of each level


def open_reference(model: IndustryChainModel) -> None:
    """Derive every constant of the base year from the balanced accounts and the agents just built."""
    base, index, p = model.base, model.index, model.config.parameters
    totals = base.final.sum(axis=0)
    accounts = p.base
    model.propensity = np.array(
        [
            accounts.urban_consumption.amount / accounts.urban_income.amount,
            accounts.rural_consumption.amount / accounts.rural_income.amount,
        ]
    )
    products = list(index.product.values())
    model.follows_outside = np.array([item.price_rule == "taker" for item in products])
    default = p.outside.export_elasticity
    model.export_elasticity = np.array([(item.export_elasticity or default).amount for item in products])
    firms = model.firms
    model.margin_stage = np.array([item.ledger.basis == "margin" for item in index.stage.values()])
    model.handled_product = np.array([item.handled for item in products])
    handled = base.use[model.handled_product].sum(axis=0) / base.output
    find_resold_inputs(model)
    model.margin_share = np.where(model.margin_stage, 1 - handled, 1.0)
    # Output a month of every stage over the last year (product units), and what hosts by-product collectors.
    model.yearly_output = base.output / base.price[index.product_of_stage] / 12
    model.hosts = {
        s: (index.stage_code(item.capacity_from.stage), item.capacity_from.ratio.amount)
        for s, item in enumerate(index.stage.values())
        if item.capacity_from is not None
    }
    model.satellites = {
        name: np.array([q.amount if (q := getattr(item, name)) else 0.0 for item in index.stage.values()])
        for name in ("water", "energy", "co2")
    }
    model.may_expand = np.array([item.expansion == "market" for item in index.stage.values()])
    model.permit_limit = np.full(len(firms.price), np.inf)
    model.outside_price = model.base.price.copy()
    model.reach_binds = np.zeros(len(firms.price), dtype=bool)
    model.limits = np.full((len(FACTORS), len(firms.price)), np.inf)
    model.restraints = Restraints(relaxed=relaxed_factors(model.scenario.forms.relaxed))
    model.may_expand |= PERMIT in model.restraints.relaxed
    model.target_growth = demand_growth(model.config, base)
    _structure_reference(model)
    environment = p.environment
    multiples = {name: getattr(environment, f"{name}_quota").amount for name in ("water", "energy", "co2")}
    model.quotas = Quotas(model, multiples)
    model.normal_use = base.output / base.capacity
    model.final_price = base.price[model.supply.final.slots.product].copy()
    made = base.product_output
    model.export_ratio = np.divide(base.exports, made, out=np.zeros_like(made), where=made > 0)
    model.cell_exists = (base.county_share > 0).ravel()
    hands = base.jobs[index.stages_where(agent="farm")].sum(axis=0)
    mixed = (base.labour[:, None] * base.county_share)[index.stages_where(agent="farm")].sum(axis=0)
    model.village_income = accounts.rural_business_income_share.amount * mixed / np.maximum(hands, 1.0)
    model.firms.ordered_before[:] = model.firms.ordered
    _pay_reference(model)
    _farm_reference(model)
    _herd_reference(model)
    _budget_reference(model)
    # Dwellings: what is left of capital formation after works and the replacement of worn capital, out of what town and
    # village save of their income: else the village would live on its deposits.
    built = max(totals[3] - accounts.government_investment.amount - base.depreciation.sum(), 0.0)
    workers, saved = model.workers, np.maximum(1 - model.propensity, 0.0)
    income = [12 * float((workers.weight * workers.income)[workers.place == place].sum()) for place in (TOWN, RURAL)]
    model.housing_share = min(built / float((saved * income).sum()), 1.0) * saved


def _pay_reference(model: IndustryChainModel) -> None:
    """What schooling makes of a firm's wage, (4,) by level: a constant return a year, 1 for the employed of 2020."""
    workers, rate = model.workers, model.config.parameters.labour.schooling_return.amount
    pay = np.exp(rate * YEARS_OF_SCHOOLING)
    busy = workers.employer >= 0
    weight = np.bincount(workers.education[busy], workers.weight[busy], minlength=len(pay))
    model.schooling_pay = pay / float((pay * weight).sum() / weight.sum())


def _structure_reference(model: IndustryChainModel) -> None:
    """What entry and exit compare with: cost of plant, return on capital, deliveries in full."""
    base, index = model.base, model.index
    model.storable_product = np.array([item.storable for item in index.product.values()])
    monthly = base.capacity / base.price[index.product_of_stage] / 12
    model.plant_worth = np.divide(base.capital, monthly, out=np.zeros_like(monthly), where=monthly > 0)
    model.stage_return = np.zeros(len(index.stages))
    model.cell_key = np.array(
        [name_key("entrants", s, c) for s in index.stages for c in index.counties], dtype=np.uint64
    )
    model.product_key = np.array([name_key("product", p) for p in index.products], dtype=np.uint64)
    cell = model.firms.stage.astype(np.int64) * len(index.counties) + model.firms.county
    plant, number = (np.bincount(cell, of, minlength=len(model.cell_key)) for of in (model.firms.capacity, None))
    model.usual_plant = np.divide(plant, number, out=np.zeros(len(plant)), where=number > 0)
    plant, number = (of.reshape(len(index.stages), -1).sum(axis=1) for of in (plant, number))
    model.mean_plant = np.divide(plant, number, out=np.zeros(len(plant)), where=number > 0)
    model.founders = np.zeros(0, dtype=np.int64)
    model.fill = np.ones(len(model.supply.seller_stage))


def _farm_reference(model: IndustryChainModel) -> None:
    base, index, farms = model.base, model.index, model.farms
    counties = len(index.counties)
    stages = farms.stages
    quantity = (
        base.output[stages][:, None] * base.county_share[stages] / base.price[index.product_of_stage[stages]][:, None]
    )
    model.level_base = farms.by_gate(farms.level)
    levels = [farms.level[farms.part(a)] for a in range(len(farms.activities))]
    model.mean_level = np.array([level.sum() / max((level > 0).sum(), 1) for level in levels])
    model.yield_base = np.divide(quantity, model.level_base, out=np.zeros_like(quantity), where=model.level_base > 0)
    orchard = farms.activity("orchard")
    model.orchard_factor = np.ones(counties)
    if orchard >= 0:
        two_years = orchard_crop(farms, model.config.farming, 2020) + orchard_crop(farms, model.config.farming, 2021)
        crop = np.bincount(farms.county, 0.5 * two_years, minlength=counties)
        model.orchard_factor = np.divide(quantity[orchard], crop, out=np.zeros(counties), where=crop > 0)
    model.weather = np.ones((len(stages), counties))
    model.mean_weather = mean_weather(model.config.farming, farms.activities, model.rules.season[stages])
    model.farm_hands = np.bincount(
        model.workers.county, model.workers.weight * working_on_farm(model.workers), minlength=counties
    )
    herb = farms.activity("herb")
    if herb >= 0:
        planted = planted_shares(model.config.farming)
        standing = planted[::-1].cumsum()[::-1]  # at rest, land due in k years was planted for more than k
        farms.herb_due = np.outer(standing / standing.sum(), farms.level[farms.part(herb)])
        model.herb_years = float(standing.sum())
    farms.gate_level = model.level_base.ravel()
    model.care = FarmCare(model)
    model.day_labour = DayLabour(model)
    wear = base.depreciation[stages].sum() / base.capital[stages].sum()
    model.farm_wear = float(wear)
    share, gate = farms.activity_share(), farms.gate_of
    model.farm_cost_base = farm_costs(model)
    farms.planned_investment[:] = model.farm_wear * farms.capital / 12 * model.seasons.invest[0]
    _fill_stores(model, share * quantity.ravel()[gate])
    model.crop_choice = CropChoice(model)
    model.greenhouses = Greenhouses(model) if Greenhouses.possible(farms) else None
    model.herb_planting = HerbPlanting(model) if HerbPlanting.possible(farms) else None
    model.insurance, model.nets = Insurance(model), HailNets(model)
    model.stores = [Stores(model, name) for name in sorted(model.config.farming.storage) if farms.activity(name) >= 0]
    for store in model.stores:
        store.lay_up(model, farms.by_gate(farms.stored)[store.a])


def _fill_stores(model: IndustryChainModel, crop: np.ndarray) -> None:
    """Crops in store at the end of 2020, of a year's ``crop`` (B,), and how growers spread them until the next harvest.

    What spoils in growers' stores is not sold outside.
    """
    farms, rules, counties = model.farms, model.rules, len(model.index.counties)
    model.store_part = np.ones((len(farms.stages), 12))
    for a, s in enumerate(farms.stages):
        keeps = rules.storable[s] and rules.spoilage[s] < model.config.parameters.farms.perishable_above.amount
        if a in farms.herd_activities or not keeps:
            continue
        cycle = store_cycle(rules.season[s], rules.orders[s], rules.spoilage[s])
        part, gates = farms.part(a), slice(a * counties, (a + 1) * counties)
        model.store_part[a] = cycle.part
        farms.stored[part] = crop[part] * cycle.left
        outside = model.supply.export_base[gates] - cycle.lost * model.gate_base[gates]
        model.supply.export_base[gates] = np.maximum(outside, 0.0)


def _herd_reference(model: IndustryChainModel) -> None:
    """Rates at which the herd of 2020 stands still: exits, heifers kept, calves that go to market."""
    farms, farming, base, index = model.farms, model.config.farming, model.base, model.index
    model.herd_signal = np.zeros(len(index.counties))
    breeding, fattening = farms.activity("breeding"), farms.activity("fattening")
    model.grower_exit = model.finisher_exit = model.heifer_retention = model.calf_market_share = 0.0
    if breeding < 0 or fattening < 0:
        return
    rules = farming.cattle
    herd = {name: float(getattr(farms, name).sum()) for name in ("cows", "heifers", "calves", "growers", "finishers")}
    culled = herd["cows"] * rules.cull_rate.amount / 12
    sold = _monthly(model, fattening)
    finished = max(sold - culled, 0.1 * sold)
    lost = {name: rules.mortality.amounts[name] / 12 for name in herd}
    model.finisher_exit = finished / herd["finishers"]
    model.grower_exit = (finished + lost["finishers"] * herd["finishers"]) / herd["growers"]
    weaned = herd["calves"] / rules.calf_months.amount
    grown = culled + lost["cows"] * herd["cows"]
    kept = grown + lost["heifers"] * herd["heifers"]
    model.heifer_retention = min(kept / (0.5 * weaned), 1.0)
    ready = weaned * (1 - 0.5 * model.heifer_retention)
    model.calf_market_share = min(_monthly(model, breeding) / ready, 1.0)
    feeder = index.products.index("feeder_calf")
    s = farms.stages[fattening]
    bought = base.use[feeder, s] / base.price[feeder] / 12
    need = finished + lost["finishers"] * herd["finishers"] + lost["growers"] * herd["growers"]
    model.notes.append(
        f"herd 2020: {sum(herd.values()) / 1e4:.1f}e4 head in stock, {sold * 12 / 1e4:.1f}e4 finished and culled; "
        f"fattening needs {need * 12 / 1e4:.1f}e4 feeders: {bought * 12 / 1e4:.1f}e4 bought, "
        f"{ready * (1 - model.calf_market_share) * 12 / 1e4:.1f}e4 of its own"
    )


def _monthly(model: IndustryChainModel, a: int) -> float:
    s = model.farms.stages[a]
    return float(model.base.output[s] / model.base.price[model.index.product_of_stage[s]] / 12)


def _budget_reference(model: IndustryChainModel) -> None:
    """Benefits that bring incomes to the observed ones, public budgets, and the transfers that pay for them."""
    base, p, workers, index = model.base, model.config.parameters, model.workers, model.index
    accounts, counties = p.base, len(index.counties)
    home = workers.place != OUTSIDE
    heads = np.bincount(workers.county[home], workers.weight[home], minlength=counties)
    model.base_residents, model.residents = heads, heads.copy()
    model.services = np.ones(counties)
    model.county_tax_share = p.government.county_tax_share.amount
    profits = np.maximum(base.surplus, 0.0)
    firm_stages = index.stages_where(agent="firm")
    profit_tax = model.profit_tax * (profits[:, None] * base.county_share)[firm_stages].sum(axis=0) / 12
    earned = _expected_incomes(model)
    pension_age = p.government.pension_age.amount
    old = home & (workers.age >= pension_age)
    # Residents' pension for all; in town the urban-registered get what brings incomes there to the observed.
    model.base_benefit = np.zeros((3, 2))
    model.base_benefit[[RURAL, TOWN]] = p.government.residents_pension.amount / 12
    town_pensioner = old & (workers.place == TOWN) & (workers.hukou_urban == 1)
    others = old & ~town_pensioner
    model.benefit_gap = np.zeros(2)
    for k, (place, income) in enumerate(((TOWN, accounts.urban_income), (RURAL, accounts.rural_income))):
        here = workers.place == place
        target = income.amount / 12 * float(workers.weight[here].sum())
        earned[k] += p.government.residents_pension.amount / 12 * float(workers.weight[here & others].sum())
        if place == TOWN:
            pension = max(target - earned[k], 0.0) / float(workers.weight[town_pensioner].sum())
            model.base_benefit[TOWN, 1] = pension
            earned[k] += pension * float(workers.weight[town_pensioner].sum())
        model.benefit_gap[k] = earned[k] - target
    model.base_government = accounts.government_consumption.amount / 12 * heads / heads.sum()
    model.base_works = accounts.government_investment.amount / 12 * heads / heads.sum()
    taxes = (base.tax[:, None] * base.county_share).sum(axis=0) / 12
    amount = model.base_benefit[workers.place, workers.hukou_urban] * old
    paid = np.bincount(workers.county, workers.weight * amount, minlength=counties)
    model.base_transfers = model.base_government + model.base_works + paid - model.county_tax_share * taxes - profit_tax
    model.notes.append(
        f"benefits {12 * paid.sum() / 1e8:.1f}e8, "
        f"transfers from above {12 * model.base_transfers.sum() / 1e8:.1f}e8 CNY "
        f"(observed: expenditure {accounts.expenditure.value}e8 on revenue {accounts.revenue.value}e8)"
    )


def profit_tax_rate(model: IndustryChainModel) -> float:
    """Tax on firms' profit that brings what revenue of 2020 has beyond the counties' share of production taxes.

    It stands for income taxes, fees and other revenue.
    """
    base, p = model.base, model.config.parameters
    other = p.base.revenue.amount - p.government.county_tax_share.amount * float(base.tax.sum())
    profits = np.maximum(base.surplus, 0.0)[model.index.stages_where(agent="firm")]
    return max(other, 0.0) / float(profits.sum())


def _expected_incomes(model: IndustryChainModel) -> np.ndarray:
    """Income a month before benefits of (town, village) at the base, CNY."""
    base, workers, firms, farms, p = model.base, model.workers, model.firms, model.farms, model.config.parameters
    bill = firms.wage * firms.jobs
    has_job = workers.employer >= 0
    units = workers.weight * model.schooling_pay[workers.education]
    persons = np.bincount(workers.employer[has_job], units[has_job], minlength=len(bill))
    per_head = np.divide(bill, persons, out=np.zeros(len(bill)), where=persons > 0)
    pay = np.where(has_job, per_head[np.maximum(workers.employer, 0)] * units, 0.0)
    wages = np.array([pay[workers.place == TOWN].sum(), pay[workers.place == RURAL].sum()])
    owners = float(bill[persons == 0].sum())
    interest = p.finance.loan_rate.amount * firms.debt - p.finance.deposit_rate.amount * firms.cash
    surplus = base.surplus[firms.stage] * firms.jobs / np.maximum(base.jobs.sum(axis=1)[firms.stage], 1e-9) - interest
    kept = surplus - model.profit_tax * np.maximum(surplus + interest, 0.0)
    local = p.firms.payout_share.amount * np.maximum(kept, 0.0) * (1 - firms.outside_share)
    farm = base.labour[farms.stages].sum() + base.surplus[farms.stages].sum()
    farm -= p.finance.loan_rate.amount * farms.debt.sum() - p.finance.deposit_rate.amount * farms.cash.sum()
    member = (workers.farm >= 0) & (workers.place != OUTSIDE)
    rural_members = float(workers.weight[member & (workers.place == RURAL)].sum() / workers.weight[member].sum())
    mixed = farm * p.base.rural_business_income_share.amount / 12
    away = (workers.place == OUTSIDE) & (workers.age < 65)
    remitted = float(workers.weight[away].sum()) * p.base.migrant_remittance.amount / 12
    deposit = p.finance.deposit_rate.amount * np.maximum(workers.cash, 0.0) - p.finance.loan_rate.amount * workers.debt
    deposit *= workers.weight / 12
    renting = workers.weight * (workers.tenure == RENTS)
    month_rent = model.housing.rent * model.housing.per_head
    rents = float((renting * month_rent[workers.county]).sum())
    return np.array(
        [
            wages[0] + owners + local.sum() / 12 + mixed * (1 - rural_members) + 0.25 * remitted
            + deposit[workers.place == TOWN].sum() + rents,
            wages[1] + mixed * rural_members + 0.75 * remitted + deposit[workers.place == RURAL].sum(),
        ]
    )  # fmt: skip
