"""What farms hold and are: stores and cellars month by month; orchards by age, plant for the crop, once a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .farms import TREES

if TYPE_CHECKING:
    from .model import IndustryChainModel
    from .recorder import Recorder


def record_stores(model: IndustryChainModel, recorder: Recorder) -> None:
    """Room of stores, what growers have in them and in cellars at the month's end, and what they sold, by county."""
    for store in model.stores:
        s = int(model.farms.stages[store.a])
        at = {"stage": model.index.stages[s], "chain": recorder.stage_chain[s]}
        rows = {
            "store_capacity": store.capacity,
            "in_stores": store.held,
            "in_cellars": store.cellar,
            "gate_sales": model.farms.by_gate(model.farms.sold)[store.a],
            "gate_price": model.gate_price[store.gates],
        }
        for variable, values in rows.items():
            for c, county in enumerate(model.index.counties):
                recorder.add(variable, values[c], county=county, **at)


def record_insurance(model: IndustryChainModel, recorder: Recorder) -> None:
    """Premiums that carry risk and payouts by county, in months in which there are any; orchards under nets."""
    book = model.insurance
    for variable, values in (
        ("premiums", book.collected),
        ("indemnities", book.paid),
        ("netted_area", model.nets.area),
    ):
        if values.any():
            for c, county in enumerate(model.index.counties):
                recorder.add(variable, values[c], county=county, chain="apple", stage="apple_orchard")


def record_farm_year(model: IndustryChainModel, recorder: Recorder) -> None:
    """Orchards by class of age, mu, and what stores and slaughterhouses can take in a year, t and head."""
    farms, index = model.farms, model.index
    record_land(model, recorder)
    if model.greenhouses is not None:
        recorder.add("greenhouse_worn", float(model.greenhouses.worn.sum()))
        recorder.add("greenhouse_built", float(model.greenhouses.built.sum()))
    for name in TREES:
        recorder.add(f"area_{name}", float(getattr(farms, name).sum()), chain="apple", stage="apple_orchard")
    recorder.add("storage_capacity", sum(float(store.capacity.sum()) for store in model.stores))
    if "cattle_slaughter" in index.stages:
        s, cattle = index.stage_code("cattle_slaughter"), index.product_code("finished_cattle")
        head = model.base.use[cattle, s] / model.base.price[cattle]
        made = model.base.output[s] / model.base.price[index.product_of_stage[s]]
        capacity = 12 * float(model.firms.capacity[model.firms.stage == s].sum())
        recorder.add("slaughter_capacity", capacity * head / made)


def record_land(model: IndustryChainModel, recorder: Recorder) -> None:
    """Land that other farms work than those of its households: mu by county, its share, and the mean rent, CNY a mu."""
    land, farms = model.land, model.farms
    rented = land.rented(model)
    for c, county in enumerate(model.index.counties):
        recorder.add("rented_area", rented[c], county=county)
    total, area = float(farms.by_gate(farms.level)[land.is_land].sum()), float(rented.sum())
    recorder.add("rented_share", area / total)
    nobody = farms.weight[~land.able].sum()
    recorder.add("farms_without_farmer", float(nobody))
    recorder.add("new_farmers", land.new_farmers)
    recorder.add("herds_sold", land.herds_sold)
    recorder.add("land_rent", 12 * land.rents(model) / area if area > 0 else 0.0)
