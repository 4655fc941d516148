"""Totals of the base year taken from agents just built, to set beside statistics at any scale."""

from __future__ import annotations

import numpy as np

from ..chains.base_rows import INDUSTRY_NAMES
from .labour import working_on_farm
from .model import IndustryChainModel
from .workers import OUTSIDE, TOWN


def base_totals(model: IndustryChainModel) -> dict[str, float]:
    """Value added, residents, urban share and persons at work by industry, by the English name of the report's row.

    Value added is firms' base sales and farms' share of their county's activity at the stage's value-added share;
    persons are counted from rows and firms' posts, never read back from the accounts they were built from.
    """
    base, index, firms, farms, workers = model.base, model.index, model.firms, model.farms, model.workers
    share = base.value_added / base.output
    made = firms.smoothed * base.price[firms.product] * 12 * share[firms.stage]
    by_stage = np.bincount(firms.stage, made, minlength=len(index.stages))
    for a, s in enumerate(farms.stages):
        part = farms.part(a)
        crop = farms.level[part] * model.yield_base.ravel()[farms.gate_of[part]] * base.price[index.product_of_stage[s]]
        by_stage[s] = float(crop.sum()) * share[s]
    totals = {"GDP": float(by_stage.sum())}
    for industry, (_, name) in INDUSTRY_NAMES.items():
        totals[name] = float(by_stage[index.stages_where(industry=industry)].sum())
    home = workers.alive & (workers.place != OUTSIDE)
    residents = float(workers.weight[home].sum())
    totals["residents"] = residents
    totals["urban share"] = float(workers.weight[home & (workers.place == TOWN)].sum()) / residents
    return totals | _jobs(model)


def _jobs(model: IndustryChainModel) -> dict[str, float]:
    """Persons at work by census industry: posts of firms, and hands on farms."""
    index, firms = model.index, model.firms
    totals = {}
    for key, name in model.config.population.industries.items():
        stages = index.stages_where(census=key)
        totals[f"employed, {name.en}"] = float(firms.jobs[np.isin(firms.stage, stages)].sum())
        if np.isin(model.farms.stages, stages).any():
            hands = model.workers.weight[working_on_farm(model.workers)]
            totals[f"employed, {name.en}"] += float(hands.sum())
    totals["employed persons"] = sum(totals.values())
    return totals
