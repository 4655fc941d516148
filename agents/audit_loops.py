"""Loops of the audit over persons: what they have and get, who holds a post, and checksums of whole columns."""

from __future__ import annotations

import numpy as np

from .compiled import compiled, mix_word
from .workers import OUTSIDE, TOWN

BLOCK = 4096  # rows summed at a time: their weights stay in the processor's first cache
_PRIME, _EIGHT = np.uint64(0xFF51AFD7ED558CCD), np.uint64(8)


@compiled
def weighted_sums(weight: np.ndarray, columns: tuple[np.ndarray, ...]) -> np.ndarray:
    """Sum columns (N,) of a head over the persons behind each row, (K,); sums of blocks keep rounding small."""
    total = np.zeros(len(columns))
    for start in range(0, len(weight), BLOCK):
        heads = weight[start : start + BLOCK]
        for k, column in enumerate(columns):
            total[k] += sum_of_products(heads, column[start : start + BLOCK])
    return total


@compiled
def sum_of_products(heads: np.ndarray, amount: np.ndarray) -> float:
    """Sum heads x amount in four strands: one alone would wait for every addition."""
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    whole = len(heads) // 4 * 4
    for i in range(0, whole, 4):
        one += heads[i] * amount[i]
        two += heads[i + 1] * amount[i + 1]
        three += heads[i + 2] * amount[i + 2]
        four += heads[i + 3] * amount[i + 3]
    for i in range(whole, len(heads)):
        one += heads[i] * amount[i]
    return (one + two) + (three + four)


@compiled
def residents_by_county(
    county: np.ndarray, place: np.ndarray, alive: np.ndarray, weight: np.ndarray, counties: int
) -> tuple[np.ndarray, np.ndarray]:
    """Count residents and those of them who live in town, (C,) each."""
    total, town, last, persons, people = np.zeros(counties), np.zeros(counties), 0, 0.0, 0.0
    for i in range(len(county)):
        if county[i] != last:  # neighbours mostly share a county: its sums stay in the processor until it changes
            total[last], town[last] = persons, people
            last = county[i]
            persons, people = total[last], town[last]
        heads = weight[i]  # read before the question, which the processor then need not guess
        persons += heads if alive[i] & (place[i] != OUTSIDE) else 0.0
        people += heads if alive[i] & (place[i] == TOWN) else 0.0
    total[last], town[last] = persons, people
    return total, town


@compiled
def count_posts(employer: np.ndarray, place: np.ndarray, alive: np.ndarray, firms: int) -> tuple[np.ndarray, int]:
    """Count rows by employer, (F,), and rows that have one although they are dead or live elsewhere."""
    count, wrong = np.zeros(firms + 1, np.int64), 0  # the first cell is for those without a job
    for i in range(len(employer)):
        count[employer[i] + 1] += 1
        wrong += (employer[i] >= 0) & ((alive[i] == 0) | (place[i] == OUTSIDE))
    return count[1:], wrong


def checksum(column: np.ndarray) -> int:
    """Sum up a column in one number that any changed cell changes, so that no copy of millions of rows is kept."""
    cells = np.ascontiguousarray(column).reshape(-1).view(np.uint8)
    whole = len(cells) // 8 * 8
    return int(fold(cells[:whole].view(np.uint64), cells[whole:]))


@compiled
def fold(words: np.ndarray, rest: np.ndarray) -> np.uint64:
    """Add up words, each mixed with its place so that no single change and no exchange of two goes unseen."""
    total = np.uint64(len(words))
    for i in range(len(words)):
        total += mix_word(words[i] + np.uint64(i) * _PRIME)
    for cell in rest:
        total = (total << _EIGHT) + total + np.uint64(cell)
    return total


@compiled
def sums_by_product(
    product: np.ndarray,
    opening: np.ndarray,
    closing: np.ndarray,
    used: np.ndarray,
    lost: np.ndarray,
    bought: np.ndarray,
    products: int,
) -> np.ndarray:
    """Inputs by slot (K,) summed by product, (5, P): opening, closing, used, lost, bought outside."""
    sums = np.zeros((5, products))
    for k in range(len(product)):
        p = product[k]
        sums[0, p] += opening[k]
        sums[1, p] += closing[k]
        sums[2, p] += used[k]
        sums[3, p] += lost[k]
        sums[4, p] += bought[k]
    return sums
