"""What officials read: names of indicators in Chinese and English, and numbers in the units they use."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .results import Over

if TYPE_CHECKING:
    from ..config.loader import Config

REST = "rest"
DASH = "—"


@dataclass(frozen=True)
class Scale:
    """How a canonical unit is written: divided by ``divisor``, with ``digits`` decimals."""

    divisor: float
    zh: str
    en: str
    digits: int

    def text(self, amount: float, *, sign: bool = False) -> str:
        """Write an amount without its unit; a dash where there is none."""
        if amount is None or math.isnan(amount):
            return DASH
        written = f"{amount / self.divisor:{'+' if sign else ''},.{self.digits}f}"
        return written.replace("-", "−") if float(written.replace(",", "")) else written.lstrip("+-")

    @property
    def both(self) -> str:
        """Unit in both languages for an axis."""
        return self.zh if self.zh == self.en else f"{self.zh} {self.en}".strip()


@dataclass(frozen=True)
class Indicator:
    """A model variable as people read it; ``over`` says how months become a year."""

    zh: str
    en: str
    unit: str
    over: Over = "end"


SCALES = {
    "CNY": Scale(1e8, "亿元", "100 million yuan", 1),
    "CNY/person": Scale(1.0, "元", "yuan", 0),
    "person": Scale(1e4, "万人", "10,000 people", 2),
    "t": Scale(1e4, "万吨", "10,000 t", 1),
    "head": Scale(1e4, "万头", "10,000 head", 1),
    "mu": Scale(1e4, "万亩", "10,000 mu", 1),
    "share": Scale(0.01, "%", "%", 1),
    "point": Scale(0.01, "个百分点", "percentage points", 2),
    "ratio": Scale(1.0, "倍", "times", 3),
    "count": Scale(1.0, "项", "targets", 1),
}

INDICATORS = {
    "targets_output": Indicator("产值目标达成", "Output targets reached", "count"),
    "targets_value_added": Indicator("增加值目标达成", "Value-added targets reached", "count"),
    "plan_output": Indicator("全产业链产值", "Whole-chain output (plan ledger)", "CNY"),
    "plan_value_added": Indicator("全产业链增加值", "Whole-chain value added (plan ledger)", "CNY"),
    "output": Indicator("总产出", "Gross output (national accounts)", "CNY", "sum"),
    "value_added": Indicator("增加值", "Value added (national accounts)", "CNY", "sum"),
    "gdp": Indicator("地区生产总值", "GDP", "CNY", "sum"),
    "gdp_2020": Indicator("地区生产总值（2020年价）", "GDP at 2020 prices", "CNY", "sum"),
    "primary": Indicator("第一产业增加值", "Primary industry value added", "CNY", "sum"),
    "secondary": Indicator("第二产业增加值", "Secondary industry value added", "CNY", "sum"),
    "tertiary": Indicator("第三产业增加值", "Tertiary industry value added", "CNY", "sum"),
    "employed": Indicator("就业人数", "People employed", "person", "mean"),
    "chain_jobs": Indicator("九大产业链岗位", "Jobs in the nine chains", "person", "mean"),
    "residents": Indicator("常住人口", "Residents", "person"),
    "urban_residents": Indicator("城镇常住人口", "Urban residents", "person"),
    "outside_members": Indicator("在外人员", "Members living outside", "person"),
    "unemployed": Indicator("失业人数", "Unemployed", "person", "mean"),
    "urbanisation_rate": Indicator("常住人口城镇化率", "Urban share of residents", "share"),
    "firms": Indicator("企业数", "Firms", "count"),
    "rented_share": Indicator("流转土地占农户经营土地的比重", "Share of farm land that is let", "share"),
    "rented_area": Indicator("土地流转面积", "Farm land let", "mu"),
    "farms_without_farmer": Indicator("无人经营的农户", "Farms without anybody to run them", "count"),
    "income_ratio": Indicator("城乡居民收入比", "Urban-rural income ratio", "ratio"),
    "urban_income": Indicator("城镇居民人均收入", "Urban income per head", "CNY/person", "sum"),
    "rural_income": Indicator("农村居民人均收入", "Rural income per head", "CNY/person", "sum"),
    "registrations_converted": Indicator("转为城镇户籍人数", "Registrations converted", "person", "sum"),
    "births": Indicator("出生人口", "Births", "person", "sum"),
    "deaths": Indicator("死亡人口", "Deaths", "person", "sum"),
    "deposits": Indicator("存款余额", "Bank deposits", "CNY"),
    "loans": Indicator("贷款余额", "Bank loans", "CNY"),
    "revenue": Indicator("一般公共预算收入", "Local government revenue", "CNY", "sum"),
    "expenditure": Indicator("一般公共预算支出", "Local government spending", "CNY", "sum"),
    "migrant_worker_remittances": Indicator("外出务工汇款", "Migrant workers' remittances", "CNY", "sum"),
    "cattle_raised": Indicator("牛饲养量", "Cattle raised (stock plus sold)", "head"),
    "cattle_sold": Indicator("牛出栏", "Cattle sold", "head"),
    "apple_output": Indicator("苹果产量", "Apple output", "t"),
    "orchard_area": Indicator("果园面积", "Orchard area", "mu"),
    "vegetable_area": Indicator("蔬菜种植面积", "Vegetable area", "mu"),
    "facility_area": Indicator("设施蔬菜面积", "Greenhouse vegetable area", "mu"),
    "vegetable_output": Indicator("蔬菜产量", "Vegetable output", "t"),
    "herb_area": Indicator("中药材种植面积", "Herb area", "mu"),
    "storage_capacity": Indicator("苹果贮藏能力", "Apple storage capacity", "t"),
    "slaughter_capacity": Indicator("肉牛屠宰能力", "Cattle slaughter capacity", "head"),
}

FACTORS = {
    "demand": ("需求", "demand"),
    "labour": ("劳力", "labour"),
    "skill": ("技能", "skill"),
    "capital": ("产能", "capital"),
    "input": ("投入", "input"),
    "finance": ("资金", "finance"),
    "permit": ("许可", "permit"),
    "season": ("季节", "season"),
    "land": ("土地", "land"),
    "weather": ("灾害天气", "bad weather"),
    "water": ("用水", "water"),
    "energy": ("能耗", "energy"),
    "co2": ("碳排放", "CO2"),
}


def month_text(month: int) -> str:
    """Write a month (yyyymm) as yyyy-mm."""
    return f"{month // 100}-{month % 100:02d}"


PAYERS = {
    "upper": ("上级财政", "higher levels"),
    "city": ("市级财政", "the city"),
    "county": ("县级财政", "the counties"),
    "firm": ("企业", "firms"),
}

LEDGERS = {
    "plan": (
        "规划口径（全产业链）：把一条产业链上本地各环节的产值或增加值逐环节相加，"
        "同一商品在上下游会重复计入，因此各链之和可以超过地区生产总值。",
        "Plan ledger (whole chain): adds the output or value added of every local stage of a chain, stage after stage, "
        "so goods are counted again downstream and the chains together may exceed GDP.",
    ),
    "national": (
        "国民核算口径：每个企业和农户只属于一个环节、一条产业链，增加值只计一次，合计等于地区生产总值。",
        "National accounts: every firm and farm belongs to one stage and one chain, its value added is counted once, "
        "and the sum is GDP.",
    ),
}


def scale_of(indicator: str) -> Scale:
    """Look up how an indicator is written."""
    known = INDICATORS.get(indicator)
    return SCALES[known.unit] if known else Scale(1.0, "", "", 2)


def nine(config: Config) -> list[str]:
    """List the plan's chains in their order, without the rest of the economy."""
    return [name for name in config.chains if name != REST]


def counties_in_order(config: Config) -> list[str]:
    """List the counties in the order officials list them."""
    return [name for name, _ in sorted(config.counties.counties.items(), key=lambda item: item[1].order)]


def run_count(counts: Iterable[int]) -> tuple[str, str]:
    """Say how many runs stand behind a figure, in both languages."""
    low, high = min(counts := list(counts)), max(counts)
    number = f"{low}" if low == high else f"{low}–{high}"
    return f"每个情景{number}次模拟，不是预测。", f"{number} runs per scenario, not a forecast."


def caption_bands(counts: Iterable[int]) -> tuple[str, str]:
    """Say the same and what the bands hold."""
    zh, en = run_count(counts)
    return f"{zh}深、浅色带分别含中间50%和90%的模拟。", f"{en} The bands hold the middle 50 % and 90 % of runs."
