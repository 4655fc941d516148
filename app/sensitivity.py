"""The command ``sensitivity``: which of the varied numbers matter most, printed, as a table and as figures."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click

from ..analysis.results import records
from ..analysis.sensitivity import Screened, kpi_label, plot_sensitivity, sensitivity_table
from ..analysis.sensitivity_page import page as sensitivity_page
from ..analysis.sensitivity_page import plot_overall, read_manifest
from ..analysis.style import to_svg
from ..config import loader
from ..config.loader import Config
from ..runs.files import write_file
from .showing import PNG, aligned

HEADINGS = ("", "factor", "effect", "95 %", "interaction", "above noise")


def sensitivity_command(
    results: Path,
    *,
    kpis: list[str],
    scenario: str | None,
    top: int,
    out: Path | None,
    page: Path | None,
    as_json: bool,
    root: Path | None,
) -> None:
    """Rank the factors of a stored design, write table and figures beside the results."""
    screened = sensitivity_table(results, kpis or None, scenario)
    config = loader.load(root)
    folder = out or results / "sensitivity"
    folder.mkdir(parents=True, exist_ok=True)
    table = screened.table.to_csv(index=False).encode("utf-8-sig")
    write_file(folder / "sensitivity.csv", lambda file: file.write(table))
    names = list(dict.fromkeys(screened.table["kpi"]))
    for kpi in names:
        figure = plot_sensitivity(screened, kpi, config)
        svg = to_svg(figure, kpi).encode()
        write_file(folder / f"{kpi}.png", partial(figure.savefig, **PNG))
        write_file(folder / f"{kpi}.svg", lambda file, svg=svg: file.write(svg))  # type: ignore[misc]
    if page is not None:
        _write_page(page, screened, results, config)
    if as_json:
        rows = json.loads(screened.table.to_json(orient="records"))
        click.echo(json.dumps({"design": screened.kind, "points": screened.points, "rows": rows}, ensure_ascii=False))
        return
    dropped = f", {screened.dropped} left out as runs are missing" if screened.dropped else ""
    click.echo(
        f"{screened.kind} design, {screened.points} points{dropped}, {screened.replicates} runs averaged at each"
    )
    for kpi in names:
        click.echo("\n" + _printed(screened, kpi, config, top))
    click.echo(f"\n{folder}")


def _write_page(path: Path, screened: Screened, results: Path, config: Config) -> None:
    """Write the page on all indicators together, and its picture beside it."""
    picture = path.with_suffix(".png")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(picture, partial(plot_overall(screened, config).savefig, **PNG))
    text = sensitivity_page(screened, config, read_manifest(results), picture.name)
    write_file(path, lambda file: file.write(text.encode("utf-8")))


def _printed(screened: Screened, kpi: str, config: Config, top: int) -> str:
    """Set the first factors of an indicator in columns."""
    rows = screened.table[screened.table["kpi"] == kpi]
    lines = [HEADINGS]
    for row in records(rows.head(top)):
        name = "luck (dummy)" if row.role == "dummy" else row.path
        interval = f"{100 * row.low:.2f} to {100 * row.high:.2f}"
        clear = "" if row.role == "dummy" else "yes" if row.clear else "no"
        lines.append((f"{row.rank:.0f}", name, f"{100 * row.effect:.2f} %", interval, f"{100 * row.spread:.2f}", clear))
    zh, en = kpi_label(kpi, config)
    return f"{zh if zh == en else f'{zh} {en}'}\n" + aligned(lines, right={0, 2, 3, 4})
