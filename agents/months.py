"""The sentences of a month: each function is one line of ``IndustryChainModel.step`` (model.md section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import households, labour, money, moving, people
from .budgets import by_product_limit
from .build import choose_owners, firm_unit_cost
from .chiefs import chiefs_judge
from .crop_choice import crops_compete
from .day_labour import days_are_hired
from .factors import DEMAND, LABOUR
from .farm_insurance import orchards_insure
from .farming import (
    cattle_price,
    farm_collateral,
    farm_input_scale,
    farm_taxes,
    farms_allocate_sales,
    farms_offer,
    farms_take_in_feeders,
    grow_farms,
    herd_units,
    update_herd_signal,
)
from .firms import firms_form_expectations, firms_learn_demand, firms_plan_output
from .guard import stop_at_impossible_numbers
from .housing import tenants_pay_rent
from .housing_loops import RENTS
from .investment import decide_investment, install_capital
from .labour import LabourFlows
from .land_market import land_changes_hands
from .limits import bind, firm_limits, firms_refused, posts_and_plant
from .people_loops import count_hands
from .persons import persons_of
from .places import (
    count_moves,
    count_residents,
    departed_accounts,
    departed_flows,
    describe_places,
    places_are_reclassified,
)
from .pricing import (
    adjust_prices,
    demand_gap,
    farm_gate_anchor,
    firm_anchor,
    gate_gap,
    handled_cost,
    handling_fee,
    price_of_waiting,
)
from .registration import compact_agents
from .relaxation import credit_limit, firms_plan_freely, outside_takes_the_rest, unfilled_orders_stay
from .rewiring import buyers_switch
from .structure import close_failed_firms, finds_successor, firms_enter, firms_wind_up, remove_closed_firms
from .supply import (
    EXPORT,
    firms_order_inputs,
    receive_inputs,
)
from .trading import clear_round, export_orders, final_budgets, settle_goods, users_pay
from .workers import OUTSIDE, TOWN

if TYPE_CHECKING:
    from .model import IndustryChainModel


def books_open(model: IndustryChainModel) -> None:
    """Zero the month's flows and note opening balances."""
    model.firms.ordered_before[:] = model.firms.ordered
    for agents in (model.firms, model.farms):  # what persons earn and spend is written anew when it is paid
        for name in agents.monthly:
            getattr(agents, name)[:] = 0
    model.farms.used_value[:] = 0
    for government in model.all_governments:
        government.account.start_month()
    model.outside.account.start_month()
    model.bank.flows.clear()
    model.labour = LabourFlows()
    model.herd_opening = herd_units(model)
    model.quota_open = False
    model.quotas.open_month(model.calendar)
    model.restraints.open_month()
    model.workers.founding[model.founders] = 0.0
    model.founders = np.zeros(0, dtype=np.int64)
    model.supply.lost[:] = 0.0
    model.audit_book.open()


def outside_world_moves(model: IndustryChainModel) -> None:
    """Read this month's outside prices, demand and wages off the drivers; what does not keep is used in its season."""
    products, month, drivers = model.index.product.values(), model.month, model.drivers
    growth = (1 + model.config.parameters.outside.trend_growth.amount) ** ((month + 6) / 12)
    cpi = drivers.value("cpi", month)
    index = np.array([drivers.value(item.outside_price, month, cpi) for item in products])
    model.outside_price = model.base.price * index
    model.outside_demand = np.array([drivers.value(item.outside_demand, month, growth) for item in products])
    model.seasons.turn(model)
    model.migrant_wage = model.config.population.migrant_wage.amount * drivers.value("migrant_wage", month)


def policies_start_and_end(model: IndustryChainModel) -> None:
    """Apply the scenario's policies that run this month; ways that opened make hauls cheaper."""
    model.policies.apply()
    model.freight.pass_on(model)


def farms_let_land(model: IndustryChainModel) -> None:
    """In January households let land, or take it back, and farms buy what is in store on land they take over.

    In March farms turn fields to crops that are expected to earn more, in August to greenhouses, or back.
    """
    land_changes_hands(model)
    crops_compete(model)
    for plots in (model.greenhouses, model.herb_planting):
        if plots is not None:
            plots.turn_fields(model)


def firms_expect_and_price(model: IndustryChainModel) -> None:
    """Firms set prices and expect orders with season; farm-gate prices follow outside markets."""
    firms, rules = model.firms, model.config.parameters.firms
    season = model.rules.orders[firms.stage, model.calendar - 1]
    firms.pace[:] = model.rules.pace[firms.stage, model.calendar - 1]
    cost = firm_unit_cost(model)
    firms.unit_cost[:] = cost
    handlers = model.margin_stage[firms.stage] & ~model.follows_outside[firms.product]
    goods = np.where(handlers, handled_cost(model, model.supply.price[model.resold_slots]), 0.0)
    anchor = np.where(handlers, handling_fee(model, cost, goods), firm_anchor(model, cost))
    price, firms.premium[:] = adjust_prices(
        firms.price, firms.premium, demand_gap(model), anchor, handlers | model.follows_outside[firms.product], rules
    )
    firms.price[:] = goods + price
    firms_form_expectations(firms, season)
    model.gate_price, model.gate_premium = adjust_prices(
        model.gate_price,
        model.gate_premium,
        model.gate_gap,
        farm_gate_anchor(model),
        np.ones(len(model.gate_price), dtype=bool),
        rules,
    )
    model.gate_price *= price_of_waiting(model)
    stop_at_impossible_numbers(model)


def firms_plan(model: IndustryChainModel) -> None:
    """Target output and jobs, within capacity and what cash and credit allow."""
    firms, p = model.firms, model.config.parameters
    firms_plan_output(firms, model.rules, model.calendar, p.firms.adjustment.amount)
    firms_plan_freely(model)
    idle = (firms.closing != 0) | (firms.opening > 0)
    firms.target[idle], firms.expected[idle] = 0.0, 0.0
    # Sales of the month pay its cost; only a loss per unit has to be met from cash and credit.
    loss = np.maximum(firms.unit_cost - firms.price, 0.0) * firms.target
    credit = np.maximum(credit_limit(model) - firms.debt, 0.0)
    means = np.maximum(firms.cash, 0.0) + credit
    share = np.clip(np.divide(means, loss, out=np.ones(len(loss)), where=loss > 0), 0.0, 1.0)
    firms.affordable[:] = np.where(share < 1, firms.target * share, np.inf)
    labour.firms_open_vacancies(firms, model.row_weight)
    firms.jobs[idle], firms.rows_wanted[idle] = 0.0, 0


def labour_market_meets(model: IndustryChainModel) -> None:
    """Separations, search, matching, wages and learning."""
    workers, firms, rules = model.workers, model.firms, model.config.parameters.labour
    before, last_stage = workers.employer.copy(), workers.skill_stage.copy()
    seekers = labour.workers_leave(workers, firms, rules, model.streams, model.month, model.labour)
    reach = np.exp(-model.distance / rules.commuting_decay.amount)
    model.skills.open_posts(model)
    labour.firms_hire(
        workers, firms, seekers, rules, reach, model.streams, model.month, model.labour, model.skills, model.sex_pull
    )
    model.skills.note_open_posts(model)
    model.recorder.people.see_labour_market(before, last_stage)
    last = model.drivers.value("wage", max(model.month - 1, 0))
    growth = max(model.drivers.value("wage", model.month) / last - 1, 0.0)
    labour.firms_adjust_wages(firms, rules, growth)
    labour.firms_staff_jobs(firms)
    if LABOUR in model.restraints.relaxed:
        firms.staffed[:] = firms.jobs
    labour.workers_learn(workers, seekers, rules)


def inputs_are_ordered_and_delivered(model: IndustryChainModel) -> None:
    """Firms and farms order inputs; linked suppliers, then others, then outside deliver."""
    firms, supply, rules = model.firms, model.supply, model.config.parameters.firms
    count = len(firms.price)
    storable = model.rules.storable[firms.stage]
    update_herd_signal(model)
    # Approved capacity binds where a permit is needed: no overtime beyond it.
    model.permit_limit = np.where(model.may_expand[firms.stage], np.inf, firms.capacity)
    model.permit_limit = np.minimum(model.permit_limit, by_product_limit(model))
    firms_serve(model, ~storable)
    firms.available[:] = np.where(storable, firms.stock, firms.service_limit)
    model.gate_quota = farms_offer(model)
    orders = np.zeros(len(supply.trade.slots.kind))
    wanted, reach = np.minimum(firms.target, firms.affordable), posts_and_plant(model)
    model.reach_binds = reach < np.where(storable, wanted, firms.expected)
    idle = (firms.closing != 0) | (firms.opening > 0)
    planned = np.where(storable, wanted, np.where(idle, 0.0, firms.expected))
    planned = np.minimum(planned, reach)
    # services hold what the coming month asks of them; goods hold the mean month's
    ahead = np.where(storable, 1.0, model.rules.season[firms.stage, model.calendar % 12]) * firms.smoothed
    orders[supply.firm_slots] = firms_order_inputs(
        supply, planned, ahead, rules.input_target.amount, rules.adjustment.amount
    )
    model.restraints.cut_orders(orders, supply.trade.slots.product, supply.trade.slots.stage)
    farm_rows = supply.trade.rows(1)
    orders[farm_rows] = supply.trade.slots.base[farm_rows] * farm_input_scale(model, farm_rows)
    orders[farm_rows] *= model.freight.transport_needed(supply.trade.slots, farm_rows)
    orders[farm_rows] *= model.seasons.product[supply.trade.slots.product[farm_rows], model.calendar - 1]
    model.trade = clear_round(model, supply.trade, orders, np.r_[model.gate_quota, firms.available])
    offered = np.r_[model.gate_quota, firms.available]
    asked = model.trade.ordered
    model.fill = np.minimum(np.divide(offered, asked, out=np.ones(len(asked)), where=asked > 0), 1.0)
    receive_inputs(supply, model.trade)
    paid = np.bincount(
        supply.trade.slots.buyer[supply.firm_slots], model.trade.paid[supply.firm_slots], minlength=count
    )
    firms.purchases += paid
    firms.cash -= paid
    farms_take_in_feeders(model)


def goods_are_made(model: IndustryChainModel) -> None:
    """Firms whose goods keep produce the least of target, capacity, labour, critical inputs and permits."""
    firms = model.firms
    storable = model.rules.storable[firms.stage]
    firms_serve(model, ~storable & ~firms_refused(model))
    scarce = firms.scarce.copy()
    made = bind(model, firm_limits(model, firms.target, delivered=True), storable)
    firms.scarce[:] = np.where(storable, firms.scarce, scarce)
    firms.made[:] = np.where(storable, made, 0.0)
    firms.available[:] = np.where(storable, firms.stock + firms.made, firms.service_limit)


def firms_serve(model: IndustryChainModel, judged: np.ndarray) -> None:
    """What services can do with posts, plant and the inputs at hand; never less than they did for firms already.

    What binds is noted for those ``judged`` (F,).
    """
    firms = model.firms
    service = ~model.rules.storable[firms.stage]
    nothing_asked, scarce = np.full(len(firms.price), np.inf), firms.scarce.copy()  # services serve whoever comes
    potential = bind(model, firm_limits(model, nothing_asked, delivered=False), judged)
    firms.scarce[:] = np.where(judged, firms.scarce, scarce)
    working = service & (firms.closing == 0) & (firms.opening == 0)
    firms.service_limit[:] = np.where(working, np.maximum(potential, firms.sold), 0.0)


def days_are_worked(model: IndustryChainModel) -> None:
    """Farms in a peak and firms with seasonal posts open hire neighbours by the day."""
    days_are_hired(model)


def farms_grow(model: IndustryChainModel) -> None:
    """Trees, herds and crops: biology, harvest, and what comes to market."""
    grow_farms(model)


def goods_are_sold(model: IndustryChainModel) -> None:
    """Households, governments, investors and outside buyers are served; stocks and values of the month are settled."""
    firms, supply, p = model.firms, model.supply, model.config.parameters
    slots = supply.final.slots
    wishes = households.households_plan_spending(
        model.workers,
        p.households,
        model.propensity,
        model.housing_share * model.housing.most_building * model.seasons.invest[model.calendar - 1],
        len(model.index.counties),
    )
    model.housing.limit_building(model, wishes)
    works = model.policies.public_works()
    wanted = final_budgets(model, wishes, works)
    price = np.r_[model.gate_price, firms.price]
    orders = np.where(slots.kind == EXPORT, 0.0, wanted / np.maximum(model.final_price, 1e-12))
    exports = supply.final.rows(EXPORT)
    left = np.r_[farms_offer(model), np.maximum(firms.available - firms.sold, 0.0)]
    outside = export_orders(model, price)
    if DEMAND in model.restraints.relaxed:
        outside = np.maximum(outside, outside_takes_the_rest(model, orders, left))
    orders[exports] = outside
    model.sales = clear_round(model, supply.final, orders, left)
    unfilled_orders_stay(model)
    money.to_outside(model.outside, model.bank, "exports", -float(model.sales.paid_local[exports].sum()))
    model.gate_gap = gate_gap(model)
    users_pay(model, wishes, wanted, works)
    farms_allocate_sales(model)
    settle_goods(model)


def dwellings_are_let(model: IndustryChainModel) -> None:
    """Tenants pay rent, new dwellings are finished, and rents of the county towns answer what stands empty."""
    tenants_pay_rent(model)


def money_is_paid(model: IndustryChainModel) -> None:
    """Wages, taxes, transfers, benefits, remittances, interest, dividends and credit."""
    p, firms, farms, workers = model.config.parameters, model.firms, model.farms, model.workers
    pay = model.skills.pay(model)
    heads = households.Heads.of(workers, len(firms.price), len(farms.cash), pay)
    wage, own_work = money.firms_pay_wages(firms, heads)
    levied = model.rules.tax_rate[firms.stage] * firms.output_value
    tax_farms = farm_taxes(model)
    money.pay_taxes(
        (firms, farms), (levied, tax_farms), model.governments, model.outside, model.bank, model.county_tax_share
    )
    wear = model.rules.depreciation_rate[firms.stage] * firms.capital / 12
    taxed = np.maximum(firms.output_value - firms.used_value - firms.wage_bill - levied - wear, 0.0) * model.profit_tax
    money.pay_taxes((firms,), (taxed,), model.governments, model.outside, model.bank, 1.0)
    growth = (1 + p.government.transfer_growth.amount) ** (model.month / 12)
    due = model.base_transfers * growth * model.policies.transfers
    money.transfers_come_down(model.city, model.governments, due, model.outside, model.bank)
    model.policies.pay_costs()
    model.policies.finance.service_debt()
    orchards_insure(model)
    model.land.pay(model)
    deposit, loan = money.interest_rates(p.finance, model.drivers.value("lending_rate", model.month))
    interest = money.borrowers_pay_interest((firms, farms), deposit, loan)
    profit = firms.output_value - firms.used_value - firms.wage_bill - firms.tax - firms.interest - wear
    firms.profit[:] = profit
    reserve = model.cash_months * (firms.used_value + firms.wage_bill) + firms.planned_investment
    dividend = money.firms_pay_dividends(firms, profit, p.firms.payout_share.amount, reserve, model.outside, model.bank)
    free = (
        np.maximum(farms.cash - model.config.farming.cash_reserve.amount * model.farm_cost_base, 0.0)
        * model.config.farming.drawing_rate.amount
    )
    outside_share = 1 - p.base.rural_business_income_share.amount
    drawing = money.farms_pay_members(farms, heads, free, outside_share, model.outside, model.bank)
    per_worker = (
        p.base.migrant_remittance.amount / 12 * model.migrant_wage / model.config.population.migrant_wage.amount
    )
    received = households.people_are_paid(
        workers,
        heads,
        households.Incomes(
            wage=wage,
            benefit=model.base_benefit * growth,
            pension_age=p.government.pension_age.amount,
            pay=pay,
            remittance=per_worker,
            drawing=drawing,
            owner=firms.owner,
            own_work=own_work,
            dividend=dividend,
            deposit=deposit,
            loan=loan,
        ),
        len(model.governments),
    )
    money.governments_pay_benefits(model.governments, received.benefits)
    money.to_outside(model.outside, model.bank, "remittances", -received.remitted)
    money.bank_settles_interest(
        model.bank, interest + received.interest, deposit, model.all_governments, model.outside, p.finance
    )
    limit = credit_limit(model)
    years = p.finance.cash_flow_limit.amount * model.policies.credit[firms.stage]
    carried = np.minimum(limit, 12 * years * np.maximum(firms.surplus, 0.0))
    money.bank_lends(firms, carried, p.finance.repayment.amount)
    security = farm_collateral(model, cattle_price(model))
    money.bank_lends(farms, p.finance.credit_limit.amount * security, p.finance.repayment.amount)
    failed = money.failed_firms(firms, limit, int(p.finance.write_off_months.amount))
    model.failures = int(failed.sum())
    taken_over = failed & finds_successor(model)
    money.bank_writes_off(model.bank, firms, limit, taken_over)
    close_failed_firms(model, failed & ~taken_over)
    households.households_pool_cash(workers, heads, received, p.households)


def firms_and_farms_invest(model: IndustryChainModel) -> None:
    """Capital wears out, what was ordered comes into use, and next month's investment is decided."""
    install_capital(model)
    decide_investment(model)
    season = model.rules.orders[model.firms.stage, model.calendar - 1]
    smoothing = model.config.parameters.firms.expectation_smoothing.amount
    firms_learn_demand(model.firms, 1.0 if model.forms.expectations == "latest" else smoothing, season)
    model.firms.age += 1


def people_live_and_move(model: IndustryChainModel) -> None:
    """Ageing, deaths, births, schooling, choice of place, settling; owners who left are replaced."""
    workers, streams, month = model.workers, model.streams, model.month
    model.town_adults = None
    if model.calendar == 1 and month > 0:
        compact_agents(model)
    rates = people.VitalRates.of(model.config, model.year) if model.calendar == 1 or month == 0 else model.vital_rates
    model.vital_rates = rates
    flows = model.people_flows = {}
    counties = len(model.index.counties)
    rules = model.config.parameters.migration
    life = people.people_age(workers, rates, rules, model.schooling, streams, month)
    dead = life.dead
    estates, unpaid = people.people_die(workers, dead, counties)
    model.bank.equity -= unpaid
    model.bank.flows["unpaid estates"] -= unpaid
    for government, value in zip(model.governments, estates, strict=True):
        government.account.receive("estates", float(value))
    flows["estates"] = estates
    resident = workers.place != OUTSIDE
    at_home = dead[resident[dead]]
    flows["deaths"] = np.bincount(workers.county[at_home], workers.weight[at_home], minlength=counties)
    in_town = dead[workers.place[dead] == TOWN]
    flows["town_deaths"] = np.bincount(workers.county[in_town], workers.weight[in_town], minlength=counties)
    flows["deaths_outside"] = float(workers.weight[dead].sum() - workers.weight[at_home].sum())
    model.departed = departed_flows(workers, dead)
    flows.update(departed_accounts(workers, dead))
    workers.at_rows(dead).leave_model()
    newborn = people.people_are_born(workers, life.mothers, rates, streams, month)
    workers = model.workers
    flows["births"] = np.bincount(workers.county[newborn], workers.weight[newborn], minlength=counties)
    born_in_town = newborn[workers.place[newborn] == TOWN]
    flows["town_births"] = np.bincount(workers.county[born_in_town], workers.weight[born_in_town], minlength=counties)
    idle, model.farm_hands = count_hands(persons_of(workers), counties)
    places = describe_places(model, idle, model.farm_hands)
    moves = moving.people_choose_place(workers, life.thinking, rules, places, streams, month)
    flows.update(count_moves(model, moves))
    flows["reclassified"] = places_are_reclassified(model)
    housing = model.housing
    public = np.minimum(housing.free_public / np.maximum(housing.people[:, RENTS], 1.0), 1.0)
    papers = moving.papers_of(
        rules, housing.rules.purchase_rate.amount, 1 + model.policies.conversion, public, streams, month
    )
    flows["converted"], flows["permits"] = moving.people_settle(
        workers, papers, model.config.parameters.government.pension_age.amount
    )
    count_residents(model)
    lost = np.flatnonzero(~workers.alive[model.firms.owner] | (workers.place[model.firms.owner] == OUTSIDE))
    if len(lost):
        model.firms.owner[lost] = choose_owners(model, lost, month + 1)
    labour.count_rows(workers, model.firms)


def firms_enter_and_leave(model: IndustryChainModel) -> None:
    """Closing firms wind up, founders build where capacity is missing, buyers leave suppliers that do not deliver."""
    firms_wind_up(model)
    firms_enter(model)
    model.links_moved = buyers_switch(model)


def ledgers_close(model: IndustryChainModel) -> None:
    """Audit every identity from agent columns, then record; a run with impossible numbers ends here."""
    stop_at_impossible_numbers(model)
    model.audit_book.close()
    model.recorder.record()
    if model.accounts is not None:
        model.accounts.close_month()
    if model.network_watch is not None:
        model.network_watch.close_month(model)
    remove_closed_firms(model)
    chiefs_judge(model)
