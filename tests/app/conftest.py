"""The commands are tried on the stand-in model of tests/runs, in this process or, for signals, in one of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pingliang.app.cli import cli

RUNS = Path(__file__).parents[1] / "runs"
if str(RUNS) not in sys.path:
    sys.path.append(str(RUNS))

# What a console script does, with the stand-in for the model and its configuration; the code counts as unchanged, so
# that saving a file while the tests run changes no results folder's name.
DRIVER = """
import sys
sys.path += [{source!r}, {runs!r}]
if __name__ == "__main__":
    import stand_in
    from pingliang.config import loader
    from pingliang.runs import fingerprint, single
    fingerprint._hash_code = lambda package: "code"
    loader.load = stand_in.build_config
    loader.load_experiment = stand_in.read_experiment
    single.industry_chain_model = stand_in.build
    from pingliang.app.cli import main
    sys.argv[0] = "pingliang"
    main()
"""


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., list[str]]:
    """Make the words that start the command line with the stand-in."""
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER.format(source=str(RUNS.parents[1] / ".src"), runs=str(RUNS)), encoding="utf-8")
    return lambda *words: [sys.executable, str(driver), *map(str, words)]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    """Call the command line with the stand-in in an empty folder, here and now."""
    import stand_in

    from pingliang.config import loader
    from pingliang.runs import fingerprint, single

    monkeypatch.setattr(loader, "load", stand_in.build_config)
    monkeypatch.setattr(loader, "load_experiment", stand_in.read_experiment)
    monkeypatch.setattr(single, "industry_chain_model", stand_in.build)
    monkeypatch.setattr(fingerprint, "_hash_code", lambda package: "code")
    monkeypatch.chdir(tmp_path)

    def called(*words: object) -> Result:
        arguments = list(map(str, words))
        monkeypatch.setattr(sys, "argv", ["pingliang", *arguments])
        return CliRunner().invoke(cli, arguments)

    return called
