"""Change single values by dotted path: what ``--set`` and the scenarios of an experiment do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from .errors import Problem, nearest
from .files import Loaded
from .places import Document
from .schema import Chain


class NoSuchPath(ValueError):
    """A dotted path that leads nowhere, or to something that is no number."""


def apply_overrides(
    files: Mapping[str, Loaded],
    overrides: Mapping[str, float],
    validate: Callable[[Document, type[BaseModel]], Loaded],
) -> tuple[dict[str, Loaded], list[Problem]]:
    """Replace values by dotted path and check the files they stand in again."""
    changed: dict[str, Loaded] = dict(files)
    problems: list[Problem] = []
    touched: dict[str, list[str]] = {}
    for path, value in sorted(overrides.items()):
        try:
            key, where = find_value(changed, path)
        except NoSuchPath as error:
            problems.append(Problem(f"override {path}={value}", 0, 0, str(error)))
            continue
        loaded = changed[key]
        outside = _outside_spread(files[key].document.data, where, value)
        if outside:
            problems.append(Problem(f"override {path}={value}", 0, 0, outside))
            continue
        document = replace(loaded.document, data=_replaced(loaded.document.data, where, value))
        changed[key] = replace(loaded, document=document)
        touched.setdefault(key, []).append(f"{path}={value:g}")
    for key, assignments in touched.items():
        model = files[key].model
        checked = validate(changed[key].document, type(model))  # type: ignore[arg-type]
        label = f"override {' '.join(assignments)}"
        problems += [replace(problem, message=f"{problem.message} ({label})") for problem in checked.problems]
        changed[key] = checked
    return changed, problems


def find_value(files: Mapping[str, Loaded], path: str) -> tuple[str, list[str]]:
    """Find the file a dotted path leads into, and the keys down to the number itself.

    The path follows the attributes of ``Config``: ``chains.<chain>.stages.<stage>.utilisation``,
    ``parameters.labour.quit_rate``, ``drivers.drivers.<driver>.trend``. It may end at a quantity, at an entry of a
    table (``….counties.kongtong``), or at a plain number.

    Raises
    ------
    NoSuchPath
        The message names the part that does not exist and the nearest that does.
    """
    parts = path.split(".")
    key, rest = _file_of(files, parts)
    data: Any = files[key].document.data
    model: Any = files[key].model
    where: list[str] = []
    while rest:
        if isinstance(data, Mapping) and "values" in data and "unit" in data and rest[0] not in data:
            where.append("values")
            data = data["values"]
        known = _known(data, model)
        if not isinstance(data, Mapping) or rest[0] not in data:
            before = ".".join(parts[: len(parts) - len(rest)])
            if rest[0] in known:
                raise NoSuchPath(f"'{rest[0]}' is not given in {before}; write it into the file before changing it")
            raise NoSuchPath(f"there is no '{rest[0]}' in {before}; {nearest(rest[0], known)}")
        data, model = data[rest[0]], _inner(model, rest[0])
        where.append(rest.pop(0))
    if isinstance(data, Mapping) and "value" in data:
        where.append("value")
        data = data["value"]
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise NoSuchPath(f"{path} is no number; {_ways_on(data)}")
    return key, where


def _file_of(files: Mapping[str, Loaded], parts: list[str]) -> tuple[str, list[str]]:
    """Split a path into the file it leads into and the rest."""
    if parts[0] == "chains":
        chains = {loaded.model.chain: key for key, loaded in files.items() if isinstance(loaded.model, Chain)}
        if len(parts) < 2:
            raise NoSuchPath(f"chains is no number; {_ways_on(chains)}")
        if parts[1] not in chains:
            raise NoSuchPath(f"there is no chain '{parts[1]}'; {nearest(parts[1], chains)}")
        return chains[parts[1]], parts[2:]
    singles = [key for key in files if "/" not in key]
    if parts[0] not in singles:
        raise NoSuchPath(f"there is no '{parts[0]}' in the configuration; {nearest(parts[0], [*singles, 'chains'])}")
    return parts[0], parts[1:]


def _inner(model: Any, part: str) -> Any:
    if isinstance(model, BaseModel):
        return getattr(model, part, None)
    return model.get(part) if isinstance(model, Mapping) else None


def _known(data: Any, model: Any) -> list[str]:
    if isinstance(model, BaseModel):
        return list(type(model).model_fields)
    return list(data) if isinstance(data, Mapping) else []


def _ways_on(data: Any) -> str:
    if isinstance(data, Mapping) and data:
        return "go on with one of " + ", ".join(sorted(map(str, data))[:12])
    return "only numbers can be changed"


def _replaced(data: Any, where: list[str], value: float) -> Any:
    """Copy the mappings on the way to a value and put the new one in; nothing else is copied."""
    if not where:
        return value
    return {**data, where[0]: _replaced(data[where[0]], where[1:], value)}


def _outside_spread(data: Any, where: list[str], value: float) -> str:
    """Say so when an entry of a table leaves the spread of its table (quantities check their own range)."""
    table: Any = data
    for at, part in enumerate(where):
        if part == "values" and isinstance(table, Mapping) and "unit" in table:
            spread = table.get("spread")
            entry = table
            for inner in where[at:]:
                entry = entry[inner]
            if not isinstance(spread, list):
                return ""
            low, high = sorted(float(entry) * float(multiple) for multiple in spread)  # type: ignore[arg-type]
            inside = low - 1e-12 <= value <= high + 1e-12
            return "" if inside else f"{value:g} lies outside the spread of its table, {low:g} to {high:g}"
        table = table[part]
    return ""
