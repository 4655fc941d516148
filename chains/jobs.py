"""Who works where in the base year: the census' persons by industry, shared over stages and counties."""

from __future__ import annotations

import numpy as np

from ..config.loader import Config
from .index import Index

LEAST_OPEN_SHARE = 0.1  # of an industry's persons that stages without a coefficient of their own keep
FAR_OFF = 1.25  # a note is made where the census moves the sourced coefficients by more than this factor


def census_jobs(config: Config) -> dict[str, float]:
    """Persons employed by census industry: the long-form sample over its sampling rate."""
    people = config.population
    sampled = people.employed_sample.values.values()
    return {
        industry: sum(row.get(industry, 0.0) for row in sampled) / people.sample_rate.amount
        for industry in people.industries
    }


def base_jobs(
    config: Config, index: Index, output: np.ndarray, county_share: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Share each census industry's persons over its stages by output x labour coefficient.

    Stages without a coefficient of their own share what the others leave, by output.  The industry's total is the
    census', so coefficients only say how stages compare; the notes name industries where they had to move far.

    Returns
    -------
    jobs : (S, C) persons.
    notes : list of str.
    """
    jobs = np.zeros((len(index.stages), len(index.counties)))
    notes = []
    for industry, persons in census_jobs(config).items():
        members = index.stages_where(census=industry)
        if len(members) == 0:
            if persons > 0:
                notes.append(f"{industry}: {persons:,.0f} persons of the census have no stage to work in")
            continue
        need, known = _needs(index, members, output, persons)
        jobs[members] = (persons * need / need.sum())[:, None] * county_share[members]
        factor = persons / need.sum()
        if known and not 1 / FAR_OFF <= factor <= FAR_OFF:
            notes.append(f"{industry}: labour coefficients x {factor:.2f} to meet the census' {persons:,.0f} persons")
    return jobs, notes


def _needs(index: Index, members: np.ndarray, output: np.ndarray, persons: float) -> tuple[np.ndarray, bool]:
    """Persons (members,) the coefficients ask for, and whether any stage has one of its own."""
    given = [index.stage[index.stages[i]].labour for i in members]
    known = np.array([quantity is not None for quantity in given])
    coefficient = np.array([quantity.amount if quantity is not None else 0.0 for quantity in given])
    need = output[members] * coefficient / 1e6
    if not known.all():
        left = max(persons - float(need.sum()), LEAST_OPEN_SHARE * persons)
        free = np.where(known, 0.0, output[members])
        need = need + left * free / free.sum()
    return need, bool(known.any())
