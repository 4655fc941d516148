"""Decides what a reader needs to repeat a result: question, hashes, seeds, versions, machine, command."""

from __future__ import annotations

import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .experiment import ResolvedExperiment
from .fingerprint import PACKAGE, data_hashes, fingerprint

SCENARIO = {"name", "label", "policies", "set", "forms"}
PACKAGES = (
    "pingliang",
    "mesa",
    "networkx",
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "pyarrow",
    "pydantic",
    "pyyaml",
    "SALib",
)


def make_manifest(resolved: ResolvedExperiment, command: str) -> dict[str, Any]:
    """Describe an experiment before its first run.

    Parameters
    ----------
    resolved : ResolvedExperiment
        What is about to be run.
    command : str
        The command that asked for it, so that it can be given again.
    """
    experiment = resolved.experiment
    hashes = fingerprint(resolved)
    return {
        "name": experiment.name,
        "title": experiment.title.model_dump(),
        "question": experiment.question.model_dump(),
        "hash": hashes.pop("hash"),
        "parts": hashes,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "git": git_state(PACKAGE),
        "packages": package_versions(),
        "platform": {"system": platform.platform(), "machine": platform.machine(), "python": platform.python_version()},
        "seeds": experiment.seeds.model_dump(),
        "command": command,
        "scale": experiment.scale,
        "start": experiment.start,
        "end": experiment.end,
        "scenarios": [one.model_dump(include=SCENARIO) for one in experiment.scenarios],
        "factors": [one.model_dump(mode="json", exclude_none=True) for one in experiment.factors],
        "design": experiment.design.model_dump(mode="json", exclude={"rows"}),
        "replicates": experiment.replicates.n,
        "data": data_hashes(resolved.configs[experiment.scenarios[0].name].root),
    }


def folder_name(manifest: dict[str, Any]) -> str:
    """Name the results folder of an experiment."""
    return f"{manifest['name']}-{manifest['hash'][:8]}"


def package_versions() -> dict[str, str]:
    """List the installed versions of what computes and stores the numbers."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_state(package: Path) -> dict[str, Any]:
    """Name the commit of the checkout and say whether files differ from it; None where there is no checkout.

    An installed copy may lie inside somebody else's repository, so the checkout counts only when its top is the
    package itself.
    """
    top = _git(package, "rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != package.resolve():
        return {"sha": None, "dirty": None}
    sha = _git(package, "rev-parse", "--verify", "--quiet", "HEAD")
    status = _git(package, "status", "--porcelain")
    return {"sha": sha or None, "dirty": None if status is None else bool(status)}


def _git(folder: Path, *words: str) -> str | None:
    """Ask git; None when there is no git, no repository or no answer."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
