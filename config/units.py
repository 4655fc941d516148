"""What a field says of its numbers: the unit, the bounds, the keys of a table and what they add up to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import (
    BaseModel,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .dimensions import UnknownUnit, parse_unit, same_dimension, unit_factor

__all__ = ["COUNTIES", "MONTHS", "County", "Unit", "parse_unit", "same_dimension", "unit_factor", "wrong"]

County = Literal["kongtong", "jingchuan", "lingtai", "chongxin", "huating", "zhuanglang", "jingning"]
COUNTIES: tuple[str, ...] = get_args(County)
MONTHS: tuple[str, ...] = tuple(str(month) for month in range(1, 13))
TOLERANCE = 1e-3
Keys = Literal["county", "month", "sector"]
# where inside the value (ending in '[key]' for the key itself), and what is wrong; what would be right
Located = tuple[tuple[str | int, ...], str]


def wrong(problems: list[Located]) -> PydanticCustomError:
    """Make one pydantic error that carries several located problems."""
    # braces would be read as fields of a template
    text = "; ".join(message for _, message in problems).replace("{", "(").replace("}", ")")
    return PydanticCustomError("located", text, {"problems": problems})


@dataclass(frozen=True)
class Unit:
    """Annotation of a Quantity, Table or Matrix: what its numbers must be measured in and must satisfy.

    Parameters
    ----------
    canonical : str or None
        The unit amounts are read in; the written unit must be of its dimension. None: any known unit.
    low, high : float or None
        Bounds on every amount and on both ends of a range, in the canonical unit.
    keys : {'county', 'month', 'sector'} or None
        Keys of a table, or rows of a matrix: exactly the seven counties; exactly '1' to '12'; sectors (these are
        checked across files).
    total, mean : float or None
        What the amounts of a table must add up to, or average.
    """

    canonical: str | None
    low: float | None = None
    high: float | None = None
    keys: Keys | None = None
    total: float | None = None
    mean: float | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check what is written, beside the field's own type, so that all errors show at once."""
        return core_schema.no_info_wrap_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Tell editors the unit and the bounds."""
        return {"allOf": [handler(schema)], "description": self.describe()}

    def describe(self) -> str:
        """Say in words what a field with this annotation takes."""
        parts = [
            "in any known unit" if self.canonical is None else f"in {self.canonical}, or a unit that converts to it"
        ]
        if self.low is not None or self.high is not None:
            low = "" if self.low is None else f"at least {self.low:g}"
            high = "" if self.high is None else f"at most {self.high:g}"
            parts.append(" and ".join(part for part in (low, high) if part))
        if self.keys:
            parts.append(f"by {self.keys}")
        if self.total is not None:
            parts.append(f"adding up to {self.total:g}")
        if self.mean is not None:
            parts.append(f"with mean {self.mean:g}")
        return ", ".join(parts)

    def _check(self, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        raw = value.model_dump() if isinstance(value, BaseModel) else value
        try:
            result = handler(value)
        except ValidationError as error:
            found = self.problems(raw) if isinstance(raw, Mapping) else []
            if not found:
                raise
            raise wrong_too(error, found) from None
        found = self.problems(raw)
        if found:
            raise wrong(found)
        return result

    def problems(self, raw: Mapping[str, Any]) -> list[Located]:
        """List what the raw mapping gets wrong; what has the wrong type is left to the type's own check."""
        unit = raw.get("unit")
        if not isinstance(unit, str):
            return []
        try:
            measure = parse_unit(unit)
        except UnknownUnit:
            return []  # Provenance says so
        if self.canonical is not None and measure.dimension != parse_unit(self.canonical).dimension:
            return [(("unit",), f"unit '{unit}' cannot be read as {self.canonical}; write {self._examples()}")]
        numbers = list(_numbers(raw))
        found = [problem for where, number in numbers if (problem := self._bounds(where, number, unit)) is not None]
        found += self._keys(raw)
        return found + self._sums(raw, measure.factor)

    def _examples(self) -> str:
        unit = str(self.canonical)
        known = {"CNY": "1e8 CNY", "CNY/yr": "1e8 CNY/yr", "share": "%", "ratio": "%", "CNY/CNY": "%"}
        return f"'{unit}' or '{known[unit]}'" if unit in known else f"'{unit}'"

    def _bounds(self, where: tuple[str | int, ...], number: float, unit: str) -> Located | None:
        amount = number * unit_factor(unit)
        if self.high is not None and amount > self.high * (1 + 1e-12):
            advice = f"give at most {self.high:g} {self.canonical}"
            if self.high == 1.0:
                advice = "give a share between 0 and 1, not a percentage"
                if unit in {"share", "ratio"} and amount <= 100.0:
                    advice += " (or write unit: '%')"
            return where, f"= {number:g} {unit} is above {self.high:g}; {advice}"
        if self.low is not None and amount < self.low:
            least = f"{self.low:g} {self.canonical or ''}".rstrip()
            return where, f"= {number:g} {unit} is below {self.low:g}; give at least {least}"
        return None

    def _keys(self, raw: Mapping[str, Any]) -> list[Located]:
        values = raw.get("values")
        if self.keys not in {"county", "month"} or not isinstance(values, Mapping):
            return []
        wanted = COUNTIES if self.keys == "county" else MONTHS
        unknown: list[Located] = [
            (("values", key, "[key]"), f"unknown {self.keys} '{key}'; the {self.keys} keys are {', '.join(wanted)}")
            for key in values
            if key not in wanted
        ]
        lacking = [key for key in wanted if key not in values]
        if lacking:
            unknown.append(
                (("values",), f"no value for {self.keys} {', '.join(lacking)}; give all {len(wanted)} of them")
            )
        return unknown

    def _sums(self, raw: Mapping[str, Any], factor: float) -> list[Located]:
        values = raw.get("values")
        if not isinstance(values, Mapping) or not values:
            return []
        amounts = [number * factor for where, number in _numbers(raw) if where[0] == "values"]
        if len(amounts) != len(values):
            return []
        total = math.fsum(amounts)
        if self.total is not None and abs(total - self.total) > TOLERANCE:
            return [(("values",), f"the values add up to {total:.6g}; they must add up to {self.total:g}")]
        mean = total / len(amounts)
        if self.mean is not None and abs(mean - self.mean) > TOLERANCE:
            return [(("values",), f"the mean of the values is {mean:.6g}; it must be {self.mean:g}")]
        return []


def wrong_too(error: ValidationError, found: list[Located]) -> PydanticCustomError:
    """Join what the type's own check found to what the unit check found."""
    nested = error.errors(include_url=False)
    return PydanticCustomError("located", "several problems", {"problems": found, "errors": nested})


def _numbers(raw: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], float]]:
    """Walk the numbers of a raw quantity, table or matrix with their places."""
    if _is_number(raw.get("value")):
        yield ("value",), raw["value"]
    ends = raw.get("range")
    if isinstance(ends, list | tuple):
        yield from ((("range", at), end) for at, end in enumerate(ends) if _is_number(end))
    values = raw.get("values")
    if isinstance(values, Mapping):
        for key, value in values.items():
            if _is_number(value):
                yield ("values", key), value
            elif isinstance(value, Mapping):
                yield from ((("values", key, inner), cell) for inner, cell in value.items() if _is_number(cell))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
