"""Checks across files: names that must exist somewhere else, and numbers that must fit together.

Names are checked on what is written, so that a mistyped name shows even when another value of its file is wrong.
Numbers are checked once all files are valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .checks_experiment import check_experiment
from .checks_numbers import check_chain, check_numbers
from .checks_supply import check_supply
from .errors import Problem, nearest
from .files import Loaded

if TYPE_CHECKING:
    from .loader import Config

__all__ = ["check_chain", "check_experiment", "check_files"]

Files = Mapping[str, Loaded]
Where = tuple[str | int, ...]


def check_files(files: Files, config: Config | None) -> list[Problem]:
    """Check everything that needs more than one file."""
    problems = [*_sources(files), *_chain_names(files), *_policy_names(files), *_plan_names(files)]
    problems += [*_sector_tables(files), *_census_tables(files)]
    if config is not None and not problems:
        problems += check_numbers(files, config) + check_supply(files, config)
    return problems


def known_names(files: Files) -> dict[str, set[str]]:
    """Collect the names that other files may use, as written."""
    chains = {key: _data(loaded) for key, loaded in files.items() if key.startswith("chains/")}
    stages = [(name, stage) for data in chains.values() for name, stage in _entries(data, "stages")]
    products = [(name, product) for data in chains.values() for name, product in _entries(data, "products")]
    firms = (anchor for _, stage in stages for anchor in _mappings(stage.get("anchors")))
    return {
        "anchor": {
            str(name)
            for anchor in firms
            for name in (anchor.get("key"), _mapping(anchor.get("name")).get("en"))
            if name
        },
        "chain": {str(data["chain"]) for data in chains.values() if "chain" in data},
        "stage": {name for name, _ in stages},
        "product": {name for name, _ in products},
        "made": {str(stage.get("product")) for _, stage in stages},
        "bought": {
            name for name, product in products if str(product.get("outside_only")).lower() in {"true", "yes", "on"}
        },
        "sector": {name for name, _ in _entries(_single(files, "technology"), "sectors")},
        "census": {str(name) for name in _mapping(_single(files, "population").get("industries"))},
        "driver": {name for name, _ in _entries(_single(files, "drivers"), "drivers")},
        "policy": {name for name, _ in _entries(_single(files, "policies"), "policies")},
    }


def _data(loaded: Loaded) -> dict[str, Any]:
    return _mapping(loaded.document.data)


def _single(files: Files, key: str) -> dict[str, Any]:
    return _data(files[key]) if key in files else {}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [_mapping(item) for item in value] if isinstance(value, list) else []


def _entries(data: Mapping[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk the named mappings under a key, leaving out what has the wrong shape."""
    for name, entry in _mapping(data.get(key)).items():
        if isinstance(entry, dict):
            yield name, entry


def _broken(files: Files, key: str) -> bool:
    """Tell whether a file could not be read at all, so that its names are not known."""
    found = [loaded for name, loaded in files.items() if name == key or name.startswith(key)]
    return not found or any(not isinstance(loaded.document.data, dict) for loaded in found)


def _sources(files: Files) -> list[Problem]:
    """Every source must be listed, once."""
    problems: list[Problem] = []
    known: dict[str, tuple[str, Any]] = {}
    for key, loaded in files.items():
        if not key.startswith("sources/"):
            continue
        for name, entry in _mapping(_data(loaded).get("sources")).items():
            if name in known and known[name][1] != entry:
                text = f"source '{name}' also stands in {known[name][0]}.yaml with other content; keep one"
                problems.append(loaded.document.wrong(("sources", name), text, key=True))
            known.setdefault(name, (key, entry))
    if _broken(files, "sources/"):
        return problems
    for key, loaded in files.items():
        if key.startswith("sources/"):
            continue
        for where, name in cited(loaded.document.data, ()):
            if name not in known:
                text = f"source '{name}' is not in config/sources/; {nearest(name, known)}"
                problems.append(loaded.document.wrong(where, text))
    return problems


def cited(data: Any, where: Where) -> Iterator[tuple[Where, str]]:
    """Walk the source keys that a file cites, those of named firms included."""
    if isinstance(data, list):
        for at, item in enumerate(data):
            yield from cited(item, (*where, at))
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if key == "source" and (not where or "value" in data or "values" in data):
            names = value if isinstance(value, list) else [value]
            for at, name in enumerate(names):
                if isinstance(name, str):
                    yield (*where, key, at) if isinstance(value, list) else (*where, key), name
        else:
            yield from cited(value, (*where, key))


def _chain_names(files: Files) -> list[Problem]:
    """Stages, products, sectors, census industries, drivers: known, and made by somebody."""
    known = known_names(files)
    complete = not _broken(files, "chains/")
    usable = known["made"] | known["bought"]
    problems: list[Problem] = []
    homes: dict[tuple[str, str], str] = {}
    for key, loaded in files.items():
        if not key.startswith("chains/"):
            continue
        data = _data(loaded)
        problems += _twice(loaded, data, key, homes)
        for where, kind, name in _references(data):
            if kind == "recipe" and complete and name in known["product"] and name not in usable:
                text = f"recipe names '{name}', a product nobody makes; give it a stage, or outside_only: true"
            elif kind == "recipe":
                text = _unknown("product", name, known["product"], complete)
            else:
                text = _unknown(
                    kind, name, known[kind], complete if kind in {"stage", "product"} else _listed(files, kind)
                )
            if text:
                problems.append(loaded.document.wrong(where, text, key=kind == "recipe"))
        if "chain" in data and str(data["chain"]) != key.removeprefix("chains/"):
            text = (
                f"chain '{data['chain']}' stands in {key.removeprefix('chains/')}.yaml; name the file after the chain"
            )
            problems.append(loaded.document.wrong(("chain",), text))
    return problems


def _listed(files: Files, kind: str) -> bool:
    home = {"sector": "technology", "census": "population", "driver": "drivers", "policy": "policies"}[kind]
    return not _broken(files, home)


def _unknown(kind: str, name: str, known: Iterable[str], complete: bool) -> str:
    names = set(known)
    return f"unknown {kind} '{name}'; {nearest(name, names)}" if complete and name not in names else ""


def _twice(loaded: Loaded, data: dict[str, Any], key: str, homes: dict[tuple[str, str], str]) -> Iterator[Problem]:
    """Keys of stages and products must be unique across chains; so must chain keys."""
    named: list[tuple[str, str, Where]] = [
        (kind, name, (kind, name)) for kind in ("stages", "products") for name in _mapping(data.get(kind))
    ]
    if isinstance(data.get("chain"), str):
        named.append(("chain", data["chain"], ("chain",)))
    for kind, name, where in named:
        home = homes.setdefault((kind, name), key)
        if home != key:
            text = f"{kind.removesuffix('s')} '{name}' also stands in {home}.yaml; names are unique across chains"
            yield loaded.document.wrong(where, text, key=True)


def _references(data: dict[str, Any]) -> Iterator[tuple[Where, str, str]]:
    """Walk the names of other things in a chain file: (where, kind of thing, name)."""
    for name, product in _entries(data, "products"):
        here: Where = ("products", name)
        yield from _texts(product.get("sectors"), (*here, "sectors"), "sector")
        for key in ("outside_price", "outside_demand"):
            yield from _texts(product.get(key), (*here, key), "driver")
    for name, stage in _entries(data, "stages"):
        here = ("stages", name)
        for key, kind in (("product", "product"), ("sector", "sector"), ("census", "census")):
            yield from _texts(stage.get(key), (*here, key), kind)
        for product_name in _mapping(stage.get("recipe")):
            yield (*here, "recipe", product_name), "recipe", product_name
        for key in ("critical", "important"):
            yield from _texts(stage.get(key), (*here, key), "product")
        yield from _texts(_mapping(stage.get("capacity_from")).get("stage"), (*here, "capacity_from", "stage"), "stage")
        for at, anchor in enumerate(_mappings(stage.get("anchors"))):
            yield from _texts(anchor.get("project"), (*here, "anchors", at, "project"), "policy")


def _texts(value: Any, where: Where, kind: str) -> Iterator[tuple[Where, str, str]]:
    if isinstance(value, str):
        yield where, kind, value
    elif isinstance(value, list):
        yield from (((*where, at), kind, item) for at, item in enumerate(value) if isinstance(item, str))


def _policy_names(files: Files) -> list[Problem]:
    """Policies act on chains, stages, products and named firms that exist."""
    if _broken(files, "chains/"):
        return []
    known = known_names(files)
    problems = []
    books = [(home, item) for home in ("policies", "shocks") for item in _entries(_single(files, home), "policies")]
    for home, (name, policy) in books:
        target = _mapping(policy.get("target"))
        here: Where = ("policies", name, "target")
        found = [*_texts(target.get("chain"), (*here, "chain"), "chain")]
        found += _texts(target.get("stages"), (*here, "stages"), "stage")
        found += _texts(target.get("product"), (*here, "product"), "product")
        found += _texts(target.get("anchor"), (*here, "anchor"), "anchor")
        for where, kind, written in found:
            if text := _unknown(kind, written, known[kind], True):
                problems.append(files[home].document.wrong(where, text))
    return problems


def _plan_names(files: Files) -> list[Problem]:
    """Figures of the plan name chains and policies that exist; a modelled measure names its policy."""
    if "plan" not in files:
        return []
    known = known_names(files)
    document = files["plan"].document
    problems = []
    for name, item in _entries(_single(files, "plan"), "items"):
        for key, complete in (("chain", not _broken(files, "chains/")), ("policy", _listed(files, "policy"))):
            for where, kind, written in _texts(item.get(key), ("items", name, key), key):
                if text := _unknown(kind, written, known[kind], complete):
                    problems.append(document.wrong(where, text))
    return problems


def _sector_tables(files: Files) -> list[Problem]:
    """Tables and the matrix of technology.yaml hold exactly its sectors; census industries exist."""
    if "technology" not in files or _broken(files, "technology"):
        return []
    data, document = _single(files, "technology"), files["technology"].document
    sectors = known_names(files)["sector"]
    problems = []
    tables = ("coefficients", "household_rural", "household_urban", "government", "investment")
    for table in tables:
        values = _mapping(_mapping(data.get(table)).get("values"))
        if not values:
            continue
        rows: list[tuple[Where, set[str]]] = [((table, "values"), set(values))]
        rows += [((table, "values", row), set(cells)) for row, cells in values.items() if isinstance(cells, dict)]
        for where, keys in rows:
            for key in sorted(keys - sectors):
                text = f"unknown sector '{key}'; {nearest(key, sectors)}"
                problems.append(document.wrong((*where, key), text, key=True))
            if sectors - keys:
                text = f"no value for sector {', '.join(sorted(sectors - keys))}; give all {len(sectors)} of them"
                problems.append(document.wrong(where, text, key=True))
    return problems


def _census_tables(files: Files) -> list[Problem]:
    """Employment, wages, shares of women and sectors name the industries of the census; none of these is left out."""
    if not _listed(files, "census"):
        return []
    census = known_names(files)["census"]
    problems = []
    for name, sector in _entries(_single(files, "technology"), "sectors"):
        for where, kind, written in _texts(sector.get("census"), ("sectors", name, "census"), "census"):
            if text := _unknown(kind, written, census, True):
                problems.append(files["technology"].document.wrong(where, text))
    data, document = _single(files, "population"), files["population"].document
    employed = _mapping(_mapping(data.get("employed_sample")).get("values"))
    tables: list[tuple[Where, Any]] = [(("employed_sample", "values", county), row) for county, row in employed.items()]
    tables += [((name, "values"), _mapping(data.get(name)).get("values")) for name in ("wages", "women_share")]
    for where, table in tables:
        keys = set(_mapping(table))
        for key in sorted(keys - census):
            text = f"unknown census industry '{key}'; {nearest(key, census)}"
            problems.append(document.wrong((*where, key), text, key=True))
        if keys and census - keys:
            text = f"no value for census industry {', '.join(sorted(census - keys))}; give all {len(census)} of them"
            problems.append(document.wrong(where, text, key=True))
    return problems
