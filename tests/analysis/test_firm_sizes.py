"""Firm sizes of the base year add up to it and are ranked."""

from __future__ import annotations

import numpy as np
import pytest

from pingliang.analysis import firm_sizes
from pingliang.analysis.page import Words
from pingliang.chains.graph import build_graph
from pingliang.config.loader import load


def test_sizes_add_up_to_the_base_year_and_are_ranked():
    config = load()
    graph = build_graph(config)
    table = firm_sizes.size_table(config, scale=0.01, seed=1)
    made = table.groupby("stage")["output"].sum()
    base = {key: graph.nodes[key]["output"] for key in made.index}
    np.testing.assert_allclose(made.to_numpy(), [base[key] for key in made.index], rtol=1e-9)
    assert (table.groupby("stage")["output"].diff().dropna() <= 0).all()
    assert table[table["stage"] == "thermal_power"].iloc[0]["anchor"]
    names = {key: Words(data["name_zh"], data["name_en"]) for key, data in graph.nodes(data=True)}
    figure = firm_sizes.plot_size(table, config=config, names=names)
    (ax,) = figure.axes
    shown = firm_sizes.shown_stages(table, [key for key in config.chains if key != "rest"])
    assert len(shown) == 9
    assert [len(line.get_xdata()) for line in ax.lines[:-1:2]] == [table["stage"].eq(key).sum() for key in shown]
    assert made["coal_mining"] == pytest.approx(base["coal_mining"])
