"""The labour market: separations, search, matching, wages and skill; firms hire named rows.

Search and matching by application to a few firms follow Dawid et al. (2018, Eurace@Unibi) and the occupational flows
of del Rio-Chanona et al. (2021); skill in a stage is learnt on the job with a half-life that falls with education.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..config.parameters_schema import LabourMarket
from .firms import FirmSet, desired_jobs
from .randomness import Streams, drawn
from .workers import FEMALE, OUTSIDE, TERTIARY, WorkerSet

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
    at = workers.employer[employed(workers)]
    firms.rows[:] = np.bincount(at, minlength=len(firms.rows))[: len(firms.rows)]


def workers_leave(
    workers: WorkerSet, firms: FirmSet, rules: LabourMarket, streams: Streams, month: int, flows: LabourFlows
) -> None:
    """Retire at pension age, quit at random, and lose the job where the firm wants fewer rows."""
    has_job = employed(workers)
    pension = np.where(workers.sex == FEMALE, rules.retirement_age_female.amount, rules.retirement_age_male.amount)
    retire = (workers.participates == 1) & (workers.age >= pension) & ((workers.farm < 0) | has_job)
    quit_now = drawn(streams, "labour.quit", workers.key, month, rules.quit_rate.amount * (has_job & ~retire))
    flows.retired = float(workers.weight[retire].sum())
    flows.quits = float(workers.weight[quit_now].sum())
    leave = (retire & has_job) | quit_now
    workers.participates[retire & (workers.farm < 0)] = 0
    workers.employer[leave] = -1
    count_rows(workers, firms)
    surplus = np.maximum(firms.rows - firms.rows_wanted, 0)
    rank, rows, at = _rank_within(workers, firms, streams, month)
    out = rows[rank < np.ceil(surplus[at] * rules.layoff_speed.amount)]
    flows.layoffs = float(workers.weight[out].sum())
    workers.employer[out] = -1
    count_rows(workers, firms)


def _rank_within(
    workers: WorkerSet, firms: FirmSet, streams: Streams, month: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Employed rows ranked inside their firm from the least skilled up; ties by key."""
    rows = np.flatnonzero(employed(workers))
    at = workers.employer[rows]
    order = np.lexsort((workers.key[rows], workers.skill[rows], at))
    rows, at = rows[order], at[order]
    first = np.r_[True, at[1:] != at[:-1]] if len(at) else np.zeros(0, dtype=bool)
    start = np.maximum.accumulate(np.where(first, np.arange(len(at)), 0)) if len(at) else np.zeros(0, dtype=np.int64)
    return np.arange(len(at)) - start, rows, at


def firms_open_vacancies(firms: FirmSet, row_weight: float) -> None:
    """Turn desired jobs into rows: unbiased fixed rounding per firm, the remainder is the owner's own labour."""
    firms.jobs[:] = desired_jobs(firms)
    firms.rows_wanted[:] = np.floor(firms.jobs / row_weight + firms.rounding).astype(np.int32)


def firms_hire(
    workers: WorkerSet,
    firms: FirmSet,
    rules: LabourMarket,
    commuting: np.ndarray,
    streams: Streams,
    month: int,
    flows: LabourFlows,
) -> None:
    """Fill vacancies with the best of a few applicants; ``commuting`` (C, C) is the weight of a job county by home."""
    hired, origins = [], []
    for k in range(ROUNDS):
        open_rows = np.maximum(firms.rows_wanted - firms.rows, 0)
        if not open_rows.any():
            break
        seekers = _seekers(workers, rules, streams, month, k)
        at = _apply(workers, firms, open_rows, seekers, commuting, streams, month, k)
        willing = at >= 0
        offer = np.where(willing, firms.wage[np.maximum(at, 0)], 0.0)
        willing &= offer >= _reservation(workers, rules)[seekers]
        rows, at = seekers[willing], at[willing]
        match = workers.skill[rows] * (1 + 0.5 * (workers.skill_stage[rows] == firms.stage[at]))
        order = np.lexsort((workers.key[rows], -match, at))
        rows, at = rows[order], at[order]
        first = np.r_[True, at[1:] != at[:-1]] if len(at) else np.zeros(0, dtype=bool)
        start = np.maximum.accumulate(np.where(first, np.arange(len(at)), 0)) if len(at) else np.zeros(0, dtype=int)
        taken = np.arange(len(at)) - start < open_rows[at]
        rows, at = rows[taken], at[taken]
        origins.append((workers.farm[rows] >= 0) & (workers.employer[rows] < 0))
        workers.employer[rows] = at
        workers.wage[rows] = firms.wage[at]
        workers.months_unemployed[rows] = 0
        workers.participates[rows] = 1
        hired.append(rows)
        count_rows(workers, firms)
    if hired:
        weight = workers.weight[np.concatenate(hired)]
        flows.hired = float(weight.sum())
        flows.hired_from_farm = float(weight[np.concatenate(origins)].sum())


def _seekers(workers: WorkerSet, rules: LabourMarket, streams: Streams, month: int, k: int) -> np.ndarray:
    """The unemployed, a share of farm members and of the employed look for a job."""
    share = np.zeros(len(workers.age))
    share[unemployed(workers)] = 1.0
    share[working_on_farm(workers)] = rules.search_share_farm.amount
    share[employed(workers)] = rules.search_share_employed.amount if k == 0 else 0.0
    return np.flatnonzero(drawn(streams, "labour.search", workers.key, month, share, k=k))


def _apply(
    workers: WorkerSet,
    firms: FirmSet,
    open_rows: np.ndarray,
    seekers: np.ndarray,
    commuting: np.ndarray,
    streams: Streams,
    month: int,
    k: int,
) -> np.ndarray:
    """Each seeker applies to one firm: county by commuting weight x vacancies, firm by vacancies x wage."""
    counties = commuting.shape[0]
    pull = open_rows * firms.wage
    by_county = np.bincount(firms.county, pull, minlength=counties)
    reach = commuting[workers.county[seekers]] * by_county
    total = reach.sum(axis=1)
    cumulative = np.cumsum(reach, axis=1) / np.where(total > 0, total, 1.0)[:, None]
    key = workers.key[seekers]
    where = (cumulative < streams.uniform("labour.county", key, month, k=k)[:, None]).sum(axis=1)
    where = np.minimum(where, counties - 1)
    order = np.lexsort((firms.key, firms.county))
    stacked = np.cumsum(pull[order])
    before = np.r_[0.0, np.cumsum(by_county)][where]
    point = before + streams.uniform("labour.firm", key, month, k=k) * by_county[where]
    chosen = order[np.minimum(np.searchsorted(stacked, point, side="right"), len(order) - 1)]
    return np.where((total > 0) & (open_rows[chosen] > 0), chosen, -1)


def _reservation(workers: WorkerSet, rules: LabourMarket) -> np.ndarray:
    """Lowest wage accepted, CNY a month: a share of the last wage that decays out of work; employed want more."""
    decay = (1 - rules.reservation_decay.amount) ** workers.months_unemployed
    out_of_work = rules.reservation_share.amount * workers.wage * decay
    return np.where(employed(workers), 1.05 * workers.wage, out_of_work)


def firms_adjust_wages(firms: FirmSet, rules: LabourMarket, outside_growth: float) -> None:
    """Raise the offer while posts stay open, follow outside wages, never below the minimum wage."""
    unfilled = np.maximum(firms.rows_wanted - firms.rows, 0) / np.maximum(firms.rows_wanted, 1)
    step = np.clip(rules.wage_response.amount * unfilled + outside_growth, 0.0, rules.wage_limit.amount)
    firms.wage[:] = np.maximum(firms.wage * (1 + step), rules.minimum_wage.amount / 12)


def firms_staff_jobs(firms: FirmSet) -> None:
    """Jobs filled: the wanted jobs times the share of wanted rows that are there."""
    share = np.where(firms.rows_wanted > 0, np.minimum(firms.rows / np.maximum(firms.rows_wanted, 1), 1.0), 1.0)
    firms.staffed[:] = firms.jobs * share


def workers_learn(workers: WorkerSet, firms: FirmSet, rules: LabourMarket) -> None:
    """Skill moves toward 1 in the job's stage and fades out of it (half-life 20 to 4 months by education)."""
    low, high = rules.skill_half_life_low.amount, rules.skill_half_life_high.amount
    half_life = low + (high - low) * workers.education / TERTIARY
    rate = 1 - 0.5 ** (1 / half_life)
    has_job = employed(workers)
    stage = firms.stage[np.maximum(workers.employer, 0)]
    changed = has_job & (workers.skill_stage != stage)
    workers.skill_stage[changed] = stage[changed]
    workers.skill[changed] *= 0.7
    workers.skill += rate * np.where(has_job, 1 - workers.skill, -0.25 * workers.skill)
    workers.months_unemployed[unemployed(workers)] += 1
