"""Hire, fire and pay the same workers twice: as ordinary Mesa agents, one object each, and as this model does.

Both start from the same city: everyone of the base year at a scale, the same firms, posts, wages and rules of
`agents.labour`.  Luck differs, so jobs agree only on average; they are printed to show that both do the same work.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import time

import mesa
import numpy as np

from pingliang.agents import labour
from pingliang.agents.labour import LabourFlows
from pingliang.agents.model import IndustryChainModel
from pingliang.agents.workers import OUTSIDE
from pingliang.config.loader import load
from pingliang.config.schema import Name, Scenario


class PlainFirm(mesa.Agent):
    """A firm with posts to fill, and its staff."""

    def __init__(self, model: PlainCity, county: int, stage: int, wage: float, wanted: int) -> None:
        super().__init__(model)
        self.county, self.stage, self.wage, self.wanted = county, stage, wage, wanted
        self.staff: set[PlainWorker] = set()
        self.applicants: list[PlainWorker] = []

    def fire(self) -> None:
        """Lay off a part of those too many, the least skilled first."""
        surplus = len(self.staff) - self.wanted
        if surplus > 0:
            cut = int(np.ceil(surplus * self.model.rules.layoff_speed.amount))
            for worker in sorted(self.staff, key=lambda worker: worker.skill)[:cut]:
                worker.lose_job()

    def hire(self) -> None:
        """Take the best of this round's applicants."""
        self.applicants.sort(key=lambda worker: -worker.skill * (1.5 if worker.stage == self.stage else 1.0))
        for worker in self.applicants[: max(self.wanted - len(self.staff), 0)]:
            worker.take_job(self)
        self.applicants.clear()

    def adjust_wage(self) -> None:
        """Raise the offer while posts stay open."""
        rules = self.model.rules
        unfilled = max(self.wanted - len(self.staff), 0) / max(self.wanted, 1)
        step = min(rules.wage_response.amount * unfilled, rules.wage_limit.amount)
        self.wage = max(self.wage * (1 + step), rules.minimum_wage.amount / 12)


class PlainWorker(mesa.Agent):
    """A person who may work, look for work, or do neither."""

    def __init__(self, model: PlainCity, **facts: float) -> None:
        super().__init__(model)
        self.__dict__.update(facts)
        self.employer: PlainFirm | None = None

    def lose_job(self) -> None:
        """Leave the firm."""
        if self.employer is not None:
            self.employer.staff.discard(self)
            self.employer = None

    def leave(self) -> None:
        """Retire at pension age or quit at random."""
        rules, seeking = self.model.rules, self.employer is not None or self.farm < 0
        pension = rules.retirement_age_female if self.sex == 1 else rules.retirement_age_male
        if self.participates and seeking and self.age >= pension.amount:
            self.participates = self.farm >= 0
            self.lose_job()
        elif self.employer is not None and self.random.random() < rules.quit_rate.amount:
            self.lose_job()

    def search(self, round_: int) -> None:
        """Apply to one firm if it offers enough."""
        rules = self.model.rules
        if self.place == OUTSIDE or not (self.participates or self.employer):
            return
        if self.employer is not None:
            chance, least = (0.0 if round_ else rules.search_share_employed.amount), 1.05 * self.wage
        else:
            chance = 1.0 if self.farm < 0 else rules.search_share_farm.amount
            decay = (1 - rules.reservation_decay.amount) ** self.idle
            least = rules.reservation_share.amount * self.wage * decay
        if self.random.random() < chance:
            firm = self.model.firm_met(int(self.county))
            if firm is not None and firm.wage >= least:
                firm.applicants.append(self)

    def take_job(self, firm: PlainFirm) -> None:
        """Change over to a firm."""
        self.lose_job()
        firm.staff.add(self)
        self.employer, self.wage, self.idle, self.participates = firm, firm.wage, 0, True
        if self.stage != firm.stage:
            self.stage = firm.stage
            self.skill *= 0.7

    def learn(self) -> None:
        """Skill grows on the job and fades out of it."""
        gap = 1 - self.skill if self.employer is not None else -0.25 * self.skill
        self.skill += self.model.pace[int(self.education)] * gap
        if self.employer is None and self.participates and self.farm < 0:
            self.idle += 1


class PlainCity(mesa.Model):
    """The labour market of a city, an object for every worker and firm."""

    def __init__(self, ours: IndustryChainModel) -> None:
        super().__init__(rng=1)
        workers, firms = ours.workers, ours.firms
        self.rules = ours.config.parameters.labour
        low, high = self.rules.skill_half_life_low.amount, self.rules.skill_half_life_high.amount
        self.pace = [1 - 0.5 ** (1 / (low + (high - low) * level / 3)) for level in range(4)]
        self.reach = np.exp(-ours.distance / self.rules.commuting_decay.amount)
        facts = zip(firms.county, firms.stage, firms.wage, firms.rows_wanted, strict=True)
        self.firms = [PlainFirm(self, int(c), int(s), float(wage), int(posts)) for c, s, wage, posts in facts]
        names = ("age", "sex", "county", "place", "education", "skill", "wage", "farm", "participates")
        columns = [getattr(workers, name).tolist() for name in names]
        stages, idle = workers.skill_stage.tolist(), workers.months_unemployed.tolist()
        for row, employer in enumerate(workers.employer.tolist()):
            cells = {name: column[row] for name, column in zip(names, columns, strict=True)}
            worker = PlainWorker(self, **cells, stage=stages[row], idle=idle[row])
            if employer >= 0:
                worker.employer = self.firms[employer]
                worker.employer.staff.add(worker)

    def post_vacancies(self) -> None:
        """Note where jobs are open: by county, the firms and their stacked open wages."""
        self.open: list[tuple[list[PlainFirm], list[float]]] = []
        for c in range(len(self.reach)):
            firms = [firm for firm in self.firms if firm.county == c and firm.wanted > len(firm.staff)]
            pull = itertools.accumulate((firm.wanted - len(firm.staff)) * firm.wage for firm in firms)
            self.open.append((firms, list(pull)))
        pull = np.array([stacked[-1] if stacked else 0.0 for _, stacked in self.open])
        self.counties = np.cumsum(self.reach * pull, axis=1).tolist()

    def firm_met(self, home: int) -> PlainFirm | None:
        """Draw the firm a seeker hears of, by distance of the county and open wages."""
        stacked = self.counties[home]
        if stacked[-1] <= 0:
            return None
        county = min(bisect.bisect_right(stacked, self.random.random() * stacked[-1]), len(stacked) - 1)
        firms, pull = self.open[county]
        return firms[min(bisect.bisect_right(pull, self.random.random() * pull[-1]), len(firms) - 1)]

    def step(self) -> None:
        """One month of hiring, firing and wages."""
        workers, firms = self.agents_by_type[PlainWorker], self.agents_by_type[PlainFirm]
        workers.do("leave")
        firms.do("fire")
        for round_ in range(labour.ROUNDS):
            self.post_vacancies()
            workers.do("search", round_)
            firms.do("hire")
        firms.do("adjust_wage")
        workers.do("learn")

    def jobs(self) -> int:
        """Workers in a job."""
        return sum(len(firm.staff) for firm in self.firms)


def step_ours(model: IndustryChainModel, reach: np.ndarray) -> None:
    """Step only the same part of our month."""
    workers, firms, rules, flows = model.workers, model.firms, model.config.parameters.labour, LabourFlows()
    seekers = labour.workers_leave(workers, firms, rules, model.streams, model.month, flows)
    labour.firms_hire(workers, firms, seekers, rules, reach, model.streams, model.month, flows)
    labour.firms_adjust_wages(firms, rules, 0.0)
    labour.workers_learn(workers, seekers, rules)
    model.month += 1


def main() -> None:
    """Step both over the same workers and print workers stepped per CPU second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--months", type=int, default=12)
    options = parser.parse_args()
    scenario = Scenario(name="baseline", label=Name(zh="基准", en="baseline"))
    ours = IndustryChainModel(load(), scenario, seed=1, scale=options.scale)
    plain = PlainCity(ours)
    reach = plain.reach
    persons, jobs = len(ours.workers), int((ours.workers.employer >= 0).sum())
    step_ours(ours, reach)  # compiles, or reads the compiled loops
    plain.step()
    rates = {}
    for name, step in (("plain Mesa", plain.step), ("this model", lambda: step_ours(ours, reach))):
        start = time.process_time()
        for _ in range(options.months):
            step()
        rates[name] = persons * options.months / (time.process_time() - start)
    now = {"plain Mesa": plain.jobs(), "this model": int((ours.workers.employer >= 0).sum())}
    print(f"hire, fire and wages over {persons:,} workers and {len(ours.firms):,} firms, {options.months} months:")
    for name, rate in rates.items():
        print(f"  {name}: {rate:>12,.0f} workers a CPU second; jobs {jobs:,} -> {now[name]:,}")
    print(f"  ratio {rates['this model'] / rates['plain Mesa']:.0f}")


if __name__ == "__main__":
    main()
