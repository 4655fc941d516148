"""What the record says of day labour: days by stage and county, who works them, what they are paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .model import IndustryChainModel
    from .recorder import Recorder


def record_days(model: IndustryChainModel, recorder: Recorder) -> None:
    """Days worked for a wage by stage and county, the day wage, and by county who works and what stayed undone."""
    market, index = model.day_labour, model.index
    recorder.add_cells("day_labour", days_by_stage(model), sparse=True)
    recorder.add("day_wage", market.wage)
    rows = {
        "day_labourers_farm": market.persons[0],
        "day_labourers_unemployed": market.persons[1],
        "day_labour_missing": market.wanted - market.done,
    }
    for variable, values in rows.items():
        for c in np.flatnonzero(values).tolist():
            recorder.add(variable, values[c], county=index.counties[c])


def days_by_stage(model: IndustryChainModel) -> np.ndarray:
    """Days hired this month, (S, C): on farms by what crops and animals of a county ask for, in firms by posts."""
    firms, stages, counties = model.firms, len(model.index.stages), len(model.index.counties)
    market = model.day_labour
    code = firms.stage.astype(np.int64) * counties + firms.county
    posts = np.bincount(code, firms.day_posts, minlength=stages * counties).reshape(stages, counties)
    days = posts * model.config.farming.working_days.amount
    asked = model.care.work(model, model.calendar - 1)
    total = asked.sum(axis=0)
    days[model.farms.stages] += asked * np.divide(market.on_farms, total, out=np.zeros(counties), where=total > 0)
    return np.asarray(days)
