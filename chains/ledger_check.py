"""The hand check of the plan ledger: apple and cattle in 2022 from sourced figures, by the same rule as every year.

Observed quantities of 2022 (crop, cattle sold, stores, slaughter lines), the share of the chain in farm output, price
indices of the drivers and the ranges of the chain files set a small system of stages (:mod:`.scaling`); nothing is
fitted to the 182.4e8 and 128.7e8 CNY that statistics report.  Low and high move every uncertain figure to the ends of
its range, one at a time, and add the moves in squares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..config.loader import Config
from ..config.schema import Quantity, Table
from .base import Base
from .scaling import Change, ScaledChain

YEAR, TOLERANCE = "2022", 0.15


@dataclass(frozen=True)
class Check:
    """Which observed series set a chain's stages in 2022.

    Attributes
    ----------
    farms : stages that make the crop or sell the animals.
    volume, share, reported : series of their quantity, of their part in farm output, and of the whole-chain output.
    store : the stage whose capacity is reported, by series ``capacity`` in units of the product ``counted``.
    use : utilisation of that capacity; None: the stage's own of 2020.
    declared : the one figure that may be calibrated inside its range.
    """

    farms: tuple[str, ...]
    volume: str
    share: str
    reported: str
    store: str
    capacity: str
    counted: str
    use: float | None
    declared: str


CHECKS = {
    "apple": Check(
        farms=("apple_orchard",),
        volume="apple_output",
        share="apple_share",
        reported="apple_chain_output",
        store="apple_storage",
        capacity="apple_storage_capacity",
        counted="stored_apple",
        use=None,
        declared="margin apple_dealing",
    ),
    "cattle": Check(
        farms=("cattle_breeding", "cattle_fattening"),
        volume="cattle_sold",
        share="cattle_share",
        reported="cattle_chain_output",
        store="cattle_slaughter",
        capacity="slaughter_capacity",
        counted="finished_cattle",
        use=1.0,  # model.md section 2: "with slaughter capacity full"
        declared="volume beef_processing",
    ),
}


def check_plan_ledger(config: Config, base: Base) -> list[dict[str, Any]]:
    """Set the rule's whole-chain output of 2022 beside the reported one, for every chain that has a check.

    Returns
    -------
    list of dict with chain, year, low, central, high, reported (CNY a year), deviation, tolerance, within, farm_gate
    (CNY a year), farm_price (CNY per unit sold), moves (CNY by uncertain figure, at its low and high end, largest
    first) and calibrated: the one figure that may be moved inside its range, the multiple that comes nearest to the
    reported output and what it gives.  It is printed, not used: central is uncalibrated and so is the base year.
    """
    return [_check(config, base, chain, check) for chain, check in CHECKS.items() if chain in config.chains]


def _check(config: Config, base: Base, chain: str, check: Check) -> dict[str, Any]:
    usual = change_of(config, base, chain)

    def total(change: Change) -> float:
        return float(ScaledChain(base, chain, change).ledger().output[base.index.chains.index(chain)])

    ranges = uncertain_figures(config, base, chain)
    central = total(usual)
    moves = {
        name: tuple(total(moved(base, chain, usual, name, end)) - central for end in ends)
        for name, ends in ranges.items()
    }
    below, above = (np.sqrt(sum(worst(0.0, *ends) ** 2 for ends in moves.values())) for worst in (min, max))
    reported = config.observed.series[check.reported].values.amounts[YEAR]
    volume, value = _farm_gate(config, check)
    low, high = ranges[check.declared]
    slope = (moves[check.declared][1] - moves[check.declared][0]) / (high - low)
    nearest = float(np.clip(1 + (reported - central) / slope, low, high))
    return {
        "chain": chain,
        "year": int(YEAR),
        "low": float(central - below),
        "central": central,
        "high": float(central + above),
        "reported": reported,
        "deviation": central / reported - 1,
        "tolerance": TOLERANCE,
        "within": bool(abs(central / reported - 1) <= TOLERANCE),
        "farm_gate": value,
        "farm_price": value / volume,
        "moves": dict(sorted(moves.items(), key=lambda move: -max(abs(end) for end in move[1]))),
        "calibrated": {
            "figure": check.declared,
            "multiple": nearest,
            "range": [low, high],
            "output": total(moved(base, chain, usual, check.declared, nearest)),
        },
    }


def change_of(config: Config, base: Base, chain: str) -> Change:
    """Volumes, prices and margins of 2022 over 2020, all at their central values."""
    index, check = base.index, CHECKS[chain]
    consumer_prices = _growth(config, "cpi", None)
    farm_volume, farm_value = _farm_gate(config, check)
    codes = [index.stage_code(key) for key in check.farms]
    grown = farm_volume / (base.output[codes] / base.price[index.product_of_stage[codes]]).sum()
    price = {}
    for item in index.stage.values():
        if item.ledger.basis == "product":
            driver = index.product[item.product].outside_price
            price[item.product] = _growth(config, driver, item.season) if driver else consumer_prices
    price |= {index.stage[key].product: farm_value / base.output[codes].sum() / grown for key in check.farms}
    volume = dict.fromkeys(check.farms, grown) | {check.store: _store_volume(config, base, check)}
    return Change(volume=volume, price=price, margins=consumer_prices)


def moved(base: Base, chain: str, change: Change, figure: str, factor: float) -> Change:
    """The same change with one uncertain figure, by its name in :func:`uncertain_figures`, multiplied."""
    kind, _, key = figure.partition(" ")
    check = CHECKS[chain]
    if kind == "margin":
        return replace(change, margin={**change.margin, key: change.margins * factor})
    if kind == "volume":
        usual = ScaledChain(base, chain, change).volume(key)
        return replace(change, volume={**change.volume, key: usual * factor})
    if kind == "use":
        return replace(change, volume={**change.volume, check.store: change.volume[check.store] * factor})
    sold = [base.index.stage[farm].product for farm in check.farms] if kind == "farm" else [key]
    return replace(change, price={**change.price, **{product: change.price[product] * factor for product in sold}})


def uncertain_figures(config: Config, base: Base, chain: str) -> dict[str, tuple[float, float]]:
    """Every range that matters, as multiples of the central value.

    Names: 'farm output', 'use' (of the store), 'volume <stage>', 'price <product>', 'margin <stage>'.
    """
    index, check = base.index, CHECKS[chain]
    ranges = {"farm output": config.observed.series["gross_farm_output"].values.spread or (1.0, 1.0)}
    use = index.stage[check.store].utilisation
    if use is not None:
        ends = _ends(use)
        ranges["use"] = ends if check.use is None else (min(use.amount * ends[0] / check.use, 1.0), 1.0)
    for key in _other_stages(base, chain, check):
        item = index.stage[key]
        product = index.product[item.product]
        if item.ledger.basis == "product":
            ranges[f"price {item.product}"] = _ends(product.price)
            size = item.volume or item.output
            if size is not None and key != check.store:
                ranges[f"volume {key}"] = _ends(size)
            continue
        goods = sum(share.amount for name, share in item.recipe.items() if index.product[name].handled)
        low, high = _ends(product.price)
        ranges[f"margin {key}"] = (max((low - goods) / (1 - goods), 0.0), (high - goods) / (1 - goods))
        if item.ledger.role != "downstream" and key != check.store and item.volume is not None:
            ranges[f"volume {key}"] = _ends(item.volume)
    return {name: (float(low), float(high)) for name, (low, high) in ranges.items() if low < high}


def _other_stages(base: Base, chain: str, check: Check) -> list[str]:
    """Stages of the chain whose prices and sizes do not come from observed figures of 2022."""
    own = (key for s, key in enumerate(base.index.stages) if base.index.chains[base.index.chain_of_stage[s]] == chain)
    return [key for key in own if key not in check.farms]


def _farm_gate(config: Config, check: Check) -> tuple[float, float]:
    """Quantity sold by farms, and its value, CNY: the chain's share of farm output."""
    series = config.observed.series
    value = series["gross_farm_output"].values.amounts[YEAR] * series[check.share].values.amounts[YEAR]
    return series[check.volume].values.amounts[YEAR], value


def _store_volume(config: Config, base: Base, check: Check) -> float:
    """Volume of the stage with a reported capacity, over its volume in 2020."""
    index = base.index
    s, p = index.stage_code(check.store), index.product_code(check.counted)
    value = base.output[s] if index.product_of_stage[s] == p else base.use[p, s]
    utilisation = index.stage[check.store].utilisation
    use = check.use if check.use is not None else utilisation.amount if utilisation else 1.0
    return config.observed.series[check.capacity].values.amounts[YEAR] * use / float(value / base.price[p])


def _growth(config: Config, driver: str, season: Table | None) -> float:
    """Price of 2022 over that of 2020, in the months the product is sold."""
    values = config.drivers.drivers[driver].index.amounts

    def mean(year: str) -> float:
        if year in values:
            return values[year]
        weights = [season.amounts[str(month)] if season else 1.0 for month in range(1, 13)]
        return float(np.average([values[f"{year}-{month:02d}"] for month in range(1, 13)], weights=weights))

    return mean(YEAR) / mean("2020")


def _ends(quantity: Quantity) -> tuple[float, float]:
    """Ends of a range as multiples of its value."""
    low, high = quantity.range or (quantity.value, quantity.value)
    return low / quantity.value, high / quantity.value
