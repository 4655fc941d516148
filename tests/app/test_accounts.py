"""The command prints and writes a scenario's accounts; the page kept is the page printed."""

import pandas as pd
import pytest
from click.testing import CliRunner

from pingliang.agents.account_table import FLOWS
from pingliang.app.cli import cli

SMALL = ("--scale", "0.001", "--months", "2")


def test_the_page_kept_is_the_page_printed(root):
    printed = CliRunner().invoke(cli, ["accounts", "--page"])
    assert printed.exit_code == 0, printed.output
    assert (root / "docs" / "accounts.md").read_text(encoding="utf-8") == printed.output, "run make docs"
    assert all(f"| `{flow.key}`" in printed.output and f"| {flow.zh} |" in printed.output for flow in FLOWS)


def test_the_accounts_are_printed(tmp_path):
    done = CliRunner().invoke(cli, ["accounts", *SMALL])
    assert done.exit_code == 0, done.output
    assert "plan-2026, baseline, 2021-01 to 2021-02; 1e8 CNY" in done.stdout
    assert all(flow.zh in done.stdout for flow in FLOWS)
    assert "净值 net worth" in done.stdout
    assert "does not close" not in done.stderr


def test_the_accounts_are_written_as_csv(tmp_path):
    file = tmp_path / "accounts.csv"
    done = CliRunner().invoke(
        cli, ["accounts", "plan-2026", "--scenario", "plan_as_written", *SMALL, "--csv", str(file)]
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.strip() == str(file)
    table = pd.read_csv(file, encoding="utf-8-sig")
    flows = table[(table.part == "flows") & (table.row != "change")]
    gross = flows.CNY.abs().groupby(flows.row).sum()
    # what farms pay farms (rents of land) nets to nothing in their own column: a millionth of a yuan is rounding there
    assert (flows.groupby("row").CNY.sum().abs() <= 1e-9 * gross + 1e-6).all()
    change = table[table.row == "change"].set_index("sector").CNY
    by_sector = flows.groupby("sector").CNY.sum()
    assert (by_sector - change).abs().max() <= 1e-9 * gross.sum()
    assert table.sector_zh.notna().all()


@pytest.mark.parametrize("words", [["--scenario", "nobody"], ["plan-2027"]])
def test_what_does_not_exist_is_named(words):
    done = CliRunner().invoke(cli, ["accounts", *words, *SMALL])
    assert done.exit_code == 2
    assert "there is no" in done.stderr
