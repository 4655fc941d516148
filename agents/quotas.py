"""Water, energy and carbon: what stages use, and yearly quotas that can bind (以水四定, 能耗双控)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .model import IndustryChainModel


class Quotas:
    """Use so far this year by kind and the city's yearly quota, in m3, tce and t of CO2.

    A quota is a multiple of what the same stages used in 2020.  When what is left of the year falls short of what
    firms want for the rest of it, every user is cut in the same proportion.
    """

    def __init__(self, model: IndustryChainModel, multiples: dict[str, float]) -> None:
        base, index = model.base, model.index
        made = base.output / base.price[index.product_of_stage]
        self.firm_stage = np.array([item.agent == "firm" for item in index.stage.values()])
        # a sink (a captured tonne, a planted mu) gives no licence to emit: only users are under a quota
        self.coefficient = {
            name: np.where(self.firm_stage, np.maximum(model.satellites[name], 0.0), 0.0) for name in multiples
        }
        self.yearly = {name: multiple * float(self.coefficient[name] @ made) for name, multiple in multiples.items()}
        self.used = dict.fromkeys(multiples, 0.0)

    def open_month(self, calendar: int) -> None:
        """Start a new account in January."""
        if calendar == 1:
            self.used = dict.fromkeys(self.used, 0.0)

    def share(self, model: IndustryChainModel, name: str, wanted: np.ndarray) -> float:
        """Part of what is wanted (F,) that the rest of the year's quota allows, 1 where it is enough."""
        need = self._use(model, name, wanted) * (13 - model.calendar)
        left = max(self.yearly[name] - self.used[name], 0.0)
        return min(1.0, left / need) if need > 0 else 1.0

    def limit(self, model: IndustryChainModel, name: str, wanted: np.ndarray) -> np.ndarray:
        """Output the quota allows each firm, (F,); infinite for who uses none of it and while it is enough."""
        firms = model.firms
        aim = np.where(np.isfinite(wanted), wanted, firms.expected)
        part = self.share(model, name, aim)
        using = self.coefficient[name][firms.stage] > 0
        return np.where(using & (part < 1), aim * part, np.inf)

    def book(self, model: IndustryChainModel) -> None:
        """Add this month's use to the year's."""
        for name in self.coefficient:
            self.used[name] += self._use(model, name, model.firms.made)

    def _use(self, model: IndustryChainModel, name: str, made: np.ndarray) -> float:
        """What making so much (F,) uses; summed by stage, so that no number of threads changes the last digit."""
        by_stage = np.bincount(model.firms.stage, made, minlength=len(self.coefficient[name]))
        return float((self.coefficient[name] * by_stage).sum())
