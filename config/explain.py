"""Turn what a model refuses into located problems in plain words, with the nearest valid name."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from .errors import Problem, describe, nearest
from .places import Document

Where = tuple[str | int, ...]
_NUMBER_TYPES = {"float_type": "a number", "int_type": "a whole number", "int_from_float": "a whole number"}


def problems_of(document: Document, model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """List every error of a validation at its place in the file."""
    return [
        document.wrong(where, f"{dotted(where)}{message}", key=at_key)
        for where, message, at_key in _flat(model, document.data, error.errors(include_url=False), ())
    ]


def dotted(where: Sequence[str | int]) -> str:
    """Write a place as people say it."""
    return ".".join(str(part) for part in where)


def _flat(
    model: type[BaseModel], data: Any, errors: Sequence[Mapping[str, Any]], before: Where
) -> list[tuple[Where, str, bool]]:
    """Unfold errors that carry located problems of their own."""
    found: list[tuple[Where, str, bool]] = []
    for error in errors:
        where = before + tuple(error["loc"])
        if error["type"] == "located":
            context = error["ctx"]
            found += [_located(where, tuple(inner), text) for inner, text in context["problems"]]
            found += _flat(model, data, context.get("errors", ()), where)
        else:
            found.append(_explain(model, data, where, error))
    return found


def _located(where: Where, inner: Where, text: str) -> tuple[Where, str, bool]:
    at_key = bool(inner) and inner[-1] == "[key]"
    place = where + (inner[:-1] if at_key else inner)
    return place, f" {text}" if text.startswith("=") else f": {text}", at_key


def _explain(model: type[BaseModel], data: Any, where: Where, error: Mapping[str, Any]) -> tuple[Where, str, bool]:
    """Say what one pydantic error means for the person who wrote the file."""
    kind, context = error["type"], error.get("ctx", {})
    written = describe(error.get("input"))
    if where and where[-1] == "[key]":
        return _bad_key(where[:-1], error)
    if kind == "missing":
        return where[:-1], f": '{where[-1]}' is missing; {_purpose(model, where)}", True
    if kind == "extra_forbidden":
        advice = nearest(str(where[-1]), _fields(_type_at(model, where[:-1])))
        if " " in str(where[-1]) and error.get("input") is None:
            advice = "a comma inside braces ends a text: put the text before it and this in quotes"
        return where, f": unknown key '{where[-1]}'; {advice}", True
    if kind in {"literal_error", "enum"}:
        choices = [choice.strip("'") for choice in str(context.get("expected", "")).replace(" or ", ", ").split(", ")]
        return where, f" is {written}; {nearest(str(error.get('input')), choices)}", False
    if kind in _NUMBER_TYPES:
        return where, f" is {written}; write {_NUMBER_TYPES[kind]}{_number_hint(error.get('input'))}", False
    if kind == "finite_number":
        return where, " is not a finite number; write one that is", False
    if kind == "string_type":
        return where, f" is {written}; write text{_text_hint(error.get('input'))}", False
    if kind in {"model_type", "model_attributes_type", "dict_type", "mapping_type"}:
        return where, f" is {written}; write a mapping{_shape(model, where)}", True
    if kind == "string_pattern_mismatch":
        return where, f" is {written}; {_pattern(str(context.get('pattern')))}", False
    return where, f": {_plain(error)}", False


def _bad_key(where: Where, error: Mapping[str, Any]) -> tuple[Where, str, bool]:
    context = error.get("ctx", {})
    choices = [choice.strip("'") for choice in str(context.get("expected", "")).replace(" or ", ", ").split(", ")]
    return where, f": unknown key '{where[-1]}'; {nearest(str(where[-1]), choices)}", True


def _plain(error: Mapping[str, Any]) -> str:
    """Put pydantic's own words in the house form."""
    context, kind = error.get("ctx", {}), error["type"]
    bounds = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
    bounds |= {"greater_than": ("gt", "above"), "less_than": ("lt", "below")}
    if kind in bounds:
        key, words = bounds[kind]
        return f"{describe(error.get('input'))} is out of range; it must be {words} {context[key]:g}"
    if kind == "too_short":
        return f"needs at least {context['min_length']} entries, has {context['actual_length']}"
    if kind in {"bool_type", "bool_parsing"}:
        return f"is {describe(error.get('input'))}; write true or false"
    if kind in {"list_type", "tuple_type"}:
        return f"is {describe(error.get('input'))}; write a list: [a, b]"
    if kind == "too_long":
        return f"takes at most {context['max_length']} entries, has {context['actual_length']}"
    message: str = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _number_hint(value: Any) -> str:
    text = str(value)
    if isinstance(value, bool):
        return ""
    if isinstance(value, str) and text.endswith("%"):
        return " and put '%' into unit"
    if isinstance(value, str) and ("," in text or "_" in text):
        return " without separators"
    if isinstance(value, str):
        return " without quotes or unit"
    return ""


def _text_hint(value: Any) -> str:
    return f" in quotes: '{value}'" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _pattern(pattern: str) -> str:
    known = {
        r"^\d{4}-\d{2}$": "write a month as yyyy-mm",
        "^#[0-9a-fA-F]{6}$": "write a colour as '#rrggbb'",
        "^[a-z][a-z0-9_]*$": "write small letters, digits and _",
        "^[a-z0-9][a-z0-9-]*$": "write small letters, digits and -",
    }
    return known.get(pattern, f"it must match {pattern}")


def _type_at(model: Any, where: Where) -> Any:
    """Follow a place through the models to the type that is expected there."""
    current: Any = model
    for part in where:
        current = _bare(current)
        if isinstance(current, type) and issubclass(current, BaseModel):
            info = current.model_fields.get(str(part))
            if info is None:
                return None
            current = info.annotation
        elif get_origin(current) is dict:
            current = get_args(current)[1]
        elif get_origin(current) in {list, tuple}:
            current = get_args(current)[0]
        else:
            return None
    return _bare(current)


def _bare(annotation: Any) -> Any:
    """Strip Annotated and Optional from a type."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in {Union, types.UnionType}:
            options = [option for option in get_args(annotation) if option is not type(None)]
            annotation = options[0]
        else:
            return annotation


def _fields(expected: Any) -> list[str]:
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return list(expected.model_fields)
    if get_origin(expected) is dict and get_origin(get_args(expected)[0]) is Literal:
        return list(get_args(get_args(expected)[0]))
    return []


def _shape(model: type[BaseModel], where: Where) -> str:
    """Name the keys of the mapping that is wanted."""
    expected = _type_at(model, where)
    if isinstance(expected, type) and issubclass(expected, BaseModel):
        return " with the keys " + ", ".join(expected.model_fields)
    return " of key: value"


def _purpose(model: type[BaseModel], where: Where) -> str:
    """Say what a missing key is for."""
    parent = _type_at(model, where[:-1])
    if isinstance(parent, type) and issubclass(parent, BaseModel) and str(where[-1]) in parent.model_fields:
        description = parent.model_fields[str(where[-1])].description
        if description:
            return f"add it ({description})"
    return f"add {where[-1]}: …"
