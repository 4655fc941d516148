"""A made-up configuration, result set and supply graph: plausible numbers, no model run."""

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from pingliang.config.schema import Name, Observed, Plan, PlanItem, Quantity, Series, Sources, Table

CHAINS = {
    "coal": ("煤炭分质转化利用", "Coal conversion", "#3f90da", 118.0, 62.0, 550, 300, 38_000),
    "cattle": ("平凉红牛", "Pingliang red cattle", "#ffa90e", 104.0, 44.0, 230, 120, 96_000),
    "apple": ("静宁苹果", "Jingning apple", "#bd1f01", 148.0, 82.0, 290, 150, 172_000),
    "vegetable": ("设施蔬菜", "Facility vegetables", "#94a4a2", 29.0, 17.0, 35, 18, 31_000),
    "medicine": ("中医中药", "Chinese medicine", "#832db6", 5.8, 3.1, 13, 8, 6_000),
    "materials": ("绿色建材", "Green building materials", "#a96b59", 34.0, 10.0, 80, 30, 12_000),
    "manufacturing": ("智能制造", "Smart manufacturing", "#e76300", 17.0, 5.2, 80, 30, 5_500),
    "tourism": ("文旅康养", "Culture, tourism and wellness", "#b9ac70", 42.0, 21.0, None, 80, 44_000),
    "ecology": ("生态环保", "Ecology", "#717581", 14.0, 6.5, None, 70, 15_000),
    "rest": ("其他经济", "Rest of the economy", None, 480.0, 260.0, None, None, 338_000),
}
COUNTIES = {
    "kongtong": ("崆峒区", "Kongtong", 0.31, 0.66),
    "jingchuan": ("泾川县", "Jingchuan", 0.12, 0.39),
    "lingtai": ("灵台县", "Lingtai", 0.08, 0.36),
    "chongxin": ("崇信县", "Chongxin", 0.04, 0.44),
    "huating": ("华亭市", "Huating", 0.09, 0.62),
    "zhuanglang": ("庄浪县", "Zhuanglang", 0.18, 0.28),
    "jingning": ("静宁县", "Jingning", 0.18, 0.31),
}
# stage|Chinese|English|depth|output, 1e8 CNY
STAGES_TEXT = {
    "coal": """
        coal_mining|煤炭开采|Coal mining|0|62
        coal_washing|洗选|Coal washing|1|30
        thermal_power|火力发电|Thermal power|2|48
        methanol_plant|煤制甲醇|Methanol|2|9
        polypropylene_plant|聚丙烯|Polypropylene|3|0.4
        heat_supply|热力供应|Heat supply|3|3
        fly_ash_collection|粉煤灰收集|Fly ash collection|3|0.6
        gangue_handling|煤矸石处理|Gangue handling|2|0.4
        carbon_capture|二氧化碳捕集|CO2 capture|3|0.1
    """,
    "cattle": """
        fodder_farming|饲草种植|Fodder maize and silage|0|8
        cattle_breeding|母牛繁育|Cow-calf breeding|1|17
        cattle_fattening|育肥|Cattle fattening|2|41
        live_trade|活牛外销|Live cattle trade|3|5
        cattle_slaughter|屠宰|Cattle slaughter|3|15
        beef_processing|分割与精深加工|Cutting and deep processing|4|6
        beef_cold_chain|牛肉冷链|Beef cold chain|5|1.5
        manure_collection|粪污收集|Manure collection|3|1.2
        organic_fertiliser_plant|有机肥|Organic fertiliser|4|2
        dairy_farming|奶牛养殖|Dairy farming|1|2.5
    """,
    "apple": """
        apple_nursery|苹果育苗|Apple nursery|0|1
        orchard|果园|Orchard|1|74
        carton_plant|纸箱包装|Carton plant|1|6
        apple_packing|分选包装|Grading and packing|2|12
        apple_storage|气调贮藏|Controlled-atmosphere storage|3|11
        juice_plant|果汁与精深加工|Juice and deep processing|3|4
        apple_trade|电商与批发|E-commerce and wholesale|4|14
        picking_tourism|采摘体验|Picking tourism|2|1.2
        apple_insurance|保险与期货|Insurance and futures|2|1
        pomace_collection|果渣收集|Pomace collection|4|0.2
    """,
    "vegetable": """
        seedling_house|集约化育苗|Vegetable seedlings|0|1
        open_field_vegetables|露地蔬菜|Open-field vegetables|1|16
        greenhouse|日光温室|Greenhouses|1|8
        vegetable_cold_storage|冷藏批发|Cold storage and wholesale|2|4
        vegetable_processing|蔬菜加工|Vegetable processing|3|1.5
    """,
    "medicine": """
        herb_seed_farm|种子种苗|Herb seed|0|0.2
        herb_planting|药材种植|Herb planting|1|2
        decoction_pieces|中药饮片|Decoction pieces|2|1.6
        medicine_plant|提取与制剂|Extracts and products|3|1.2
        wellness_clinic|养生保健服务|Wellness services|4|1
    """,
    "materials": """
        quarrying|石灰石与陶土开采|Limestone and clay quarrying|0|3
        cement_plant|水泥|Cement|1|11
        lime_kiln|环保石灰|Lime|1|1
        ceramics_works|陶瓷|Ceramics|1|1.6
        wall_material_works|新型墙体材料|Wall materials (gangue, fly ash)|1|2.5
        precast_works|装配式构件|Prefabricated components|2|2
    """,
    "manufacturing": """
        parts_works|零部件|Machine parts|0|2
        mining_machinery_works|矿用机械|Mining machinery|1|5
        electrical_works|电工电器|Electrical equipment|1|4
        optoelectronics_works|光电与触摸显示|Opto-electronics and touch displays|1|5
    """,
    "tourism": """
        attractions|景区|Attractions|0|8
        lodging_houses|住宿|Lodging|1|7
        tourist_restaurants|旅游餐饮|Tourist catering|1|9
        tourist_coaches|旅游交通|Tourist transport|1|6
        tourist_shops|旅游购物|Tourist retail|2|6
        wellness_resort|康养旅居|Wellness stays|2|2
        rural_tourism_sites|乡村旅游|Rural tourism|1|4
    """,
    "ecology": """
        tree_nursery|苗圃|Tree nurseries|0|1
        afforestation_teams|造林与水土保持|Afforestation, erosion control|1|5
        mine_restoration_firms|矿山修复|Mine restoration|1|1
        sewage_works|污水处理|Sewage treatment|1|2
        waste_works|垃圾处理|Waste treatment|1|2
        waste_power_plant|垃圾发电|Waste-to-energy|2|1
        biomass_plant|生物质综合利用|Biomass recycling|2|0.8
    """,
    "rest": """
        grain_farming|粮食|Grain and other crops|0|34
        pigs_sheep_farming|猪羊养殖|Pigs and sheep|0|14
        straw_collection|秸秆收集|Straw collection|0|1
        other_industry|其他工业|Other industry|0|22
        building_sites|建筑业|Construction|0|120
        trade_houses|批发零售|Wholesale and retail|0|62
        transport_firms|交通运输|Transport|0|38
        restaurants|住宿餐饮|Other lodging and catering|0|16
        business_services|商务服务|Business services|0|15
        banks|金融|Finance|0|48
        real_estate_firms|房地产|Real estate|0|42
        administration|公共管理|Public administration|0|71
        schools|教育|Education|0|55
        hospitals|卫生|Health|0|30
        resident_services|居民服务|Other services|0|14
        utilities_firms|水与燃气|Water and gas|0|6
    """,
}
# seller buyer product flow, 1e8 CNY
FLOWS_TEXT = """
    coal_mining coal_washing raw_coal 24
    coal_mining thermal_power raw_coal 22
    coal_washing methanol_plant clean_coal 5
    methanol_plant polypropylene_plant methanol 0.3
    thermal_power heat_supply heat 2
    thermal_power coal_mining electricity 2.2
    thermal_power fly_ash_collection fly_ash 0.5
    coal_washing gangue_handling gangue 0.4
    thermal_power carbon_capture captured_co2 0.05
    fodder_farming cattle_breeding fodder 3
    fodder_farming cattle_fattening fodder 4.5
    cattle_breeding cattle_fattening feeder_calf 16
    cattle_fattening cattle_slaughter finished_cattle 13
    cattle_fattening live_trade finished_cattle 27
    cattle_slaughter beef_processing carcass_beef 5
    beef_processing beef_cold_chain processed_beef 3
    cattle_fattening manure_collection manure 0.8
    manure_collection organic_fertiliser_plant manure 0.7
    apple_nursery orchard apple_sapling 0.9
    orchard apple_packing fresh_apple 40
    carton_plant apple_packing carton 5
    orchard juice_plant fresh_apple 2
    apple_packing apple_storage packed_apple 25
    apple_storage apple_trade stored_apple 30
    apple_packing apple_trade packed_apple 18
    orchard picking_tourism fresh_apple 0.5
    orchard apple_insurance fresh_apple 0.2
    juice_plant pomace_collection pomace 0.2
    seedling_house greenhouse vegetable_seedling 0.7
    seedling_house open_field_vegetables vegetable_seedling 0.3
    open_field_vegetables vegetable_cold_storage fresh_vegetable 9
    greenhouse vegetable_cold_storage fresh_vegetable 5
    vegetable_cold_storage vegetable_processing stored_vegetable 0.8
    herb_seed_farm herb_planting herb_seed 0.2
    herb_planting decoction_pieces raw_herb 0.8
    decoction_pieces medicine_plant decoction_piece 0.5
    medicine_plant wellness_clinic medicine_product 0.2
    quarrying cement_plant limestone 1.5
    quarrying lime_kiln limestone 0.3
    quarrying ceramics_works limestone 0.3
    cement_plant precast_works cement 0.6
    parts_works mining_machinery_works machine_part 0.9
    parts_works electrical_works machine_part 0.5
    parts_works optoelectronics_works machine_part 0.3
    attractions tourist_shops attraction_visit 0.6
    lodging_houses wellness_resort lodging 0.3
    tree_nursery afforestation_teams tree_seedling 0.9
    waste_works waste_power_plant waste_treatment 0.7
    manure_collection orchard manure 0.4
    organic_fertiliser_plant orchard organic_fertiliser 1.3
    pomace_collection cattle_fattening pomace 0.1
    gangue_handling wall_material_works gangue 0.3
    fly_ash_collection cement_plant fly_ash 0.4
    fly_ash_collection wall_material_works fly_ash 0.2
    mining_machinery_works coal_mining mining_machinery 1.4
    electrical_works thermal_power electrical_equipment 0.8
    thermal_power cement_plant electricity 0.7
    thermal_power carton_plant electricity 0.2
    thermal_power apple_storage electricity 0.5
    heat_supply greenhouse heat 0.2
    thermal_power mining_machinery_works electricity 0.3
    coal_mining cement_plant raw_coal 1.1
    beef_cold_chain tourist_restaurants chilled_beef 0.8
    apple_trade tourist_shops apple_trade 0.6
    vegetable_cold_storage tourist_restaurants stored_vegetable 0.5
    decoction_pieces wellness_resort decoction_piece 0.2
    mine_restoration_firms coal_mining mine_restoration 0.7
    afforestation_teams attractions afforestation 0.2
    waste_power_plant thermal_power electricity 0.3
    straw_collection cattle_fattening crop_straw 0.8
    straw_collection biomass_plant crop_straw 0.3
    grain_farming cattle_fattening grain 3.5
    cement_plant building_sites cement 8
    wall_material_works building_sites wall_material 2
    precast_works building_sites precast_component 1.8
    thermal_power other_industry electricity 2.5
    coal_mining other_industry raw_coal 2
    transport_firms coal_mining transport_service 5
    trade_houses apple_trade trade_service 1.5
    building_sites real_estate_firms construction 6
"""
STAGES = {
    chain: [tuple(line.strip().split("|")) for line in text.strip().splitlines()] for chain, text in STAGES_TEXT.items()
}
FLOWS = [line.split() for line in FLOWS_TEXT.strip().splitlines()]
INDUSTRY = {"apple": "primary", "cattle": "primary", "vegetable": "primary", "coal": "secondary"}
PHYSICAL = {"cattle_raised": 85e4, "apple_output": 1.62e6, "herb_area": 5.4e4, "cattle_sold": 36e4}
SCENARIOS = [
    ("baseline", "基准", "Baseline"),
    ("plan", "按规划实施", "Plan as written"),
    ("no_plan", "无规划", "No plan"),
    ("drought", "干旱", "Drought"),
    ("frost", "霜冻", "Frost"),
]
MONEY = {"unit": "1e8 CNY/yr", "source": "test", "kind": "measured"}


def supply_graph() -> nx.MultiDiGraph:
    """About eighty stages, as `chains.graph` draws them."""
    rng = np.random.default_rng(7)
    graph = nx.MultiDiGraph()
    for chain, stages in STAGES.items():
        for key, zh, en, depth, output in stages:
            binding = str(rng.choice(["", "", "", "capital", "labour", "input"]))
            use = float(rng.uniform(0.35, 0.97))
            graph.add_node(
                key, chain=chain, name_zh=zh, name_en=en, depth=int(depth), output=float(output) * 1e8, utilisation=use,
                binding=binding,
            )  # fmt: skip
    for seller, buyer, product, flow in FLOWS:
        graph.add_edge(seller, buyer, key=product, product=product, flow=float(flow) * 1e8)
    graph.add_node("outside", chain="", output=0.0)
    graph.add_edge("coal_mining", "outside", product="raw_coal", flow=2e9)
    return graph


def firm_sizes() -> pd.DataFrame:
    """Four firms a stage, as `firm_sizes.size_table` lists them."""
    rows = [
        (key, chain, rank, float(output) * 1e8 * share, rank == 1)
        for chain, stages in STAGES.items()
        for key, _, _, _, output in stages
        for rank, share in enumerate((0.5, 0.25, 0.15, 0.1), 1)
    ]
    return pd.DataFrame(rows, columns=["stage", "chain", "rank", "output", "anchor"])


def _item(zh, en, value, unit, chain=None, indicator=None, year=2026, kind="target", **more):
    where = {"chain": chain, "indicator": indicator, "section": "专栏4"}
    return PlanItem(name=Name(zh=zh, en=en), kind=kind, value=value, unit=unit, year=year, **where, **more)


def plan() -> Plan:
    items = {}
    for key, (zh, en, _, _, _, output, value_added, _) in CHAINS.items():
        if output:
            items[f"{key}-output"] = _item(f"{zh}产值", f"{en}: output", output, "1e8 CNY", key, "plan_output")
        if value_added:
            items[f"{key}-va"] = _item(
                f"{zh}增加值", f"{en}: value added", value_added, "1e8 CNY", key, "plan_value_added"
            )
    items |= {
        "cattle-raised": _item("牛饲养量", "cattle raised", 103, "1e4 head", "cattle", "cattle_raised"),
        "cattle-base": _item("牛饲养量", "cattle raised", 85, "1e4 head", "cattle", "cattle_raised", 2020, "baseline"),
        "apple-tonnes": _item("苹果产量", "apple output", 280, "1e4 t", "apple", "apple_output"),
        "herb-area": _item("中药材种植面积", "herb area", 10, "1e4 mu", "medicine", "herb_area", bound="at least"),
        "urban-2025": _item("常住人口城镇化率", "urban share", 55, "%", None, "urbanisation_rate", 2025),
        "urban-2035": _item("常住人口城镇化率", "urban share", 70, "%", None, "urbanisation_rate", 2035, bound="about"),
        "sewage": _item("县城污水处理率", "sewage treated in county towns", 97.5, "%", year=2025),
    }
    statuses = ["modelled", "construction", "not modelled", "modelled", "not modelled"]
    for place in range(40):
        status = statuses[place % 5]
        items[f"measure-{place}"] = PlanItem(
            name=Name(zh=f"措施{place}", en=f"measure {place}"), section=f"专栏{1 + place // 6}", kind="measure",
            status=status, policy="toy" if status == "modelled" else None,
            why=None if status == "modelled" else "没有相应的主体",
        )  # fmt: skip
    return Plan(source="plan-2021-2035", items=items)


def observed() -> Observed:
    def series(text, unit, values):
        table = Table(unit=unit, source="test", kind="measured", values=values)
        zh, en = text.split("|")
        return Series(name=Name(zh=zh, en=en), values=table)

    def three(text, unit, *values):
        return series(text, unit, dict(zip(("2020", "2021", "2022"), values, strict=True)))

    money = "1e8 CNY/yr"
    return Observed(
        series={
            "gdp": three("地区生产总值|GDP", money, 476.16, 553.97, 641.6),
            "primary": three("第一产业|primary industry", money, 109.85, 130.53, 151.7),
            "secondary": three("第二产业|secondary industry", money, 116.7, 148.22, 190.7),
            "tertiary": three("第三产业|tertiary industry", money, 249.61, 275.22, 299.1),
            "residents": three("常住人口|residents", "person", 1844900, 1824700, 1822500),
            "urbanisation": series("常住人口城镇化率|urbanisation rate", "%", {"2020": 44.77}),
            "apple_output": series("苹果产量|apple output", "1e4 t/yr", {"2022": 187.98}),
            "apple_chain_output": series("苹果全产业链产值|apple chain output", money, {"2022": 182.4}),
            "cattle_raised": series("牛饲养量|cattle raised", "1e4 head", {"2020": 85, "2022": 97.62}),
        }
    )


@dataclass
class ToyConfig:
    """The parts of a configuration that analysis reads."""

    chains: Any
    counties: Any
    plan: Plan
    observed: Observed
    sources: Sources
    parameters: Any


def config() -> ToyConfig:
    chains = {
        key: SimpleNamespace(name=Name(zh=zh, en=en), order=place, colour=colour)
        for place, (key, (zh, en, colour, *_)) in enumerate(CHAINS.items())
    }
    counties = {
        key: SimpleNamespace(name=Name(zh=zh, en=en), order=place)
        for place, (key, (zh, en, *_)) in enumerate(COUNTIES.items())
    }
    source = {"title": "A yearbook <1>", "publisher": "Bureau", "year": "2021", "url": "https://example.org/yearbook"}
    wide = {
        "value": 2.0,
        "unit": "ratio",
        "source": "assumption",
        "kind": "assumed",
        "range": (1, 4),
        "note": "没有资料",
    }
    return ToyConfig(
        chains=chains,
        counties=SimpleNamespace(counties=counties),
        plan=plan(),
        observed=observed(),
        sources=Sources(sources={"test": source, "assumption": {"title": "Assumption of the authors"}}),
        parameters={"firms": {"markup": Quantity(**wide)}, "output": Quantity(value=3, **MONEY)},
    )


class _Writer:
    """Collects the long table of one run."""

    def __init__(self, run_id, scenario, replicate):
        self.run = (run_id, scenario, replicate)
        self.rows = []

    def add(self, month, variable, value, chain="", stage="", county=""):
        self.rows.append((*self.run, month, variable, chain, stage, county, float(value)))

    def frame(self):
        names = ["run_id", "scenario", "replicate", "month", "variable", "chain", "stage", "county", "value"]
        return pd.DataFrame(self.rows, columns=names).astype({"replicate": "int32", "month": "int32"})


def _month(writer, month, growth, boost, rng):
    season = 1 + 0.25 * np.sin(month % 100 / 12 * 2 * np.pi)
    city = dict.fromkeys(("primary", "secondary", "tertiary"), 0.0)
    for chain, (_, _, _, output, value_added, _, _, jobs) in CHAINS.items():
        gain = growth * (boost if chain != "rest" else 1.0)
        for county, (_, _, share, _) in COUNTIES.items():
            writer.add(month, "chain_jobs", jobs * share * gain**0.5 * rng.normal(1, 0.01), chain, "", county)
        total = sum(float(stage[4]) for stage in STAGES[chain])
        for key, _, _, _, size in STAGES[chain]:
            for county, (_, _, share, _) in list(COUNTIES.items())[:3]:
                made = output * 1e8 * float(size) / total * share / 0.51 / 12 * gain * season
                writer.add(month, "output", made, chain, key, county)
                writer.add(month, "value_added", made * value_added / output * 0.7, chain, key, county)
                use, tight = (
                    0.3 + 0.6 * len(key) / 22 * rng.normal(1, 0.05),
                    key in ("cattle_slaughter", "apple_storage"),
                )
                writer.add(month, "utilisation", np.clip(use, 0.1, 1), chain, key, county)
                writer.add(month, "bound_capital", 0.8 if tight else 0.1, chain, key, county)
                writer.add(month, "bound_demand", 0.2, chain, key, county)
            spent = output * 1e8 * float(size) / total / 12 * gain
            for name, part in (("inputs_local", 0.4), ("inputs_outside", 0.2), ("outside_dividends", 0.02)):
                writer.add(month, name, part * spent, chain, key)
            writer.add(month, "lost_demand", 0.2 * spent, chain, key)
            writer.add(month, "lost_capital", 0.1 * spent, chain, key)
            writer.add(month, "price", 100 * growth, chain, key)
            if chain != "tourism":
                writer.add(month, "stock", spent / 100 * season, chain, key)
        industry = INDUSTRY.get(chain, "tertiary")
        city[industry] += value_added * 1e8 / 12 * gain * 0.93
    for name, value in city.items():
        writer.add(month, name, value)
    writer.add(month, "gdp", sum(city.values()))
    writer.add(month, "gdp_2020", sum(city.values()) / growth**0.4)
    years = (month // 100 - 2021) + month % 100 / 12
    for county, (_, _, share, urban) in COUNTIES.items():
        people = 1_848_607 * share * (1 - 0.006 * years)
        writer.add(month, "residents", people, county=county)
        in_town = min(0.95, urban + 0.0185 * years * boost) * rng.normal(1, 0.002)
        writer.add(month, "urban_residents", people * in_town, county=county)
        writer.add(month, "employed", people * 0.41 * rng.normal(1, 0.002), county=county)
        writer.add(month, "urban_income", 31_096 / 12 * growth, county=county)
        writer.add(month, "rural_income", 9_756 / 12 * growth * boost**0.2, county=county)


def _year(writer, month, growth, boost, rng):
    for chain, (_, _, _, output, value_added, *_) in CHAINS.items():
        if chain == "rest":
            continue
        noise = rng.normal(1, 0.03)
        for name, value, over in (("output", output, 1.5), ("value_added", value_added, 1.35)):
            writer.add(month, f"plan_{name}", value * 1e8 * growth * boost * noise, chain)
            writer.add(month, f"ceiling_{name}", value * 1e8 * growth * over, chain)
    for name, value in PHYSICAL.items():
        writer.add(month, name, value * growth**0.8 * boost * rng.normal(1, 0.02))
    writer.add(month, "urbanisation_rate", 0.4477 + 0.0182 * (month // 100 - 2020) * boost + rng.normal(0, 0.001))
    writer.add(month, "plan_overlap", 2.1e10)


def write_results(root: Path, *, scenarios: int = 2, replicates: int = 3, months: int = 72, seed: int = 1) -> Path:
    """Write a result set as `pingliang run` does and return its folder."""
    folder = root / "toy-0123abcd"
    for part in ("runs", "series"):
        (folder / part).mkdir(parents=True)
    for place, (scenario, _, _) in enumerate(SCENARIOS[:scenarios]):
        for replicate in range(replicates):
            rng = np.random.default_rng([seed, replicate])
            writer = _Writer(f"{scenario}-{replicate:04d}", scenario, replicate)
            luck = rng.normal(1, 0.02)
            for number in range(months):
                month = (2021 + number // 12) * 100 + number % 12 + 1
                growth = (1.075 * luck) ** ((number + 1) / 12)
                boost = 1 + (0.0, 0.06, -0.05, -0.1, -0.02)[place] * number / 72
                _month(writer, month, growth, boost, rng)
                if month % 100 == 12:
                    _year(writer, month, growth, boost, rng)
            writer.frame().to_parquet(folder / "series" / f"part-{writer.run[0]}.parquet", index=False)
            row = dict(zip(("run_id", "scenario", "replicate"), writer.run, strict=True)) | {"seed": 11, "status": "ok"}
            pd.DataFrame([row | {"seconds": 4.0, "message": "", "traceback": ""}]).astype(
                {"replicate": "int32"}
            ).to_parquet(folder / "runs" / f"part-{writer.run[0]}.parquet", index=False)
    manifest = {
        "name": "toy",
        "title": {"zh": "玩具试验", "en": "A toy experiment"},
        "question": {"zh": "目标能否达到？", "en": "Are the targets reached?"},
        "hash": "0123abcd" * 8,
        "created": "2026-01-01T00:00:00+00:00",
        "git": {"sha": "abc", "dirty": True},
        "packages": {"mesa": "3.3.1"},
        "seeds": {"root": 1, "crn": True},
        "command": "pingliang run config/experiments/toy.yaml",
        "scale": 0.01,
        "start": "2021-01",
        "end": "2026-12",
        "scenarios": [
            {"name": name, "label": {"zh": zh, "en": en}, "policies": []} for name, zh, en in SCENARIOS[:scenarios]
        ],
        "replicates": replicates,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return folder
