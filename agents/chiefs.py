"""Chain chiefs 链长: each sees last quarter's losses of one chain, not without error, and spends what a scenario gives.

A chief judges from losses by stage and cause alone, as the month's books have them.  What can be bought are the
measures of the plan's own catalogue for the chain, at the catalogue's price, in any part; their running costs come off
the chief's money first.  ``evenly`` spends the same money on all of them alike, so that judgement can be compared with
none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np

from ..config.schema import Policy, Quantity
from .factors import CAPITAL, DEMAND, FACTORS, INPUT, LABOUR, LAND, SEASON, SKILL, WEATHER
from .policy_targets import month_of, months_of, programme_cost
from .randomness import name_key

if TYPE_CHECKING:
    from .model import IndustryChainModel

HUNDRED_MILLION = 1e8  # CNY, the unit of a budget
# Which causes a lever helps against.
HELPS: dict[str, tuple[int, ...]] = {
    "capacity": (CAPITAL,),
    "demand": (DEMAND,),
    "premium": (DEMAND,),
    "training": (LABOUR, SKILL),
    "productivity": (LABOUR, SKILL, LAND),
    "breeding_cows": (INPUT, LAND),
    "greenhouse_area": (INPUT, LAND),
    "herb_area": (INPUT, LAND),
    "orchard_renewal": (INPUT, LAND),
    "hail_nets": (WEATHER,),
}


class ChainChief(mesa.Agent):
    """链长 of one chain: what was seen this quarter, what is judged to hold the chain back, what is bought next.

    Attributes
    ----------
    stages : (n,) codes of the chain's stages.
    seen : (n, factors) CNY lost this quarter by stage and cause.
    judgement : cause named at the end of the last quarter, "" before the first.
    remedy : name of the measure chosen, "" where nothing on offer helps.
    """

    def __init__(self, model: IndustryChainModel, chain: str) -> None:
        super().__init__(model)
        self.chain = chain
        self.stages = np.flatnonzero(model.index.chain_of_stage == model.index.chains.index(chain))
        self.keys = np.array([name_key("chief", model.index.stages[s]) for s in self.stages], dtype=np.uint64)
        self.seen = np.zeros((len(self.stages), len(FACTORS)))
        self.judgement, self.remedy = "", ""

    def watch(self, lost: np.ndarray) -> None:
        """Add a month's losses by stage and cause, CNY (S, factors)."""
        self.seen += lost[self.stages]

    def judge(self, error: np.ndarray, threshold: float, offers: dict[str, Policy]) -> None:
        """Name what holds the chain back and choose a measure against it, from the quarter that ended.

        Parameters
        ----------
        error : factors by which each loss is seen wrong, (n, factors).
        threshold : share of all losses above which the largest cause but demand is taken up first.
        offers : measures of the chain that can still be bought, by name.
        """
        seen = self.seen * error
        seen[:, SEASON] = 0.0
        self.seen = np.zeros_like(self.seen)
        total = seen.sum(axis=0)
        order = [k for k in np.argsort(-total, kind="stable").tolist() if k != DEMAND]
        order.insert(0 if total[order[0]] <= threshold * total.sum() else len(order), DEMAND)
        causes = [k for k in order if total[k] > 0] or [DEMAND]
        self.judgement = FACTORS[causes[0]]
        self.remedy = next((name for k in causes if (name := self._best(k, seen[:, k], offers))), "")

    def _best(self, cause: int, lost: np.ndarray, offers: dict[str, Policy]) -> str:
        """Of the measures against a cause, the one whose stages lose most to it; "" where there is none."""
        names = [self.model.index.stages[s] for s in self.stages]
        gain = {
            name: sum(loss for stage, loss in zip(names, lost, strict=True) if stage in policy.target.stages)
            for name, policy in sorted(offers.items())
            if cause in HELPS[policy.lever]
        }
        return max(gain, key=lambda name: gain[name]) if gain else ""


class ChiefPurse:
    """What chiefs may buy and have bought: nothing in a scenario without money for them.

    Attributes
    ----------
    offers : measure by name (``<policy>@<chain>``), paid by who gives the chiefs their money.
    chain_of : chain by name.
    built : part of the catalogue's intensity bought so far, by name.
    spent : CNY bought for this month, by name.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        self.model, self.rule = model, model.scenario.chiefs
        self.offers: dict[str, Policy] = {}
        self.chain_of: dict[str, str] = {}
        self.spent: dict[str, float] = {}
        if self.rule is not None and self.rule.budget > 0:
            for chain in model.index.chains:
                if chain != "rest":
                    self._offer(chain)
        self.built = dict.fromkeys(self.offers, 0.0)

    def _offer(self, chain: str) -> None:
        """Put the catalogue's measures for a chain, and those for all, on offer."""
        assert self.rule is not None
        for key, policy in sorted(self.model.config.policies.policies.items()):
            mine = policy.target.chain == chain or (policy.target.chain is None and policy.lever == "training")
            cost = _price(policy)
            if mine and policy.lever in HELPS and cost is not None:
                name = f"{key}@{chain}"
                self.offers[name] = policy.model_copy(update={"payer": self.rule.payer, "cost": cost, "opens": None})
                self.chain_of[name] = chain
        if chain not in self.chain_of.values():
            raise ValueError(f"the chief of chain '{chain}' has money and no measure of policies.yaml to spend it on")

    def on_offer(self, chain: str) -> dict[str, Policy]:
        """Measures of a chain of which the catalogue's range leaves something to buy."""
        return {
            name: self.offers[name] for name in self.offers if self.chain_of[name] == chain and self._room(name) > 0
        }

    def shares(self) -> dict[str, float]:
        """Part of each measure's intensity that is bought this month."""
        self.spent.clear()
        if self.rule is None or not month_of(self.rule.start) <= self._now() <= month_of(self.rule.end):
            return {}
        chains = {chief.chain: chief for chief in self.model.chiefs}
        found = {}
        for chain, chief in chains.items():
            mine = self.on_offer(chain)
            chosen = [chief.remedy] if self.rule.rule == "judged" else list(mine)
            chosen = [name for name in chosen if name in mine]
            running = sum(self.upkeep(name) for name, of in self.chain_of.items() if of == chain)
            free = max(self.rule.budget * HUNDRED_MILLION / 12 / len(chains) - running, 0.0)
            for name in chosen:
                price = float(programme_cost(self.model, self.offers[name], 1.0, True).sum())
                found[name] = min(free / len(chosen) / price, self._room(name))
        return found

    def upkeep(self, name: str) -> float:
        """Running cost of what has been bought of a measure, CNY this month."""
        policy = self.offers[name]
        return policy.recurrent_cost.amount / 12 * self.built[name] if policy.recurrent_cost else 0.0

    def bought(self, name: str, share: float, spent: float) -> None:
        """Note what was paid for and how much of it."""
        self.built[name] += share
        self.spent[name] = spent

    def _room(self, name: str) -> float:
        """What may still be bought: the range of the intensity bounds it."""
        intensity = self.offers[name].intensity
        high = intensity.range[1] / intensity.value if intensity.range else 1.0
        return max(high - self.built[name], 0.0)

    def _now(self) -> int:
        return self.model.drivers.first + self.model.month


def _price(policy: Policy) -> Quantity | None:
    """What all of a measure costs: its sunk cost, else its yearly cost over the months in which it builds up."""
    if policy.cost is not None:
        return policy.cost
    if policy.recurrent_cost is None or policy.recurrent_cost.amount <= 0:
        return None
    yearly = policy.recurrent_cost
    change = {"value": yearly.value * months_of(policy) / 12, "unit": yearly.unit.removesuffix("/yr"), "range": None}
    return yearly.model_copy(update=change)


def chiefs_judge(model: IndustryChainModel) -> None:
    """Chain chiefs watch what their chains lose and, at a quarter's end, say what holds them back and what to buy."""
    lost = losses_by_cause(model)
    for chief in model.chiefs:
        chief.watch(lost)
    if model.calendar % 3:
        return
    rules = model.config.parameters.government
    for chief in model.chiefs:
        luck = model.streams.normal(
            "chiefs.error", chief.keys[:, None], model.month, alternative=np.arange(len(FACTORS))
        )
        offers = model.policies.chiefs.on_offer(chief.chain)
        chief.judge(np.exp(rules.chief_error.amount * luck), rules.chief_threshold.amount, offers)
        model.recorder.note_judgement(chief.chain, chief.judgement)


def losses_by_cause(model: IndustryChainModel) -> np.ndarray:
    """What the month's books say was lost, CNY by stage and cause (S, factors)."""
    lost = np.zeros((len(model.index.stages), len(FACTORS)))
    for k, factor in enumerate(FACTORS):
        if f"lost_{factor}" in model.recorder.lost:
            lost[:, k] = model.recorder.lost[f"lost_{factor}"].sum(axis=1)
    return lost
