"""The command that compares scenarios: ``compare``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from ..analysis.brief import write_brief
from ..analysis.compare_report import write_comparison
from ..analysis.comparison import Comparison, headline_rows
from ..analysis.effects import cost_table, ranking_table, target_chances
from ..analysis.paired import paired_table
from ..config import loader


def compare_command(
    results: Sequence[Path],
    *,
    baseline: str | None,
    scenario: str | None,
    out: Path | None,
    root: Path | None,
    as_json: bool,
) -> None:
    """Write the comparison and the brief, and print where they are; or print the tables as JSON."""
    comparison = Comparison(results, baseline, loader.load(root))
    if as_json:
        tables = {
            "ranking": ranking_table(comparison),
            "targets": target_chances(comparison),
            "differences": paired_table(comparison, headline_rows(comparison.values)),
            "costs": cost_table(comparison),
        }
        # pandas writes NaN as null, which JSON readers accept; json's own NaN they do not
        whole = {name: json.loads(frame.to_json(orient="records")) for name, frame in tables.items()}
        click.echo(json.dumps({"baseline": comparison.base.name, "year": comparison.year} | whole, ensure_ascii=False))
        return
    folder = out or results[0] / "compare"
    click.echo(write_comparison(comparison, folder))
    click.echo(write_brief(comparison, folder / "brief.zh.html", scenario))
