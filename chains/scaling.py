"""A chain at other volumes and prices than the base year's: what its stages then make, buy and sell.

One system of stages serves the hand check of 2022 and the ceilings: the base-year flows, scaled.  The plan ledger is then
taken by the one rule of :mod:`.ledgers`.

Volumes (multiples of 2020).  Stages whose volume is given keep it.  A by-product follows its host, an upstream stage the
farms or core stages it serves, a core stage the chain's goods its recipe names.  Dealers (downstream, paid by margin)
take what nobody else in the city takes.  Everything else stays at the base, restaurants and visitors included.

Prices (multiples of 2020).  Given, or the recipe's goods at their own price ratios plus the margin at its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .base import Base
from .ledgers import PlanLedger, base_bought_outside, base_flows, plan_ledger


@dataclass(frozen=True)
class Change:
    """What is set apart from the base year, as multiples of 2020.

    Attributes
    ----------
    volume : by stage.
    price : by product.
    margin : by stage that is paid by a margin: CNY per unit handled.
    prices, margins : what all other products and margins are multiplied by.
    """

    volume: Mapping[str, float] = field(default_factory=dict)
    price: Mapping[str, float] = field(default_factory=dict)
    margin: Mapping[str, float] = field(default_factory=dict)
    prices: float = 1.0
    margins: float = 1.0


class ScaledChain:
    """One chain of the base year after a change; other chains stay as they were."""

    def __init__(self, base: Base, chain: str, change: Change) -> None:
        self.base, self.index, self.change = base, base.index, change
        self.own = {
            key for s, key in enumerate(self.index.stages) if self.index.chains[self.index.chain_of_stage[s]] == chain
        }
        self.makers = {self.index.stage[key].product: key for key in sorted(self.own)}
        self.flows0, self.outside0 = base_flows(base), base_bought_outside(base)
        self._volume: dict[str, float] = dict(change.volume)
        self._price: dict[str, float] = {}

    def ledger(self) -> PlanLedger:
        """The plan ledger of the changed system."""
        index = self.index
        volume = np.array([self.volume(key) if key in self.own else 1.0 for key in index.stages])
        price = np.array([self.price(key) if key in self.makers else 1.0 for key in index.products])
        turn = volume * price[index.product_of_stage]
        return plan_ledger(
            index,
            self.base.output * turn,
            self.base.value_added * turn,
            self.flows0 * price[index.product_of_stage][:, None] * volume,
            self.outside0 * price[:, None] * volume,
        )

    def volume(self, stage: str) -> float:
        """Volume of a stage of the chain over its volume in 2020."""
        if stage not in self._volume:
            self._volume[stage] = self._follow(stage)
        return self._volume[stage]

    def price(self, product: str) -> float:
        """Price of a product of the chain over its price in 2020."""
        if product not in self._price:
            self._price[product] = self._priced(product)
        return self._price[product]

    def _follow(self, stage: str) -> float:
        item = self.index.stage[stage]
        if item.capacity_from and item.capacity_from.stage in self.own:
            return self.volume(item.capacity_from.stage)
        if item.ledger.role == "upstream":
            return self._served(stage)
        if item.ledger.role == "downstream":
            return self._left_over(stage) if item.ledger.basis == "margin" else 1.0
        named = {key: share.amount for key, share in item.recipe.items() if self.makers.get(key, stage) != stage}
        total = sum(named.values())
        return sum(share * self.volume(self.makers[key]) for key, share in named.items()) / total if total else 1.0

    def _served(self, stage: str) -> float:
        """Mean volume of the stages of the chain with a given volume that buy from an upstream stage."""
        row = self.flows0[self.index.stage_code(stage)]
        sales = {key: row[self.index.stage_code(key)] for key in sorted(self.change.volume) if key in self.own}
        total = sum(sales.values())
        return sum(sold * self.volume(key) for key, sold in sales.items()) / total if total else 1.0

    def _left_over(self, stage: str) -> float:
        """What dealers can take: the goods they buy, less what other stages, final users and outside buy."""
        s, wanted, left = self.index.stage_code(stage), 0.0, 0.0
        for key in sorted(self.index.stage[stage].recipe):
            maker = self.makers.get(key)
            if maker is None:
                continue
            m = self.index.stage_code(maker)
            row = self.flows0[m]
            others = [k for k in sorted(self.own) if k != stage and row[self.index.stage_code(k)] > 0]
            used = sum(row[self.index.stage_code(k)] for k in others)
            used_now = sum(row[self.index.stage_code(k)] * self.volume(k) for k in others)
            elsewhere = self.base.output[m] - used - row[s]
            wanted += row[s]
            left += max(self.volume(maker) * (self.base.output[m] - elsewhere) - used_now, 0.0)
        return left / wanted if wanted else 1.0

    def _priced(self, product: str) -> float:
        change = self.change
        if product in change.price:
            return change.price[product]
        maker = self.makers[product]
        item = self.index.stage[maker]
        if item.ledger.basis != "margin":
            return change.prices
        goods = {key: share.amount for key, share in item.recipe.items() if self.index.product[key].handled}
        margin = change.margin.get(maker, change.margins)
        carried = sum(share * (self.price(key) if key in self.makers else change.prices) for key, share in goods.items())
        return carried + (1 - sum(goods.values())) * margin
