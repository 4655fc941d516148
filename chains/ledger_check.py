"""The hand check of the plan ledger: apple and cattle in 2022 from sourced figures, by the same rule as every year.

Observed quantities of 2022 (crop, cattle sold, stores, slaughter lines), the share of the chain in farm output, price
indices of the drivers and the ranges of the chain files set a small system of stages (:mod:`.scaling`); nothing is fitted
to the 182.4e8 and 128.7e8 CNY that statistics report.  Low and high move every uncertain figure to the ends of its range,
one at a time, and add the moves in squares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..config.loader import Config
from ..config.schema import Quantity
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
    capacity : by stage, series of its capacity; utilisation is the stage's, or full where ``full`` names it.
    declared : the one coefficient that may be calibrated inside its range.
    """

    farms: tuple[str, ...]
    volume: str
    share: str
    reported: str
    capacity: Mapping[str, str]
    full: tuple[str, ...]
    declared: str


CHECKS = {
    "apple": Check(
        farms=("apple_orchard",),
        volume="apple_output",
        share="apple_share",
        reported="apple_chain_output",
        capacity={"apple_storage": "apple_storage_capacity"},
        full=(),
        declared="margin apple_dealing",
    ),
    "cattle": Check(
        farms=("cattle_breeding", "cattle_fattening"),
        volume="cattle_sold",
        share="cattle_share",
        reported="cattle_chain_output",
        capacity={"cattle_slaughter": "slaughter_capacity"},
        full=("cattle_slaughter",),
        declared="price processed_beef",
    ),
}


def check_plan_ledger(config: Config, base: Base) -> list[dict[str, Any]]:
    """Set the rule's whole-chain output of 2022 beside the reported one, for every chain that has a check.

    Returns
    -------
    list of dict with chain, year, low, central, high, reported (CNY a year), deviation, tolerance, within, farm_gate (CNY
    a year), farm_price (CNY per unit sold), inputs (text by stage), moves (CNY by uncertain figure, low and high), and
    declared (name, used, needed: the multiple that would reproduce the reported figure, low and high of its range).
    """
    return [_check(config, base, chain, check) for chain, check in CHECKS.items() if chain in config.chains]


def _check(config: Config, base: Base, chain: str, check: Check) -> dict[str, Any]:
    factors = uncertain_figures(config, base, chain, check)

    def total(moved: Mapping[str, float]) -> float:
        scaled = ScaledChain(base, chain, change_of(config, base, chain, check, moved))
        return float(scaled.ledger().output[base.index.chains.index(chain)])

    central = total({})
    moves = {
        name: (total({name: low}) - central, total({name: high}) - central) for name, (low, high) in factors.items()
    }
    below = np.sqrt(sum(min(0.0, *ends) ** 2 for ends in moves.values()))
    above = np.sqrt(sum(max(0.0, *ends) ** 2 for ends in moves.values()))
    reported = config.observed.series[check.reported].values.amounts[YEAR]
    volume, value = _farm_gate(config, check)
    low, high = factors[check.declared]
    slope = (total({check.declared: high}) - central) / (high - 1) if high > 1 else np.nan
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
        "declared": {
            "name": check.declared,
            "used": False,
            "needed": float(1 + (reported - central) / slope),
            "low": low,
            "high": high,
        },
    }


def change_of(config: Config, base: Base, chain: str, check: Check, moved: Mapping[str, float]) -> Change:
    """Volumes, prices and margins of 2022 over 2020; ``moved`` multiplies uncertain figures, by their names."""
    index = base.index
    made = base.output / base.price[index.product_of_stage]
    consumer_prices = _growth(config, "cpi", None)
    farm_volume, farm_value = _farm_gate(config, check)
    codes = [index.stage_code(key) for key in check.farms]
    grown = farm_volume / made[codes].sum()
    dearer = farm_value / base.output[codes].sum() / grown * moved.get("farm output", 1.0)
    volume = dict.fromkeys(check.farms, grown)
    price = {index.stage[key].product: dearer for key in check.farms}
    for stage, series in check.capacity.items():
        capacity = config.observed.series[series].values.amounts[YEAR]
        volume[stage] = capacity * _use(config, index.stage[stage].utilisation, stage, check) / _held(base, check, stage)
    for s, key in enumerate(index.stages):
        item = index.stage[key]
        if index.chains[index.chain_of_stage[s]] != chain or key in check.farms:
            continue
        if item.ledger.basis == "product":
            driver = index.product[item.product].outside_price
            price[item.product] = _growth(config, driver, item.season) if driver else consumer_prices
    system = ScaledChain(base, chain, Change(volume=volume, price=price, margins=consumer_prices))
    for name, factor in moved.items():
        kind, _, key = name.partition(" ")
        if kind == "volume":
            volume[key] = system.volume(key) * factor
        elif kind == "price":
            price[key] *= factor
    margin = {name.partition(" ")[2]: consumer_prices * f for name, f in moved.items() if name.startswith("margin ")}
    return Change(volume=volume, price=price, margin=margin, margins=consumer_prices)
