"""What the record says of farm homes: herds month by month, farms by size, and what village households live on.

Households are told apart by what their farm earns most from at the start of the year; who has no farm is a kind, too.
Incomes are added up over the year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled
from .farms import COHORTS
from .workers import RURAL

if TYPE_CHECKING:
    from .model import IndustryChainModel
    from .recorder import Recorder

# kinds of household, and the activities whose margins make the kind
KINDS = {
    "fruit": ("orchard",),
    "cattle": ("breeding", "fattening"),
    "vegetables_herbs": ("open_vegetable", "greenhouse", "herb"),
    "grain_pigs": ("grain", "fodder", "pigs_sheep"),
    "no_farm": (),
}
SOURCES = ("farm", "wages", "day_wages", "remittances", "pensions", "property")
SIZES = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0)  # mu worked, upper bounds of the classes; the last has none


@compiled
def add_incomes(
    kind: np.ndarray,
    household: np.ndarray,
    place: np.ndarray,
    weight: np.ndarray,
    columns: tuple[np.ndarray, ...],
    persons: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Add villagers to ``persons`` (K,) and CNY of each source to ``sums`` (K, S), by ``kind`` of household (H,).

    ``columns`` are income columns of persons: mixed, wage, day_wages (part of wage), remittance, transfer, dividend,
    interest and rent.
    """
    mixed, wage, daily, remitted, transfer, dividend, interest, rent = columns
    for i in range(len(household)):
        if place[i] != RURAL or weight[i] <= 0:
            continue
        k, w = kind[household[i]], weight[i]
        persons[k] += w
        sums[k, 0] += w * mixed[i]
        sums[k, 1] += w * (wage[i] - daily[i])
        sums[k, 2] += w * daily[i]
        sums[k, 3] += w * remitted[i]
        sums[k, 4] += w * transfer[i]
        sums[k, 5] += w * (dividend[i] + interest[i] + rent[i])


class FarmHomes:
    """Adds up what villagers earn in the year by kind of household; `Recorder` owns it.

    Attributes
    ----------
    kind : (H,) number of the kind of each household, of `KINDS`.
    persons, sums : (K,) person-months and (K, S) CNY of the year so far.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        self.model = model
        farms = model.farms
        group = {name: k for k, names in enumerate(KINDS.values()) for name in names}
        self.group = np.array([group.get(name, len(KINDS) - 2) for name in farms.activities])
        self.kind = self._kinds()
        self.persons, self.sums = np.zeros(len(KINDS)), np.zeros((len(KINDS), len(SOURCES)))

    def _kinds(self) -> np.ndarray:
        """Kind of each household now, by what its farm is expected to earn most from."""
        farms, workers = self.model.farms, self.model.workers
        worth = farms.level * np.maximum(self.model.margins.expected, 0.0)[farms.gate_of]
        group = self.group[farms.gate_of // len(self.model.index.counties)]
        count = len(farms.county)
        earned = np.bincount(group * count + farms.worked_by, worth, minlength=(len(KINDS) - 1) * count)
        best = earned.reshape(-1, count).argmax(axis=0)
        last = int(max(workers.household.max(initial=0), farms.household.max(initial=0)))
        kind = np.full(last + 1, len(KINDS) - 1, dtype=np.int8)
        owned = farms.household >= 0
        kind[farms.household[owned]] = best[owned]
        return kind

    def record_month(self, recorder: Recorder) -> None:
        """Cattle by cohort; incomes are noted, and in December recorded with farms by size."""
        model, workers = self.model, self.model.workers
        if model.farms.herd_activities:
            for cohort in COHORTS:
                recorder.add(f"herd_{cohort}", float(model.farms.table[cohort].sum()), chain="cattle")
        if model.calendar == 1 or workers.household.max(initial=0) >= len(self.kind):
            self.kind = self._kinds()
        names = ("mixed", "wage", "day_wages", "remittance", "transfer", "dividend", "interest", "rent")
        columns = tuple(getattr(workers, name if name == "day_wages" else f"{name}_income") for name in names)
        add_incomes(self.kind, workers.household, workers.place, workers.weight, columns, self.persons, self.sums)
        if model.calendar == 12:
            self._record_year(recorder)

    def _record_year(self, recorder: Recorder) -> None:
        for k, kind in enumerate(KINDS):
            recorder.add(f"villagers_{kind}", self.persons[k] / 12)
            for s, source in enumerate(SOURCES):
                recorder.add(f"income_{source}_{kind}", 12 * self.sums[k, s] / max(self.persons[k], 1e-9))
        self.persons[:], self.sums[:] = 0.0, 0.0
        model, farms = self.model, self.model.farms
        land = farms.level * model.land.is_land[farms.gate_of // len(model.index.counties)]
        worked = np.bincount(farms.worked_by, land, minlength=len(farms.county))
        size = np.searchsorted(SIZES, worked / farms.weight, side="right")
        for k in range(len(SIZES) + 1):
            recorder.add(f"farms_of_size_{k}", float(farms.weight[(size == k) & (worked > 0)].sum()))
            recorder.add(f"land_of_size_{k}", float(worked[size == k].sum()))
