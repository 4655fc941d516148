"""The commands ``network`` and ``ripple`` on the real model, at the smallest scale."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from pingliang.app.cli import cli
from pingliang.runs.network import read_network

SMALL = ["plan-2026", "--scale", "0.001", "--replicates", "1", "--months", "3"]


def test_the_network_of_a_month_is_printed_and_written(tmp_path):
    words = ["--month", "2021-02", "--out", tmp_path / "n.graphml", "--csv", tmp_path / "measures"]
    done = CliRunner().invoke(cli, ["network", *SMALL, *map(str, words)])
    assert done.exit_code == 0, done.output
    assert "平凉电厂 Pingliang power station" in done.stdout
    assert "赫芬达尔 Herfindahl" in done.stdout
    assert read_network(tmp_path / "n.graphml").graph["month"] == "2021-02"
    written = {path.name for path in (tmp_path / "measures").iterdir()}
    assert {"criticality.csv", "concentration.csv", "centrality_firms.csv", "suppliers.csv"} <= written


def test_a_ripple_is_printed_and_drawn(tmp_path):
    words = ["--stage", "thermal_power", "--anchor", "Pingliang power station", "--month", "2021-02"]
    done = CliRunner().invoke(cli, ["ripple", *SMALL, *words, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "火力发电 thermal power" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"ripple.csv", "ripple.png", "ripple.svg"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["network", "--month", "2021-14"], "--month 2021-14: there is no such month"),
        (["network", "--month", "2035-01"], "choose one of these months"),
        (["network", "--month", "2021-01", "--scenario", "basline"], "did you mean 'baseline'?"),
        (["network", "--month", "2021-01", "--out", "n.txt"], "--out n.txt"),
        (["ripple", "--month", "2021-01", "--stage", "coal_minig"], "did you mean 'coal_mining'?"),
        (["ripple", "--month", "2021-01", "--stage", "coal_mining", "--county", "nowhere"], "--county nowhere"),
    ],
)
def test_a_request_that_cannot_be_met_ends_with_2(words, said):
    done = CliRunner().invoke(cli, [words[0], *SMALL, *words[1:]])
    assert done.exit_code == 2, done.output
    assert said in done.stderr
