"""The command line: its words, and which exit code each ending gets.

Only click and the standard library are imported here, so that ``pingliang --help`` answers at once; a command loads
what it needs when it is called.  Results go to stdout, talk to stderr.

Exit codes: 0 done; 1 no run finished, or the books do not close; 2 bad configuration or usage; 3 some runs failed;
130 interrupted, what was finished is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from .. import __version__
from .cli_results import results

INTERRUPTED = 130
BAD_REQUEST = 2

FOLDER = click.Path(file_okay=False, path_type=Path)
scale_option = click.option("--scale", type=click.FloatRange(0.001, 1.0), help="Agents per real person: 0.01 is 1:100.")
months_option = click.option("--months", type=click.IntRange(1), help="Stop after so many months.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
config_option = click.option(
    "--config",
    "root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read the configuration from this folder instead of the one shipped.",
)


class Commands(click.Group):
    """A group that suggests the nearest command and ends with the documented exit codes."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; for an unknown one, name the nearest."""
        word = args[0]
        if self.get_command(ctx, word) is None and not word.startswith("-"):
            close = get_close_matches(word, self.list_commands(ctx), n=1, cutoff=0.5)
            hint = f"did you mean '{close[0]}'?" if close else f"there are: {', '.join(self.list_commands(ctx))}"
            raise click.UsageError(f"no such command '{word}'; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command; say plainly what was wrong with a request, and end 130 on Ctrl-C."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except Exception as error:
            if not isinstance(error, _request_errors()):
                raise
            click.echo(str(error), err=True)
            ctx.exit(BAD_REQUEST)


def _request_errors() -> tuple[type[Exception], ...]:
    """Name the errors that are the request's fault, of those modules a command has loaded."""
    homes = {
        "config.errors": "ConfigError",
        "runs.errors": "ExperimentError",
        "analysis.results": "IncompleteResults",
    }
    package = __name__.rsplit(".", 2)[0]
    loaded = {f"{package}.{home}": name for home, name in homes.items()}
    return tuple(getattr(sys.modules[home], name) for home, name in loaded.items() if home in sys.modules)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pingliang")
def cli() -> None:
    """Simulate the nine industry chains of Pingliang and the plan for them."""


def _run_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that change an experiment."""
    options = [
        click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a value; repeatable."),
        click.option("--seed", type=click.IntRange(0), help="Root of all seeds."),
        click.option("--replicates", type=click.IntRange(1), help="Runs per scenario; an ensemble can be extended."),
        scale_option,
        months_option,
        config_option,
    ]
    for option in reversed(options):
        command = option(command)
    return command


@cli.command()
@click.argument("experiment")
@_run_options
@click.option("-j", "--jobs", type=click.IntRange(1), help="Worker processes; default one per core.")
@click.option("--address", metavar="ADDRESS", help="Run on a Dask cluster: local, or tcp://host:port of a scheduler.")
@click.option("--out", type=FOLDER, help="Results folder; default results/<name>-<hash>.")
@click.option("--accept-changes", is_flag=True, help="Go on in --out although code or configuration have changed.")
@click.option("--no-report", is_flag=True, help="Leave out the report.")
@json_option
@click.pass_context
def run(ctx: click.Context, experiment: str, **options: Any) -> None:
    """Run EXPERIMENT, a file or the name of one that is shipped, and print where its report is.

    Runs that are already there are kept, so the same command goes on after an interruption.
    """
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .running import run_command

    ctx.exit(run_command(experiment, **options))


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def init(file: Path) -> None:
    """Write a commented experiment FILE that runs as it stands."""
    from .planning import init_command

    init_command(file)


@cli.command()
@click.argument("experiment")
@_run_options
@click.option("-j", "--jobs", type=click.IntRange(1), help="Worker processes counted on; default one per core.")
@json_option
def plan(experiment: str, **options: Any) -> None:
    """Say what EXPERIMENT will cost: runs, hours, disk; only a few months of one run are tried."""
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .planning import plan_command

    plan_command(experiment, **options)


@cli.command()
@click.argument("run_id")
@click.option("--results", type=FOLDER, help="Results folder; default the newest in results/ that has the run.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the run's series as Parquet.")
@config_option
@click.pass_context
def rerun(ctx: click.Context, run_id: str, **options: Any) -> None:
    """Run a stored run again by itself, and say whether every bit is the same (exit code 1 if not)."""
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .planning import rerun_command

    ctx.exit(rerun_command(run_id, **options))


@cli.command()
@click.option("--experiment", default="plan-2026", show_default=True, help="Experiment with the scenario.")
@click.option("--scenario", help="Default: the baseline.")
@_run_options
@json_option
@click.pass_context
def audit(ctx: click.Context, experiment: str, **options: Any) -> None:
    """Run one scenario and print the largest residual of every accounting identity."""
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .running import audit_command

    ctx.exit(audit_command(experiment, **options))


@cli.command()
@click.argument("experiment", default="plan-2026")
@click.option("--scenario", help="Default: the baseline.")
@_run_options
@click.option("--csv", type=click.Path(dir_okay=False, path_type=Path), help="Write a CSV file instead of printing.")
@click.option("--page", is_flag=True, help="Print docs/accounts.md, which says what every cell is; nothing is run.")
@click.pass_context
def accounts(ctx: click.Context, experiment: str, page: bool, **options: Any) -> None:
    """Run one scenario of EXPERIMENT and print who paid whom in its last twelve months."""
    if page:
        from .accounts_page import accounts_page

        click.echo(accounts_page(), nl=False)
        return
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .accounts import accounts_command

    ctx.exit(accounts_command(experiment, **options))


@cli.command()
@click.argument("experiment", default="plan-2026")
@click.option("--scenario", help="Default: the baseline.")
@click.option("--month", required=True, metavar="YYYY-MM", help="Whose deliveries are looked at.")
@_run_options
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the network as GraphML.")
@click.option("--csv", type=FOLDER, help="Write all measures into this folder as CSV.")
@click.pass_context
def network(ctx: click.Context, experiment: str, **options: Any) -> None:
    """Run one scenario of EXPERIMENT to a month: who supplies whom, and what hangs on few."""
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .network import network_command

    ctx.exit(network_command(experiment, **options))


@cli.command()
@click.argument("experiment", default="plan-2026")
@click.option("--scenario", help="Default: the baseline.")
@click.option("--stage", required=True, help="Stage whose firms fail.")
@click.option("--anchor", help="English name of one named firm; without it all firms of the stage fail.")
@click.option("--county", "counties", multiple=True, help="Only firms in this county fail; repeatable.")
@click.option("--month", required=True, metavar="YYYY-MM", help="Month of the failure.")
@_run_options
@click.option("--out", type=FOLDER, help="Write table and figure (CSV, PNG, SVG) into this folder.")
@click.pass_context
def ripple(ctx: click.Context, experiment: str, **options: Any) -> None:
    """Run a scenario of EXPERIMENT without and with the failure of firms, and say who lost what."""
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .ripple import ripple_command

    ctx.exit(ripple_command(experiment, **options))


@cli.command()
@click.argument("experiment", default="plan-2026")
@click.option("--scenario", help="Default: the baseline.")
@click.option("--year", type=click.IntRange(2021), default=2026, show_default=True, help="Year that is explained.")
@click.option("--chain", "chains", multiple=True, help="Only this chain; repeatable. All chains share the runs.")
@_run_options
@click.option("-j", "--jobs", type=click.IntRange(1), help="Worker processes; default one per core.")
@click.option("--out", type=FOLDER, help="Results folder; default results/shortfall-<name>-<hash>.")
@json_option
@click.pass_context
def shortfall(ctx: click.Context, experiment: str, **options: Any) -> None:
    """Split how far a scenario of EXPERIMENT leaves each chain from its target over causes.

    The scenario is run with every set of causes relaxed, 32 runs a replicate; the cost is printed first.
    """
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .shortfall import shortfall_command

    ctx.exit(shortfall_command(experiment, **options))


@cli.command()
@click.option("--seeds", type=click.IntRange(1), default=10, show_default=True, help="Runs with different seeds.")
@click.option("--years", type=click.IntRange(2), default=10, show_default=True, help="Years to run.")
@scale_option
@click.option("-j", "--jobs", type=click.IntRange(1), help="Worker processes; default one per core.")
@config_option
@json_option
def frozen(**options: Any) -> None:
    """Run the city with nothing outside moving, and print how far chains and jobs drift all the same."""
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .frozen import frozen_command

    sys.exit(frozen_command(**options))


@cli.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--baseline", metavar="NAME", help="Scenario the others are compared with; default: the first.")
@click.option("--scenario", metavar="NAME", help="Scenario the brief speaks of; default: the one that ranks highest.")
@click.option("--out", type=FOLDER, help="Folder for the pages; default: compare/ in the first results folder.")
@config_option
@json_option
def compare(results: tuple[Path, ...], as_json: bool, **options: Any) -> None:
    """Compare the scenarios of RESULTS... pair by pair: a page that ranks them, and a brief in Chinese."""
    from .comparing import compare_command

    compare_command(results, as_json=as_json, **options)


@cli.group(invoke_without_command=True)
@config_option
@json_option
@click.pass_context
def policies(ctx: click.Context, root: Path | None, as_json: bool) -> None:
    """List what can be done or befall; `policies show NAME` explains one."""
    ctx.obj = root
    if ctx.invoked_subcommand is None:
        from .catalogue import list_command

        list_command(root, as_json)


@policies.command()
@click.argument("name")
@click.pass_obj
def show(root: Path | None, name: str) -> None:
    """Explain the policy NAME in Chinese and English: what moderate means, who pays, what it cannot do."""
    from .catalogue import show_command

    show_command(name, root)


@cli.command()
@scale_option
@config_option
@json_option
def base(scale: float | None, root: Path | None, as_json: bool) -> None:
    """Print the modelled base year 2020 beside observed and derived figures."""
    from .showing import base_command

    base_command(scale, root, as_json)


@cli.command()
@click.option("--out", type=FOLDER, default=Path("graph"), show_default=True, help="Folder for the files.")
@config_option
def graph(out: Path, root: Path | None) -> None:
    """Draw the supply graph (PNG, SVG) and write it as GraphML."""
    from .showing import graph_command

    graph_command(out, root)


@cli.command()
@click.argument("results", type=click.Path(exists=True, file_okay=False, path_type=Path))
@config_option
def report(results: Path, root: Path | None) -> None:
    """Write the report of a results folder again, and print where it is."""
    from .showing import report_command

    report_command(results, root)


@cli.command()
@click.argument("results", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--kpi", "kpis", multiple=True, help="Indicator; repeatable. Default: those the experiment names.")
@click.option("--scenario", help="Default: the baseline.")
@click.option("--top", type=click.IntRange(1), default=10, show_default=True, help="Factors to print.")
@click.option("--out", type=FOLDER, help="Folder for table and figures; default RESULTS/sensitivity.")
@click.option("--page", type=click.Path(dir_okay=False, path_type=Path), help="Also write a page (Markdown) on all.")
@config_option
@json_option
def sensitivity(results: Path, kpis: tuple[str, ...], **options: Any) -> None:
    """Rank what was varied in RESULTS (morris, saltelli or oat) by its effect, beside the noise floor."""
    from .sensitivity import sensitivity_command

    sensitivity_command(results, kpis=list(kpis), **options)


@cli.command()
@click.option("--scale", type=click.FloatRange(0.001, 1.0), default=0.01, show_default=True, help="Agents per person.")
@click.option("--months", type=click.IntRange(1), default=24, show_default=True, help="Months to run.")
@json_option
def bench(scale: float, months: int, as_json: bool) -> None:
    """Measure CPU seconds, agent-months per CPU second, peak memory and seconds by monthly step."""
    from ..runs.threads import use_one_thread

    use_one_thread()
    from .benching import bench_command

    bench_command(scale, months, as_json)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@config_option
def validate(files: tuple[Path, ...], root: Path | None) -> None:
    """Check chain, experiment and other configuration files; all errors at once."""
    from .showing import validate_command

    validate_command(files, root)


@cli.command()
@click.argument("kind", required=False)
def schema(kind: str | None) -> None:
    """Print the JSON Schema of a KIND of file; without one, of all kinds."""
    from .showing import schema_command

    schema_command(kind)


cli.add_command(results)


def main() -> None:
    """Run the command line; the console script ``pingliang``."""
    cli(prog_name="pingliang")


if __name__ == "__main__":
    main()
