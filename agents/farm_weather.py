"""Weather of the year: frost, hail and drought drawn by county, alike in neighbours, and what they leave of a crop."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np

from ..config.farm_schema import Farming, Hazard
from .randomness import Streams, name_key


def hazard_losses(name: str, hazard: Hazard, counties: list[str], year: int, streams: Streams) -> np.ndarray:
    """Share of an exposed crop lost to this year's hazard by county, (C,); 0 where it does not strike.

    Counties share a part of their weather: normal scores with the given correlation, struck below the quantile of the
    probability (a Gaussian copula).  Losses where it strikes are even between 0 and twice the mean.
    """
    month = year * 12 + round(hazard.month.amount)
    keys = np.array([name_key(name, county) for county in counties], dtype=np.uint64)
    region = np.array([name_key(name, "region")], dtype=np.uint64)
    common = streams.normal(f"weather.{name}", region, month)
    own = streams.normal(f"weather.{name}", keys, month)
    score = np.sqrt(hazard.correlation.amount) * common + np.sqrt(1 - hazard.correlation.amount) * own
    chance = hazard.probability.amount
    struck = score < NormalDist().inv_cdf(chance) if chance > 0 else np.zeros(len(keys), dtype=bool)
    loss = 2 * hazard.loss.amount * streams.uniform(f"weather.{name}.severity", keys, month)
    return np.where(struck, loss, 0.0)


def weather_strikes(
    weather: np.ndarray,
    farming: Farming,
    activities: list[str],
    counties: list[str],
    when: tuple[int, int],
    streams: Streams,
    least: Mapping[str, np.ndarray],
    shelter: Mapping[tuple[str, str], np.ndarray],
) -> None:
    """Let this month's hazards take their part of what crops will still bear this year, ``weather`` (A, C) in place.

    A new year begins with all of it, so what strikes in year t costs the harvests of t and no other.  ``when`` is the
    year and the calendar month.  A hazard takes at least what a shock says (``least``, (C,) by hazard): luck and shock
    do not strike the same crop twice.  ``shelter`` is the part of its loss to a hazard that an activity
    still takes, (C,).
    """
    year, calendar = when
    if calendar == 1:
        weather[:] = 1.0
    for name, hazard in sorted(farming.weather.items()):
        if round(hazard.month.amount) == calendar:
            loss = np.maximum(hazard_losses(name, hazard, counties, year, streams), least.get(name, 0.0))
            for a, activity in enumerate(activities):
                exposed = hazard.exposure.amounts.get(activity, 0.0) * shelter.get((name, activity), 1.0)
                weather[a] *= 1 - exposed * loss


def mean_weather(farming: Farming, activities: list[str], season: np.ndarray) -> np.ndarray:
    """Share of the crop without hazards that is harvested on average, (A,); ``season`` (A, 12) of the harvests."""
    left = np.ones((len(activities), 12))
    for hazard in farming.weather.values():
        first = round(hazard.month.amount) - 1
        mean = hazard.probability.amount * hazard.loss.amount
        for a, activity in enumerate(activities):
            left[a, first:] *= 1 - mean * hazard.exposure.amounts.get(activity, 0.0)
    return np.asarray((left * season).sum(axis=1) / season.sum(axis=1))
