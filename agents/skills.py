"""Skill: which posts need schooling, what it pays on top, and which posts stay open for want of it.

A post needs senior secondary schooling or more in the share that such people held of its industry's posts in 2020.
Seasonal hands need none.  While such posts stay open the stage pays the schooled more, and less again when they are
filled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compiled import compiled
from .workers import SENIOR

if TYPE_CHECKING:
    from .model import IndustryChainModel


class Skills:
    """Schooled posts of all stages.

    Attributes
    ----------
    need : (S,) share of posts that need schooling; ``premium`` (S,) factor on the pay of the schooled, 1 in 2020.
    wanted, held : (F,) rows of schooled posts firms want, and of schooled people they have.
    """

    def __init__(self, model: IndustryChainModel) -> None:
        workers, stages = model.workers, len(model.index.stages)
        industry = np.array([model.industries.index(item.census) for item in model.index.stage.values()])
        busy = workers.employer >= 0
        at, weight = industry[model.firms.stage[workers.employer[busy]]], workers.weight[busy]
        posts = np.bincount(at, weight, minlength=len(model.industries))
        held = np.bincount(at, weight * (workers.education[busy] >= SENIOR), minlength=len(model.industries))
        # By industry, not by stage: a stage of few rows would ask for whoever happens to sit there.
        self.need = np.divide(held, posts, out=np.zeros(len(posts)), where=posts > 0)[industry]
        self.premium = np.ones(stages)
        self.wanted = self.held = np.zeros(len(model.firms.stage), dtype=np.int64)

    def open_posts(self, model: IndustryChainModel) -> None:
        """Say how many of the rows each firm wants must be schooled; the rounding of a firm is drawn once.

        Only posts that last through the slackest month: hands for the season need no schooling.
        """
        firms = model.firms
        part = model.streams.uniform("labour.schooled_posts", firms.key, 0)
        lasting = model.rules.lasting[firms.stage] * firms.smoothed / np.maximum(firms.productivity, 1e-12)
        lasting /= model.row_weight
        lasting = np.minimum(firms.rows_wanted, lasting)
        self.wanted = np.floor(self.need[firms.stage] * lasting + part).astype(np.int64)
        self.held = count_schooled(model.workers.employer, model.workers.education, len(firms.stage))

    def reserved(self, open_rows: np.ndarray) -> np.ndarray:
        """Open rows that only schooled people can fill, (F,)."""
        return np.clip(self.wanted - self.held, 0, open_rows)

    def move(self, left: np.ndarray, taken: np.ndarray) -> None:
        """Schooled people leave firms (-1: none) and are taken on by others, numbers of firms (n,)."""
        np.add.at(self.held, taken, 1)
        np.subtract.at(self.held, left[left >= 0], 1)

    def note_open_posts(self, model: IndustryChainModel) -> None:
        """Note which firms' posts stay open for want of schooling, and let the premium of their stage answer."""
        firms, rules = model.firms, model.config.parameters.labour
        open_rows = np.maximum(firms.rows_wanted - firms.rows, 0).astype(np.int64)
        reserved = self.reserved(open_rows)
        firms.skill_gap[:] = np.divide(reserved, open_rows, out=np.zeros(len(open_rows)), where=open_rows > 0)
        stages = len(self.need)
        missing = np.bincount(firms.stage, reserved, minlength=stages)
        posts = np.bincount(firms.stage, self.wanted, minlength=stages)
        share = np.divide(missing, posts, out=np.zeros(stages), where=posts > 0)
        kept = 1 + (self.premium - 1) * (1 - rules.premium_fade.amount)
        self.premium = np.minimum(kept + rules.wage_response.amount * share, rules.premium_limit.amount)

    def pay(self, model: IndustryChainModel) -> np.ndarray:
        """What schooling makes of a firm's wage, (F + 1, 4) by firm and level; the first row is for no firm."""
        premium = np.r_[1.0, self.premium[model.firms.stage]]
        table = np.repeat(model.schooling_pay[None, :], len(premium), axis=0)
        table[:, SENIOR:] *= premium[:, None]
        return np.asarray(table)


@compiled
def count_schooled(employer: np.ndarray, education: np.ndarray, firms: int) -> np.ndarray:
    """Rows with senior secondary schooling or more by firm, (F,)."""
    count = np.zeros(firms + 1, np.int64)  # the first cell is for those without a job
    for i in range(len(employer)):
        if education[i] >= SENIOR:
            count[employer[i] + 1] += 1
    return count[1:]
