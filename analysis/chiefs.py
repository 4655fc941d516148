"""What chain chiefs (链长) thought held their chains back, and what they bought with their money."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from .page import Cell, Content, Figures, Words, heads, section, table
from .results import Results, records
from .words import FACTORS, SCALES, run_count

MOST_CAUSES, MOST_MEASURES = 3, 4
CAUSE, MONEY = "judged_", "chief_"


def chief_table(run: Results) -> pd.DataFrame:
    """What chiefs judged and bought: a row a scenario, chain and item, mean over runs.

    Returns
    -------
    DataFrame with scenario, chain, kind (``cause`` or ``measure``), key and value: quarters in which the cause was
    named, or CNY spent on the measure; empty where no scenario gives chiefs money.
    """
    spending = set(run.query("chief_money", by=("scenario",))["scenario"])
    if not spending:
        return pd.DataFrame(columns=["scenario", "chain", "kind", "key", "value"])
    bought = _by_chain(run, MONEY, list(run.config.policies.policies), "measure")
    judged = _by_chain(run, CAUSE, list(FACTORS), "cause")
    return pd.concat([bought, judged[judged["scenario"].isin(spending)]], ignore_index=True)


def _by_chain(run: Results, prefix: str, keys: Sequence[str], kind: str) -> pd.DataFrame:
    wide = run.query_wide([prefix + key for key in keys], by=("scenario", "chain"))
    long = wide.melt(["scenario", "chain"], var_name="key", value_name="value").dropna(subset=["value"])
    runs = run.finished.groupby("scenario").size()
    long["value"] /= long["scenario"].map(runs).to_numpy(dtype=float)
    long["key"] = long["key"].str.removeprefix(prefix)
    long.insert(2, "kind", kind)
    return long.sort_values(["scenario", "chain", "value"], ascending=[True, True, False], ignore_index=True)


def chief_section(run: Results, figures: Figures) -> str:
    """Chain chiefs (链长): what each named and bought; nothing where no scenario gives them money."""
    found = chief_table(run)
    if not len(found):
        return ""
    counted = run_count(run.finished.groupby("scenario").size())
    caption = Words(
        f"链长每季度只看上一季度本链的损失（看得不准），据此判断制约并在规划目录内选购措施；数字为模拟平均。{counted[0]}",
        "Each quarter a chief sees the losses of the chain in the quarter before, not without error, and buys from the"
        f" plan's catalogue; means over runs. {counted[1]}",
    )
    labels = {item.name: Words(item.zh, item.en) for item in run.scenarios}
    rows: list[list[Content]] = []
    for scenario in (item.name for item in run.scenarios):
        mine = found[found["scenario"] == scenario]
        for chain in [key for key in run.config.chains if key in set(mine["chain"])]:
            name = run.config.chains[chain].name
            here = mine[mine["chain"] == chain]
            causes, measures = (here[here["kind"] == kind] for kind in ("cause", "measure"))
            rows.append(
                [
                    labels[scenario],
                    Words(name.zh, name.en),
                    _causes(causes.head(MOST_CAUSES)),
                    _measures(measures.head(MOST_MEASURES), run),
                    Cell(SCALES["CNY"].text(float(measures["value"].sum())), "n"),
                ]
            )
    head = heads(
        "情景|Scenario", "产业链|Chain", "判断的制约（季度数）|Named (quarters)", "选购的措施（亿元）|Bought (1e8 CNY)",
        "共|Total",
    )  # fmt: skip
    return section("chiefs", Words("链长", "Chain chiefs"), table(caption, head, rows), figures.csv("chiefs", found))


def _causes(found: pd.DataFrame) -> Words:
    zh = [f"{FACTORS[row.key][0]} {row.value:.0f}" for row in records(found)]
    en = [f"{FACTORS[row.key][1]} {row.value:.0f}" for row in records(found)]
    return Words("、".join(zh), ", ".join(en))


def _measures(found: pd.DataFrame, run: Results) -> Words:
    names = [(run.config.policies.policies[row.key].name, SCALES["CNY"].text(row.value)) for row in records(found)]
    zh, en = [f"{name.zh} {text}" for name, text in names], [f"{name.en} {text}" for name, text in names]
    return Words("；".join(zh) or "没有对症的措施", "; ".join(en) or "nothing on offer helps")
