"""Family moves: who decides to move may take partner and children along, and finds a dwelling for all of them.

The household decides, not each member: a partner with a job in a firm holds the family back (tied stayers), one
without comes along (tied movers; Mincer 1978, Journal of Political Economy 86:749).  Children never move on their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..config.parameters_schema import Migration
from .compiled import compiled, uniform_of
from .people_loops import YOUNGEST_MOVER
from .persons import Persons, persons_of
from .randomness import Streams
from .workers import WorkerSet


class Families(NamedTuple):
    """Rules of who goes along: ``share`` of movers who take the family, ``gap`` yr between partners, the draw."""

    share: float
    gap: float
    occasion: np.uint64


def families_go_along(
    workers: WorkerSet, rows: np.ndarray, goes: np.ndarray, rules: Migration, streams: Streams, month: int
) -> tuple[np.ndarray, np.ndarray]:
    """Who goes along with those of ``rows`` (n,) that move, mask ``goes`` (n,).

    Returns the rows of those who go along and the number of the mover each follows, (m,) both.
    """
    families = Families(
        rules.family_share.amount, rules.partner_gap.amount, streams.occasion("migration.family", month)
    )
    return find_families(persons_of(workers), rows, goes, families, int(workers.household.max()) + 1)


@compiled
def find_families(
    persons: Persons, rows: np.ndarray, goes: np.ndarray, families: Families, households: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find partner and children at home of movers who take them along; of a household the mover of lowest key does.

    A partner is of the other sex and the nearest age, weighs no move this month, and no job keeps him or her.
    """
    lead, busy = np.full(households + 1, -1, np.int32), np.zeros(len(persons.key), np.bool_)
    count = 0
    for n in range(len(rows)):
        i = rows[n]
        busy[i] = True
        home = persons.household[i] + 1
        if home == 0 or not goes[n] or uniform_of(families.occasion, persons.key[i]) >= families.share:
            continue
        count += 1
        if lead[home] < 0 or persons.key[i] < persons.key[rows[lead[home]]]:
            lead[home] = n
    partner = np.full(len(rows), -1, np.int32)
    children, follows, m = np.empty(len(persons.key), np.int32), np.empty(len(persons.key), np.int32), 0
    if count == 0:
        return children[:0], follows[:0]
    for i in range(len(persons.key)):
        n = lead[persons.household[i] + 1]
        if n < 0 or busy[i] or not persons.alive[i] or not lives_with(persons, i, rows[n]):
            continue
        if persons.age[i] < YOUNGEST_MOVER:
            children[m], follows[m] = i, n
            m += 1
        elif may_be_partner(persons, i, rows[n], families.gap):
            best = partner[n]
            if best < 0 or is_nearer(persons, i, best, rows[n]):
                partner[n] = i
    return gather(persons, children[:m], follows[:m], partner)


@compiled
def gather(
    persons: Persons, children: np.ndarray, follows: np.ndarray, partner: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """List who goes: children and partners; where a partner's job holds the family back nobody does."""
    most = len(children) + len(partner)
    found, mover, m = np.empty(most, np.int32), np.empty(most, np.int32), 0
    for k in range(len(children)):
        other = partner[follows[k]]
        if other < 0 or persons.employer[other] < 0:
            found[m], mover[m] = children[k], follows[k]
            m += 1
    for n in range(len(partner)):
        if partner[n] >= 0 and persons.employer[partner[n]] < 0:
            found[m], mover[m] = partner[n], n
            m += 1
    return found[:m], mover[:m]


@compiled
def lives_with(persons: Persons, i: int, other: int) -> bool:
    """Whether a member of the household lives where the mover does."""
    return (persons.place[i] == persons.place[other]) & (persons.county[i] == persons.county[other])


@compiled
def may_be_partner(persons: Persons, i: int, mover: int, gap: float) -> bool:
    """Whether two members of a household may be a couple, by sex and age."""
    return (persons.sex[i] != persons.sex[mover]) & (abs(persons.age[i] - persons.age[mover]) <= gap)


@compiled
def is_nearer(persons: Persons, i: int, best: int, mover: int) -> bool:
    """Whether one is nearer in age than the best so far; the lower key decides between equals."""
    one, other = abs(persons.age[i] - persons.age[mover]), abs(persons.age[best] - persons.age[mover])
    return one < other or (one == other and persons.key[i] < persons.key[best])
