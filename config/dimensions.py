"""Dimensions: every number is written in a unit people use and read in the canonical unit of its dimension.

A unit is a product or quotient of base units, each with an optional number in front: ``1e8 CNY``, ``1e4 t/yr``,
``CNY/kg``, ``person/1e6CNY``, ``CNY/(CNY/yr)``, ``m3/kWh``.  The factor of a written unit leads to the canonical unit
of its dimension: money CNY, mass t, energy kWh, land mu, dimensionless share.  Time units (yr, month, d) do not
convert into each other, since a share a year is not twelve shares a month; nor do the areas mu (land), m2 (floor) and
km2 (territory).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

# base unit: (what it is a canonical multiple of, how many of those)
BASE_UNITS: dict[str, tuple[str, float]] = {
    "share": ("", 1.0), "ratio": ("", 1.0), "%": ("", 1e-2), "percent": ("", 1e-2), "permille": ("", 1e-3),
    "elasticity": ("elasticity", 1.0), "index": ("index", 1.0), "count": ("count", 1.0), "firm": ("count", 1.0),
    "CNY": ("CNY", 1.0), "CNY2020": ("CNY2020", 1.0), "USD": ("USD", 1.0),
    "t": ("t", 1.0), "kg": ("t", 1e-3), "g": ("t", 1e-6), "jin": ("t", 5e-4),
    "tCO2": ("tCO2", 1.0), "kgCO2": ("tCO2", 1e-3), "gCO2": ("tCO2", 1e-6),
    "tce": ("tce", 1.0), "kgce": ("tce", 1e-3), "gce": ("tce", 1e-6),
    "kWh": ("kWh", 1.0), "MWh": ("kWh", 1e3), "GWh": ("kWh", 1e6), "GJ": ("GJ", 1.0),
    "MW": ("MW", 1.0), "kW": ("MW", 1e-3),
    "mu": ("mu", 1.0), "ha": ("mu", 15.0), "m2": ("m2", 1.0), "km2": ("km2", 1.0),
    "m3": ("m3", 1.0), "km": ("km", 1.0), "m": ("km", 1e-3), "degree": ("degree", 1.0),
    "head": ("head", 1.0), "tree": ("tree", 1.0), "piece": ("piece", 1.0), "bag": ("bag", 1.0), "box": ("box", 1.0),
    "set": ("set", 1.0), "bed": ("bed", 1.0), "room": ("room", 1.0), "flat": ("flat", 1.0), "station": ("station", 1.0),
    "person": ("person", 1.0), "job": ("job", 1.0), "household": ("household", 1.0), "visit": ("visit", 1.0),
    "project": ("project", 1.0), "community": ("community", 1.0), "park": ("park", 1.0), "vehicle": ("vehicle", 1.0),
    "yr": ("yr", 1.0), "month": ("month", 1.0), "d": ("d", 1.0), "day": ("d", 1.0), "h": ("h", 1.0),
}  # fmt: skip
# dimensions whose canonical unit is not simply the product of base units
SCALED_CANONICAL: dict[tuple[tuple[str, int], ...], float] = {(("CNY", -1), ("person", 1)): 1e6}
COMMON_UNITS = (
    "share", "%", "ratio", "index", "CNY", "1e4 CNY", "1e8 CNY", "CNY/yr", "1e8 CNY/yr", "t", "1e4 t", "1e4 t/yr", "kg",
    "CNY/t", "CNY/kg", "CNY/kWh", "CNY/head", "CNY/visit", "CNY/m2", "CNY/mu", "CNY/CNY", "CNY/CNY2020", "head",
    "1e4 head/yr", "kWh", "1e8 kWh/yr", "MW", "mu", "1e4 mu", "m2", "m3", "1e4 m3/d", "visit", "1e4 visit/yr", "person",
    "1e4 person", "household", "month", "yr", "d", "share/month", "share/yr", "%/yr", "1/yr", "person/1e6CNY",
    "CNY/person/yr", "CNY/(CNY/yr)", "CNY/t/km", "kg/mu", "t/mu", "t/head", "km", "km2", "ha", "count", "elasticity",
)  # fmt: skip

Dimension = tuple[tuple[str, int], ...]
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z]+[0-9]*|%)|([/*·()]))")


class UnknownUnit(ValueError):
    """A unit nobody defined; the message names the nearest known one."""


@dataclass(frozen=True)
class Measure:
    """What a written unit means: its dimension, and how many canonical units one of it is."""

    dimension: Dimension
    factor: float


@lru_cache(maxsize=4096)
def parse_unit(unit: str) -> Measure:
    """Read a written unit.

    Raises
    ------
    UnknownUnit
        A word that is no base unit, or something that is no product or quotient.
    """
    tokens = _tokens(unit)
    powers, factor = _expression(tokens, unit)
    if tokens:
        raise UnknownUnit(_unknown(unit))
    dimension = tuple(sorted((name, power) for name, power in powers.items() if power))
    return Measure(dimension, factor * SCALED_CANONICAL.get(dimension, 1.0))


def unit_factor(unit: str) -> float:
    """Multiplier from the written unit to the canonical unit of its dimension."""
    return parse_unit(unit).factor


def same_dimension(unit: str, other: str) -> bool:
    """Tell whether two written units measure the same thing."""
    return parse_unit(unit).dimension == parse_unit(other).dimension


def _tokens(unit: str) -> list[str]:
    tokens, at = [], 0
    text = unit.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnknownUnit(_unknown(unit))
        tokens.append(match.group(0).strip())
        at = match.end()
    if not tokens or len(tokens) > 40:
        raise UnknownUnit(_unknown(unit))
    return tokens


def _expression(tokens: list[str], unit: str) -> tuple[dict[str, int], float]:
    """Take a product or quotient off the front of the tokens, read from left to right."""
    powers, factor = _term(tokens, unit)
    while tokens and tokens[0] in "/*·":
        sign = -1 if tokens.pop(0) == "/" else 1
        right, scale = _term(tokens, unit)
        for name, power in right.items():
            powers[name] = powers.get(name, 0) + sign * power
        factor = factor / scale if sign < 0 else factor * scale
    return powers, factor


def _term(tokens: list[str], unit: str) -> tuple[dict[str, int], float]:
    """Take one base unit, number, or bracket off the front of the tokens."""
    scale = 1.0
    number = bool(tokens) and tokens[0][0].isdigit()
    if number:
        scale = float(tokens.pop(0))
        if not 0.0 < scale < 1e30:
            raise UnknownUnit(_unknown(unit))
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        powers, factor = _expression(tokens, unit)
        if not tokens or tokens.pop(0) != ")":
            raise UnknownUnit(f"unit '{unit}' lacks a closing bracket")
        return powers, factor * scale
    if tokens and (tokens[0][0].isalpha() or tokens[0] == "%"):
        word = tokens.pop(0)
        if word not in BASE_UNITS:
            raise UnknownUnit(_unknown(unit, word))
        name, factor = BASE_UNITS[word]
        return ({name: 1} if name else {}), factor * scale
    if number:
        return {}, scale
    raise UnknownUnit(_unknown(unit))


def _unknown(unit: str, word: str | None = None) -> str:
    """Say which unit is unknown and which known one is nearest."""
    if word is not None:
        near = get_close_matches(word, BASE_UNITS, n=1, cutoff=0.5) or _same_letters(word)
        if near and word != unit:
            return f"unknown unit '{unit}': '{word}' is no base unit; did you mean '{unit.replace(word, near[0])}'?"
        if near:
            return f"unknown unit '{unit}'; did you mean '{near[0]}'?"
    near = get_close_matches(unit, COMMON_UNITS, n=1, cutoff=0.5)
    advice = f"did you mean '{near[0]}'?" if near else "units are made of " + ", ".join(sorted(BASE_UNITS))
    return f"unknown unit '{unit}'; {advice}"


def _same_letters(word: str) -> list[str]:
    return [name for name in BASE_UNITS if name.lower() == word.lower()]
