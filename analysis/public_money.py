"""Who pays for programmes, what the city and its counties owe for them, and which were cut for want of money."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .page import Cell, Content, Figures, Words, heads, paragraph, section, table
from .panels import Margins, legend_height, new_panels
from .results import Results, records
from .style import figure_of, in_house_style, panel_title
from .words import PAYERS, SCALES, month_text, run_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .results import ScenarioLabel

OWED_COLOUR = "#d55e00"
COLOURS = {"upper": "#0072b2", "city": "#56b4e9", "county": "#009e73", "firm": "#c9ced4"}
OWED = ("city_debt", "government_debt")
BILLION = 1e8


def money_table(run: Results) -> pd.DataFrame:
    """Money of policies by payer and year, and bonds owed at the year's end.

    Returns
    -------
    DataFrame with scenario, year, item (payer, or ``owed``) and value, CNY, mean over runs; empty where no scenario has
    a policy that costs anything.
    """
    parts = [run.annual(f"cost_{payer}", "sum").assign(item=payer) for payer in PAYERS]
    parts += [run.annual(name, "end").assign(item="owed") for name in OWED]
    every = pd.concat([part for part in parts if len(part)] or parts)
    if not len(every):
        return pd.DataFrame(columns=["scenario", "year", "item", "value"])
    runs = run.finished.groupby("scenario").size()
    total = every.groupby(["scenario", "year", "item"])["value"].sum().reset_index()
    total["value"] /= total["scenario"].map(runs).to_numpy(dtype=float)  # a run that paid nothing recorded nothing
    return total


def cut_table(run: Results) -> pd.DataFrame:
    """Programmes that were cut: scenario, policy, first and last month (yyyymm), cut (CNY, mean over runs), and share.

    ``share`` is of the programme's whole cost as the catalogue has it, not a number where it declares none.
    """
    rows = []
    policies = run.config.policies.policies
    runs = run.finished.groupby("scenario").size()
    every = run.query_wide([f"cut_{key}" for key in policies], by=("scenario", "replicate", "month"))
    for key, policy in policies.items():
        frame = every.rename(columns={f"cut_{key}": "value"}).dropna(subset=["value"])
        for scenario, mine in frame.groupby("scenario", sort=False):
            cut = float(mine["value"].sum()) / int(runs[scenario])
            cost = policy.cost.amount if policy.cost else np.nan
            rows.append(
                {
                    "scenario": scenario,
                    "policy": key,
                    "first": int(mine["month"].min()),
                    "last": int(mine["month"].max()),
                }
                | {"cut": cut, "share": cut / cost if cost else np.nan}
            )
    columns = ["scenario", "policy", "first", "last", "cut", "share"]
    return pd.DataFrame(rows, columns=columns).sort_values(["scenario", "cut"], ascending=[True, False])


@in_house_style
def plot_money(found: pd.DataFrame, *, scenarios: list[ScenarioLabel], ax: np.ndarray | None = None) -> Figure:
    """Draw money of policies by payer, stacked by year, and bonds owed as a line; a panel a scenario with policies."""
    shown = [item for item in scenarios if item.name in set(found["scenario"])]
    if ax is None:
        margins = Margins(0.75, right=0.3, bottom=0.55 + legend_height(5, 3), top=0.6, across=0.7)
        ax = new_panels(1, len(shown), (min(5.0 * len(shown) + 2.0, 11.4), 3.6), margins).flatten()
    top = 0.0
    for panel, scenario in zip(ax, shown, strict=True):
        mine = found[found["scenario"] == scenario.name].pivot(index="year", columns="item", values="value") / BILLION
        years, base = mine.index.to_numpy(), np.zeros(len(mine))
        for payer, (zh, en) in PAYERS.items():
            if payer in mine:
                height = mine[payer].fillna(0.0).to_numpy()
                panel.bar(years, height, bottom=base, color=COLOURS[payer], width=0.7, label=f"{zh} {en}")
                base = base + height
        if "owed" in mine:
            owed = mine["owed"].fillna(0.0).to_numpy()
            panel.plot(years, owed, "-D", color=OWED_COLOUR, linewidth=1.6, markersize=4, label="年末专项债 bonds owed")
            top = max(top, float(owed.max()))
        top = max(top, float(base.max()))
        panel.set_xticks(years, [str(year) for year in years])
        panel_title(panel, scenario.zh, scenario.en)
    for panel in ax:
        panel.set_ylim(0, 1.08 * top or 1.0)
    _axis_and_legend(ax[0])
    return figure_of(ax[0])


def _axis_and_legend(ax: Axes) -> None:
    ax.set_ylabel(f"{SCALES['CNY'].zh} {SCALES['CNY'].en}")
    handles, labels = ax.get_legend_handles_labels()
    figure_of(ax).legend(handles, labels, loc="lower center", ncols=3, fontsize=8)


def money_section(run: Results, figures: Figures) -> str:
    """Budgets and debt (财政与债务): who pays, what is owed, what was cut; nothing where no policy costs anything."""
    found = money_table(run)
    if not len(found):
        return ""
    cuts = cut_table(run)
    counted = run_count(run.finished.groupby("scenario").size())
    caption = Words(
        f"柱为各年政策和项目资金，按出资方分；线为市县两级年末专项债余额，模拟平均。{counted[0]}上级资金按规划兑现，市县资金受库款和专项债额度约束。",
        f"Bars: money of policies and projects by payer; line: special bonds that the city and its counties owe at the "
        f"year's end; mean over runs. {counted[1]} Higher levels pay as planned; city and counties are held to their "
        "cash and a quota of bonds.",
    )
    alt = Words("各情景政策资金来源和专项债余额", "Money of policies by payer, and bonds owed, by scenario")
    plot = partial(plot_money, found, scenarios=run.scenarios)
    parts = [figures.show("money", plot, found, caption, alt)]
    if not len(cuts):
        parts.append(paragraph(Words("没有项目因资金不足而被削减。", "No programme was cut for want of money.")))
    else:
        parts += [_cut_rows(cuts, run), figures.csv("cuts", cuts)]
    return section("money", Words("财政与债务", "Budgets and debt"), *parts)


def _cut_rows(cuts: pd.DataFrame, run: Results) -> str:
    labels = {item.name: Words(item.zh, item.en) for item in run.scenarios}
    scale, rows = SCALES["CNY"], list[list[Content]]()
    for row in records(cuts):
        name = run.config.policies.policies[row.policy].name
        share = "—" if np.isnan(row.share) else f"{row.share:.0%}"
        rows.append(
            [labels[row.scenario], Words(name.zh, name.en), month_text(row.first), month_text(row.last),
             Cell(scale.text(row.cut), "n"), Cell(share, "n")]
        )  # fmt: skip
    head = heads("情景|Scenario", "项目|Programme", "起|From", "止|To", "削减额|Cut", "占总投资|Of its cost")
    caption = Words(
        "因资金不足被削减的项目（亿元，模拟平均）", "Programmes cut for want of money (1e8 CNY, mean over runs)"
    )
    return table(caption, head, rows)
