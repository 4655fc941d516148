"""The words of ``pingliang results``; like :mod:`.cli` it loads nothing heavy before a command is called."""

from __future__ import annotations

from pathlib import Path

import click

RESULTS = click.argument("results", type=click.Path(exists=True, file_okay=False, path_type=Path))
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


@click.group()
def results() -> None:
    """Look at stored results, tidy them, compare them bit for bit."""


@results.command("list")
@click.argument("home", type=click.Path(file_okay=False, path_type=Path), default=Path("results"))
@json_option
def list_(home: Path, as_json: bool) -> None:
    """List the result sets in HOME (default: results), newest first."""
    from .stored import list_command

    list_command(home, as_json)


@results.command()
@RESULTS
@json_option
def show(results: Path, as_json: bool) -> None:
    """Say what a result set holds, how far it is, and the mean of its indicators."""
    from .stored import show_command

    show_command(results, as_json)


@results.command()
@RESULTS
@click.option("-n", "count", type=click.IntRange(1), default=10, show_default=True, help="Runs to print.")
def tail(results: Path, count: int) -> None:
    """Print the runs stored last, failed ones with their tracebacks."""
    from .stored import tail_command

    tail_command(results, count)


@results.command()
@RESULTS
def clean(results: Path) -> None:
    """Remove temporary and broken files, failed rows and checkpoints; finished runs stay."""
    from .stored import clean_command

    clean_command(results)


@results.command()
@RESULTS
def compact(results: Path) -> None:
    """Join small part files into large ones."""
    from .stored import compact_command

    compact_command(results)


@results.command()
@RESULTS
def digest(results: Path) -> None:
    """Print the hash of a result set: equal for equal bits."""
    from .stored import digest_command

    digest_command(results)
