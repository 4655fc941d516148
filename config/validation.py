"""Check single files, whatever they are: what ``pingliang validate FILE…`` and ``pingliang schema`` answer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from .checks import check_chain, check_experiment, check_files
from .errors import ConfigError, Problem, nearest
from .experiment_schema import Experiment
from .files import SINGLE_FILES, Loaded, read_files, validate
from .loader import ROOT, assemble, load
from .places import Document
from .schema import Chain, Sources
from .yaml_marks import read

KINDS: dict[str, type[BaseModel]] = {"chain": Chain, "experiment": Experiment, "sources": Sources, **SINGLE_FILES}


def json_schema(kind: str) -> dict[str, Any]:
    """Give the JSON Schema of one kind of file: 'chain', 'experiment', 'sources', 'technology' and so on.

    Raises
    ------
    KeyError
        An unknown kind; the message names the nearest.
    """
    if kind not in KINDS:
        raise KeyError(f"there is no kind '{kind}'; {nearest(kind, KINDS)}")
    schema = KINDS[kind].model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def recognise(data: dict[str, Any]) -> str | None:
    """Tell by its top-level keys what kind of file this is; None when nothing fits."""
    best, score = None, 0.0
    for kind, model in KINDS.items():
        known = set(model.model_fields)
        shared = len(known & set(data))
        fit = shared / len(known | set(data)) + shared
        if shared and fit > score:
            best, score = kind, fit
    return best


def validate_files(paths: Iterable[Path | str], root: Path | None = None) -> list[Problem]:
    """Check chain files, experiment files and any other configuration file, each against the rest of a configuration.

    A file that stands in the configuration takes its own place; a file from elsewhere takes the place of the chain or
    single file of the same kind and key, or is added (a tenth chain). Only problems these files bring are listed.

    Parameters
    ----------
    root : Path, optional
        Folder of the rest of the configuration; default: the folder the files stand in when it is a configuration, else
        the shipped one.
    """
    documents = [read(Path(path)) for path in paths]
    groups: dict[Path, list[Document]] = {}
    for document in documents:
        groups.setdefault(root or _root_of(document.path), []).append(document)
    return sorted({problem for base, group in groups.items() for problem in _validate_group(group, base)})


def _root_of(path: Path) -> Path:
    """Find the configuration a file belongs to."""
    folder = path.resolve().parent
    for candidate in (folder, folder.parent):
        if all((candidate / f"{name}.yaml").is_file() for name in SINGLE_FILES):
            return candidate
    return ROOT


def _validate_group(documents: list[Document], root: Path) -> list[Problem]:
    files = read_files(root)
    before = _all_problems(files, root)
    problems: list[Problem] = []
    experiments: list[Loaded] = []
    for document in documents:
        problems += document.problems
        if not isinstance(document.data, dict):
            continue
        kind = recognise(document.data)
        if kind is None:
            keys = ", ".join(sorted(map(str, document.data))[:8]) or "none"
            text = f"this is no configuration file: its keys ({keys}) fit none of {', '.join(KINDS)}"
            problems.append(document.wrong((), text))
            continue
        loaded = validate(document, KINDS[kind])
        problems += loaded.problems
        if isinstance(loaded.model, Chain):
            problems += check_chain(loaded)
        if kind == "experiment":
            experiments.append(loaded)
        else:
            files = _put(files, loaded, kind)
    problems += set(_all_problems(files, root)) - set(before)
    return problems + _experiment_problems(experiments, root)


def _put(files: dict[str, Loaded], loaded: Loaded, kind: str) -> dict[str, Loaded]:
    """Let a file take its place among the others."""
    path = loaded.document.path.resolve()
    own = next((key for key, other in files.items() if other.document.path.resolve() == path), None)
    if own is None and kind == "chain":
        own = f"chains/{loaded.document.data.get('chain')}"
    elif own is None:
        own = f"sources/{path.stem}" if kind == "sources" else kind
    return {**files, own: loaded}


def _all_problems(files: dict[str, Loaded], root: Path) -> list[Problem]:
    problems = [problem for loaded in files.values() for problem in loaded.problems]
    return problems + check_files(files, None if problems else assemble(files, root))


def _experiment_problems(experiments: list[Loaded], root: Path) -> list[Problem]:
    """Check experiments against the configuration; if that is broken, only what needs no configuration was checked."""
    checkable = [loaded for loaded in experiments if isinstance(loaded.model, Experiment)]
    if not checkable:
        return []
    try:
        config = load(root)
    except ConfigError as error:
        return error.problems
    return [problem for loaded in checkable for problem in check_experiment(loaded, config)]
