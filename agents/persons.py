"""The columns of all persons as one argument of compiled loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .workers import WorkerSet


class Persons(NamedTuple):
    """Live columns of all used rows, (N,) each; `workers.COLUMNS` says what they hold."""

    key: np.ndarray
    alive: np.ndarray
    weight: np.ndarray
    age: np.ndarray
    sex: np.ndarray
    county: np.ndarray
    place: np.ndarray
    hukou_urban: np.ndarray
    permit: np.ndarray
    education: np.ndarray
    skill: np.ndarray
    skill_stage: np.ndarray
    household: np.ndarray
    farm: np.ndarray
    employer: np.ndarray
    wage: np.ndarray
    months_unemployed: np.ndarray
    participates: np.ndarray
    day_wages: np.ndarray
    cash: np.ndarray
    debt: np.ndarray
    income: np.ndarray
    wage_income: np.ndarray
    mixed_income: np.ndarray
    dividend_income: np.ndarray
    transfer_income: np.ndarray
    remittance_income: np.ndarray
    interest_income: np.ndarray
    consumption: np.ndarray
    housing: np.ndarray
    rent_income: np.ndarray
    rent_paid: np.ndarray
    tenure: np.ndarray


def persons_of(workers: WorkerSet) -> Persons:
    """Gather the columns; do so again after rows were added or compacted."""
    return Persons(*(getattr(workers, name) for name in Persons._fields))
