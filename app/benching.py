"""The command that measures speed and memory: ``bench``."""

from __future__ import annotations

import json

import click

from ..runs.bench import measure


def bench_command(scale: float, months: int, as_json: bool) -> None:
    """Measure in this process and print what it took."""
    found = measure(scale, months)
    if as_json:
        click.echo(json.dumps(found))
        return
    steps, peaks = found.pop("seconds_by_step"), found.pop("peak_mib_by_phase")
    for name, value in found.items():
        click.echo(f"{name:<36}{value:>14,}")
    for name, mib in peaks.items():
        click.echo(f"  {'peak until ' + name:<36}{mib:>10,} MiB")
    for name, seconds in steps.items():
        click.echo(f"  {name:<36}{seconds:>12.2f} s")
