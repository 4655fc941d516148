"""How each stage did in a year and what bound it, as a table and in the supply picture."""

from __future__ import annotations

from functools import partial

import networkx as nx
import pandas as pd

from .causes import SLACK
from .headline import headline_year
from .page import Cell, Content, Figures, Words, folded, heads, section, table
from .results import Results, records
from .sections import label
from .supply_flows import shown_share
from .supply_picture import chain_looks, plot_supply
from .words import FACTORS

BINDS = 0.5  # share of a stage's capacity: above it something other than demand and season is its bottleneck
TITLE = Words("供应链与瓶颈", "Supply chains and bottlenecks")
ALT = Words(
    "供应链泳道图：每行一条产业链，每列一个环节深度", "Supply picture: a row per chain, a column per stage depth"
)


def supply_table(run: Results, *, scenario: str | None = None) -> pd.DataFrame:
    """Say how each stage did in the headline year: output, utilisation and what bound it most.

    Returns
    -------
    DataFrame indexed by stage with chain, output (CNY, mean over runs), utilisation (share, output-weighted), cause and
    cause_share (the factor that bound most capacity over the year, and how much; '' where none was recorded), binding
    (the factor other than demand and season that bound most; '' below half of capacity) and binding_share.
    """
    names = [f"bound_{factor}" for factor in FACTORS]
    # All scenarios are read at once, which costs little more than one, and picked apart here.
    every = run.query_stages(["utilisation", *names], headline_year(run))
    scenario = scenario or run.baseline
    total = every[every["scenario"] == scenario].set_index("stage")
    runs = int((run.finished["scenario"] == scenario).sum())
    shares = total[["utilisation", *names]].div(total["capacity"].where(total["capacity"] > 0), axis=0)
    factors = shares[names].fillna(0.0).rename(columns=lambda name: str(name)[6:])
    tight = factors.drop(columns=list(SLACK))
    found = pd.DataFrame(
        {"chain": total["chain"], "output": total["output"] / max(runs, 1), "utilisation": shares["utilisation"]}
    )
    for name, least, some in (("cause", 0.0, factors), ("binding", BINDS, tight)):
        most = some.max(axis=1)
        found[name] = some.idxmax(axis=1).where((most > 0) & (most >= least), "")
        found[f"{name}_share"] = most
    return found


def supply_graph(table: pd.DataFrame, graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Write what the runs gave onto a copy of the base-year supply graph; its flows stay those of the base year."""
    drawn = graph.copy()
    for row in records(table):
        if row.Index in drawn:
            facts = {"output": row.output, "utilisation": row.utilisation, "cause": row.cause, "binding": row.binding}
            drawn.nodes[row.Index].update(facts)
    return drawn


def supply_section(run: Results, figures: Figures, graph: nx.MultiDiGraph) -> str:
    """Supply picture of the baseline and the bottlenecks of every scenario."""
    found = {item.name: supply_table(run, scenario=item.name) for item in run.scenarios}
    drawn = supply_graph(found[run.baseline], graph)
    plot = partial(plot_supply, drawn, chains=chain_looks(run.config))
    year, share = headline_year(run), shown_share(graph)
    caption = Words(
        f"框为{year}年基准情景（模拟平均）；箭头为2020年供货额，画出各链内的主要流量和跨链的最大流量，合计占本地环节间供货额的{share:.0%}。"
        "右下角的标记：全年平均约束产能最多的原因；红框：有一半以上产能受需求和季节以外的因素约束；"
        "白框为农户环节，没有额定产能，不标约束；天气、劳力等使其少产的部分见“什么制约了产出”一节。",
        f"Boxes: baseline in {year}, mean over runs; arrows: sales of 2020, the main flows inside chains and the "
        f"largest across chains, {share:.0%} of all sales between local stages. Mark at the lower right: what bound "
        "most capacity on average over the year. Red: more than half of capacity is bound by something other than "
        "demand and season; white: farms, which have no rated capacity and so no mark; what weather, labour and "
        "other causes cost them stands in the section on losses.",
    )
    every = pd.concat([frame.reset_index().assign(scenario=name) for name, frame in found.items()])
    shown = figures.show("supply", plot, every, caption, ALT, wide=True)
    return section("supply", TITLE, shown, *_changes(run, figures, found, graph), _bottlenecks(run, every, drawn, year))


def change_graph(table: pd.DataFrame, base: pd.DataFrame, graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Write onto the base-year graph what a scenario gave and how far its output differs from the baseline's.

    Only bottlenecks that the baseline does not have keep their red border.
    """
    drawn = supply_graph(table, graph)
    new = table["binding"].where(table["binding"] != base["binding"].reindex(table.index), "")
    change = table["output"] / base["output"].reindex(table.index).where(lambda output: output > 0) - 1
    for stage in table.index.intersection(list(drawn)):
        drawn.nodes[stage].update({"change": float(change[stage]), "binding": new[stage]})
    return drawn


def _changes(run: Results, figures: Figures, found: dict[str, pd.DataFrame], graph: nx.MultiDiGraph) -> list[str]:
    """Draw the picture of the first scenario less the baseline; nothing where there is none."""
    others = [item for item in run.scenarios if item.name != run.baseline]
    if not others:
        return []
    scenario, base = others[0], found[run.baseline]
    drawn = change_graph(found[scenario.name], base, graph)
    plot = partial(plot_supply, drawn, chains=chain_looks(run.config))
    table = found[scenario.name][["chain", "output"]].join(base["output"].rename("output_baseline")).reset_index()
    year = headline_year(run)
    caption = Words(
        f"{scenario.zh}减基准，{year}年：蓝框产值比基准多，橙框比基准少（超过±50%的同色）；红框：基准没有的瓶颈。箭头同上图。",
        f"{scenario.en} less the baseline in {year}. Blue: more output than in the baseline, orange: less (beyond 50 % "
        "the same shade). Red: a bottleneck that the baseline does not have. Arrows as above.",
    )
    alt = Words("供应链泳道图：与基准之差", "Supply picture: difference from the baseline")
    return [figures.show("supply_change", plot, table, caption, alt, wide=True)]


def _bottlenecks(run: Results, every: pd.DataFrame, graph: nx.MultiDiGraph, year: int) -> str:
    """List the stages bound by something other than demand and season, scenario by scenario."""
    names, stages = {item.name: label(item) for item in run.scenarios}, graph.nodes
    rows: list[list[Content]] = [
        [
            names[row.scenario],
            Words(stages[row.stage]["name_zh"], stages[row.stage]["name_en"]) if row.stage in stages else row.stage,
            Words(*FACTORS[row.binding]),
            Cell(f"{row.binding_share:.0%}", "n"),
            Cell(f"{row.utilisation:.0%}", "n"),
        ]
        for row in records(every[every["binding"] != ""])
    ]
    head = heads("情景|Scenario", "环节|Stage", "约束因素|Bound by", "受约束产能|Capacity bound", "利用率|Utilisation")
    listed = table(Words(f"{year}年的瓶颈环节", f"Bottlenecks in {year}"), head, rows)
    return folded(Words(f"瓶颈环节（{len(rows)}）", f"Bottlenecks ({len(rows)})"), listed)
