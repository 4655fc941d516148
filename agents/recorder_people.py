"""What the record says of people: who gets the jobs, where they come from, who moves, and why the urban share changes.

Monthly figures go into the record at once; matrices and splits by chain and county are added up over the year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .cells import farm_jobs, farm_labour_days
from .indicators import AGE_GROUPS, GROUPS, ORIGINS, SEXES, Posts, count_ages, count_hires, count_jobs
from .people import LEAVES_SCHOOL
from .persons import persons_of

if TYPE_CHECKING:
    from .model import IndustryChainModel
    from .recorder import Recorder

FULL_TIME_DAYS = 250 / 12  # of work a month in one full-time job


class PeopleRecord:
    """Adds up the year's hires and moves; `Recorder` owns it."""

    def __init__(self, model: IndustryChainModel, recorder: Recorder) -> None:
        self.model, self.recorder = model, recorder
        chains, counties = len(model.index.chains), len(model.index.counties)
        self.shape = chains, counties
        self.school_ends = np.array([LEAVES_SCHOOL[k] for k in range(4)])
        self.origin, self.group = np.zeros((chains, counties, len(ORIGINS))), np.zeros((chains, counties, len(GROUPS)))
        self.drawn = np.zeros((chains, chains))
        self.routes = np.zeros((counties + 1, counties + 1))
        self.parts = np.zeros((3, 2, counties))  # natural, migration, reclassification x town, everyone
        self.opening = self._town_and_all()
        self.period = 0

    def _posts(self) -> Posts:
        firms, index = self.model.firms, self.model.index
        return Posts(index.chain_of_stage[firms.stage], firms.county)

    def _town_and_all(self) -> np.ndarray:
        """Residents in town and in all of the city, (2,)."""
        balances = self.model.audit_book.closing
        return np.array([balances["townspeople"].sum(), balances["persons"].sum()])

    def see_labour_market(self, before: np.ndarray, stage: np.ndarray) -> None:
        """Count the month's hires; ``before`` (N,) and ``stage`` (N,) are employers and last stages as it opened."""
        model, workers = self.model, self.model.workers
        hires = count_hires(
            persons_of(workers),
            before,
            stage,
            workers.returned,
            model.month,
            self._posts(),
            self.school_ends,
            *self.shape,
        )
        self.origin += hires.origin
        self.group += hires.group
        self.drawn += hires.drawn
        self.month_origin, self.rates = hires.origin.sum(axis=1), hires.rates

    def record_month(self) -> None:
        """Hires by origin, job finding and separation, open posts, wages, housing; then the year in December."""
        model, add, index = self.model, self.add, self.model.index
        self.period = self.recorder.period
        for k, chain in enumerate(index.chains):
            for o, name in enumerate(ORIGINS):
                if self.month_origin[k, o]:
                    add(f"hired_from_{name}", self.month_origin[k, o], chain=chain)
        idle, found, busy, left = self.rates
        add("job_finding_rate", found / max(idle, 1.0))
        add("separation_rate", left / max(busy, 1.0))
        self._record_posts()
        housing = model.housing
        for c, county in enumerate(index.counties):
            add("rent", housing.rent[c], county=county)
            add("dwelling_vacancy", housing.vacancy[c], county=county)
            add("dwellings_built", housing.built[c], county=county)
        flows = model.people_flows
        add("registrations_converted", flows["converted"])
        add("permits_taken", flows["permits"])
        self.routes += flows["routes"]
        everyone = flows["births"] - flows["deaths"], flows["moved_in"] - flows["moved_out"]
        town = flows["town_births"] - flows["town_deaths"], flows["town_in"] - flows["town_out"]
        self.parts[0] += town[0], everyone[0]
        self.parts[1] += town[1], everyone[1] + flows["arrivals"] - flows["departures"]
        self.parts[2, 0] += flows["reclassified"]
        if model.calendar == 12 or model.month == 0:
            self._record_ages()
        if model.calendar == 12:
            self._record_year()

    def add(self, variable: str, value: float, *, chain: str = "", stage: str = "", county: str = "") -> None:
        """Record one value of the month."""
        self.recorder.add(variable, value, chain=chain, stage=stage, county=county)

    def _record_posts(self) -> None:
        """Open posts and the mean wage by stage, and what farm work comes to in full-time jobs."""
        firms, index, add = self.model.firms, self.model.index, self.add
        stages = len(index.stages)
        jobs = np.bincount(firms.stage, firms.jobs, minlength=stages)
        staffed = np.bincount(firms.stage, firms.staffed, minlength=stages)
        bill = np.bincount(firms.stage, firms.staffed * firms.wage, minlength=stages)
        chain = index.chain_of_stage
        for s in np.flatnonzero(jobs > 0).tolist():
            names = {"chain": index.chains[chain[s]], "stage": index.stages[s]}
            add("vacancies", max(jobs[s] - staffed[s], 0.0), **names)
            if staffed[s] > 0:
                add("wage", bill[s] / staffed[s], **names)
        days = farm_labour_days(self.model).sum(axis=0)
        for c, county in enumerate(index.counties):
            add("farm_hands", self.recorder.farm_hands[c], county=county)
            add("farm_full_time_jobs", days[c] / FULL_TIME_DAYS, county=county)

    def _record_ages(self) -> None:
        """Residents by sex and age, for the pyramid: as the run begins, and each December."""
        workers = self.model.workers
        cells = count_ages(workers.age, workers.sex, workers.place, workers.weight, len(AGE_GROUPS))
        for sex, row in zip(SEXES, cells, strict=True):
            for first, persons in zip(AGE_GROUPS, row, strict=True):
                self.add(f"residents_{sex}_{first}", persons)

    def _record_year(self) -> None:
        model, index = self.model, self.model.index
        posts, workers = self._posts(), self.model.workers
        held, hands, commuting = count_jobs(persons_of(workers), workers.returned, model.month, posts, *self.shape)
        held += self._farm_hands_by_chain(hands)
        for o, name in enumerate(ORIGINS):
            self._add_matrix(f"year_hired_from_{name}", self.origin[:, :, o])
        for g, name in enumerate(GROUPS):
            self._add_matrix(f"year_hired_{name}", self.group[:, :, g])
            self._add_matrix(f"jobs_{name}", held[:, :, g])
        for k, chain in enumerate(index.chains):
            for j, other in enumerate(index.chains):
                if j != k and self.drawn[j, k]:
                    self.add(f"drawn_from_{other}", self.drawn[j, k], chain=chain)
        ends = [*index.counties, "outside"]
        for k, home in enumerate(ends):
            for j, other in enumerate(ends):
                named = home if home != "outside" else ""
                if j != k:
                    self.add(f"moved_to_{other}", self.routes[k, j], county=named)
                if "outside" not in (home, other):
                    self.add(f"work_in_{other}", commuting[k, j], county=home)
        self._record_urban_parts()
        for total in (self.origin, self.group, self.drawn, self.routes, self.parts):
            total[:] = 0

    def _farm_hands_by_chain(self, hands: np.ndarray) -> np.ndarray:
        """Spread who works on farms (C, G) over the chains by what their crops and herds ask for, (K, C, G)."""
        model = self.model
        jobs = farm_jobs(model, self.recorder.farm_hands)
        total = jobs.sum(axis=0)
        share = np.divide(jobs, total, out=np.zeros_like(jobs), where=total > 0)
        by_chain = np.zeros(self.shape)
        np.add.at(by_chain, model.index.chain_of_stage[model.farms.stages], share)
        return np.asarray(by_chain[:, :, None] * hands[None])

    def _add_matrix(self, variable: str, cells: np.ndarray) -> None:
        index = self.model.index
        for k, c in zip(*np.nonzero(cells), strict=True):
            self.add(variable, cells[k, c], chain=index.chains[k], county=index.counties[c])

    def _record_urban_parts(self) -> None:
        """Split the year's change of the urban share into parts that add up to it exactly.

        With U townspeople of P residents, U1/P1 - U0/P0 = sum over parts of (dU - U0/P0 dP) / P1.
        """
        town, everyone = self.opening
        self.opening = self._town_and_all()
        names = ("natural", "migration", "reclassification")
        share = town / everyone
        for name, (urban, all_) in zip(names, self.parts, strict=True):
            self.add(f"urban_share_{name}", (urban.sum() - share * all_.sum()) / self.opening[1])
            for c, county in enumerate(self.model.index.counties):
                self.add(f"urban_{name}", urban[c], county=county)
