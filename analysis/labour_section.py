"""Part of the report about people and work: ages, where people go, what work pays, work by the day."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from . import age_pyramid, day_labour, people_flows, wages
from .page import Figures, Words, section

if TYPE_CHECKING:
    from .results import Results

CENSUS = Words(
    "常住人口，基准情景，模拟平均；叉为2020年普查，折线为模拟第一个月末，色块为最后一个12月。出生率和死亡率按全国预测逐年变化。",
    "Residents, baseline, mean over runs; crosses: census of 2020; line: the first month's end; bars: the last "
    "December. Rates of birth and death follow national projections year by year.",
)
FLOWS = Words(
    "基准情景，模拟平均。上：全年招工，同一岗位换人重复计入，“返乡”为两年内从市外回来的人。下左：全年迁移，县内乡镇之间不计；下右：年末跨县通勤。",
    "Baseline, mean over runs. Above: hires of the year; a post that changes hands counts each time; 'returned': back "
    "from outside within two years. Below left: moves of the year, those inside a county left out; right: people who "
    "work in another county than they live in, at the year's end.",
)
WAGES = Words(
    "基准情景，模拟平均，企业岗位按人数加权；农户自营不在内。空缺为当月想招而未招到的岗位。",
    "Baseline, mean over runs, firms weighted by jobs; work on one's own farm is left out. Open posts are those wanted "
    "in the month that nobody took.",
)
DAYS = Words(
    "基准情景，模拟平均。农忙时雇用本县有空的农户成员和失业者，当天付酬；企业的季节性岗位招不到人时也雇日工。"
    "日工资按2020年静宁套袋每天140元，随外出务工工资变化。",
    "Baseline, mean over runs. In peaks farms hire farm people of the county with days to spare and people out of "
    "work, paid on the day; firms do so for seasonal posts that stay open. The day wage is 140 yuan, as for bagging "
    "apples at Jingning in 2020, and follows migrants' wage.",
)


def labour_section(run: Results, figures: Figures) -> str:
    """People and work (人口与劳动力): ages, flows, wages and day labour as far as they were recorded."""
    ages, flows = age_pyramid.age_pyramid_table(run), people_flows.people_flow_table(run)
    paid, days = wages.wage_table(run), day_labour.day_labour_table(run)
    config, parts = run.config, []
    if len(ages):
        alt = Words("男女年龄金字塔：普查、期初、期末", "Age pyramid by sex: census, start and end")
        parts.append(figures.show("ages", partial(age_pyramid.plot_age_pyramid, ages), ages, CENSUS, alt))
    if len(flows[flows["kind"] == "job"]):
        alt = Words(
            "招工来源与去向、迁移和通勤矩阵", "Hires from where into which chain, matrices of moves and commuting"
        )
        plot = partial(people_flows.plot_people_flow, flows, config=config)
        parts.append(figures.show("people_flows", plot, flows, FLOWS, alt))
    if len(paid):
        alt = Words("各链工资和空缺岗位", "Wages and open posts by chain")
        parts.append(figures.show("wages", partial(wages.plot_wage, paid, config=config), paid, WAGES, alt))
    if len(days):
        alt = Words("日工按月和环节，及做日工的人数", "Days hired by month and stage, and people who worked them")
        plot = partial(day_labour.plot_day_labour, days, config=config)
        parts.append(figures.show("day_labour", plot, days, DAYS, alt))
    return section("people", Words("人口与劳动力", "People and work"), *parts) if parts else ""
