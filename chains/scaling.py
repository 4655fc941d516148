"""A chain at other volumes and prices than the base year's: what its stages then make, buy and sell.

One system of stages serves the hand check of 2022 and the ceilings: the base-year flows, scaled.  The plan ledger is
then taken by the one rule of :mod:`.ledgers`.

Volumes (multiples of 2020).  Stages whose volume is given keep it.  A by-product follows its host, an upstream stage
the stages with a given volume it serves, a core stage the chain's goods its recipe names; one that names none follows
its buyers in the chain with that part of its sales.  Dealers (downstream, paid by margin) take what nobody else in the
city takes.  Everything else stays at the base: restaurants, visitors, sales outside, other chains.

Prices (multiples of 2020).  Given, or the recipe's goods at their own price ratios plus the margin at its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..config.schema import LedgerForm
from .base import Base
from .ledgers import PlanLedger, base_bought_outside, base_flows, plan_ledger

ROUNDS, SETTLED = 100, 1e-12  # longest way along a chain and back; when volumes and prices stand still


@dataclass(frozen=True)
class Change:
    """What is set apart from the base year, as multiples of 2020.

    Attributes
    ----------
    volume : by stage of the chain.
    price : by product, of this and other chains.
    margin : by stage that is paid by a margin: CNY per unit handled; ``margins`` for those not named.
    """

    volume: Mapping[str, float] = field(default_factory=dict)
    price: Mapping[str, float] = field(default_factory=dict)
    margin: Mapping[str, float] = field(default_factory=dict)
    margins: float = 1.0


class ScaledChain:
    """One chain of the base year after a change; other chains keep their volumes."""

    def __init__(self, base: Base, chain: str, change: Change) -> None:
        self.base, self.index, self.change = base, base.index, change
        self.own = {
            key for s, key in enumerate(self.index.stages) if self.index.chains[self.index.chain_of_stage[s]] == chain
        }
        self.makers: dict[str, list[str]] = {}
        for key in sorted(self.own):
            self.makers.setdefault(self.index.stage[key].product, []).append(key)
        self.flows0, self.outside0 = base_flows(base), base_bought_outside(base)
        self.linked = self.flows0 * self.index.named_inputs[self.index.product_of_stage]
        self.volumes = dict.fromkeys(sorted(self.own), 1.0) | dict(change.volume)
        self.prices = dict.fromkeys(sorted(self.makers), 1.0) | dict(change.price)
        _settle(self.volumes, change.volume, self._follow)
        _settle(self.prices, change.price, self._priced)

    def ledger(self, rule: LedgerForm = "margin") -> PlanLedger:
        """The plan ledger of the changed system."""
        index = self.index
        volume = np.array([self.volume(key) for key in index.stages])
        price = np.array([self.price(key) for key in index.products])
        output = self.base.output * volume * price[index.product_of_stage]
        return plan_ledger(
            index,
            output,
            output - (self.base.use * price[:, None]).sum(axis=0) * volume,
            self.flows0 * price[index.product_of_stage][:, None] * volume,
            self.outside0 * price[:, None] * volume,
            rule,
        )

    def volume(self, stage: str) -> float:
        """Volume of a stage over its volume in 2020."""
        return self.volumes.get(stage, 1.0)

    def price(self, product: str) -> float:
        """Price of a product over its price in 2020."""
        return self.prices.get(product, 1.0)

    def supply(self, product: str) -> float:
        """Volume of a product made in the chain over its volume in 2020."""
        made = {key: self.base.output[self.index.stage_code(key)] for key in self.makers[product]}
        return float(sum(size * self.volume(key) for key, size in made.items()) / sum(made.values()))

    def sales(self, product: str) -> list[tuple[str, float]]:
        """Buyers in the chain whose recipe names a product made here, and their purchases in 2020, CNY."""
        row = self.linked[[self.index.stage_code(key) for key in self.makers[product]]].sum(axis=0)
        return [(key, float(row[self.index.stage_code(key)])) for key in sorted(self.own)]

    def _follow(self, stage: str) -> float:
        item = self.index.stage[stage]
        if item.capacity_from and item.capacity_from.stage in self.own:
            return self.volume(item.capacity_from.stage)
        if item.ledger.role == "upstream":
            return self._served(item.product)
        if item.ledger.role == "downstream":
            return self._left_over(stage) if item.ledger.basis == "margin" else 1.0
        named = [key for key in sorted(item.recipe) if key in self.makers and key != item.product]
        goods = [key for key in named if self.index.product[key].handled] or named
        shares = {key: item.recipe[key].amount for key in goods}
        if not sum(shares.values()):
            return self._supplied(item.product)
        return sum(share * self.supply(key) for key, share in shares.items()) / sum(shares.values())

    def _supplied(self, product: str) -> float:
        """A maker without goods of the chain: what it sells inside follows its buyers, the rest stays."""
        more = sum(sold * (self.volume(key) - 1) for key, sold in self.sales(product))
        made = sum(self.base.output[self.index.stage_code(key)] for key in self.makers[product])
        return float(1 + more / made)

    def _served(self, product: str) -> float:
        """Mean volume of the stages of the chain with a given volume that buy from an upstream stage."""
        sales = [(key, sold) for key, sold in self.sales(product) if key in self.change.volume]
        total = sum(sold for _, sold in sales)
        return sum(sold * self.volume(key) for key, sold in sales) / total if total else 1.0

    def _left_over(self, stage: str) -> float:
        """What dealers can take: the goods they buy, less what other stages, final users and outside buy."""
        wanted, left = 0.0, 0.0
        for product in sorted(self.index.stage[stage].recipe):
            if product not in self.makers:
                continue
            sales = dict(self.sales(product))
            taken = sales.pop(stage)
            wanted += taken
            # what is sold elsewhere (households, outside) keeps its share of the volume
            mine = self.supply(product) * (taken + sum(sales.values()))
            left += max(mine - sum(sold * self.volume(buyer) for buyer, sold in sales.items()), 0.0)
        return left / wanted if wanted else 1.0

    def _priced(self, product: str) -> float:
        maker = self.makers[product][0]
        item = self.index.stage[maker]
        if item.ledger.basis != "margin":
            return 1.0
        goods = {key: item.recipe[key].amount for key in sorted(item.recipe) if self.index.product[key].handled}
        margin = self.change.margin.get(maker, self.change.margins)
        return sum(share * self.price(key) for key, share in goods.items()) + (1 - sum(goods.values())) * margin


def _settle(values: dict[str, float], given: Mapping[str, float], rule: Callable[[str], float]) -> None:
    """Let what is not given follow the rest, step by step along the chain, until nothing moves."""
    for _ in range(ROUNDS):
        largest = 0.0
        for key in values:
            if key not in given:
                then = rule(key)
                largest = max(largest, abs(then - values[key]))
                values[key] = then
        if largest <= SETTLED:
            return
