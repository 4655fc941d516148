"""Decides when two experiments are the same: same code, same question, same numbers give the same hash."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .experiment import ResolvedExperiment

PACKAGE = Path(__file__).resolve().parents[1]
# What computes the numbers. The later folders only read stored results, so a new figure does not make old runs stale.
FOLDERS = ("config", "chains", "agents", "runs")


def fingerprint(resolved: ResolvedExperiment) -> dict[str, str]:
    """Hash the code, the experiment and the configuration, and all three together under ``hash``.

    How the runs are spread over workers and how many replicates there are stay out: neither changes a run, so an
    ensemble can be extended.
    """
    experiment = resolved.experiment.model_dump(mode="json", exclude={"replicates", "engine", "analysis"})
    parts = {
        "code": code_hash(),
        "experiment": _hash_value(experiment),
        "configuration": _hash_value(resolved.configs),
    }
    return {**parts, "hash": _hash_value(parts)}


def data_hashes(folder: Path) -> dict[str, str]:
    """Hash every data file of a configuration folder, by its path inside it."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml", ".csv"})
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def code_hash() -> str:
    """Hash the code that computes results, of this process."""
    return _hash_code(PACKAGE)


def _hash_code(package: Path) -> str:
    """Hash the source files that compute results, by their path inside the package."""
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((package / folder).rglob("*.py")):
            digest.update(f"{path.relative_to(package).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _hash_value(value: Any) -> str:
    """Hash a value by its content; the order of keys does not matter."""
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Turn configuration objects into what JSON can write; where they were read from does not count."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.compare}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
