"""Men's and women's jobs: how the posts of an industry were shared between them, and where each sex applies.

The census tables of the city have no employment by sex.  Shares of other places stand in (`population.yaml:
women_share`); they seat the people of 2020, and from then on each sex turns to an industry's posts as far as it held
them.  What a firm does with its applicants does not depend on sex: it takes the most skilled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .randomness import systematic_round
from .workers import FEMALE, MALE

if TYPE_CHECKING:
    from .model import IndustryChainModel


def pull_of_stages(model: IndustryChainModel) -> np.ndarray:
    """How much a post of each stage draws men and women, (2, S) by code of sex: twice the share of its industry."""
    share = model.config.population.women_share.amounts
    women = np.array([share[stage.census] for stage in model.index.stage.values()])
    pull = np.empty((2, len(women)))
    pull[MALE], pull[FEMALE] = 2 * (1 - women), 2 * women
    return pull


def seat_men_and_women(
    order: np.ndarray, sex: np.ndarray, wanted: np.ndarray, codes: np.ndarray, women: np.ndarray, start: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give posts to people in their ``order`` (n,), by sex as far as there are enough of each.

    ``sex`` (n,) of those in order, ``wanted`` (I,) posts of the industries ``codes`` (I,), which choose one after the
    other, ``women`` (I,) their share of the posts, ``start`` 0-1 of the rounding to whole posts.  Returns rows and
    industries, (m,) both; what one sex cannot fill the other does.
    """
    women_wanted = np.minimum(systematic_round(wanted * women, start), wanted)
    rows, industries, left_rows, left_posts = [], [], [], []
    for code, posts in ((MALE, wanted - women_wanted), (FEMALE, women_wanted)):
        mine, open_posts = order[sex == code], np.repeat(codes, posts)
        n = min(len(mine), len(open_posts))
        rows.append(mine[:n])
        industries.append(open_posts[:n])
        left_rows.append(mine[n:])
        left_posts.append(open_posts[n:])
    spare_rows, spare_posts = np.concatenate(left_rows), np.concatenate(left_posts)
    n = min(len(spare_rows), len(spare_posts))
    return np.concatenate([*rows, spare_rows[:n]]), np.concatenate([*industries, spare_posts[:n]])
