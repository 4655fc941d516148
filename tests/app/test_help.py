import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pingliang.app.cli import cli

SOURCE = Path(__file__).parents[2] / ".src"
HEAVY = {"numpy", "mesa", "pandas", "matplotlib", "pydantic", "pyarrow", "numba", "scipy", "networkx", "yaml", "rich"}
COMMANDS = ("accounts", "audit", "base", "graph", "report", "run", "schema", "validate")


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"], ["auditt"]])
def test_help_imports_only_click_and_the_standard_library(words):
    script = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); from pingliang.app.cli import cli; cli({words!r})"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "click" in imported
    assert not HEAVY & {name.partition(".")[0] for name in imported}


def test_help_names_every_command():
    text = CliRunner().invoke(cli, ["--help"]).output
    assert all(name in text for name in COMMANDS)


@pytest.mark.parametrize(("typed", "meant"), [("rum", "run"), ("validat", "validate"), ("reprot", "report")])
def test_an_unknown_command_suggests_the_nearest(typed, meant):
    result = CliRunner().invoke(cli, [typed])
    assert result.exit_code == 2
    assert f"did you mean '{meant}'?" in result.output


def test_a_command_like_no_other_lists_them_all():
    result = CliRunner().invoke(cli, ["xyzzy"])
    assert result.exit_code == 2
    assert all(name in result.output for name in COMMANDS)


@pytest.mark.parametrize(
    "words", [["run"], ["run", "plan-2026", "--scale", "7"], ["run", "plan-2026", "-j", "0"], ["report", "nowhere"]]
)
def test_wrong_usage_ends_with_2(words):
    assert CliRunner().invoke(cli, words).exit_code == 2
