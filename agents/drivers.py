"""Outside series month by month: prices, demand and wages the model takes as given."""

from __future__ import annotations

import numpy as np

from ..config.loader import Config
from ..config.schema import Driver
from .randomness import Streams, name_key

BASE_YEAR = 2020
PERSISTENCE = 0.9  # of a deviation, a month


class Drivers:
    """Indices (2020 = 1) by name and month number (0 = the first simulated month).

    After the last value a series holds or follows its trend, with the calendar of its known years where it has one and
    multiplicative noise drawn per (driver, month), which fades by ``persistence``.
    """

    def __init__(self, config: Config, start: str, months: int, streams: Streams) -> None:
        year, month = (int(part) for part in start.split("-"))
        self.first = year * 12 + month - 1
        self.months = months
        self.paths = {
            name: self._path(name, driver, streams) for name, driver in sorted(config.drivers.drivers.items())
        }

    def value(self, name: str | None, month: int, otherwise: float = 1.0) -> float:
        """Index of a driver in a month; ``otherwise`` where no driver is named."""
        return otherwise if name is None else float(self.paths[name][month])

    def _path(self, name: str, driver: Driver, streams: Streams) -> np.ndarray:
        known = _monthly(driver.index.amounts)
        last = max(known)
        growth = driver.trend.amount if driver.after == "trend" and driver.trend else 0.0
        sigma = driver.noise.amount if driver.noise else 0.0
        path = np.empty(self.months)
        drift = 0.0
        noise = streams.normal("drivers.noise", name_key("driver", name), np.arange(self.months)) if sigma else None
        keeps = driver.persistence.amount if driver.persistence else PERSISTENCE
        season = _season(known) if driver.season else np.ones(12)
        level = float(np.mean([known[m] for m in sorted(known)[-12:]]))
        for t in range(self.months):
            absolute = self.first + t
            if absolute in known:
                path[t] = known[absolute]
                continue
            drift = keeps * drift + (sigma * float(noise[t]) if noise is not None else 0.0)
            path[t] = level * (1 + growth) ** ((absolute - last + 6) / 12) * np.exp(drift) * season[absolute % 12]
        return path


def base_year_calendar(config: Config, name: str | None) -> np.ndarray:
    """Index of a driver in the months of the base year, (12,); ones where no driver is named."""
    if name is None:
        return np.ones(12)
    known = _monthly(config.drivers.drivers[name].index.amounts)
    return np.array([known[BASE_YEAR * 12 + month] for month in range(12)])


def _season(known: dict[int, float]) -> np.ndarray:
    """Mean calendar of the whole years of a series, (12,) of mean 1."""
    years = sorted({m // 12 for m in known if all(m // 12 * 12 + k in known for k in range(12))})
    months = np.array([[known[year * 12 + k] for k in range(12)] for year in years])
    calendar = (months / months.mean(axis=1, keepdims=True)).mean(axis=0)
    return np.asarray(calendar / calendar.mean())


def _monthly(values: dict[str, float]) -> dict[int, float]:
    """Month number since year 0 -> value; a yearly value stands for its twelve months."""
    known: dict[int, float] = {}
    for key, value in values.items():
        year, _, month = key.partition("-")
        for m in [int(month)] if month else range(1, 13):
            known.setdefault(int(year) * 12 + m - 1, value)
    for key, value in values.items():
        year, _, month = key.partition("-")
        if month:
            known[int(year) * 12 + int(month) - 1] = value
    return known
