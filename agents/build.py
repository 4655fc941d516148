"""Build the city at the base year: firms, people, farms, the network between them, and everyone's balances."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..chains.graph import road_distances
from .chiefs import ChainChief
from .farm_margins import Margins
from .farming import cattle_price, farm_collateral
from .farms import Farm, FarmSet, farm_columns, stock_farms
from .firm_sizes import firm_columns
from .firms import Firm, FirmSet, StageRules
from .freight import Freight
from .housing import Housing
from .institutions import Bank, Government, Outside
from .labour import LabourFlows, count_rows
from .land_market import LandMarket
from .money import loans_carried, months_of_profit_held
from .people import LEAVES_SCHOOL, Schooling
from .people_loops import adults_in_town, places_of_ranks
from .persons import persons_of
from .population import assign_base_jobs, worker_columns
from .randomness import name_key, systematic_round
from .reference import open_reference, profit_tax_rate
from .relaxation import security
from .seasons import LEAST, Seasons, order_calendars, stock_on_calendar
from .sexes import pull_of_stages
from .skills import Skills
from .supply import build_supply, cost_of_inputs
from .workers import OUTSIDE, RURAL, TOWN, Worker, WorkerSet

if TYPE_CHECKING:
    from .model import IndustryChainModel

SPARE_ROWS = 0.02  # share of rows kept free for those to be born
FARMING = "agriculture_forestry_fishery"


def build_city(model: IndustryChainModel, *, register: Callable[..., object]) -> None:
    """Lay out every agent of 2020; the sums of their columns are the base year's totals at every scale."""
    model.rules = stage_rules(model)
    model.seasons = Seasons(model.base, model.rules)
    model.town_adults = None
    base_output = _make_firms(model)
    _make_workers(model)
    _make_farms(model)
    for agent_class, agents in ((Worker, model.workers), (Farm, model.farms), (Firm, model.firms)):
        register(model, agent_class, agents)
    _give_jobs(model, base_output)
    _give_owners(model)
    model.distance = road_distances(model.config, model.index.counties)
    model.freight = Freight(model)
    model.supply = build_supply(
        model.config, model.base, model.firms, base_output, model.distance, model.streams, model.rules.made_per_sold,
        model.forms,
    )  # fmt: skip
    model.migrant_wage = model.config.population.migrant_wage.amount
    model.margins = Margins(model)
    model.land = LandMarket(model)
    _open_firm_books(model, base_output)
    _open_markets(model)
    _open_other_books(model)
    model.housing = Housing(model)
    model.skills = Skills(model)
    model.sex_pull = pull_of_stages(model)
    open_reference(model)
    model.labour = LabourFlows()


def stage_rules(model: IndustryChainModel) -> StageRules:
    """Per-stage constants the monthly rules read."""
    base, index = model.base, model.index
    season = np.ones((len(index.stages), 12))
    items = list(index.stage.values())
    for s, item in enumerate(items):
        if item.season:
            season[s] = [item.season.amounts[str(m)] for m in range(1, 13)]
    storable = np.array([index.product[item.product].storable for item in index.stage.values()])
    default = model.config.parameters.labour.year_round_posts
    spoilage = np.array([_spoilage(model, item.product) for item in index.stage.values()])
    sells = storable & np.array([item.agent == "firm" for item in index.stage.values()])
    # by-products fall as their host's year goes; other makers without a season of their own make what is asked
    chases = sells & np.array([item.season is None and item.capacity_from is None for item in items])
    orders = np.where(storable[:, None], order_calendars(base, season, chases)[index.product_of_stage], season)
    season[chases] = orders[chases]
    kept = np.where(sells, 1 - spoilage, 0.0)  # what is gone within the month is not held
    cover = stock_on_calendar(season, orders, model.config.parameters.firms.inventory_target.amount * kept)
    cover = np.where(kept[:, None] > 0, cover, 0.0)
    spoils = np.divide(spoilage, kept, out=np.zeros_like(kept), where=kept > 0)[:, None] * np.roll(cover, -1, axis=1)
    busy = np.maximum(season, LEAST)
    stay = np.array([(item.year_round_posts or default).amount for item in index.stage.values()])[:, None]
    return StageRules(
        season=season,
        orders=orders,
        cover=cover,
        spoils=spoils,
        pace=busy / (stay + (1 - stay) * busy),
        lasting=(stay + (1 - stay) * season.min(axis=1, keepdims=True))[:, 0],
        storable=storable,
        tax_rate=base.tax / base.output,
        depreciation_rate=np.divide(
            base.depreciation, base.capital, out=np.zeros(len(base.capital)), where=base.capital > 0
        ),
        base_price=base.price[index.product_of_stage],
        labour_cost_share=base.labour / base.output,
        spoilage=spoilage,
        made_per_sold=1 + spoils.mean(axis=1),
    )


def _spoilage(model: IndustryChainModel, product: str) -> float:
    rate = model.index.product[product].spoilage_rate
    return rate.amount if rate else 0.0


def _make_firms(model: IndustryChainModel) -> np.ndarray:
    base = model.base
    columns = firm_columns(model.config, base, scale=model.scale, streams=model.streams)
    base_output = columns.pop("base_output")
    order = np.lexsort((columns["key"], columns["county"], columns["stage"]))
    columns = {name: values[order] for name, values in columns.items()}
    base_output = base_output[order]
    firms = FirmSet(model, Firm)
    firms.create_agents(len(base_output), **columns)
    stage = firms.stage
    firms.product[:] = base.index.product_of_stage[stage]
    price = base.price[firms.product]
    monthly = base_output / price / 12
    utilisation = base.output / base.capacity
    firms.capital[:] = base.capital[stage] * base_output / base.output[stage]
    firms.capacity[:] = monthly / utilisation[stage]
    firms.capacity_base[:] = firms.capacity
    firms.price[:] = price
    firms.smoothed[:] = monthly
    firms.available[:] = monthly
    firms.ordered[:] = monthly
    model.firms = firms
    return base_output


def _make_workers(model: IndustryChainModel) -> None:
    columns = worker_columns(model.config, model.index.counties, scale=model.scale, streams=model.streams)
    model.industries = sorted(model.config.population.industries)
    columns["industry"] = assign_base_jobs(model.config, columns, model.index.counties, model.industries, model.streams)
    # room for the births of some years, so that the table is not copied in the first month
    workers = WorkerSet(model, Worker, capacity=int(len(columns["key"]) * (1 + SPARE_ROWS)) + 1)
    workers.create_agents(len(columns["key"]), **columns)
    model.workers = workers


def _make_farms(model: IndustryChainModel) -> None:
    """Farms belong to rural households; members in farming work on their household's farm, others on one nearby."""
    farming, streams, workers = model.config.farming, model.streams, model.workers
    columns, share = farm_columns(model.base, farming, scale=model.scale, streams=streams)
    farms = FarmSet(model, Farm)
    rows = np.arange(len(columns["county"]))
    farms.create_agents(len(rows), **columns)
    stages = model.index.stages_where(agent="farm")
    activities = [str(model.index.stage[model.index.stages[s]].activity) for s in stages]
    farms.set_activities(stages, activities, share > 0)
    stock_farms(farms, model.base, farming, share)
    tilling = workers.industry == model.industries.index(FARMING)
    for c in range(len(model.index.counties)):
        mine = np.flatnonzero(farms.county == c)
        rural = (workers.county == c) & (workers.place == RURAL)
        homes = np.unique(workers.household[rural])
        tilled = np.unique(workers.household[rural & tilling])
        order = np.r_[tilled, np.setdiff1d(homes, tilled)][: len(mine)]
        farms.household[mine[: len(order)]] = order
        farm_of = np.full(int(workers.household.max()) + 1, -1)
        farm_of[order] = mine[: len(order)]
        at_home = (workers.county == c) & (workers.place != OUTSIDE)
        workers.farm[at_home] = farm_of[workers.household[at_home]]
        loose = np.flatnonzero(at_home & tilling & (workers.farm < 0))
        workers.farm[loose] = mine[streams.integers("farms.hand", workers.key[loose], 0, high=len(mine))]
    model.farms = farms


def _give_jobs(model: IndustryChainModel, base_output: np.ndarray) -> None:
    """Give each firm its base jobs and named rows: workers of its industry, from its own county first."""
    base, index, firms, workers = model.base, model.index, model.firms, model.workers
    jobs_of_stage = base.jobs.sum(axis=1)
    firms.jobs[:] = jobs_of_stage[firms.stage] * base_output / base.output[firms.stage]
    wage = np.divide(base.labour, jobs_of_stage, out=np.zeros(len(jobs_of_stage)), where=jobs_of_stage > 0) / 12
    firms.wage[:] = wage[firms.stage]
    # those at work made the output of 2020; posts that turn over stand open for a while and are planned on top
    manned = (1 - model.config.parameters.labour.open_posts.amount) * model.rules.made_per_sold[firms.stage]
    firms.productivity[:] = manned * base_output / base.price[firms.product] / 12 / np.maximum(firms.jobs, 1e-9)
    to_build = base_output == 0  # a named plant that a project will build works as its stage does
    yearly = (base.output / base.price[index.product_of_stage] / np.maximum(jobs_of_stage, 1e-9))[firms.stage]
    firms.productivity[to_build] = (manned * yearly)[to_build] / 12
    model.row_weight = float(workers.weight[workers.industry >= 0].mean())
    census = np.array([model.industries.index(item.census) for item in index.stage.values()])
    for i, name in enumerate(model.industries):
        rows = np.flatnonzero(workers.industry == i)
        at = np.flatnonzero(census[firms.stage] == i)
        if len(at) == 0:
            continue
        share = 1.0 if name != FARMING else firms.jobs[at].sum() / jobs_of_stage[census == i].sum()
        wanted = firms.jobs[at] / max(firms.jobs[at].sum(), 1e-9) * round(len(rows) * share)
        start = float(model.streams.uniform("jobs.rounding", np.array([name_key(name)], dtype=np.uint64), 0)[0])
        firms.rows_wanted[at] = _rounded(wanted, start, firms.key[at])
        _seat(workers, rows, firms, at, farming=name == FARMING)
    firms.rounding[:] = firms.rows_wanted - firms.jobs / model.row_weight + 0.5
    count_rows(workers, firms)
    firms.staffed[:] = firms.jobs
    has_job = workers.employer >= 0
    workers.wage[has_job] = firms.wage[workers.employer[has_job]]
    workers.skill_stage[has_job] = firms.stage[workers.employer[has_job]]
    workers.skill[has_job] = np.maximum(workers.skill[has_job], 0.6)
    workers.participates[workers.industry >= 0] = 1
    _seek_work(model)


def _rounded(wanted: np.ndarray, start: float, key: np.ndarray) -> np.ndarray:
    return systematic_round(wanted, start, key=key).astype(np.int32)


def _seat(workers: WorkerSet, rows: np.ndarray, firms: FirmSet, at: np.ndarray, *, farming: bool) -> None:
    """Seat rows in firms' posts: same county first, then wherever posts are left (commuters)."""
    posts = np.repeat(at, firms.rows_wanted[at])
    rows = rows[np.lexsort((workers.key[rows], workers.county[rows]))]
    if farming:
        rows = rows[np.argsort(workers.farm[rows] >= 0, kind="stable")]
    left_rows, left_posts = [], []
    for c in np.unique(np.r_[workers.county[rows], firms.county[posts]]):
        mine, open_posts = rows[workers.county[rows] == c], posts[firms.county[posts] == c]
        n = min(len(mine), len(open_posts))
        workers.employer[mine[:n]] = open_posts[:n]
        left_rows.append(mine[n:])
        left_posts.append(open_posts[n:])
    spare_rows, spare_posts = np.concatenate(left_rows), np.concatenate(left_posts)
    n = min(len(spare_rows), len(spare_posts))
    workers.employer[spare_rows[:n]] = spare_posts[:n]


def _seek_work(model: IndustryChainModel) -> None:
    """The unemployed of the base year: a share of the non-farm labour force, drawn from idle adults in town."""
    workers, share = model.workers, model.config.parameters.labour.unemployment_share.amount
    busy = float(workers.weight[workers.employer >= 0].sum())
    left_school = workers.age >= np.array([LEAVES_SCHOOL[level] for level in range(4)])[workers.education]
    grown = (workers.place != OUTSIDE) & (workers.age >= 25) & (workers.age < 45)
    working = workers.weight * (workers.participates == 1)
    # as many of those who leave school look for work as did of the grown-ups of 2020
    people, looking = model.config.population, float(working[grown].sum() / workers.weight[grown].sum())
    college, senior = people.tertiary_share.amount, people.senior_share.amount
    model.schooling = Schooling(np.array([college, min(college + senior, 1.0)]), looking)
    draw = model.streams.uniform("jobs.first", workers.key, 0)
    young = (workers.place != OUTSIDE) & left_school & (workers.age < 18) & (draw < looking)
    workers.participates[young] = 1
    idle = (workers.industry < 0) & (workers.place == TOWN) & (workers.age >= 18) & (workers.age < 55) & left_school
    weight = float(workers.weight[idle].sum())
    chance = min(busy * share / (1 - share) / max(weight, 1.0), 1.0)
    seeking = idle & (model.streams.uniform("jobs.seeking", workers.key, 0) < chance)
    workers.participates[seeking] = 1
    workers.farm[seeking] = -1
    workers.wage[seeking] = float(np.median(model.firms.wage)) * 0.8


def _give_owners(model: IndustryChainModel) -> None:
    """Every firm has a local owner: an adult resident of its county, who gets what outside owners do not."""
    index, firms = model.index, model.firms
    sectors = model.config.technology.sectors
    share = np.array(
        [(item.outside_owner_share or sectors[item.sector].outside_owner_share).amount for item in index.stage.values()]
    )
    firms.outside_share[:] = share[firms.stage]
    for f in np.flatnonzero(firms.anchor >= 0):
        own = index.stage[index.stages[firms.stage[f]]].anchors[firms.anchor[f]].outside_owner_share
        if own:
            firms.outside_share[f] = own.amount
    firms.owner[:] = choose_owners(model, np.arange(len(firms.owner)), 0)


def choose_owners(model: IndustryChainModel, at: np.ndarray, month: int) -> np.ndarray:
    """Draw an adult row living in a town of the firm's county for each firm in ``at``."""
    workers, owners = model.workers, np.full(len(at), -1)
    key, county = model.firms.key[at], model.firms.county[at]
    if model.town_adults is None:  # listed once after people moved
        everywhere = np.ones(len(model.index.counties), dtype=bool)
        adults = adults_in_town(persons_of(workers), everywhere, 25.0, 70.0)
        model.town_adults = [adults[workers.county[adults] == c] for c in range(len(everywhere))]
    for c in np.unique(county):
        mine, pool = np.flatnonzero(county == c), model.town_adults[c]
        pick = model.streams.integers("firms.owner", key[mine], month, high=len(pool))
        # a rank by key does not depend on the order of rows
        owners[mine] = pool[places_of_ranks(workers.key[pool], pick)]
    return owners


def _open_firm_books(model: IndustryChainModel, base_output: np.ndarray) -> None:
    """Stocks at target, cash in proportion to output, loans by what plant and surplus carry, capital being built."""
    firms, p = model.firms, model.config.parameters
    exports = model.supply.export_base[model.supply.at_firms]
    firms.export_base[:] = exports
    firms.stock[:] = model.rules.cover[firms.stage, 0] * firms.smoothed
    accounts = p.base
    loans = accounts.loans.amount * (1 - accounts.household_loan_share.amount - accounts.farm_loan_share.amount)
    carried = _carried_loans(model, base_output)
    firms.debt[:] = loans * carried / carried.sum()
    wear = model.rules.depreciation_rate[firms.stage] * firms.capital / 12
    firms.pipeline[:] = wear * p.firms.gestation.amount
    firms.planned_investment[:] = wear * model.seasons.invest[0]
    firms.unit_cost_base[:] = firm_unit_cost(model)
    _open_firm_cash(model, base_output)


def _open_firm_cash(model: IndustryChainModel, base_output: np.ndarray) -> None:
    """Firms hold what they keep of profit on top of a reserve; deposits of 2020 say how long that lasts.

    Of profit they hold as much as owners go on taking out at the rate at which more is kept.
    """
    firms, base, p = model.firms, model.base, model.config.parameters
    deposits = p.base.deposits.amount * p.base.firm_deposit_share.amount
    model.profit_tax = profit_tax_rate(model)
    cost = firms.unit_cost_base * firms.smoothed
    surplus = (base.surplus / base.output)[firms.stage] * base_output / 12
    profit = surplus - model.profit_tax * np.maximum(surplus, 0.0) - p.finance.loan_rate.amount / 12 * firms.debt
    kept = np.maximum(profit, 0.0) * months_of_profit_held(p.firms.payout_share.amount)
    wear = model.rules.depreciation_rate[firms.stage] * firms.capital / 12
    model.cash_months = max(deposits - float((kept + wear).sum()), 0.0) / float(cost.sum())
    held = kept + wear + model.cash_months * cost
    firms.cash[:] = deposits * held / held.sum()
    model.notes.append(f"firms hold {model.cash_months:.2f} months of cost beside wear and what they kept of profit")


def _carried_loans(model: IndustryChainModel, base_output: np.ndarray) -> np.ndarray:
    """What the bank lends firms of 2020, CNY (F,): on plant and stocks, within what surplus pays interest on."""
    base, firms, p = model.base, model.firms, model.config.parameters.finance
    surplus = (base.surplus + base.depreciation) / base.output
    firms.surplus[:] = surplus[firms.stage] * base_output / 12
    wear = model.rules.depreciation_rate[firms.stage] * firms.capital / 12
    carried = np.minimum(p.credit_limit.amount * security(model), loans_carried(firms.surplus, wear, p))
    return carried if carried.any() else firms.capital  # a world without credit owes what 2020 owed all the same


def firm_unit_cost(model: IndustryChainModel) -> np.ndarray:
    """Inputs at replacement prices and wages per unit of output, CNY (F,); recipes of the whole year."""
    supply, firms = model.supply, model.firms
    rows = supply.firm_slots
    slots = supply.trade.slots
    inputs = cost_of_inputs(slots.buyer[rows], slots.coefficient[rows], supply.price[rows], len(firms.price))
    at = model.seasons.swinging_slots(model)
    yearly = slots.coefficient[at] * (1 / model.seasons.of_slots(slots.product[at], slots.stage[at]) - 1)
    inputs += np.bincount(slots.buyer[at], yearly * supply.price[at], minlength=len(firms.price))
    return inputs + firms.wage / np.maximum(firms.productivity, 1e-12)


def _open_other_books(model: IndustryChainModel) -> None:
    """Households', farms', governments' and the bank's balances, and the benefits that meet observed incomes."""
    accounts, workers, farms = model.config.parameters.base, model.workers, model.farms
    deposits, loans = accounts.deposits.amount, accounts.loans.amount
    home = workers.place != OUTSIDE
    income = np.where(workers.place == TOWN, accounts.urban_income.amount, accounts.rural_income.amount) / 12
    workers.income[home] = income[home]
    weight = workers.weight[home] * income[home]
    security = farm_collateral(model, cattle_price(model))
    farms.debt[:] = loans * accounts.farm_loan_share.amount * security / security.sum()
    farms.cash[:] = _cash_of_farms(model)
    others = accounts.firm_deposit_share.amount + accounts.government_deposit_share.amount
    savings = deposits * (1 - others) - float(farms.cash.sum())
    workers.cash[home] = savings * income[home] / weight.sum()
    workers.debt[home] = loans * accounts.household_loan_share.amount * income[home] / weight.sum()
    public = deposits * accounts.government_deposit_share.amount
    heads = np.bincount(workers.county[home], workers.weight[home], minlength=len(model.index.counties))
    model.governments = [
        Government(model, name, c, public * 0.8 * heads[c] / heads.sum()) for c, name in enumerate(model.index.counties)
    ]
    model.city = Government(model, "pingliang", 0, public * 0.2)
    held = float((workers.weight * workers.cash).sum() + model.firms.cash.sum() + farms.cash.sum()) + public
    owed = float(model.firms.debt.sum() + farms.debt.sum() + (workers.weight * workers.debt).sum())
    equity = model.config.parameters.finance.bank_equity_share.amount * owed
    model.bank = Bank(model, outside_position=held + equity - owed, equity=equity)
    model.outside = Outside(model)
    model.chiefs = [ChainChief(model, chain) for chain in model.index.chains if chain != "rest"]


def _cash_of_farms(model: IndustryChainModel) -> np.ndarray:
    """Money at which a farm draws what it earns in a normal year, CNY (N,): more would be spent, less saved up.

    Crops sold in autumn leave more at the end of the year than in a mean month.
    """
    base, farms, p = model.base, model.farms, model.config.parameters.finance
    rules, stages = model.config.farming, farms.stages
    share, gate = farms.activity_share(), farms.gate_of

    def of_farms(by_stage: np.ndarray) -> np.ndarray:
        by_gate = (by_stage[:, None] * base.county_share[stages]).ravel()
        return np.bincount(farms.worked_by, share * by_gate[gate], minlength=len(farms.county))

    drawn = 12 * rules.drawing_rate.amount
    earned = of_farms((base.labour + base.surplus)[stages]) - p.loan_rate.amount * farms.debt
    earned += 12 * model.land.due(model)
    reserve = rules.cash_reserve.amount * of_farms(base.use.sum(axis=0)[stages]) / 12
    before = (reserve + np.maximum(earned, 0.0) / drawn) / (1 - p.deposit_rate.amount / drawn)
    level = before - np.maximum(earned, 0.0) / 12  # the month's money has been drawn when the year ends
    return np.maximum(level + of_farms(_money_of_the_season(model, rules.drawing_rate.amount)), reserve)


def _money_of_the_season(model: IndustryChainModel, drawing_rate: float) -> np.ndarray:
    """What a year's calendar of sales and bills leaves on 31 December beyond a mean month, CNY by farm stage (A,).

    Of money that came k months ago (1 - drawing rate)^(k + 1) is left; the year before was alike.
    """
    base, stages, rules = model.base, model.farms.stages, model.rules
    keeps = rules.spoilage[stages] < model.config.parameters.farms.perishable_above.amount
    sold = np.where(keeps[:, None], rules.orders[stages], rules.season[stages])
    bills = base.use[:, stages].T @ model.seasons.product
    month = (base.output[stages][:, None] * sold - bills) / 12
    month -= month.mean(axis=1, keepdims=True)
    left = (1 - drawing_rate) ** np.arange(12, 0, -1)
    return np.asarray(month @ left / (1 - (1 - drawing_rate) ** 12))


def _open_markets(model: IndustryChainModel) -> None:
    """Farm-gate prices and the monthly reference flows the rules compare with."""
    index, base = model.index, model.base
    farm = index.stages_where(agent="farm")
    counties = len(index.counties)
    price = np.repeat(base.price[index.product_of_stage[farm]], counties)
    model.gate_stage = np.repeat(farm, counties)
    model.gate_county = np.tile(np.arange(counties), len(farm))
    model.gate_price = price.copy()
    model.gate_premium = np.ones(len(price))
    model.gate_base = (base.output[farm][:, None] * base.county_share[farm]).ravel() / price / 12
    model.gate_gap = np.zeros(len(price))
    model.seller_size = np.r_[model.gate_base * price, model.firms.smoothed * model.firms.price]
    model.gate_reference, model.gate_brought = model.gate_base.copy(), model.gate_base.copy()
