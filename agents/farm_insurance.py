"""Crop insurance and price insurance of orchards: who is covered, who pays the premium, what is paid out.

The insurers' handling is a service that farms buy (stage apple_insuring); the rest of a premium carries the risk.  It
goes to the national insurers, and for prices to the futures market, both outside, and so do payouts come from there:
what leaves the insurer is what farms get.  Premiums are shared by farms, their county and higher levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .factors import WEATHER
from .money import to_outside
from .policy_targets import counties_hit

if TYPE_CHECKING:
    from ..config.farm_schema import Premium
    from ..config.schema import Policy
    from .model import IndustryChainModel


@dataclass
class Cover:
    """One kind of insurance by county, (C,).

    ``wanted`` is the share of orchards that insure when they next can, ``usual`` that of 2020; ``share`` and ``units``
    (mu, or t) are what was signed for the season, ``strike`` the price they insured, CNY/t, ``policy`` the programme
    that wants more than usual.
    """

    wanted: np.ndarray
    usual: np.ndarray
    share: np.ndarray
    units: np.ndarray
    strike: float = 0.0
    policy: str = ""

    @classmethod
    def of(cls, counties: int, usual: float) -> Cover:
        """Open a cover that this share of orchards has every year."""
        return cls(np.full(counties, usual), np.full(counties, usual), np.zeros(counties), np.zeros(counties))


class Insurance:
    """Covers of the city's orchards, and what insurers took and paid this month.

    Attributes
    ----------
    crop, price : the two covers.
    prices : outside prices of apples seen since the price cover was signed, CNY/t.
    collected, paid : (C,) CNY of premiums that carry risk, whoever paid them, and of payouts, this month.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        counties = len(model.index.counties)
        self.rules = model.config.farming.insurance
        self.crop = Cover.of(counties, self.rules.insured_share.amount)
        self.price = Cover.of(counties, 0.0)
        self.prices: list[float] = []
        self.collected, self.paid = np.zeros(counties), np.zeros(counties)

    def service_needed(self) -> np.ndarray:
        """Insurers' handling that orchards ask for, against 2020, (C,): as much as they insure."""
        usual = self.crop.usual
        return np.divide(self.crop.wanted, usual, out=np.ones(len(usual)), where=usual > 0)


def orchards_insure(model: IndustryChainModel) -> None:
    """Sign the season's covers and pay premiums; when the crop is in, and when the price is known, pay out."""
    book, a = model.insurance, model.farms.activity("orchard")
    book.collected[:] = book.paid[:] = 0.0
    if a < 0:
        return
    rules, month, price = book.rules, model.calendar, _outside_price(model, a)
    if month == round(rules.crop.signed.amount):
        sign(model, book.crop, rules.crop, rules.premium.amount * (1 - rules.service_share.amount), np.ones(1))
    if month == round(rules.crop.settled.amount):
        lost = np.zeros(len(book.paid)) if WEATHER in model.restraints.relaxed else 1 - model.weather[a]
        pay_out(model, book.crop, rules.sum_insured.amount * np.where(lost >= rules.threshold.amount, lost, 0.0))
    if month == round(rules.price.signed.amount):
        book.price.strike = rules.strike.amount * price
        sign(model, book.price, rules.price, rules.price_premium.amount * book.price.strike, model.yield_base[a])
    settled = round(rules.price.settled.amount)
    if settled - rules.price_months.amount < month <= settled:
        book.prices.append(price)
    if month == settled:
        fall = max(book.price.strike - float(np.mean(book.prices)), 0.0)
        pay_out(model, book.price, np.full(len(book.paid), fall))
        book.prices = []


def _outside_price(model: IndustryChainModel, a: int) -> float:
    """Price of apples on markets outside, CNY/t, which futures are settled by."""
    return float(model.outside_price[model.index.product_of_stage[model.farms.stages[a]]])


def sign(model: IndustryChainModel, cover: Cover, rules: Premium, rate: float, per_mu: np.ndarray) -> None:
    """Insure the wanted share of orchards at ``rate`` CNY a unit; ``per_mu`` (C,) are units a mu (mu: 1, crop: t).

    More than usual is insured as far as counties can pay their part of it.
    """
    farms, counties = model.farms, len(cover.share)
    wanted = np.minimum(cover.wanted, 1.0)
    more = np.maximum(wanted - cover.usual, 0.0)
    orchards = farms.by_gate(farms.level)[farms.activity("orchard")]
    part = model.policies.finance.counties_pay(
        cover.policy, rules.county_share.amount * rate * per_mu * orchards * more
    )
    cover.share = np.where(part < 1, wanted - more * (1 - part), wanted)
    farm, county, area = _covered(model, cover)
    units = area * np.broadcast_to(per_mu, counties)[county]
    cover.units = np.bincount(county, units, minlength=counties)
    own, total = rules.farmer_share.amount * rate * units, rate * cover.units
    np.add.at(farms.premiums, farm, own)
    np.subtract.at(farms.cash, farm, own)
    by_county = rules.county_share.amount * total
    for government, amount in zip(model.governments, by_county, strict=True):
        government.account.receive("premiums", -float(amount))
    to_outside(model.outside, model.bank, "premiums", float(own.sum() + by_county.sum()))
    model.insurance.collected += total
    added = np.divide(cover.share - cover.usual, cover.share, out=np.zeros(counties), where=cover.share > 0)
    upper = 1 - rules.farmer_share.amount - rules.county_share.amount - rules.sponsor_share.amount
    for payer, amount in (("county", by_county), ("upper", upper * total)):
        model.policies.borne[payer] += np.maximum(added, 0.0) * amount


def pay_out(model: IndustryChainModel, cover: Cover, rate: np.ndarray) -> None:
    """Pay ``rate`` (C,) CNY for every unit insured this season to those who insured it, and end the season."""
    farms, counties = model.farms, len(cover.share)
    farm, county, area = _covered(model, cover)
    here = np.bincount(county, area, minlength=counties)
    total = np.where(here > 0, rate * cover.units, 0.0)
    amount = area * np.divide(total, here, out=np.zeros(counties), where=here > 0)[county]
    np.add.at(farms.indemnities, farm, amount)
    np.add.at(farms.cash, farm, amount)
    to_outside(model.outside, model.bank, "indemnities", -float(amount.sum()))
    model.insurance.paid += total
    cover.units[:] = 0.0


def _covered(model: IndustryChainModel, cover: Cover) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Farms that work insured orchards, their counties and mu: the same orchards year after year, by their key."""
    farms = model.farms
    part = farms.part(farms.activity("orchard"))
    farm = farms.farm_of[part]
    county = farms.county[farm]
    luck = model.streams.uniform("insurance.cover", farms.table["key"][farm], 0)
    chosen = luck < cover.share[county]
    payer = farms.worked_by[part][chosen]
    return payer.astype(np.int64), county[chosen], farms.level[part][chosen]


def insure_crops(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Raise the share of orchards with crop insurance; the treasury's part of premiums is paid as they fall due."""
    _want(model, model.insurance.crop, policy, share)


def insure_prices(model: IndustryChainModel, policy: Policy, share: float) -> None:
    """Raise the share of orchards with insurance and futures on their price."""
    _want(model, model.insurance.price, policy, share)


def _want(model: IndustryChainModel, cover: Cover, policy: Policy, share: float) -> None:
    cover.wanted += policy.intensity.amount * share * counties_hit(model, policy)
    cover.policy = model.policies.running
