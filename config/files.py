"""The files of a configuration: which there are, reading them, and keeping them in memory while they do not change."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from .errors import Problem, shown_path
from .explain import problems_of
from .farm_schema import Farming
from .parameters_schema import Parameters
from .places import Document
from .schema import Chain, Counties, Drivers, Observed, Plan, Policies, Population, Sources, Technology
from .yaml_marks import read

SINGLE_FILES: dict[str, type[BaseModel]] = {
    "technology": Technology,
    "counties": Counties,
    "population": Population,
    "parameters": Parameters,
    "farming": Farming,
    "drivers": Drivers,
    "observed": Observed,
    "policies": Policies,
    "shocks": Policies,
    "plan": Plan,
}


_LEADING_DIGITS = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, eq=False)
class Loaded:
    """One file: how it was read, and its model if it is valid so far; equal only to itself."""

    document: Document
    model: BaseModel | None
    problems: tuple[Problem, ...]


def read_files(root: Path) -> dict[str, Loaded]:
    """Read all files of a configuration by their key: 'technology', 'chains/coal', 'sources/common'."""
    missing = [root / f"{name}.yaml" for name in SINGLE_FILES if not (root / f"{name}.yaml").is_file()]
    chains = sorted((root / "chains").glob("[!.]*.yaml"))
    sources = sorted((root / "sources").glob("[!.]*.yaml"))
    missing += [root / folder for folder, found in (("chains", chains), ("sources", sources)) if not found]
    wanted: list[tuple[str, Path, type[BaseModel]]] = [(f"chains/{path.stem}", path, Chain) for path in chains]
    wanted += [(f"sources/{path.stem}", path, Sources) for path in sources]
    wanted += [(name, root / f"{name}.yaml", model) for name, model in SINGLE_FILES.items()]
    files = {key: load_file(path, model) for key, path, model in wanted if path not in missing}
    for path in missing:
        lacking = Problem(shown_path(path), 0, 0, "is missing; a configuration needs this file")
        if path.suffix != ".yaml":
            lacking = Problem(shown_path(path), 0, 0, "holds no .yaml file; a configuration needs at least one")
        files[str(path)] = Loaded(Document(path, []), None, (lacking,))
    return files


def load_file(path: Path, model: type[BaseModel]) -> Loaded:
    """Read one file, or take it from memory when it has not changed."""
    status = path.stat()
    return _load_file(path, model, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=512)
def _load_file(path: Path, model: type[BaseModel], changed: int, size: int) -> Loaded:
    return validate(read(path), model)


def validate(document: Document, model: type[BaseModel]) -> Loaded:
    """Check a file as read against its model."""
    if not isinstance(document.data, dict):
        return Loaded(document, None, tuple(document.problems))
    try:
        checked = model.model_validate(in_order(document.data))
    except ValidationError as error:
        return Loaded(document, None, (*document.problems, *problems_of(document, model, error)))
    return Loaded(document, checked, tuple(document.problems))


def in_order(data: Any) -> Any:
    """Sort the keys of all mappings (2 before 10, text after numbers): their order in a file must change no result."""
    if isinstance(data, dict):
        return {key: in_order(data[key]) for key in sorted(data, key=_rank)}
    return [in_order(item) for item in data] if isinstance(data, list) else data


def _rank(key: str) -> tuple[bool, int, str]:
    digits = _LEADING_DIGITS.match(key)
    return (digits is None, int(digits.group()) if digits else 0, key)
