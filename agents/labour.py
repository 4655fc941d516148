"""The labour market: separations, search, matching, wages and skill; firms hire named rows.

Search and matching by application to a few firms follow Dawid et al. (2018, Eurace@Unibi) and the occupational flows
of del Rio-Chanona et al. (2021); skill in a stage is learnt on the job with a half-life that falls with education.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config.parameters_schema import LabourMarket
from .firms import FirmSet, desired_jobs
from .labour_loops import (
    Applicants,
    Leaving,
    Vacancies,
    apply,
    count_employed,
    learn,
    leave_work,
    rows_of_firms,
    take_jobs,
    take_lowest,
)
from .persons import persons_of
from .randomness import Streams
from .skills import Skills
from .workers import FEMALE, MALE, OUTSIDE, SENIOR, TERTIARY, WorkerSet

ROUNDS = 3


@dataclass
class LabourFlows:
    """Persons who changed work this month: weights of the rows that moved."""

    quits: float = 0.0
    layoffs: float = 0.0
    retired: float = 0.0
    hired: float = 0.0
    hired_from_farm: float = 0.0


def employed(workers: WorkerSet) -> np.ndarray:
    """Mask of rows with an employer."""
    return workers.employer >= 0


def working_on_farm(workers: WorkerSet) -> np.ndarray:
    """Mask of rows whose main work is the family farm."""
    return (workers.participates == 1) & (workers.employer < 0) & (workers.farm >= 0) & (workers.place != OUTSIDE)


def unemployed(workers: WorkerSet) -> np.ndarray:
    """Mask of rows that seek work and have neither employer nor farm."""
    return (workers.participates == 1) & (workers.employer < 0) & (workers.farm < 0) & (workers.place != OUTSIDE)


def count_rows(workers: WorkerSet, firms: FirmSet) -> None:
    """Refresh each firm's number of rows from the workers' employer column."""
    count_employed(workers.employer, firms.rows)


@dataclass
class Seekers:
    """Rows that look for work this month: of those out of a job in some round, of the employed in the first."""

    idle: np.ndarray
    looking: np.ndarray


def pension_ages(rules: LabourMarket) -> np.ndarray:
    """Ages at which women and men retire from a job, (2,) by code of sex."""
    pension = np.empty(2)
    pension[[FEMALE, MALE]] = rules.retirement_age_female.amount, rules.retirement_age_male.amount
    return pension


def workers_leave(
    workers: WorkerSet, firms: FirmSet, rules: LabourMarket, streams: Streams, month: int, flows: LabourFlows
) -> Seekers:
    """Retire at pension age, quit at random, and lose the job where the firm wants fewer rows."""
    leaving = Leaving(
        pension_ages(rules),
        rules.quit_rate.amount,
        rules.search_share_employed.amount,
        rules.search_share_farm.amount,
        streams.occasion("labour.quit", month),
        np.array([streams.occasion("labour.search", month, k=k) for k in range(ROUNDS)]),
    )
    flows.retired, flows.quits, idle, looking = leave_work(persons_of(workers), firms.rows, leaving)
    surplus = np.maximum(firms.rows - firms.rows_wanted, 0)
    wanted = np.ceil(surplus * rules.layoff_speed.amount).astype(np.int64)
    rows = rows_of_firms(workers.employer, firms.rows, wanted)
    at = workers.employer[rows].astype(np.int64)
    out = rows[take_lowest(at, workers.skill[rows], workers.key[rows], wanted)]
    flows.layoffs = float(workers.weight[out].sum())
    firms.rows[:] -= np.minimum(wanted, firms.rows).astype(np.int32)
    workers.employer[out] = -1
    return Seekers(np.r_[idle, out], looking[workers.employer[looking] >= 0])


def firms_open_vacancies(firms: FirmSet, row_weight: float) -> None:
    """Turn desired jobs into rows: unbiased fixed rounding per firm, the remainder is the owner's own labour."""
    firms.jobs[:] = desired_jobs(firms)
    firms.rows_wanted[:] = np.floor(firms.jobs / row_weight + firms.rounding).astype(np.int32)


def firms_hire(
    workers: WorkerSet,
    firms: FirmSet,
    seekers: Seekers,
    rules: LabourMarket,
    commuting: np.ndarray,
    streams: Streams,
    month: int,
    flows: LabourFlows,
    skills: Skills,
    pull: np.ndarray,
) -> None:
    """Fill vacancies with the best of a few applicants; ``commuting`` (C, C) is the weight of a job county by home.

    ``pull`` (2, S) is how much posts of a stage draw each sex.

    The schooled choose first among all open posts at the pay of the schooled; the others among those that need none.
    """
    everyone, by_place = _applicants(workers, seekers, rules), np.lexsort((firms.key, firms.county))
    schooled = workers.education[everyone.row] >= SENIOR
    groups = (
        (True, np.flatnonzero(schooled), firms.wage * skills.premium[firms.stage]),
        (False, np.flatnonzero(~schooled), firms.wage),
    )
    for k in range(ROUNDS):
        occasions = [streams.occasion(name, month, k=k) for name in ("labour.search", "labour.county", "labour.firm")]
        for of_schooled, numbers, offer in groups:
            open_rows = np.maximum(firms.rows_wanted - firms.rows, 0).astype(np.int64)
            open_rows -= 0 if of_schooled else skills.reserved(open_rows)
            if not open_rows.any():
                continue
            applicants = Applicants(*(column[numbers] for column in everyone))
            sexes = workers.sex[applicants.row]
            applied = []
            for sex, draw in enumerate(pull):
                mine = np.flatnonzero(sexes == sex)
                posts = _vacancies(firms.county, by_place, open_rows * draw[firms.stage], offer, commuting)
                some, to = apply(Applicants(*(column[mine] for column in applicants)), posts, offer, *occasions)
                applied.append((mine[some], to))
            who, at = (np.concatenate(parts) for parts in zip(*applied, strict=True))
            chosen, at = _choose(workers, firms, applicants, who, at, open_rows)
            rows = applicants.row[chosen]
            if of_schooled:
                skills.move(workers.employer[rows], at)
            hired, from_farm = take_jobs(rows, at, offer, firms.stage, persons_of(workers), firms.rows)
            flows.hired += hired
            flows.hired_from_farm += from_farm
            everyone.chance[numbers[chosen]] = 0.0
        everyone.chance[len(seekers.idle) :] = 0.0  # the employed look once a month


def _choose(
    workers: WorkerSet, firms: FirmSet, applicants: Applicants, who: np.ndarray, at: np.ndarray, open_rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Which applicants (``who``) the firms they applied to (``at``) take: the most skilled, best in the same stage."""
    rows = applicants.row[who]
    match = workers.skill[rows] * (1 + 0.5 * (workers.skill_stage[rows] == firms.stage[at]))
    taken = take_lowest(at, -match, applicants.key[who], open_rows)
    return who[taken], at[taken]


def _applicants(workers: WorkerSet, seekers: Seekers, rules: LabourMarket) -> Applicants:
    """Who may apply: all out of a job without a farm, a share of farm members, and the employed who look.

    The lowest wage accepted is a share of the last wage that decays out of work; the employed want more.
    """
    idle, looking = seekers.idle, seekers.looking
    decay = (1 - rules.reservation_decay.amount) ** workers.months_unemployed[idle]
    least = rules.reservation_share.amount * workers.wage[idle] * decay
    chance = np.where(workers.farm[idle] < 0, 1.0, rules.search_share_farm.amount)
    rows = np.r_[idle, looking]
    return Applicants(
        rows,
        workers.key[rows],
        workers.county[rows],
        np.r_[least, 1.05 * workers.wage[looking]],
        np.r_[chance, np.ones(len(looking))],
    )


def _vacancies(
    county: np.ndarray, by_place: np.ndarray, open_rows: np.ndarray, offer: np.ndarray, commuting: np.ndarray
) -> Vacancies:
    """Where seekers apply: county by commuting weight x vacancies, firm by vacancies x wage offered (F,).

    ``open_rows`` (F,) are weighted by how much they draw; ``by_place`` (F,) are firms by county and key.
    """
    pull = open_rows * offer
    by_county = np.bincount(county, pull, minlength=len(commuting))
    reach = commuting * by_county
    total = reach.sum(axis=1)
    hiring = by_place[open_rows[by_place] > 0]
    return Vacancies(
        np.cumsum(reach, axis=1) / np.where(total > 0, total, 1.0)[:, None],
        np.r_[0.0, np.cumsum(by_county)],
        hiring,
        np.cumsum(pull[hiring]),
    )


def firms_adjust_wages(firms: FirmSet, rules: LabourMarket, outside_growth: float) -> None:
    """Raise the offer while more posts than normal stay open, let it slip while fewer do, follow outside wages.

    Never below the minimum wage.
    """
    unfilled = np.maximum(firms.rows_wanted - firms.rows, 0) / np.maximum(firms.rows_wanted, 1)
    pull = rules.wage_response.amount * (unfilled - rules.open_posts.amount)
    step = np.minimum(pull + outside_growth, rules.wage_limit.amount)
    firms.wage[:] = np.maximum(firms.wage * (1 + step), rules.minimum_wage.amount / 12)


def firms_staff_jobs(firms: FirmSet) -> None:
    """Jobs filled: the wanted jobs times the share of wanted rows that are there."""
    share = np.where(firms.rows_wanted > 0, np.minimum(firms.rows / np.maximum(firms.rows_wanted, 1), 1.0), 1.0)
    firms.staffed[:] = firms.jobs * share


def workers_learn(workers: WorkerSet, seekers: Seekers, rules: LabourMarket) -> None:
    """Skill moves toward 1 in the job's stage and fades out of it (half-life 20 to 4 months by education)."""
    low, high = rules.skill_half_life_low.amount, rules.skill_half_life_high.amount
    half_life = low + (high - low) * np.arange(TERTIARY + 1) / TERTIARY
    learn(persons_of(workers), seekers.idle, 1 - 0.5 ** (1 / half_life))
