"""What holds a firm's output back: the limit each factor sets, which of them binds, and what it costs.

Output is the least of what is wanted and what labour, plant, critical inputs, finance and permits allow (model.md
section 5.6; ARIO: Hallegatte 2013).  How inputs limit output is a form of the model (Pichler et al. 2022, JEDC
144:104527): ``leontief``, ``critical``, ``half_critical`` or ``linear``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled
from .factors import (
    CAPITAL,
    CO2,
    DEMAND,
    ENERGY,
    FACTORS,
    FINANCE,
    INPUT,
    LABOUR,
    PERMIT,
    SEASON,
    SKILL,
    WATER,
)

if TYPE_CHECKING:
    from .model import IndustryChainModel

FORMS = ("leontief", "critical", "half_critical", "linear")
LEONTIEF, CRITICAL, HALF_CRITICAL, LINEAR = range(len(FORMS))
MOST_OPEN = 0.5  # share of a firm's open posts that wait for schooled people from which skill, not labour, holds back
QUOTAS = {"water": WATER, "energy": ENERGY, "co2": CO2}
MERE_LIMITS = frozenset({FINANCE, WATER, ENERGY, CO2})


@dataclass
class Restraints:
    """What an experiment changes about limits, beside what firms and permits set.

    Attributes
    ----------
    denied : {(factor, stage): share}, part of the limit a shock takes away this month (set by policies each month).
    withheld : {(product, stage): share}, part of the stage's orders for a product that is not delivered this month.
    relaxed : factors that bind nobody, for splitting a shortfall over causes; most act through `relaxation`, and only
        what is a mere limit (finance, quotas) is lifted here, so that whatever is made was staffed and bought.
    nudge : (firm row, factor, units of output) added to one limit, for checking a shadow value.
    """

    denied: dict[tuple[int, int], float] = field(default_factory=dict)
    withheld: dict[tuple[int, int], float] = field(default_factory=dict)
    relaxed: frozenset[int] = frozenset()
    nudge: tuple[int, int, float] | None = None

    def open_month(self) -> None:
        """Forget the last month's shocks; policies that still run set theirs again."""
        self.denied.clear()
        self.withheld.clear()

    def cut_orders(self, orders: np.ndarray, product: np.ndarray, stage: np.ndarray) -> None:
        """Take the part withheld off the orders of slots (K,) by product and stage, in place."""
        for (p, s), share in sorted(self.withheld.items()):
            orders[(product == p) & (stage == s)] *= 1 - share

    def apply(self, limits: np.ndarray, stage: np.ndarray) -> None:
        """Change the limits (K, F) of firms of these stages (F,) in place."""
        for (factor, s), share in sorted(self.denied.items()):
            mine = stage == s
            # where nothing else limits the factor, normal output is what a part is taken from
            limits[factor, mine] = np.minimum(limits[factor, mine], limits[CAPITAL, mine]) * (1 - share)
        for factor in sorted(self.relaxed & MERE_LIMITS):
            limits[factor] = np.inf
        if self.nudge is not None:
            row, factor, units = self.nudge
            limits[factor, row] += units


def firm_limits(model: IndustryChainModel, wanted: np.ndarray, *, delivered: bool) -> np.ndarray:
    """Output of the month that each factor allows each firm, product units (K, F); infinite where it sets no limit.

    Parameters
    ----------
    wanted : (F,) output firms would make with everything at hand; infinite for services, which serve whoever comes.
    delivered : whether the month's inputs have come; before, only inputs that keep count.
    """
    firms, extra = model.firms, 1 + model.config.parameters.firms.overtime.amount
    limits = np.full((len(FACTORS), len(firms.price)), np.inf)
    limits[DEMAND] = wanted
    # Posts are planned for what plant can make, so labour and plant meet; where all posts are filled it is the plant.
    limits[LABOUR] = firms.staffed * firms.productivity * firms.pace * extra * (1 + 1e-9)
    schooling = firms.skill_gap > MOST_OPEN
    limits[SKILL, schooling] = limits[LABOUR, schooling]
    limits[LABOUR, schooling] = np.inf
    limits[CAPITAL] = firms.capacity * extra
    limits[INPUT], firms.scarce[:] = input_limit(model, delivered=delivered)
    limits[FINANCE] = firms.affordable
    limits[PERMIT] = model.permit_limit
    for name in model.quotas.yearly:
        limits[QUOTAS[name]] = model.quotas.limit(model, name, wanted)
    model.restraints.apply(limits, firms.stage)
    return limits


def posts_and_plant(model: IndustryChainModel) -> np.ndarray:
    """Output of the month that a firm's own posts and plant allow, product units (F,): it orders no inputs beyond.

    A shock that withholds hands or plant comes when orders are placed already.
    """
    firms, extra = model.firms, 1 + model.config.parameters.firms.overtime.amount
    posts = firms.staffed * firms.productivity * firms.pace * extra
    if model.restraints.nudge is not None and model.restraints.nudge[1] in (LABOUR, SKILL):
        row, _, units = model.restraints.nudge
        posts[row] += units
    return np.minimum(posts, firms.capacity * extra)


def input_limit(model: IndustryChainModel, *, delivered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Output that inputs at hand allow, (F,), and the trade slot of the scarcest one, (F,) or -1."""
    supply, firms = model.supply, model.firms
    rows = supply.firm_slots
    slots = supply.trade.slots
    limit, scarce = _input_limits(
        slots.buyer[rows],
        slots.coefficient[rows],
        model.base.price[slots.product[rows]],
        supply.stock[rows],
        supply.critical[rows],
        supply.important[rows],
        supply.storable[rows],
        firms.capacity,
        delivered,
        FORMS.index(model.forms.criticality),
        model.config.parameters.firms.half_critical_share.amount,
    )
    return limit, np.where(scarce >= 0, scarce + rows.start, -1)


@compiled
def _input_limits(
    buyer: np.ndarray,
    coefficient: np.ndarray,
    price: np.ndarray,
    stock: np.ndarray,
    critical: np.ndarray,
    important: np.ndarray,
    storable: np.ndarray,
    capacity: np.ndarray,
    delivered: bool,
    form: int,
    half: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Least output over the inputs that count in this form; ``linear`` lets inputs stand in for each other by value.

    ``half`` is the part of capacity that goes on without an important input, under ``half_critical``.
    """
    firms = len(capacity)
    limit, scarce = np.full(firms, np.inf), np.full(firms, -1)
    needed, held = np.zeros(firms), np.zeros(firms)
    for k in range(len(buyer)):
        f = buyer[k]
        if coefficient[k] <= 0.0 or not (delivered or storable[k]):
            continue
        reach = stock[k] / coefficient[k]
        if form == LINEAR:
            needed[f] += coefficient[k] * price[k]
            held[f] += stock[k] * price[k]
            continue
        if form == HALF_CRITICAL and important[k] and not critical[k]:
            reach = (1 - half) * reach + half * capacity[f]
        elif form != LEONTIEF and not critical[k]:
            continue
        if reach < limit[f]:
            limit[f] = reach
            scarce[f] = k
    if form == LINEAR:
        for f in range(firms):
            if needed[f] > 0:
                limit[f] = held[f] / needed[f]
    return limit, scarce


def bind(model: IndustryChainModel, limits: np.ndarray, mine: np.ndarray) -> np.ndarray:
    """Most each firm can make, (F,); for ``mine`` (F,) note which factor bound it and every limit it met."""
    least = limits.min(axis=0)
    judged = limits[:, mine]
    judged[DEMAND] *= 1 - 1e-9  # a limit that equals what is wanted but for rounding holds nothing back
    model.firms.bound[mine] = judged.argmin(axis=0)
    model.limits[:, mine] = limits[:, mine]
    return least


def firms_refused(model: IndustryChainModel) -> np.ndarray:
    """Firms (F,) that had less to sell to firms and farms this month than they were asked for."""
    at = model.supply.at_firms
    return np.asarray(model.trade.ordered[at] > model.trade.sold[at] * (1 + 1e-9))


def name_binding_factor(model: IndustryChainModel) -> None:
    """Once goods are sold: services are bound by demand where not all they offered was asked for, or by the season.

    It is the season where a normal month would have filled normal use.  Who had to turn firms away before the month's
    inputs came is bound by what bound it then.
    """
    firms, rules = model.firms, model.rules
    service = ~rules.storable[firms.stage]
    model.limits[DEMAND] = np.where(service, firms.ordered, model.limits[DEMAND])
    idle = service & (firms.sold < 0.999 * firms.service_limit) & ~firms_refused(model)
    firms.bound[idle] = DEMAND
    season = rules.season[firms.stage, model.calendar - 1]
    busy = firms.smoothed >= 0.95 * model.normal_use[firms.stage] * firms.capacity
    firms.bound[(firms.bound == DEMAND) & (season < 0.95) & busy] = SEASON


def lost_output(model: IndustryChainModel) -> np.ndarray:
    """Potential output lost to each factor, product units (K, F).

    Potential is the larger of capacity and what was wanted.  What nobody wanted is lost to demand (or to the season);
    what was wanted and not made is lost to the factor that bound.
    """
    firms = model.firms
    lost = np.zeros((len(FACTORS), len(firms.price)))
    wanted = np.where(np.isfinite(model.limits[DEMAND]), model.limits[DEMAND], firms.made)
    rows = np.arange(len(firms.price))
    idle = np.where(firms.bound == SEASON, SEASON, DEMAND)
    lost[idle, rows] = np.maximum(firms.capacity - np.maximum(wanted, firms.made), 0.0)
    tight = (firms.bound != DEMAND) & (firms.bound != SEASON)
    lost[firms.bound[tight], rows[tight]] += np.maximum(wanted - firms.made, 0.0)[tight]
    return lost


UNITS = {
    LABOUR: (1.0, "job"), SKILL: (1.0, "job for schooled people"), CAPITAL: (1e6, "CNY of plant"),
    INPUT: (1.0, "unit of the input"), FINANCE: (1e6, "CNY"),
    PERMIT: (1.0, "unit of output a month"), WATER: (1.0, "m3"), ENERGY: (1.0, "tce"), CO2: (1.0, "t"),
    DEMAND: (1.0, "unit of output"), SEASON: (1.0, "unit of output"),
}  # fmt: skip


def output_per_unit(model: IndustryChainModel) -> np.ndarray:
    """Output (product units) that one more unit of each factor would allow each firm, (K, F); units as in ``UNITS``."""
    firms, extra = model.firms, 1 + model.config.parameters.firms.overtime.amount
    gain = np.zeros((len(FACTORS), len(firms.price)))
    gain[DEMAND] = gain[SEASON] = gain[PERMIT] = 1.0
    gain[LABOUR] = gain[SKILL] = firms.productivity * firms.pace * extra
    gain[CAPITAL] = UNITS[CAPITAL][0] * extra * firms.capacity / np.maximum(firms.capital, 1e-9)
    loss = firms.unit_cost - firms.price
    # sales pay the cost they cover; a firm without a loss lacks finance only where a shock withholds it, and then all
    gain[FINANCE] = UNITS[FINANCE][0] / np.where(loss > 1e-9, loss, np.maximum(firms.unit_cost, 1e-9))
    scarce = firms.scarce >= 0
    need = model.supply.trade.slots.coefficient[firms.scarce[scarce]]
    wholly = model.supply.critical[firms.scarce[scarce]] | (model.forms.criticality == "leontief")
    part = 1 - model.config.parameters.firms.half_critical_share.amount
    gain[INPUT, scarce] = np.where(wholly, 1.0, part) / need
    for name, factor in QUOTAS.items():
        used = model.satellites[name][firms.stage]
        gain[factor] = np.divide(1.0, used, out=np.zeros(len(used)), where=used > 0)
    return gain


def shadow_values(model: IndustryChainModel) -> np.ndarray:
    """Value added that one more unit of the factor that bound would have given the firm this month, CNY (F,).

    The gain ends where the next factor binds.  It is the firm's own gain with prices as they were, which is what
    running the month again with the limit raised gives (`runs.shadow`).
    """
    firms, supply = model.firms, model.supply
    rows = np.arange(len(firms.price))
    bound = np.where(firms.bound == SEASON, DEMAND, firms.bound)
    here = model.limits[bound, rows]
    others = model.limits.copy()
    others[bound, rows] = np.inf
    # more plant is staffed as it comes, unless posts are open already
    staffed = (bound == CAPITAL) & (firms.staffed >= firms.jobs * (1 - 1e-9))
    others[LABOUR, staffed] = np.inf
    others[SKILL, staffed] = np.inf
    # who ordered inputs for what posts and plant allow would have ordered more with more of them
    hands = (bound == LABOUR) | (bound == SKILL) | (bound == CAPITAL)
    service = ~model.rules.storable[firms.stage]
    ordered = model.reach_binds & hands & ~service
    others[INPUT, ordered] = np.inf
    met = np.isfinite(here)  # services that expected nothing may have met no limit at all
    room = np.where(met, others.min(axis=0) - np.where(met, here, 0.0), 0.0)
    more = np.minimum(output_per_unit(model)[bound, rows], np.maximum(room, 0.0))
    more = np.where(np.isfinite(more), more, 0.0)
    # What keeps is used as far as it is there: an input that stops nobody may have run out.  What does not keep is gone
    # whether they make more or not, but services order it for what they expect and posts and plant allow to serve.
    follows = np.clip(firms.expected - firms.service_limit, 0.0, more)
    follows[~(service & hands & model.reach_binds)] = 0.0
    at, slots = supply.firm_slots, supply.trade.slots
    input_cost = _cost_of_more(
        slots.buyer[at], slots.coefficient[at], supply.storable[at], supply.stock[at], supply.price[at],
        more, follows, ordered,
    )  # fmt: skip
    # what final users still wait for is sold at once, the rest goes to stock and begins to spoil
    short = (model.sales.ordered - model.sales.sold)[supply.at_firms]
    unsold = np.maximum(more - np.maximum(short, 0.0), 0.0)
    spoilt = np.where(model.rules.storable[firms.stage], model.rules.spoilage[firms.stage] * unsold, 0.0)
    return (more - spoilt) * firms.price - input_cost


@compiled
def _cost_of_more(
    buyer: np.ndarray,
    coefficient: np.ndarray,
    storable: np.ndarray,
    stock: np.ndarray,
    price: np.ndarray,
    more: np.ndarray,
    follows: np.ndarray,
    ordered: np.ndarray,
) -> np.ndarray:
    """Inputs for ``more`` output, CNY (F,): what keeps from stock, what does not as orders ``follow``, or all anew."""
    cost = np.zeros(len(more))
    for k in range(len(buyer)):
        f = buyer[k]
        if more[f] <= 0.0:
            continue
        units = coefficient[k] * more[f]
        if not ordered[f]:
            units = min(units, stock[k]) if storable[k] else coefficient[k] * follows[f]
        cost[f] += units * price[k]
    return cost
