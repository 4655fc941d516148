"""Where every number comes from: measured here, borrowed from elsewhere, or assumed, and how wide its range is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel

from ..config.schema import Matrix, Provenance, Quantity, Table

if TYPE_CHECKING:
    from .results import Results

KINDS = {"measured": ("实测", "measured"), "borrowed": ("借用", "borrowed"), "assumed": ("假定", "assumed")}


def provenance_table(run: Results) -> pd.DataFrame:
    """List every sourced number of the configuration.

    Returns
    -------
    DataFrame with part (first words of the path), path, kind, value, low, high, unit, values (how many numbers the
    entry holds), source (keys, comma separated) and note.
    """
    rows = [_row(path, entry) for path, entry in walk(run.config, ())]
    columns = ["part", "path", "kind", "value", "low", "high", "unit", "values", "source", "note"]
    return pd.DataFrame(rows, columns=columns)


def walk(node: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Provenance]]:
    """Visit every entry with a source, depth first, in the order of the files."""
    if isinstance(node, Provenance):
        yield path, node
    else:
        for name, child in _children(node):
            yield from walk(child, (*path, name))


def _children(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, BaseModel):
        yield from ((name, getattr(node, name)) for name in type(node).model_fields)
    elif isinstance(node, Mapping):
        yield from ((str(name), child) for name, child in node.items())
    elif is_dataclass(node):
        yield from ((item.name, getattr(node, item.name)) for item in fields(node))
    elif isinstance(node, list | tuple):
        yield from ((str(place), child) for place, child in enumerate(node))


def _row(path: tuple[str, ...], entry: Provenance) -> dict[str, Any]:
    value = low = high = None
    count = 1
    if isinstance(entry, Quantity):
        value = entry.value
        low, high = entry.range or (None, None)
    elif isinstance(entry, Table):
        count = len(entry.values)
    elif isinstance(entry, Matrix):
        count = sum(len(row) for row in entry.values.values())
    sources = [entry.source] if isinstance(entry.source, str) else entry.source
    return {
        "part": ".".join(path[:2]) if path[0] == "chains" else path[0],
        "path": ".".join(path),
        "kind": entry.kind,
        "value": value,
        "low": low,
        "high": high,
        "unit": entry.unit,
        "values": count,
        "source": ", ".join(sources),
        "note": entry.note or "",
    }


def kind_table(table: pd.DataFrame) -> pd.DataFrame:
    """Count the numbers of each part of the configuration by kind; the last row is everything."""
    counts = table.groupby(["part", "kind"], sort=False)["values"].sum().unstack(fill_value=0)
    counts = counts.reindex(columns=list(KINDS), fill_value=0)
    return pd.concat([counts, counts.sum().to_frame("all").T])


def source_table(run: Results, table: pd.DataFrame) -> pd.DataFrame:
    """List the sources in use: key, title, publisher, year, url and how many entries rest on each."""
    used = table["source"].str.split(", ").explode().value_counts()
    rows = [
        {
            "key": key,
            "title": source.title,
            "publisher": source.publisher or "",
            "year": source.year or "",
            "url": source.url or "",
            "entries": int(used.get(key, 0)),
        }
        for key, source in run.config.sources.sources.items()
        if key in used.index
    ]
    listed = pd.DataFrame(rows, columns=["key", "title", "publisher", "year", "url", "entries"])
    return listed.sort_values("key").reset_index(drop=True)


def manifest_facts(run: Results) -> list[tuple[str, str, str]]:
    """State what was run: label in Chinese, label in English, value."""
    manifest = run.manifest
    git = manifest.get("git", {})
    state = (git.get("sha") or "—") + (" + uncommitted changes" if git.get("dirty") else "")
    failed = int((run.runs["status"] != "ok").sum())
    return [
        ("试验", "experiment", f"{manifest['name']}-{manifest['hash'][:8]}"),
        ("命令", "command", str(manifest.get("command", ""))),
        ("时段", "period", f"{manifest['start']} … {manifest['end']}"),
        ("比例", "scale", f"{manifest['scale']:g}"),
        ("每情景模拟次数（已完成）", "finished runs per scenario", str(run.replicates)),
        ("失败的模拟", "failed runs", str(failed)),
        ("未显示的情景", "scenarios not shown", ", ".join(item.name for item in run.left_out) or "—"),
        ("随机种子", "seeds", ", ".join(f"{name} {value}" for name, value in manifest.get("seeds", {}).items())),
        ("程序版本", "code", state),
        ("生成时间（UTC）", "created (UTC)", str(manifest.get("created", ""))),
        ("软件包", "packages", ", ".join(f"{name} {value}" for name, value in manifest.get("packages", {}).items())),
    ]
