"""The commands on stored results: ``pingliang results list, show, tail, clean, compact, digest``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pandas as pd

from ..runs.compact import compact
from ..runs.digest import results_digest
from ..runs.errors import ExperimentError
from ..runs.store import ResultsFolder
from .showing import aligned

HEADINGS = ("results", "state", "finished", "failed", "planned", "MB", "created")


def list_command(home: Path, as_json: bool) -> None:
    """List the result sets in a folder, newest first."""
    found = [_summary(file.parent) for file in home.glob("*/manifest.json")]
    found.sort(key=lambda item: str(item["created"]), reverse=True)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    if not found:
        click.echo(f"no results in {home}", err=True)
        return
    lines = [HEADINGS, *(tuple(str(item[name]) for name in HEADINGS) for item in found)]
    click.echo(aligned(lines, right={2, 3, 4, 5}))


def show_command(path: Path, as_json: bool) -> None:
    """Say what a result set holds: question, how far it is, indicators by scenario."""
    manifest = _manifest(path)
    rows = ResultsFolder(path).run_rows()
    fields = {
        **_summary(path),
        "question": manifest["question"],
        "scale": manifest["scale"],
        "months": f"{manifest['start']} to {manifest['end']}",
        "design": manifest.get("design", {}).get("kind", "none"),
        "factors": len(manifest.get("factors", [])),
        "replicates": manifest["replicates"],
        "digest": results_digest(path) if (rows["status"] == "ok").any() else None,
        "command": manifest["command"],
    }
    means = _means(rows)
    if as_json:
        click.echo(json.dumps({**fields, "means": means.to_dict("index")}, ensure_ascii=False, indent=1))
        return
    question = manifest["question"]
    fields["question"] = f"{question['zh']} / {question['en']}"
    click.echo("\n".join(f"{name:<11} {value}" for name, value in fields.items()))
    if not means.empty:
        names = [str(name) for name in means.index]
        lines = [("mean of runs", *names)]
        lines += [(str(kpi)[4:], *(f"{value:,.4g}" for value in means[kpi])) for kpi in means.columns]
        click.echo("\n" + aligned(lines, right=set(range(1, len(names) + 1))))


def tail_command(path: Path, count: int) -> None:
    """Print how far it is and the runs stored last, failed ones with their tracebacks."""
    _manifest(path)
    status = path / "status.json"
    if status.is_file():
        click.echo(", ".join(f"{key} {value}" for key, value in json.loads(status.read_text(encoding="utf-8")).items()))
    parts = sorted(ResultsFolder(path).parts("runs"), key=lambda part: part.stat().st_mtime)[-count:]
    rows = pd.concat([pd.read_parquet(part) for part in parts]) if parts else pd.DataFrame()
    for row in rows.tail(count).to_dict("records"):
        click.echo(f"{row['run_id']}  {row['status']}  {row['seconds']:.1f} s  {row['message']}".rstrip())
        if row["traceback"]:
            click.echo("    " + row["traceback"].strip().replace("\n", "\n    "))


def clean_command(path: Path) -> None:
    """Remove what is no finished run: temporary and broken files, failed rows, checkpoints."""
    _manifest(path)
    folder = ResultsFolder(path)
    folder.lock()
    try:
        before = _bytes(path)
        folder.sweep()
        folder.mend()
        failed = folder.forget()
        for state in (path / "checkpoints").glob("*.pickle"):
            state.unlink()
        click.echo(f"{path}: {failed} failed rows and {(before - _bytes(path)) / 1e6:.1f} MB removed")
    finally:
        folder.release()


def compact_command(path: Path) -> None:
    """Join small part files into large ones."""
    before, after = compact(path)
    click.echo(f"{path}: {before} parts are now {after}")


def digest_command(path: Path) -> None:
    """Print the hash of a result set: equal for equal bits, however they came about."""
    _manifest(path)
    click.echo(results_digest(path))


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExperimentError(f"{path} holds no readable manifest.json: it is not a result set") from error
    return found


def _summary(path: Path) -> dict[str, Any]:
    """Count what is there, from the parts themselves; ``status.json`` only says whether somebody is at work."""
    manifest = _manifest(path)
    rows = ResultsFolder(path).run_rows()
    planned = len(pd.read_parquet(path / "design.parquet", columns=["run_id"]))
    status = path / "status.json"
    state = json.loads(status.read_text(encoding="utf-8"))["state"] if status.is_file() else "begun"
    finished = int((rows["status"] == "ok").sum())
    return {
        "results": str(path),
        "state": state if state != "done" or finished == planned else "incomplete",
        "finished": finished,
        "failed": int((rows["status"] != "ok").sum()),
        "planned": planned,
        "MB": round(_bytes(path) / 1e6, 1),
        "created": manifest["created"],
    }


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    finished = rows[rows["status"] == "ok"]
    kpis = [name for name in finished.columns if str(name).startswith("kpi_")]
    return finished.groupby("scenario", sort=False)[kpis].mean()


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
