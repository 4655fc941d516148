"""Interventions: what a scenario's policies do to capacity, herds, demand, budgets and places, and what they cost.

A policy builds up linearly from its start to its end and then stays.  With no policy every factor is exactly neutral,
so a null intervention changes no bit.  Each lever is one small function of (model, policy, share), ``share`` being the
part of the intensity that arrives this month.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..config.interventions import policies_in_use
from ..config.schema import Policy
from . import money
from .budgets import government_works
from .chiefs import ChiefPurse
from .farm_insurance import insure_crops, insure_prices
from .hail_nets import hail_nets
from .labour import unemployed, working_on_farm
from .land_market import ease_land_transfer
from .policy_checks import check_policy
from .policy_effects import Idle
from .policy_targets import (
    counties_hit,
    county_weights,
    cow_price,
    month_of,
    months_of,
    of_size,
    persons_named,
    programme_cost,
    public_cost,
    shares_on_farms,
    target_stages,
)
from .projects import capacity, project_shares
from .public_finance import Paid, PublicFinance, Wish
from .shocks import SHOCKS

if TYPE_CHECKING:
    from .model import IndustryChainModel


# levers that act by the month, not by what has built up
WHILE_RUNNING = ("construction", "denial", "demand_fall", "weather", "transfer_cut")


class PolicyBook:
    """The policies of a scenario and the factors they act through.

    Attributes
    ----------
    demand, premium : (S,) factors on outside demand and outside price of a stage.
    credit : (S,) factor on what the bank lends firms of a stage on the same security and surplus.
    founding : (S, C) factor on how fast founders fill a gap.
    sending : (C,) added to the utility of going to work outside.
    farm_yield : (A,) factor on what farm activities bear.
    outside_price : (P,) factors on outside prices that shocks leave.
    hazards : hazard -> (C,) least share of an exposed crop it takes where it strikes this month.
    transfers : (C,) share of the usual transfers from above that arrives this month.
    amenity : (C,) utility of towns.
    permit, conversion : additions to what a residence permit opens, and to the rate of converting registration.
    works : (C,) CNY a month of public works beyond the base.
    paid_by : payer -> (C,) CNY of public works this month, refunded to counties by who bears them.
    borne : payer -> (C,) CNY of policy money this month, works, purchases and firms' projects alike, for the record.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        self.model = model
        self.chiefs = ChiefPurse(model)
        self.policies = policies_in_use(model.config.interventions, model.scenario.policies) | self.chiefs.offers
        for name, policy in self.policies.items():
            check_policy(model, name, policy, tuple(LEVERS))
        stages, counties = len(model.index.stages), len(model.index.counties)
        self.demand, self.premium = np.ones(stages), np.ones(stages)
        self.credit, self.founding = np.ones(stages), np.ones((stages, counties))
        self.sending = np.zeros(counties)
        self.outside_price, self.transfers = np.ones(len(model.index.products)), np.ones(counties)
        self.hazards: dict[str, np.ndarray] = {}
        self.farm_yield = np.ones(len(model.farms.stages))
        self.permit, self.conversion = 0.0, 0.0
        self.amenity, self.works = np.zeros(counties), np.zeros(counties)
        self.taught = 0.0  # persons for whom training had a seat
        self.paid_by = {payer: np.zeros(counties) for payer in ("upper", "city", "county")}
        self.borne = {payer: np.zeros(counties) for payer in ("upper", "city", "county", "firm")}
        self.oldest = model.farms.trees_30.copy()
        self.weights: dict[tuple[tuple[str, ...], int | None], np.ndarray] = {}
        self.running = ""
        self.projects = project_shares(model, self.policies)
        self.firm_rows: dict[tuple[tuple[str, ...], int, str | None], tuple[tuple[int, int], np.ndarray]] = {}
        self.finance = PublicFinance(model)
        self.paid_part = np.ones(counties)
        self.full_share = 0.0
        self.idle = Idle()

    def apply(self) -> None:
        """Let the part of every running policy that falls into this month arrive."""
        self.works[:] = 0.0
        self.transfers[:] = 1.0
        self.hazards.clear()
        for amount in (*self.paid_by.values(), *self.borne.values()):
            amount[:] = 0.0
        bought = self.chiefs.shares()
        due = {name: self._due(name, policy, bought) for name, policy in self.policies.items()}
        wishes = {name: self._wish(name, policy, *due[name]) for name, policy in self.policies.items()}
        paid = self.finance.fund(wishes)
        for name, policy in self.policies.items():
            self.running = name
            share, running = due[name]
            self.full_share = share
            self.paid_part = np.where(wishes[name].sunk > 0, paid[name].sunk, 1.0)
            if share > 0 or (running and policy.lever in WHILE_RUNNING):
                covered = share * _covered(wishes[name], paid[name])
                if covered > 0 or share == 0:
                    act = partial(LEVERS[policy.lever], self.model, policy, covered)
                    self.idle.act(self.model, name, policy, act)
                if name in bought:
                    self.chiefs.bought(name, covered, float((wishes[name].sunk * paid[name].sunk).sum()))
            self.spend(policy, wishes[name].recurrent * paid[name].recurrent)
        self.model.outside_price *= self.outside_price

    def _due(self, name: str, policy: Policy, bought: dict[str, float]) -> tuple[float, bool]:
        """Share of the intensity that is due this month, and whether the policy runs."""
        if name in self.chiefs.offers:
            return bought.get(name, 0.0), name in bought
        share, running = self._progress(policy)
        if policy.lever == "closure":
            running = self._first_month(policy)
            share = float(running)
        return share, running

    def _wish(self, name: str, policy: Policy, share: float, running: bool) -> Wish:
        """Public money a policy wants this month; firms' projects ask for none."""
        nothing = np.zeros(len(self.model.index.counties))
        if policy.payer == "firm":
            return Wish("firm", nothing, nothing)
        sunk = programme_cost(self.model, policy, share, running)
        return Wish(policy.payer, sunk, self._upkeep(name, policy))

    def _progress(self, policy: Policy) -> tuple[float, bool]:
        """Share of the intensity that arrives this month, and whether the policy runs."""
        now = self.model.drivers.first + self.model.month
        start = month_of(policy.start)
        end = month_of(policy.end) if policy.end else start
        running = start <= now <= end if policy.end else now >= start
        return (1.0 / months_of(policy) if start <= now <= end else 0.0), running

    def opening(self, policy: Policy, share: float) -> float:
        """Share of a plant that opens this month: of its cost, unless it opens later than building begins."""
        if policy.opens is None:
            return share
        now, end = self.model.drivers.first + self.model.month, month_of(policy.end or policy.start)
        first = month_of(policy.opens)
        return 1.0 / (end - first + 1) if first <= now <= end else 0.0

    def _first_month(self, policy: Policy) -> bool:
        return self.model.drivers.first + self.model.month == month_of(policy.start)

    def _upkeep(self, name: str, policy: Policy) -> np.ndarray:
        """Recurrent cost of a public programme in the counties it serves, CNY this month (C,), for good."""
        begun = self.model.drivers.first + self.model.month >= month_of(policy.start)
        stage = target_stages(self.model, policy)[0] if policy.target.stages else None
        monthly = policy.recurrent_cost.amount / 12 if begun and policy.recurrent_cost else 0.0
        if name in self.chiefs.offers:
            monthly = self.chiefs.upkeep(name)
        return monthly * county_weights(self.model, policy, stage)

    def firms_at(self, policy: Policy, stage: int, weights: np.ndarray) -> np.ndarray:
        """Rows of the stage's firms where a policy acts, closing ones only where all are."""
        where = (tuple(policy.target.counties), stage, policy.target.size)
        firms, known = self.model.firms, self.firm_rows.get(where)
        moment = (firms.table.size, firms.table.version)
        if known is None or known[0] != moment:
            sized = of_size(policy, firms.capacity_base, self.model.mean_plant[stage])
            rows = np.flatnonzero((firms.stage == stage) & firms.alive & (weights[firms.county] > 0) & sized)
            known = self.firm_rows[where] = (moment, rows)
        going = known[1][firms.closing[known[1]] == 0]
        return going if len(going) else known[1]

    def public_works(self) -> np.ndarray:
        """Public investment this month, (C,) CNY: the base and the works of running policies."""
        return government_works(self.model) + self.works

    def spend(self, policy: Policy, amount: np.ndarray) -> None:
        """Add public works of a programme, (C,) CNY this month, and note who pays for them."""
        if policy.payer == "firm":
            return
        self.works += amount
        self.paid_by[policy.payer] += amount
        self.borne[policy.payer] += amount

    def subsidise(self, policy: Policy, amount: np.ndarray) -> None:
        """Pay farms (C,) CNY out of the budget of who bears the programme; the farms' side is booked by the lever."""
        model = self.model
        self.borne[policy.payer] += amount
        if policy.payer == "county":
            for government, value in zip(model.governments, amount.tolist(), strict=True):
                government.account.receive("subsidies", -value)
        elif policy.payer == "city":
            model.city.account.receive("subsidies", -float(amount.sum()))
        else:
            money.to_outside(model.outside, model.bank, "transfers", -float(amount.sum()))

    def pay_costs(self) -> None:
        """Counties have spent the works: higher levels and the city refund their programmes, a county bears its own."""
        model = self.model
        if self.paid_by["upper"].any():
            money.transfers_come_down(model.city, model.governments, self.paid_by["upper"], model.outside, model.bank)
        if self.paid_by["city"].any():
            money.city_refunds(model.city, model.governments, self.paid_by["city"])


def _covered(wish: Wish, paid: Paid) -> float:
    """Part of what a policy does this month that is paid for: of its works, or of its running costs if that is all."""
    for wanted, part in ((wish.sunk, paid.sunk), (wish.recurrent, paid.recurrent)):
        if wanted.any():
            return float((wanted * part).sum() / wanted.sum())
    return 1.0


def _orchard_renewal(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Grub a share of the orchards that were oldest at the start and replant; young trees bear after some years."""
    farms, weights = model.farms, county_weights(model, policy)
    there = weights[farms.county] > 0
    if policy.target.size is not None:
        a = farms.activity("orchard")
        orchard = np.bincount(farms.farm_of[farms.part(a)], farms.level[farms.part(a)], minlength=len(farms.county))
        there &= of_size(policy, orchard, model.mean_level[a])
    wanted = model.policies.oldest * policy.intensity.amount * share * there
    old = np.minimum(wanted, farms.trees_30)
    dwarf = model.config.farming.orchard.dwarf_share.amount
    farms.trees_30 -= old
    farms.trees_0 += old * (1 - dwarf)
    farms.dwarf_0 += old * dwarf
    public_cost(model, policy, share)


def _breeding_cows(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Bring in breeding cows from outside: animals are bought, so herds and outside trade both see them."""
    farms, breeding = model.farms, model.farms.activity("breeding")
    counties = len(model.index.counties)
    stage = int(farms.stages[breeding])
    weights = county_weights(model, policy, stage)
    part = farms.part(breeding)
    here = farms.farm_of[part]
    county = farms.county[here]
    paid = model.policies.full_share * model.policies.paid_part[county]
    heads = policy.intensity.amount * paid * weights[county] * shares_on_farms(model, policy, breeding)
    cost = heads * cow_price(model)[county]
    farms.cows[here] += heads
    farms.bought[here] += heads
    farms.purchases[here] += cost
    farms.subsidy[here] += cost
    farms.used_value[part] += cost
    money.to_outside(model.outside, model.bank, "imports", float(cost.sum()))
    model.policies.subsidise(policy, np.bincount(county, cost, minlength=counties))


def _area(activity: str) -> Callable[[IndustryChainModel, Policy, float], None]:
    """Lever that adds mu to an activity on farms that already have it."""

    def add(model: IndustryChainModel, policy: Policy, share: float) -> None:
        farms, a = model.farms, model.farms.activity(activity)
        weights, part = county_weights(model, policy, int(farms.stages[a])), farms.part(a)
        county = farms.county[farms.farm_of[part]]
        here = model.policies.full_share * (model.policies.paid_part * weights)[county]
        farms.level[part] += policy.intensity.amount * here * shares_on_farms(model, policy, a)
        public_cost(model, policy, share)

    return add


def _demand(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Raise outside demand for the stages' products (market access, e-commerce)."""
    model.policies.demand[target_stages(model, policy)] += policy.intensity.amount * share
    public_cost(model, policy, share)


def _transport(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Open a road, line or airport: hauls on its ways cost less, back and forth, for what it carries."""
    model.freight.open_way(model, policy, policy.intensity.amount * share)
    public_cost(model, policy, share)


def _premium(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Raise the outside price the stages' products fetch (brand)."""
    model.policies.premium[target_stages(model, policy)] += policy.intensity.amount * share
    public_cost(model, policy, share)


def _productivity(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Raise output per job and per unit of capacity, or yields on farms."""
    firms, farms = model.firms, model.farms
    gain = 1 + policy.intensity.amount * share
    for stage in target_stages(model, policy):
        mine = (firms.stage == stage) & of_size(policy, firms.capacity_base, model.mean_plant[stage])
        mine &= counties_hit(model, policy)[firms.county]
        firms.productivity[mine] *= gain
        firms.capacity[mine] *= gain
        model.policies.farm_yield[farms.stages == stage] *= gain
    public_cost(model, policy, share)


def _construction(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Public works: CNY a year of construction demand while the policy runs."""
    model.policies.spend(policy, programme_cost(model, policy, share, True) * model.policies.paid_part)


def _training(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Train persons a year, those without work first, then farm members: who has skill is taken before others."""
    workers, weights = model.workers, county_weights(model, policy)
    named = persons_named(model, policy)
    draw = model.streams.uniform("policies.training", workers.key, model.month)
    seats = policy.intensity.amount / 12 * months_of(policy) * share
    for group in (unemployed(workers), working_on_farm(workers)):
        there = group & (weights[workers.county] > 0) & named
        persons = float(workers.weight[there].sum())
        taking = there & (draw < min(seats / max(persons, 1.0), 1.0))
        workers.skill[taking] = np.minimum(workers.skill[taking] + 0.15, 1.0)
        model.policies.taught += min(seats, persons)
        seats = max(seats - persons, 0.0)
    public_cost(model, policy, share)


def _amenity(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Raise the amenity of towns (schools and services); intensity is a share of the base amenity."""
    weights = county_weights(model, policy)
    base = model.config.parameters.migration.town_amenity.amount
    model.policies.amenity[weights > 0] += policy.intensity.amount * share * base
    public_cost(model, policy, share)


def _permit(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Raise the part of town schools and services that a residence permit opens, city-wide."""
    model.policies.permit += policy.intensity.amount * share
    public_cost(model, policy, share)


def _conversion(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Raise the rate at which townspeople convert a rural registration, as a share of its base, city-wide."""
    model.policies.conversion += policy.intensity.amount * share
    public_cost(model, policy, share)


def _housing(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Public rental flats come on the market of county towns and are let below the market rent."""
    model.housing.add_public_flats(policy.intensity.amount * share * county_weights(model, policy))
    public_cost(model, policy, share)


def _guarantee(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """A guarantee fund stands for loans: the bank lends that much more on the same security and surplus."""
    model.policies.credit[target_stages(model, policy)] += policy.intensity.amount * share
    public_cost(model, policy, share)


def _start_up(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Rooms, advice and short ways for founders: they fill gaps that much faster, in all stages where none is named."""
    stages = np.array(target_stages(model, policy) or list(range(len(model.index.stages))))
    model.policies.founding[np.ix_(stages, counties_hit(model, policy))] += policy.intensity.amount * share
    public_cost(model, policy, share)


def _sent_work(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Partner cities in the east take workers in groups: going outside costs a household less."""
    model.policies.sending += policy.intensity.amount * share * counties_hit(model, policy)
    public_cost(model, policy, share)


LEVERS: dict[str, Callable[[IndustryChainModel, Policy, float], None]] = {
    "capacity": capacity,
    "orchard_renewal": _orchard_renewal,
    "breeding_cows": _breeding_cows,
    "greenhouse_area": _area("greenhouse"),
    "herb_area": _area("herb"),
    "crop_insurance": insure_crops,
    "price_insurance": insure_prices,
    "hail_nets": hail_nets,
    "land_transfer": ease_land_transfer,
    "demand": _demand,
    "transport": _transport,
    "premium": _premium,
    "productivity": _productivity,
    "construction": _construction,
    "training": _training,
    "services": _amenity,
    "permit": _permit,
    "conversion": _conversion,
    "housing": _housing,
    "guarantee": _guarantee,
    "start_up": _start_up,
    "sent_work": _sent_work,
    **SHOCKS,
}
