"""Stops a run at a number no economy has: a price that is nought or not a number, a stock or plant below nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .model import IndustryChainModel


class ImpossibleNumberError(RuntimeError):
    """A price, stock or capital that cannot be; the run it came up in says nothing."""


def stop_at_impossible_numbers(model: IndustryChainModel) -> None:
    """Refuse to go on with a price that is not above nought, or a stock or capital below it, of a firm or farm gate.

    Raises
    ------
    ImpossibleNumberError
        Naming the month, the stage, the county and the firm or farm of the first such number.
    """
    firms, farms, supply = model.firms, model.farms, model.supply
    for name in ("price", "stock", "capital", "capacity"):
        row = _first_wrong(getattr(firms, name), positive=name == "price")
        if row >= 0:
            raise _impossible(model, name, float(getattr(firms, name)[row]), *_firm(model, row))
    slot = _first_wrong(supply.stock)
    if slot >= 0:
        product = model.index.products[supply.trade.slots.product[slot]]
        raise _impossible(model, f"stock of {product}", float(supply.stock[slot]), *_buyer(model, slot))
    gate = _first_wrong(model.gate_price, positive=True)
    if gate >= 0:
        raise _impossible(model, "price at the farm gate", float(model.gate_price[gate]), *_gate(model, gate))
    branch = _first_wrong(farms.stored)
    if branch >= 0:
        where = _gate(model, int(farms.gate_of[branch]))[:2]
        farm = f"farm {farms.key[farms.farm_of[branch]]:016x}"
        raise _impossible(model, "store", float(farms.stored[branch]), *where, farm)


def _first_wrong(values: np.ndarray, *, positive: bool = False) -> int:
    """Row of the first value that is not a number or not at least (above, if ``positive``) nought, else -1."""
    right = (values < np.inf) & ((values > 0) if positive else (values >= 0))
    return -1 if right.all() else int(np.argmin(right))


def _impossible(
    model: IndustryChainModel, what: str, value: float, stage: str, county: str, who: str
) -> ImpossibleNumberError:
    month = f"{model.year}-{model.calendar:02d}"
    return ImpossibleNumberError(f"{month}, stage {stage}, county {county}, {who}: {what} is {value:g}")


def _firm(model: IndustryChainModel, row: int) -> tuple[str, str, str]:
    """Stage, county and name of a firm; a firm without a name goes by its key."""
    firms, index = model.firms, model.index
    stage, anchor = index.stages[firms.stage[row]], int(firms.anchor[row])
    name = f"{index.stage[stage].anchors[anchor].name.en} " if anchor >= 0 else ""
    return stage, str(index.counties[firms.county[row]]), f"firm {name}{firms.key[row]:016x}"


def _buyer(model: IndustryChainModel, slot: int) -> tuple[str, str, str]:
    """Stage, county and name of who holds an input; farms of a county hold theirs together."""
    slots = model.supply.trade.slots
    if slot >= model.supply.firm_slots.start:
        return _firm(model, int(slots.buyer[slot]))
    return model.index.stages[slots.stage[slot]], str(model.index.counties[slots.county[slot]]), "its farms"


def _gate(model: IndustryChainModel, gate: int) -> tuple[str, str, str]:
    return model.index.stages[model.gate_stage[gate]], str(model.index.counties[model.gate_county[gate]]), "its farms"
