"""Make the smallest valid file of any configuration model, so that these tests need no shipped file."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from pingliang.config.schema import Matrix, Quantity, Table
from pingliang.config.units import COUNTIES, MONTHS, Unit


def made(annotation: Any, unit: Unit | None = None) -> Any:
    """Make a value of a type; ``unit`` is the annotation found on the way."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        units = [item for item in args[1:] if isinstance(item, Unit)]
        return made(args[0], units[0] if units else unit)
    if origin in {Union, types.UnionType}:
        return made(args[0], unit)
    if origin is Literal:
        return args[0]
    if origin is dict:
        keys = get_args(args[0]) if get_origin(args[0]) is Literal else ("one",)
        return {key: made(args[1]) for key in keys}
    if origin in {list, tuple}:
        return [made(args[0])]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation, unit)
    return {str: "text", float: 1.0, int: 1, bool: False}[annotation]


def _model(model: type[BaseModel], unit: Unit | None) -> dict[str, Any]:
    if issubclass(model, Quantity | Table | Matrix):
        return _numbers(model, unit or Unit(None))
    wanted = {name: info for name, info in model.model_fields.items() if info.is_required()}
    return {name: made(Annotated[info.annotation, *info.metadata, None]) for name, info in wanted.items()}


def _numbers(model: type[BaseModel], unit: Unit) -> dict[str, Any]:
    number = 0.5 if unit.high is not None else 1.0
    said = {"unit": unit.canonical or "share", "source": "assumption", "kind": "assumed", "note": "for the tests"}
    if issubclass(model, Quantity):
        return {"value": number, "range": [number, number], **said}
    keys = {"county": COUNTIES, "month": MONTHS}.get(str(unit.keys), ("one",))
    if issubclass(model, Matrix):
        return {"values": {key: {"one": number} for key in keys}, "spread": [1, 1], **said}
    each = unit.total / len(keys) if unit.total is not None else unit.mean if unit.mean is not None else number
    return {"values": dict.fromkeys(keys, each), "spread": [1, 1], **said}
