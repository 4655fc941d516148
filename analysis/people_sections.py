"""Parts of the report about people: who gets the jobs, and why the urban share changes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import absorption, urbanisation
from .page import Cell, Content, Figures, Words, folded, heads, paragraph, section, table
from .results import records
from .words import REST, SCALES, run_count

if TYPE_CHECKING:
    import pandas as pd

    from .results import Results

NOT_RECORDED = Words("这些模拟没有记录人员流动。", "These runs did not record who was hired from where.")
THOUSANDS = 1e3


def who_section(run: Results, figures: Figures) -> str:
    """Who gets the jobs (谁得到就业): hires by origin, jobs by group, and what other scenarios change."""
    title = Words("谁得到就业", "Who gets the jobs")
    found = absorption.absorption_table(run)
    if not len(found):
        return section("who", title, paragraph(NOT_RECORDED))
    plot = partial(absorption.plot_absorption, found, config=run.config, scenario=run.baseline)
    counted = run_count(run.finished.groupby("scenario").size())
    base = run.scenarios[0]
    caption = Words(
        f"{base.zh}情景，模拟平均。{counted[0]}“返乡”为两年内从市外回来的人；“毕业生”为离校两年内的第一份工作；“其他企业”包括别的产业链。"
        "农业环节的在岗人员按农活分到各链。男女按行业2020年的性别构成（借用他市）求职，企业择优录用；同一岗位一年内换人会重复计入招工。",
        f"Scenario {base.en}, mean over runs. {counted[1]} 'Returned': back from outside within two years; 'out of "
        "school': a first job within two years; 'another firm' includes other chains. People on farms are shared among "
        "chains by what their crops and herds ask for. Men and women turn to an industry's posts as far as they held "
        "them (shares of another city); firms take the most skilled. A post that changes hands counts each time.",
    )
    alt = Words("各链新招人员来源和在岗人员构成", "Origin of hires and make-up of jobs by chain")
    return section(
        "who",
        title,
        figures.show("who", plot, found, caption, alt),
        folded(Words("各情景：招工与来自其他产业链的人员", "By scenario: hires, and workers drawn from other chains"),
               _scenarios(found, run)),
    )  # fmt: skip


def _scenarios(found: pd.DataFrame, run: Results) -> str:
    """Table: hires and their difference, workers drawn from other chains, by scenario and chain."""
    rows: list[list[Content]] = []
    for scenario in run.scenarios:
        for chain, item in run.config.chains.items():
            mine = found[(found["scenario"] == scenario.name) & (found["chain"] == chain)]
            if chain == REST or not len(mine):
                continue
            hired = mine[mine["kind"] == "origin"]
            drawn = mine[mine["kind"] == "other chain"]
            farm = hired[hired["name"] == "farm"]["persons"].sum()
            values = [hired["persons"].sum(), hired["difference"].sum(), farm, drawn["persons"].sum(),
                      drawn["difference"].sum()]  # fmt: skip
            rows.append(
                [Words(scenario.zh, scenario.en), Words(item.name.zh, item.name.en),
                 *(Cell(_thousands(value, sign=k in (1, 4)), "n") for k, value in enumerate(values))]
            )  # fmt: skip
    head = heads(
        "情景|Scenario",
        "产业链|Chain",
        "全年招工|Hires",
        "与基准之差|Difference",
        "来自农户|Off farms",
        "来自其他产业链|From other chains",
        "与基准之差|Difference",
    )
    return table(Words("千人", "Thousands of people"), head, rows)


def _thousands(value: float, *, sign: bool) -> str:
    text = f"{value / THOUSANDS:{'+' if sign else ''},.1f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("+-")


def urban_parts(run: Results) -> str:
    """Table: natural, migration and reclassification parts of the urban share, from the first year to the last."""
    found = urbanisation.part_table(run)
    if not len(found):
        return ""
    scale = SCALES["point"]
    names = {item.name: Words(item.zh, item.en) for item in run.scenarios}
    rows: list[list[Content]] = [
        [names[row.scenario], *(Cell(scale.text(getattr(row, part), sign=True), "n") for part in urbanisation.PARTS),
         Cell(scale.text(row.change, sign=True), "n")]
        for row in records(found)
    ]  # fmt: skip
    head = heads(
        "情景|Scenario",
        "自然增长|Births and deaths",
        "迁移|Migration",
        "城乡划分|Reclassification",
        "合计|Change",
    )
    first, last = int(found["first"].iloc[0]), int(found["last"].iloc[0])
    caption = Words(
        f"{first - 1}年末至{last}年末城镇化率变化（百分点），各部分相加等于合计；城乡划分是外部因素，不算政策成效",
        f"Change of the urban share from the end of {first - 1} to the end of {last}, percentage points; the parts add "
        "up to the change; reclassification is an outside driver, not a success of policy",
    )
    return table(caption, head, rows)
